//! The shop's own orders of late, read part by part and replayed beside.
//!
//! Invariant: what is held at once is one part of the orders and the sums, however long the span is; nothing
//! is written.

use crate::long_work::Way;
use kopilka_core::coupon::CouponCode;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::program::{HISTORY_ORDERS, Program};
use kopilka_core::time::Instant;
use kopilka_service::{PAGE_MAX, Reader, StoreError};
use kopilka_sim::{Beside, Buyer, Compared};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use std::collections::{BTreeMap, BTreeSet};

/// Orders of one comparison: some seconds of one core. Of a longer span the newest are taken, and it is said.
pub const ORDERS_MAX: usize = 100_000;
/// Orders of one member: a card that a whole shop uses must not fill the memory.
pub const OF_MEMBER_MAX: usize = 5_000;
/// Orders that are read and replayed in one go: a reader is held for some hundredths of a second.
const PART_ORDERS: usize = 500;
/// Orders before the span that tell when a member bought last.
const BEFORE: usize = 4;

/// What is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tried {
    Draft(i64),
    Version(u32),
}

/// A finished comparison.
pub struct Month {
    pub tried: Tried,
    /// The version in force that it stands beside.
    pub version: u32,
    pub since: Instant,
    pub until: Instant,
    /// There were more orders than are taken.
    pub is_cut: bool,
    pub programs: [Program; 2],
    pub compared: Compared,
}

/// What is to be compared.
pub struct Asked {
    pub desk: Desk,
    pub tried: Tried,
    /// In force, and tried.
    pub programs: [Program; 2],
    pub days: i32,
}

/// Whose orders there are, and how many.
struct Listed {
    members: Vec<(MemberId, usize)>,
    orders: usize,
    since: Instant,
    is_cut: bool,
}

pub async fn run(asked: Asked, way: &Way) -> Result<Month, Problem> {
    let Asked { desk, tried, programs, days } = asked;
    let (program, until) = (desk.program_id(), desk.now);
    let zone = &desk.program.zone;
    let listed = listed(&desk, zone.start_of(zone.day_of(until).plus_days(-days))).await?;
    way.is(0, listed.orders as u64);
    let mut beside = Beside::new(programs.clone(), listed.since, until);
    let before = if beside.asks_of_history() { HISTORY_ORDERS } else { BEFORE };
    let mut rest = &listed.members[..];
    while !rest.is_empty() {
        let (part, orders) = part_of(rest);
        rest = &rest[part.len()..];
        let part = part.to_vec();
        let buyers = desk.read(move |reader| buyers(reader, program, &part, before)).await?;
        let replayed = tokio::task::spawn_blocking(move || {
            buyers.iter().for_each(|buyer| beside.buyer(buyer));
            beside
        });
        beside = replayed.await.map_err(|error| {
            tracing::error!(%error, "a comparison over the shop's orders died");
            Problem::of("page_failed")
        })?;
        way.add(orders as u64);
    }
    Ok(Month {
        tried,
        version: desk.program.version,
        since: listed.since,
        until,
        is_cut: listed.is_cut,
        programs,
        compared: beside.done(),
    })
}

/// The newest purchases since then, page by page; where there are too many, since the oldest that is taken.
async fn listed(desk: &Desk, since: Instant) -> Result<Listed, Problem> {
    let program = desk.program_id();
    let mut members: BTreeMap<MemberId, usize> = BTreeMap::new();
    let mut listed = Listed { members: Vec::new(), orders: 0, since, is_cut: false };
    let (mut place, mut oldest) = (None, since);
    loop {
        let before = place.take();
        let (rows, more) = desk.read(move |r| r.purchases_newest(program, before, PAGE_MAX)).await?;
        let mut taken = 0;
        let mine = rows.iter().take_while(|row| row.bought_at >= since);
        for row in mine.take(ORDERS_MAX - listed.orders) {
            *members.entry(row.member).or_default() += 1;
            oldest = row.bought_at;
            taken += 1;
        }
        listed.orders += taken;
        // The next one is older than the span, or one too many.
        if let Some(next) = rows.get(taken) {
            if next.bought_at >= since {
                (listed.is_cut, listed.since) = (true, oldest);
            }
            break;
        }
        place = rows.last().filter(|_| more).map(|row| (row.bought_at, row.member, row.key.clone()));
        if place.is_none() {
            break;
        }
    }
    listed.is_cut |= members.values().any(|count| *count > OF_MEMBER_MAX);
    listed.members = members.into_iter().collect();
    Ok(listed)
}

/// As many of the members as have so many orders together; at least one.
fn part_of(members: &[(MemberId, usize)]) -> (&[(MemberId, usize)], usize) {
    let (mut count, mut orders) = (0, 0);
    while count < members.len() && (count == 0 || orders + members[count].1 <= PART_ORDERS) {
        orders += members[count].1;
        count += 1;
    }
    (&members[..count], orders)
}

/// The newest orders of these members, with as many before as conditions may ask of.
fn buyers(
    reader: &Reader,
    program: ProgramId,
    members: &[(MemberId, usize)],
    before: usize,
) -> Result<Vec<Buyer>, StoreError> {
    let mut out = Vec::with_capacity(members.len());
    for (id, count) in members {
        let Some(row) = reader.member(program, *id)? else { continue };
        let orders = reader.paid_orders(program, *id, (*count).min(OF_MEMBER_MAX) + before)?;
        let entered = orders.iter().flat_map(|order| &order.coupons).filter(|coupon| !coupon.automatic);
        let read: BTreeSet<CouponCode> = entered
            .filter_map(|coupon| CouponCode::read(&coupon.code))
            .filter(CouponCode::has_check)
            .collect();
        let mut codes = Vec::new();
        for code in &read {
            codes.extend(reader.coupon(program, code)?);
        }
        let person = reader.person_facts(program, *id)?;
        out.push(Buyer { member: row.member, person, codes, orders });
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_bounded_and_leave_nobody_out() {
        let members: Vec<(MemberId, usize)> =
            [300, 200, 1, 4_000, 2, 3].into_iter().zip(1..).map(|(n, id)| (MemberId(id), n)).collect();
        let mut rest = &members[..];
        let mut parts = Vec::new();
        while !rest.is_empty() {
            let (part, orders) = part_of(rest);
            rest = &rest[part.len()..];
            parts.push((part.len(), orders));
        }
        assert_eq!(parts, [(2, 500), (1, 1), (1, 4_000), (2, 5)]);
    }
}
