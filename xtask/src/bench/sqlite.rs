//! The peer of G3: raw SQLite with a row per account, lot and entry, as one would write it by hand.
//!
//! Each redeem reads the balance and the first lot to expire, inserts an entry with a unique key in time
//! order and updates lot and account; 64 of them a commit, each commit on disk.

use super::rounds::Measured;
use crate::dice::scramble;
use crate::process;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, params};
use std::path::Path;
use std::time::{Duration, Instant};

const REDEEMS_A_COMMIT: u64 = 64;

const SCHEMA: &str = "
    CREATE TABLE account (id INTEGER PRIMARY KEY, balance INTEGER NOT NULL, version INTEGER NOT NULL);
    CREATE TABLE lot (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, remaining INTEGER NOT NULL,
                      expires_at INTEGER NOT NULL);
    CREATE INDEX lot_by_account ON lot (account_id, expires_at);
    CREATE TABLE entry (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL, lot_id INTEGER NOT NULL,
                        amount INTEGER NOT NULL, at INTEGER NOT NULL, key TEXT NOT NULL UNIQUE);
    CREATE INDEX entry_by_account ON entry (account_id);
";

/// A database of its own with its counter of keys.
#[derive(Debug)]
pub struct Peer {
    connection: Connection,
    members: u64,
    next: u64,
}

impl Peer {
    /// Makes the database and fills it: `members` accounts with one lot each. `stable_plans` is SQLite's
    /// QPSG: prepared statements are not planned anew for each bound value.
    pub fn create(folder: &Path, members: u64, stable_plans: bool) -> Result<Peer, String> {
        let name = if stable_plans { "raw-qpsg.db" } else { "raw.db" };
        let mut peer = Peer::open(&folder.join(name), members, stable_plans).map_err(told)?;
        peer.fill().map_err(told)?;
        Ok(peer)
    }

    fn open(path: &Path, members: u64, stable_plans: bool) -> rusqlite::Result<Peer> {
        let connection = Connection::open(path)?;
        connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, stable_plans)?;
        connection.execute_batch(
            "PRAGMA page_size=4096; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;
             PRAGMA wal_autocheckpoint=32768; PRAGMA cache_size=-65536;",
        )?;
        connection.execute_batch(SCHEMA)?;
        Ok(Peer { connection, members, next: 0 })
    }

    fn fill(&mut self) -> rusqlite::Result<()> {
        let filling = self.connection.transaction()?;
        for id in 1..=self.members as i64 {
            filling.prepare_cached("INSERT INTO account VALUES (?1, 1000000, 0)")?.execute([id])?;
            filling.prepare_cached("INSERT INTO lot VALUES (?1, ?1, 1000000, ?1)")?.execute([id])?;
        }
        filling.commit()?;
        self.connection.execute_batch("ANALYZE")
    }

    /// Redeems for a time.
    pub fn run(&mut self, time: Duration) -> Result<Measured, String> {
        let own = std::process::id();
        let (cpu_before, started, first) = (process::cpu_seconds(own), Instant::now(), self.next);
        while started.elapsed() < time {
            self.commit_some().map_err(told)?;
        }
        Ok(Measured {
            operations: self.next - first,
            seconds: started.elapsed().as_secs_f64(),
            cpu_seconds: process::cpu_seconds(own) - cpu_before,
        })
    }

    fn commit_some(&mut self) -> rusqlite::Result<()> {
        let transaction = self.connection.transaction()?;
        for n in self.next..self.next + REDEEMS_A_COMMIT {
            let account = (scramble(n) % self.members) as i64 + 1;
            redeem(&transaction, account, n)?;
        }
        self.next += REDEEMS_A_COMMIT;
        transaction.commit()
    }
}

fn redeem(on: &Connection, account: i64, n: u64) -> rusqlite::Result<()> {
    let balance: i64 = on
        .prepare_cached("SELECT balance FROM account WHERE id = ?1")?
        .query_row([account], |row| row.get(0))?;
    if balance < 1 {
        return Ok(());
    }
    let lot: i64 = on
        .prepare_cached(
            "SELECT id FROM lot WHERE account_id = ?1 AND remaining > 0 ORDER BY expires_at LIMIT 1",
        )?
        .query_row([account], |row| row.get(0))?;
    on.prepare_cached("INSERT INTO entry (account_id, lot_id, amount, at, key) VALUES (?1, ?2, -1, ?3, ?4)")?
        .execute(params![account, lot, n as i64, format!("key-{n:016x}")])?;
    on.prepare_cached("UPDATE lot SET remaining = remaining - 1 WHERE id = ?1")?.execute([lot])?;
    on.prepare_cached("UPDATE account SET balance = balance - 1, version = version + 1 WHERE id = ?1")?
        .execute([account])?;
    Ok(())
}

fn told(error: rusqlite::Error) -> String {
    format!("raw SQLite: {error}")
}
