//! The program's discounts on an order: asked in the one order path, before points.
//!
//! Invariant: prices are decided once, when lines come; what remains of them keeps its decision.

use super::earn;
use super::facts::{Facts, Place, holds};
use crate::book::Book;
use crate::discounts::{Questions, Terms, price};
use crate::order::{BodyStatus, LineState, OrderBody, OrderState, Pricing};
use crate::program::{Discount, GroupMode, Program};
use crate::time::Instant;
use crate::trace::{Step, Trace};

/// Whose prices hold: the shop says, and a first message that is paid already speaks of facts.
pub(super) fn pricing_of(body: &OrderBody) -> Pricing {
    let facts = body.status == BodyStatus::Paid;
    body.pricing.unwrap_or(if facts { Pricing::Shop } else { Pricing::Engine })
}

/// Prices the lines of a new order; answers why.
pub(super) fn price_body(
    program: &Program,
    book: &Book,
    body: &OrderBody,
    at: Instant,
    lines: &mut [LineState],
) -> Trace {
    match (program.discounts.is_empty(), pricing_of(body)) {
        (true, _) => Trace::new(),
        (false, Pricing::Shop) => vec![Step::PricesOfShop],
        (false, Pricing::Engine) => price_lines(program, book, place_of(body), at, lines, 0, &|_| true),
    }
}

/// Prices lines that come to an order before payment, as of its placing. Conditions look at the whole order;
/// what it was given once is not given again.
pub(super) fn price_added(
    program: &Program,
    book: &Book,
    order: &OrderState,
    added: &mut [LineState],
) -> Trace {
    if program.discounts.is_empty() || order.pricing == Pricing::Shop {
        return Trace::new();
    }
    let mut known = order.clone();
    known.trim_to_bought();
    let first = known.lines.len();
    let mut lines = known.lines;
    let given: Vec<&Discount> =
        program.discounts.iter().filter(|d| lines.iter().any(|l| has(l, d))).collect();
    let allowed = |discount: &Discount| may_come(program, &given, discount);
    lines.extend(added.iter().cloned());
    let trace = price_lines(program, book, Place::of(order), order.placed_at, &mut lines, first, &allowed);
    added.clone_from_slice(&lines[first..]);
    trace
}

fn has(line: &LineState, discount: &Discount) -> bool {
    line.discounts.iter().any(|d| d.discount == discount.id)
}

/// Whether a discount may act on what is added to an order that has `given` ones.
fn may_come(program: &Program, given: &[&Discount], discount: &Discount) -> bool {
    let mode = |d: &Discount| d.group.map(|group| program.groups[group].mode);
    let known = given.iter().any(|g| g.id == discount.id);
    if known {
        return !discount.is_once();
    }
    let alone = |d: &Discount| mode(d) == Some(GroupMode::Exclusive);
    if given.iter().any(|g| alone(g)) || alone(discount) && !given.is_empty() {
        return false;
    }
    let picks_one = matches!(mode(discount), Some(GroupMode::Best | GroupMode::First));
    !picks_one || !given.iter().any(|g| g.group == discount.group)
}

fn place_of(body: &OrderBody) -> Place<'_> {
    Place { shop: Some(&body.key.shop), channel: body.channel.as_deref(), cashier: body.cashier.as_deref() }
}

fn price_lines(
    program: &Program,
    book: &Book,
    place: Place<'_>,
    at: Instant,
    lines: &mut [LineState],
    first: usize,
    allowed: &dyn Fn(&Discount) -> bool,
) -> Trace {
    let facts = Facts::of(&program.zone, &book.member, &book.person, at, place);
    let terms = Terms {
        discounts: &program.discounts,
        index: &program.discount_index,
        groups: &program.groups,
        limits: program.discount_limits,
        rounding: program.money_rounding,
    };
    let questions = Questions {
        holds: &|condition, lines| holds(condition, &facts, lines),
        points: &|lines| {
            let mut lines = lines.to_vec();
            lines.iter_mut().for_each(LineState::settle);
            earn::would_earn(program, &facts, &lines)
        },
        allowed,
    };
    price(terms, &questions, lines, first)
}
