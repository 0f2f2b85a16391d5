//! Paying with points: the most an order may take, which lots give it, and which lines it pays.

use super::draft::{payable_lots, program_of, take_pieces};
use super::{Context, discount};
use crate::book::Book;
use crate::ids::LotNo;
use crate::ledger::Piece;
use crate::member::{Member, MemberStatus};
use crate::money::{Money, Rounding, allocate};
use crate::order::{LineKind, LineState, OrderBody, PointsAsk};
use crate::points::Points;
use crate::program::Program;
use crate::refusal::Refusal;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// The most points an order may take, and what bounds it: the least of these holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpendLimit {
    pub available: Points,
    pub by_share: Points,
    pub by_lines: Points,
    pub limit: Points,
}

/// Points that will pay: how many, from which lots, how much of each line.
#[derive(Debug, Default)]
pub(super) struct SpendPlan {
    pub points: Points,
    pub pieces: Vec<Piece>,
    pub by_line: Vec<Money>,
    pub limit: Option<SpendLimit>,
}

/// Who pays, from which lots, when.
#[derive(Clone, Copy)]
pub(super) struct Payer<'a> {
    pub member: &'a Member,
    pub now: Instant,
    pub payable_dead: &'a [LotNo],
}

/// The limit for a cart as the shop tells it; `None` for a guest or a member who may not spend.
pub fn spend_limit(ctx: Context<'_>, book: &Book, body: &OrderBody) -> Option<SpendLimit> {
    if !may_spend(book.member.status) {
        return None;
    }
    let program = program_of(ctx, book.orders.get(&body.key), ctx.now);
    let mut lines: Vec<LineState> = body.lines.iter().map(LineState::from_body).collect();
    discount::price_body(program, book, body, ctx.now, &mut lines);
    let payer = Payer { member: &book.member, now: ctx.now, payable_dead: &[] };
    Some(limit_for(program, payer, &lines))
}

fn may_spend(status: MemberStatus) -> bool {
    status == MemberStatus::Active
}

fn takes_points(program: &Program, line: &LineState) -> bool {
    match line.kind {
        LineKind::Goods => program.spending.lines.matches(line.traits()),
        LineKind::Delivery => program.spending.delivery,
        LineKind::GiftCard => false,
    }
}

/// What points may pay of a line at most: something must be left per piece.
fn line_cap(program: &Program, line: &LineState) -> Money {
    if !takes_points(program, line) {
        return Money::ZERO;
    }
    let pieces = (line.quantity.0 + 999) / 1000;
    Money((line.discounted.0 - program.spending.leave_per_piece.0.saturating_mul(pieces)).max(0))
}

fn limit_for(program: &Program, payer: Payer<'_>, lines: &[LineState]) -> SpendLimit {
    let spending = &program.spending;
    let goods: Money = lines.iter().filter(|l| l.kind == LineKind::Goods).map(|l| l.discounted).sum();
    let eligible: Money = lines.iter().filter(|l| takes_points(program, l)).map(|l| l.discounted).sum();
    let share =
        spending.max_share.of(if spending.share_of_order { goods } else { eligible }, Rounding::Floor);
    let caps: Money = lines.iter().map(|l| line_cap(program, l)).sum();
    let available: Points =
        payable_lots(payer.member, payer.now, payer.payable_dead).iter().map(|l| l.free).sum();
    let by_share = program.points.covering(share);
    let by_lines = program.points.covering(caps);
    let mut limit = to_step(program, available.min(by_share).min(by_lines));
    if !spending.allowed || goods < spending.min_order || limit < spending.min_points {
        limit = Points::ZERO;
    }
    SpendLimit { available, by_share, by_lines, limit }
}

/// Rounds down to an amount that is worth whole money and is a multiple of the program's step.
fn to_step(program: &Program, points: Points) -> Points {
    let (a, b) = (program.points.step().0, program.spending.step.0.max(1));
    let step = a / gcd(a, b) * b;
    Points(points.0 - points.0 % step)
}

fn gcd(a: i64, b: i64) -> i64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Plans the points for these lines. The ladder: exact requests are refused with what is missing; `up_to`
/// and `max` take what can be had.
pub(super) fn plan(
    program: &Program,
    payer: Payer<'_>,
    lines: &[LineState],
    ask: Option<PointsAsk>,
) -> Result<SpendPlan, Refusal> {
    let nothing = || SpendPlan { by_line: vec![Money::ZERO; lines.len()], ..SpendPlan::default() };
    let Some(ask) = ask else { return Ok(nothing()) };
    let exact = match ask {
        PointsAsk::Exact(points) => to_step(program, points),
        _ => Points::ZERO,
    };
    if exact.0 > 0 {
        match payer.member.status {
            MemberStatus::Active => {}
            MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
            MemberStatus::Frozen => return Err(Refusal::MemberFrozen),
            MemberStatus::Guest => return Err(Refusal::SpendingNotAllowed),
        }
    } else if !may_spend(payer.member.status) {
        return Ok(nothing());
    }
    let limit = limit_for(program, payer, lines);
    if exact.0 > 0 {
        refuse_exact(program, lines, limit, exact)?;
    }
    let points = match ask {
        PointsAsk::Exact(_) => exact,
        PointsAsk::UpTo(most) => to_step(program, most.min(limit.limit)),
        PointsAsk::Max => limit.limit,
    };
    // What remains after rounding a wish down may fall under the least that may be spent.
    let points = if points < program.spending.min_points { Points::ZERO } else { points };
    let weights: Vec<Money> =
        lines.iter().map(|l| if takes_points(program, l) { l.discounted } else { Money::ZERO }).collect();
    let caps: Vec<Money> = lines.iter().map(|l| line_cap(program, l)).collect();
    let by_line = allocate(program.points.worth(points), &weights, &caps);
    let lots = payable_lots(payer.member, payer.now, payer.payable_dead);
    Ok(SpendPlan { points, pieces: take_pieces(&lots, points, payer.now), by_line, limit: Some(limit) })
}

fn refuse_exact(
    program: &Program,
    lines: &[LineState],
    limit: SpendLimit,
    wanted: Points,
) -> Result<(), Refusal> {
    let spending = &program.spending;
    let goods: Money = lines.iter().filter(|l| l.kind == LineKind::Goods).map(|l| l.discounted).sum();
    if !spending.allowed {
        return Err(Refusal::SpendingNotAllowed);
    }
    if goods < spending.min_order {
        return Err(Refusal::BelowMinimumOrder { minimum: spending.min_order });
    }
    if wanted < spending.min_points {
        return Err(Refusal::BelowMinimumPoints { minimum: spending.min_points });
    }
    if wanted > limit.available {
        return Err(Refusal::InsufficientPoints { available: limit.available, wanted });
    }
    if wanted > limit.limit {
        return Err(Refusal::SpendingLimit { limit: limit.limit, wanted });
    }
    Ok(())
}
