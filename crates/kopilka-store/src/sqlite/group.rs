//! A group's changes, row by row: in one file each row is a page at hand.

use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::{Changes, conflict};
use crate::rows::*;
use crate::sql::command;
use crate::value::{Param, params};
use crate::writer::{delete_orders, put_erased, put_person};

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
    changes.members_new.iter().try_for_each(|row| insert_member(conn, row))?;
    changes.members.iter().try_for_each(|(row, before)| update_member(conn, row, *before))?;
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
        conn.execute(command::PERSON_WORDS_DELETE, params![member.0, program.0])?;
        for word in person.words() {
            conn.execute(command::PERSON_WORD_INSERT, params![member.0, &word, program.0])?;
        }
    }
    put_erased(conn, changes)?;
    delete_orders(conn, changes)?;
    for (program, what, by) in &changes.counters {
        conn.execute(command::COUNTER_ADD, params![program.0, what.as_str(), *by])?;
    }
    for (program, code, at) in &changes.codes {
        conn.execute(command::COUPON_PUT, &codec::coupon_params(*program, code, *at))?;
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

fn insert_member(conn: &Conn, row: &MemberRow) -> Result<(), StoreError> {
    let (keys, body) = (codec::write_keys(&row.keys), to_json(&row.member)?);
    conn.execute(command::MEMBER_INSERT, &codec::member_params(row, &keys, &body)).map(|_| ())
}

fn update_member(conn: &Conn, row: &MemberRow, before: i64) -> Result<(), StoreError> {
    let (keys, body) = (codec::write_keys(&row.keys), to_json(&row.member)?);
    let mut values = [Param::Int(before); 24];
    values[..23].copy_from_slice(&codec::member_params(row, &keys, &body));
    conflict(conn.execute(command::MEMBER_UPDATE, &values)?, 1, "a member")
}

fn insert_entry(conn: &Conn, row: &EntryRow) -> Result<(), StoreError> {
    let (events, trace) = (to_json(&row.events)?, to_json(&row.trace)?);
    conn.execute(command::ENTRY_INSERT, &codec::entry_params(row, &events, &trace)).map(|_| ())
}

fn put_order(
    conn: &Conn,
    (program, member): (i64, i64),
    state: &kopilka_core::order::OrderState,
) -> Result<(), StoreError> {
    let (key, body) = (&state.key, to_json(state)?);
    let status = codec::order_status(state.status);
    let (shop, order, paid_at) = (key.shop.as_str(), key.order.as_str(), state.paid_at.map(|at| at.0));
    let params = params![member, shop, order, program, FORMAT, status, paid_at, &body];
    conn.execute(command::ORDER_PUT, params).map(|_| ())
}
