//! What the service is asked for and answers, apart from writes.

use kopilka_core::decide::Quote;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Balance;
use kopilka_core::time::Instant;
use std::path::PathBuf;

/// Where the data lies and how many connections read beside the writer.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    pub dir: PathBuf,
    pub read_connections: usize,
}

/// A program document to be published.
#[derive(Debug, Clone)]
pub struct Publish {
    pub text: String,
    pub author: String,
    pub note: String,
    /// A sandbox program has a movable clock. The same slug may be published live and as a sandbox.
    pub sandbox: bool,
    /// `None`: at once.
    pub effective_from: Option<Instant>,
}

/// What was published. The same text as the newest version is that version again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Published {
    pub program: ProgramId,
    pub version: u32,
}

/// A program of this installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramInfo {
    pub id: ProgramId,
    pub slug: String,
    pub sandbox: bool,
    /// The number of the newest version.
    pub newest: u32,
}

/// A key to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewKey {
    pub program: ProgramId,
    pub shop: String,
    pub name: String,
    pub scopes: Vec<String>,
}

/// A key without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyInfo {
    pub id: String,
    pub program: ProgramId,
    pub shop: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub created_at: Instant,
    pub revoked_at: Option<Instant>,
}

/// Who calls: the key decides program and shop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub program: ProgramId,
    pub shop: String,
    pub scopes: Vec<String>,
    pub key_id: String,
    pub name: String,
}

/// A quote, for whom, and when it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteAnswer {
    pub quote: Quote,
    pub member: Option<(MemberId, Balance)>,
    pub now: Instant,
}
