//! What rules and operators give beside points: offers, codes of the member's own, levels, marks; and whom
//! rules tell.
//!
//! Invariant: an offer stays with the member; all else that an order's rule gave goes with the last of what
//! was bought, and who was marked before is marked again. What was told stays told, and its use counted.

use super::draft::{Draft, program_of};
use super::erase::is_somebody;
use super::limits::{self, GivenNow};
use super::{Context, Decision, Outcome, offers, tiers};
use crate::ShortText;
use crate::book::Book;
use crate::coupon::{CouponCode, OwnCoupon};
use crate::ledger::Event;
use crate::order::{Gave, GaveByRule, OrderKey};
use crate::points::Points;
use crate::program::{Grant, Rule, Tiers};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::standing::Granted;
use crate::time::{Instant, Period};
use crate::trace::{Silence, Step};

/// Since when what is given counts, and the order whose rule gives it.
type For<'a> = (Instant, Option<&'a OrderKey>);

/// Whether the member would get anything by it.
pub(super) fn would_give(draft: &Draft<'_>, grant: &Grant, (from, order): For<'_>) -> Result<(), Silence> {
    let new = match grant {
        Grant::Offer(offer) => return offers::to_give(draft, offer, from).map(|_| ()),
        Grant::Coupon { .. } | Grant::Message(_) | Grant::Webhook { .. } => true,
        Grant::Tier { tier, lasts } => {
            let until = held_until(draft, *lasts, from);
            let by = Granted { order: order.cloned() };
            tiers::with_granted(draft, tier, until, by).is_some()
        }
        Grant::Tag { tag, on } => draft.member().has_tag(tag) != *on,
    };
    if new { Ok(()) } else { Err(Silence::HeldAlready) }
}

/// Gives what a rule gives; whether the member got anything.
pub(super) fn give(draft: &mut Draft<'_>, rule: &ShortText, grant: &Grant, (from, order): For<'_>) -> bool {
    if let Grant::Offer(offer) = grant {
        return offers::give_by_rule(draft, rule, offer, from);
    }
    if let Err(why) = would_give(draft, grant, (from, order)) {
        draft.note(Step::RuleSilent { rule: rule.clone(), why });
        return false;
    }
    match grant {
        Grant::Offer(_) => {}
        Grant::Coupon { campaign, lasts } => {
            let ends = |lasts| draft.program.zone.end_of(from, lasts, draft.program.ends);
            let expires_at = lasts.map(ends);
            draft.note(Step::CouponGiven { rule: rule.clone(), campaign: campaign.clone(), expires_at });
            let code = new_code(draft);
            let coupon = OwnCoupon { code, campaign: campaign.clone(), expires_at };
            push(draft, rule, Gave::Coupon(coupon), order);
        }
        Grant::Tier { tier, lasts } => give_tier(draft, rule, (tier, *lasts), (from, order)),
        Grant::Tag { tag, on } => {
            draft.note(Step::Tagged { rule: Some(rule.clone()), tag: tag.clone(), on: *on });
            push(draft, rule, Gave::Tag { tag: tag.clone(), on: *on }, order);
        }
        Grant::Message(_) | Grant::Webhook { .. } => tell(draft, rule, grant, order),
    }
    true
}

/// Writes down who is to be told: whoever reads the journal tells it.
fn tell(draft: &mut Draft<'_>, rule: &ShortText, grant: &Grant, order: Option<&OrderKey>) {
    let (rule, order) = (rule.clone(), order.cloned());
    match grant {
        Grant::Message(message) => {
            draft.note(Step::MessageAsked { rule: rule.clone(), message: message.clone() });
            draft.push(Event::MessageAsked { message: message.clone(), rule, order });
        }
        Grant::Webhook { event, data } => {
            draft.note(Step::WebhookAsked { rule: rule.clone(), event: event.clone() });
            let (what, data) = (event.clone(), data.clone());
            draft.push(Event::WebhookAsked { what, data, rule, order });
        }
        Grant::Offer(_) | Grant::Coupon { .. } | Grant::Tier { .. } | Grant::Tag { .. } => {}
    }
}

/// The next code of the member's own.
fn new_code(draft: &Draft<'_>) -> CouponCode {
    let member = draft.member();
    CouponCode::of_member(member.id, member.last_coupon + 1, draft.book.random)
}

fn push(draft: &mut Draft<'_>, rule: &ShortText, gave: Gave, order: Option<&OrderKey>) {
    draft.push(Event::Granted { gave, rule: Some(rule.clone()), order: order.cloned(), back: false });
}

