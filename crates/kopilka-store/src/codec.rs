//! Rows of the database to the store's rows and back, the same for every engine.

use crate::error::StoreError;
use crate::hex;
use crate::rows::*;
use crate::value::{Columns, Param, exactly, params};
use kopilka_core::attribute::Attributes;
use kopilka_core::consent::Channels;
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::{Known, Member, MemberStatus, PersonFacts};
use kopilka_core::order::{OrderKey, OrderState, OrderStatus};
use kopilka_core::time::{Day, Instant};
use serde::de::DeserializeOwned;

pub fn json<T: DeserializeOwned>(format: i64, what: &str, text: &str) -> Result<T, StoreError> {
    if !(FORMAT - 1..=FORMAT).contains(&format) {
        return Err(StoreError::Malformed(format!("{what} of format {format}")));
    }
    serde_json::from_str(text).map_err(|e| StoreError::Malformed(format!("{what}: {e}")))
}

pub fn to_json<T: serde::Serialize>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|e| StoreError::Malformed(e.to_string()))
}

/// Reads the columns of `command::MEMBER`.
pub fn member(row: &dyn Columns) -> Result<MemberRow, StoreError> {
    let member: Member = json(row.int(2)?, "a member", row.text(7)?)?;
    Ok(MemberRow {
        program: ProgramId(row.int(1)?),
        member,
        seq: row.int(3)?,
        head: EntryId(row.int(4)?),
        next_due: row.instant_or_null(5)?,
        keys: read_keys(row.text(6)?)?,
    })
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

/// Reads the columns of `lookup::ENTRY`.
pub fn entry(row: &dyn Columns) -> Result<EntryRow, StoreError> {
    let format = row.int(3)?;
    let order = row.text_or_null(12)?.zip(row.text_or_null(13)?);
    let owned = |at: usize| Ok::<_, StoreError>(row.text_or_null(at)?.map(str::to_owned));
    let hash = |at: usize| row.bytes_or_null(at)?.map(exactly).transpose();
    Ok(EntryRow {
        id: EntryId(row.int(0)?),
        program: ProgramId(row.int(1)?),
        member: MemberId(row.int(2)?),
        seq: row.int(4)?,
        prev: EntryId(row.int(5)?),
        cause: row.text(6)?.to_owned(),
        order: order.map(|(shop, order)| OrderKey { shop: shop.into(), order: order.into() }),
        version: small(row.int(7)?)?,
        effective_at: Instant(row.int(8)?),
        recorded_at: Instant(row.int(9)?),
        key_hash: hash(10)?,
        input_hash: hash(11)?,
        operator: owned(14)?,
        reason: owned(15)?,
        answer: owned(16)?,
        events: json(format, "events", row.text(17)?)?,
        trace: json(format, "a trace", row.text(18)?)?,
    })
}

fn small(number: i64) -> Result<u32, StoreError> {
    u32::try_from(number).map_err(|_| StoreError::Malformed(format!("{number} is no version")))
}

/// Reads `format, body`.
pub fn order(row: &dyn Columns) -> Result<OrderState, StoreError> {
    json(row.int(0)?, "an order", row.text(1)?)
}

/// Most persons have none of these, and then nothing stands there.
fn list_or_none(row: &dyn Columns, at: usize) -> Result<Vec<String>, StoreError> {
    match row.text_or_null(at)? {
        Some(text) => json(FORMAT, "a list of identifiers", text),
        None => Ok(Vec::new()),
    }
}

/// Reads the columns of `command::PERSON`.
pub fn person(row: &dyn Columns) -> Result<Person, StoreError> {
    let list = |at: usize| -> Result<Vec<String>, StoreError> {
        json(FORMAT, "a list of identifiers", row.text(at)?)
    };
    let owned = |at: usize| Ok::<_, StoreError>(row.text_or_null(at)?.map(str::to_owned));
    Ok(Person {
        name: owned(0)?,
        birth_date: day(row.text_or_null(1)?)?,
        birth_date_known_at: row.instant_or_null(2)?,
        language: owned(3)?,
        ext: owned(4)?,
        phones: list(5)?,
        emails: list(6)?,
        cards: list(7)?,
        attributes: attributes(row, 8)?,
        region: owned(9)?,
        consents: match row.text_or_null(10)? {
            Some(text) => json(FORMAT, "a list of consents", text)?,
            None => Vec::new(),
        },
        blocked_cards: list_or_none(row, 11)?,
        sites: match row.text_or_null(12)? {
            Some(text) => json(FORMAT, "a list of sites", text)?,
            None => Vec::new(),
        },
        other_exts: list_or_none(row, 13)?,
        telegram: owned(14)?,
        holders: match row.text_or_null(15)? {
            Some(text) => json(FORMAT, "a list of holders", text)?,
            None => Vec::new(),
        },
    })
}

/// Reads the columns of `command::PERSON_FACTS`.
pub fn person_facts(row: &dyn Columns) -> Result<PersonFacts, StoreError> {
    Ok(PersonFacts {
        birth_date: day(row.text_or_null(0)?)?,
        birth_date_known_at: row.instant_or_null(1)?,
        attributes: attributes(row, 2)?,
        known: known(row.int(3)?),
        language: row.text_or_null(4)?.map(Into::into),
        region: row.text_or_null(5)?.map(Into::into),
        subscribed: Channels::of_bits(row.int(6)?),
    })
}

/// One bit a part, in the order of the statement.
fn known(bits: i64) -> Known {
    Known {
        name: bits & 1 != 0,
        phone: bits & 2 != 0,
        email: bits & 4 != 0,
        card: bits & 8 != 0,
        elsewhere: bits & 16 != 0,
    }
}

/// Most members have none, and then nothing stands there.
fn attributes(row: &dyn Columns, at: usize) -> Result<Attributes, StoreError> {
    match row.text_or_null(at)? {
        Some(text) => json(FORMAT, "attributes", text),
        None => Ok(Attributes::default()),
    }
}

fn day(text: Option<&str>) -> Result<Option<Day>, StoreError> {
    let Some(text) = text else { return Ok(None) };
    Day::parse(text).map(Some).ok_or_else(|| StoreError::Malformed("a birth date".to_owned()))
}

/// Reads `member_id, entry_id` from a place on.
pub fn target(row: &dyn Columns, at: usize) -> Result<Target, StoreError> {
    Ok(Target { member: MemberId(row.int(at)?), entry: row.int_or_null(at + 1)?.map(EntryId) })
}

pub fn coupon(row: &dyn Columns) -> Result<MadeCode, StoreError> {
    let code = CouponCode::read(row.text(0)?);
    Ok(MadeCode {
        code: code.ok_or_else(|| StoreError::Malformed("a coupon code".to_owned()))?,
        campaign: row.text(1)?.into(),
        owner: row.int_or_null(2)?.map(MemberId),
        expires_at: row.int_or_null(3)?.map(Instant),
        blocked: row.flag(4)?,
    })
}

/// The columns of a code's row.
pub fn coupon_params(program: ProgramId, code: &MadeCode, created_at: Instant) -> [Param<'_>; 7] {
    let or_null = |number: Option<i64>| number.map_or(Param::Null, Param::Int);
    [
        Param::Int(program.0),
        Param::Text(code.code.as_str()),
        Param::Text(code.campaign.as_str()),
        or_null(code.owner.map(|member| member.0)),
        or_null(code.expires_at.map(|at| at.0)),
        Param::Int(i64::from(code.blocked)),
        Param::Int(created_at.0),
    ]
}

pub fn program(row: &dyn Columns) -> Result<ProgramRow, StoreError> {
    Ok(ProgramRow {
        id: ProgramId(row.int(0)?),
        slug: row.text(1)?.to_owned(),
        sandbox: row.flag(2)?,
        created_at: Instant(row.int(3)?),
        clock: row.instant_or_null(4)?,
    })
}

pub fn version(program: ProgramId, row: &dyn Columns) -> Result<VersionRow, StoreError> {
    Ok(VersionRow {
        program,
        version: small(row.int(0)?)?,
        effective_from: Instant(row.int(1)?),
        published_at: Instant(row.int(2)?),
        author: row.text(3)?.to_owned(),
        note: row.text(4)?.to_owned(),
        armed: row.flag(5)?,
        text: row.text(6)?.to_owned(),
    })
}

pub fn draft(row: &dyn Columns) -> Result<DraftRow, StoreError> {
    Ok(DraftRow {
        name: row.text(0)?.to_owned(),
        revision: row.int(1)?,
        author: row.text(2)?.to_owned(),
        note: row.text(3)?.to_owned(),
        updated_at: Instant(row.int(4)?),
        text: row.text(5)?.to_owned(),
    })
}

pub fn api_key(row: &dyn Columns) -> Result<KeyRow, StoreError> {
    Ok(KeyRow {
        id: row.text(0)?.to_owned(),
        program: ProgramId(row.int(1)?),
        shop: row.text(2)?.to_owned(),
        name: row.text(3)?.to_owned(),
        scopes: json(FORMAT, "scopes", row.text(4)?)?,
        secret_hash: exactly(row.bytes(5)?)?,
        created_at: Instant(row.int(6)?),
        revoked_at: row.instant_or_null(7)?,
    })
}

/// The plain columns of a member that repeat what its JSON says, in the order of every statement.
pub fn figures(member: &Member) -> [(&'static str, i64); 14] {
    let (balance, life) = (member.balance_booked(), &member.lifetime);
    [
        ("pending", balance.pending.0),
        ("available", balance.available.0),
        ("held", balance.held.0),
        ("debt", balance.debt.0),
        ("issued", life.issued.0),
        ("regranted", life.regranted.0),
        ("written_off", life.written_off.0),
        ("spent", life.spent.0),
        ("come_back", life.come_back.0),
        ("expired", life.expired.0),
        ("revoked", life.revoked.0),
        ("shop_loss", life.shop_loss.0),
        ("sent", life.sent.0),
        ("received", life.received.0),
    ]
}

/// The values of a member's row in the order of every statement.
pub fn member_params<'a>(row: &MemberRow, keys: &'a str, body: &'a str) -> [Param<'a>; 23] {
    let mut out = [Param::Null; 23];
    out[..7].copy_from_slice(params![
        row.member.id.0,
        row.program.0,
        FORMAT,
        status(row.member.status),
        row.seq,
        row.head.0,
        row.next_due.map(|at| at.0),
    ]);
    for (place, (_, points)) in out[7..21].iter_mut().zip(figures(&row.member)) {
        *place = Param::Int(points);
    }
    out[21..].copy_from_slice(params![keys, body]);
    out
}

/// The values of an entry in the order of every statement.
pub fn entry_params<'a>(row: &'a EntryRow, events: &'a str, trace: &'a str) -> [Param<'a>; 19] {
    [
        row.id.0.into(),
        row.program.0.into(),
        row.member.0.into(),
        FORMAT.into(),
        row.seq.into(),
        row.prev.0.into(),
        Param::Text(&row.cause),
        row.version.into(),
        row.effective_at.0.into(),
        row.recorded_at.0.into(),
        row.key_hash.as_ref().into(),
        row.input_hash.as_ref().into(),
        row.order.as_ref().map(|o| o.shop.as_str()).into(),
        row.order.as_ref().map(|o| o.order.as_str()).into(),
        row.operator.as_ref().into(),
        row.reason.as_ref().into(),
        row.answer.as_ref().into(),
        events.into(),
        trace.into(),
    ]
}

pub fn status(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "active",
        MemberStatus::Blocked => "blocked",
        MemberStatus::Frozen => "frozen",
        MemberStatus::Guest => "guest",
        MemberStatus::Anonymized => "anonymized",
        MemberStatus::Merged => "merged",
    }
}

pub fn order_status(status: OrderStatus) -> &'static str {
    match status {
        OrderStatus::Reserved => "reserved",
        OrderStatus::Placed => "placed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Paid => "paid",
        OrderStatus::Completed => "completed",
        OrderStatus::Returned => "returned",
        OrderStatus::Cancelled => "cancelled",
    }
}
