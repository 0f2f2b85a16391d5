//! The fold of personal offers: what is held in the member's row, what orders use in theirs.

use super::order_mut;
use crate::book::Book;
use crate::ledger::Event;
use crate::member::Member;
use crate::offer::{HeldOffer, OrderOffer};
use crate::order::OrderState;

pub(super) fn evolve(book: &mut Book, event: Event) {
    let member = &mut book.member;
    match event {
        Event::OfferGiven { held, dropped } => {
            forget(member, |known| known.offer == held.offer || dropped.contains(&known.offer));
            member.last_offer = held.no;
            member.offers.push(held);
        }
        Event::OfferActivated { offer, at } => {
            if let Some(held) = member.offers.iter_mut().find(|held| held.offer == offer) {
                held.activated_at = Some(at);
            }
        }
        Event::OfferWithdrawn { offer } => forget(member, |known| known.offer == offer),
        Event::OfferTaken { order, offer, no } => {
            mark(order_mut(book, &order), OrderOffer { offer, no, taken: true });
        }
        Event::OfferFreed { order, offer, no } => {
            mark(order_mut(book, &order), OrderOffer { offer, no, taken: false });
        }
        _ => {}
    }
}

/// With the counters of their uses.
fn forget(member: &mut Member, gone: impl Fn(&HeldOffer) -> bool) {
    for held in member.offers.iter().filter(|held| gone(held)) {
        let counter = held.counter();
        member.uses.retain(|used| used.what != counter);
    }
    member.offers.retain(|held| !gone(held));
}

fn mark(order: &mut OrderState, offer: OrderOffer) {
    match order.offers.iter_mut().find(|known| known.offer == offer.offer && known.no == offer.no) {
        Some(known) => known.taken = offer.taken,
        None => order.offers.push(offer),
    }
}
