//! The sports shop in short, built by hand: the document's own tests are elsewhere.
#![allow(dead_code)] // Each test binary uses its own part.

use kopilka_core::money::{Currency, Money, Rate, Rounding};
use kopilka_core::order::ReceiptPoints;
use kopilka_core::points::{PointUnit, Points};
use kopilka_core::product::LineMatch;
use kopilka_core::program::*;
use kopilka_core::time::{Ends, INSTANT_MIN, Period, Zone};
use std::sync::Arc;

/// 5 % for a month after 14 days, 500 at registration, 20 % may be paid with points.
pub fn sports_store() -> Arc<Program> {
    let rub = Currency::by_code("RUB").unwrap();
    let credit = |amount, expires, active_after| {
        vec![Effect::Credit(CreditEffect { amount, active_after, expires, rounding: None, gift: false })]
    };
    let rule = |id: &str, when, then| Rule {
        id: id.into(),
        when,
        only_if: Condition::Always,
        then,
        limits: Limits::default(),
        group: None,
        base: None,
    };
    let percent = CreditAmount::Percent { of: LineMatch::default(), rates: vec![], rate: Rate(5 * 10_000) };
    Arc::new(Program {
        slug: "sports-store".into(),
        version: 1,
        name: Text { en: "Sports bonus".into(), ru: "Спортивный бонус".into() },
        currency: rub,
        zone: Zone::by_name("Europe/Moscow").unwrap(),
        points: PointUnit::new(0, 1_000_000, rub),
        points_name: Text { en: "bonus".into(), ru: "бонус".into() },
        rounding: Rounding::Floor,
        ends: Ends::EndOfDay,
        active_after: Period::Days(14),
        expires: None,
        base: Base::default(),
        spending: Spending {
            allowed: true,
            max_share: Rate(20 * 10_000),
            share_of_order: false,
            lines: LineMatch::default(),
            delivery: false,
            min_points: Points(0),
            step: Points(1),
            min_order: Money(0),
            leave_per_piece: Money(0),
        },
        holds: Holds {
            lapse_after: Period::Days(30),
            reserve_lapse_after: Period::Minutes(30),
            shipped_max: Period::Days(90),
            late_shortfall: LateShortfall::Debt,
        },
        returns: Returns {
            on_refund: OnRefund::Keep,
            clawback: Clawback::Debt,
            debt_write_off: Period::Months(12),
        },
        birthday: BirthdayPolicy { known_for: Period::Days(0) },
        groups: vec![],
        rules: vec![
            rule("welcome", Trigger::MemberRegistered, credit(CreditAmount::Fixed(Points(500)), None, None)),
            rule(
                "cashback",
                Trigger::OrderPaid,
                credit(percent, Some(Validity::For(Period::Months(1))), None),
            ),
        ],
        receipt_points: ReceiptPoints::Discount,
        birthday_since: INSTANT_MIN,
    })
}
