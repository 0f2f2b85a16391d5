//! What the one writing connection can do, always inside a transaction that its owner opens and closes.

use super::Reader;
use super::codec::{self, error, to_json};
use crate::error::StoreError;
use crate::rows::*;
use crate::sql;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::order::OrderState;
use kopilka_core::product::Product;
use kopilka_core::time::Instant;
use rusqlite::{Params, params};

/// The connection that writes. It reads too: a group loads its members inside its own transaction.
pub struct Writer {
    pub(crate) reader: Reader,
}

impl Writer {
    pub fn reads(&self) -> &Reader {
        &self.reader
    }
    /// Takes the write lock at once, so that what is read until `commit` stays true.
    pub fn begin(&self) -> Result<(), StoreError> {
        self.batch("BEGIN IMMEDIATE")
    }
    /// Returns when the transaction is on disk.
    pub fn commit(&self) -> Result<(), StoreError> {
        self.batch("COMMIT")
    }
    /// Undoes the open transaction; one that the engine has undone itself (a full disk) is no error.
    pub fn rollback(&self) -> Result<(), StoreError> {
        if self.reader.conn.is_autocommit() { Ok(()) } else { self.batch("ROLLBACK") }
    }
    /// Writes the log back into the database file and empties it.
    pub fn checkpoint(&self) -> Result<(), StoreError> {
        self.reader.number("PRAGMA wal_checkpoint(TRUNCATE)", []).map(|_| ())
    }
    /// Lets the database grow to so many pages at most; for tests of a full disk.
    pub fn limit_pages(&self, pages: i64) -> Result<i64, StoreError> {
        let sql = format!("PRAGMA max_page_count = {pages}");
        self.reader.number(&sql, []).map(Option::unwrap_or_default)
    }
    /// Pages the database has now.
    pub fn pages(&self) -> Result<i64, StoreError> {
        self.reader.number("PRAGMA page_count", []).map(Option::unwrap_or_default)
    }
    fn batch(&self, sql: &str) -> Result<(), StoreError> {
        self.reader.conn.prepare_cached(sql).and_then(|mut s| s.execute([])).map_err(error)?;
        Ok(())
    }
    pub(crate) fn run(&self, sql: &str, params: impl Params) -> Result<usize, StoreError> {
        self.reader.conn.prepare_cached(sql).and_then(|mut s| s.execute(params)).map_err(error)
    }

    pub fn insert_member(&self, row: &MemberRow) -> Result<(), StoreError> {
        self.write_member(sql::MEMBER_INSERT, row, None).map(|_| ())
    }
    /// `seq_before` is the number the row was read with.
    pub fn update_member(&self, row: &MemberRow, seq_before: i64) -> Result<(), StoreError> {
        match self.write_member(sql::MEMBER_UPDATE, row, Some(seq_before))? {
            1 => Ok(()),
            _ => Err(StoreError::Conflict(format!("member {} is no longer at {seq_before}", row.member.id))),
        }
    }
    fn write_member(&self, sql: &str, row: &MemberRow, before: Option<i64>) -> Result<usize, StoreError> {
        let balance = row.member.balance_booked();
        let life = &row.member.lifetime;
        let mut statement = self.reader.conn.prepare_cached(sql).map_err(error)?;
        let scalars = params![
            row.member.id.0,
            row.program.0,
            FORMAT,
            codec::status(row.member.status),
            row.seq,
            row.head.0,
            row.next_due.map(|at| at.0),
            balance.pending.0,
            balance.available.0,
            balance.held.0,
            balance.debt.0,
            life.issued.0,
            life.regranted.0,
            life.written_off.0,
            life.spent.0,
            life.come_back.0,
            life.expired.0,
            life.revoked.0,
            life.shop_loss.0,
            codec::write_keys(&row.keys),
            to_json(&row.member)?
        ];
        for (position, value) in scalars.iter().enumerate() {
            statement.raw_bind_parameter(position + 1, value).map_err(error)?;
        }
        if let Some(seq) = before {
            statement.raw_bind_parameter(scalars.len() + 1, seq).map_err(error)?;
        }
        statement.raw_execute().map_err(error)
    }
    pub fn set_next_due(
        &self,
        program: ProgramId,
        member: MemberId,
        at: Option<Instant>,
    ) -> Result<(), StoreError> {
        self.run(sql::MEMBER_NEXT_DUE, (member.0, program.0, at.map(|a| a.0))).map(|_| ())
    }

