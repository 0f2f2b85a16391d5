//! An order as the shop tells it: placed, changed before payment, paid.

use super::complete::complete;
use super::confirm::refuse_unconfirmed;
use super::discount;
use super::draft::{Draft, program_of};
use super::due::pass_moments;
use super::pay::{Payment, pay};
use super::spend::{Payer, SpendPlan, plan, wants_contact};
use super::{
    Context, Decision, OrderOutcome, Outcome, back, coupons, gifts, holders, offers, placed, referral, tiers,
};
use crate::book::Book;
use crate::coupon::COUPONS_MAX;
use crate::ledger::{Event, Told};
use crate::member::MemberStatus;
use crate::money::{MONEY_MAX, Money};
use crate::order::{
    BodyStatus, Expect, LINES_MAX, LineBody, LineState, OrderBody, OrderCoupon, OrderKey, OrderState,
    OrderStatus, PointsAsk, QUANTITY_MAX, Quantity,
};
use crate::points::Points;
use crate::program::Program;
use crate::record::{Entries, Recorder};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;
use std::collections::HashSet;

/// Tills' clocks are off by minutes; what is said to happen later than this is a mistake.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// When something told happened: never later than now.
pub(super) fn moment(ctx: Context<'_>, occurred_at: Option<Instant>) -> Result<Instant, Refusal> {
    match occurred_at {
        None => Ok(ctx.now),
        Some(at) if at > ctx.now.plus_seconds(CLOCK_SKEW_SECONDS) => Err(Refusal::OccurredInFuture),
        Some(at) => Ok(at.min(ctx.now)),
    }
}

/// Decides `PUT order`. The ladder: what cannot be meant, where the order stands, what is asked of points.
pub(super) fn put(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    body: &OrderBody,
    hash: u64,
) -> Result<Decision, Refusal> {
    check_body(body)?;
    let at = moment(ctx, body.occurred_at)?;
    let program = program_of(ctx, book.orders.get(&body.key), at);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.today = program_of(ctx, None, ctx.now);
    draft.quiet =
        body.earns_nothing || draft.earns_nothing(&body.key) || holders::earns_nothing(draft.book, &body.key);
    let outcome = match draft.book.orders.get(&body.key) {
        None => place(&mut draft, body, hash, at)?,
        Some(order) => match standing(order, body, hash, at)? {
            Standing::Unchanged(step) => {
                draft.note(step);
                outcome(&body.key, true, Points::ZERO)
            }
            Standing::Completes => {
                let at = draft.order(&body.key).paid_at.map_or(at, |paid_at| at.max(paid_at));
                complete(&mut draft, &body.key, at, at);
                outcome(&body.key, false, Points::ZERO)
            }
            Standing::Newer => change(&mut draft, body, hash, at)?,
        },
    };
    if draft.quiet {
        let decided_by = std::mem::replace(&mut draft.program, program_of(ctx, None, ctx.now));
        pass_moments(&mut draft);
        draft.program = decided_by;
    }
    Ok(draft.finish(Outcome::Order(outcome), at, Some(body.key.clone())))
}

pub(super) fn outcome(key: &OrderKey, unchanged: bool, shortfall: Points) -> OrderOutcome {
    OrderOutcome { order: key.clone(), unchanged, shortfall }
}

/// The first price × quantity, in thousandths of a minor unit, whose whole part is beyond [`MONEY_MAX`].
const EXACT_END: i128 = (MONEY_MAX as i128 + 1) * 1000;

/// Up to here comparing the ids of lines with each other is faster than hashing them.
const FEW_LINES: usize = 16;

fn check_body(body: &OrderBody) -> Result<(), Refusal> {
    if body.lines.len() > LINES_MAX {
        return Err(Refusal::TooManyLines { lines: body.lines.len() });
    }
    if body.lines.is_empty() {
        return Err(Refusal::NoLines);
    }
    check_lines(body)?;
    match (body.points, body.paid) {
        (Some(PointsAsk::Exact(p) | PointsAsk::UpTo(p)), _) if p.0 < 0 => Err(Refusal::PointsOutOfRange),
        (_, Some(paid)) if paid.0 < 0 => Err(Refusal::AmountOutOfRange { line: String::new() }),
        _ if body.coupons.len() > COUPONS_MAX => Err(Refusal::TooManyCoupons { coupons: body.coupons.len() }),
        _ => gifts::check(body),
    }
}

