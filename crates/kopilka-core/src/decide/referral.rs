//! The network: who is bound to whom, what an order brings to referrers, and what a referrer makes of it.
//!
//! Invariant: each member is decided on its own book. What a member's order or registration is worth to the
//! referrers is decided there, as a function of what remains, and told; the referrer's rows follow what was
//! told, first in whole and then only less.

use super::dates::{NewLot, new_lot};
use super::draft::{Draft, program_of};
use super::earn;
use super::erase::is_somebody;
use super::facts::{Facts, Place};
use super::limits::{self, GivenNow};
use super::{Context, Decision, Outcome, clawback};
use crate::book::Book;
use crate::ids::MemberId;
use crate::ledger::{Event, Lot};
use crate::member::MemberStatus;
use crate::merge::Route;
use crate::order::{Credit, Formula, OrderKey};
use crate::points::Points;
use crate::program::{Effect, Overflow, Program, ReferralClawback, Rule};
use crate::record::Recorder;
use crate::referral::{Due, How, News, ReferralEvent, Referrer, Reward, Telling, Told};
use crate::refusal::Refusal;
use crate::time::{Instant, Period};
use crate::trace::{Silence, Step};

/// A registration by somebody's link, or from somebody's site.
pub(super) fn bind(draft: &mut Draft<'_>, referrer: MemberId, how: How) {
    if draft.member().is(referrer) {
        return;
    }
    let at = draft.now;
    push_bound(draft, Referrer { member: referrer, how, at, order: None });
    to_tell(draft, News::Registered, at);
}

/// Told at once, as a command that is due; what it brings waits since `from`.
fn to_tell(draft: &mut Draft<'_>, news: News, from: Instant) {
    let telling = Telling { news, due_at: draft.now, from };
    draft.push(Event::Referral(ReferralEvent::ToTell { telling }));
}

fn push_bound(draft: &mut Draft<'_>, referrer: Referrer) {
    draft.note(Step::ReferrerBound { how: referrer.how });
    draft.push(Event::Referral(ReferralEvent::Bound { referrer }));
}

/// The first order of a member whom nobody has brought, and who has brought nobody, is bound by the coupon of
/// another member.
pub(super) fn bind_by_coupon(draft: &mut Draft<'_>, key: &OrderKey) {
    let member = draft.member();
    let alone = member.invited.registered == 0 && member.invited.orders == 0;
    let free = member.referrer.is_none() && member.purchases.is_none() && alone;
    if !free || matches!(member.status, MemberStatus::Guest | MemberStatus::Anonymized) {
        return;
    }
    let (program, order) = (draft.program, draft.order(key));
    let invites = order.coupons.iter().filter(|coupon| {
        let campaign = coupon.campaign.as_ref().and_then(|id| program.coupons.campaign(id));
        coupon.taken && coupon.refused.is_none() && campaign.is_some_and(|campaign| campaign.refers)
    });
    let owners = invites.filter_map(|coupon| {
        draft.book.codes.iter().find(|made| made.code.as_str() == coupon.code.as_str())?.owner
    });
    let Some(owner) = owners.into_iter().find(|owner| !draft.book.member.is(*owner)) else { return };
    let (at, order) = (draft.now, Some(key.clone()));
    push_bound(draft, Referrer { member: owner, how: How::Coupon, at, order });
}

/// The order that bound was cancelled, or its coupon lapsed, before it was paid. Who has bought since, or
/// brought others, stays bound: rewards have gone up that way.
pub(super) fn unbind(draft: &mut Draft<'_>, key: &OrderKey) {
    let member = draft.member();
    let bound = member.referrer.as_ref().and_then(|referrer| referrer.order.as_ref());
    let told = !member.purchases.is_none() || member.invited.registered > 0 || member.invited.orders > 0;
    if bound == Some(key) && !draft.order(key).is_paid() && !told {
        draft.push(Event::Referral(ReferralEvent::Unbound { order: key.clone() }));
    }
}

