//! Paying with points: the most an order may take, which lots give it, and which lines it pays.

use super::draft::{LotsInTurn, payable_lots, program_of, take_pieces};
use super::{Context, discount};
use crate::book::Book;
use crate::holder::HolderNo;
use crate::ids::LotNo;
use crate::ledger::{Lot, Piece};
use crate::member::{Member, MemberStatus};
use crate::money::{Amounts, Money, Rounding, allocate};
use crate::order::{LineKind, LineState, OrderBody, OrderState, PointsAsk};
use crate::points::Points;
use crate::program::Program;
use crate::refusal::Refusal;
use crate::time::Instant;
use serde::{Deserialize, Serialize};
use smallvec::smallvec;

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
    pub by_line: Amounts,
    pub limit: Option<SpendLimit>,
}

/// Who pays, from which lots, when.
#[derive(Clone, Copy)]
pub(super) struct Payer<'a> {
    pub member: &'a Member,
    pub now: Instant,
    pub payable_dead: &'a [LotNo],
    /// May spend nothing before somebody can be reached.
    pub silent: bool,
    /// The holder who asks, where that one may not spend.
    pub barred: Option<HolderNo>,
}

/// The points that could be spent now; `None` for a guest or a member who may not spend.
pub(crate) fn spendable(member: &Member, now: Instant) -> Option<Points> {
    let payer = Payer { member, now, payable_dead: &[], silent: false, barred: None };
    may_spend(member.status).then(|| free_of(&payer.lots()))
}

/// The limit for an order that is decided, where so many points could be spent before.
pub(crate) fn limit_of(
    ctx: Context<'_>,
    order: &OrderState,
    (available, contact): (Points, bool),
) -> SpendLimit {
    let program = program_of(ctx, Some(order), ctx.now);
    let silent = wants_contact(program_of(ctx, None, ctx.now), contact);
    let available = if silent { Points::ZERO } else { available };
    limit_for(program, available, &room_of(program, &order.lines))
}

/// The limit for a cart as the shop tells it; `None` for a guest or a member who may not spend.
pub fn spend_limit(ctx: Context<'_>, book: &Book, body: &OrderBody) -> Option<SpendLimit> {
    let available = spendable(&book.member, ctx.now)?;
    let program = program_of(ctx, book.orders.get(&body.key), ctx.now);
    let today = program_of(ctx, None, ctx.now);
    let silent = wants_contact(today, book.person.known.has_contact());
    let available = if silent { Points::ZERO } else { available };
    let mut lines: Vec<LineState> = body.lines.iter().map(LineState::from_body).collect();
    discount::price_body(program, book, (body, ctx.now), &mut lines, false);
    Some(limit_for(program, available, &room_of(program, &lines)))
}

impl<'a> Payer<'a> {
    fn lots(&self) -> LotsInTurn<'a> {
        payable_lots(self.member, self.now, self.payable_dead)
    }
}

fn free_of(lots: &[&Lot]) -> Points {
    lots.iter().map(|l| l.free).sum()
}

fn may_spend(status: MemberStatus) -> bool {
    status == MemberStatus::Active
}

/// Nobody is known who could have the points, where the program wants somebody.
pub fn wants_contact(program: &Program, contact: bool) -> bool {
    program.spending.contact_needed && !contact
}

fn takes_points(program: &Program, line: &LineState) -> bool {
    match line.kind {
        LineKind::Goods => {
            let closed = line.own.as_ref().and_then(|own| own.spend_share).is_some_and(|share| share.0 == 0);
            !closed && program.spending.lines.matches(line.traits())
        }
        LineKind::Delivery => program.spending.delivery,
        LineKind::GiftCard => false,
    }
}

/// What points may pay of these lines, in one pass over them.
struct Room {
    /// By line: what takes points, and the most of it they may pay. Something must be left per piece.
    weights: Amounts,
    caps: Amounts,
    goods: Money,
    eligible: Money,
    payable: Money,
}

