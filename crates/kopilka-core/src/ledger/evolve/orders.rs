//! The fold of orders: changed, told, paid, completed, returned, cancelled.
//!
//! Invariant: an order waits for its completion only while it is paid and something of it remains.

use super::order_mut;
use crate::book::Book;
use crate::ledger::Event;
use crate::member::Member;
use crate::money::Money;
use crate::order::{OrderKey, OrderStatus, Quantity};
use crate::time::Instant;

pub(super) fn evolve(book: &mut Book, event: &Event) {
    match event {
        Event::OrderChanged { order, removed, added, ask } => {
            let state = order_mut(book, order);
            for (at, quantity) in removed {
                state.lines[usize::from(*at)].gone.0 += quantity.0;
            }
            state.lines.extend(added.iter().cloned());
            state.ask = *ask;
        }
        Event::OrderTold { order, told, status } => {
            let state = order_mut(book, order);
            state.revision = told.revision.or(state.revision);
            state.told_at = state.told_at.max(told.at);
            state.body_hash = told.body_hash;
            if !told.payment_methods.is_empty() {
                state.payment_methods.clone_from(&told.payment_methods);
            }
            if told.delivery_method.is_some() {
                state.delivery_method.clone_from(&told.delivery_method);
            }
            state.status = *status;
        }
        Event::OrderPaid { .. } => paid(book, event),
        Event::PiecesReturned { order, pieces, refund, at } => returned(book, order, pieces, *refund, *at),
        Event::OrderCompleted { order, at } => {
            let state = order_mut(book, order);
            state.status = OrderStatus::Completed;
            state.completed_at = Some(*at);
            no_longer_completing(&mut book.member, order);
        }
        Event::CreditsSettled { order, credits } => order_mut(book, order).credits.clone_from(credits),
        Event::CreditsTaken { order, taken } => {
            let state = order_mut(book, order);
            for (credit, points) in taken {
                state.credits[usize::from(*credit)].taken += *points;
            }
        }
        Event::OrderCancelled { order, at } => {
            let state = order_mut(book, order);
            state.status = OrderStatus::Cancelled;
            state.ended_at = Some(*at);
            no_longer_completing(&mut book.member, order);
        }
        _ => {}
    }
}

fn paid(book: &mut Book, event: &Event) {
    let Event::OrderPaid { order, at, counted, stated, completes_at } = event else { return };
    let state = order_mut(book, order);
    state.trim_to_bought();
    state.status = OrderStatus::Paid;
    state.paid_at = Some(*at);
    state.stated_paid = *stated;
    for (line, counted) in state.lines.iter_mut().zip(counted.iter().flatten()) {
        line.counted = *counted;
    }
    let paid = state.lines.iter().map(|l| l.counted).sum();
    book.member.purchases.add(*at, paid);
    if let Some(completes_at) = completes_at {
        let number = book.member.purchases.orders;
        order_mut(book, order).number = Some(number);
        book.member.completing.push((order.clone(), *completes_at));
    }
}

fn returned(book: &mut Book, order: &OrderKey, pieces: &[(u16, Quantity)], refund: Money, at: Instant) {
    let state = order_mut(book, order);
    for (line, quantity) in pieces {
        state.lines[usize::from(*line)].gone.0 += quantity.0;
    }
    state.refunded += refund;
    let (emptied, paid_at) = (state.is_emptied(), state.paid_at);
    let known = state.status == OrderStatus::Returned;
    if emptied {
        state.status = OrderStatus::Returned;
        state.ended_at = Some(at);
        no_longer_completing(&mut book.member, order);
    }
    book.member.purchases.paid -= refund;
    if let (true, false, Some(paid_at)) = (emptied, known, paid_at) {
        book.member.purchases.remove(paid_at, at);
    }
}

fn no_longer_completing(member: &mut Member, order: &OrderKey) {
    member.completing.retain(|(known, _)| known != order);
}