/// After an order was paid: what it brings to referrers, to be told to the first of them. Rewards wait since
/// `from`.
pub(super) fn paid(draft: &mut Draft<'_>, key: &OrderKey, (at, from): (Instant, Instant)) {
    if draft.member().referrer.is_none() {
        return;
    }
    let rewards = earn::rewards(draft, key, at);
    if !rewards.is_empty() {
        draft.push(Event::Referral(ReferralEvent::Decided { order: key.clone(), rewards }));
    }
    to_tell(draft, News::Order(key.clone()), from);
}

/// After pieces came back: less is told, where less it is.
pub(super) fn changed(draft: &mut Draft<'_>, key: &OrderKey) {
    let order = draft.order(key);
    let less = order.rewards.iter().any(|r| r.told.is_some_and(|told| told != r.credit.value(&order.lines)));
    if less {
        let now = draft.now;
        to_tell(draft, News::Order(key.clone()), now);
    }
}

/// Tells the referrer what is to be told; answers the order that it is about.
pub(super) fn tell(draft: &mut Draft<'_>, news: News) -> Option<OrderKey> {
    let (program, member) = (draft.program, draft.member());
    let telling = member.telling.iter().find(|telling| telling.news == news);
    let at = telling.map_or(draft.now, |telling| telling.from);
    let own = Route { from: member.id, to: member.referrer.as_ref().map(|referrer| referrer.member) };
    let (order, route) = match &news {
        News::Order(key) => (Some(key.clone()), member.route_of(draft.order(key))),
        News::Registered => (None, own),
    };
    // Who is unbound has nothing to tell: the news went with the referrer.
    let (from, to) = (route.from, route.to.unwrap_or(member.id));
    let (first, dues) = match &news {
        News::Registered => (true, of_registration(draft, at)),
        News::Order(key) => {
            let order = draft.order(key);
            let due = |r: &Reward| Due {
                level: r.level,
                rule: r.credit.rule.clone(),
                effect: r.credit.effect,
                points: r.credit.value(&order.lines),
            };
            (order.rewards.iter().all(|r| r.told.is_none()), order.rewards.iter().map(due).collect())
        }
    };
    let told = Told { from, news, level: 1, first, at, version: program.version, dues };
    draft.push(Event::Referral(ReferralEvent::Told { to, told }));
    order
}

fn of_registration(draft: &Draft<'_>, at: Instant) -> Vec<Due> {
    let facts = Facts::new(draft, at, Place::default());
    let speaks = |rule: &Rule| earn::silence(rule, &facts, &[]).is_none();
    let all = draft.program.of_registration().filter(|(rule, ..)| speaks(rule));
    all.map(|(rule, effect, level, points)| Due { level, rule: rule.id.clone(), effect, points }).collect()
}

/// On the referrer: what was told becomes points, or less of them; the next level hears of the rest.
pub(super) fn hear(ctx: Context<'_>, book: &mut Book, recorder: &mut dyn Recorder, told: &Told) -> Decision {
    let program: &Program = match ctx.versions.numbered(told.version) {
        Some(program) => program,
        None => program_of(ctx, None, ctx.now),
    };
    let key = told.key();
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    // Where invitations of the same moment closed a circle, nobody is rewarded for what is one's own. What an
    // account that was merged would have passed on is passed on all the same.
    if draft.member().is(told.from) {
        if told.level == 1 {
            pass_on(&mut draft, &key, told);
        }
        let outcome = Outcome::ReferralHeard { from: told.from, points: Points::ZERO };
        return draft.finish(outcome, ctx.now, None);
    }
    let points = match (draft.book.orders.get(&key).is_some(), told.first) {
        (true, _) => Points::ZERO - lower(&mut draft, &key, told),
        (false, true) => reward(&mut draft, &key, told),
        // It was told first to somebody else, before there was this referrer.
        (false, false) => Points::ZERO,
    };
    pass_on(&mut draft, &key, told);
    draft.settle_debt();
    draft.finish(Outcome::ReferralHeard { from: told.from, points }, ctx.now, None)
}

