//! A part of a projection, row by row.

use super::InARow;
use crate::error::StoreError;
use crate::project::{Change, Part};
use crate::reader::Reader;
use crate::sql::{command, projection};
use crate::value::params;
use rusqlite::Connection;

/// Writes a part inside the open transaction.
pub(crate) fn put_part(reader: &Reader, file: &Connection, part: &Part) -> Result<(), StoreError> {
    let run = &mut InARow::on(file);
    part.0.iter().try_for_each(|change| put_change(reader, run, change))
}

fn put_change(reader: &Reader, run: &mut InARow<'_>, change: &Change) -> Result<(), StoreError> {
    match change {
        Change::Key { member, hash, program, entry } => {
            run.execute(command::OLD_KEY_INSERT, params![*member, hash, *program, *entry])
        }
        Change::OrderEntry { member, key, entry, program } => run.execute(
            projection::ORDER_ENTRY_INSERT,
            params![*member, key.shop.as_str(), key.order.as_str(), *entry, *program],
        ),
        Change::Due { member, program } => {
            // Asked again: it may have moved since the batch was gathered.
            match reader.number(projection::NEXT_DUE, params![*member, *program])? {
                Some(at) => run.execute(command::DUE_PUT, params![*member, *program, at]),
                None => run.execute(command::DUE_DELETE, params![*member, *program]),
            }
        }
        Change::Purchase { member, program, purchase: of } => {
            let (shop, order) = (of.key.shop.as_str(), of.key.order.as_str());
            let row = params![*member, shop, order, *program, of.bought_at, &of.cashier, of.money, of.points];
            run.execute(projection::PURCHASE_PUT, row)
        }
        Change::PurchaseGone { member, program, key } => {
            let named = params![*member, key.shop.as_str(), key.order.as_str(), *program];
            run.execute(projection::PURCHASE_DELETE, named)
        }
        Change::Lot { member, lot, program, kept } => {
            let row = params![*member, *lot, *program, kept.month, kept.points, kept.ends_at];
            run.execute(projection::LOT_PUT, row)
        }
        Change::LotGone { member, lot, program } => {
            run.execute(projection::LOT_DELETE, params![*member, *lot, *program])
        }
        Change::Sum { program, month, points } => {
            run.execute(projection::LIABILITY_ADD, params![*program, *month, *points])
        }
        Change::Day { program, day, what, value } => {
            run.execute(projection::DAY_ADD, params![*program, *day, *what, *value])
        }
    }
    .map(|_| ())
}
