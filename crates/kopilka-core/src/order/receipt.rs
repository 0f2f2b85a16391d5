//! The receipt projection: rows with price × quantity = amount exactly, as fiscal printers demand.

use super::{LineKind, LineState, Quantity};
use crate::ShortText;
use crate::money::Money;
use serde::Serialize;

/// One row of the receipt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ReceiptRow {
    pub line: ShortText,
    pub sku: ShortText,
    pub kind: LineKind,
    pub quantity: Quantity,
    pub price: Money,
    pub amount: Money,
    /// Paid by points as another counter-provision; zero where points are a discount.
    pub by_points: Money,
    pub mark: Option<String>,
}

/// How points stand on the receipt: as a discount of the price (default), or as a kind of payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ReceiptPoints {
    #[default]
    Discount,
    CounterProvision,
}

/// The rows for what remains of the lines. The cheaper pieces of a split line are the first to be returned,
/// so the rows that remain always are what the refunds left.
pub fn receipt_rows(lines: &[LineState], points: ReceiptPoints) -> Vec<ReceiptRow> {
    let mut rows = Vec::with_capacity(lines.len());
    for line in lines.iter().filter(|l| l.remaining().0 > 0) {
        let (amount, by_points) = match points {
            ReceiptPoints::Discount => (line.left_of(line.due), Money::ZERO),
            ReceiptPoints::CounterProvision => {
                let by_points = line.left_of(line.by_points);
                (line.left_of(line.due) + by_points, by_points)
            }
        };
        split_row(line, amount, by_points, &mut rows);
    }
    rows
}

fn split_row(line: &LineState, amount: Money, by_points: Money, rows: &mut Vec<ReceiptRow>) {
    let quantity = line.remaining();
    let row = |quantity, price, amount, by_points, mark| ReceiptRow {
        line: line.id.clone(),
        sku: line.sku.clone(),
        kind: line.kind,
        quantity,
        price,
        amount,
        by_points,
        mark,
    };
    if !quantity.is_whole() {
        // A fractional line's row carries the amount; its price is what the shop named.
        rows.push(row(quantity, line.price, amount, by_points, None));
        return;
    }
    let pieces = quantity.0 / 1000;
    let (low, dear) = (amount.0.div_euclid(pieces), amount.0.rem_euclid(pieces));
    let cheap = pieces - dear;
    // A marked piece is its own row; its code stays with it, so the codes are dealt from the end.
    let marks = &line.marks[line.marks.len().saturating_sub(pieces as usize)..];
    if !marks.is_empty() {
        let mut points_left = by_points;
        for (i, mark) in (0..pieces).zip(marks.iter().map(Some).chain(std::iter::repeat(None))) {
            let price = Money(low + i64::from(i >= cheap));
            let share = Money(points_left.0 / (pieces - i));
            points_left -= share;
            rows.push(row(Quantity::ONE, price, price, share, mark.cloned()));
        }
        return;
    }
    let cheap_points = Money((i128::from(by_points.0) * i128::from(cheap) / i128::from(pieces)) as i64);
    if cheap > 0 {
        rows.push(row(Quantity::pieces(cheap), Money(low), Money(low * cheap), cheap_points, None));
    }
    if dear > 0 {
        let amount = Money((low + 1) * dear);
        rows.push(row(Quantity::pieces(dear), Money(low + 1), amount, by_points - cheap_points, None));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::order::LineBody;

    fn line(quantity: i64, price: i64, by_points: i64) -> LineState {
        let mut line = LineState::from_body(&LineBody::goods("1", "sku", Quantity(quantity), Money(price)));
        line.by_points = Money(by_points);
        line.settle();
        line
    }

    #[test]
    fn a_line_that_does_not_divide_becomes_two_rows() {
        let rows = receipt_rows(&[line(3000, 19_999, 5_000)], ReceiptPoints::Discount);
        let seen: Vec<_> = rows.iter().map(|r| (r.quantity.0, r.price.0, r.amount.0)).collect();
        assert_eq!(seen, [(2000, 18_332, 36_664), (1000, 18_333, 18_333)]);
    }

    #[test]
    fn rows_add_up_whatever_was_returned() {
        let mut l = line(7000, 12_345, 4_321);
        for gone in 0..=7 {
            l.gone = Quantity::pieces(gone);
            let rows = receipt_rows(std::slice::from_ref(&l), ReceiptPoints::Discount);
            let sum: Money = rows.iter().map(|r| r.amount).sum();
            assert_eq!(sum, l.left_of(l.due));
            assert!(rows.iter().all(|r| r.price.0 * (r.quantity.0 / 1000) == r.amount.0));
        }
    }

    #[test]
    fn marked_pieces_have_rows_of_their_own() {
        let mut l = line(3000, 10_000, 100);
        l.marks = vec!["a".into(), "b".into(), "c".into()];
        let rows = receipt_rows(std::slice::from_ref(&l), ReceiptPoints::CounterProvision);
        assert_eq!(rows.len(), 3);
        assert_eq!(rows.iter().map(|r| r.by_points.0).sum::<i64>(), 100);
        l.gone = Quantity::pieces(2);
        let rows = receipt_rows(std::slice::from_ref(&l), ReceiptPoints::Discount);
        assert_eq!(rows[0].mark.as_deref(), Some("c"));
    }
}
