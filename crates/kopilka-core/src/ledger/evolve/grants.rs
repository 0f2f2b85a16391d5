//! The fold of what is given beside points: codes of the member's own and marks, and which order gave them;
//! of who brought whom, of accounts that become one, and of who uses them.

use super::{merge, order_mut, referral};
use crate::ShortText;
use crate::book::Book;
use crate::holder;
use crate::ledger::Event;
use crate::order::{Gave, GaveByRule, OrderKey};

/// By the rule of an order, where both are named.
type By = (Option<ShortText>, Option<OrderKey>);

pub(super) fn evolve(book: &mut Book, event: Event) {
    match event {
        Event::Granted { gave, rule, order, back } => granted(book, gave, (rule, order), back),
        Event::Referral(event) => referral::evolve(book, event),
        Event::Merge(event) => merge::evolve(book, event),
        Event::Holder(event) => holder::evolve(&mut book.member.holders, event),
        _ => {}
    }
}

fn granted(book: &mut Book, gave: Gave, (rule, order): By, back: bool) {
    match &gave {
        Gave::Coupon(coupon) => {
            book.member.last_coupon += u32::from(!back);
            let made = coupon.made(book.member.id, back);
            book.codes.retain(|known| known.code != made.code);
            book.codes.push(made);
        }
        Gave::Tag { tag, on } => {
            book.member.tags.retain(|known| known != tag);
            if *on != back {
                book.member.tags.push(tag.clone());
            }
        }
        // The levels themselves are in `TierChanged` beside it.
        Gave::Tier(_) => {}
    }
    let (Some(rule), Some(order)) = (rule, order) else { return };
    let state = order_mut(book, &order);
    let known = GaveByRule { rule, gave };
    match back {
        true => state.gave.retain(|other| *other != known),
        false => state.gave.push(known),
    }
}
