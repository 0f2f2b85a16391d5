//! `/admin/members/{id}/merge`: two accounts of one person become one, after a look at what would come out.

use super::found;
use crate::act::envelope;
use crate::admin::people::{Sight, level_name, name_of};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked as in_query, back_to};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::decide::Outcome;
use kopilka_core::ids::MemberId;
use kopilka_core::member::Balance;
use kopilka_core::words::{Language, movement};
use kopilka_service::{Change, MemberRef, MergePreview};
use kopilka_web::problem::Problem;

/// An account of the two.
pub struct Side {
    pub id: String,
    pub name: String,
    pub contact: String,
    pub available: String,
    pub pending: String,
    pub debt: String,
}

/// What would come out.
pub struct Preview {
    pub stays: Side,
    pub ends: Side,
    pub available: String,
    pub pending: String,
    pub debt: String,
    pub orders: u32,
    pub level: Option<(String, String)>,
    pub taken_back: Option<String>,
    pub second_person: bool,
    pub words: Vec<String>,
}

#[derive(Template)]
#[template(path = "admin/member_merge.html")]
pub struct MergePage {
    pub frame: Frame,
    /// The account that would end.
    pub id: String,
    pub name: String,
    /// The other account, as it was named.
    pub into: String,
    pub reason: String,
    pub preview: Option<Preview>,
}

impl MergePage {
    pub fn sample(language: Language) -> MergePage {
        let side = |name: &str| Side {
            id: "m_0000000000001".to_owned(),
            name: name.to_owned(),
            contact: "+79123456789".to_owned(),
            available: "120".to_owned(),
            pending: "0".to_owned(),
            debt: "0".to_owned(),
        };
        MergePage {
            frame: Frame::sample(language),
            id: "m_0000000000001".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            into: "\"><script>".to_owned(),
            reason: "\"><script>".to_owned(),
            preview: Some(Preview {
                stays: side("<script>"),
                ends: side("<script>"),
                available: "240".to_owned(),
                pending: "0".to_owned(),
                debt: "0".to_owned(),
                orders: 3,
                level: Some(("<script>".to_owned(), "<script>".to_owned())),
                taken_back: Some("500".to_owned()),
                second_person: true,
                words: vec!["<script>".to_owned()],
            }),
        }
    }
    pub fn sample_empty(language: Language) -> MergePage {
        MergePage { preview: None, ..MergePage::sample(language) }
    }
}

async fn drawn(office: &Office, id: &str, posted: &Posted, frame: Frame) -> Result<MergePage, Problem> {
    let found = found(office, id).await?;
    Ok(MergePage {
        id: found.row.member.id.to_string(),
        name: name_of(frame.words, &found.row.member, &found.person),
        into: posted.text("into").to_owned(),
        reason: posted.raw("reason").to_owned(),
        preview: None,
        frame,
    })
}

fn frame(office: &Office) -> Frame {
    Frame::of(&office.visit, Some(Section::Members))
}

/// `GET …/merge`.
pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let into = in_query(&office.visit.path, "into").unwrap_or_default();
    let asked = Posted::of(&[("into", &into)]);
    let page = drawn(&office, &id, &asked, frame(&office)).await.map_err(IntoResponse::into_response)?;
    Ok(Page(page).into_response())
}

/// `POST …/merge/preview`: in figures and words; nothing is written.
pub async fn preview(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    match previewed(&office, &id, &posted).await {
        Ok(told) => {
            let page = drawn(&office, &id, &posted, frame(&office)).await;
            let page = page.map_err(IntoResponse::into_response)?;
            let told = shown(&office, &told).await.map_err(IntoResponse::into_response)?;
            Ok(Page(MergePage { preview: Some(told), ..page }).into_response())
        }
        Err(problem) => back(&office, &id, &posted, problem).await,
    }
}

