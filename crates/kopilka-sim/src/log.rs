//! An order history in memory: one small row per line of the file, texts as numbers.
//!
//! Invariant: every row of the file is counted in exactly one class (identified, returns, unidentified,
//! other), and the classes add up to the total.

use crate::error::SimError;
use crate::intern::Texts;
use crate::map::{CodeKind, Map};
use crate::reasons::{Reason, Reasons, Tally, Used};
use crate::records::Records;
use crate::values::{Clock, PRICE_DECIMALS, QUANTITY_DECIMALS, decimal};
use kopilka_core::ShortText;
use kopilka_core::order::QUANTITY_MAX;
use kopilka_core::time::Instant;
use std::io::Read;

/// One usable row: a line of an order, or a returned article.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    pub at: Instant,
    /// Millionths: of one piece, or of the whole row where the log gives amounts.
    pub price: i64,
    pub member: u32,
    /// Number of the order, of the return document, or the row number where the log has no order ids.
    pub document: u32,
    pub sku: u32,
    /// Thousandths of a piece; positive for returns too.
    pub quantity: i32,
    pub number: u32,
    pub is_return: bool,
}

/// What an article is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Article {
    Goods,
    /// Position in the map's codes.
    Delivery(u16),
    GiftCard(u16),
    NotGoods(u16),
}

/// Rows by class.
#[derive(Debug, Clone, Default)]
pub(crate) struct Classes {
    pub identified: Tally,
    pub identified_orders: u64,
    pub returns: Tally,
    pub unidentified: Tally,
    pub other: Tally,
}

/// The log as it was read.
#[derive(Debug)]
pub struct Log {
    pub(crate) map: Map,
    pub(crate) rows: Vec<Row>,
    pub(crate) members: Texts,
    /// `None` where every row is its own order.
    pub(crate) orders: Option<Texts>,
    pub(crate) skus: Texts,
    pub(crate) articles: Vec<Article>,
    /// Category and brand by article, as first told.
    pub(crate) categories: Vec<Option<ShortText>>,
    pub(crate) brands: Vec<Option<ShortText>>,
    pub(crate) classes: Classes,
    pub(crate) reasons: Reasons,
    /// Some of its times are days only.
    pub(crate) has_days: bool,
    pub(crate) first: Instant,
    pub(crate) last: Instant,
    /// Where single rows are told: those that are no part of any order, and those that cannot be read.
    pub(crate) unused: Vec<(u32, Reason)>,
    pub(crate) unreadable: Vec<(u64, String)>,
}

impl Log {
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }
    pub fn members(&self) -> usize {
        self.members.len()
    }
    pub(crate) fn gives_amounts(&self) -> bool {
        self.map.columns.amount.is_some()
    }
    /// price × quantity in 10^-9 of the currency, exactly.
    pub(crate) fn exact(&self, row: &Row) -> i128 {
        exact(row.price, row.quantity, self.gives_amounts())
    }
}

fn exact(price: i64, quantity: i32, is_amount: bool) -> i128 {
    i128::from(price) * if is_amount { 1_000 } else { i128::from(quantity) }
}

/// Positions of the columns.
struct Places {
    count: usize,
    order: Option<usize>,
    customer: usize,
    time: usize,
    sku: Option<usize>,
    quantity: Option<usize>,
    money: usize,
    category: Option<usize>,
    brand: Option<usize>,
}

impl Places {
    fn find(map: &Map, header: &[String]) -> Result<Places, SimError> {
        let place = |column: &String| {
            header
                .iter()
                .position(|name| name == column)
                .ok_or_else(|| SimError::ColumnMissing { column: column.clone(), header: header.join(", ") })
        };
        let maybe = |column: &Option<String>| column.as_ref().map(place).transpose();
        let columns = &map.columns;
        let money = columns.amount.as_ref().or(columns.price.as_ref());
        Ok(Places {
            count: header.len(),
            order: maybe(&columns.order)?,
            customer: place(&columns.customer)?,
            time: place(&columns.time)?,
            sku: maybe(&columns.sku)?,
            quantity: maybe(&columns.quantity)?,
            money: money.map(place).transpose()?.unwrap_or_default(),
            category: maybe(&columns.category)?,
            brand: maybe(&columns.brand)?,
        })
    }
}

/// Reads a whole log. `map`: `None` recognises a preset by the header.
pub fn read(source: impl Read, map: Option<Map>) -> Result<Log, SimError> {
    read_rows(source, map, false)
}

/// Reads a whole log whose single rows are to be told: one that cannot be read does not stop it. A file that
/// is cut off does.
pub fn read_telling(source: impl Read, map: Option<Map>) -> Result<Log, SimError> {
    read_rows(source, map, true)
}

