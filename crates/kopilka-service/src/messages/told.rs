//! What members are told of an entry of the journal.
//!
//! Invariant: which events an entry is told as is a function of the entry alone; the figures are said in the
//! program's units when the message is sent.

use kopilka_core::ledger::Event;
use kopilka_core::member::Member;
use kopilka_core::order::{Gave, OrderKey};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::referral::is_of_others;
use kopilka_core::time::{Day, Instant};
use kopilka_core::words::{Language, Speaker};
use kopilka_store::rows::EntryRow;
use serde_json::{Map, Value, json};
use std::borrow::Cow;

pub const POINTS_ACCRUED: &str = "points_accrued";
pub const POINTS_BURNT: &str = "points_burnt";
pub const POINTS_EXPIRING: &str = "points_expiring";
pub const BIRTHDAY_GIFT: &str = "birthday_gift";
pub const TIER_CHANGED: &str = "tier_changed";
pub const COUPON_GIVEN: &str = "coupon_given";
pub const ORDER_PAID: &str = "order_paid";
pub const ORDER_RETURNED: &str = "order_returned";
/// Before the name of a message that a rule of the document sends: its words are the shop's own alone.
pub const OWN: &str = "own.";

/// The cause of the entry that books what a birthday brings.
const BIRTHDAY: &str = "birthday";

type Values = Map<String, Value>;

/// The events that an entry is told as, each once.
pub(crate) fn events_of(entry: &EntryRow) -> Vec<Cow<'static, str>> {
    let has = |wanted: fn(&Event) -> bool| entry.events.iter().any(wanted);
    let gift = entry.cause == BIRTHDAY;
    // Points that an order promises are told when it is paid.
    let accrued =
        has(|event| matches!(event, Event::LotIssued { lot } if !lot.awaits_payment && lot.free.0 > 0));
    let all = [
        (ORDER_PAID, has(|event| matches!(event, Event::OrderPaid { .. }))),
        (ORDER_RETURNED, has(|event| matches!(event, Event::PiecesReturned { .. }))),
        (BIRTHDAY_GIFT, accrued && gift),
        (POINTS_ACCRUED, accrued && !gift),
        (POINTS_BURNT, has(|event| matches!(event, Event::LotExpired { points, .. } if points.0 > 0))),
        (TIER_CHANGED, has(|event| matches!(event, Event::TierChanged { .. }))),
        (
            COUPON_GIVEN,
            has(|event| matches!(event, Event::Granted { gave: Gave::Coupon(_), back: false, .. })),
        ),
    ];
    let mut told: Vec<Cow<'static, str>> =
        all.into_iter().filter(|(_, is)| *is).map(|(event, _)| event.into()).collect();
    for event in &entry.events {
        if let Event::MessageAsked { message, .. } = event {
            let own = Cow::from(format!("{OWN}{message}"));
            // Two rules that ask for the same message at once are one message.
            if !told.contains(&own) {
                told.push(own);
            }
        }
    }
    told
}

/// What an event of an entry says, beside what every message knows.
pub(crate) fn values_of(entry: &EntryRow, event: &str, program: &Program, language: Language) -> Values {
    let say = Speaker::new(program, language);
    match event {
        POINTS_ACCRUED | BIRTHDAY_GIFT => accrued(entry, say),
        POINTS_BURNT => burnt(entry, say),
        TIER_CHANGED => tier(entry, program, language),
        COUPON_GIVEN => coupon(entry, say),
        ORDER_PAID => paid(entry, say),
        ORDER_RETURNED => returned(entry, say),
        own if own.starts_with(OWN) => of_rule(entry, (own, say)),
        _ => Values::new(),
    }
}

fn values(of: Value) -> Values {
    match of {
        Value::Object(values) => values,
        _ => Values::new(),
    }
}

fn order_id(key: Option<&OrderKey>) -> Option<&str> {
    key.filter(|key| !is_of_others(key)).map(|key| key.order.as_str())
}

fn issued(entry: &EntryRow) -> impl Iterator<Item = &kopilka_core::ledger::Lot> {
    entry.events.iter().filter_map(|event| match event {
        Event::LotIssued { lot } if !lot.awaits_payment => Some(lot),
        _ => None,
    })
}

fn accrued(entry: &EntryRow, say: Speaker<'_>) -> Values {
    let points: Points = issued(entry).map(|lot| lot.free).sum();
    let waits = issued(entry).filter(|lot| !lot.booked_active).map(|lot| lot.active_at).max();
    let until = issued(entry).filter_map(|lot| lot.expires_at).min();
    let order = issued(entry).find_map(|lot| order_id(lot.order.as_ref()));
    values(json!({
        "points": say.points(points),
        "active_on": waits.map(|at| say.day(say.program.zone.day_of(at))),
        "until": until.map(|end| say.until(end)),
        "order": order,
    }))
}

