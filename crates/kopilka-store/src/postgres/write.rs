//! A group's changes in one flight: a statement a table, many rows each.

use super::arrays::Arrays;
use super::flight::Flight;
use super::link::Link;
use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::Changes;
use crate::rows::*;
use crate::sql::batch;
use crate::value::{Param, params};
use crate::writer::{delete_orders, put_erased, put_person};

/// Writes everything inside the open transaction.
pub(crate) fn write(conn: &Conn, link: &Link, changes: &Changes) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    for (program, member, person) in &changes.persons {
        put_person(&mut |sql, row| conn.execute(sql, row), (program.0, member.0), person)?;
    }
    put_erased(conn, changes)?;
    delete_orders(conn, changes)?;
    let texts = Texts::of(changes)?;
    let entries = entries(changes, &texts);
    let (added, updated) = members(changes, &texts);
    let orders = orders(changes, &texts);
    let beside = Beside::of(changes, &texts);
    let mut flight = Flight::default();
    flight.add(link, batch::ENTRY_INSERT, &entries)?;
    flight.add(link, batch::MEMBER_INSERT, &added)?;
    flight.add_checked(link, batch::MEMBER_UPDATE, &updated, "members")?;
    flight.add(link, batch::ORDER_PUT, &orders)?;
    flight.add(link, batch::OLD_KEY_INSERT, &beside.keys)?;
    flight.add_checked(link, batch::MEMBER_NEXT_DUE, &beside.next_due, "due times")?;
    flight.add(link, batch::DUE_PUT, &beside.due)?;
    flight.add(link, batch::DUE_DELETE, &beside.due_gone)?;
    flight.add(link, batch::COUNTER_ADD, &beside.counters)?;
    flight.add(link, batch::COUPON_PUT, &beside.codes)?;
    flight.add(link, batch::PERSON_WORDS_DELETE, &beside.words_gone)?;
    flight.add(link, batch::PERSON_WORD_INSERT, &beside.words)?;
    flight.add(link, batch::NAME_DELETE, &beside.names_gone)?;
    flight.add_checked(link, batch::NAME_INSERT, &beside.names, "names")?;
    flight.run(link)
}

