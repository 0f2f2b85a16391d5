//! Personal offers: given by the shop or by a rule, activated, withdrawn.
//!
//! Invariant: a member holds an offer once; given again, its term and its uses begin anew. What it does is
//! said by the rules and discounts that ask for it.

mod uses;

use super::draft::{Draft, program_of};
use super::erase::is_somebody;
use super::facts::{Facts, Place, holds};
use super::holders::refuse_spending;
use super::{Context, Decision, Outcome};
use crate::ShortText;
use crate::book::Book;
use crate::ledger::Event;
use crate::member::{Member, MemberStatus};
use crate::offer::{HeldOffer, OFFERS_HELD_MAX, OfferState};
use crate::program::{Offer, Program};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::{Silence, Step};
pub(super) use uses::{acts, fired, free, free_returned, pay, settle, take, uncount};

/// The ladder: who is given it, what, whether it is for this member, and room for it.
pub(super) fn give(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    offer: &str,
) -> Result<Decision, Refusal> {
    takes_part(&book.member)?;
    let program = program_of(ctx, None, ctx.now);
    let offer = declared(program, offer)?;
    if !is_for(program, book, offer, ctx.now) {
        return Err(Refusal::OfferNotForMember { offer: offer.id.to_string() });
    }
    let leaving = room(&book.member, &offer.id, ctx.now);
    let leaving = leaving.ok_or(Refusal::TooManyOffers { offers: OFFERS_HELD_MAX })?;
    // After this point giving succeeds.
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let held = push(&mut draft, offer, ctx.now, leaving);
    let outcome = outcome_of(draft.member(), &held, ctx.now);
    Ok(draft.finish(outcome, ctx.now, None))
}

/// The ladder: who activates, what, whether it is held, and whether anything is left of it. One that acts
/// already is answered as it stands.
pub(super) fn activate(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    offer: &str,
) -> Result<Decision, Refusal> {
    takes_part(&book.member)?;
    refuse_spending(book)?;
    let program = program_of(ctx, None, ctx.now);
    declared(program, offer)?;
    let named = || offer.to_owned();
    let held = book.member.offer(offer).ok_or_else(|| Refusal::OfferNotHeld { offer: named() })?;
    let state = book.member.offer_state(held, ctx.now);
    if matches!(state, OfferState::Expired | OfferState::UsedUp) {
        return Err(Refusal::OfferEnded { offer: named() });
    }
    let held = HeldOffer { activated_at: held.activated_at.or(Some(ctx.now)), ..held.clone() };
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    if state == OfferState::ToActivate {
        draft.note(Step::OfferActivated { offer: held.offer.clone(), ends_at: held.ends_at });
        draft.push(Event::OfferActivated { offer: held.offer.clone(), at: ctx.now });
    }
    let outcome = outcome_of(draft.member(), &held, ctx.now);
    Ok(draft.finish(outcome, ctx.now, None))
}

/// Also one that the program no longer declares: it is held all the same.
pub(super) fn withdraw(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    offer: &ShortText,
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let program = program_of(ctx, None, ctx.now);
    if book.member.offer(offer).is_none() {
        declared(program, offer)?;
        return Err(Refusal::OfferNotHeld { offer: offer.to_string() });
    }
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    draft.push(Event::OfferWithdrawn { offer: offer.clone() });
    Ok(draft.finish(Outcome::OfferWithdrawn { offer: offer.clone() }, ctx.now, None))
}

/// A frozen member earns, and so is given offers.
fn takes_part(member: &Member) -> Result<(), Refusal> {
    match member.status {
        MemberStatus::Guest => Err(Refusal::MemberUnknown),
        MemberStatus::Merged => Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => Err(Refusal::MemberAnonymized),
        MemberStatus::Blocked => Err(Refusal::MemberBlocked),
        MemberStatus::Active | MemberStatus::Frozen => Ok(()),
    }
}

fn declared<'p>(program: &'p Program, offer: &str) -> Result<&'p Offer, Refusal> {
    let known = program.offers.iter().find(|known| known.id == offer);
    known.ok_or_else(|| Refusal::OfferUnknown { offer: offer.to_owned() })
}

fn is_for(program: &Program, book: &Book, offer: &Offer, at: Instant) -> bool {
    let facts = Facts::of(program, book, at, Place::default());
    holds(&offer.only_if, &facts, &[])
}

/// The offers that leave when this one is given: those that are over, and where there is no room still, one
/// that is used up, though a return could have given its use back. `None` where all that are held may act.
fn room(member: &Member, offer: &str, now: Instant) -> Option<Vec<ShortText>> {
    let others = || member.offers.iter().filter(|held| held.offer != offer);
    let mut leaving: Vec<ShortText> =
        others().filter(|held| held.is_over(now)).map(|held| held.offer.clone()).collect();
    if others().count() - leaving.len() >= OFFERS_HELD_MAX {
        let used_up = |held: &&HeldOffer| member.offer_state(held, now) == OfferState::UsedUp;
        leaving.push(others().find(used_up)?.offer.clone());
    }
    Some(leaving)
}

/// `from` is when its term begins. What the member has activated stays so while it runs.
fn push(draft: &mut Draft<'_>, offer: &Offer, from: Instant, dropped: Vec<ShortText>) -> HeldOffer {
    let program = draft.program;
    let before = draft.member().offer(&offer.id).filter(|held| held.runs(from));
    let activated_at = before.and_then(|held| held.activated_at).or((!offer.by_member).then_some(from));
    let held = HeldOffer {
        offer: offer.id.clone(),
        no: draft.member().last_offer + 1,
        given_at: from,
        ends_at: program.zone.end_of(from, offer.lasts, program.ends),
        activated_at,
        times: offer.times,
    };
    let to_activate = held.activated_at.is_none();
    draft.note(Step::OfferGiven { offer: held.offer.clone(), ends_at: held.ends_at, to_activate });
    draft.push(Event::OfferGiven { held: held.clone(), dropped });
    held
}

fn outcome_of(member: &Member, held: &HeldOffer, now: Instant) -> Outcome {
    Outcome::Offer {
        offer: held.offer.clone(),
        state: member.offer_state(held, now),
        ends_at: held.ends_at,
        left: member.uses_left(held),
    }
}

/// The offer that a rule gives, and those that leave for it, where the member may have it.
pub(super) fn to_give<'p>(
    draft: &Draft<'p>,
    offer: &str,
    from: Instant,
) -> Result<(&'p Offer, Vec<ShortText>), Silence> {
    // The document was refused where a rule names an offer that it does not declare.
    let offer = declared(draft.program, offer).map_err(|_| Silence::ConditionFalse)?;
    if !is_for(draft.program, draft.book, offer, from) {
        return Err(Silence::ConditionFalse);
    }
    let leaving = room(draft.member(), &offer.id, draft.now).ok_or(Silence::OverLimit)?;
    Ok((offer, leaving))
}

/// Gives what a rule gives; whether the member could have it.
pub(super) fn give_by_rule(
    draft: &mut Draft<'_>,
    rule: &ShortText,
    offer: &ShortText,
    from: Instant,
) -> bool {
    match to_give(draft, offer, from) {
        Ok((offer, leaving)) => {
            push(draft, offer, from, leaving);
            true
        }
        Err(why) => {
            draft.note(Step::OfferNotGiven { rule: rule.clone(), offer: offer.clone(), why });
            false
        }
    }
}
