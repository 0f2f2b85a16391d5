//! A part of a projection in few statements, and what projections ask of many members at once.

use super::arrays::Arrays;
use super::errors::error;
use super::flight::Flight;
use super::link::Link;
use crate::codec;
use crate::error::StoreError;
use crate::project::{Change, DueState, Members, Part};
use crate::reader::Reader;
use crate::rows::MemberRow;
use crate::sql::{batch, projection};
use crate::value::{Columns, params};

fn columns(members: &Members) -> (Vec<i64>, Vec<i64>) {
    members.iter().map(|(member, program)| (*member, *program)).unzip()
}

fn ask<T>(
    link: &Link,
    sql: &'static str,
    members: &Members,
    read: impl Fn(&dyn Columns) -> Result<T, StoreError>,
) -> Result<Vec<T>, StoreError> {
    if members.is_empty() {
        return Ok(Vec::new());
    }
    let (ids, programs) = columns(members);
    let statement = link.prepared(sql)?;
    let rows = link.drive(link.client().query(&statement, &[&ids, &programs])).map_err(error)?;
    rows.iter().map(|row| read(row)).collect()
}

pub(crate) fn due_states(link: &Link, members: &Members) -> Result<Vec<DueState>, StoreError> {
    ask(link, batch::DUE_STATES, members, |row| {
        Ok(DueState {
            member: row.int(0)?,
            program: row.int(1)?,
            by_row: row.int_or_null(2)?,
            listed: row.int_or_null(3)?,
        })
    })
}

pub(crate) fn members_named(link: &Link, members: &Members) -> Result<Vec<MemberRow>, StoreError> {
    ask(link, batch::MEMBERS_NAMED, members, codec::member)
}

/// Member, lot, month, points.
pub(crate) fn kept_lots(link: &Link, members: &Members) -> Result<Vec<(i64, i64, i64, i64)>, StoreError> {
    ask(link, batch::LOTS_KEPT, members, |row| Ok((row.int(0)?, row.int(1)?, row.int(2)?, row.int(3)?)))
}

/// Rows of a part, table by table.
struct Rows<'p> {
    keys: Arrays<'p>,
    orders: Arrays<'p>,
    due: Members,
    lots: Arrays<'p>,
    gone: Arrays<'p>,
    sums: Vec<(i64, i64, i64)>,
}

impl<'p> Rows<'p> {
    fn of(part: &'p Part) -> Rows<'p> {
        let mut rows = Rows {
            keys: Arrays::of("ibii"),
            orders: Arrays::of("ittii"),
            due: Members::new(),
            lots: Arrays::of("iiiii"),
            gone: Arrays::of("iii"),
            sums: Vec::new(),
        };
        part.0.iter().for_each(|change| rows.push(change));
        rows
    }
    fn push(&mut self, change: &'p Change) {
        match change {
            Change::Key { member, hash, program, entry } => {
                self.keys.push(params![*member, hash, *program, *entry]);
            }
            Change::OrderEntry { member, key, entry, program } => {
                let (shop, order) = (key.shop.as_str(), key.order.as_str());
                self.orders.push(params![*member, shop, order, *entry, *program]);
            }
            Change::Due { member, program } => {
                self.due.insert(*member, *program);
            }
            Change::Lot { member, lot, program, month, points } => {
                self.lots.push(params![*member, *lot, *program, *month, *points]);
            }
            Change::LotGone { member, lot, program } => self.gone.push(params![*member, *lot, *program]),
            Change::Sum { program, month, points } => self.sums.push((*program, *month, *points)),
        }
    }
}

/// Writes a part inside the open transaction.
pub(crate) fn put_part(reader: &Reader, link: &Link, part: &Part) -> Result<(), StoreError> {
    let rows = Rows::of(part);
    // Asked again: it may have moved since the batch was gathered.
    let due = ask(link, batch::NEXT_DUE_LOCKED, &rows.due, |row| {
        Ok((row.int(0)?, row.int(1)?, row.int_or_null(2)?))
    })?;
    let (mut listed, mut unlisted) = (Arrays::of("iii"), Arrays::of("ii"));
    for (member, program, next_due) in due {
        match next_due {
            Some(at) => listed.push(params![member, program, at]),
            None => unlisted.push(params![member, program]),
        }
    }
    let mut flight = Flight::default();
    flight.add(link, batch::OLD_KEY_INSERT, &rows.keys)?;
    flight.add(link, batch::ORDER_ENTRY_INSERT, &rows.orders)?;
    flight.add(link, batch::DUE_PUT, &listed)?;
    flight.add(link, batch::DUE_DELETE, &unlisted)?;
    flight.add(link, batch::LOT_PUT, &rows.lots)?;
    flight.add(link, batch::LOT_DELETE, &rows.gone)?;
    flight.run(link)?;
    // A month has one row whatever many lots moved, so these are few.
    for (program, month, points) in rows.sums {
        reader.conn.execute(projection::LIABILITY_ADD, params![program, month, points])?;
    }
    Ok(())
}
