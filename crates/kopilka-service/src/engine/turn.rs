//! One command's place in a group: what it is decided by, and what is written of it when it changed nothing.

use super::erasure::ERASED;
use crate::prepare::{Prepared, Ready};
use crate::reference::ProgramState;
use kopilka_core::book::EntryDraft;
use kopilka_core::decide::{Command, Context};
use kopilka_core::ids::ProgramId;
use kopilka_core::program::Program;
use kopilka_core::time::Instant;

/// A command's turn: its program as of now, the time, and the write itself.
pub(crate) struct Turn<'a> {
    pub state: &'a ProgramState,
    pub program: &'a Program,
    pub now: Instant,
    pub write: &'a Prepared,
}

impl Turn<'_> {
    pub fn id(&self) -> ProgramId {
        self.write.program
    }
    pub fn context(&self) -> Context<'_> {
        Context { versions: &self.state.versions, now: self.now }
    }
    pub fn needs_person(&self) -> bool {
        self.state.versions.need_person(self.now)
    }
    pub fn is_registration(&self) -> bool {
        matches!(self.write.change, Ready::Register { .. })
    }
    /// Also a command that changed nothing: its key must be answered again, or its deed told.
    pub fn leaves_an_entry(&self) -> bool {
        // A visit that is none needs no row: asked again, it is none again.
        let visit = matches!(self.write.change, Ready::Visit { .. });
        self.write.key_hash.is_some() && !visit || matches!(self.write.change, Ready::Reverse { .. })
    }
    /// An entry without events, with the cause of the command.
    pub fn empty_draft(&self) -> EntryDraft {
        let (cause, order) = match &self.write.change {
            Ready::Register { .. } => ("register", None),
            Ready::Import { .. } => ("import", None),
            Ready::Patch { .. } => ("person", None),
            Ready::PutOrder { body, .. } => ("order", Some(&body.key)),
            Ready::Return(back) => ("return", Some(&back.key)),
            Ready::Cancel { key, .. } => ("cancel", Some(key)),
            Ready::Exchange { order, .. } => ("exchange", Some(&order.key)),
            Ready::Adjust { .. } => ("adjustment", None),
            Ready::Reverse { .. } => ("reversal", None),
            Ready::SetStatus { .. } => ("status", None),
            Ready::Erase { .. } => (ERASED, None),
            Ready::SetCard { .. } => ("card", None),
            Ready::SetHolder { .. } => ("holder_set", None),
            // Each has events of its own.
            Ready::Merge { .. } | Ready::Merging { .. } => ("account_left", None),
            Ready::HandOver { order, .. } => ("guest_order_left", Some(order)),
            Ready::TakeOrder { order, .. } => ("guest_order_claimed", Some(&order.key)),
            Ready::Happen { .. } => ("event", None),
            Ready::Plain { command: Command::ClaimReward { .. }, .. } => ("reward_claimed", None),
            Ready::Plain { command: Command::ActivateOffer { .. }, .. } => ("offer_activated", None),
            Ready::Plain { command: Command::SetTier { .. }, .. } => ("tier_set", None),
            Ready::Plain { command: Command::SetTags { .. }, .. } => ("tags_set", None),
            Ready::Plain { .. } => ("claim_settled", None),
            Ready::IssueGiftCard { .. } => ("gift_card_issued", None),
            Ready::ChangeGiftCard { .. } => ("gift_card_changed", None),
            Ready::Transfer { .. } => ("transfer", None),
            Ready::Visit { .. } => ("referral_visit", None),
            // Always has events of its own.
            Ready::Relayed { .. } => ("relayed", None),
        };
        EntryDraft {
            cause,
            order: order.cloned(),
            version: self.program.version,
            effective_at: self.now,
            events: Vec::new(),
            trace: Vec::new(),
        }
    }
}
