//! Guests' orders that can be claimed, and the addresses under which they lie.
//!
//! Invariant: an address is looked for by the keyed hash that its one-time codes have; who has not confirmed
//! one sees nothing.

use super::Service;
use super::codes::{CodeChannel, address_hash, confirmed_address};
use crate::error::ServiceError;
use crate::identifiers::{self, IdentifierKey};
use crate::write::GuestContact;
use kopilka_core::decide::claimable_until;
use kopilka_core::ids::{CodeId, ProgramId};
use kopilka_core::member::MemberStatus;
use kopilka_core::order::OrderState;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::guests::AddressHash;
use kopilka_store::rows::Person;

/// Orders that one address is shown: nobody buys more as a guest within a month or two.
const SHOWN_MAX: usize = 100;

/// A guest's order that can be claimed until then.
#[derive(Debug, Clone, PartialEq)]
pub struct GuestOrder {
    pub order: OrderState,
    pub until: Instant,
}

/// The addresses in their one spelling, as keyed hashes.
pub(crate) fn guest_addresses(
    secret: &IdentifierKey,
    contact: &GuestContact,
) -> Result<Vec<AddressHash>, Refusal> {
    let phone = contact.phone.as_deref().map(identifiers::phone).transpose()?;
    let email = contact.email.as_deref().map(identifiers::email).transpose()?;
    let phone = phone.map(|text| address_hash(secret, CodeChannel::Sms, &text));
    let email = email.map(|text| address_hash(secret, CodeChannel::Email, &text));
    Ok(phone.into_iter().chain(email).collect())
}

/// The same of a person.
pub(crate) fn addresses_of(secret: &IdentifierKey, person: &Person) -> Vec<AddressHash> {
    let phones = person.phones.iter().map(|text| address_hash(secret, CodeChannel::Sms, text));
    let emails = person.emails.iter().map(|text| address_hash(secret, CodeChannel::Email, text));
    phones.chain(emails).collect()
}

impl Service {
    /// Paid orders of guests under the address that the code has confirmed, as far as there is something to
    /// claim.
    pub async fn guest_orders(
        &self,
        program: ProgramId,
        code: CodeId,
    ) -> Result<Vec<GuestOrder>, ServiceError> {
        let state = self.shared.program(program)?;
        let now = self.shared.now_of(&state);
        let found = self.read(move |reader| {
            let row = reader.code(program, code)?;
            let Some(address) = row.and_then(|row| confirmed_address(&row, now)) else { return Ok(None) };
            let mut found = Vec::new();
            for key in reader.guest_orders_of(program, &address, now, SHOWN_MAX)? {
                let Some((owner, order)) = reader.order(program, &key)? else { continue };
                let row = reader.member(program, owner)?;
                let is_guests = row.is_some_and(|row| row.member.status == MemberStatus::Guest);
                let decided_by = state.versions.numbered(order.version);
                let until = decided_by.and_then(|rules| claimable_until(rules, &order));
                let open = is_guests && order.is_paid() && !order.is_closed();
                found.extend(
                    until.filter(|until| open && now < *until).map(|until| GuestOrder { order, until }),
                );
            }
            Ok(Some(found))
        });
        found.await?.ok_or_else(|| Refusal::ContactUnconfirmed.into())
    }
}