fn check_lines(body: &OrderBody) -> Result<(), Refusal> {
    let mut seen = (body.lines.len() > FEW_LINES).then(|| HashSet::with_capacity(body.lines.len()));
    let mut total: i128 = 0;
    for (at, line) in body.lines.iter().enumerate() {
        let named = || line.id.to_string();
        let known = match &mut seen {
            Some(seen) => !seen.insert(line.id.as_str()),
            None => body.lines[..at].iter().any(|before| before.id == line.id),
        };
        if known {
            return Err(Refusal::DuplicateLine { line: named() });
        }
        if !(1..=QUANTITY_MAX).contains(&line.quantity.0) {
            return Err(Refusal::QuantityOutOfRange { line: named() });
        }
        let exact = i128::from(line.price.0) * i128::from(line.quantity.0);
        if line.price.0 < 0 || line.shop_discount.0 < 0 || exact >= EXACT_END {
            return Err(Refusal::AmountOutOfRange { line: named() });
        }
        let amount = line.list_amount();
        total += i128::from(amount.0);
        if !(0..=MONEY_MAX).contains(&amount.0) || total > i128::from(MONEY_MAX) {
            return Err(Refusal::AmountOutOfRange { line: named() });
        }
        if line.shop_discount > amount {
            return Err(Refusal::DiscountAboveAmount { line: named() });
        }
    }
    Ok(())
}

enum Standing {
    Unchanged(Step),
    /// A paid order is completed, and nothing else.
    Completes,
    Newer,
}

/// Where a body stands to what is known of its order: the newest by revision, then by `occurred_at`, wins.
fn standing(order: &OrderState, body: &OrderBody, hash: u64, at: Instant) -> Result<Standing, Refusal> {
    if order.body_hash == hash {
        return Ok(Standing::Unchanged(Step::NothingChanged));
    }
    let older = match (body.revision, order.revision) {
        (Some(new), Some(known)) if new != known => new < known,
        _ => at < order.told_at,
    };
    if order.status == OrderStatus::Cancelled {
        let after = order.ended_at.is_some_and(|ended| at > ended);
        if body.status.says_paid() && after && !older {
            return Err(Refusal::OrderCancelled);
        }
        return Ok(Standing::Unchanged(Step::OlderBodyIgnored));
    }
    if older || body.revision.is_some() && body.revision == order.revision && at <= order.told_at {
        return Ok(Standing::Unchanged(Step::OlderBodyIgnored));
    }
    if order.is_paid() {
        // What is bought changes by returns and exchange alone; the same goods told again are no change.
        return match same_goods(order, body) {
            false => Err(Refusal::UseReturns),
            true if body.status == BodyStatus::Completed && order.status == OrderStatus::Paid => {
                Ok(Standing::Completes)
            }
            true => Ok(Standing::Unchanged(Step::NothingChanged)),
        };
    }
    Ok(Standing::Newer)
}

fn same_goods(order: &OrderState, body: &OrderBody) -> bool {
    let bought = |id: &str| -> i64 { order.lines.iter().filter(|l| l.id == id).map(|l| l.quantity.0).sum() };
    body.lines.iter().all(|l| bought(&l.id) == l.quantity.0)
        && order.lines.iter().all(|l| body.lines.iter().any(|b| b.id == l.id))
}

fn status_of(status: BodyStatus) -> OrderStatus {
    match status {
        BodyStatus::Reserved => OrderStatus::Reserved,
        // A paid body is placed first; the payment itself sets `Paid`, the completion `Completed`.
        BodyStatus::Placed | BodyStatus::Paid | BodyStatus::Completed => OrderStatus::Placed,
        BodyStatus::Shipped => OrderStatus::Shipped,
    }
}

/// Paid is said so, or reached by what was paid so far; nothing due is paid when placed.
fn is_paid_by(body: &OrderBody, due: Money) -> bool {
    body.status.says_paid()
        || body.status != BodyStatus::Reserved && (due.is_zero() || body.paid.is_some_and(|p| p >= due))
}

fn lapses_at(program: &Program, status: BodyStatus, placed_at: Instant, now: Instant) -> Instant {
    let holds = &program.holds;
    let most = program.zone.plus(placed_at, holds.shipped_max);
    match status {
        BodyStatus::Reserved => program.zone.plus(now, holds.reserve_lapse_after),
        BodyStatus::Shipped => most,
        BodyStatus::Placed | BodyStatus::Paid | BodyStatus::Completed => {
            program.zone.plus(now, holds.lapse_after).min(most)
        }
    }
}

