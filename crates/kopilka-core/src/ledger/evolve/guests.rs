//! The fold of a guest's order that becomes a member's.
//!
//! Invariant: what the one row bought less the other has bought more, at the time it was bought.

use crate::book::Book;
use crate::guest::{Claimed, GuestEvent};

pub(super) fn evolve(book: &mut Book, event: GuestEvent) {
    match event {
        GuestEvent::Left { order, .. } => {
            book.orders.remove(&order.key);
            if let Some(paid_at) = order.paid_at {
                book.member.purchases.give_away(paid_at, order.paid_remaining());
            }
        }
        GuestEvent::Claimed { from, at, mut order, completes_at, .. } => {
            if let Some(paid_at) = order.paid_at {
                book.member.purchases.add(paid_at, order.paid_remaining());
            }
            order.claimed = Some(Claimed { from, at });
            if let Some(completes_at) = completes_at {
                order.number = Some(book.member.purchases.orders);
                book.member.completing.push((order.key.clone(), completes_at));
            }
            book.orders.put(order);
        }
    }
}
