//! Points for many members at once.
//!
//! Invariant: whom it is for is written down before anybody gets a point, so what was looked at is what is
//! given, and what was given can be taken back.

use kopilka_core::ids::{EntryId, MemberId};
use kopilka_core::points::Points;
use kopilka_core::time::Instant;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// How far it has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum AccrualState {
    /// The members of its segment are being written down.
    Preparing,
    /// The members of a long list are being written down; the same request again goes on.
    Listing,
    /// Everybody is written down; nobody got anything yet.
    Ready,
    Running,
    /// By an operator, between two members.
    Stopped,
    Done,
    Undoing,
    Undone,
    /// The program declares its segment no longer.
    Failed,
}

impl AccrualState {
    pub fn name(self) -> &'static str {
        self.into()
    }
    pub fn by_name(name: &str) -> Option<AccrualState> {
        AccrualState::iter().find(|state| state.name() == name)
    }
    /// A background job has something to do for it.
    pub fn is_active(self) -> bool {
        matches!(self, AccrualState::Preparing | AccrualState::Running | AccrualState::Undoing)
    }
}

/// What was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccrualBody {
    /// Whom it is for, where they are not listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// For each of a segment.
    pub points: Points,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active_at: Option<Instant>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// Given points do not repay a debt.
    #[serde(default)]
    pub gift: bool,
    pub reason: String,
    /// Who asked for it, and by which key.
    pub operator: String,
    pub key: String,
    pub created_at: Instant,
    /// Tells the same request from another one under the same name.
    pub input: String,
    /// Who let it run, stopped it, took it back: the newest last.
    #[serde(default)]
    pub acts: Vec<AccrualAct>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccrualAct {
    pub act: String,
    pub operator: String,
    pub key: String,
    pub at: Instant,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccrualRow {
    pub name: String,
    pub state: AccrualState,
    pub body: AccrualBody,
    /// The last member that what is under way has dealt with.
    pub cursor: MemberId,
    pub counts: AccrualCounts,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccrualCounts {
    /// Written down, and what they are to get together.
    pub members: i64,
    pub points: Points,
    pub given: i64,
    pub given_points: Points,
    pub refused: i64,
    pub undone: i64,
}

/// What became of one member's part.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum PartState {
    Waiting,
    Given,
    Refused,
    Undone,
    /// It could not be taken back, as it was taken back already.
    Kept,
}

impl PartState {
    pub fn name(self) -> &'static str {
        self.into()
    }
    pub fn by_name(name: &str) -> Option<PartState> {
        PartState::iter().find(|state| state.name() == name)
    }
}

/// One member's part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccrualPart {
    pub member: MemberId,
    pub points: Points,
    pub state: PartState,
    /// The entry that gave it.
    pub entry: Option<EntryId>,
    /// The code of the refusal.
    pub why: Option<String>,
}
