//! Who is in which segment now.
//!
//! Invariant: what was due by now has happened to the copy that is asked about, so an answer never waits for
//! the scheduler; and a page looks at a bounded number of members.

use super::Service;
use super::reads::load_with;
use crate::error::ServiceError;
use crate::reference::ProgramState;
use kopilka_core::ShortText;
use kopilka_core::book::Book;
use kopilka_core::decide::{self, Context};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::MemberStatus;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::{Reader, StoreError};

/// Where a member belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongs {
    /// In the order of the document.
    pub segments: Vec<ShortText>,
    /// `None` where the program sets no control group aside.
    pub in_control_group: Option<bool>,
}

/// Some of the members of a segment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SegmentPage {
    /// In order of id.
    pub members: Vec<MemberId>,
    /// How many were looked at.
    pub looked_at: usize,
    /// The last one looked at, where there may be more.
    pub next: Option<MemberId>,
}

impl Service {
    pub async fn belongs(&self, program: ProgramId, member: MemberId) -> Result<Belongs, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let book = {
            let state = state.clone();
            self.read(move |reader| present(reader, &state, member, now)).await?
        };
        let book = book.ok_or(Refusal::MemberUnknown)?;
        let present = state.versions.at(now).ok_or(ServiceError::ProgramUnknown)?;
        let group = present.control_group.as_ref();
        Ok(Belongs {
            segments: decide::segments_of(present, &book, now).iter().map(|s| s.id.clone()).collect(),
            in_control_group: group.map(|group| group.has(member)),
        })
    }

    /// Members of the segment among the `looks` after `after`; `None` where the program in force has no such
    /// segment.
    pub async fn segment_page(
        &self,
        program: ProgramId,
        segment: String,
        after: Option<MemberId>,
        looks: usize,
    ) -> Result<Option<SegmentPage>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let in_force = state.versions.at(now).ok_or(ServiceError::ProgramUnknown)?;
        if !in_force.segments.iter().any(|s| s.id == segment) {
            return Ok(None);
        }
        let page = self.read(move |reader| page_of(reader, &state, &segment, (now, after, looks))).await?;
        Ok(Some(page))
    }
}

pub(crate) fn page_of(
    reader: &Reader,
    state: &ProgramState,
    segment: &str,
    (now, after, looks): (Instant, Option<MemberId>, usize),
) -> Result<SegmentPage, StoreError> {
    let mut page = SegmentPage { members: Vec::new(), looked_at: 0, next: None };
    let ids = reader.member_ids(state.row.id, after, looks)?;
    page.looked_at = ids.len();
    page.next = ids.last().copied().filter(|_| ids.len() == looks);
    let Some(in_force) = state.versions.at(now) else { return Ok(page) };
    for id in ids {
        let Some(book) = present(reader, state, id, now)? else { continue };
        let is_in = || decide::segments_of(in_force, &book, now).iter().any(|s| s.id == segment);
        // What guests' orders and gift cards stand in is no member; neither is who was erased.
        let is_member = !matches!(
            book.member.status,
            MemberStatus::Guest | MemberStatus::Anonymized | MemberStatus::Merged
        );
        if is_member && is_in() {
            page.members.push(id);
        }
    }
    Ok(page)
}

/// The member's book as it is when what was due has happened.
fn present(
    reader: &Reader,
    state: &ProgramState,
    member: MemberId,
    now: Instant,
) -> Result<Option<Book>, StoreError> {
    let history = state.versions.segments_need_history();
    let Some(mut book) = load_with(reader, state.row.id, member, history)? else { return Ok(None) };
    let ctx = Context { versions: &state.versions, now };
    if decide::is_due(ctx, &book) {
        for key in decide::orders_of_due(&book.member, now) {
            if let Some(order) = reader.order_of(state.row.id, member, &key)? {
                book.orders.put(Box::new(order));
            }
        }
        for what in decide::counters_to_load(ctx, &book, None) {
            let value = reader.counter(state.row.id, &what)?;
            book.counters.load(what, value);
        }
        decide::run_due(ctx, &mut book);
    }
    Ok(Some(book))
}