fn refuse_unexpected(expect: Option<Expect>, to_pay: Money, points: Points) -> Result<(), Refusal> {
    match expect {
        Some(expect) if expect.to_pay != to_pay || expect.points != points => {
            Err(Refusal::QuoteChanged { to_pay, points })
        }
        _ => Ok(()),
    }
}

/// Puts the plan's money on the lines.
fn pay_lines(lines: &mut [LineState], plan: &SpendPlan) {
    for (line, by_points) in lines.iter_mut().zip(&plan.by_line) {
        line.by_points = *by_points;
        line.settle();
    }
}

fn place(draft: &mut Draft<'_>, body: &OrderBody, hash: u64, at: Instant) -> Result<OrderOutcome, Refusal> {
    if draft.member().status == MemberStatus::Anonymized {
        return Err(Refusal::MemberAnonymized);
    }
    let mut lines: Vec<LineState> = body.lines.iter().map(LineState::from_body).collect();
    let tier = tiers::level_for(draft.program, draft.member(), &lines, at).map(|l| l.id.clone());
    let explain = draft.recorder.keeps_prices();
    let (prices, coupons) = discount::price_body(draft.program, draft.book, (body, at), &mut lines, explain);
    refuse_coupons(body, &coupons)?;
    draft.note_all(prices);
    let payer = payer(draft);
    let plan = plan(draft.program, payer, &lines, body.points)?;
    pay_lines(&mut lines, &plan);
    let cards = gifts::plan(draft.program, draft.book, (&body.gift_cards, &[]), &lines, at)?;
    let due = lines.iter().map(|l| l.due).sum::<Money>() - cards.iter().map(|c| c.amount).sum();
    refuse_unexpected(body.expect, due, plan.points)?;
    refuse_unconfirmed(draft.today, draft.book.agreement, plan.points)?;
    // After this point placing succeeds.
    if let Some(holder) = draft.book.holder.filter(|_| draft.quiet && !body.earns_nothing) {
        draft.note(Step::HolderEarnsNothing { holder });
    }
    note_plan(draft, &plan);
    let order = OrderState {
        status: status_of(body.status),
        pricing: discount::pricing_of(body),
        channel: body.channel.clone(),
        cashier: body.cashier.clone(),
        revision: body.revision,
        body_hash: hash,
        lines,
        payment_methods: body.payment_methods.clone(),
        delivery_method: body.delivery_method.clone(),
        coupons,
        checkout: body.checkout.clone(),
        earns_nothing: draft.quiet,
        holder: draft.book.holder,
        ask: body.points,
        tier,
        ..OrderState::nothing(body.key.clone(), draft.program.version, at)
    };
    draft.push(Event::OrderPlaced { order: Box::new(order) });
    let paid_now = is_paid_by(body, due);
    coupons::take(draft, &body.key);
    offers::take(draft, &body.key, 0);
    referral::bind_by_coupon(draft, &body.key);
    gifts::take(draft, &body.key, cards);
    if !paid_now {
        placed::earn(draft, &body.key, at);
        let lapses_at = lapses_at(draft.program, body.status, at, draft.now);
        coupons::reserve(draft, &body.key, lapses_at);
    }
    if !plan.pieces.is_empty() {
        let (order, pieces) = (body.key.clone(), plan.pieces);
        draft.push(if paid_now {
            Event::PointsSpent { order: Some(order), pieces }
        } else {
            let lapses_at = lapses_at(draft.program, body.status, at, draft.now);
            Event::PointsHeld { order, pieces, lapses_at }
        });
    }
    let payment = Payment { at, body, placed_before: false };
    let shortfall = if paid_now { pay(draft, &body.key, payment) } else { Points::ZERO };
    Ok(outcome(&body.key, false, shortfall))
}

fn payer<'a>(draft: &'a Draft<'_>) -> Payer<'a> {
    Payer {
        member: draft.member(),
        now: draft.now,
        payable_dead: &draft.payable_dead,
        silent: wants_contact(draft.today, draft.book.person.known.has_contact()),
        barred: draft.book.holder.filter(|_| !holders::rights_of(draft.book).spend),
    }
}