/// What a rule gave beside the message, and the order that it is about.
fn of_rule(entry: &EntryRow, (own, say): (&str, Speaker<'_>)) -> Values {
    let mut values = accrued(entry, say);
    if issued(entry).all(|lot| lot.free.is_zero()) {
        values.insert("points".to_owned(), Value::Null);
    }
    values.extend(coupon(entry, say));
    let order = entry.events.iter().find_map(|event| match event {
        Event::MessageAsked { message, order, .. } if own.strip_prefix(OWN) == Some(message) => {
            order.as_ref()
        }
        _ => None,
    });
    values.insert("order".to_owned(), order_id(order).into());
    values
}

fn burnt(entry: &EntryRow, say: Speaker<'_>) -> Values {
    let points = entry.events.iter().filter_map(|event| match event {
        Event::LotExpired { points, .. } => Some(*points),
        _ => None,
    });
    values(json!({ "points": say.points(points.sum()) }))
}

fn tier(entry: &EntryRow, program: &Program, language: Language) -> Values {
    let id = entry.events.iter().rev().find_map(|event| match event {
        Event::TierChanged { tier, .. } => Some(tier.as_ref()),
        _ => None,
    });
    let levels = program.tiers.iter().flat_map(|tiers| &tiers.levels);
    let name = id.flatten().map(|id| {
        let known = levels.into_iter().find(|level| level.id == *id);
        known.map_or(id.as_str(), |level| language.of(&level.name)).to_owned()
    });
    values(json!({ "tier": name }))
}

fn coupon(entry: &EntryRow, say: Speaker<'_>) -> Values {
    let coupons: Vec<Value> = entry
        .events
        .iter()
        .filter_map(|event| match event {
            Event::Granted { gave: Gave::Coupon(coupon), back: false, .. } => {
                let until = coupon.expires_at.map(|end| say.until(end));
                Some(json!({ "code": coupon.code.as_str(), "until": until }))
            }
            _ => None,
        })
        .collect();
    values(json!({ "coupons": coupons }))
}

fn paid(entry: &EntryRow, say: Speaker<'_>) -> Values {
    let order = entry.events.iter().find_map(|event| match event {
        Event::OrderPaid { order, .. } => order_id(Some(order)),
        _ => None,
    });
    let points: Points = issued(entry).map(|lot| lot.free).sum();
    values(json!({ "order": order, "points": (points.0 > 0).then(|| say.points(points)) }))
}

fn returned(entry: &EntryRow, say: Speaker<'_>) -> Values {
    let found = entry.events.iter().find_map(|event| match event {
        Event::PiecesReturned { order, refund, .. } => Some((order_id(Some(order)), *refund)),
        _ => None,
    });
    let Some((order, refund)) = found else { return Values::new() };
    values(json!({ "order": order, "refund": say.money(refund) }))
}

/// What of a member burns within so many days, day by day; nothing where nothing does any more.
pub(crate) fn expiring(
    member: &Member,
    program: &Program,
    language: Language,
    (now, within): (Instant, i32),
) -> Option<Values> {
    let say = Speaker::new(program, language);
    let rows = burning_days(member, program, now, within);
    let total: Points = rows.iter().map(|(_, points)| *points).sum();
    let told: Vec<Value> = rows
        .iter()
        .map(|(day, points)| json!({ "points": say.points(*points), "last_day": say.day(*day) }))
        .collect();
    (total.0 > 0).then(|| values(json!({ "points": say.points(total), "days": told })))
}

/// The last days on which points are there, and how many burn at the end of each.
pub(crate) fn burning_days(
    member: &Member,
    program: &Program,
    now: Instant,
    within: i32,
) -> Vec<(Day, Points)> {
    let (zone, mut days) = (&program.zone, std::collections::BTreeMap::<Day, Points>::new());
    let horizon = zone.day_of(now).plus_days(within);
    for lot in member.lots.iter().filter(|lot| !lot.awaits_payment && lot.free.0 > 0) {
        let Some(end) = lot.expires_at.filter(|end| *end > now) else { continue };
        // At midnight the day before was the last one.
        let last = zone.day_of(Instant(end.0 - 1));
        if last <= horizon {
            let sum = days.entry(last).or_insert(Points::ZERO);
            *sum = Points(sum.0 + lot.free.0);
        }
    }
    days.into_iter().collect()
}
