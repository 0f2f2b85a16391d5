//! Two accounts of one person become one: what leaves, what is taken in, and what a person gets but once.
//!
//! Invariant: each step is decided on one account's book alone. The account that ends carries all it has in
//! its entry, so the one that stays needs nothing of it, and is not asked whether it agrees.

use super::draft::{Draft, program_of};
use super::erase::{self, is_somebody};
use super::{Context, Decision, Outcome, achievements, clawback, limits, placed, tiers, unclaimed};
use crate::ShortText;
use crate::book::Book;
use crate::ids::{EntryId, MemberId};
use crate::ledger::Event;
use crate::member::{Member, MemberStatus};
use crate::merge::{ABSORBED_MAX, Asker, Belongings, GivenOnce, MERGE_ORDERS_MAX, MergeEvent, Proposed};
use crate::offer::OFFERS_HELD_MAX;
use crate::order::OrderKey;
use crate::points::Points;
use crate::program::{Most, Program, ReferralClawback, Span, Trigger};
use crate::record::Recorder;
use crate::referral::{Referrer, is_of_others, whose};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Step;
use std::collections::BTreeMap;

/// The ladder: whom it is about, what nobody could tell apart afterwards, how much an entry carries, and
/// whether a second person has to agree.
pub(super) fn leave(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (into, by): (MemberId, &Asker),
    given: &[GivenOnce],
) -> Result<Decision, Refusal> {
    is_somebody(book)?;
    let member = &book.member;
    if member.is(into) {
        return Err(Refusal::MergeWithSelf);
    }
    // The shop knows a claim by the member and its number: another account's would be handed over for it.
    if !member.claims.is_empty() {
        return Err(Refusal::MergeOpenClaims { claims: member.claims.len() });
    }
    // Their numbers may be others' in the account that stays, and their rights are not its owner's word.
    if !member.holders.is_empty() {
        return Err(Refusal::MergeHolders { holders: member.holders.len() });
    }
    if book.orders.len() > MERGE_ORDERS_MAX {
        return Err(Refusal::MergeTooLarge { orders: book.orders.len() });
    }
    let program = program_of(ctx, None, ctx.now);
    let (points, debt) = moving(member);
    let confirmed = member.proposed.as_ref().and_then(|known| known.is_confirmed_by(into, by));
    let large = program.approval.merges_above.is_some_and(|most| points > most);
    if large && confirmed == Some(false) {
        return Err(Refusal::SecondPersonNeeded);
    }
    // After this point it succeeds.
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    if large && confirmed.is_none() {
        let proposed = Proposed { into, by: by.clone(), at: ctx.now };
        draft.push(Event::Merge(MergeEvent::Proposed { proposed }));
        return Ok(draft.finish(Outcome::MergeProposed { into, points }, ctx.now, None));
    }
    let belongings = belongings(&draft, given);
    let orders = count_own(&belongings);
    draft.push(Event::Merge(MergeEvent::Left { into, belongings: Box::new(belongings) }));
    Ok(draft.finish(Outcome::Merged { into, points, debt, orders }, ctx.now, None))
}

/// Why the account cannot take in another, as far as it can be told from here: it decides by itself when the
/// other arrives, and then takes it in whatever has happened.
pub fn refuse_taking_in(stays: &Member) -> Result<(), Refusal> {
    match stays.status {
        MemberStatus::Guest => Err(Refusal::MemberUnknown),
        MemberStatus::Anonymized => Err(Refusal::MemberAnonymized),
        MemberStatus::Merged => Err(Refusal::MergeUnderWay),
        _ if stays.absorbed.len() >= ABSORBED_MAX => {
            Err(Refusal::MergeTooMany { accounts: stays.absorbed.len() })
        }
        _ => Ok(()),
    }
}

/// Points of every kind, and the debt.
fn moving(member: &Member) -> (Points, Points) {
    let balance = member.balance_booked();
    (balance.pending + balance.available + balance.held, balance.debt)
}

fn belongings(draft: &Draft<'_>, given: &[GivenOnce]) -> Belongings {
    let once = |given: &&GivenOnce| gives_once(draft.program, &given.rule).is_some();
    let mut belongings = Belongings {
        member: Member { proposed: None, ..draft.member().clone() },
        orders: draft.book.orders.iter().cloned().collect(),
        given: given.iter().filter(once).cloned().collect(),
    };
    belongings.remember_routes();
    belongings
}

fn count_own(belongings: &Belongings) -> u32 {
    belongings.orders.iter().filter(|order| !is_of_others(&order.key)).count() as u32
}

/// How often a person gets what the rule gives.
#[derive(Clone, Copy, PartialEq)]
enum Once {
    /// As often as one of the accounts had it: a welcome, a profile, a subscription.
    AsOneHad,
    /// The same within each year.
    AsOneHadAYear,
    Times(i64),
}

