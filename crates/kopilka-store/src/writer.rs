//! What a connection that writes can do, always inside a transaction that its owner opens and closes.
//!
//! Invariant: what a command reads through here stays true until the commit: the file has one writer, and a
//! server locks the member's row as it is read.

mod accruals;

use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::{Ahead, Changes, Wanted};
use crate::postgres::{self, Loaded};
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::{codes, command, messages, reference, session};
use crate::sqlite;
use crate::store::Store;
use crate::value::{Param, params};
use kopilka_core::ShortText;
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::PersonFacts;
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::product::Product;
use kopilka_core::time::Instant;
use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;

/// Why what waits for a person who left is not sent.
const ERASED: &str = "erased";

/// A connection that writes. It reads too: a group loads its members inside its own transaction.
pub struct Writer {
    reader: Reader,
    store: Store,
    /// What was loaded ahead for the open transaction.
    loaded: RefCell<Loaded>,
    /// The row that proves this server alive, where several may write.
    fence: Option<Seal>,
    open: Cell<bool>,
}

/// A server's number and the token of its present life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seal {
    pub server: i64,
    pub token: i64,
}

impl Writer {
    pub(crate) fn new(store: Store, conn: Conn) -> Writer {
        let reader = Reader { conn };
        Writer { reader, store, loaded: RefCell::default(), fence: None, open: Cell::new(false) }
    }
    /// Every transaction from here on proves that the server still lives.
    pub fn fence_with(&mut self, seal: Seal) {
        self.fence = Some(seal);
    }
    pub fn reads(&self) -> &Reader {
        &self.reader
    }