fn give_tier(
    draft: &mut Draft<'_>,
    rule: &ShortText,
    (tier, lasts): (&ShortText, Option<Period>),
    (from, order): For<'_>,
) {
    let until = held_until(draft, lasts, from);
    let by = Granted { order: order.cloned() };
    let Some(levels) = tiers::with_granted(draft, tier, until, by) else { return };
    draft.note(Step::TierGiven { rule: Some(rule.clone()), tier: tier.clone(), until });
    if order.is_some() {
        push(draft, rule, Gave::Tier(tier.clone()), order);
    }
    tiers::settle(draft, levels);
}

/// As long as the rule says, else as a level that was reached at that time.
pub(super) fn held_until(draft: &Draft<'_>, lasts: Option<Period>, from: Instant) -> Option<Instant> {
    let (zone, ends) = (&draft.program.zone, draft.program.ends);
    match lasts {
        Some(lasts) => Some(zone.end_of(from, lasts, ends)),
        None => draft.program.tiers.as_ref()?.held_until(zone, ends, from),
    }
}

/// What a rule without an order gives; each counts for the limits of the rule.
pub(super) fn give_by_event(
    draft: &mut Draft<'_>,
    rule: &Rule,
    from: Instant,
    (now, times): (&mut GivenNow, u32),
) {
    for grant in rule.grants() {
        if give(draft, &rule.id, grant, (from, None)) {
            now.add_times(&rule.id, Points::ZERO, times);
        }
    }
}

/// Takes back what the rules of an emptied order gave; its levels fall with what orders count.
pub(super) fn take_back(draft: &mut Draft<'_>, key: &OrderKey) {
    let gave = draft.order(key).gave.clone();
    for GaveByRule { rule, gave } in gave.iter().rev().cloned() {
        match &gave {
            Gave::Coupon(coupon) => {
                draft.note(Step::CouponWithdrawn { rule: rule.clone(), campaign: coupon.campaign.clone() });
            }
            Gave::Tag { tag, on } => {
                draft.note(Step::Tagged { rule: Some(rule.clone()), tag: tag.clone(), on: !on });
            }
            Gave::Tier(_) => {}
        }
        draft.push(Event::Granted { gave, rule: Some(rule), order: Some(key.clone()), back: true });
    }
    let mut rules: Vec<ShortText> = gave.into_iter().map(|g| g.rule).collect();
    rules.sort();
    rules.dedup();
    limits::count_back_grants(draft, key, &rules);
}

/// The ladder of an operator who gives a level, or takes back what was given: who, which, until when.
pub(super) fn set_tier(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (tier, until): (Option<&ShortText>, Option<Instant>),
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let program = program_of(ctx, None, ctx.now);
    if let Some(tier) = tier {
        // The lowest is everybody's: nobody is given it.
        let rank = program.tiers.as_ref().and_then(|tiers: &Tiers| tiers.rank(tier));
        rank.filter(|rank| *rank > 0).ok_or_else(|| Refusal::TierUnknown { tier: tier.to_string() })?;
    }
    if until.is_some_and(|until| until <= ctx.now) {
        return Err(Refusal::UntilPassed);
    }
    // After this point it succeeds.
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let until = until.or_else(|| held_until(&draft, None, ctx.now));
    if let Some(tier) = tier {
        draft.note(Step::TierGiven { rule: None, tier: tier.clone(), until });
    }
    let levels = tiers::with_operators(&draft, tier.map(|tier| (tier, until)));
    tiers::settle(&mut draft, levels);
    let tier = tiers::level_of(program, draft.member()).map(|level| level.id.clone());
    Ok(draft.finish(Outcome::TierSet { tier }, ctx.now, None))
}

/// The ladder of an operator who marks a member: who, and with what the program declares. What it declares
/// no longer can still be taken away.
pub(super) fn set_tags(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (add, remove): (&[ShortText], &[ShortText]),
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let program = program_of(ctx, None, ctx.now);
    let unknown = |tag: &&ShortText| !program.tags.contains(tag);
    let held = |tag: &&ShortText| book.member.has_tag(tag);
    let wrong = add.iter().find(unknown).or(remove.iter().find(|tag| unknown(tag) && !held(tag)));
    if let Some(tag) = wrong {
        return Err(Refusal::TagUnknown { tag: tag.to_string() });
    }
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let wanted = remove.iter().map(|tag| (tag, false)).chain(add.iter().map(|tag| (tag, true)));
    for (tag, on) in wanted {
        if draft.member().has_tag(tag) != on {
            draft.note(Step::Tagged { rule: None, tag: tag.clone(), on });
            let gave = Gave::Tag { tag: tag.clone(), on };
            draft.push(Event::Granted { gave, rule: None, order: None, back: false });
        }
    }
    let tags = draft.member().tags.clone();
    Ok(draft.finish(Outcome::TagsSet { tags }, ctx.now, None))
}