    pub fn insert_entry(&self, row: &EntryRow) -> Result<(), StoreError> {
        self.run(
            sql::ENTRY_INSERT,
            params![
                row.id.0,
                row.program.0,
                row.member.0,
                FORMAT,
                row.seq,
                row.prev.0,
                row.cause,
                row.version,
                row.effective_at.0,
                row.recorded_at.0,
                row.key_hash,
                row.input_hash,
                row.order.as_ref().map(|o| o.shop.as_str()),
                row.order.as_ref().map(|o| o.order.as_str()),
                row.operator,
                row.reason,
                row.answer,
                to_json(&row.events)?,
                to_json(&row.trace)?
            ],
        )
        .map(|_| ())
    }
    pub fn put_order(
        &self,
        program: ProgramId,
        member: MemberId,
        state: &OrderState,
    ) -> Result<(), StoreError> {
        let status = codec::order_status(state.status);
        let body = to_json(state)?;
        let key = &state.key;
        self.run(
            sql::ORDER_PUT,
            params![member.0, key.shop.as_str(), key.order.as_str(), program.0, FORMAT, status, body],
        )
        .map(|_| ())
    }
    pub fn put_person(
        &self,
        program: ProgramId,
        member: MemberId,
        person: &Person,
    ) -> Result<(), StoreError> {
        self.run(
            sql::PERSON_PUT,
            params![
                member.0,
                program.0,
                person.name,
                person.birth_date.map(|d| d.to_string()),
                person.birth_date_known_at.map(|at| at.0),
                person.language,
                person.ext,
                to_json(&person.phones)?,
                to_json(&person.emails)?,
                to_json(&person.cards)?
            ],
        )
        .map(|_| ())
    }
    /// `false` when the value is somebody's already.
    pub fn insert_name(&self, program: ProgramId, name: &Name, target: Target) -> Result<bool, StoreError> {
        let entry = target.entry.map(|e| e.0);
        let row = (program.0, name.kind.name(), &name.value, target.member.0, entry);
        Ok(self.run(sql::NAME_INSERT, row)? == 1)
    }
    pub fn delete_name(&self, program: ProgramId, name: &Name, member: MemberId) -> Result<(), StoreError> {
        self.run(sql::NAME_DELETE, (program.0, name.kind.name(), &name.value, member.0)).map(|_| ())
    }
    /// Moves keys out of the member's row ahead of the projection.
    pub fn keep_keys(
        &self,
        program: ProgramId,
        member: MemberId,
        keys: &[RecentKey],
    ) -> Result<(), StoreError> {
        for key in keys {
            self.run(sql::OLD_KEY_INSERT, (member.0, key.hash, program.0, key.entry.0))?;
        }
        Ok(())
    }
    pub fn put_due(
        &self,
        program: ProgramId,
        member: MemberId,
        at: Option<Instant>,
    ) -> Result<(), StoreError> {
        match at {
            Some(at) => self.run(sql::DUE_PUT, (member.0, program.0, at.0)),
            None => self.run(sql::DUE_DELETE, (member.0, program.0)),
        }
        .map(|_| ())
    }

    pub fn insert_program(&self, row: &ProgramRow) -> Result<(), StoreError> {
        let columns = (row.id.0, &row.slug, row.sandbox, row.created_at.0);
        self.run(sql::PROGRAM_INSERT, columns).map(|_| ())
    }
    pub fn insert_version(&self, row: &VersionRow) -> Result<(), StoreError> {
        self.run(
            sql::VERSION_INSERT,
            params![
                row.program.0,
                row.version,
                row.effective_from.0,
                row.published_at.0,
                row.author,
                row.note,
                row.armed,
                row.text
            ],
        )
        .map(|_| ())
    }
    pub fn set_armed(&self, program: ProgramId, version: u32) -> Result<(), StoreError> {
        self.run(sql::VERSION_ARMED, (program.0, version)).map(|_| ())
    }
    pub fn put_clock(&self, program: ProgramId, stands_at: Instant) -> Result<(), StoreError> {
        self.run(sql::CLOCK_PUT, (program.0, stands_at.0)).map(|_| ())
    }
    pub fn put_product(&self, program: ProgramId, product: &Product) -> Result<(), StoreError> {
        self.run(sql::PRODUCT_PUT, (program.0, &product.sku, to_json(product)?)).map(|_| ())
    }
    pub fn insert_api_key(&self, row: &KeyRow) -> Result<(), StoreError> {
        self.run(
            sql::API_KEY_INSERT,
            params![
                row.id,
                row.program.0,
                row.shop,
                row.name,
                to_json(&row.scopes)?,
                row.secret_hash,
                row.created_at.0,
                row.revoked_at.map(|at| at.0)
            ],
        )
        .map(|_| ())
    }
    pub fn revoke_api_key(&self, id: &str, at: Instant) -> Result<bool, StoreError> {
        Ok(self.run(sql::API_KEY_REVOKE, (id, at.0))? == 1)
    }
    pub fn put_setting(&self, name: &str, value: &str) -> Result<(), StoreError> {
        self.run(sql::SETTING_PUT, (name, value)).map(|_| ())
    }
}
