//! One-time codes that were sent.
//!
//! Invariant: neither a code nor an address is here, only keyed hashes; a row is found by its program and id.

use crate::error::StoreError;
use crate::reader::Reader;
use crate::sql::codes;
use crate::value::{Columns, exactly, params};
use crate::writer::Writer;
use kopilka_core::ids::{CodeId, MemberId, ProgramId};
use kopilka_core::order::OrderKey;
use kopilka_core::points::Points;
use kopilka_core::time::Instant;

/// One code: to whom it went, what it confirms, how far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeRow {
    pub id: CodeId,
    /// Whose address it is, where it is a member's.
    pub member: Option<MemberId>,
    /// Whose phone or e-mail it is to change, where it is asked for that.
    pub subject: Option<MemberId>,
    /// A keyed hash of phone or e-mail.
    pub address: [u8; 32],
    /// The key that asked for it.
    pub caller: String,
    /// What it agrees to: so many points of this order at most. Without one it only confirms the address.
    pub order: Option<(OrderKey, Points)>,
    /// A keyed hash of the code, bound to this row.
    pub digest: [u8; 32],
    pub state: CodeProgress,
    /// Wrong ones that were told.
    pub tries: u32,
    pub sent_at: Instant,
    pub confirmed_at: Option<Instant>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeProgress {
    Sent,
    Confirmed,
    /// Guessed at too often.
    Void,
}

impl CodeProgress {
    const ALL: [CodeProgress; 3] = [CodeProgress::Sent, CodeProgress::Confirmed, CodeProgress::Void];

    pub fn name(self) -> &'static str {
        match self {
            CodeProgress::Sent => "sent",
            CodeProgress::Confirmed => "confirmed",
            CodeProgress::Void => "void",
        }
    }
}

fn malformed(what: &str) -> StoreError {
    StoreError::Malformed(format!("{what} of a one-time code"))
}

fn code(row: &dyn Columns) -> Result<CodeRow, StoreError> {
    let state = row.text(8)?;
    let state = CodeProgress::ALL.into_iter().find(|s| s.name() == state);
    let points = Points(row.int(6)?);
    let key = row.text_or_null(4)?.zip(row.text_or_null(5)?);
    let order = key.map(|(shop, order)| OrderKey { shop: shop.into(), order: order.into() });
    Ok(CodeRow {
        id: CodeId(row.int(0)?),
        member: row.int_or_null(1)?.map(MemberId),
        address: exactly(row.bytes(2)?)?,
        caller: row.text(3)?.to_owned(),
        order: order.map(|key| (key, points)),
        digest: exactly(row.bytes(7)?)?,
        state: state.ok_or_else(|| malformed("the state"))?,
        tries: u32::try_from(row.int(9)?).map_err(|_| malformed("a number"))?,
        sent_at: Instant(row.int(10)?),
        confirmed_at: row.instant_or_null(11)?,
        subject: row.int_or_null(12)?.map(MemberId),
    })
}

impl Reader {
    pub fn code(&self, program: ProgramId, id: CodeId) -> Result<Option<CodeRow>, StoreError> {
        self.one(codes::CODE, params![program.0, id.0], code)
    }
    /// When codes went to an address after `since`, the newest first.
    pub fn codes_to(
        &self,
        program: ProgramId,
        address: &[u8; 32],
        since: Instant,
        limit: usize,
    ) -> Result<Vec<Instant>, StoreError> {
        let asked = params![program.0, address, since.0, limit as i64];
        self.many(codes::CODES_TO, asked, |row| row.int(0).map(Instant))
    }
    /// How many codes a key has asked for after `since`.
    pub fn codes_by(&self, program: ProgramId, caller: &str, since: Instant) -> Result<i64, StoreError> {
        Ok(self.number(codes::CODES_BY, params![program.0, caller, since.0])?.unwrap_or_default())
    }
}

impl Writer {
    pub fn insert_code(&self, program: ProgramId, row: &CodeRow) -> Result<(), StoreError> {
        let (key, points) = row.order.as_ref().map_or((None, Points::ZERO), |(key, p)| (Some(key), *p));
        let columns = params![
            program.0,
            row.id.0,
            row.member.map(|member| member.0),
            &row.address,
            &row.caller,
            key.map(|key| key.shop.as_str()),
            key.map(|key| key.order.as_str()),
            points.0,
            &row.digest,
            row.state.name(),
            row.tries,
            row.sent_at.0,
            row.confirmed_at.map(|at| at.0),
            row.subject.map(|member| member.0),
        ];
        self.run(codes::CODE_INSERT, columns).map(|_| ())
    }
    /// Writes down what a try came to; whether no other try was faster.
    pub fn code_tried(&self, program: ProgramId, row: &CodeRow, seen: u32) -> Result<bool, StoreError> {
        let confirmed = row.confirmed_at.map(|at| at.0);
        let columns = params![program.0, row.id.0, row.state.name(), row.tries, confirmed, seen];
        Ok(self.run(codes::CODE_TRIED, columns)? == 1)
    }
    /// Forgets the codes that were sent before.
    pub fn forget_codes(&self, program: ProgramId, before: Instant) -> Result<(), StoreError> {
        self.run(codes::CODES_OLD, params![program.0, before.0]).map(|_| ())
    }
}
