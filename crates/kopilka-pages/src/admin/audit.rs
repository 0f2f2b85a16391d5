//! `/admin/audit`: what was done on these pages, by whom, and how it ended.

use crate::answer::{Page, trouble};
use crate::frame::Frame;
use crate::sections::Section;
use crate::visit::{Visit, asked};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;
use kopilka_service::{AuditAsked, AuditId, AuditRow, Role};
use kopilka_web::problem::Problem;

/// Rows of a page.
const ROWS: usize = 100;

pub struct AuditLine {
    pub at: String,
    pub login: String,
    pub action: String,
    pub subject: String,
    pub outcome: String,
    pub tone: &'static str,
}

#[derive(Template)]
#[template(path = "admin/audit.html")]
pub struct AuditPage {
    pub frame: Frame,
    pub lines: Vec<AuditLine>,
    pub next: Option<String>,
}

impl AuditPage {
    pub fn sample(language: Language) -> AuditPage {
        let frame = Frame::sample(language);
        let line = |outcome: Option<&str>| {
            let (outcome, tone) = outcome_words(frame.words, outcome);
            AuditLine {
                at: "2026-03-01 10:00 UTC".to_owned(),
                login: "anna@shop.example".to_owned(),
                action: frame.say("act-admin-team-invite"),
                subject: "/admin/team/invite".to_owned(),
                outcome,
                tone,
            }
        };
        let lines = vec![line(Some("done")), line(Some("member_unknown")), line(None)];
        AuditPage { lines, next: Some("a_1".to_owned()), frame }
    }
}

/// The words of an action: one key for each door that changes something.
pub fn action_key(action: &str) -> String {
    let path = action.split_once(' ').map_or(action, |(_, path)| path);
    let parts = path.split('/').filter(|part| !part.is_empty() && !part.starts_with('{'));
    format!("act-{}", parts.collect::<Vec<_>>().join("-"))
}

fn outcome_words(words: Words, outcome: Option<&str>) -> (String, &'static str) {
    match outcome {
        Some("done") => (words.say("audit-done"), "good"),
        Some(code) => (code.to_owned(), "bad"),
        None => (words.say("audit-open"), "warn"),
    }
}

pub async fn page(visit: Visit) -> Result<Response, Response> {
    let before = asked(&visit.path, "before").and_then(|text| AuditId::parse(&text));
    // Who owns everything sees what was done in every program and outside of them; others their program's.
    let owns_all = visit.session.as_ref().is_some_and(|s| s.info.operator.role_in(None) == Some(Role::Owner));
    let program = match (owns_all, visit.desk.as_ref()) {
        (true, _) => None,
        (false, Some(desk)) => Some(desk.program_id()),
        (false, None) => return Err(Problem::of("program_unknown").into_response()),
    };
    // One more than the page tells whether there is a next one.
    let wanted = AuditAsked { operator: None, before, limit: ROWS + 1 };
    let mut rows = visit.app.service.audit(program, wanted).await.map_err(trouble)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let team = visit.app.service.operators().await.map_err(trouble)?;
    // People are told by their logins, whatever form named them by their ids.
    let by_logins = |subject: String| {
        let word = |word: &str| match word.strip_prefix("operator=") {
            Some(id) => match team.iter().find(|operator| operator.id.to_string() == id) {
                Some(operator) => operator.login.clone(),
                None => word.to_owned(),
            },
            None => word.to_owned(),
        };
        subject.split(' ').map(word).collect::<Vec<_>>().join(" ")
    };
    let frame = Frame::of(&visit, Some(Section::Audit));
    let line = |row: AuditRow| {
        let (outcome, tone) = outcome_words(frame.words, row.outcome.as_deref());
        let action = frame.words.say_if_known(&action_key(&row.action)).unwrap_or(row.action);
        AuditLine {
            at: visit.stamp(row.at),
            login: row.login,
            action,
            subject: by_logins(row.subject),
            outcome,
            tone,
        }
    };
    let lines = rows.into_iter().map(line).collect();
    Ok(Page(AuditPage { lines, next, frame }).into_response())
}
