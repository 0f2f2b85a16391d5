//! What operators do to a member: adjustments, their reversal, a status.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::write::Done;
use kopilka_core::decide::Command;
use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::merge::renumber_adjustment;
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::{Name, Target};

/// The cause of the entries that may be taken back by naming them.
const REVERSIBLE: &str = "adjustment";

impl Engine {
    pub(super) fn change_points(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        who: &Who,
        command: &Command,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, who)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        self.execute(overlay, turn, member, command)
    }

    /// An adjustment is taken back once for ever: the directory's row of the entry sees to that.
    pub(super) fn reverse(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        entry: EntryId,
    ) -> Result<Done, Stop> {
        let row = match overlay.entry(&self.writer, turn.id(), member, entry)? {
            Some(row) => row,
            // One of the account that the member has become part of.
            None => {
                let account = self.account_of(overlay, turn, member)?;
                let row = overlay.entry(&self.writer, turn.id(), account, entry)?;
                row.ok_or(Refusal::EntryUnknown)?
            }
        };
        if let Some(done) = self.first_answer(overlay, row.member, turn.write)? {
            return Ok(done);
        }
        let name = Name::reversed(entry);
        let reversed_before = overlay.find(&self.writer, turn.id(), &name)?.is_some();
        if row.cause != REVERSIBLE || reversed_before {
            return Err(Refusal::NotReversible.into());
        }
        let account = self.account_of(overlay, turn, row.member)?;
        let mut events = row.events;
        renumber_adjustment(&mut events, self.lots_of(overlay, turn, (account, row.member))?);
        let command = Command::ReverseAdjustment { events };
        let done = self.execute(overlay, turn, account, &command)?;
        overlay.add_name(turn.id(), name, Target { member: account, entry: done.entry });
        Ok(done)
    }
}
