//! What one discount takes off each line, as the lines stand.
//!
//! Invariant: one rounding a piece, a line or an order, as `on` says; the parts add up to the whole; no line
//! gives more than its room.

use super::ByLine;
use crate::money::{Amounts, Money, Rate, Rounding, allocate};
use crate::order::{LineKind, LineState};
use crate::program::{Bought, Discount, Off, On, RowOff};
use smallvec::{SmallVec, smallvec};

/// A line that the discount speaks of.
struct Part {
    line: u16,
    base: Money,
    room: Money,
    /// In thousandths of a piece.
    quantity: i64,
}

/// How much off, once a table has named its row.
#[derive(Clone, Copy)]
enum How {
    Percent(Rate),
    Amount(Money),
    Price(Money),
    Pieces { first: Money, next: Money },
}

/// Money off by line; empty where it gives nothing. `concerned` are the lines that the discount speaks of, by
/// position; `floors` is what each line must keep.
pub(super) fn off(
    discount: &Discount,
    lines: &[LineState],
    concerned: &[u16],
    floors: &[Money],
    (rounding, amounts_net): (Rounding, bool),
) -> ByLine {
    let gross = !amounts_net && counts_with_tax(discount, lines, concerned);
    let part = |i: &u16| {
        let line = &lines[usize::from(*i)];
        let meant = |amount| if gross { line.gross(amount) } else { amount };
        let (left, floor) = (meant(line.discounted), meant(floors[usize::from(*i)]));
        Part {
            line: *i,
            base: if discount.of_list { meant(line.list) } else { left },
            room: Money((left.0 - floor.0).max(0)),
            quantity: line.quantity.0,
        }
    };
    let parts: SmallVec<[Part; 4]> = concerned.iter().map(part).collect();
    let total: Money = parts.iter().map(|p| p.base).sum();
    let Some(how) = how_of(&discount.off, total) else { return ByLine::new() };
    let most = discount.max_pieces.map_or(i64::MAX, |q| q.0);
    let mut taken: Amounts = match discount.on {
        On::Order | On::OrderWithDelivery | On::Delivery => {
            spread(how, total, discount.cap, &parts, rounding)
        }
        On::EachLine => parts.iter().map(|p| of_line(how, p, most, rounding)).collect(),
        On::EachPiece if discount.groups_of.is_some() => full_groups(discount, how, &parts, rounding),
        On::EachPiece => parts.iter().map(|p| of_pieces(how, p, most, rounding)).collect(),
        On::Cheapest => {
            let most = discount.max_pieces.map_or(1, |q| q.0 / 1000);
            single_pieces(how, &parts, rounding, 1, most)
        }
        On::Bought => bought(discount, how, lines, &parts, rounding),
        On::Nth(n) => single_pieces(how, &parts, rounding, i64::from(n), most / 1000),
    };
    for (money, part) in taken.iter_mut().zip(&parts) {
        *money = (*money).min(part.room);
    }
    if let Some(cap) = discount.cap.filter(|cap| *cap < taken.iter().copied().sum()) {
        taken = allocate(cap, &taken, &taken);
    }
    let given = parts.iter().zip(taken).map(|(part, money)| {
        let line = &lines[usize::from(part.line)];
        let off = if gross { line.discounted - line.net(line.gross(line.discounted) - money) } else { money };
        (part.line, off)
    });
    given.filter(|(_, money)| money.0 > 0).collect()
}

/// Sums of money are meant with the tax that some of the lines add; a percent is the same of both.
fn counts_with_tax(discount: &Discount, lines: &[LineState], concerned: &[u16]) -> bool {
    let adds = |i: &u16| lines[usize::from(*i)].tax.is_some_and(|tax| tax.added);
    let of_sums = discount.cap.is_some() || !matches!(discount.off, Off::Percent(_));
    of_sums && concerned.iter().any(adds)
}

