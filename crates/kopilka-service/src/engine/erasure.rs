//! A person leaves: the names, the person's row and every free text go; the books stay, of nobody.
//!
//! Invariant: what is left of the person is keyed hashes of the identifiers, which lead to no member and are
//! kept for so long only as once is once: see [`KEPT_FOR`].

use super::{Engine, Stop, Turn};
use crate::error::ServiceError;
use crate::identifiers::{IdentifierKey, Who};
use crate::overlay::Overlay;
use crate::service::{KEPT_SECONDS, addresses_of};
use crate::write::Done;
use kopilka_core::decide::Command;
use kopilka_core::guest::GuestEvent;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::MemberStatus;
use kopilka_core::time::{Instant, Period};
use kopilka_store::read::PAGE_MAX;
use kopilka_store::rows::{EntryRow, Hash16, Kind, Name, Person, Target};

/// How long it is remembered that an identifier has had what comes once. Whoever waits two years for a
/// second welcome is a new customer; a person has the right not to be known for longer.
pub(crate) const KEPT_FOR: Period = Period::Months(24);

/// The cause of the entry that erases.
pub(crate) const ERASED: &str = "erased";

/// Under which an identifier of an erased person is known: another hash than the directory's, so that the
/// one is no key to the other.
fn former(secret: &IdentifierKey, program: ProgramId, name: &Name) -> Hash16 {
    // A card is the same card while it is blocked.
    let kind = if name.kind == Kind::BlockedCard { Kind::Card } else { name.kind };
    let kind = kind.name().as_bytes();
    secret.hash16(&[b"former", &program.0.to_be_bytes(), kind, &name.value])
}

/// The rows of guests whose orders the entry has taken: why, where support said so, stands there.
fn guests_of(entry: &EntryRow) -> impl Iterator<Item = MemberId> {
    entry.events.iter().filter_map(|event| match event {
        Event::Guest(GuestEvent::Claimed { from, .. }) => Some(*from),
        _ => None,
    })
}

/// Until when identifiers are kept that somebody had who is erased now.
pub(super) fn until_forgotten(turn: &Turn<'_>) -> Instant {
    turn.program.zone.plus(turn.now, KEPT_FOR)
}

impl Engine {
    pub(super) fn erase(&mut self, overlay: &mut Overlay, turn: &Turn<'_>, who: &Who) -> Result<Done, Stop> {
        // A name leads nowhere afterwards, so the key is found where no member is needed.
        if let Some(done) = self.answer_of_directory(overlay, turn)? {
            return Ok(done);
        }
        let member = self.member_of(overlay, turn, who)?;
        let done = self.execute(overlay, turn, member, &Command::Erase)?;
        let person = overlay.person(&self.writer, turn.id(), member)?;
        let until = until_forgotten(turn);
        for name in self.shared.secret.names(&person) {
            self.keep_former(overlay, turn, &name, until);
            overlay.remove_name(turn.id(), name, member);
        }
        for address in addresses_of(&self.shared.secret, &person) {
            self.writer.forget_guest_address(turn.id(), &address)?;
        }
        self.forget_codes(overlay, turn.id(), member, &person);
        overlay.set_person(turn.id(), member, Person::default());
        self.erase_reasons(overlay, turn.id(), member)?;
        overlay.write_no_more(turn.id(), member, self.shared.system_now());
        if let Some(name) = turn.write.key_hash.map(Name::key) {
            overlay.add_name(turn.id(), name, Target { member, entry: done.entry });
        }
        Ok(done)
    }

    /// That somebody had it, without whom.
    pub(super) fn keep_former(&self, overlay: &mut Overlay, turn: &Turn<'_>, name: &Name, until: Instant) {
        overlay.keep_former(turn.id(), former(&self.shared.secret, turn.id(), name), until);
    }

    /// What was to be confirmed by the person, whose addresses these are.
    pub(super) fn forget_codes(
        &self,
        overlay: &mut Overlay,
        program: ProgramId,
        member: MemberId,
        person: &Person,
    ) {
        overlay.forget_codes(program, member, addresses_of(&self.shared.secret, person));
    }

    /// Free texts of the member's earlier entries. Of those of this group some are not written yet.
    pub(super) fn erase_reasons(
        &self,
        overlay: &mut Overlay,
        program: ProgramId,
        member: MemberId,
    ) -> Result<(), Stop> {
        overlay.erase_reasons_of_group(member);
        let mut before: Option<EntryId> = None;
        loop {
            let page = self.writer.reads().entries(program, member, before, PAGE_MAX)?;
            let told = page.iter().filter(|entry| entry.reason.is_some()).map(|entry| entry.id);
            overlay.erase_reasons(program, member, told);
            for guest in page.iter().flat_map(guests_of) {
                self.erase_reasons(overlay, program, guest)?;
            }
            before = page.last().map(|entry| entry.id);
            if page.len() < PAGE_MAX {
                return Ok(());
            }
        }
    }

    /// Whether somebody who was erased had one of the identifiers, while that is kept.
    pub(super) fn was_erased(
        &self,
        overlay: &Overlay,
        turn: &Turn<'_>,
        names: &[Name],
    ) -> Result<bool, Stop> {
        for name in names {
            let hash = former(&self.shared.secret, turn.id(), name);
            let now_too = overlay.is_former(turn.id(), &hash);
            if now_too || self.writer.was_erased(turn.id(), &hash, turn.now)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether the account is one of a person who left: an order of it stays its own, whoever is named.
    pub(super) fn has_left(
        &self,
        overlay: &mut Overlay,
        program: ProgramId,
        member: MemberId,
    ) -> Result<bool, Stop> {
        Ok(self.seat(overlay, program, member)?.book.member.status == MemberStatus::Anonymized)
    }

    /// Forgets codes whose time is over, where nobody makes new ones.
    pub fn sweep_codes(&mut self, program: ProgramId, now: Instant) -> Result<(), ServiceError> {
        let before = now.plus_seconds(-KEPT_SECONDS);
        Ok(self.transaction(|engine| engine.writer.forget_codes(program, before))?)
    }

    /// Forgets hashes whose time is over, also of the addresses of guests' orders.
    pub fn sweep_former(&mut self, program: ProgramId, now: Instant) -> Result<u64, ServiceError> {
        Ok(self.transaction(|engine| {
            engine.writer.sweep_guest_contacts(program, now)?;
            engine.writer.sweep_former(program, now)
        })?)
    }
}
