//! Rewards: points buy one of the catalogue, the shop hands it over or takes the claim back.
//!
//! Invariant: a claim costs its points when it is made; taken back, they go to the lots they came from, and
//! the stock has one more again.

use super::draft::{Draft, program_of, take_pieces};
use super::facts::{Facts, Place, holds};
use super::holders::refuse_spending;
use super::{Context, Decision, Outcome, back, wants_contact};
use crate::ShortText;
use crate::book::Book;
use crate::counters::of_reward;
use crate::coupon::CouponCode;
use crate::ledger::Event;
use crate::member::{CLAIMS_MAX, Claim, MemberStatus};
use crate::points::Points;
use crate::program::{Gives, Program, Reward};
use crate::record::Recorder;
use crate::refusal::Refusal;
use crate::time::Instant;

/// Counters that deciding about the claim reads.
pub(super) fn counters(ctx: Context<'_>, reward: &str) -> Vec<ShortText> {
    let known = program_of(ctx, None, ctx.now).rewards.iter().find(|r| r.id == reward);
    known.filter(|r| r.stock.is_some()).map(|r| of_reward(&r.id)).into_iter().collect()
}

/// Whether the member may have the reward now, its points aside: the ladder of the catalogue.
pub fn refusal_of_reward(
    program: &Program,
    book: &Book,
    reward: &Reward,
    now: Instant,
) -> Result<(), Refusal> {
    let name = || reward.id.to_string();
    let today = program.zone.day_of(now);
    let offered = reward.from.is_none_or(|from| from <= today) && reward.to.is_none_or(|to| today <= to);
    if !offered {
        return Err(Refusal::RewardNotOffered { reward: name() });
    }
    let facts = Facts::of(program, book, now, Place::default());
    if !holds(&reward.only_if, &facts, &[]) {
        return Err(Refusal::RewardNotForMember { reward: name() });
    }
    let what = of_reward(&reward.id);
    if reward.per_member.is_some_and(|most| book.member.used(&what, None) >= most) {
        return Err(Refusal::RewardLimit { reward: name() });
    }
    if reward.stock.is_some_and(|most| book.counters.value(&what) >= most) {
        return Err(Refusal::RewardGone { reward: name() });
    }
    if reward.cost.0 > 0 && wants_contact(program, book.person.known.has_contact()) {
        return Err(Refusal::ContactNeeded);
    }
    Ok(())
}

/// The ladder: who asks, what for, whether it may be had, and the points.
pub(super) fn claim(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (reward, code): (&str, &CouponCode),
) -> Result<Decision, Refusal> {
    match book.member.status {
        MemberStatus::Active => {}
        MemberStatus::Blocked => return Err(Refusal::MemberBlocked),
        MemberStatus::Frozen => return Err(Refusal::MemberFrozen),
        MemberStatus::Guest => return Err(Refusal::MemberUnknown),
        MemberStatus::Merged => return Err(Refusal::MergeUnderWay),
        MemberStatus::Anonymized => return Err(Refusal::MemberAnonymized),
    }
    refuse_spending(book)?;
    let program = program_of(ctx, None, ctx.now);
    let known = program.rewards.iter().find(|known| known.id == reward);
    let reward = known.ok_or_else(|| Refusal::RewardUnknown { reward: reward.to_owned() })?;
    refusal_of_reward(program, book, reward, ctx.now)?;
    if book.member.claims.len() >= CLAIMS_MAX && reward.gives == Gives::HandedOver {
        return Err(Refusal::TooManyClaims { claims: CLAIMS_MAX });
    }
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let available: Points = draft.payable_lots().iter().map(|l| l.free).sum();
    if reward.cost > available {
        return Err(Refusal::InsufficientPoints { available, wanted: reward.cost });
    }
    // After this point the claim succeeds.
    let pieces = take_pieces(&draft.payable_lots(), reward.cost, ctx.now);
    if !pieces.is_empty() {
        draft.push(Event::PointsSpent { order: None, pieces: pieces.clone() });
    }
    count(&mut draft, &reward.id, 1);
    let no = draft.member().last_claim + 1;
    let code = match &reward.gives {
        Gives::Coupon(campaign) => Some((code.clone(), campaign.clone())),
        Gives::HandedOver => None,
    };
    let shown = code.as_ref().map(|(code, _)| code.as_str().into());
    let claim = Claim { no, reward: reward.id.clone(), at: ctx.now, pieces };
    draft.push(Event::RewardClaimed { claim, code });
    let (reward, points) = (reward.id.clone(), reward.cost);
    let outcome = Outcome::RewardClaimed { claim: no, reward, points, code: shown };
    Ok(draft.finish(outcome, ctx.now, None))
}

fn count(draft: &mut Draft<'_>, reward: &ShortText, by: i64) {
    let what = of_reward(reward);
    draft.push(Event::UseCounted { what: what.clone(), by });
    draft.push(Event::MemberUseCounted { what, since: None, by });
}

/// Handed over, or taken back with its points.
pub(super) fn settle(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (no, handed_over): (u32, bool),
) -> Result<Decision, Refusal> {
    let known = book.member.claims.iter().find(|claim| claim.no == no).cloned();
    let claim = known.ok_or(Refusal::ClaimUnknown)?;
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let mut points = Points::ZERO;
    draft.push(Event::ClaimSettled { claim: no, handed_over });
    if !handed_over {
        let all: Points = claim.pieces.iter().map(|piece| piece.points).sum();
        let back = back::back_from(&mut draft, &claim.pieces, all);
        points = back::tell(&mut draft, &back).alive;
        draft.push(Event::PointsCameBack { order: None, back });
        count(&mut draft, &claim.reward, -1);
        draft.settle_debt();
    }
    let outcome = Outcome::ClaimSettled { claim: no, reward: claim.reward, handed_over, points };
    Ok(draft.finish(outcome, ctx.now, None))
}
