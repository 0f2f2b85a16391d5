//! Under which address a guest's order can be claimed.
//!
//! Invariant: an address is here as a keyed hash alone, and no longer than its order can be claimed; whose
//! the order is the directory says.

use crate::error::StoreError;
use crate::reader::Reader;
use crate::sql::{command, lookup, reference};
use crate::value::params;
use crate::writer::Writer;
use kopilka_core::counters::{BOUND, bound_by};
use kopilka_core::ids::ProgramId;
use kopilka_core::order::OrderKey;
use kopilka_core::time::Instant;

/// A keyed hash of phone or e-mail: that of the codes that go there.
pub type AddressHash = [u8; 32];

/// Guests' orders that an operator bound to members within a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bound {
    pub shop: String,
    /// Empty where the shop named none.
    pub cashier: String,
    pub operator: String,
    pub orders: i64,
}

impl Reader {
    /// Whether the order lies under the address.
    pub fn has_guest_contact(
        &self,
        program: ProgramId,
        address: &AddressHash,
        key: &OrderKey,
    ) -> Result<bool, StoreError> {
        let named = params![program.0, address, key.shop.as_str(), key.order.as_str()];
        Ok(self.number(command::GUEST_CONTACT, named)?.is_some())
    }
    /// Orders that lie under the address and can still be claimed then, in order of shop and id.
    pub fn guest_orders_of(
        &self,
        program: ProgramId,
        address: &AddressHash,
        now: Instant,
        limit: usize,
    ) -> Result<Vec<OrderKey>, StoreError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        self.many(lookup::GUEST_ORDERS, params![program.0, address, now.0, most], |row| {
            Ok(OrderKey { shop: row.text(0)?.into(), order: row.text(1)?.into() })
        })
    }
    /// Who bound guests' orders to members in a month, `2026-11`, in order of shop and cashier.
    pub fn bound(&self, program: ProgramId, month: &str, limit: usize) -> Result<Vec<Bound>, StoreError> {
        let most = i64::try_from(limit).unwrap_or(i64::MAX);
        let first = format!("{BOUND}{month}:");
        let counted = self.many(lookup::COUNTERS, params![program.0, &first, most], |row| {
            Ok((row.text(0)?.to_owned(), row.int(1)?))
        })?;
        let mut found: Vec<Bound> = counted
            .iter()
            .map_while(|(what, orders)| {
                let by = bound_by(what, month)?;
                Some(Bound {
                    shop: by.shop.to_owned(),
                    cashier: by.cashier.to_owned(),
                    operator: by.operator.to_owned(),
                    orders: *orders,
                })
            })
            .collect();
        found.sort_by(|a, b| (&a.shop, &a.cashier, &a.operator).cmp(&(&b.shop, &b.cashier, &b.operator)));
        Ok(found)
    }
}

impl Writer {
    /// Lays the order under the address until then.
    pub fn put_guest_contact(
        &self,
        program: ProgramId,
        (address, key): (&AddressHash, &OrderKey),
        until: Instant,
    ) -> Result<(), StoreError> {
        let columns = params![program.0, address, key.shop.as_str(), key.order.as_str(), until.0];
        self.run(command::GUEST_CONTACT_PUT, columns).map(|_| ())
    }
    /// Nothing lies under the address any more.
    pub fn forget_guest_address(&self, program: ProgramId, address: &AddressHash) -> Result<(), StoreError> {
        self.run(reference::GUEST_ADDRESS_DELETE, params![program.0, address]).map(|_| ())
    }
    /// Forgets the addresses of orders that can be claimed no more.
    pub fn sweep_guest_contacts(&self, program: ProgramId, now: Instant) -> Result<(), StoreError> {
        self.run(reference::GUEST_CONTACT_SWEEP, params![program.0, now.0]).map(|_| ())
    }
}
