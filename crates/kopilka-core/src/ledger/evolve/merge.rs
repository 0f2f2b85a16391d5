//! The fold of a merge: one account is emptied into another.
//!
//! Invariant: every figure is in the event; the one row loses what the other gains.

use super::order_mut;
use crate::book::Book;
use crate::ids::MemberId;
use crate::member::{LAST_ORDERS_MAX, Member, MemberStatus, Purchases};
use crate::merge::{Belongings, MergeEvent, Route};
use crate::order::Formula;
use crate::points::Points;
use crate::referral::Referrer;
use crate::time::Instant;

pub(super) fn evolve(book: &mut Book, event: MergeEvent) {
    match event {
        MergeEvent::Proposed { proposed } => book.member.proposed = Some(proposed),
        MergeEvent::Left { into, belongings } => {
            for order in &belongings.orders {
                book.orders.remove(&order.key);
            }
            leave(&mut book.member, into);
        }
        MergeEvent::Joined { at, belongings, referrer, .. } => {
            let Belongings { member, orders, .. } = *belongings;
            orders.into_iter().for_each(|order| book.orders.put(Box::new(order)));
            refer(&mut book.member, referrer, at);
            join(&mut book.member, member);
        }
        MergeEvent::RewardVoid { order } => {
            for credit in &mut order_mut(book, &order).credits {
                credit.formula = Formula::Told { points: Points::ZERO };
            }
        }
        MergeEvent::Settled { .. } | MergeEvent::ForgottenToo { .. } | MergeEvent::Forgotten { .. } => {}
    }
}

/// What is left is the way to the other, and what the account's life came to.
fn leave(member: &mut Member, into: MemberId) {
    *member = Member {
        status: MemberStatus::Merged,
        merged_into: Some(into),
        registered_at: member.registered_at,
        former: member.former,
        lifetime: member.lifetime,
        last_lot: member.last_lot,
        ..Member::new(member.id)
    };
}

/// What was bought before is told to whom it was told first.
fn refer(member: &mut Member, referrer: Option<Referrer>, at: Instant) {
    let whom = |referrer: &Option<Referrer>| referrer.as_ref().map(|r| r.member);
    if whom(&member.referrer) != whom(&referrer) {
        member.routes.push((at, Route { from: member.id, to: whom(&member.referrer) }));
    }
    member.referrer = referrer;
}

fn join(member: &mut Member, other: Member) {
    member.registered_at = [member.registered_at, other.registered_at].into_iter().flatten().min();
    member.former |= other.former;
    member.lots.extend(other.lots);
    member.holds.extend(other.holds);
    member.debts.extend(other.debts);
    member.burnt.extend(other.burnt);
    member.last_lot = other.last_lot;
    for birthday in other.birthdays {
        match member.birthdays.iter_mut().find(|known| known.days == birthday.days) {
            Some(known) if known.at >= birthday.at => {}
            Some(known) => *known = birthday,
            None => member.birthdays.push(birthday),
        }
    }
    buy(&mut member.purchases, other.purchases);
    for use_ in &other.uses {
        member.count_use(&use_.what, use_.since, use_.used);
    }
    for checkout in &other.checkouts {
        member.count_checkout(&checkout.checkout, &checkout.code, checkout.orders);
    }
    member.reserved.extend(other.reserved);
    member.completing.extend(other.completing);
    member.telling.extend(other.telling);
    live(member, other.moments);
    member.offers.extend(other.offers);
    member.last_offer = other.last_offer;
    member.invited.visits += other.invited.visits;
    member.invited.registered += other.invited.registered;
    member.invited.orders += other.invited.orders;
    let new = |tag: &crate::ShortText| !member.tags.contains(tag);
    let tags: Vec<_> = other.tags.into_iter().filter(new).collect();
    member.tags.extend(tags);
    member.standing.join(other.standing);
    member.absorbed.extend(other.absorbed);
}

fn buy(purchases: &mut Purchases, other: Purchases) {
    purchases.orders += other.orders;
    purchases.paid += other.paid;
    purchases.last.extend(other.last);
    purchases.last.sort();
    let older = purchases.last.len().saturating_sub(LAST_ORDERS_MAX);
    purchases.last.drain(..older);
    let own = std::mem::take(&mut purchases.came_back);
    let mut both = [own, other.came_back].concat();
    both.sort_by_key(|(_, returned_at)| *returned_at);
    both.into_iter().for_each(|(paid_at, returned_at)| purchases.remember_return(paid_at, returned_at));
}

fn live(member: &mut Member, other: crate::member::MomentsDone) {
    let done = &mut member.moments;
    done.profile_completed |= other.profile_completed;
    other.subscribed.list().for_each(|channel| done.subscribed.add(channel));
    for (days, since) in other.silences {
        match done.silences.iter_mut().find(|(known, _)| *known == days) {
            Some((_, known)) => *known = since.max(*known),
            None => done.silences.push((days, since)),
        }
    }
    for (schedule, at) in other.schedules {
        match done.schedules.iter_mut().find(|(known, _)| *known == schedule) {
            Some((_, known)) => *known = at.max(*known),
            None => done.schedules.push((schedule, at)),
        }
    }
}