/// The shop may say that its order stands or falls with the coupons.
fn refuse_coupons(body: &OrderBody, coupons: &[OrderCoupon]) -> Result<(), Refusal> {
    let refused =
        coupons.iter().filter(|c| body.coupons_required && !c.automatic).find_map(|c| Some((c, c.refused?)));
    match refused {
        Some((coupon, why)) => Err(Refusal::CouponRefused { code: coupon.code.to_string(), why }),
        None => Ok(()),
    }
}

fn note_plan(draft: &mut Draft<'_>, plan: &SpendPlan) {
    if !draft.recorder.keeps_steps() {
        return;
    }
    if let Some(limit) = plan.limit {
        let super::SpendLimit { available, by_share, by_lines, limit } = limit;
        draft.note(Step::SpendLimit { available, by_share, by_lines, limit });
    }
    for piece in &plan.pieces {
        let source = piece.lot.source.clone();
        draft.note(Step::PointsTaken { lot: piece.lot.no, source, points: piece.points });
    }
}

/// What a newer body changes: pieces that leave, by position, and lines that come.
struct Difference {
    removed: Vec<(u16, Quantity)>,
    added: Vec<LineState>,
}

/// A change before payment. Removed pieces are treated as returned; added or dearer lines are decided by the
/// version of the first placing. Everything happens on a copy, so a refusal leaves the book as it was.
fn change(draft: &mut Draft<'_>, body: &OrderBody, hash: u64, at: Instant) -> Result<OrderOutcome, Refusal> {
    let mut copy = draft.book.clone();
    let mut heard = Entries::default();
    let mut inner = Draft::new(draft.program, draft.now, &mut copy, &mut heard);
    inner.today = draft.today;
    inner.quiet = draft.quiet;
    let result = change_on(&mut inner, body, hash, at)?;
    *draft.book = copy;
    heard.retell(draft.recorder);
    Ok(result)
}

fn change_on(
    draft: &mut Draft<'_>,
    body: &OrderBody,
    hash: u64,
    at: Instant,
) -> Result<OrderOutcome, Refusal> {
    let key = &body.key;
    let order = draft.order(key);
    let Difference { removed, mut added } = difference(order, body);
    let (shrunk, grown) = (!removed.is_empty(), !added.is_empty());
    let lapsed = order.spend.as_ref().is_some_and(|s| s.stage == crate::order::SpendStage::Lapsed);
    // A checkout that was placed and is only reserved again has had its promise.
    let placed_before = order.status != OrderStatus::Reserved || !order.credits.is_empty();
    if shrunk {
        let event = Event::OrderChanged { order: key.clone(), removed, added: Vec::new(), ask: body.points };
        draft.push(event);
        back::give_back_due(draft, key);
    }
    let mut extra = SpendPlan::default();
    if grown {
        let prices = discount::price_added(draft.program, draft.book, draft.order(key), &mut added);
        draft.note_all(prices);
        let held = draft.order(key).points_spent_net();
        let ask = if lapsed { None } else { further_ask(body.points, held, shrunk) };
        let payer = payer(draft);
        extra = plan(draft.program, payer, &added, ask)?;
        pay_lines(&mut added, &extra);
        note_plan(draft, &extra);
        let first = draft.order(key).lines.len();
        let event = Event::OrderChanged { order: key.clone(), removed: Vec::new(), added, ask: body.points };
        draft.push(event);
        offers::take(draft, key, first);
    }
    gifts::refit(draft, key, &body.gift_cards, at)?;
    let due = draft.order(key).to_pay_remaining();
    let points = draft.order(key).points_spent_net() + extra.points;
    refuse_unexpected(body.expect, due, points)?;
    if !extra.pieces.is_empty() {
        refuse_unconfirmed(draft.today, draft.book.agreement, points)?;
    }
    let lapses_at = lapses_at(draft.program, body.status, draft.order(key).placed_at, draft.now);
    if !extra.pieces.is_empty() {
        draft.push(Event::PointsHeld { order: key.clone(), pieces: extra.pieces, lapses_at });
    }
    if placed_before && (shrunk || grown) {
        placed::fit(draft, key);
    }
    let payment_methods = body.payment_methods.clone();
    let delivery_method = body.delivery_method.clone();
    let told = Told { revision: body.revision, at, body_hash: hash, payment_methods, delivery_method };
    draft.push(Event::OrderTold { order: key.clone(), told, status: status_of(body.status) });
    let paid_now = is_paid_by(body, due);
    if !placed_before && !paid_now {
        placed::earn(draft, key, at);
    }
    coupons::reserve(draft, key, lapses_at);
    if draft.member().hold_of(key).is_some_and(|h| h.lapses_at != lapses_at) {
        draft.push(Event::HoldProlonged { order: key.clone(), lapses_at });
    }
    let payment = Payment { at, body, placed_before };
    let shortfall = if paid_now { pay(draft, key, payment) } else { Points::ZERO };
    Ok(outcome(key, false, shortfall))
}

