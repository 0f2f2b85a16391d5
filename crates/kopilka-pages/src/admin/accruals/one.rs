//! `/admin/accruals/{name}`: who would get what, what it would owe, letting it run, stopping, taking back.
//!
//! Invariant: above the program's limit whoever asked for it cannot let it run, here as everywhere.

use super::{state_tag, whom};
use crate::act::{in_address, may};
use crate::admin::members::address;
use crate::admin::people::{Tag, name_of};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::words::Language;
use kopilka_service::rows::{AccrualPart, AccrualRow, AccrualState, PartState};
use kopilka_service::{AccrualProblem, AccrualStep, Acting};
use kopilka_web::api::accruals::answer;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

/// Members of a page.
const ROWS: usize = 50;
/// States of parts that can be asked for by themselves.
const STATES: [&str; 6] = ["", "waiting", "given", "refused", "undone", "kept"];

/// One member's part.
pub struct PartLine {
    pub member: String,
    pub name: String,
    pub points: String,
    pub state: Tag,
    /// The code of a refusal.
    pub why: String,
}

/// Parts of one state.
pub struct PartTab {
    pub value: &'static str,
    pub label: String,
    pub is_here: bool,
}

/// How it stands, in figures.
pub struct Progress {
    pub address: String,
    /// It changes by itself: the page asks again.
    pub moves: bool,
    pub state: Tag,
    pub members: String,
    pub points: String,
    pub liability: String,
    pub given: String,
    pub given_points: String,
    pub refused: String,
    pub undone: String,
    /// Whom those who are dealt with are out of, for a bar.
    pub done: i64,
    pub of: i64,
}

#[derive(Template)]
#[template(path = "admin/accrual.html")]
pub struct AccrualPage {
    pub frame: Frame,
    pub name: String,
    pub whom: String,
    pub reason: String,
    pub facts: Vec<(String, String)>,
    pub acts: Vec<(String, String, String)>,
    pub progress: Progress,
    /// Above so many points a second person lets it run: who, in words.
    pub second: Option<String>,
    pub can_start: bool,
    pub can_stop: bool,
    pub can_undo: bool,
    pub sees_members: bool,
    pub tabs: Vec<PartTab>,
    pub parts: Vec<PartLine>,
    pub next: Option<String>,
}

#[derive(Template)]
#[template(path = "admin/accrual_progress.html")]
struct ProgressPart {
    frame: Frame,
    progress: Progress,
}