fn read_rows(source: impl Read, map: Option<Map>, tells: bool) -> Result<Log, SimError> {
    let delimiter = map.as_ref().map_or(b',', |m| m.delimiter as u8);
    let mut records = Records::new(source, delimiter);
    if !records.advance()? {
        return Err(SimError::Empty);
    }
    let header = header_of(&records);
    let map = match map.or_else(|| Map::for_header(&header)) {
        Some(map) => map,
        None => return Err(SimError::UnknownHeader { header: header.join(", ") }),
    };
    let places = Places::find(&map, &header)?;
    let mut reading = Reading::new(map, places, tells);
    while records.advance()? {
        match reading.take(&records) {
            Err(SimError::Row { row, what }) if tells => reading.log.unreadable.push((row, what)),
            taken => taken?,
        }
    }
    if reading.log.map.final_newline && !records.ended_with_line_end() {
        return Err(SimError::row(records.row(), "the last row has no line end: the file may be cut off"));
    }
    reading.finish()
}

fn header_of<R: Read>(records: &Records<R>) -> Vec<String> {
    let name = |i: usize| {
        let field = records.field(i);
        let bytes = field.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&field);
        String::from_utf8_lossy(bytes).trim().to_owned()
    };
    (0..records.len()).map(name).collect()
}

struct Reading {
    log: Log,
    places: Places,
    clock: Clock,
    is_amount: bool,
    /// Whose order it is, to notice an id used twice.
    owners: Vec<u32>,
    return_documents: Texts,
    tells: bool,
}

impl Reading {
    fn new(map: Map, places: Places, tells: bool) -> Reading {
        let clock = Clock::new(map.zone(), map.minute_of_day().unwrap_or_default());
        let is_amount = map.columns.amount.is_some();
        let orders = map.columns.order.is_some().then(Texts::default);
        let log = Log {
            map,
            rows: Vec::new(),
            members: Texts::default(),
            orders,
            skus: Texts::default(),
            articles: Vec::new(),
            categories: Vec::new(),
            brands: Vec::new(),
            classes: Classes::default(),
            reasons: Reasons::default(),
            has_days: false,
            first: Instant(i64::MAX),
            last: Instant(i64::MIN),
            unused: Vec::new(),
            unreadable: Vec::new(),
        };
        Reading {
            log,
            places,
            clock,
            is_amount,
            owners: Vec::new(),
            return_documents: Texts::default(),
            tells,
        }
    }

    /// Counts a row, and keeps it when a replay can use it.
    fn take<R: Read>(&mut self, records: &Records<R>) -> Result<(), SimError> {
        let row = records.row();
        if records.len() != self.places.count {
            let (has, needs) = (records.len(), self.places.count);
            return Err(SimError::row(row, format!("has {has} columns, the header has {needs}")));
        }
        let at = self
            .clock
            .instant(&records.field(self.places.time))
            .map_err(|what| wrong(records, &self.log.map.columns.time, self.places.time, what))?;
        let (quantity, price) = self.numbers(records)?;
        let amount = exact(price, quantity, self.is_amount);
        self.log.first = self.log.first.min(at);
        self.log.last = self.log.last.max(at);
        let customer = records.field(self.places.customer);
        if customer.trim_ascii().is_empty() {
            self.log.classes.unidentified.add(amount);
            self.leave_out(row, Reason::NoCustomer, amount);
            return Ok(());
        }
        let order = self.places.order.map(|at| records.field(at));
        let number = u32::try_from(row).map_err(|_| SimError::row(row, "more than four billion rows"))?;
        let is_return = self.is_return(order.as_deref(), quantity, price);
        if let Some(order) = order.as_deref()
            && !is_return
            && self.log.map.other_documents.iter().any(|p| order.starts_with(p.as_bytes()))
        {
            self.log.classes.other.add(amount);
            self.leave_out(row, Reason::OtherDocument, amount);
            return Ok(());
        }
        let full = || SimError::row(row, "more than four billion different texts");
        let member = self.log.members.number(customer.trim_ascii()).ok_or_else(full)?;
        let class = if is_return { &mut self.log.classes.returns } else { &mut self.log.classes.identified };
        class.add(amount);
        let document = match order.as_deref() {
            None => number,
            Some(id) if is_return => self.return_documents.number(id).ok_or_else(full)?,
            Some(id) => match self.log.orders.as_mut() {
                Some(orders) => orders.number(id).ok_or_else(full)?,
                None => number,
            },
        };
        let sku = self.sku(records).ok_or_else(full)?;
        if !is_return && let Some(reason) = self.refusal(document, member, quantity, price) {
            if reason.used() == Used::No {
                self.leave_out(row, reason, amount);
                return Ok(());
            }
            self.log.reasons.add(reason, amount);
        }
        let quantity = quantity.saturating_abs();
        let price = if is_return { price.saturating_abs() } else { price };
        self.log.rows.push(Row { at, price, member, document, sku, quantity, number, is_return });
        Ok(())
    }