async fn previewed(office: &Office, id: &str, posted: &Posted) -> Result<MergePreview, Problem> {
    let (from, into) = (found(office, id).await?.row.member.id, other(office, posted).await?);
    let desk = &office.desk;
    let told = desk.app.service.preview_merge(desk.program_id(), MemberRef::Id(from), MemberRef::Id(into));
    told.await.map_err(|error| desk.failed(error))
}

/// The other account: an id, a phone, a card, an address, or the shop's own id.
async fn other(office: &Office, posted: &Posted) -> Result<MemberId, Problem> {
    let text = posted.text("into");
    let mut refused = office.desk.refused(&kopilka_core::refusal::Refusal::MemberUnknown);
    for reference in crate::admin::members::references(text) {
        match office.desk.find(reference).await {
            Ok(member) => return Ok(member),
            Err(problem) if problem.code == "card_blocked" => refused = problem,
            Err(_) => {}
        }
    }
    Err(refused)
}

async fn shown(office: &Office, told: &MergePreview) -> Result<Preview, Problem> {
    let (desk, shown) = (&office.desk, Shown::of(&office.desk));
    let words = crate::words::Words(desk.language);
    let mut sides = Vec::with_capacity(2);
    for (id, balance) in [(told.into, told.before.1), (told.from, told.before.0)] {
        let found = found(office, &id.to_string()).await?;
        sides.push(Side {
            id: id.to_string(),
            name: name_of(words, &found.row.member, &found.person),
            contact: Sight::of(desk).contact(&found.person),
            available: shown.amount(balance.available),
            pending: shown.amount(balance.pending),
            debt: shown.amount(balance.debt),
        });
    }
    let speaker = shown.speaker();
    let level = |id: &String| level_name(&desk.program, desk.language, id);
    let Balance { available, pending, debt, .. } = told.after;
    let (Some(ends), Some(stays)) = (sides.pop(), sides.pop()) else {
        return Err(Problem::of("form_invalid"));
    };
    Ok(Preview {
        stays,
        ends,
        available: shown.amount(available),
        pending: shown.amount(pending),
        debt: shown.amount(debt),
        orders: told.orders,
        level: told.tier.0.as_ref().zip(told.tier.1.as_ref()).map(|(a, b)| (level(a), level(b))),
        taken_back: (!told.taken_back.is_zero()).then(|| shown.points(told.taken_back)),
        second_person: told.second_person,
        words: told.events.iter().filter_map(|event| movement(&speaker, event)).collect(),
    })
}

async fn back(office: &Office, id: &str, posted: &Posted, problem: Problem) -> Result<Response, Response> {
    if problem.status.is_server_error() {
        return Err(problem.into_response());
    }
    let said = office.desk.language.of(&problem.detail).to_owned();
    let page = drawn(office, id, posted, frame(office).with_notice(Tone::Bad, said)).await;
    Ok(again(page.map_err(IntoResponse::into_response)?, problem.code))
}

/// `POST …/merge`.
pub async fn merge(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    match merged(&office, &id, &posted).await {
        Ok(address) => Ok(back_to(&address)),
        Err(problem) => back(&office, &id, &posted, problem).await,
    }
}

async fn merged(office: &Office, id: &str, posted: &Posted) -> Result<String, Problem> {
    let (from, into) = (found(office, id).await?.row.member.id, other(office, posted).await?);
    let desk = &office.desk;
    let envelope = envelope(office, "members.merge", posted, id)?;
    let change = Change::Merge {
        member: MemberRef::Id(from),
        into: MemberRef::Id(into),
        // A second person is another operator.
        api_key: desk.caller.key_id.clone(),
    };
    let done = desk.write(envelope, change).await?;
    desk.app.service.carry(desk.program_id(), &done).await;
    Ok(match done.outcome {
        Outcome::MergeProposed { .. } => format!("/admin/members/{from}?done=merge-proposed"),
        _ => format!("/admin/members/{into}?done=merged"),
    })
}