    /// Opens the transaction. What is read from here stays true until `commit`.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.loaded.borrow_mut().clear();
        self.open.set(true);
        match &self.reader.conn {
            Conn::Sqlite(_) => self.reader.conn.run(session::SQLITE_BEGIN),
            Conn::Postgres(link) => postgres::begin(link, self.fence),
        }
    }
    /// Loads ahead what a group will ask for; without it each row is loaded when asked for.
    pub fn load(&self, wanted: &[Wanted]) -> Result<(), StoreError> {
        match &self.reader.conn {
            Conn::Sqlite(_) => Ok(()),
            Conn::Postgres(link) => postgres::load(link, wanted, &mut self.loaded.borrow_mut()),
        }
    }
    /// Takes over what was read of members before the transaction. One that has changed since is a conflict
    /// when it is written.
    pub fn take_over(&self, ahead: Vec<Ahead>) {
        let mut loaded = self.loaded.borrow_mut();
        ahead.into_iter().for_each(|one| loaded.give(one));
    }
    /// Writes all of a group's changes.
    pub fn write(&self, changes: &Changes) -> Result<(), StoreError> {
        match &self.reader.conn {
            conn @ Conn::Sqlite(file) => sqlite::write(conn, file, changes),
            conn @ Conn::Postgres(link) => postgres::write(conn, link, changes),
        }
    }
    /// Returns when the transaction is on disk.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.reader.conn.run(session::COMMIT)?;
        self.open.set(false);
        Ok(())
    }
    /// Undoes the open transaction; one that the engine has undone itself (a full disk, a lost connection)
    /// is no error.
    pub fn rollback(&self) -> Result<(), StoreError> {
        self.loaded.borrow_mut().clear();
        let undone = match &self.reader.conn {
            Conn::Sqlite(conn) => conn.is_autocommit(),
            Conn::Postgres(_) => !self.open.get(),
        };
        self.open.set(false);
        match if undone { Ok(()) } else { self.reader.conn.run(session::ROLLBACK) } {
            Err(StoreError::Lost(_)) => Ok(()),
            other => other,
        }
    }
    /// Connects anew; looks for the host that takes writes.
    pub fn reconnect(&mut self) -> Result<(), StoreError> {
        self.reader = Reader { conn: self.store.connect_writer()? };
        self.open.set(false);
        Ok(())
    }

    // What commands read.

    pub fn member(&self, program: ProgramId, id: MemberId) -> Result<Option<MemberRow>, StoreError> {
        if let Some(known) = self.loaded.borrow_mut().take_member(program, id) {
            return Ok(known);
        }
        let sql = match &self.reader.conn {
            Conn::Sqlite(_) => command::MEMBER,
            Conn::Postgres(_) => command::MEMBER_LOCKED,
        };
        self.reader.one(sql, params![id.0, program.0], codec::member)
    }
    pub fn find(&self, program: ProgramId, name: &Name) -> Result<Option<Target>, StoreError> {
        match self.loaded.borrow().name(program, name) {
            Some(known) => Ok(known),
            None => self.reader.find(program, name),
        }
    }
    pub fn order_of(
        &self,
        program: ProgramId,
        member: MemberId,
        key: &OrderKey,
    ) -> Result<Option<OrderState>, StoreError> {
        match self.loaded.borrow_mut().take_order(member, key) {
            Some(known) => Ok(known),
            None => self.reader.order_of(program, member, key),
        }
    }
    pub fn person_facts(&self, program: ProgramId, id: MemberId) -> Result<PersonFacts, StoreError> {
        match self.loaded.borrow().facts(id) {
            Some(known) => Ok(known),
            None => self.reader.person_facts(program, id),
        }
    }
    /// The entry that answered a key which the member's row no longer remembers.
    pub fn old_key(
        &self,
        program: ProgramId,
        member: MemberId,
        hash: Hash16,
    ) -> Result<Option<EntryId>, StoreError> {
        match self.loaded.borrow().old_key(member, hash) {
            Some(known) => Ok(known),
            None => self.reader.old_key(program, member, hash),
        }
    }
    /// A counter across members, locked until the commit.
    pub fn counter(&self, program: ProgramId, what: &ShortText) -> Result<i64, StoreError> {
        if let Some(known) = self.loaded.borrow().counter(program, what) {
            return Ok(known);
        }
        let key = params![program.0, what.as_str()];
        let sql = match &self.reader.conn {
            Conn::Sqlite(_) => command::COUNTER,
            Conn::Postgres(_) => {
                self.run(command::COUNTER_MAKE, key)?;
                command::COUNTER_LOCKED
            }
        };
        Ok(self.reader.number(sql, key)?.unwrap_or_default())
    }
    /// Locks the counters of a whole group at once; elsewhere each is read when asked for.
    pub fn lock_counters(&self, wanted: &BTreeSet<(ProgramId, ShortText)>) -> Result<(), StoreError> {
        match &self.reader.conn {
            Conn::Postgres(link) if !wanted.is_empty() => {
                postgres::lock_counters(link, wanted, &mut self.loaded.borrow_mut())
            }
            _ => Ok(()),
        }
    }
    pub fn entry_of(
        &self,
        program: ProgramId,
        member: MemberId,
        id: EntryId,
    ) -> Result<Option<EntryRow>, StoreError> {
        self.reader.one(command::ENTRY_OF_MEMBER, params![id.0, program.0, member.0], codec::entry)
    }

    // What is not a member's: settings, programs, products, keys.

    pub(crate) fn run(&self, sql: &'static str, params: &[Param<'_>]) -> Result<u64, StoreError> {
        self.reader.conn.execute(sql, params)
    }
    /// Runs `one` for each row, or `many`, which says the same of all of them, where a row is a round trip.
    /// `kinds` are those of its columns.
    pub(crate) fn run_each<const N: usize>(
        &self,
        (one, many, kinds): (&'static str, &'static str, &'static str),
        rows: &[[Param<'_>; N]],
    ) -> Result<(), StoreError> {
        match &self.reader.conn {
            Conn::Sqlite(file) => {
                let mut run = sqlite::InARow::on(file);
                rows.iter().try_for_each(|row| run.execute(one, row).map(|_| ()))
            }
            Conn::Postgres(link) => postgres::run_each(link, (many, kinds), rows),
        }
    }

    pub fn insert_program(&self, row: &ProgramRow) -> Result<(), StoreError> {
        let columns = params![row.id.0, &row.slug, row.sandbox, row.created_at.0];
        self.run(reference::PROGRAM_INSERT, columns).map(|_| ())
    }
    pub fn insert_version(&self, row: &VersionRow) -> Result<(), StoreError> {
        let columns = params![
            row.program.0,
            row.version,
            row.effective_from.0,
            row.published_at.0,
            &row.author,
            &row.note,
            row.armed,
            &row.text,
        ];
        self.run(reference::VERSION_INSERT, columns).map(|_| ())
    }
    /// Writes a draft over the revision that was seen, 0 for one that is new; whether that was the newest.
    pub fn put_draft(&self, program: ProgramId, row: &DraftRow) -> Result<bool, StoreError> {
        let (author, note, at, text) = (&row.author, &row.note, row.updated_at.0, &row.text);
        let changed = match row.revision {
            0 => self.run(reference::DRAFT_INSERT, params![program.0, &row.name, author, note, at, text]),
            seen => {
                let columns = params![program.0, &row.name, author, note, at, text, seen];
                self.run(reference::DRAFT_UPDATE, columns)
            }
        };
        Ok(changed? == 1)
    }
    /// Whether there was one.
    pub fn delete_draft(&self, program: ProgramId, name: &str) -> Result<bool, StoreError> {
        Ok(self.run(reference::DRAFT_DELETE, params![program.0, name])? == 1)
    }
    pub fn set_armed(&self, program: ProgramId, version: u32) -> Result<(), StoreError> {
        self.run(reference::VERSION_ARMED, params![program.0, version]).map(|_| ())
    }
    pub fn put_clock(&self, program: ProgramId, stands_at: Instant) -> Result<(), StoreError> {
        self.run(reference::CLOCK_PUT, params![program.0, stands_at.0]).map(|_| ())
    }
    pub fn put_product(&self, program: ProgramId, product: &Product) -> Result<(), StoreError> {
        let body = to_json(product)?;
        self.run(reference::PRODUCT_PUT, params![program.0, product.sku.as_str(), &body]).map(|_| ())
    }
    /// Adds made codes; answers how many of them were new.
    pub fn insert_coupons(
        &self,
        program: ProgramId,
        coupons: &[MadeCode],
        at: Instant,
    ) -> Result<u64, StoreError> {
        coupons.iter().try_fold(0, |added, coupon| {
            let (owner, expires_at) = (coupon.owner.map(|m| m.0), coupon.expires_at.map(|at| at.0));
            let (code, campaign) = (coupon.code.as_str(), coupon.campaign.as_str());
            let columns = params![program.0, code, campaign, owner, expires_at, at.0];
            Ok(added + self.run(reference::COUPON_INSERT, columns)?)
        })
    }
    /// Whether there is such a code.
    pub fn set_coupon_blocked(
        &self,
        program: ProgramId,
        code: &CouponCode,
        blocked: bool,
    ) -> Result<bool, StoreError> {
        Ok(self.run(reference::COUPON_BLOCKED, params![program.0, code.as_str(), blocked])? == 1)
    }
    pub fn insert_api_key(&self, row: &KeyRow) -> Result<(), StoreError> {
        let scopes = to_json(&row.scopes)?;
        let columns = params![
            &row.id,
            row.program.0,
            &row.shop,
            &row.name,
            &scopes,
            &row.secret_hash,
            row.created_at.0,
            row.revoked_at.map(|at| at.0),
        ];
        self.run(reference::API_KEY_INSERT, columns).map(|_| ())
    }
    pub fn revoke_api_key(&self, id: &str, at: Instant) -> Result<bool, StoreError> {
        Ok(self.run(reference::API_KEY_REVOKE, params![id, at.0])? == 1)
    }
    /// Whether somebody who was erased had the identifier, and that is still kept.
    pub fn was_erased(&self, program: ProgramId, hash: &Hash16, now: Instant) -> Result<bool, StoreError> {
        Ok(self.reader.number(command::FORMER, params![program.0, hash, now.0])?.is_some())
    }
    /// Forgets identifiers of erased persons whose time is over; how many.
    pub fn sweep_former(&self, program: ProgramId, now: Instant) -> Result<u64, StoreError> {
        self.run(reference::FORMER_SWEEP, params![program.0, now.0])
    }
    pub fn put_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.run(reference::SETTING_PUT, params![name, value]).map(|_| ())
    }
}

/// Runs a statement with its values; how many rows it changed.
pub(crate) type Run<'a> = dyn FnMut(&'static str, &[Param<'_>]) -> Result<u64, StoreError> + 'a;

/// Row by row on every engine: a person changes seldom.
pub(crate) fn put_person(
    run: &mut Run<'_>,
    (program, member): (i64, i64),
    person: &Person,
) -> Result<(), StoreError> {
    let born = person.birth_date.map(|d| d.to_string());
    let lists = [to_json(&person.phones)?, to_json(&person.emails)?, to_json(&person.cards)?];
    let attributes = match person.attributes.is_empty() {
        true => None,
        false => Some(to_json(&person.attributes)?),
    };
    let consents = match person.consents.is_empty() {
        true => None,
        false => Some(to_json(&person.consents)?),
    };
    // Most members have none, and then nothing stands there.
    let or_none = |list: &Vec<String>| (!list.is_empty()).then(|| to_json(list)).transpose();
    let (blocked, other_exts) = (or_none(&person.blocked_cards)?, or_none(&person.other_exts)?);
    let sites = match person.sites.is_empty() {
        true => None,
        false => Some(to_json(&person.sites)?),
    };
    let holders = match person.holders.is_empty() {
        true => None,
        false => Some(to_json(&person.holders)?),
    };
    let params = params![
        member,
        program,
        person.name.as_ref(),
        born.as_ref(),
        person.birth_date_known_at.map(|at| at.0),
        person.language.as_ref(),
        person.ext.as_ref(),
        &lists[0],
        &lists[1],
        &lists[2],
        attributes.as_ref(),
        person.region.as_ref(),
        consents.as_ref(),
        subscribed(&person.consents).bits(),
        blocked.as_ref(),
        sites.as_ref(),
        other_exts.as_ref(),
        person.telegram.as_ref(),
        holders.as_ref(),
    ];
    run(command::PERSON_PUT, params).map(|_| ())
}

/// Row by row on every engine: an account is merged once.
pub(crate) fn delete_orders(conn: &Conn, changes: &Changes) -> Result<(), StoreError> {
    for (program, member, key) in &changes.orders_removed {
        let named = params![member.0, key.shop.as_str(), key.order.as_str(), program.0];
        conn.execute(command::ORDER_DELETE, named)?;
    }
    Ok(())
}

/// Row by row on every engine: a person leaves once.
pub(crate) fn put_erased(conn: &Conn, changes: &Changes) -> Result<(), StoreError> {
    for (program, member, entry) in &changes.reasons_erased {
        conn.execute(command::REASON_ERASE, params![entry.0, program.0, member.0])?;
    }
    for (program, member, since) in &changes.unwritten {
        let columns = params![member.0, program.0, since.0, ERASED];
        conn.execute(messages::MESSAGES_OF_MEMBER_DROP, columns)?;
    }
    for (program, member, addresses) in &changes.codes_forgotten {
        conn.execute(codes::CODES_OF_MEMBER, params![program.0, member.0])?;
        for address in addresses {
            conn.execute(codes::CODES_OF_ADDRESS, params![program.0, address])?;
        }
    }
    for (program, hash, until) in &changes.former {
        conn.execute(command::FORMER_PUT, params![program.0, hash, until.0])?;
    }
    Ok(())
}
