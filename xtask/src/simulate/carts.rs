//! Orders as a shop would tell them: carts, what becomes of them, and what comes back.

use super::documents::CODES;
use crate::dice::Dice;
use kopilka_core::ShortText;
use kopilka_core::coupon::CouponCode;
use kopilka_core::gift::GiftAsk;
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::*;
use kopilka_core::points::Points;
use kopilka_core::product::{OwnPoints, OwnTerms};
use kopilka_core::time::Instant;

pub const SHOP: &str = "simulated";
const LINE_IDS: [&str; 4] = ["1", "2", "3", "4"];
const CATEGORIES: [Option<&str>; 4] = [None, Some("shoes"), Some("shoes/running"), Some("food")];
const STATUSES: [BodyStatus; 4] =
    [BodyStatus::Reserved, BodyStatus::Placed, BodyStatus::Shipped, BodyStatus::Paid];

pub fn key(order: &str) -> OrderKey {
    OrderKey { shop: SHOP.into(), order: order.into() }
}

fn quantity(dice: &mut Dice) -> Quantity {
    if dice.one_in(8) { Quantity(dice.between(1, 4_000)) } else { Quantity::pieces(dice.between(1, 5)) }
}

fn price(dice: &mut Dice) -> Money {
    let most = dice.pick(&[300, 20_000, 20_000, 500_000]);
    Money(dice.between(i64::from(most == 20_000), most))
}

fn line(dice: &mut Dice, at: usize) -> LineBody {
    let sku = dice.pick(&["boots", "socks", "ball", "rope"]);
    let mut line = LineBody::goods(LINE_IDS[at], sku, quantity(dice), price(dice));
    line.category = dice.pick(&CATEGORIES).map(Into::into);
    match dice.below(12) {
        0 => line.kind = LineKind::Delivery,
        1 => {
            line.kind = LineKind::GiftCard;
            line.category = Some("gift-cards".into());
        }
        _ => {}
    }
    if dice.one_in(4) {
        line.shop_discount = Money(dice.below(line.list_amount().0.max(0) as u64 + 1) as i64);
    }
    if dice.one_in(5) {
        line.tax = Some(Tax { rate: Rate(dice.pick(&[100_000, 200_000, 0])), added: dice.one_in(2) });
    }
    line.own = dice.one_in(4).then(|| Box::new(own_terms(dice, line.price)));
    line
}

/// What an article has of its own; here each line says it, as a shop without a product table does.
fn own_terms(dice: &mut Dice, price: Money) -> OwnTerms {
    let percent = |percent: i64| OwnPoints::Percent(Rate(percent * 10_000));
    let points = [None, Some(percent(0)), Some(percent(4)), Some(OwnPoints::PerPiece(Points(6)))];
    OwnTerms {
        also_in: if dice.one_in(4) { vec!["shoes".to_owned()] } else { Vec::new() },
        points: dice.pick(&points),
        spend_share: dice.pick(&[None, None, Some(Rate(0)), Some(Rate(300_000))]),
        recommended_price: dice.one_in(4).then_some(Money(price.0 * 4 / 5)),
    }
}

fn ask(dice: &mut Dice, scale: i64) -> Option<PointsAsk> {
    match dice.below(6) {
        0 | 1 => None,
        2 | 3 => Some(PointsAsk::Max),
        4 => Some(PointsAsk::UpTo(Points(dice.between(0, 600) * scale))),
        _ => Some(PointsAsk::Exact(Points(dice.between(1, 200) * scale))),
    }
}

fn coupons(dice: &mut Dice) -> Vec<ShortText> {
    let count = dice.pick(&[0, 0, 1, 1, 2]);
    (0..count).map(|_| dice.pick(&CODES).into()).collect()
}

