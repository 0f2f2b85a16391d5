//! Levels and achievements: what an event says of them, written down.

use super::order_mut;
use crate::book::Book;
use crate::ledger::Event;
use crate::member::Member;
use crate::standing::{Figures, OrderProgress};

pub(super) fn evolve(book: &mut Book, event: Event) {
    match event {
        Event::PurchasesBrought { orders, paid, last_at, on, keep_from } => {
            let Member { purchases, standing, .. } = &mut book.member;
            purchases.bring(orders, paid, last_at);
            let figures = Figures { paid, orders: i64::from(orders), ..Figures::default() };
            standing.count(&OrderProgress { number: standing.orders + orders, on, figures }, keep_from);
        }
        Event::OrderCounted { order, number, on, keep_from, figures } => {
            let known = order_mut(book, &order).progress.replace(OrderProgress { number, on, figures });
            let standing = &mut book.member.standing;
            match known {
                None => standing.count(&OrderProgress { number, on, figures }, keep_from),
                Some(before) => standing.recount(&before, &figures),
            }
        }
        Event::TierChanged { levels, .. } => book.member.standing.levels = levels,
        Event::AchievementsStarted { started, forgotten } => {
            book.member.standing.start_achievements(&started, &forgotten);
        }
        Event::AchievementReached { achievement, times } => book.member.standing.reach(&achievement, times),
        Event::AchievementLost { achievement, times, gifts } => {
            book.member.standing.reach(&achievement, times);
            book.member.standing.leave_gifts(&achievement, &gifts);
        }
        Event::AchievementGave { gift } => book.member.standing.give(gift),
        _ => {}
    }
}
