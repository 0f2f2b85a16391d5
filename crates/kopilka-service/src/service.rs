//! The shell around the rules: one way for every write, reads beside it, and what is due.

use crate::error::{OpenError, PublishError, ServiceError};
use crate::write::{Done, MemberRef, Write};
use kopilka_core::book::Book;
use kopilka_core::decide::Quote;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::member::Balance;
use kopilka_core::order::OrderBody;
use kopilka_core::product::Product;
use kopilka_core::program::Versions;
use kopilka_core::time::Instant;
use kopilka_store::{Reader, StoreError};
use std::path::PathBuf;
use std::sync::Arc;

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

/// The running engine; cloning shares it.
#[derive(Clone)]
pub struct Service {
    shared: Arc<()>,
}

/// The scheduler and the projector.
pub struct Background {}

impl Background {
    pub fn stop(self) {}
}

impl Service {
    /// Creates the directory, the key file and the database where they are missing, migrates, and starts
    /// the writer. Needs no async runtime.
    pub fn open(_options: OpenOptions) -> Result<Service, OpenError> {
        todo!()
    }
    pub fn start_background(&self) -> Background {
        todo!()
    }
    /// Refuses new writes, answers those that wait, and writes the log back into the database.
    pub fn stop(&self) {
        let _ = &self.shared;
        todo!()
    }
    /// Checks, compiles and publishes a document.
    pub async fn publish(&self, _publish: Publish) -> Result<Published, PublishError> {
        todo!()
    }
    pub fn programs(&self) -> Vec<ProgramInfo> {
        todo!()
    }
    pub fn versions(&self, _program: ProgramId) -> Option<Arc<Versions>> {
        todo!()
    }
    /// The program's time: a sandbox's clock once it is set, else the system's.
    pub fn now(&self, _program: ProgramId) -> Instant {
        todo!()
    }
    /// Moves a sandbox program's clock; all that is due by then has run when this answers.
    pub async fn set_clock(&self, _program: ProgramId, _to: Instant) -> Result<Instant, ServiceError> {
        todo!()
    }
    /// Makes a key; the secret is told once.
    pub async fn create_key(&self, _key: NewKey) -> Result<(KeyInfo, String), ServiceError> {
        todo!()
    }
    /// Who holds this secret; `None` for unknown and revoked keys.
    pub fn authenticate(&self, _secret: &str) -> Option<Arc<Caller>> {
        todo!()
    }
    pub async fn revoke_key(&self, _id: &str) -> Result<KeyInfo, ServiceError> {
        todo!()
    }
    pub fn keys(&self, _program: Option<ProgramId>) -> Vec<KeyInfo> {
        todo!()
    }
    /// The one way for every write: answered when it is on disk.
    pub async fn write(&self, _write: Write) -> Result<Done, ServiceError> {
        todo!()
    }
    /// What an order would come to; changes nothing.
    pub async fn quote(
        &self,
        _program: ProgramId,
        _member: Option<MemberRef>,
        _body: OrderBody,
    ) -> Result<QuoteAnswer, ServiceError> {
        todo!()
    }
    /// Adds or replaces products by sku.
    pub async fn put_products(&self, _program: ProgramId, _list: Vec<Product>) -> Result<(), ServiceError> {
        todo!()
    }
    /// Runs queries on a read connection, off the async threads.
    pub async fn read<T: Send + 'static>(
        &self,
        _query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ServiceError> {
        todo!()
    }
    /// Waits (five seconds at most) until the member has entry `seq` and the projections have reached it.
    pub async fn wait_for_seq(
        &self,
        _program: ProgramId,
        _member: MemberId,
        _seq: i64,
    ) -> Result<(), ServiceError> {
        todo!()
    }
    /// `member_unknown` or `invalid_identifier` where there is none.
    pub async fn find_member(
        &self,
        _program: ProgramId,
        _member: MemberRef,
    ) -> Result<MemberId, ServiceError> {
        todo!()
    }
    /// The member's row, what is known of the person, and the named orders that exist.
    pub async fn book(&self, _program: ProgramId, _member: MemberId) -> Result<Book, ServiceError> {
        todo!()
    }
}
