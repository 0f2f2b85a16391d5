//! What the service is asked for and answers, apart from writes.

use crate::clock::Clock;
use crate::draws::Draws;
use crate::faults::Faults;
use crate::outside::OutsideOptions;
use kopilka_core::decide::Quote;
use kopilka_core::holder::Holder;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Balance;
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Reward;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use std::path::PathBuf;
use std::time::Duration;

/// Where the data lies and how it is worked on.
#[derive(Debug, Clone)]
pub struct OpenOptions {
    /// The data directory: the key file, and the database where no other is named.
    pub dir: PathBuf,
    /// `postgres://…`: the database stands on a server, and several of ours may work on it.
    pub database: Option<String>,
    /// Connections that read beside the writers.
    pub read_connections: usize,
    /// Connections that write to a server's database; a file has one.
    pub writers: usize,
    /// A server of the same database that was silent for so long is dead, and its work is taken over.
    pub dead_after: Duration,
    pub clock: Clock,
    /// Where a trial lets the process die; nowhere by default.
    pub faults: Faults,
    /// Where the bits of codes come from that rules give.
    pub draws: Draws,
    /// What the server itself may ask outside.
    pub outside: OutsideOptions,
}

/// Reads run beside the writers; more than the cores of a small server can use at once.
const READ_CONNECTIONS: usize = 8;
/// While one waits for its commit the others decide; more would only split the groups.
const WRITERS: usize = 4;
/// Two dozen beats: a stall of the machine or of the database is not a death.
const DEAD_AFTER: Duration = Duration::from_secs(6);

impl OpenOptions {
    /// The database in the directory itself.
    pub fn in_dir(dir: impl Into<PathBuf>) -> OpenOptions {
        OpenOptions {
            dir: dir.into(),
            database: None,
            read_connections: READ_CONNECTIONS,
            writers: WRITERS,
            dead_after: DEAD_AFTER,
            clock: Clock::default(),
            faults: Faults::default(),
            draws: Draws::default(),
            outside: OutsideOptions::default(),
        }
    }
    /// The same with the database on a server, where one is named.
    pub fn on(self, database: Option<String>) -> OpenOptions {
        OpenOptions { database, ..self }
    }
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
    /// The one member that a token is of; none for a key.
    pub member: Option<MemberId>,
    /// Which holder of that member's account, and what that one may do; none for its owner.
    pub holder: Option<Holder>,
}

/// A quote, for whom, and when it was made.
#[derive(Debug, Clone, PartialEq)]
pub struct QuoteAnswer {
    pub quote: Quote,
    pub member: Option<(MemberId, Balance)>,
    /// The member must agree to the points by a one-time code.
    pub code_required: bool,
    /// The member has points and may not spend them before a phone or e-mail is known.
    pub contact_needed: bool,
    pub now: Instant,
}

/// What one article would bring; nothing is known of one without a price.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Earning {
    /// What it costs after discounts.
    pub to_pay: Option<Money>,
    pub points: Option<Points>,
}

/// A reward of the catalogue.
#[derive(Debug, Clone, PartialEq)]
pub struct Offered {
    pub reward: Reward,
    /// How many are left, where there is a stock.
    pub left: Option<i64>,
    /// Why the member who asks cannot have it now.
    pub refused: Option<Refusal>,
}