/// What belongs to the next level goes the way it went before.
fn pass_on(draft: &mut Draft<'_>, key: &OrderKey, told: &Told) {
    let member = draft.member();
    let known = draft.book.orders.get(key).and_then(|row| member.route_of(row).to);
    // A row without a way was heard of when nobody had brought the member.
    let to = known.or_else(|| member.referrer.as_ref().map(|referrer| referrer.member));
    if let (Some(to), Some(told)) = (to, told.passed_on()) {
        draft.push(Event::Referral(ReferralEvent::PassedOn { to, told }));
    }
}

/// The first time: a lot for each credit of this level, within the limits of its rule.
fn reward(draft: &mut Draft<'_>, key: &OrderKey, told: &Told) -> Points {
    let earns = matches!(draft.member().status, MemberStatus::Active | MemberStatus::Frozen);
    let dues = told.dues.iter().filter(|due| due.level == told.level && due.points.0 > 0 && earns);
    let mut given = GivenNow::default();
    let (mut credits, mut lots): (Vec<Credit>, Vec<Lot>) = (Vec::new(), Vec::new());
    for due in dues {
        let program = draft.program;
        let Some(rule) = program.rules.iter().find(|rule| rule.id == due.rule) else { continue };
        let Some(Effect::Credit(effect)) = rule.then.get(usize::from(due.effect)) else { continue };
        let room = limits::room(program, draft.book, rule, draft.now, &given).unwrap_or(due.points);
        let over = due.points > room && rule.limits.overflow == Overflow::Refuse;
        let points = if over { Points::ZERO } else { due.points.min(room) };
        if points.is_zero() {
            draft.note(Step::RuleSilent { rule: rule.id.clone(), why: Silence::OverLimit });
            continue;
        }
        given.add(&rule.id, points);
        let no = draft.next_lot() + lots.len() as u32;
        // No order can come back of a registration: its points need not wait.
        let waits = if told.news == News::Registered { Period::Days(0) } else { program.active_after };
        let delay = effect.active_after.unwrap_or(waits);
        let (source, order) = (rule.id.as_str(), Some(key));
        let new = NewLot { no, points, source, order, from: told.at, delay, awaits_payment: false };
        let lot = new_lot(draft, effect, new);
        let plain = earn::candidate_credit(program, rule, effect, &[], None);
        credits.push(Credit {
            formula: Formula::Told { points },
            effect: due.effect,
            needs: Vec::new(),
            cap: Some(points),
            lot: no,
            issued: points,
            ..plain
        });
        draft.note(earn::fired(rule, points, &lot, (None, None)));
        lots.push(lot);
    }
    let all = lots.iter().map(|lot| lot.free).sum();
    let (key, told) = (key.clone(), told.clone());
    let at = draft.now;
    draft.push(Event::Referral(ReferralEvent::Heard { key, told, credits, at }));
    lots.into_iter().for_each(|lot| draft.push(Event::LotIssued { lot }));
    given.count(draft, draft.now);
    all
}

/// Less remains: the difference is taken as the program says. Answers how much was.
fn lower(draft: &mut Draft<'_>, key: &OrderKey, told: &Told) -> Points {
    let (key_of, told, at) = (key.clone(), told.clone(), draft.now);
    let event = ReferralEvent::Heard { key: key_of, told, credits: Vec::new(), at };
    draft.push(Event::Referral(event));
    match draft.program.returns.referral {
        ReferralClawback::Off => Points::ZERO,
        ReferralClawback::Debt => clawback::take_back_due(draft, key).points,
        ReferralClawback::OwnLot => clawback::take_own_lots(draft, key),
    }
}

/// A visitor came by the member's link or site.
pub(super) fn visit(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    site: bool,
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.push(Event::Referral(ReferralEvent::Visited { at: ctx.now, site }));
    Ok(draft.finish(Outcome::Visited { counted: true }, ctx.now, None))
}