fn how_of(off: &Off, total: Money) -> Option<How> {
    Some(match off {
        Off::Percent(rate) => How::Percent(*rate),
        Off::Amount(money) => How::Amount(*money),
        Off::Price(money) => How::Price(*money),
        Off::Pieces { first, next } => How::Pieces { first: *first, next: *next },
        Off::Table(rows) => {
            let reached = rows.partition_point(|(from, _)| *from <= total);
            match rows[..reached].last()?.1 {
                RowOff::Percent(rate) => How::Percent(rate),
                RowOff::Amount(money) => How::Amount(money),
            }
        }
    })
}

/// What comes off an amount, rounded once.
fn of_amount(how: How, amount: Money, rounding: Rounding) -> Money {
    match how {
        How::Percent(rate) => rate.of(amount, rounding),
        How::Amount(off) => off.min(amount),
        How::Price(price) => Money((amount.0 - price.0).max(0)),
        How::Pieces { first, .. } => first.min(amount),
    }
}

/// Once on all, spread by amount to the minor unit, largest remainder.
fn spread(how: How, total: Money, cap: Option<Money>, parts: &[Part], rounding: Rounding) -> Amounts {
    let whole = of_amount(how, total, rounding);
    let whole = cap.map_or(whole, |cap| whole.min(cap));
    let weights: Amounts = parts.iter().map(|p| p.base).collect();
    let rooms: Amounts = parts.iter().map(|p| p.room).collect();
    allocate(whole.min(rooms.iter().copied().sum()), &weights, &rooms)
}

/// The part of a line that at most so many of its pieces make up.
fn part_of(part: &Part, most: i64, rounding: Rounding) -> (Money, i64) {
    let pieces = part.quantity.min(most);
    if pieces == part.quantity {
        return (part.base, pieces);
    }
    let exact = i128::from(part.base.0) * i128::from(pieces);
    (Money(rounding.divide(exact, i128::from(part.quantity)) as i64), pieces)
}

fn of_line(how: How, part: &Part, most: i64, rounding: Rounding) -> Money {
    let (amount, pieces) = part_of(part, most, rounding);
    match how {
        How::Pieces { first, next } => {
            let further = ((pieces + 999) / 1000 - 1).max(0);
            Money(next.0.saturating_mul(further)).min(amount - first.min(amount)) + first.min(amount)
        }
        _ => of_amount(how, amount, rounding),
    }
}

/// Each piece is rounded alone; weighed goods are rounded once.
fn of_pieces(how: How, part: &Part, most: i64, rounding: Rounding) -> Money {
    let (amount, pieces) = part_of(part, most, rounding);
    let times =
        |money: Money| Money(Rounding::HalfUp.divide(i128::from(money.0) * i128::from(pieces), 1000) as i64);
    match how {
        How::Percent(rate) if pieces % 1000 == 0 => times(of_piece(rate, part, rounding)).min(amount),
        How::Percent(rate) => rate.of(amount, rounding),
        How::Amount(off) => times(off).min(amount),
        How::Price(price) => Money((amount.0 - times(price).0).max(0)),
        How::Pieces { first, .. } => times(first).min(amount),
    }
}

/// The exact percent of one piece, rounded once.
fn of_piece(rate: Rate, part: &Part, rounding: Rounding) -> Money {
    let num = i128::from(part.base.0) * i128::from(rate.0) * 1000;
    Money(rounding.divide(num, i128::from(part.quantity) * i128::from(Rate::ONE)) as i64)
}

/// What whole pieces of a line give; a part of a piece gives nothing.
fn of_whole(how: How, part: &Part, pieces: i64, rounding: Rounding) -> Money {
    match how {
        _ if pieces <= 0 => Money::ZERO,
        How::Percent(rate) => Money(of_piece(rate, part, rounding).0 * pieces),
        _ => of_pieces(how, part, pieces * 1000, rounding),
    }
}

