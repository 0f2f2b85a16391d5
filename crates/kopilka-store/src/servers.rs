//! Several servers on one database: who is alive, up to where each has written, and who does which task.
//!
//! Invariant: a server's transactions hold its row in share. Whoever declares a server dead deletes that row,
//! which waits for what is under way and shuts out what would come: from then on its `floor` need not be
//! waited for and its leases are free. Nobody's clock is compared with anybody else's.

use crate::error::StoreError;
use crate::reader::Reader;
use crate::sql::servers;
use crate::value::params;
use crate::writer::{Seal, Writer};
use kopilka_core::ids::EntryId;
use kopilka_core::time::Instant;

/// Numbers stand in ten bits of an id, the last one is for what is no server: far more than one database can
/// serve.
pub const SERVERS_MAX: i64 = 1_023;

/// A server as the others see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerRow {
    pub seal: Seal,
    /// Goes up while it lives.
    pub beat: i64,
    /// No entry up to this id will come from it any more.
    pub floor: EntryId,
}

/// A task that one server does for all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseRow {
    pub name: String,
    pub holder: Seal,
}

impl Reader {
    pub fn servers(&self) -> Result<Vec<ServerRow>, StoreError> {
        self.many(servers::SERVERS, &[], |row| {
            Ok(ServerRow {
                seal: Seal { server: row.int(0)?, token: row.int(1)? },
                beat: row.int(2)?,
                floor: EntryId(row.int(3)?),
            })
        })
    }
    pub fn leases(&self) -> Result<Vec<LeaseRow>, StoreError> {
        self.many(servers::LEASES, &[], |row| {
            let holder = Seal { server: row.int(1)?, token: row.int(2)? };
            Ok(LeaseRow { name: row.text(0)?.to_owned(), holder })
        })
    }
}

/// Each of these is a transaction of its own.
impl Writer {
    /// Takes a free number. Its floor stays 0, which holds up every consumer, until the first beat.
    pub fn join(&self, token: i64, now: Instant) -> Result<Seal, StoreError> {
        let taken: Vec<i64> = self.reads().servers()?.iter().map(|s| s.seal.server).collect();
        for server in (0..SERVERS_MAX).filter(|n| !taken.contains(n)) {
            if self.run(servers::SERVER_INSERT, params![server, token, now.0])? == 1 {
                return Ok(Seal { server, token });
            }
        }
        Err(StoreError::Engine(format!("{SERVERS_MAX} servers write to this database already")))
    }
    /// `false`: the others took this server for dead.
    pub fn beat(&self, seal: Seal, floor: EntryId) -> Result<bool, StoreError> {
        Ok(self.run(servers::SERVER_BEAT, params![seal.server, seal.token, floor.0])? == 1)
    }
    /// Declares a server dead, or leaves: returns when nothing of it can be written any more.
    pub fn remove_server(&self, seal: Seal) -> Result<bool, StoreError> {
        Ok(self.run(servers::SERVER_DELETE, params![seal.server, seal.token])? == 1)
    }
    /// Makes sure that a task can be claimed.
    pub fn make_lease(&self, name: &str) -> Result<(), StoreError> {
        self.run(servers::LEASE_INSERT, params![name]).map(|_| ())
    }
    /// `true` when the task is this server's now; it was nobody's.
    pub fn claim(&self, name: &str, seal: Seal) -> Result<bool, StoreError> {
        Ok(self.run(servers::LEASE_CLAIM, params![name, seal.server, seal.token])? == 1)
    }
    pub fn release(&self, name: &str, seal: Seal) -> Result<bool, StoreError> {
        Ok(self.run(servers::LEASE_RELEASE, params![name, seal.server, seal.token])? == 1)
    }
}
