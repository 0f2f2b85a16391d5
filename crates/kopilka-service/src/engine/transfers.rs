//! Points sent to another member.
//!
//! Invariant: the command is decided on the sender alone; of the receiver only the id is looked up, where
//! another name was given.

use super::{Engine, Stop, Turn};
use crate::identifiers::Who;
use crate::overlay::Overlay;
use crate::write::Done;
use kopilka_core::decide::Command;
use kopilka_core::points::Points;

impl Engine {
    /// The first answer comes before the receiver is looked up: it stands whatever the name leads to now.
    pub(super) fn transfer(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        (from, to): (&Who, &Who),
        points: Points,
    ) -> Result<Done, Stop> {
        let member = self.member_of(overlay, turn, from)?;
        if let Some(done) = self.first_answer(overlay, member, turn.write)? {
            return Ok(done);
        }
        let to = self.led_to(overlay, turn.id(), to)?;
        self.execute(overlay, turn, member, &Command::Transfer { to, points })
    }
}
