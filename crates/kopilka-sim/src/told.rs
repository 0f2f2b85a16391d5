//! An order history as its shop would tell it: bodies of orders and returns, one customer after another.
//!
//! Invariant: what is told is what a replay replays, by the same mapping and the same matching of returns;
//! each row of the file is in a body, or is told with the reason why it is in none.

use crate::drive::{Goods, line_id, order_id, returned_lines, write_line};
use crate::error::SimError;
use crate::history::{History, Matched, Purchase, Step};
use crate::log::Log;
use crate::map::Map;
use crate::reasons::{Reason, Reasons};
use crate::records::Records;
use crate::replay::by_member;
use crate::words::{Lang, reason_text};
use kopilka_core::ShortText;
use kopilka_core::money::{Currency, Money};
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, Pricing, Quantity, ReturnBody};
use kopilka_core::program::Text;
use std::io::Read;

/// A command's worth of a history.
#[derive(Debug, Clone)]
pub enum Told {
    Order(Box<OrderBody>),
    Return(ReturnBody),
}

/// What one customer did at one moment.
#[derive(Debug, Clone)]
pub struct ToldStep {
    pub customer: String,
    /// The rows of the file it is made of, in their order.
    pub rows: Vec<u32>,
    pub told: Told,
}

/// A row that is in no order and no return, or only in part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unused {
    pub row: u64,
    pub code: &'static str,
    pub why: Text,
}

/// The steps of one customer after another, each customer's in order of time. `earns`: the orders earn by the
/// rules; otherwise they are of before the program.
pub fn told<'a>(log: &'a Log, currency: &Currency, earns: bool) -> Steps<'a> {
    let (starts, rows) = by_member(log);
    let skus = (0..log.articles.len() as u32).map(|sku| log.skus.text(sku).into()).collect();
    let exponent = currency.exponent;
    let mut unused: Vec<Unused> = log.unused.iter().map(|(row, why)| because(log, *row, *why)).collect();
    unused.extend(log.unreadable.iter().map(|(row, what)| {
        let why = Text { en: what.clone(), ru: format!("строка не читается: {what}") };
        Unused { row: *row, code: "row_unreadable", why }
    }));
    Steps { log, skus, exponent, earns, starts, rows, member: 0, history: History::default(), unused }
}

fn because(log: &Log, row: u32, reason: Reason) -> Unused {
    let [en, ru] = [Lang::En, Lang::Ru].map(|lang| reason_text(lang, reason, &log.map));
    Unused { row: u64::from(row), code: reason.code(), why: Text { en, ru } }
}

/// See [`told`].
pub struct Steps<'a> {
    log: &'a Log,
    skus: Vec<ShortText>,
    exponent: u32,
    earns: bool,
    starts: Vec<usize>,
    rows: Vec<u32>,
    member: usize,
    history: History,
    unused: Vec<Unused>,
}

impl Iterator for Steps<'_> {
    type Item = Vec<ToldStep>;

    fn next(&mut self) -> Option<Vec<ToldStep>> {
        let number = self.member;
        let (start, end) = (*self.starts.get(number)?, *self.starts.get(number + 1)?);
        self.member += 1;
        let rows = &mut self.rows[start..end];
        // What is odd is told by row, not counted.
        let (mut reasons, mut matched) = (Reasons::default(), Matched::default());
        self.history.build(self.log, self.exponent, rows, &mut reasons, &mut matched);
        self.note_unused(start..end);
        let customer = self.log.members.text(number as u32).into_owned();
        let steps = self.history.steps.iter().filter_map(|step| self.step(step, &customer));
        Some(steps.collect())
    }
}

