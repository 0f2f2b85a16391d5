//! The fold of gift cards: the code as it stands, and what an order has of it. Money moves by counters.

use super::order_mut;
use crate::book::Book;
use crate::gift::code_row;
use crate::ledger::Event;

pub(super) fn evolve(book: &mut Book, event: Event) {
    match event {
        Event::GiftCardIssued { code, expires_at, .. } => book.codes.push(code_row(code, expires_at, false)),
        Event::GiftCardChanged { code, blocked, expires_at, .. } => {
            book.codes.retain(|known| known.code != code);
            book.codes.push(code_row(code, expires_at, blocked));
        }
        Event::GiftCardsSet { order, cards } => order_mut(book, &order).gift_cards = cards,
        Event::GiftCardsBack { order, back } => {
            let state = order_mut(book, &order);
            for (code, amount) in back {
                if let Some(card) = state.gift_cards.iter_mut().find(|card| card.code == code) {
                    card.came_back += amount;
                }
            }
        }
        _ => {}
    }
}