/// Cards that an order is paid with, out of those the town has; sometimes one twice, or nobody's.
pub fn gift_cards(dice: &mut Dice, known: &[CouponCode]) -> Vec<GiftAsk> {
    let count = if known.is_empty() { 0 } else { dice.pick(&[1, 1, 2, 2, 3, 5]) };
    let mut asks = Vec::new();
    for _ in 0..count {
        let one = &known[dice.below(known.len() as u64) as usize];
        let code = match dice.below(24) {
            0 => "NOBODYS".to_owned(),
            1 => dice.pick(&CODES).to_owned(),
            _ => respell(dice, one),
        };
        let again = asks.iter().any(|ask: &GiftAsk| ask.code.to_lowercase() == code.to_lowercase());
        if again && !dice.one_in(8) {
            continue;
        }
        let amount = dice.one_in(3).then(|| Money(dice.between(0, 30_000)));
        asks.push(GiftAsk { code: code.as_str().into(), amount });
    }
    asks
}

fn respell(dice: &mut Dice, code: &CouponCode) -> String {
    match dice.below(3) {
        0 => code.printed().to_lowercase(),
        1 => code.printed(),
        _ => code.as_str().to_owned(),
    }
}

/// An order nobody has told of.
pub fn order(dice: &mut Dice, order: &str, scale: i64) -> OrderBody {
    let count = 1 + dice.below(3) as usize;
    let (status, revision) = (dice.pick(&STATUSES), dice.one_in(2).then_some(1));
    let lines = (0..count).map(|at| line(dice, at)).collect();
    OrderBody {
        revision,
        points: ask(dice, scale),
        coupons: coupons(dice),
        coupons_required: dice.one_in(12),
        checkout: dice.one_in(6).then(|| "basket".into()),
        ..OrderBody::plain(key(order), status, lines)
    }
}

/// The next thing the shop says of an order.
pub fn next_body(dice: &mut Dice, before: &OrderBody, scale: i64) -> OrderBody {
    let mut body = before.clone();
    body.status = if dice.one_in(3) { BodyStatus::Paid } else { dice.pick(&STATUSES) };
    body.revision = body.revision.map(|revision| revision + 1);
    if dice.one_in(3) {
        let at = dice.below(body.lines.len() as u64) as usize;
        match dice.below(4) {
            0 if body.lines.len() > 1 => drop(body.lines.remove(at)),
            1 if body.lines.len() < LINE_IDS.len() => {
                let free = (0..LINE_IDS.len()).find(|i| body.lines.iter().all(|l| l.id != LINE_IDS[*i]));
                body.lines.extend(free.map(|free| line(dice, free)));
            }
            2 => {
                body.lines[at].price = price(dice);
                body.lines[at].shop_discount = Money::ZERO;
            }
            _ => {
                body.lines[at].quantity = quantity(dice);
                body.lines[at].shop_discount = Money::ZERO;
            }
        }
    }
    if dice.one_in(4) {
        body.points = ask(dice, scale);
    }
    if dice.one_in(6) {
        let total: i64 = body.lines.iter().map(|l| l.list_amount().0).sum();
        body.paid = Some(Money(dice.below(total as u64 * 2 + 1) as i64));
    }
    body
}

/// A word of the past that comes after newer ones.
pub fn make_late(dice: &mut Dice, body: &mut OrderBody, now: Instant) {
    match body.revision {
        Some(revision) => body.revision = Some((revision - dice.between(1, 3)).max(0)),
        None => body.occurred_at = Some(now.plus_seconds(-dice.between(1, 400_000))),
    }
}

/// Pieces that come back; sometimes more than there are.
pub fn back(dice: &mut Dice, body: &OrderBody) -> ReturnBody {
    let lines = if dice.one_in(3) {
        ReturnedLines::All
    } else {
        let mut lines = Vec::new();
        for line in &body.lines {
            if dice.one_in(2) || lines.is_empty() {
                let part = Quantity(dice.below(line.quantity.0 as u64 + 500) as i64 + 1);
                let whole = Quantity::pieces(dice.between(1, 2));
                lines.push((line.id.clone(), if line.quantity.is_whole() { whole } else { part }));
            }
        }
        ReturnedLines::Lines(lines)
    };
    ReturnBody { key: body.key.clone(), lines, delivery: dice.one_in(3), occurred_at: None }
}
