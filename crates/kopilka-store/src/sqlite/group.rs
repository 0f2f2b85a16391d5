//! A group's changes, row by row: in one file each row is a page at hand.

use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::{Changes, conflict};
use crate::rows::*;
use crate::sql::command;
use crate::value::params;
use crate::writer::put_person;

/// Writes everything inside the open transaction.
pub(crate) fn write(conn: &Conn, changes: &Changes) -> Result<(), StoreError> {
    for entry in &changes.entries {
        insert_entry(conn, entry)?;
    }
    for (program, member, state) in &changes.orders {
        put_order(conn, (program.0, member.0), state)?;
    }
    for (program, member, key) in &changes.keys_out {
        conn.execute(command::OLD_KEY_INSERT, params![member.0, &key.hash, program.0, key.entry.0])?;
    }
    for row in &changes.members_new {
        write_member(conn, command::MEMBER_INSERT, row, None)?;
    }
    for (row, before) in &changes.members {
        let changed = write_member(conn, command::MEMBER_UPDATE, row, Some(*before))?;
        conflict(changed, 1, "a member")?;
    }
    for (program, member, at) in &changes.next_due {
        let at = at.map(|at| at.0);
        conn.execute(command::MEMBER_NEXT_DUE, params![member.0, program.0, at])?;
    }
    for (program, member, at) in &changes.due {
        match at {
            Some(at) => conn.execute(command::DUE_PUT, params![member.0, program.0, at.0])?,
            None => conn.execute(command::DUE_DELETE, params![member.0, program.0])?,
        };
    }
    for (program, member, person) in &changes.persons {
        put_person(conn, (program.0, member.0), person)?;
    }
    names(conn, changes)
}

fn names(conn: &Conn, changes: &Changes) -> Result<(), StoreError> {
    for (program, name, member) in &changes.names_removed {
        let params = params![program.0, name.kind.name(), &name.value, member.0];
        conn.execute(command::NAME_DELETE, params)?;
    }
    for (program, name, target) in &changes.names_added {
        let entry = target.entry.map(|e| e.0);
        let params = params![program.0, name.kind.name(), &name.value, target.member.0, entry];
        conflict(conn.execute(command::NAME_INSERT, params)?, 1, name.kind.name())?;
    }
    Ok(())
}

fn write_member(
    conn: &Conn,
    sql: &'static str,
    row: &MemberRow,
    before: Option<i64>,
) -> Result<u64, StoreError> {
    let balance = row.member.balance_booked();
    let life = &row.member.lifetime;
    let (keys, body) = (codec::write_keys(&row.keys), to_json(&row.member)?);
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
        life.sent.0,
        life.received.0,
        &keys,
        &body,
        before,
    ];
    // An insert has no number to compare with.
    let used = if before.is_some() { scalars.len() } else { scalars.len() - 1 };
    conn.execute(sql, &scalars[..used])
}

fn insert_entry(conn: &Conn, row: &EntryRow) -> Result<(), StoreError> {
    let (events, trace) = (to_json(&row.events)?, to_json(&row.trace)?);
    let params = params![
        row.id.0,
        row.program.0,
        row.member.0,
        FORMAT,
        row.seq,
        row.prev.0,
        &row.cause,
        row.version,
        row.effective_at.0,
        row.recorded_at.0,
        row.key_hash.as_ref(),
        row.input_hash.as_ref(),
        row.order.as_ref().map(|o| o.shop.as_str()),
        row.order.as_ref().map(|o| o.order.as_str()),
        row.operator.as_ref(),
        row.reason.as_ref(),
        row.answer.as_ref(),
        &events,
        &trace,
    ];
    conn.execute(command::ENTRY_INSERT, params).map(|_| ())
}

fn put_order(
    conn: &Conn,
    (program, member): (i64, i64),
    state: &kopilka_core::order::OrderState,
) -> Result<(), StoreError> {
    let (key, body) = (&state.key, to_json(state)?);
    let status = codec::order_status(state.status);
    let params = params![member, key.shop.as_str(), key.order.as_str(), program, FORMAT, status, &body];
    conn.execute(command::ORDER_PUT, params).map(|_| ())
}
