//! Rows of SQLite to the store's rows and back.

use crate::error::StoreError;
use crate::hex;
use crate::rows::*;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::order::{OrderKey, OrderState, OrderStatus};
use kopilka_core::time::{Day, Instant};
use rusqlite::{ErrorCode, Row, ffi};
use serde::de::DeserializeOwned;

/// Extended results of a disk (or quota, or file-size limit) that takes no more.
const FULL_RESULTS: [i32; 4] =
    [ffi::SQLITE_IOERR_WRITE, ffi::SQLITE_IOERR_SHMSIZE, ffi::SQLITE_IOERR_TRUNCATE, ffi::SQLITE_FULL];

/// Errors are told apart by result code alone.
pub fn error(error: rusqlite::Error) -> StoreError {
    let text = error.to_string();
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return StoreError::Engine(text) };
    if FULL_RESULTS.contains(&failure.extended_code) {
        return StoreError::Full;
    }
    match failure.code {
        ErrorCode::DiskFull => StoreError::Full,
        ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked => StoreError::Busy,
        ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase => StoreError::Damaged(text),
        ErrorCode::ConstraintViolation => StoreError::Conflict(text),
        _ => StoreError::Engine(text),
    }
}

pub fn json<T: DeserializeOwned>(format: i64, what: &str, text: &str) -> Result<T, StoreError> {
    if !(FORMAT - 1..=FORMAT).contains(&format) {
        return Err(StoreError::Malformed(format!("{what} of format {format}")));
    }
    serde_json::from_str(text).map_err(|e| StoreError::Malformed(format!("{what}: {e}")))
}

pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Malformed(e.to_string()))
}

/// Reads the columns of `sql::MEMBER`.
pub fn member(row: &Row<'_>) -> Result<MemberRow, StoreError> {
    let format: i64 = row.get(2).map_err(error)?;
    let body = row.get_ref(7).map_err(error)?.as_str().map_err(malformed)?;
    let keys = row.get_ref(6).map_err(error)?.as_str().map_err(malformed)?;
    let member: Member = json(format, "a member", body)?;
    Ok(MemberRow {
        program: ProgramId(row.get(1).map_err(error)?),
        member,
        seq: row.get(3).map_err(error)?,
        head: EntryId(row.get(4).map_err(error)?),
        next_due: row.get::<_, Option<i64>>(5).map_err(error)?.map(Instant),
        keys: read_keys(keys)?,
    })
}

fn malformed(error: rusqlite::types::FromSqlError) -> StoreError {
    StoreError::Malformed(error.to_string())
}

/// `[["<32 hexadecimal digits>", entry], …]`, oldest first.
pub fn write_keys(keys: &[RecentKey]) -> String {
    use std::fmt::Write;
    let mut out = String::with_capacity(2 + keys.len() * 56);
    out.push('[');
    for (position, key) in keys.iter().enumerate() {
        out.push_str(if position == 0 { "[\"" } else { ",[\"" });
        hex::write(&key.hash, &mut out);
        let _ = write!(out, "\",{}]", key.entry.0);
    }
    out.push(']');
    out
}

pub fn read_keys(text: &str) -> Result<Vec<RecentKey>, StoreError> {
    if text == "[]" {
        return Ok(Vec::new());
    }
    let pairs: Vec<(&str, i64)> =
        serde_json::from_str(text).map_err(|e| StoreError::Malformed(format!("recent keys: {e}")))?;
    let read = |(hash, entry): (&str, i64)| {
        let hash = hex::read16(hash).ok_or_else(|| StoreError::Malformed(format!("a recent key: {hash}")))?;
        Ok(RecentKey { hash, entry: EntryId(entry) })
    };
    pairs.into_iter().map(read).collect()
}

