//! A group's changes, row by row: in one file each row is a page at hand.

use super::InARow;
use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::{Changes, conflict};
use crate::rows::*;
use crate::sql::command;
use crate::value::{Param, params};
use crate::writer::{delete_orders, put_erased, put_person};
use rusqlite::Connection;

/// Writes everything inside the open transaction.
pub(crate) fn write(conn: &Conn, file: &Connection, changes: &Changes) -> Result<(), StoreError> {
    let run = &mut InARow::on(file);
    changes.entries.iter().try_for_each(|entry| insert_entry(run, entry))?;
    for (program, member, state) in &changes.orders {
        put_order(run, (program.0, member.0), state)?;
    }
    for (program, member, key) in &changes.keys_out {
        run.execute(command::OLD_KEY_INSERT, params![member.0, &key.hash, program.0, key.entry.0])?;
    }
    changes.members_new.iter().try_for_each(|row| insert_member(run, row))?;
    changes.members.iter().try_for_each(|(row, before)| update_member(run, row, *before))?;
    for (program, member, at) in &changes.next_due {
        let at = at.map(|at| at.0);
        run.execute(command::MEMBER_NEXT_DUE, params![member.0, program.0, at])?;
    }
    for (program, member, at) in &changes.due {
        match at {
            Some(at) => run.execute(command::DUE_PUT, params![member.0, program.0, at.0])?,
            None => run.execute(command::DUE_DELETE, params![member.0, program.0])?,
        };
    }
    persons(run, changes)?;
    put_erased(conn, changes)?;
    delete_orders(conn, changes)?;
    for (program, what, by) in &changes.counters {
        run.execute(command::COUNTER_ADD, params![program.0, what.as_str(), *by])?;
    }
    for (program, code, at) in &changes.codes {
        run.execute(command::COUPON_PUT, &codec::coupon_params(*program, code, *at))?;
    }
    names(run, changes)
}

fn persons(run: &mut InARow<'_>, changes: &Changes) -> Result<(), StoreError> {
    for (program, member, person) in &changes.persons {
        put_person(&mut |sql, row| run.execute(sql, row), (program.0, member.0), person)?;
    }
    for (program, member, person) in &changes.persons {
        if !changes.is_new(*member) {
            run.execute(command::PERSON_WORDS_DELETE, params![member.0, program.0])?;
        }
        for word in person.words() {
            run.execute(command::PERSON_WORD_INSERT, params![member.0, &word, program.0])?;
        }
    }
    Ok(())
}

fn names(run: &mut InARow<'_>, changes: &Changes) -> Result<(), StoreError> {
    for (program, name, member) in &changes.names_removed {
        let params = params![program.0, name.kind.name(), &name.value, member.0];
        run.execute(command::NAME_DELETE, params)?;
    }
    for (program, name, target) in &changes.names_added {
        let entry = target.entry.map(|e| e.0);
        let params = params![program.0, name.kind.name(), &name.value, target.member.0, entry];
        conflict(run.execute(command::NAME_INSERT, params)?, 1, name.kind.name())?;
    }
    Ok(())
}

fn insert_member(run: &mut InARow<'_>, row: &MemberRow) -> Result<(), StoreError> {
    let (keys, body) = (codec::write_keys(&row.keys), to_json(&row.member)?);
    run.execute(command::MEMBER_INSERT, &codec::member_params(row, &keys, &body)).map(|_| ())
}

fn update_member(run: &mut InARow<'_>, row: &MemberRow, before: i64) -> Result<(), StoreError> {
    let (keys, body) = (codec::write_keys(&row.keys), to_json(&row.member)?);
    let mut values = [Param::Int(before); 24];
    values[..23].copy_from_slice(&codec::member_params(row, &keys, &body));
    conflict(run.execute(command::MEMBER_UPDATE, &values)?, 1, "a member")
}

fn insert_entry(run: &mut InARow<'_>, row: &EntryRow) -> Result<(), StoreError> {
    let (events, trace) = (to_json(&row.events)?, to_json(&row.trace)?);
    run.execute(command::ENTRY_INSERT, &codec::entry_params(row, &events, &trace)).map(|_| ())
}

fn put_order(
    run: &mut InARow<'_>,
    (program, member): (i64, i64),
    state: &kopilka_core::order::OrderState,
) -> Result<(), StoreError> {
    let (key, body) = (&state.key, to_json(state)?);
    let status = codec::order_status(state.status);
    let (shop, order, paid_at) = (key.shop.as_str(), key.order.as_str(), state.paid_at.map(|at| at.0));
    let params = params![member, shop, order, program, FORMAT, status, paid_at, &body];
    run.execute(command::ORDER_PUT, params).map(|_| ())
}
