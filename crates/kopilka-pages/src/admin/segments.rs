//! `/admin/segments`: groups of members in words; who is in a segment, page by page; how many.
//!
//! Invariant: who is in a segment is asked of the engine, member by member, so every answer here looks at a
//! bounded number of members and says at how many.

use crate::act::{in_address, may};
use crate::admin::members::address;
use crate::admin::people::{Sight, name_of};
use crate::answer::Page;
use crate::frame::Frame;
use crate::posted::Posted;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::MemberId;
use kopilka_core::program::Segment;
use kopilka_core::program::explain::told_condition;
use kopilka_core::words::Language;
use kopilka_service::PAGE_MAX;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;

/// Members that a page of a segment looks at.
const LOOKS: usize = 200;
/// Members that one press of the button counts through: a second or two of one reader, and tills have others.
const COUNT_LOOKS: usize = 10_000;

/// A segment in words.
#[derive(Clone)]
pub struct SegmentCard {
    pub id: String,
    pub name: String,
    pub words: String,
}

#[derive(Template)]
#[template(path = "admin/segments.html")]
pub struct SegmentsPage {
    pub frame: Frame,
    pub segments: Vec<SegmentCard>,
    pub control_group: Option<String>,
    pub sees_members: bool,
    pub accrues: bool,
    /// Whoever looks may change the program.
    pub edits: bool,
}

/// Somebody of a segment.
pub struct SegmentMember {
    pub id: String,
    pub name: String,
    pub contact: String,
    pub available: String,
}

/// How many, as far as it was counted.
pub struct Count {
    pub said: String,
    pub at: String,
    /// To count on: after whom, how many so far, of how many.
    pub more: Option<(String, u64, u64)>,
}

#[derive(Template)]
#[template(path = "admin/segment.html")]
pub struct SegmentPage {
    pub frame: Frame,
    pub segment: SegmentCard,
    pub address: String,
    pub accrues: bool,
    pub count: Option<Count>,
    pub members: Vec<SegmentMember>,
    pub looked: String,
    pub next: Option<String>,
}

