//! A part of a projection in few statements, and what projections ask of many members at once.

use super::errors::error;
use super::group::Flight;
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
#[derive(Default)]
struct Rows<'p> {
    keys: (Vec<i64>, Vec<&'p [u8]>, Vec<i64>, Vec<i64>),
    orders: (Vec<i64>, Vec<&'p str>, Vec<&'p str>, Vec<i64>, Vec<i64>),
    due: Members,
    lots: (Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>, Vec<i64>),
    gone: (Vec<i64>, Vec<i64>, Vec<i64>),
    sums: Vec<(i64, i64, i64)>,
}

impl<'p> Rows<'p> {
    fn push(&mut self, change: &'p Change) {
        match change {
            Change::Key { member, hash, program, entry } => {
                self.keys.0.push(*member);
                self.keys.1.push(hash);
                self.keys.2.push(*program);
                self.keys.3.push(*entry);
            }
            Change::OrderEntry { member, key, entry, program } => {
                self.orders.0.push(*member);
                self.orders.1.push(key.shop.as_str());
                self.orders.2.push(key.order.as_str());
                self.orders.3.push(*entry);
                self.orders.4.push(*program);
            }
            Change::Due { member, program } => {
                self.due.insert(*member, *program);
            }
            Change::Lot { member, lot, program, month, points } => {
                self.lots.0.push(*member);
                self.lots.1.push(*lot);
                self.lots.2.push(*program);
                self.lots.3.push(*month);
                self.lots.4.push(*points);
            }
            Change::LotGone { member, lot, program } => {
                self.gone.0.push(*member);
                self.gone.1.push(*lot);
                self.gone.2.push(*program);
            }
            Change::Sum { program, month, points } => self.sums.push((*program, *month, *points)),
        }
    }
}

/// Writes a part inside the open transaction.
pub(crate) fn put_part(reader: &Reader, link: &Link, part: &Part) -> Result<(), StoreError> {
    let mut rows = Rows::default();
    part.0.iter().for_each(|change| rows.push(change));
    // Asked again: it may have moved since the batch was gathered.
    let due = ask(link, batch::NEXT_DUE_LOCKED, &rows.due, |row| {
        Ok((row.int(0)?, row.int(1)?, row.int_or_null(2)?))
    })?;
    let (mut listed, mut unlisted) = ((Vec::new(), Vec::new(), Vec::new()), (Vec::new(), Vec::new()));
    for (member, program, next_due) in due {
        match next_due {
            Some(at) => {
                listed.0.push(member);
                listed.1.push(program);
                listed.2.push(at);
            }
            None => {
                unlisted.0.push(member);
                unlisted.1.push(program);
            }
        }
    }
    let mut flight = Flight::default();
    let k = &rows.keys;
    flight.add(link, batch::OLD_KEY_INSERT, k.0.len(), &[&k.0, &k.1, &k.2, &k.3])?;
    let o = &rows.orders;
    flight.add(link, batch::ORDER_ENTRY_INSERT, o.0.len(), &[&o.0, &o.1, &o.2, &o.3, &o.4])?;
    flight.add(link, batch::DUE_PUT, listed.0.len(), &[&listed.0, &listed.1, &listed.2])?;
    flight.add(link, batch::DUE_DELETE, unlisted.0.len(), &[&unlisted.0, &unlisted.1])?;
    let l = &rows.lots;
    flight.add(link, batch::LOT_PUT, l.0.len(), &[&l.0, &l.1, &l.2, &l.3, &l.4])?;
    let g = &rows.gone;
    flight.add(link, batch::LOT_DELETE, g.0.len(), &[&g.0, &g.1, &g.2])?;
    flight.run(link)?;
    // A month has one row whatever many lots moved, so these are few.
    for (program, month, points) in rows.sums {
        reader.conn.execute(projection::LIABILITY_ADD, params![program, month, points])?;
    }
    Ok(())
}
