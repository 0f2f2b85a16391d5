//! Purchases: paid orders of members that were not cancelled, by when they happened.
//!
//! Invariant: a row says what the order's own row says, as it stood when the batch was gathered; an entry
//! that changes more of it later brings it again.

use super::{Change, Reader};
use crate::codec;
use crate::conn::Conn;
use crate::error::StoreError;
use crate::postgres;
use crate::sql::projection;
use crate::value::params;
use kopilka_core::guest::GuestEvent;
use kopilka_core::ledger::Event;
use kopilka_core::member::MemberStatus;
use kopilka_core::merge::MergeEvent;
use kopilka_core::order::{OrderKey, OrderState};
use std::collections::BTreeMap;

/// An order that was bought, and what remains of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Purchase {
    pub key: OrderKey,
    pub bought_at: i64,
    /// Empty where the shop named none.
    pub cashier: String,
    /// Paid for what remains, in minor units.
    pub money: i64,
    /// Earned by what remains, pending or not, in smallest point units.
    pub points: i64,
}

impl Purchase {
    /// Guests have none, whatever they pay.
    pub fn of(order: &OrderState, member_status: &str) -> Option<Purchase> {
        if member_status == codec::status(MemberStatus::Guest) {
            return None;
        }
        Some(Purchase {
            key: order.key.clone(),
            bought_at: order.bought_at()?.0,
            cashier: order.cashier.as_deref().unwrap_or_default().to_owned(),
            money: order.paid_remaining().0,
            points: order.points_earned_net().0,
        })
    }
}

/// Orders to be looked at, with their programs.
pub(crate) type Bought = BTreeMap<(i64, OrderKey), i64>;

/// The orders of which these events change whether, when or what was bought.
pub(super) fn bought(events: &[Event]) -> impl Iterator<Item = &OrderKey> {
    let joined = events.iter().flat_map(|event| match event {
        Event::Merge(event @ MergeEvent::Joined { .. }) => event.orders(),
        _ => Vec::new(),
    });
    let changed = events.iter().filter_map(|event| match event {
        Event::OrderPaid { order, .. }
        | Event::OrderEarned { order, .. }
        | Event::CreditsSettled { order, .. }
        | Event::CreditsTaken { order, .. }
        | Event::PiecesReturned { order, .. }
        | Event::OrderCancelled { order, .. } => Some(order),
        Event::Guest(event @ GuestEvent::Claimed { .. }) => Some(event.key()),
        _ => None,
    });
    changed.chain(joined)
}

/// The orders that are another account's from now on.
pub(super) fn leave(events: &[Event]) -> impl Iterator<Item = &OrderKey> {
    events.iter().flat_map(|event| match event {
        Event::Merge(event @ MergeEvent::Left { .. }) => event.orders(),
        _ => Vec::new(),
    })
}

impl Reader {
    /// What has become of these orders.
    pub(super) fn purchases(&self, orders: &Bought) -> Result<Vec<Change>, StoreError> {
        let mut out = Vec::with_capacity(orders.len());
        let mut found = |(member, program): (i64, i64), key: OrderKey, purchase: Option<Purchase>| {
            out.push(match purchase {
                Some(purchase) => Change::Purchase { member, program, purchase },
                None => Change::PurchaseGone { member, program, key },
            });
        };
        if let Conn::Postgres(link) = &self.conn {
            for (of, order, status) in postgres::orders_bought(link, orders)? {
                let purchase = Purchase::of(&order, &status);
                found(of, order.key, purchase);
            }
            return Ok(out);
        }
        for ((member, key), program) in orders {
            let named = params![*member, key.shop.as_str(), key.order.as_str(), *program];
            let row = self.one(projection::ORDER_BOUGHT, named, |row| {
                Ok(Purchase::of(&codec::order(row)?, row.text(2)?))
            })?;
            found((*member, *program), key.clone(), row.flatten());
        }
        Ok(out)
    }
}