impl SegmentsPage {
    pub fn sample(language: Language) -> SegmentsPage {
        let frame = Frame::sample(language);
        let card = sample_card();
        SegmentsPage {
            segments: vec![card.clone(), card],
            control_group: Some(frame.say_of("segments-control", "5")),
            sees_members: true,
            accrues: true,
            edits: true,
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> SegmentsPage {
        let page = SegmentsPage::sample(language);
        SegmentsPage { segments: Vec::new(), control_group: None, ..page }
    }
}

impl SegmentPage {
    pub fn sample(language: Language) -> SegmentPage {
        let frame = Frame::sample(language);
        let member = || SegmentMember {
            id: "m_0000000000001".to_owned(),
            name: "<script>alert(1)</script>".to_owned(),
            contact: "···6789".to_owned(),
            available: "1 204".to_owned(),
        };
        SegmentPage {
            segment: sample_card(),
            address: "/admin/segments/near".to_owned(),
            accrues: true,
            count: Some(Count {
                said: said(&frame, 312, 10_000, false),
                at: "1.03.2026, 10:00".to_owned(),
                more: Some(("m_0000000000001".to_owned(), 312, 10_000)),
            }),
            members: vec![member(), member()],
            looked: frame.say_n("segment-looked", 200),
            next: Some("/admin/segments/near?after=1".to_owned()),
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> SegmentPage {
        let page = SegmentPage::sample(language);
        SegmentPage { count: None, members: Vec::new(), next: None, ..page }
    }
}

fn sample_card() -> SegmentCard {
    SegmentCard {
        id: "near".to_owned(),
        name: "<i>Sports</i>".to_owned(),
        words: "\"><script>alert(1)</script>".to_owned(),
    }
}

fn card(office: &Office, segment: &Segment) -> SegmentCard {
    let desk = &office.desk;
    SegmentCard {
        id: segment.id.to_string(),
        name: desk.language.of(&segment.name).to_owned(),
        words: desk.language.of(&told_condition(&desk.program, &segment.only_if)).to_owned(),
    }
}

/// `GET /admin/segments`.
pub async fn list(office: Office) -> Page<SegmentsPage> {
    let frame = Frame::of(&office.visit, Some(Section::Segments));
    let program = &office.desk.program;
    let group = program.control_group.as_ref();
    Page(SegmentsPage {
        segments: program.segments.iter().map(|segment| card(&office, segment)).collect(),
        control_group: group.map(|group| frame.say_of("segments-control", &group.share.percent_text())),
        sees_members: may(&office.desk, Scope::MembersRead),
        accrues: may(&office.desk, Scope::PointsAccrue),
        edits: may(&office.desk, Scope::ProgramWrite),
        frame,
    })
}

fn found(office: &Office, id: &str) -> Result<SegmentCard, Problem> {
    let segment = office.desk.program.segments.iter().find(|segment| segment.id == *id);
    segment.map(|segment| card(office, segment)).ok_or_else(|| Problem::of("segment_unknown"))
}

/// Who is in it among so many after one of them.
async fn look(
    office: &Office,
    id: &str,
    after: Option<MemberId>,
    looks: usize,
) -> Result<kopilka_service::SegmentPage, Problem> {
    let desk = &office.desk;
    let page = desk.app.service.segment_page(desk.program_id(), id.to_owned(), after, looks).await;
    page.map_err(|error| desk.failed(error))?.ok_or_else(|| Problem::of("segment_unknown"))
}

fn said(frame: &Frame, count: u64, of: u64, whole: bool) -> String {
    let whole_number = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    let members = frame.say_n("segment-members", whole_number(count));
    let of = frame.words.whole(whole_number(of));
    let key = if whole { "segment-counted" } else { "segment-counted-part" };
    frame.words.say_with(key, &[("members", &members), ("value", &of)])
}

async fn drawn(office: &Office, id: &str, count: Option<Count>) -> Result<SegmentPage, Problem> {
    let desk = &office.desk;
    let segment = found(office, id)?;
    let after = asked(&office.visit.path, "after").and_then(|id| MemberId::parse(&id));
    let page = look(office, id, after, LOOKS).await?;
    let program = desk.program_id();
    let ids = page.members;
    let read = desk.read(move |reader| {
        let mut rows = Vec::with_capacity(ids.len());
        for id in ids {
            if let Some(row) = reader.member(program, id)? {
                rows.push((row.member, reader.person(program, id)?.unwrap_or_default()));
            }
        }
        Ok(rows)
    });
    let rows = read.await?;
    let frame = Frame::of(&office.visit, Some(Section::Segments));
    let (shown, sight) = (Shown::of(desk), Sight::of(desk));
    let members = rows.iter().map(|(member, person)| SegmentMember {
        id: member.id.to_string(),
        name: name_of(frame.words, member, person),
        contact: sight.contact(person),
        available: shown.amount(member.balance_at(desk.now).available),
    });
    let own = format!("/admin/segments/{}", in_address(id));
    Ok(SegmentPage {
        members: members.collect(),
        looked: frame.say_n("segment-looked", page.looked_at),
        next: page.next.map(|member| address(&own, &[("after", &member.to_string())])),
        accrues: may(desk, Scope::PointsAccrue),
        address: own,
        segment,
        count,
        frame,
    })
}

/// `GET /admin/segments/{id}`.
pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let page = drawn(&office, &id, None).await.map_err(IntoResponse::into_response)?;
    Ok(Page(page).into_response())
}

/// `POST …/count`: counts through so many members, on from where the last count ended.
pub async fn count(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let counted = counted(&office, &id, &posted).await.map_err(IntoResponse::into_response)?;
    let page = drawn(&office, &id, Some(counted)).await.map_err(IntoResponse::into_response)?;
    Ok(Page(page).into_response())
}

async fn counted(office: &Office, id: &str, posted: &Posted) -> Result<Count, Problem> {
    found(office, id)?;
    let number = |name: &str| posted.text(name).parse::<u64>().unwrap_or(0);
    let mut after = posted.some("after").and_then(MemberId::parse);
    // Figures of a count before belong to where it ended.
    let (mut count, mut of) = if after.is_some() { (number("count"), number("of")) } else { (0, 0) };
    let mut rest = None;
    for _ in 0..COUNT_LOOKS / PAGE_MAX {
        let page = look(office, id, after, PAGE_MAX).await?;
        count = count.saturating_add(page.members.len() as u64);
        of = of.saturating_add(page.looked_at as u64);
        rest = page.next;
        after = page.next;
        if rest.is_none() {
            break;
        }
    }
    let frame = Frame::of(&office.visit, Some(Section::Segments));
    Ok(Count {
        said: said(&frame, count, of, rest.is_none()),
        at: Shown::of(&office.desk).moment(office.desk.now),
        more: rest.map(|member| (member.to_string(), count, of)),
    })
}
