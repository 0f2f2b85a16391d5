//! `/admin/members`: one field that finds anybody, and the newest members.
//!
//! Invariant: what names a person exactly leads straight to the card and never stands in an address; a part
//! of a name gives a list.

use crate::act::may;
use crate::admin::people::{Sight, Tag, level_name, name_of, status_tag};
use crate::answer::Page;
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked, back_to};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::decide::tier_standing;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::words::Language;
use kopilka_service::{MemberRef, NamedPlace, Somebody};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use url::form_urlencoded;

pub mod register;

/// Rows of a page: what is read at a glance.
const ROWS: usize = 50;

/// One member of the list.
pub struct MemberLine {
    pub id: String,
    pub name: String,
    pub contact: String,
    pub level: Option<String>,
    pub status: Option<Tag>,
    pub available: String,
    pub since: String,
}

#[derive(Template)]
#[template(path = "admin/members.html")]
pub struct MembersPage {
    pub frame: Frame,
    pub find: String,
    pub lines: Vec<MemberLine>,
    /// Where the next page is.
    pub next: Option<String>,
    /// The list is of a search.
    pub found: bool,
    pub may_register: bool,
    pub has_levels: bool,
}

impl MembersPage {
    pub fn sample(language: Language) -> MembersPage {
        let frame = Frame::sample(language);
        let line = |name: &str, status| MemberLine {
            id: "m_0000000000001".to_owned(),
            name: name.to_owned(),
            contact: "+79123456789".to_owned(),
            level: Some("<b>1</b>".to_owned()),
            status: status_tag(frame.words, status),
            available: "1 200".to_owned(),
            since: "1.03.2026".to_owned(),
        };
        MembersPage {
            lines: vec![
                line("<script>alert(1)</script>", MemberStatus::Active),
                line("\"><b>2</b>", MemberStatus::Blocked),
            ],
            find: "\"><script>alert(1)</script>".to_owned(),
            next: Some("/admin/members?before=m_1".to_owned()),
            found: true,
            may_register: true,
            has_levels: true,
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> MembersPage {
        MembersPage { lines: Vec::new(), next: None, ..MembersPage::sample(language) }
    }

    fn of(office: &Office, rows: Vec<Somebody>) -> MembersPage {
        let frame = Frame::of(&office.visit, Some(Section::Members));
        let (shown, sight) = (Shown::of(&office.desk), Sight::of(&office.desk));
        let line = |row: Somebody| line(&office.desk, &shown, sight, frame.words, &row);
        MembersPage {
            find: String::new(),
            lines: rows.into_iter().map(line).collect(),
            next: None,
            found: false,
            may_register: may(&office.desk, Scope::MembersWrite),
            has_levels: office.desk.program.tiers.is_some(),
            frame,
        }
    }
}

fn line(desk: &Desk, shown: &Shown, sight: Sight, words: Words, row: &Somebody) -> MemberLine {
    let member = &row.member;
    let level = tier_standing(&desk.program, member, desk.now);
    MemberLine {
        id: member.id.to_string(),
        name: name_of(words, member, &row.person),
        contact: sight.contact(&row.person),
        level: level.map(|held| level_name(&desk.program, desk.language, &held.tier)),
        status: status_tag(words, member.status),
        available: shown.amount(member.balance_at(desk.now).available),
        since: member.registered_at.map(|at| shown.day(desk.program.zone.day_of(at))).unwrap_or_default(),
    }
}

/// An address with values behind it.
pub fn address(path: &str, values: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(values);
    format!("{path}?{}", query.finish())
}

/// `GET /admin/members`: the newest, or those whose names have these words.
pub async fn page(office: Office) -> Result<Response, Response> {
    let name = asked(&office.visit.path, "name").filter(|name| !name.is_empty());
    match name {
        Some(name) => named(&office, name).await,
        None => newest(&office).await,
    }
}

async fn newest(office: &Office) -> Result<Response, Response> {
    let before = asked(&office.visit.path, "before").and_then(|text| MemberId::parse(&text));
    let program = office.desk.program_id();
    let read = office.desk.read(move |r| r.people_newest(program, before, ROWS)).await;
    let (mut rows, next) = read.map_err(IntoResponse::into_response)?;
    // Who has left, or has become part of another account, is nobody's newest member.
    rows.retain(|row| !matches!(row.member.status, MemberStatus::Anonymized | MemberStatus::Merged));
    let page = MembersPage::of(office, rows);
    let next = next.map(|id| address("/admin/members", &[("before", &id.to_string())]));
    Ok(Page(MembersPage { next, ..page }).into_response())
}

async fn named(office: &Office, name: String) -> Result<Response, Response> {
    let path = &office.visit.path;
    let after = asked(path, "word").zip(asked(path, "after").and_then(|id| MemberId::parse(&id)));
    let after = after.map(|(word, member)| NamedPlace { word, member });
    let (program, text) = (office.desk.program_id(), name.clone());
    let read = office.desk.read(move |r| r.people_named(program, &text, after, ROWS)).await;
    let (rows, next) = read.map_err(IntoResponse::into_response)?;
    let page = MembersPage::of(office, rows);
    let next = next.map(|place| {
        let member = place.member.to_string();
        address("/admin/members", &[("name", &name), ("word", &place.word), ("after", &member)])
    });
    Ok(Page(MembersPage { next, find: name, found: true, ..page }).into_response())
}

/// `POST /admin/members/find`: what was typed into the field.
pub async fn find(office: Office, posted: Posted) -> Result<Response, Response> {
    let text = posted.text("find");
    if text.is_empty() {
        return Ok(back_to("/admin/members"));
    }
    let mut refused: Option<Problem> = None;
    let mut found: Vec<MemberId> = Vec::new();
    for reference in references(text) {
        match office.desk.find(reference).await {
            Ok(member) if !found.contains(&member) => found.push(member),
            Ok(_) => {}
            // A card that was lost has somebody too: it is said so, and not that there is nobody.
            Err(problem) if problem.code == "card_blocked" => refused = Some(problem),
            Err(problem) if problem.status.is_server_error() => return Err(problem.into_response()),
            Err(_) => {}
        }
    }
    if let [member] = found[..] {
        return Ok(back_to(&format!("/admin/members/{member}")));
    }
    if found.is_empty() && refused.is_none() && may_be_name(text) {
        return Ok(back_to(&address("/admin/members", &[("name", text)])));
    }
    several(&office, text, found, refused).await
}

/// What names somebody exactly, or is written like it, is no name of a person.
fn may_be_name(text: &str) -> bool {
    let exact = MemberId::parse(text).is_some() || text.starts_with("ext:") || text.contains('@');
    !exact && text.chars().any(char::is_alphabetic)
}

/// By what the text may name somebody.
pub fn references(text: &str) -> Vec<MemberRef> {
    if let Some(id) = MemberId::parse(text) {
        return vec![MemberRef::Id(id)];
    }
    if let Some(ext) = text.strip_prefix("ext:") {
        return vec![MemberRef::Ext(ext.to_owned())];
    }
    let own = text.to_owned();
    let mut out = vec![MemberRef::Ext(own.clone())];
    if text.contains('@') {
        out.push(MemberRef::Email(own));
    } else if text.chars().any(|c| c.is_ascii_digit()) {
        out.extend([MemberRef::Phone(own.clone()), MemberRef::Card(own)]);
    }
    out
}

/// Nobody, or two for whom the same digits stand: an own id of the one is the phone of the other.
async fn several(
    office: &Office,
    text: &str,
    found: Vec<MemberId>,
    refused: Option<Problem>,
) -> Result<Response, Response> {
    let program = office.desk.program_id();
    let read = move |r: &kopilka_service::Reader| {
        let mut rows = Vec::new();
        for id in found {
            if let Some(row) = r.member(program, id)? {
                let person = r.person(program, id)?.unwrap_or_default();
                rows.push(Somebody { member: row.member, person });
            }
        }
        Ok(rows)
    };
    let rows = office.desk.read(read).await.map_err(IntoResponse::into_response)?;
    let mut page = MembersPage::of(office, rows);
    if let Some(problem) = refused {
        let said = office.desk.language.of(&problem.detail).to_owned();
        page.frame = page.frame.with_notice(Tone::Warn, said);
    }
    Ok(Page(MembersPage { find: text.to_owned(), found: true, ..page }).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_asked_for_as_whatever_it_may_be() {
        for (text, kinds) in [
            ("m_0000000000001", "id"),
            ("ext:42", "ext"),
            ("anna@shop.example", "ext email"),
            ("8 (912) 345-67-89", "ext phone card"),
            ("Анна", "ext"),
        ] {
            let kind = |reference: &MemberRef| match reference {
                MemberRef::Id(_) | MemberRef::Holder(..) => "id",
                MemberRef::Ext(_) => "ext",
                MemberRef::Phone(_) => "phone",
                MemberRef::Email(_) => "email",
                MemberRef::Card(_) => "card",
            };
            let found: Vec<_> = references(text).iter().map(kind).collect();
            assert_eq!(found.join(" "), kinds, "{text}");
        }
    }

    #[test]
    fn addresses_carry_values_whatever_is_in_them() {
        let made = address("/admin/members", &[("name", "а&б=\"<"), ("word", "x y")]);
        assert_eq!(asked(&made, "name").as_deref(), Some("а&б=\"<"));
        assert_eq!(asked(&made, "word").as_deref(), Some("x y"));
        assert_eq!(asked(&made, "other"), None);
    }
}