fn gives_once(program: &Program, rule: &str) -> Option<Once> {
    let rule = program.rules.iter().find(|known| known.id == rule)?;
    let ever = rule.limits.per_member.filter(|limit| limit.span == Span::Ever);
    match (rule.when, ever.map(|limit| limit.most)) {
        (Trigger::MemberRegistered | Trigger::ProfileCompleted | Trigger::MemberSubscribed { .. }, _) => {
            Some(Once::AsOneHad)
        }
        (Trigger::MemberBirthday { .. }, _) => Some(Once::AsOneHadAYear),
        (_, Some(Most::Times(times))) => Some(Once::Times(times)),
        _ => None,
    }
}

/// Orders that lots of the account came from: what is taken back of a lot is taken of its order's credit.
pub(super) fn orders_of_lots(member: &Member) -> Vec<OrderKey> {
    member.lots.iter().filter_map(|lot| lot.order.clone()).collect()
}

/// On the account that stays. What a person gets once and both had is taken back where it came later; so are
/// rewards that the one had for the other. Levels and achievements are judged by both together.
pub(super) fn join(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (from, entry): (MemberId, EntryId),
    (belongings, given): (&Belongings, &[GivenOnce]),
) -> Decision {
    let program = program_of(ctx, None, ctx.now);
    let mut draft = Draft::new(program, ctx.now, book, recorder);
    let (points, debt) = moving(&belongings.member);
    let mut theirs = belongings.clone().under_numbers_of(draft.member());
    leave_offers(&mut theirs.member, draft.member());
    let orders = count_own(&theirs);
    let closed = draft.member().status == MemberStatus::Anonymized;
    let referrer = older_referrer(draft.member(), &theirs.member);
    let (levels, gave) = (theirs.member.standing.levels.clone(), theirs.given.clone());
    let both = reached_by_both(draft.member(), &theirs.member);
    let status = stricter(draft.member().status, theirs.member.status);
    let (belongings, at) = (Box::new(theirs), ctx.now);
    draft.push(Event::Merge(MergeEvent::Joined { from, entry, at, belongings, referrer, closed }));
    if status != draft.member().status {
        draft.push(Event::StatusChanged { status });
    }
    unclaimed::count_anew(&mut draft, ctx.now);
    let mut taken_back = void_rewards(&mut draft) + take_doubles(&mut draft, given, gave);
    taken_back += achievements::lose_some(&mut draft, |one| both.contains(one)).points;
    match closed {
        true => promises_fall(ctx, &mut draft),
        false => {
            achievements::reach(&mut draft);
            tiers::join(&mut draft, &levels);
        }
    }
    draft.settle_debt();
    let outcome = Outcome::Joined { from, points, debt, orders, taken_back };
    draft.finish(outcome, ctx.now, None)
}

/// Of unpaid orders: as they do when a person leaves.
fn promises_fall<'a>(ctx: Context<'a>, draft: &mut Draft<'a>) {
    let program = draft.program;
    for order in erase::promised(draft.member()) {
        draft.program = program_of(ctx, draft.book.orders.get(&order), ctx.now);
        placed::fall(draft, &order);
    }
    draft.program = program;
}

/// Of an offer that both hold the one of the account that stays acts, and there is room for so many.
fn leave_offers(theirs: &mut Member, own: &Member) {
    let mut room = OFFERS_HELD_MAX.saturating_sub(own.offers.len());
    let (stay, leave) = std::mem::take(&mut theirs.offers).into_iter().partition(|held| {
        let fits = own.offer(&held.offer).is_none() && room > 0;
        room -= usize::from(fits);
        fits
    });
    theirs.offers = stay;
    let leave: Vec<crate::offer::HeldOffer> = leave;
    theirs.uses.retain(|used| !leave.iter().any(|held| held.counter() == used.what));
}

/// Who brought the person first; nobody brought oneself.
fn older_referrer(own: &Member, theirs: &Member) -> Option<Referrer> {
    let known = [&own.referrer, &theirs.referrer].into_iter().flatten();
    let other = |referrer: &&Referrer| !own.is(referrer.member) && !theirs.is(referrer.member);
    known.filter(other).min_by_key(|referrer| referrer.at).cloned()
}

/// A block stays, and what the member froze stays frozen.
fn stricter(own: MemberStatus, theirs: MemberStatus) -> MemberStatus {
    match (own, theirs) {
        (MemberStatus::Anonymized, _) => own,
        (MemberStatus::Blocked, _) | (_, MemberStatus::Blocked) => MemberStatus::Blocked,
        (MemberStatus::Frozen, _) | (_, MemberStatus::Frozen) => MemberStatus::Frozen,
        _ => own,
    }
}

fn reached_by_both(own: &Member, theirs: &Member) -> Vec<ShortText> {
    let mine = own.standing.achievements.iter().filter(|mine| mine.reached > 0);
    let too = |one: &str| theirs.standing.progress(one).is_some_and(|theirs| theirs.reached > 0);
    mine.filter(|mine| too(&mine.achievement)).map(|mine| mine.achievement.clone()).collect()
}

