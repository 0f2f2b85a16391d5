//! One member's rows as orders and returns in time order.
//!
//! Invariant: a returned piece is taken from one earlier purchase of the same customer and article, and no
//! purchased piece is returned twice. Within one instant purchases stand before returns.

use crate::intern::ShortMap;
use crate::log::{Article, Log};
use crate::map::Matching;
use crate::reasons::{Reason, Reasons};
use crate::values::PRICE_DECIMALS;
use kopilka_core::time::Instant;
use std::ops::Range;

/// How far the log's returns found their purchases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Matched {
    pub in_full: u64,
    pub in_part: u64,
    pub not_at_all: u64,
}

/// An order: its lines are those of [`History::lines`] that are not left out.
#[derive(Debug, Clone)]
pub(crate) struct Purchase {
    pub document: u32,
    pub at: Instant,
    pub lines: Range<usize>,
    /// The last step that speaks of it: afterwards it can be put away.
    pub last_step: usize,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Line {
    pub purchase: u32,
    /// Position in the log's rows.
    pub row: u32,
    /// Position in the member's rows in time order.
    place: u32,
    /// Not yet returned, thousandths.
    left: i32,
    /// Not goods: no part of the order.
    pub left_out: bool,
    /// Number of the line within its order.
    pub number: u16,
}

/// What of a line comes back, by which row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Piece {
    pub line: u32,
    pub quantity: i32,
    pub row: u32,
}

#[derive(Debug, Clone)]
pub(crate) enum Step {
    Order { purchase: u32 },
    Return { purchase: u32, at: Instant, pieces: Range<usize> },
}

/// Room for one member's history, used again for the next.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub purchases: Vec<Purchase>,
    pub lines: Vec<Line>,
    pub pieces: Vec<Piece>,
    pub steps: Vec<Step>,
    by_document: ShortMap<u32, u32>,
    line_at: Vec<u32>,
    /// Lines with pieces left, by article, oldest first.
    stock: ShortMap<u32, Vec<u32>>,
    group: Vec<Piece>,
}

/// Up to here a member's orders are looked through backwards, which is faster than a table.
const FEW_PURCHASES: usize = 8;

impl History {
    /// Lays out the history of one member; `rows` are positions in the log's rows.
    pub fn build(
        &mut self,
        log: &Log,
        exponent: u32,
        rows: &mut [u32],
        reasons: &mut Reasons,
        matched: &mut Matched,
    ) {
        self.purchases.clear();
        self.lines.clear();
        self.pieces.clear();
        self.steps.clear();
        let rank = |&at: &u32| {
            let row = &log.rows[at as usize];
            (row.at, row.is_return, row.number)
        };
        if !rows.is_sorted_by_key(rank) {
            rows.sort_unstable_by_key(rank);
        }
        note_fine_prices(log, exponent, rows, reasons);
        let has_returns = self.lay_out_purchases(log, rows, reasons);
        if has_returns {
            self.match_returns(log, rows, reasons, matched);
            self.sort_steps();
        }
        self.find_last_steps();
    }

    fn lay_out_purchases(&mut self, log: &Log, rows: &[u32], reasons: &mut Reasons) -> bool {
        self.by_document.clear();
        let mut has_returns = false;
        for (place, &at) in rows.iter().enumerate() {
            let row = &log.rows[at as usize];
            if row.is_return {
                has_returns = true;
                continue;
            }
            let purchase = self.purchase_of(log.orders.is_some(), row.document, row.at);
            let article = log.articles[row.sku as usize];
            note_article(log, at, article, reasons);
            self.lines.push(Line {
                purchase,
                row: at,
                place: place as u32,
                left: row.quantity,
                left_out: matches!(article, Article::NotGoods(_)),
                number: 0,
            });
        }
        // Two orders of one minute may be told in turns; a stable sort keeps each one's lines in order.
        if !self.lines.is_sorted_by_key(|l| l.purchase) {
            self.lines.sort_by_key(|l| l.purchase);
        }
        let mut number = 0;
        for (i, line) in self.lines.iter_mut().enumerate() {
            let purchase = &mut self.purchases[line.purchase as usize];
            if purchase.lines.end == 0 {
                purchase.lines.start = i;
                number = 0;
            }
            purchase.lines.end = i + 1;
            line.number = number;
            number = number.saturating_add(u16::from(!line.left_out));
        }
        has_returns
    }

    /// The order of a document; made at its first row, whose time is the order's.
    fn purchase_of(&mut self, shares_documents: bool, document: u32, at: Instant) -> u32 {
        if shares_documents {
            let recent = self.purchases.len().saturating_sub(FEW_PURCHASES);
            if let Some(found) = self.purchases[recent..].iter().rposition(|p| p.document == document) {
                return (recent + found) as u32;
            }
            if recent > 0 {
                if self.by_document.is_empty() {
                    let all = self.purchases.iter().zip(0..).map(|(p, i)| (p.document, i));
                    self.by_document.extend(all);
                }
                if let Some(&found) = self.by_document.get(&document) {
                    return found;
                }
                self.by_document.insert(document, self.purchases.len() as u32);
            }
        }
        let purchase = self.purchases.len() as u32;
        self.purchases.push(Purchase { document, at, lines: 0..0, last_step: 0 });
        self.steps.push(Step::Order { purchase });
        purchase
    }