/// What more is asked for the added lines. Where pieces left in the same body, what cannot be had is cut:
/// the shop's figure spoke of the order before.
fn further_ask(ask: Option<PointsAsk>, held: Points, shrunk: bool) -> Option<PointsAsk> {
    let more = |wanted: Points| Points((wanted - held).0.max(0));
    match ask? {
        PointsAsk::Max => Some(PointsAsk::Max),
        PointsAsk::UpTo(wanted) => Some(PointsAsk::UpTo(more(wanted))),
        PointsAsk::Exact(wanted) if shrunk => Some(PointsAsk::UpTo(more(wanted))),
        PointsAsk::Exact(wanted) => Some(PointsAsk::Exact(more(wanted))),
    }
}

fn difference(order: &OrderState, body: &OrderBody) -> Difference {
    let mut out = Difference { removed: Vec::new(), added: Vec::new() };
    for line in &body.lines {
        line_difference(order, line, &mut out);
    }
    for (at, state) in order.lines.iter().enumerate() {
        let told = body.lines.iter().any(|l| l.id == state.id);
        if !told && state.remaining().0 > 0 {
            out.removed.push((at as u16, state.remaining()));
        }
    }
    out.removed.sort_by_key(|(at, _)| *at);
    out
}

/// A line that only lost pieces keeps its decision for the rest; a line that only gained is decided for what
/// came; a line told anew at another price leaves and comes again.
fn line_difference(order: &OrderState, line: &LineBody, out: &mut Difference) {
    let known: Vec<(u16, &LineState)> =
        (0_u16..).zip(&order.lines).filter(|(_, l)| l.id == line.id && l.remaining().0 > 0).collect();
    let have: i64 = known.iter().map(|(_, l)| l.remaining().0).sum();
    let same = |l: &LineState| l.sku == line.sku && l.kind == line.kind && l.price == line.price;
    if !known.iter().all(|(_, l)| same(l)) || known.is_empty() {
        return retell(&known, line, out);
    }
    if line.quantity.0 <= have {
        let mut leaving = have - line.quantity.0;
        let mut removed: Vec<(u16, Quantity)> = Vec::new();
        let (mut list, mut told) = (Money::ZERO, Money::ZERO);
        for (at, state) in known.iter().rev() {
            let part = leaving.min(state.remaining().0);
            leaving -= part;
            if part > 0 {
                removed.push((*at, Quantity(part)));
            }
            let mut after = (*state).clone();
            after.gone.0 += part;
            list += after.left_of(after.list);
            told += after.left_of(after.told());
        }
        if list == line.list_amount() && told == list - line.shop_discount {
            out.removed.extend(removed);
            return;
        }
        return retell(&known, line, out);
    }
    let list: Money = known.iter().map(|(_, l)| l.left_of(l.list)).sum();
    let told: Money = known.iter().map(|(_, l)| l.left_of(l.told())).sum();
    let (more, discount) = (line.list_amount() - list, line.shop_discount - (list - told));
    if more.0 < 0 || discount.0 < 0 || discount > more {
        return retell(&known, line, out);
    }
    let grown = LineBody {
        quantity: Quantity(line.quantity.0 - have),
        amount: Some(more),
        shop_discount: discount,
        ..line.clone()
    };
    out.added.push(LineState::from_body(&grown));
}

fn retell(known: &[(u16, &LineState)], line: &LineBody, out: &mut Difference) {
    out.removed.extend(known.iter().map(|(at, l)| (*at, l.remaining())));
    out.added.push(LineState::from_body(line));
}

/// Places the new order of an exchange; an order already known is not one.
pub(super) fn place_in(
    draft: &mut Draft<'_>,
    body: &OrderBody,
    hash: u64,
    at: Instant,
) -> Result<OrderOutcome, Refusal> {
    check_body(body)?;
    if draft.book.orders.contains_key(&body.key) {
        return Err(Refusal::UseReturns);
    }
    place(draft, body, hash, at)
}