/// Rewards that the one account had for what the other did; and of one purchase the reward of the nearer
/// level alone, where each had one.
fn void_rewards(draft: &mut Draft<'_>) -> Points {
    let way = draft.program.returns.referral;
    let rows = draft.book.orders.iter().map(|order| &order.key).filter(|key| is_of_others(key));
    let mut rows: Vec<(u8, MemberId, OrderKey)> =
        rows.filter_map(|key| whose(key).map(|(level, member)| (level, member, key.clone()))).collect();
    rows.sort();
    let purchase = |key: &OrderKey| key.order.split_once('/').map(|(_, rest)| rest.to_owned());
    let mut seen = Vec::new();
    let mut taken = Points::ZERO;
    for (_, member, key) in rows {
        let news = purchase(&key);
        if !draft.member().is(member) && !seen.contains(&news) {
            seen.push(news);
            continue;
        }
        draft.push(Event::Merge(MergeEvent::RewardVoid { order: key.clone() }));
        taken += match way {
            ReferralClawback::Off => Points::ZERO,
            ReferralClawback::Debt => clawback::take_back_due(draft, &key).points,
            ReferralClawback::OwnLot => clawback::take_own_lots(draft, &key),
        };
    }
    taken
}

/// What once-only rules gave on both accounts, by rule and, of birthdays, by year: a moment with its lots.
type Moments = BTreeMap<(ShortText, i16), Vec<(Instant, bool, Vec<GivenOnce>)>>;

/// The later moments are taken back, each from what is left in its own lots.
fn take_doubles(draft: &mut Draft<'_>, own: &[GivenOnce], theirs: Vec<GivenOnce>) -> Points {
    let mut all = Moments::new();
    let both = own.iter().cloned().map(|one| (true, one)).chain(theirs.into_iter().map(|one| (false, one)));
    for (mine, given) in both {
        let year = match gives_once(draft.program, &given.rule) {
            Some(Once::AsOneHadAYear) => draft.program.zone.day_of(given.at).year(),
            Some(_) => 0,
            None => continue,
        };
        let moments = all.entry((given.rule.clone(), year)).or_default();
        match moments.iter_mut().find(|(at, whose, _)| (*at, *whose) == (given.at, mine)) {
            Some((.., lots)) => lots.push(given),
            None => moments.push((given.at, mine, vec![given])),
        }
    }
    let mut taken = Points::ZERO;
    for ((rule, _), mut moments) in all {
        let of = |whose: bool| moments.iter().filter(|(_, mine, _)| *mine == whose).count();
        let due = match gives_once(draft.program, &rule) {
            Some(Once::Times(times)) => usize::try_from(times).unwrap_or(usize::MAX),
            _ => of(true).max(of(false)),
        };
        moments.sort_by_key(|(at, mine, _)| (*at, !*mine));
        for (.., lots) in moments.into_iter().skip(due) {
            taken += lots.iter().map(|given| take_given(draft, given)).sum();
        }
    }
    taken
}

fn take_given(draft: &mut Draft<'_>, given: &GivenOnce) -> Points {
    let left = draft.member().lot(given.lot).map_or(Points::ZERO, |lot| lot.free);
    if left.0 <= 0 {
        return Points::ZERO;
    }
    let order = given.order.as_ref().and_then(|key| draft.book.orders.get(key));
    let credit = order.and_then(|order| order.credits.iter().position(|credit| credit.lot == given.lot));
    match (&given.order, credit) {
        (Some(key), Some(at)) => clawback::take_credits(draft, key, &[(at as u16, left)]).points,
        _ => {
            let rule = given.rule.clone();
            draft.note(Step::CreditTakenBack { rule, points: left });
            clawback::take_back(draft, &given.rule, None, given.lot, left);
            limits::count_back_given(draft, &given.rule, given.at, left, 1);
            left
        }
    }
}

/// On the account that ended: the other has all, and the shell takes away what is known of the person.
pub(super) fn settle(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    into: MemberId,
) -> Decision {
    let mut draft = Draft::new(program_of(ctx, None, ctx.now), ctx.now, book, recorder);
    draft.push(Event::Merge(MergeEvent::Settled { into }));
    draft.finish(Outcome::MergeSettled { into }, ctx.now, None)
}

/// On the account that ended: the person was erased; the shell takes away the free texts.
pub(super) fn forget(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    (with, then): (MemberId, &[MemberId]),
) -> Decision {
    let mut draft = Draft::new(program_of(ctx, None, ctx.now), ctx.now, book, recorder);
    draft.push(Event::Merge(MergeEvent::Forgotten { with, then: then.to_vec() }));
    draft.finish(Outcome::MergeSettled { into: with }, ctx.now, None)
}