/// Runs a statement that takes many rows, in one round trip.
pub(crate) fn run_each<const N: usize>(
    link: &Link,
    (many, kinds): (&'static str, &str),
    rows: &[[Param<'_>; N]],
) -> Result<(), StoreError> {
    let mut arrays = Arrays::of(kinds);
    rows.iter().for_each(|row| arrays.push(row));
    let mut flight = Flight::default();
    flight.add(link, many, &arrays)?;
    flight.run(link)
}

/// The JSON of rows, written before the columns that borrow it.
struct Texts {
    /// Events and trace.
    entries: Vec<(String, String)>,
    /// Recent keys and body.
    added: Vec<(String, String)>,
    updated: Vec<(String, String)>,
    orders: Vec<String>,
    /// The words of each person's name.
    words: Vec<Vec<String>>,
}

impl Texts {
    fn of(changes: &Changes) -> Result<Texts, StoreError> {
        let entry = |row: &EntryRow| Ok((to_json(&row.events)?, to_json(&row.trace)?));
        let member = |row: &MemberRow| Ok((codec::write_keys(&row.keys), to_json(&row.member)?));
        Ok(Texts {
            entries: changes.entries.iter().map(entry).collect::<Result<_, StoreError>>()?,
            added: changes.members_new.iter().map(member).collect::<Result<_, StoreError>>()?,
            updated: changes.members.iter().map(|(row, _)| member(row)).collect::<Result<_, StoreError>>()?,
            orders: changes
                .orders
                .iter()
                .map(|(.., state)| to_json(state))
                .collect::<Result<_, StoreError>>()?,
            words: changes.persons.iter().map(|(.., person)| person.words()).collect(),
        })
    }
}

fn entries<'a>(changes: &'a Changes, texts: &'a Texts) -> Arrays<'a> {
    let mut out = Arrays::of("iiiiiitiiibbttttttt");
    for (row, (events, trace)) in changes.entries.iter().zip(&texts.entries) {
        out.push(&codec::entry_params(row, events, trace));
    }
    out
}

/// New rows, and changed ones with the number they were read with.
fn members<'a>(changes: &'a Changes, texts: &'a Texts) -> (Arrays<'a>, Arrays<'a>) {
    let mut added = Arrays::of("iiitiiiiiiiiiiiiiiiiitt");
    for (row, (keys, body)) in changes.members_new.iter().zip(&texts.added) {
        added.push(&codec::member_params(row, keys, body));
    }
    let mut updated = Arrays::of("iiitiiiiiiiiiiiiiiiiitti");
    for ((row, before), (keys, body)) in changes.members.iter().zip(&texts.updated) {
        let mut values = [Param::Int(*before); 24];
        values[..23].copy_from_slice(&codec::member_params(row, keys, body));
        updated.push(&values);
    }
    (added, updated)
}

fn orders<'a>(changes: &'a Changes, texts: &'a Texts) -> Arrays<'a> {
    let mut out = Arrays::of("ittiitit");
    for ((program, member, state), body) in changes.orders.iter().zip(&texts.orders) {
        let (key, status) = (&state.key, codec::order_status(state.status));
        let (shop, order) = (key.shop.as_str(), key.order.as_str());
        let paid_at = state.paid_at.map(|at| at.0);
        out.push(params![member.0, shop, order, program.0, FORMAT, status, paid_at, body]);
    }
    out
}

/// What stands beside members, entries and orders.
struct Beside<'a> {
    keys: Arrays<'a>,
    next_due: Arrays<'a>,
    due: Arrays<'a>,
    due_gone: Arrays<'a>,
    counters: Arrays<'a>,
    codes: Arrays<'a>,
    names: Arrays<'a>,
    names_gone: Arrays<'a>,
    words: Arrays<'a>,
    words_gone: Arrays<'a>,
}

impl<'a> Beside<'a> {
    fn of(changes: &'a Changes, texts: &'a Texts) -> Beside<'a> {
        let mut out = Beside {
            keys: Arrays::of("ibii"),
            next_due: Arrays::of("iii"),
            due: Arrays::of("iii"),
            due_gone: Arrays::of("ii"),
            counters: Arrays::of("iti"),
            codes: Arrays::of("ittiiii"),
            names: Arrays::of("itbii"),
            names_gone: Arrays::of("itbi"),
            words: Arrays::of("iti"),
            words_gone: Arrays::of("ii"),
        };
        for (program, member, key) in &changes.keys_out {
            out.keys.push(params![member.0, &key.hash, program.0, key.entry.0]);
        }
        for (program, member, at) in &changes.next_due {
            out.next_due.push(params![member.0, program.0, at.map(|at| at.0)]);
        }
        for (program, member, at) in &changes.due {
            match at {
                Some(at) => out.due.push(params![member.0, program.0, at.0]),
                None => out.due_gone.push(params![member.0, program.0]),
            }
        }
        for ((program, member, _), words) in changes.persons.iter().zip(&texts.words) {
            out.words_gone.push(params![member.0, program.0]);
            words.iter().for_each(|word| out.words.push(params![member.0, word, program.0]));
        }
        for (program, what, by) in &changes.counters {
            out.counters.push(params![program.0, what.as_str(), *by]);
        }
        for (program, code, at) in &changes.codes {
            out.codes.push(&codec::coupon_params(*program, code, *at));
        }
        for (program, name, target) in &changes.names_added {
            let entry = target.entry.map(|e| e.0);
            out.names.push(params![program.0, name.kind.name(), &name.value, target.member.0, entry]);
        }
        for (program, name, member) in &changes.names_removed {
            out.names_gone.push(params![program.0, name.kind.name(), &name.value, member.0]);
        }
        out
    }
}
