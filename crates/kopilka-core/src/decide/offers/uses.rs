//! What orders use of personal offers, and what paid orders give.
//!
//! Invariant: an order counts one use of each offer by which a discount, a coupon or a rule of it acted:
//! reserved when it is placed, kept when it is paid, given back by a cancel, a lapse or a return of all.

use crate::ShortText;
use crate::book::Book;
use crate::counters::of_offer;
use crate::decide::draft::Draft;
use crate::decide::earn::silence;
use crate::decide::facts::{Facts, Place, holds};
use crate::decide::grants;
use crate::decide::limits::{self, GivenNow};
use crate::ledger::{Event, evolve};
use crate::money::Rate;
use crate::offer::{HeldOffer, OrderOffer};
use crate::order::{Credit, LineState, OrderKey, OrderState};
use crate::points::Points;
use crate::program::{Combine, Condition, Discount, Effect, Grant, Multiplier, Program, Rule, Trigger};
use crate::time::Instant;
use crate::trace::Step;

/// Whether the member holds the offer and it acts. What the order asked about uses itself is not used up.
pub(in crate::decide) fn acts(facts: &Facts<'_>, offer: &str) -> bool {
    let Some(held) = facts.member.offer(offer) else { return false };
    let own = facts.place.offers.iter().any(|o| o.taken && o.no == held.no);
    held.runs(facts.at) && (own || facts.member.uses_left(held) != Some(0))
}

/// The offers by which the condition holds: of `any` the first branch that does, of several names the first
/// that acts. The condition has held already, perhaps of lines before they were lowered.
fn used<'c>(condition: &'c Condition, facts: &Facts<'_>, lines: &[LineState], into: &mut Vec<&'c str>) {
    match condition {
        Condition::All(list) => list.iter().for_each(|c| used(c, facts, lines, into)),
        Condition::Any(list) => {
            let named = || list.iter().find(|c| asks(c));
            if let Some(branch) = list.iter().find(|c| holds(c, facts, lines)).or_else(named) {
                used(branch, facts, lines, into);
            }
        }
        Condition::Segments(list) => {
            if let Some(segment) = list.iter().find(|s| holds(&s.only_if, facts, lines)) {
                used(&segment.only_if, facts, lines, into);
            }
        }
        Condition::Offers(list) => {
            into.extend(list.iter().map(String::as_str).find(|offer| acts(facts, offer)));
        }
        _ => {}
    }
}

fn asks(condition: &Condition) -> bool {
    condition.contains(&|c| matches!(c, Condition::Offers(_)))
}

/// Counts the offers by which discounts of the lines from `first` on, or coupons of a new order, act.
pub(in crate::decide) fn take(draft: &mut Draft<'_>, key: &OrderKey, first: usize) {
    if draft.member().offers.is_empty() {
        return;
    }
    let (program, order) = (draft.program, draft.order(key));
    let mut facts = Facts::new(draft, order.placed_at, Place::of(order));
    facts.level = order.tier.as_ref().and_then(|id| program.tiers.as_ref()?.level(id));
    let mut names = Vec::new();
    for condition in conditions_of(program, order, first) {
        used(condition, &facts, &order.lines, &mut names);
    }
    for held in numbered(draft, &names) {
        take_one(draft, key, &held);
    }
}

/// What was asked for the prices of these lines.
fn conditions_of<'p>(program: &'p Program, order: &OrderState, first: usize) -> Vec<&'p Condition> {
    let lines = &order.lines[first.min(order.lines.len())..];
    let lowered = |d: &&Discount| lines.iter().any(|l| l.discounts.iter().any(|o| o.discount == d.id));
    let discounts = program.discounts.iter().filter(|d| asks(&d.only_if) && lowered(d));
    let campaigns = order.campaigns().filter_map(|id| program.coupons.campaign(id));
    // A coupon acts for the order as it was placed.
    let campaigns = campaigns.filter(|c| first == 0 && asks(&c.only_if));
    discounts.map(|d| &d.only_if).chain(campaigns.map(|c| &c.only_if)).collect()
}

fn numbered(draft: &Draft<'_>, names: &[&str]) -> Vec<HeldOffer> {
    draft.member().offers.iter().filter(|held| names.contains(&held.offer.as_str())).cloned().collect()
}

fn take_one(draft: &mut Draft<'_>, key: &OrderKey, held: &HeldOffer) {
    let taken = |o: &OrderOffer| o.taken && o.no == held.no;
    if draft.order(key).offers.iter().any(taken) {
        return;
    }
    draft.push(Event::MemberUseCounted { what: held.counter(), since: None, by: 1 });
    let (offer, left) = (held.offer.clone(), draft.member().uses_left(held));
    draft.note(Step::OfferUsed { offer: offer.clone(), left });
    draft.push(Event::OfferTaken { order: key.clone(), offer, no: held.no });
}