/// Parts from the dearest piece down, or from the cheapest up; ties in the order of lines.
fn by_price(parts: &[Part], cheapest_first: bool) -> Vec<usize> {
    // Dear and cheap without a division: a/b > c/d as a·d > c·b.
    let cheaper = |a: &usize, b: &usize| {
        let (a, b) = (&parts[*a], &parts[*b]);
        let of = |p: &Part, other: &Part| i128::from(p.base.0) * i128::from(other.quantity);
        of(a, b).cmp(&of(b, a))
    };
    let mut order: Vec<usize> = (0..parts.len()).collect();
    order.sort_by(|a, b| if cheapest_first { cheaper(a, b) } else { cheaper(b, a) });
    order
}

/// Whole pieces: with `nth` of 1 from the cheapest up, else every `nth` from the dearest down.
fn single_pieces(how: How, parts: &[Part], rounding: Rounding, nth: i64, most: i64) -> Amounts {
    let mut taken: Amounts = smallvec![Money::ZERO; parts.len()];
    let (mut passed, mut left) = (0_i64, most);
    for i in by_price(parts, nth == 1) {
        let whole = parts[i].quantity / 1000;
        let hit = ((passed + whole) / nth - passed / nth).min(left);
        passed += whole;
        left -= hit;
        taken[i] = of_whole(how, &parts[i], hit, rounding);
    }
    taken
}

/// Each piece of those that make full groups, the dearest first.
fn full_groups(discount: &Discount, how: How, parts: &[Part], rounding: Rounding) -> Amounts {
    let size = i64::from(discount.groups_of.unwrap_or(1).max(1));
    let all: i64 = parts.iter().map(|p| p.quantity / 1000).sum();
    let mut left = all / size * size;
    let mut taken: Amounts = smallvec![Money::ZERO; parts.len()];
    for i in by_price(parts, false) {
        let hit = (parts[i].quantity / 1000).min(left);
        left -= hit;
        taken[i] = of_whole(how, &parts[i], hit, rounding);
    }
    taken
}

/// The cheapest pieces it speaks of, as many as what is bought gives. A piece that counts as bought is not
/// lowered: where both are the same goods the dearer ones count as bought.
fn bought(discount: &Discount, how: How, lines: &[LineState], parts: &[Part], rounding: Rounding) -> Amounts {
    let mut taken: Amounts = smallvec![Money::ZERO; parts.len()];
    let Some(Bought { of, pieces: buy, gives }) = &discount.bought else { return taken };
    let counts = |line: &LineState| line.kind == LineKind::Goods && of.matches(line.traits());
    let whole = |line: &LineState| line.quantity.0 / 1000;
    let is_target = |i: usize| parts.iter().any(|p| usize::from(p.line) == i);
    let all: i64 = lines.iter().filter(|l| counts(l)).map(whole).sum();
    let target: i64 = parts.iter().map(|p| p.quantity / 1000).sum();
    let only_bought: i64 =
        lines.iter().enumerate().filter(|(i, l)| counts(l) && !is_target(*i)).map(|(_, l)| whole(l)).sum();
    let both = all - only_bought;
    let (buy, gives) = (i64::from(*buy), i64::from(*gives));
    // So many sets use up so many pieces that could be lowered; more sets than is best lower fewer again.
    let lowered = |sets: i64| {
        let used = (sets * buy - only_bought).max(0);
        if used > both { 0 } else { (sets * gives).min(target - used) }
    };
    let balanced = (only_bought + target) / (buy + gives);
    let sets = [balanced, balanced + 1, only_bought / buy, all / buy];
    let best = sets.into_iter().max_by_key(|sets| (lowered(*sets), -*sets)).unwrap_or(0);
    let most = discount.max_pieces.map_or(i64::MAX, |q| q.0 / 1000);
    let mut left = lowered(best).min(most);
    let mut spare = both - (best * buy - only_bought).max(0);
    for i in by_price(parts, true) {
        let mut hit = (parts[i].quantity / 1000).min(left);
        if counts(&lines[usize::from(parts[i].line)]) {
            hit = hit.min(spare);
            spare -= hit;
        }
        left -= hit;
        taken[i] = of_whole(how, &parts[i], hit, rounding);
    }
    taken
}
