//! A part of a projection in few statements, and what projections ask of many members at once.

use super::arrays::Arrays;
use super::errors::error;
use super::flight::Flight;
use super::link::Link;
use crate::codec;
use crate::error::StoreError;
use crate::project::{Bought, Change, DueState, KeptLot, Members, Part};
use crate::reader::Reader;
use crate::rows::MemberRow;
use crate::sql::{batch, projection};
use crate::value::{Columns, params};
use kopilka_core::order::OrderState;
use tokio_postgres::Row;

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

/// Member, lot, what is kept of it.
pub(crate) fn kept_lots(link: &Link, members: &Members) -> Result<Vec<(i64, i64, KeptLot)>, StoreError> {
    ask(link, batch::LOTS_KEPT, members, |row| Ok((row.int(0)?, row.int(1)?, KeptLot::read(row, 2)?)))
}

/// Member and program, the order, the member's status.
pub(crate) type OrderBought = ((i64, i64), OrderState, String);

pub(crate) fn orders_bought(link: &Link, orders: &Bought) -> Result<Vec<OrderBought>, StoreError> {
    let mut asked = Arrays::of("itti");
    for ((member, key), program) in orders {
        asked.push(params![*member, key.shop.as_str(), key.order.as_str(), *program]);
    }
    let mut flight = Flight::default();
    flight.add(link, batch::ORDERS_BOUGHT, &asked)?;
    let rows = flight.ask(link)?;
    let read = |row: &Row| Ok(((row.int(3)?, row.int(4)?), codec::order(row)?, row.text(2)?.to_owned()));
    rows.iter().flatten().map(read).collect()
}

/// Rows of a part, table by table.
struct Rows<'p> {
    keys: Arrays<'p>,
    orders: Arrays<'p>,
    purchases: Arrays<'p>,
    cancelled: Arrays<'p>,
    due: Members,
    lots: Arrays<'p>,
    gone: Arrays<'p>,
    sums: Vec<(i64, i64, i64)>,
    days: Vec<(i64, i64, &'static str, i64)>,
}

impl<'p> Rows<'p> {
    fn of(part: &'p Part) -> Rows<'p> {
        let mut rows = Rows {
            keys: Arrays::of("ibii"),
            orders: Arrays::of("ittii"),
            purchases: Arrays::of("ittiitii"),
            cancelled: Arrays::of("itti"),
            due: Members::new(),
            lots: Arrays::of("iiiiii"),
            gone: Arrays::of("iii"),
            sums: Vec::new(),
            days: Vec::new(),
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
            Change::Purchase { member, program, purchase: of } => {
                let (shop, order) = (of.key.shop.as_str(), of.key.order.as_str());
                let row =
                    params![*member, shop, order, *program, of.bought_at, &of.cashier, of.money, of.points];
                self.purchases.push(row);
            }
            Change::PurchaseGone { member, program, key } => {
                self.cancelled.push(params![*member, key.shop.as_str(), key.order.as_str(), *program]);
            }
            Change::Lot { member, lot, program, kept } => {
                let row = params![*member, *lot, *program, kept.month, kept.points, kept.ends_at];
                self.lots.push(row);
            }
            Change::LotGone { member, lot, program } => self.gone.push(params![*member, *lot, *program]),
            Change::Sum { program, month, points } => self.sums.push((*program, *month, *points)),
            Change::Day { program, day, what, value } => self.days.push((*program, *day, what, *value)),
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
    flight.add(link, batch::PURCHASE_PUT, &rows.purchases)?;
    flight.add(link, batch::PURCHASE_DELETE, &rows.cancelled)?;
    flight.add(link, batch::DUE_PUT, &listed)?;
    flight.add(link, batch::DUE_DELETE, &unlisted)?;
    flight.add(link, batch::LOT_PUT, &rows.lots)?;
    flight.add(link, batch::LOT_DELETE, &rows.gone)?;
    flight.run(link)?;
    // A month has one row whatever many lots moved, so these are few.
    for (program, month, points) in rows.sums {
        reader.conn.execute(projection::LIABILITY_ADD, params![program, month, points])?;
    }
    for (program, day, what, value) in rows.days {
        reader.conn.execute(projection::DAY_ADD, params![program, day, what, value])?;
    }
    Ok(())
}