    fn match_returns(&mut self, log: &Log, rows: &[u32], reasons: &mut Reasons, matched: &mut Matched) {
        self.stock.clear();
        self.line_at.clear();
        self.line_at.resize(rows.len(), u32::MAX);
        for (i, line) in self.lines.iter().enumerate() {
            self.line_at[line.place as usize] = i as u32;
        }
        self.group.clear();
        let mut group_of = None;
        for (place, &at) in rows.iter().enumerate() {
            let row = &log.rows[at as usize];
            if !row.is_return {
                self.stock.entry(row.sku).or_default().push(self.line_at[place]);
                continue;
            }
            // The rows of one return document at one time are one return.
            if group_of != Some((row.at, row.document)) {
                self.close_group(group_of.map(|(at, _)| at));
                group_of = Some((row.at, row.document));
            }
            self.match_row(log, at, reasons, matched);
        }
        self.close_group(group_of.map(|(at, _)| at));
    }

    fn match_row(&mut self, log: &Log, at: u32, reasons: &mut Reasons, matched: &mut Matched) {
        let row = &log.rows[at as usize];
        let article = log.articles[row.sku as usize];
        let mut wanted = row.quantity;
        if let Some(stock) = self.stock.get_mut(&row.sku) {
            while wanted > 0 && !stock.is_empty() {
                let next = match log.map.returns.matching {
                    Matching::Newest => stock.len() - 1,
                    Matching::Oldest => 0,
                };
                let line = &mut self.lines[stock[next] as usize];
                let quantity = wanted.min(line.left);
                if quantity > 0 && !line.left_out {
                    self.group.push(Piece { line: stock[next], quantity, row: at });
                }
                line.left -= quantity;
                wanted -= quantity;
                if line.left == 0 {
                    stock.remove(next);
                }
            }
        }
        let exact = -log.exact(row);
        if wanted == 0 {
            matched.in_full += 1;
        } else if wanted < row.quantity {
            matched.in_part += 1;
            reasons.add(Reason::ReturnInPart, exact);
        } else {
            matched.not_at_all += 1;
            reasons.add(Reason::ReturnUnmatched, exact);
        }
        if let Article::NotGoods(code) = article {
            reasons.add(Reason::NotGoods(code), exact);
        }
    }

    /// Makes one return per order out of the pieces of one return document.
    fn close_group(&mut self, at: Option<Instant>) {
        let Some(at) = at.filter(|_| !self.group.is_empty()) else {
            self.group.clear();
            return;
        };
        self.group.sort_by_key(|piece| piece.line);
        let mut start = 0;
        while start < self.group.len() {
            let purchase = self.lines[self.group[start].line as usize].purchase;
            let count = self.group[start..]
                .iter()
                .take_while(|p| self.lines[p.line as usize].purchase == purchase)
                .count();
            let first = self.pieces.len();
            self.pieces.extend_from_slice(&self.group[start..start + count]);
            self.steps.push(Step::Return { purchase, at, pieces: first..self.pieces.len() });
            start += count;
        }
        self.group.clear();
    }

    fn sort_steps(&mut self) {
        let purchases = &self.purchases;
        let first_row = |range: &Range<usize>| self.pieces[range.start].row;
        self.steps.sort_by_key(|step| match step {
            Step::Order { purchase } => (purchases[*purchase as usize].at, 0, 0),
            Step::Return { at, pieces, .. } => (*at, 1, first_row(pieces)),
        });
    }

    fn find_last_steps(&mut self) {
        for (i, step) in self.steps.iter().enumerate() {
            let (Step::Order { purchase } | Step::Return { purchase, .. }) = step;
            self.purchases[*purchase as usize].last_step = i;
        }
    }
}

/// Counts what is not plain goods.
fn note_article(log: &Log, at: u32, article: Article, reasons: &mut Reasons) {
    let reason = match article {
        Article::Goods => return,
        Article::Delivery(code) => Reason::Delivery(code),
        Article::GiftCard(code) => Reason::GiftCard(code),
        Article::NotGoods(code) => Reason::NotGoods(code),
    };
    reasons.add(reason, log.exact(&log.rows[at as usize]));
}

/// Prices that the program's currency cannot write: such a line's amount is half_up(price × quantity).
fn note_fine_prices(log: &Log, exponent: u32, rows: &[u32], reasons: &mut Reasons) {
    let finest = 10_i64.pow(PRICE_DECIMALS - exponent);
    for row in rows.iter().map(|&at| &log.rows[at as usize]).filter(|row| row.price % finest != 0) {
        let sign = if row.is_return { -1 } else { 1 };
        reasons.add(Reason::PriceFinerThanMinorUnit, sign * log.exact(row));
    }
}