/// Reads the columns of `sql::ENTRY`.
pub fn entry(row: &Row<'_>) -> Result<EntryRow, StoreError> {
    let format: i64 = row.get(3).map_err(error)?;
    let shop: Option<String> = row.get(12).map_err(error)?;
    let order: Option<String> = row.get(13).map_err(error)?;
    let events: String = row.get(17).map_err(error)?;
    let trace: String = row.get(18).map_err(error)?;
    Ok(EntryRow {
        id: EntryId(row.get(0).map_err(error)?),
        program: ProgramId(row.get(1).map_err(error)?),
        member: MemberId(row.get(2).map_err(error)?),
        seq: row.get(4).map_err(error)?,
        prev: EntryId(row.get(5).map_err(error)?),
        cause: row.get(6).map_err(error)?,
        order: shop.zip(order).map(|(shop, order)| OrderKey { shop: shop.into(), order: order.into() }),
        version: row.get(7).map_err(error)?,
        effective_at: Instant(row.get(8).map_err(error)?),
        recorded_at: Instant(row.get(9).map_err(error)?),
        key_hash: row.get(10).map_err(error)?,
        input_hash: row.get(11).map_err(error)?,
        operator: row.get(14).map_err(error)?,
        reason: row.get(15).map_err(error)?,
        answer: row.get(16).map_err(error)?,
        events: json(format, "events", &events)?,
        trace: json(format, "a trace", &trace)?,
    })
}

/// Reads `format, body`.
pub fn order(row: &Row<'_>) -> Result<OrderState, StoreError> {
    let format: i64 = row.get(0).map_err(error)?;
    let body = row.get_ref(1).map_err(error)?.as_str().map_err(malformed)?;
    json(format, "an order", body)
}

/// Reads the columns of `sql::PERSON`.
pub fn person(row: &Row<'_>) -> Result<Person, StoreError> {
    let list = |at: usize| -> Result<Vec<String>, StoreError> {
        let text: String = row.get(at).map_err(error)?;
        json(FORMAT, "a list of identifiers", &text)
    };
    Ok(Person {
        name: row.get(0).map_err(error)?,
        birth_date: day(row.get(1).map_err(error)?)?,
        birth_date_known_at: row.get::<_, Option<i64>>(2).map_err(error)?.map(Instant),
        language: row.get(3).map_err(error)?,
        ext: row.get(4).map_err(error)?,
        phones: list(5)?,
        emails: list(6)?,
        cards: list(7)?,
    })
}

pub fn day(text: Option<String>) -> Result<Option<Day>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    Day::parse(&text).map(Some).ok_or_else(|| StoreError::Malformed("a birth date".to_owned()))
}

pub fn target(row: &Row<'_>) -> Result<Target, StoreError> {
    Ok(Target {
        member: MemberId(row.get(0).map_err(error)?),
        entry: row.get::<_, Option<i64>>(1).map_err(error)?.map(EntryId),
    })
}

pub fn program(row: &Row<'_>) -> Result<ProgramRow, StoreError> {
    Ok(ProgramRow {
        id: ProgramId(row.get(0).map_err(error)?),
        slug: row.get(1).map_err(error)?,
        sandbox: row.get(2).map_err(error)?,
        created_at: Instant(row.get(3).map_err(error)?),
        clock: row.get::<_, Option<i64>>(4).map_err(error)?.map(Instant),
    })
}

pub fn version(program: ProgramId, row: &Row<'_>) -> Result<VersionRow, StoreError> {
    Ok(VersionRow {
        program,
        version: row.get(0).map_err(error)?,
        effective_from: Instant(row.get(1).map_err(error)?),
        published_at: Instant(row.get(2).map_err(error)?),
        author: row.get(3).map_err(error)?,
        note: row.get(4).map_err(error)?,
        armed: row.get(5).map_err(error)?,
        text: row.get(6).map_err(error)?,
    })
}

pub fn api_key(row: &Row<'_>) -> Result<KeyRow, StoreError> {
    let scopes: String = row.get(4).map_err(error)?;
    Ok(KeyRow {
        id: row.get(0).map_err(error)?,
        program: ProgramId(row.get(1).map_err(error)?),
        shop: row.get(2).map_err(error)?,
        name: row.get(3).map_err(error)?,
        scopes: json(FORMAT, "scopes", &scopes)?,
        secret_hash: row.get(5).map_err(error)?,
        created_at: Instant(row.get(6).map_err(error)?),
        revoked_at: row.get::<_, Option<i64>>(7).map_err(error)?.map(Instant),
    })
}

pub fn status(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "active",
        MemberStatus::Blocked => "blocked",
        MemberStatus::Frozen => "frozen",
        MemberStatus::Guest => "guest",
    }
}

pub fn order_status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Reserved => "reserved",
        OrderStatus::Placed => "placed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Paid => "paid",
        OrderStatus::Returned => "returned",
        OrderStatus::Cancelled => "cancelled",
    }
}
