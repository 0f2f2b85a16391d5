//! What a merge would come to, looked at before anybody asks for it.
//!
//! Invariant: it is the very commands on copies of the books; nothing is written.

use super::Service;
use super::reads::{find, load_row};
use crate::error::ServiceError;
use crate::identifiers;
use crate::reference::ProgramState;
use crate::write::MemberRef;
use kopilka_core::book::{self, Book};
use kopilka_core::decide::{self, Command, Context, Outcome};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Balance, Member};
use kopilka_core::merge::{Asker, Belongings, GivenOnce, MergeEvent, Proposed, given_by};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::read::PAGE_MAX;
use kopilka_store::{Reader, StoreError};

/// Rows of what friends bought that a merge of a referrer with a friend looks at: as many as its page shows.
const HEARD_MAX: usize = 1_000;

/// Two accounts as they are, and the one that they would be.
#[derive(Debug, Clone, PartialEq)]
pub struct MergePreview {
    pub from: MemberId,
    pub into: MemberId,
    pub now: Instant,
    /// Of the account that ends, and of the one that stays.
    pub before: (Balance, Balance),
    pub after: Balance,
    /// The level of the account that stays, before and after; none in a program without levels.
    pub tier: (Option<String>, Option<String>),
    pub orders: u32,
    /// Points that a person gets once and both accounts had.
    pub taken_back: Points,
    /// Another operator with another key has to agree.
    pub second_person: bool,
    /// What would be written of the account that stays, in the order it happens.
    pub events: Vec<Event>,
}

impl Service {
    /// Refused as the merge itself would be.
    pub async fn preview_merge(
        &self,
        program: ProgramId,
        member: MemberRef,
        into: MemberRef,
    ) -> Result<MergePreview, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let secret = &self.shared.secret;
        let (member, into) = (identifiers::who(secret, &member)?, identifiers::who(secret, &into)?);
        self.read(move |r| {
            let pair = find(r, program, &member).and_then(|from| Ok((from, find(r, program, &into)?)));
            Ok(pair.and_then(|pair| preview(r, &state, now, pair)))
        })
        .await?
    }
}

fn preview(
    reader: &Reader,
    state: &ProgramState,
    now: Instant,
    (from, into): (MemberId, MemberId),
) -> Result<MergePreview, ServiceError> {
    let program = state.row.id;
    let rules = state.versions.at(now).ok_or(ServiceError::ProgramUnknown)?;
    let ctx = Context { versions: &state.versions, now };
    let mut leaves = load_row(reader, program, from)?.ok_or(Refusal::MemberUnknown)?;
    let mut stays = load_row(reader, program, into)?.ok_or(Refusal::MemberUnknown)?;
    for order in reader.orders_of_member(program, from)? {
        leaves.orders.put(Box::new(order));
    }
    due(reader, ctx, program, &mut leaves)?;
    due(reader, ctx, program, &mut stays)?;
    decide::refuse_taking_in(&stays.member)?;
    let before = (leaves.member.balance_at(now), stays.member.balance_at(now));
    // As if the first person had asked and this were the second.
    let first = Asker { operator: "first".into(), key: "first".into() };
    leaves.member.proposed = Some(Proposed { into, by: first, at: now });
    let given = given_to(reader, program, from)?;
    let command = Command::Merge { into, by: Asker::default(), given };
    let left = book::execute(ctx, &mut leaves, &command)?;
    let Some(belongings) = left.entry.and_then(|entry| carried(entry.events)) else {
        return Err(Refusal::MergeWithSelf.into());
    };
    let Outcome::Merged { points, orders, .. } = left.outcome else {
        return Err(Refusal::MergeWithSelf.into());
    };
    let tier = |member: &Member| decide::tier_standing(rules, member, now).map(|held| held.tier.to_string());
    let tier_before = tier(&stays.member);
    need_for_join(reader, program, &mut stays, &belongings.member)?;
    let given = given_to(reader, program, into)?;
    let command = Command::Join { from, entry: EntryId(0), belongings, given };
    for what in decide::counters_to_load(ctx, &stays, Some(&command)) {
        let value = reader.counter(program, &what)?;
        stays.counters.load(what, value);
    }
    let joined = book::execute(ctx, &mut stays, &command)?;
    let taken_back = match joined.outcome {
        Outcome::Joined { taken_back, .. } => taken_back,
        _ => Points::ZERO,
    };
    Ok(MergePreview {
        from,
        into,
        now,
        before,
        after: stays.member.balance_at(now),
        tier: (tier_before, tier(&stays.member)),
        orders,
        taken_back,
        second_person: rules.approval.merges_above.is_some_and(|most| points > most),
        events: joined.entry.map(|entry| entry.events).unwrap_or_default(),
    })
}

/// What has come to its time happens first, as it would.
fn due(reader: &Reader, ctx: Context<'_>, program: ProgramId, book: &mut Book) -> Result<(), StoreError> {
    need_orders(reader, program, book, decide::orders_of_due(&book.member, ctx.now))?;
    decide::run_due(ctx, book);
    Ok(())
}

fn need_orders(
    reader: &Reader,
    program: ProgramId,
    book: &mut Book,
    keys: Vec<kopilka_core::order::OrderKey>,
) -> Result<(), StoreError> {
    for key in keys {
        if !book.orders.contains_key(&key)
            && let Some(order) = reader.order_of(program, book.member.id, &key)?
        {
            book.orders.put(Box::new(order));
        }
    }
    Ok(())
}

fn need_for_join(
    reader: &Reader,
    program: ProgramId,
    book: &mut Book,
    other: &Member,
) -> Result<(), StoreError> {
    let lots = book.member.lots.iter().filter_map(|lot| lot.order.clone()).collect();
    need_orders(reader, program, book, lots)?;
    let heard = heard_of_each_other(reader, program, &book.member, other)?;
    need_orders(reader, program, book, heard)
}

fn carried(events: Vec<Event>) -> Option<Box<Belongings>> {
    events.into_iter().find_map(|event| match event {
        Event::Merge(MergeEvent::Left { belongings, .. }) => Some(belongings),
        _ => None,
    })
}

/// Rows of what others bought, where the one account had brought the other: rewards of it are looked through.
pub(crate) fn heard_of_each_other(
    reader: &Reader,
    program: ProgramId,
    own: &Member,
    other: &Member,
) -> Result<Vec<kopilka_core::order::OrderKey>, StoreError> {
    let brought = |one: &Member, by: &Member| one.referrer.as_ref().is_some_and(|r| by.is(r.member));
    if !brought(own, other) && !brought(other, own) {
        return Ok(Vec::new());
    }
    let rows = reader.heard_of(program, own.id, HEARD_MAX)?;
    Ok(rows.into_iter().map(|row| row.key).collect())
}

/// What rules have given the member, as its journal says.
pub(crate) fn given_to(
    reader: &Reader,
    program: ProgramId,
    member: MemberId,
) -> Result<Vec<GivenOnce>, StoreError> {
    let mut given = Vec::new();
    let mut before: Option<EntryId> = None;
    loop {
        let page = reader.entries(program, member, before, PAGE_MAX)?;
        for entry in &page {
            given.extend(given_by(&entry.events, entry.effective_at));
        }
        before = page.last().map(|entry| entry.id);
        if page.len() < PAGE_MAX {
            return Ok(given);
        }
    }
}