impl Steps<'_> {
    /// Rows that were left out, once all steps have been asked for.
    pub fn unused(self) -> Vec<Unused> {
        self.unused
    }

    fn note_unused(&mut self, places: std::ops::Range<usize>) {
        let log = self.log;
        let left_out = self.history.lines.iter().filter(|line| line.left_out);
        for line in left_out {
            let row = &log.rows[line.row as usize];
            if let crate::log::Article::NotGoods(code) = log.articles[row.sku as usize] {
                self.unused.push(because(log, row.number, Reason::NotGoods(code)));
            }
        }
        for at in &self.rows[places] {
            let row = &log.rows[*at as usize];
            if !row.is_return {
                continue;
            }
            let pieces = self.history.pieces.iter().filter(|piece| piece.row == *at);
            match pieces.map(|piece| piece.quantity).sum::<i32>() {
                0 => self.unused.push(because(log, row.number, Reason::ReturnUnmatched)),
                found if found < row.quantity => {
                    self.unused.push(because(log, row.number, Reason::ReturnInPart));
                }
                _ => {}
            }
        }
    }

    fn step(&self, step: &Step, customer: &str) -> Option<ToldStep> {
        let (mut rows, told): (Vec<u32>, Told) = match step {
            Step::Order { purchase } => {
                let purchase = &self.history.purchases[*purchase as usize];
                let body = self.order(purchase)?;
                let lines = &self.history.lines[purchase.lines.clone()];
                (lines.iter().map(|line| line.row).collect(), Told::Order(Box::new(body)))
            }
            Step::Return { purchase, at, pieces } => {
                let purchase = &self.history.purchases[*purchase as usize];
                let pieces = &self.history.pieces[pieces.clone()];
                let lines = returned_lines(&self.history, pieces);
                let body =
                    ReturnBody { key: self.key(purchase), lines, delivery: false, occurred_at: Some(*at) };
                (pieces.iter().map(|piece| piece.row).collect(), Told::Return(body))
            }
        };
        rows.iter_mut().for_each(|row| *row = self.log.rows[*row as usize].number);
        rows.sort_unstable();
        rows.dedup();
        Some(ToldStep { customer: customer.to_owned(), rows, told })
    }

    fn key(&self, purchase: &Purchase) -> OrderKey {
        OrderKey { shop: self.log.map.shop.as_str().into(), order: order_id(self.log, purchase) }
    }

    /// The order as a fact: what was paid, when; `None` where none of its rows is part of an order.
    fn order(&self, purchase: &Purchase) -> Option<OrderBody> {
        let goods = Goods { log: self.log, skus: &self.skus, exponent: self.exponent };
        let kept = self.history.lines[purchase.lines.clone()].iter().filter(|line| !line.left_out);
        let mut lines = Vec::new();
        for (number, line) in (0..).zip(kept) {
            let mut body = LineBody::goods("", "", Quantity::ONE, Money::ZERO);
            write_line(&mut body, goods, line.row);
            body.id = line_id(number);
            lines.push(body);
        }
        (!lines.is_empty()).then(|| OrderBody {
            occurred_at: Some(purchase.at),
            channel: self.log.map.channel.as_deref().map(ShortText::new),
            pricing: Some(Pricing::Shop),
            earns_nothing: !self.earns,
            ..OrderBody::plain(self.key(purchase), BodyStatus::Completed, lines)
        })
    }
}

impl Log {
    /// The mapping that the log was read by.
    pub fn map(&self) -> &Map {
        &self.map
    }
    /// Under which shop its orders stand.
    pub fn set_shop(&mut self, shop: String) {
        self.map.shop = shop;
    }
}

/// The heading of a file and those of its rows that are asked for, as they stand in it.
pub fn rows_of(
    source: impl Read,
    delimiter: char,
    wanted: &dyn Fn(u64) -> bool,
    row: &mut dyn FnMut(u64, Vec<String>),
) -> Result<(), SimError> {
    let mut records = Records::new(source, delimiter as u8);
    while records.advance()? {
        if records.row() == 1 || wanted(records.row()) {
            let cell = |at| String::from_utf8_lossy(&records.field(at)).into_owned();
            row(records.row(), (0..records.len()).map(cell).collect());
        }
    }
    Ok(())
}
