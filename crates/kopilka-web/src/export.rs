//! All that is known of one member, in one document: for the person who asks what a shop knows.
//!
//! Invariant: everything is read as of one moment; of other people stands here no more than the member sees
//! anyhow, masked.

use crate::api::consents::list::ConsentAnswer;
use crate::api::coupons::get::CouponAnswer;
use crate::api::coupons::of_member::coupons_of;
use crate::api::offers::list::{HeldOfferAnswer, held_offers};
use crate::api::referrals::network::{NetworkAnswer, network_of};
use crate::api::rewards::claims::ClaimAnswer;
use crate::api::sites::list::SiteAnswer;
use crate::wire::TimeText;
use crate::wire::answer::{EntryAnswer, LotsAnswer, MemberAnswer, OrderAnswer};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::program::Program;
use kopilka_core::referral::is_of_others;
use kopilka_core::time::Instant;
use kopilka_core::words::{Language, Speaker};
use kopilka_service::rows::EntryRow;
use kopilka_service::{PAGE_MAX, Reader, StoreError};
use serde::Serialize;
use utoipa::ToSchema;

/// A purchase every day for nine years, with its payment and its expiry. Whoever has more goes on by pages.
const ENTRIES_MAX: usize = 10_000;

/// A member with everything that leads to one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExportAnswer {
    pub exported_at: TimeText,
    /// The person, the identifiers, the level, the achievements, the marks.
    pub member: MemberAnswer,
    /// What the person agreed to and took back, with what proves it.
    pub consents: Vec<ConsentAnswer>,
    /// Points that are there, by the credit they came with, and the sums of the whole life.
    pub points: LotsAnswer,
    /// The newest first.
    pub orders: Vec<OrderAnswer>,
    /// There are older orders than those told here.
    pub more_orders: bool,
    /// Codes of the member's own.
    pub coupons: Vec<CouponAnswer>,
    pub offers: Vec<HeldOfferAnswer>,
    /// Rewards that wait to be handed over.
    pub claims: Vec<ClaimAnswer>,
    /// Who brought the member, and whom the member brought, masked.
    pub network: NetworkAnswer,
    /// Sites that the member has claimed.
    pub sites: Vec<SiteAnswer>,
    /// Every movement of the account in words and as data, the newest first.
    pub entries: Vec<EntryAnswer>,
    /// The cursor with which `GET /v1/members/{id}/entries` goes on, where there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entries_next: Option<String>,
}

/// Whose export it is, by which program and when, and in which language it speaks.
pub struct Asked<'a> {
    pub id: ProgramId,
    pub member: MemberId,
    pub program: &'a Program,
    pub now: Instant,
    pub language: Language,
}

/// The document; `None` where there is no such member. Run it in a snapshot, as the service's reads are.
pub fn export(reader: &Reader, asked: &Asked<'_>) -> Result<Option<ExportAnswer>, StoreError> {
    let Asked { id, member, program, now, .. } = *asked;
    let Some(row) = reader.member(id, member)? else { return Ok(None) };
    let Some(network) = network_of(reader, id, member, (program, now))? else { return Ok(None) };
    let mut orders = reader.orders_of_member(id, member)?;
    orders.retain(|order| !is_of_others(&order.key));
    orders.sort_by_key(|order| std::cmp::Reverse(order.placed_at));
    let more_orders = orders.len() > ENTRIES_MAX;
    orders.truncate(ENTRIES_MAX);
    let (entries, entries_next) = entries_of(reader, asked)?;
    let person = reader.person(id, member)?;
    let consents = person.iter().flat_map(|person| &person.consents);
    Ok(Some(ExportAnswer {
        exported_at: TimeText(now),
        consents: consents.map(ConsentAnswer::of).collect(),
        points: LotsAnswer::of(&row, program, now),
        orders: orders.iter().map(|order| OrderAnswer::of(order, program)).collect(),
        more_orders,
        coupons: coupons_of(reader, id, member, program)?,
        offers: held_offers(&row.member, program, now),
        claims: ClaimAnswer::all(&row.member, program),
        network,
        sites: person.iter().flat_map(|person| &person.sites).map(SiteAnswer::of).collect(),
        member: MemberAnswer::of(&row, person, program, now),
        entries,
        entries_next,
    }))
}

/// Told page by page, so that no more than a page of the journal's rows is held at once.
fn entries_of(reader: &Reader, asked: &Asked<'_>) -> Result<(Vec<EntryAnswer>, Option<String>), StoreError> {
    let speaker = Speaker::new(asked.program, asked.language);
    let mut told: Vec<EntryAnswer> = Vec::new();
    let mut before: Option<EntryId> = None;
    loop {
        let page: Vec<EntryRow> = reader.entries_of_all(asked.id, asked.member, before, PAGE_MAX)?;
        told.extend(page.iter().map(|row| EntryAnswer::of(row, &speaker)));
        before = page.last().map(|row| row.id);
        if page.len() < PAGE_MAX {
            return Ok((told, None));
        }
        if told.len() >= ENTRIES_MAX {
            return Ok((told, before.map(|id| id.to_string())));
        }
    }
}