/// At payment: what a lapse has given back is used again where any use is left. Where none is, the order
/// keeps its prices.
pub(in crate::decide) fn pay(draft: &mut Draft<'_>, key: &OrderKey) {
    let lapsed = |held: &&HeldOffer| draft.order(key).offers.iter().any(|o| !o.taken && o.no == held.no);
    let left = |held: &&HeldOffer| draft.member().uses_left(held) != Some(0);
    let again: Vec<HeldOffer> = draft.member().offers.iter().filter(lapsed).filter(left).cloned().collect();
    again.iter().for_each(|held| take_one(draft, key, held));
}

/// Gives the uses back.
pub(in crate::decide) fn free(draft: &mut Draft<'_>, key: &OrderKey) {
    let taken: Vec<OrderOffer> = draft.order(key).offers.iter().filter(|o| o.taken).cloned().collect();
    for OrderOffer { offer, no, .. } in taken {
        draft.push(counted_back(&offer, no));
        draft.push(Event::OfferFreed { order: key.clone(), offer, no });
    }
}

fn counted_back(offer: &ShortText, no: u32) -> Event {
    Event::MemberUseCounted { what: of_offer(offer, no), since: None, by: -1 }
}

/// Of an order of which nothing remains.
pub(in crate::decide) fn free_returned(draft: &mut Draft<'_>, key: &OrderKey) {
    if draft.order(key).is_emptied() {
        free(draft, key);
    }
}

/// For a quote of an order that stands: its own uses do not count.
pub(in crate::decide) fn uncount(book: &mut Book, order: &OrderState) {
    for own in order.offers.iter().filter(|o| o.taken) {
        evolve(book, counted_back(&own.offer, own.no));
    }
}

/// What the rules of a paid order do about offers, and give beside points.
#[derive(Debug, Clone, Default)]
pub(in crate::decide) struct Fired {
    uses: Vec<HeldOffer>,
    /// The rule and what it gives beside points.
    gives: Vec<(ShortText, Grant)>,
}

/// The rules of a paid or completed order that acted: which offers they did it by, and which they give.
pub(in crate::decide) fn fired(
    draft: &Draft<'_>,
    trigger: Trigger,
    facts: &Facts<'_>,
    lines: &[LineState],
    credits: &[Credit],
) -> Fired {
    let program = draft.program;
    if program.offers.is_empty() && !program.grants_on(trigger) {
        return Fired::default();
    }
    let left: Vec<LineState> = lines.iter().filter_map(LineState::as_it_remains).collect();
    let (mut names, mut gives) = (Vec::new(), Vec::new());
    for rule in program.rules_for(trigger) {
        let asks = asks(&rule.only_if);
        if !asks && rule.grants().next().is_none() || silence(rule, facts, &left).is_some() {
            continue;
        }
        let mut acted = credits.iter().any(|c| c.rule == rule.id)
            || rule.then.iter().any(|effect| multiplied(program, effect, lines, credits));
        if may_give(draft, rule, facts.at) {
            acted |= rule
                .grants()
                .any(|grant| grants::would_give(draft, grant, (draft.now, facts.place.order)).is_ok());
            gives.extend(rule.grants().map(|grant| (rule.id.clone(), grant.clone())));
        }
        if acted && asks {
            used(&rule.only_if, facts, &left, &mut names);
        }
    }
    Fired { uses: numbered(draft, &names), gives }
}

/// A limit in times bounds these too; one in points bounds the points alone.
fn may_give(draft: &Draft<'_>, rule: &Rule, at: Instant) -> bool {
    limits::times_left(draft.program, draft.book, rule, at) != Some(0)
}

/// Some credit is larger by this multiplier; where the largest of several holds, another may have beaten it.
fn multiplied(program: &Program, effect: &Effect, lines: &[LineState], credits: &[Credit]) -> bool {
    let Effect::Multiply(Multiplier { of, by }) = effect else { return false };
    let largest = program.multipliers == Combine::Largest;
    let is = |(line, factor): &(u16, Rate)| {
        (!largest || factor == by) && of.matches(lines[usize::from(*line)].traits())
    };
    credits.iter().any(|credit| credit.factors.iter().any(is))
}

/// Counts what was used, then gives: what is given for an order acts from the next one on.
pub(in crate::decide) fn settle(draft: &mut Draft<'_>, key: &OrderKey, fired: Fired, given: &mut GivenNow) {
    fired.uses.iter().for_each(|held| take_one(draft, key, held));
    for (rule, grant) in fired.gives {
        let now = draft.now;
        if grants::give(draft, &rule, &grant, (now, Some(key))) {
            given.add(&rule, Points::ZERO);
        }
    }
}