    fn numbers<R: Read>(&self, records: &Records<R>) -> Result<(i32, i64), SimError> {
        let columns = &self.log.map.columns;
        let place = self.places.money;
        let price = decimal(&records.field(place), PRICE_DECIMALS).map_err(|what| {
            wrong(
                records,
                columns.amount.as_ref().or(columns.price.as_ref()).unwrap_or(&columns.time),
                place,
                what,
            )
        })?;
        let Some(place) = self.places.quantity else { return Ok((1_000, price)) };
        let name = columns.quantity.as_ref().unwrap_or(&columns.time);
        let quantity = decimal(&records.field(place), QUANTITY_DECIMALS)
            .and_then(|q| if q.abs() > QUANTITY_MAX { Err("is out of range") } else { Ok(q as i32) })
            .map_err(|what| wrong(records, name, place, what))?;
        Ok((quantity, price))
    }

    fn is_return(&self, order: Option<&[u8]>, quantity: i32, price: i64) -> bool {
        let returns = &self.log.map.returns;
        let by_document = returns
            .order_prefix
            .as_ref()
            .is_some_and(|prefix| order.is_some_and(|id| id.starts_with(prefix.as_bytes())));
        by_document || (returns.negative && (quantity < 0 || (self.is_amount && price < 0)))
    }

    fn sku<R: Read>(&mut self, records: &Records<R>) -> Option<u32> {
        let text = self.places.sku.map(|at| records.field(at)).unwrap_or(b"-".into());
        let sku = self.log.skus.number(text.trim_ascii())?;
        let log = &mut self.log;
        if sku as usize == log.articles.len() {
            log.articles.push(article_of(&log.map, &log.skus.text(sku)));
            log.categories.push(None);
            log.brands.push(None);
        }
        let at = sku as usize;
        note_trait(&mut log.categories[at], self.places.category.map(|at| records.field(at)));
        note_trait(&mut log.brands[at], self.places.brand.map(|at| records.field(at)));
        Some(sku)
    }

    /// What is odd about a purchase row: mostly no order can hold it.
    fn refusal(&mut self, document: u32, member: u32, quantity: i32, price: i64) -> Option<Reason> {
        if self.log.orders.is_some() {
            if document as usize == self.owners.len() {
                self.owners.push(member);
            }
            if self.owners[document as usize] != member {
                return Some(Reason::OrderOfAnotherCustomer);
            }
        }
        match (quantity, price) {
            (0, _) => Some(Reason::ZeroQuantity),
            (..0, _) => Some(Reason::NegativeQuantity),
            (_, ..0) => Some(Reason::NegativePrice),
            (_, 0) => Some(Reason::ZeroAmount),
            _ => None,
        }
    }

    fn leave_out(&mut self, row: u64, reason: Reason, amount: i128) {
        self.log.reasons.add(reason, amount);
        if self.tells {
            // Rows beyond four billion are refused before.
            self.log.unused.push((row as u32, reason));
        }
    }

    fn finish(mut self) -> Result<Log, SimError> {
        let log = &mut self.log;
        log.has_days = self.clock.met_days;
        log.classes.identified_orders = match &log.orders {
            Some(orders) => orders.len() as u64,
            None => log.classes.identified.rows,
        };
        log.members.seal();
        log.skus.seal();
        if let Some(orders) = &mut log.orders {
            orders.seal();
        }
        if log.classes.identified.rows == 0 {
            return Err(SimError::NothingToReplay);
        }
        Ok(self.log)
    }
}

fn article_of(map: &Map, sku: &str) -> Article {
    let Some(at) = map.code_of(sku) else { return Article::Goods };
    let place = at.min(usize::from(u16::MAX)) as u16;
    match map.codes[at].is {
        CodeKind::Delivery => Article::Delivery(place),
        CodeKind::GiftCard => Article::GiftCard(place),
        CodeKind::NotGoods => Article::NotGoods(place),
    }
}

fn note_trait(known: &mut Option<ShortText>, told: Option<std::borrow::Cow<'_, [u8]>>) {
    let Some(told) = told.filter(|t| known.is_none() && !t.trim_ascii().is_empty()) else { return };
    *known = Some(String::from_utf8_lossy(told.trim_ascii()).into());
}

fn wrong<R: Read>(records: &Records<R>, column: &str, place: usize, what: &str) -> SimError {
    let field = records.field(place);
    let shown: String = String::from_utf8_lossy(&field).chars().take(40).collect();
    SimError::row(records.row(), format!("{column} `{shown}` {what}"))
}
