//! The one line of a quote that a cashier reads aloud.

use super::{Language, Speaker};
use crate::decide::{NextStep, Quote};
use crate::member::Balance;
use crate::points::Points;

/// What the buyer is told at the till: what it costs, what points pay, what more they could, what it brings.
/// `balance` is the member's, none for a guest.
pub fn read_aloud(s: &Speaker<'_>, quote: &Quote, balance: Option<&Balance>) -> String {
    let order = &quote.order;
    let ru = s.language == Language::Ru;
    let due = s.money(order.to_pay_remaining());
    let mut line = if ru { format!("К оплате {due}") } else { format!("{due} to pay") };
    let by_cards = order.paid_by_gift_cards();
    if by_cards.0 > 0 {
        let by_cards = s.money(by_cards);
        line.push_str(&if ru {
            format!(", с подарочной карты {by_cards}")
        } else {
            format!(", and {by_cards} by gift card")
        });
    }
    let spent = order.points_spent_net();
    if !spent.is_zero() {
        let spent = s.points(spent);
        line.push_str(&if ru {
            format!(", ещё {spent} спишем")
        } else {
            format!(", and {spent} go off")
        });
    }
    line.push('.');
    let limit = quote.limit.map_or(Points::ZERO, |l| l.limit);
    if balance.is_some() && spent.is_zero() && limit.0 > 0 {
        let limit = s.points(limit);
        line.push_str(&if ru {
            format!(" Можно списать до {limit}.")
        } else {
            format!(" Up to {limit} could be spent.")
        });
    }
    let earned: Points = quote.earned.iter().map(|e| e.points).sum();
    if earned.0 > 0 {
        let earned = s.points(earned);
        line.push_str(&if ru {
            format!(" За покупку начислим {earned}.")
        } else {
            format!(" This purchase brings {earned}.")
        });
    }
    line
}

/// What a little more in the cart would bring.
pub fn next_step(s: &Speaker<'_>, next: &NextStep) -> String {
    let (missing, points) = (s.money(next.missing), s.points(next.points));
    match s.language {
        Language::En => format!("{missing} more would bring another {points}."),
        Language::Ru => format!("Ещё {missing} — и будет ещё {points}."),
    }
}
