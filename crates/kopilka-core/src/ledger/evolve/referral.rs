//! The fold of a network: whom the member owes to, what is to be told, and what was heard of others.

use super::order_mut;
use crate::book::Book;
use crate::order::{Credit, Formula, OrderState};
use crate::referral::{Invited, News, ReferralEvent, Told};

pub(super) fn evolve(book: &mut Book, event: ReferralEvent) {
    match event {
        ReferralEvent::Bound { referrer } => book.member.referrer = Some(referrer),
        ReferralEvent::Unbound { order } => {
            book.member.referrer = None;
            let of_order = News::Order(order);
            book.member.telling.retain(|telling| telling.news != of_order);
        }
        ReferralEvent::Decided { order, rewards } => order_mut(book, &order).rewards = rewards,
        ReferralEvent::ToTell { telling } => {
            book.member.telling.retain(|known| known.news != telling.news);
            book.member.telling.push(telling);
        }
        ReferralEvent::Told { told, .. } => was_told(book, &told),
        ReferralEvent::Heard { key, told, credits, at } => {
            count(&mut book.member.invited, &told);
            match book.orders.get_mut(&key) {
                Some(known) => lower(&mut known.credits, &told),
                None => {
                    let row = OrderState { credits, ..OrderState::nothing(key, told.version, at) };
                    book.orders.put(Box::new(row));
                }
            }
        }
        ReferralEvent::PassedOn { .. } => {}
        ReferralEvent::Visited { .. } => book.member.invited.visits += 1,
    }
}

fn was_told(book: &mut Book, told: &Told) {
    book.member.telling.retain(|telling| telling.news != told.news);
    let News::Order(key) = &told.news else { return };
    for reward in &mut order_mut(book, key).rewards {
        let is = |due: &&crate::referral::Due| {
            due.level == reward.level && due.rule == reward.credit.rule && due.effect == reward.credit.effect
        };
        reward.told = told.dues.iter().find(is).map(|due| due.points);
    }
}

/// What the rest of the order is still worth to this referrer.
fn lower(credits: &mut [Credit], told: &Told) {
    for due in told.dues.iter().filter(|due| due.level == told.level) {
        let is = |credit: &&mut Credit| credit.rule == due.rule && credit.effect == due.effect;
        if let Some(credit) = credits.iter_mut().find(is) {
            credit.formula = Formula::Told { points: due.points };
        }
    }
}

fn count(invited: &mut Invited, told: &Told) {
    if told.first && told.level == 1 {
        match told.news {
            News::Registered => invited.registered += 1,
            News::Order(_) => invited.orders += 1,
        }
    }
}