fn room_of(program: &Program, lines: &[LineState]) -> Room {
    let [goods, eligible, payable] = [Money::ZERO; 3];
    let mut room = Room { weights: Amounts::new(), caps: Amounts::new(), goods, eligible, payable };
    for line in lines {
        let weight = if takes_points(program, line) { line.discounted } else { Money::ZERO };
        let pieces = (line.quantity.0 + 999) / 1000;
        let left = program.spending.leave_per_piece.0.saturating_mul(pieces);
        let mut cap = Money((weight.0 - left).max(0));
        if let Some(own) = &line.own {
            let share = own.spend_share.map_or(weight, |share| share.of(weight, Rounding::Floor));
            cap = cap.min(share).min(Money((weight.0 - own.least_for(line.quantity.0).0).max(0)));
        }
        if line.kind == LineKind::Goods {
            room.goods += line.discounted;
        }
        room.eligible += weight;
        room.payable += cap;
        room.weights.push(weight);
        room.caps.push(cap);
    }
    room
}

fn limit_for(program: &Program, available: Points, room: &Room) -> SpendLimit {
    let spending = &program.spending;
    let base = if spending.share_of_order { room.goods } else { room.eligible };
    let share = spending.max_share.of(base, Rounding::Floor);
    let by_share = program.points.covering(share);
    let by_lines = program.points.covering(room.payable);
    let mut limit = to_step(program, available.min(by_share).min(by_lines));
    if !spending.allowed || room.goods < spending.min_order || limit < spending.min_points {
        limit = Points::ZERO;
    }
    SpendLimit { available, by_share, by_lines, limit }
}

/// Rounds down to an amount that is worth whole money and is a multiple of the program's step.
fn to_step(program: &Program, points: Points) -> Points {
    Points(points.0 - points.0 % step_of(program).0)
}

/// The least number of points of which every spending is a multiple.
fn step_of(program: &Program) -> Points {
    let (a, b) = (program.points.step().0, program.spending.step.0.max(1));
    Points(a / gcd(a, b) * b)
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
    let nothing = || SpendPlan { by_line: smallvec![Money::ZERO; lines.len()], ..SpendPlan::default() };
    let Some(ask) = ask else { return Ok(nothing()) };
    let exact = match ask {
        PointsAsk::Exact(points) => program.points.spendable(points),
        _ => Points::ZERO,
    };
    if exact.0 > 0 {
        match payer.member.status {
            MemberStatus::Active => {}
            MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
            MemberStatus::Frozen => return Err(Refusal::MemberFrozen),
            MemberStatus::Guest => return Err(Refusal::SpendingNotAllowed),
            MemberStatus::Merged => return Err(Refusal::MergeUnderWay),
            MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized),
        }
        if let Some(holder) = payer.barred {
            return Err(Refusal::HolderSpendsNothing { holder });
        }
    } else if !may_spend(payer.member.status) || payer.barred.is_some() {
        return Ok(nothing());
    }
    if payer.silent && exact.is_zero() {
        return Ok(nothing());
    }
    let lots = payer.lots();
    let room = room_of(program, lines);
    let limit = limit_for(program, free_of(&lots), &room);
    if exact.0 > 0 {
        refuse_exact(program, room.goods, (limit, payer.silent), exact)?;
    }
    let points = match ask {
        PointsAsk::Exact(_) => exact,
        PointsAsk::UpTo(most) => to_step(program, most.min(limit.limit)),
        PointsAsk::Max => limit.limit,
    };
    // What remains after rounding a wish down may fall under the least that may be spent.
    let points = if points < program.spending.min_points { Points::ZERO } else { points };
    let by_line = allocate(program.points.worth(points), &room.weights, &room.caps);
    Ok(SpendPlan { points, pieces: take_pieces(&lots, points, payer.now), by_line, limit: Some(limit) })
}

fn refuse_exact(
    program: &Program,
    goods: Money,
    (limit, silent): (SpendLimit, bool),
    wanted: Points,
) -> Result<(), Refusal> {
    let spending = &program.spending;
    if !spending.allowed {
        return Err(Refusal::SpendingNotAllowed);
    }
    if goods < spending.min_order {
        return Err(Refusal::BelowMinimumOrder { minimum: spending.min_order });
    }
    if wanted < spending.min_points {
        return Err(Refusal::BelowMinimumPoints { minimum: spending.min_points });
    }
    if to_step(program, wanted) != wanted {
        return Err(Refusal::SpendingStep { step: step_of(program), wanted });
    }
    if silent {
        return Err(Refusal::ContactNeeded);
    }
    if wanted > limit.available {
        return Err(Refusal::InsufficientPoints { available: limit.available, wanted });
    }
    if wanted > limit.limit {
        return Err(Refusal::SpendingLimit { limit: limit.limit, wanted });
    }
    Ok(())
}