impl AccrualPage {
    pub fn sample(language: Language) -> AccrualPage {
        let frame = Frame::sample(language);
        let part = |state: PartState| PartLine {
            member: "m_0000000000001".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            points: "100".to_owned(),
            state: part_tag(frame.words, state),
            why: if state == PartState::Refused { "<b>7</b>".to_owned() } else { String::new() },
        };
        let words = |text: &str| text.to_owned();
        AccrualPage {
            name: words("2026-03-sorry"),
            whom: words("<i>Sports</i>"),
            reason: words("\"><script>"),
            facts: vec![(frame.say("accrual-asked-by"), words("anna@shop.example"))],
            acts: vec![(frame.say("accrual-act-start"), words("<b>7</b>"), words("1.03.2026, 10:00"))],
            progress: Progress {
                address: words("/admin/accruals/2026-03-sorry"),
                moves: true,
                state: state_tag(frame.words, AccrualState::Running),
                members: words("1 204"),
                points: words("120 400"),
                liability: words("120 400 ₽"),
                given: words("310"),
                given_points: words("31 000"),
                refused: words("2"),
                undone: words("0"),
                done: 312,
                of: 1_204,
            },
            second: Some(frame.say_of("accrual-second", "1 000")),
            can_start: true,
            can_stop: true,
            can_undo: true,
            sees_members: true,
            tabs: tabs(frame.words, ""),
            parts: vec![part(PartState::Given), part(PartState::Refused), part(PartState::Kept)],
            next: Some(words("/admin/accruals/x?after=1")),
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> AccrualPage {
        let mut page = AccrualPage::sample(language);
        page.parts.clear();
        page.acts.clear();
        page.next = None;
        page.second = None;
        page.progress.moves = false;
        page
    }
}

fn part_tag(words: Words, state: PartState) -> Tag {
    let tone = match state {
        PartState::Waiting => "",
        PartState::Given => "good",
        PartState::Refused => "bad",
        PartState::Undone | PartState::Kept => "warn",
    };
    Tag { label: words.say(&format!("accrual-part-{}", state.name())), tone }
}

fn tabs(words: Words, here: &str) -> Vec<PartTab> {
    let tab = |value: &'static str| PartTab {
        value,
        label: words.say(&format!("accrual-part-{}", if value.is_empty() { "all" } else { value })),
        is_here: value == here,
    };
    STATES.into_iter().map(tab).collect()
}

fn progress(office: &Office, words: Words, row: &AccrualRow) -> Progress {
    let (counts, shown) = (&row.counts, Shown::of(&office.desk));
    let (done, of) = match row.state {
        AccrualState::Undoing | AccrualState::Undone => (counts.undone, counts.given),
        _ => (counts.given + counts.refused, counts.members),
    };
    Progress {
        address: format!("/admin/accruals/{}", in_address(&row.name)),
        moves: row.state.is_active() || row.state == AccrualState::Listing,
        state: state_tag(words, row.state),
        members: words.whole(counts.members),
        points: shown.amount(counts.points),
        liability: shown.money(office.desk.program.points.worth(counts.points)),
        given: words.whole(counts.given),
        given_points: shown.points(counts.given_points),
        refused: words.whole(counts.refused),
        undone: words.whole(counts.undone),
        done: done.min(of),
        of,
    }
}

/// What is known of it beside its figures.
fn facts(office: &Office, words: Words, row: &AccrualRow) -> Vec<(String, String)> {
    let (body, shown) = (&row.body, Shown::of(&office.desk));
    let mut facts = vec![
        (words.say("accrual-asked-by"), body.operator.clone()),
        (words.say("when"), shown.moment(body.created_at)),
    ];
    if body.segment.is_some() {
        facts.push((words.say("accrual-each"), shown.points(body.points)));
    }
    let or = |at: Option<String>, key: &str| at.unwrap_or_else(|| words.say(key));
    let begins = body.active_at.map(|at| shown.moment(at));
    facts.push((words.say("accrual-active-on"), or(begins, "accrual-at-once")));
    let ends = body.expires_at.map(|at| shown.until(at));
    facts.push((words.say("accrual-expires-on"), or(ends, "accrual-as-program")));
    facts.push((
        words.say("accrual-debt"),
        words.say(if body.gift { "accrual-gift" } else { "accrual-repays" }),
    ));
    facts
}

/// A row with one page of its parts.
struct Found {
    row: AccrualRow,
    parts: Vec<(AccrualPart, String)>,
    next: Option<MemberId>,
}

async fn found(office: &Office, name: &str) -> Result<Found, Problem> {
    let desk = &office.desk;
    let (program, name) = (desk.program_id(), name.to_owned());
    let path = &office.visit.path;
    let after = asked(path, "after").and_then(|id| MemberId::parse(&id)).unwrap_or(MemberId(0));
    let state = asked(path, "state").and_then(|state| PartState::by_name(&state));
    let (sees, words) = (may(desk, Scope::MembersRead), Words(desk.language));
    let found = desk.read(move |reader| {
        let Some(row) = reader.accrual(program, &name)? else { return Ok(None) };
        let mut read = reader.accrual_parts((program, &name), state, after, ROWS + 1)?;
        let more = read.len() > ROWS;
        read.truncate(ROWS);
        let next = read.last().map(|part| part.member).filter(|_| more);
        let mut parts = Vec::with_capacity(read.len());
        for part in read {
            let member = if sees { reader.member(program, part.member)? } else { None };
            let name = match member {
                Some(known) => {
                    let person = reader.person(program, part.member)?.unwrap_or_default();
                    name_of(words, &known.member, &person)
                }
                None => String::new(),
            };
            parts.push((part, name));
        }
        Ok(Some(Found { row, parts, next }))
    });
    found.await?.ok_or_else(|| answer::problem(desk, AccrualProblem::Unknown))
}

/// Why somebody else must let it run, and whether this one may.
fn second(office: &Office, frame: &Frame, row: &AccrualRow) -> (Option<String>, bool) {
    let limit = office.desk.program.approval.accruals_above;
    let above = limit.filter(|most| row.counts.points > *most);
    let waits = matches!(row.state, AccrualState::Preparing | AccrualState::Listing | AccrualState::Ready);
    let is_mine = row.body.operator == office.login() || row.body.key == office.desk.caller.key_id;
    let may_start = above.is_none() || !is_mine;
    let Some(most) = above.filter(|_| waits || row.state == AccrualState::Stopped) else {
        return (None, may_start);
    };
    let key = if is_mine { "accrual-second-mine" } else { "accrual-second" };
    (Some(frame.say_of(key, &Shown::of(&office.desk).points(most))), may_start)
}

fn drawn(office: &Office, frame: Frame, found: Found) -> AccrualPage {
    let (desk, words, shown) = (&office.desk, frame.words, Shown::of(&office.desk));
    let row = &found.row;
    let (second, may_start) = second(office, &frame, row);
    let here = asked(&office.visit.path, "state").unwrap_or_default();
    let own = format!("/admin/accruals/{}", in_address(&row.name));
    let act = |act: &kopilka_service::rows::AccrualAct| {
        let said = words.say_if_known(&format!("accrual-act-{}", act.act)).unwrap_or_else(|| act.act.clone());
        (said, act.operator.clone(), shown.moment(act.at))
    };
    let line = |(part, name): &(AccrualPart, String)| PartLine {
        member: part.member.to_string(),
        name: name.clone(),
        points: shown.amount(part.points),
        state: part_tag(words, part.state),
        why: part.why.clone().unwrap_or_default(),
    };
    AccrualPage {
        name: row.name.clone(),
        whom: whom(desk, words, row),
        reason: row.body.reason.clone(),
        facts: facts(office, words, row),
        acts: row.body.acts.iter().map(act).collect(),
        progress: progress(office, words, row),
        second,
        can_start: may_start && matches!(row.state, AccrualState::Ready | AccrualState::Stopped),
        can_stop: row.state == AccrualState::Running,
        can_undo: matches!(row.state, AccrualState::Stopped | AccrualState::Done),
        sees_members: may(desk, Scope::MembersRead),
        tabs: tabs(words, &here),
        parts: found.parts.iter().map(line).collect(),
        next: found.next.map(|id| address(&own, &[("state", &here), ("after", &id.to_string())])),
        frame,
    }
}

pub async fn page(office: Office, Path(name): Path<String>) -> Result<Response, Response> {
    let found = found(&office, &name).await.map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, Some(Section::Accruals));
    if office.visit.part {
        let progress = progress(&office, frame.words, &found.row);
        return Ok(Page(ProgressPart { frame, progress }).into_response());
    }
    Ok(Page(drawn(&office, frame, found)).into_response())
}

/// `POST /admin/accruals/{name}`: it runs, stops, or is taken back.
pub async fn step(office: Office, Path(name): Path<String>, posted: Posted) -> Result<Response, Response> {
    let step = match posted.text("act") {
        "start" => AccrualStep::Start,
        "stop" => AccrualStep::Stop,
        "undo" => AccrualStep::Undo,
        _ => return Err(Problem::of("form_invalid").into_response()),
    };
    let desk = &office.desk;
    let acting = Acting { operator: office.login().to_owned(), key: desk.caller.key_id.clone() };
    let done = desk.app.service.step_accrual(desk.program_id(), name.clone(), step, acting).await;
    let done = done.map_err(|error| desk.failed(error));
    match done.and_then(|done| done.map_err(|why| answer::problem(desk, why))) {
        Ok(_) => Ok(back_to(&format!("/admin/accruals/{}", in_address(&name)))),
        Err(problem) if problem.status.is_server_error() => Err(problem.into_response()),
        Err(problem) => {
            let found = found(&office, &name).await.map_err(IntoResponse::into_response)?;
            let said = desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, Some(Section::Accruals)).with_notice(Tone::Bad, said);
            Ok(again(drawn(&office, frame, found), problem.code))
        }
    }
}
