//! Cells of reports from what was counted.

use super::sheet::Cell;
use crate::shown::Shown;
use crate::words::Words;
use kopilka_core::measures::{Month, calendar};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::words::Language;

/// Says figures in the words of a page.
#[derive(Clone)]
pub struct Figures {
    pub shown: Shown,
    pub words: Words,
}

impl Figures {
    pub fn count(&self, n: impl Into<i64>) -> Cell {
        let value = n.into();
        Cell::Number { value, scale: 0, shown: self.words.whole(value) }
    }
    pub fn money(&self, money: Money) -> Cell {
        Cell::Number {
            value: money.0,
            scale: self.shown.program.currency.exponent,
            shown: self.shown.money(money),
        }
    }
    pub fn points(&self, points: Points) -> Cell {
        let scale = self.shown.program.points.precision;
        Cell::Number { value: points.0, scale, shown: self.shown.amount(points) }
    }
    /// A share of a hundred with one decimal, rounded half up; nothing where there is nothing to share.
    pub fn share(&self, part: i64, whole: i64) -> Cell {
        match share_tenths(part, whole) {
            None => Cell::Empty,
            Some(value) => {
                let shown = self.shown.language.number(value, 1);
                Cell::Number { value, scale: 1, shown: format!("{shown}\u{a0}%") }
            }
        }
    }
    /// A mean of amounts, rounded half up.
    pub fn mean_money(&self, sum: Money, count: u32) -> Cell {
        match i64::from(count) {
            0 => Cell::Empty,
            count => self.money(Money((sum.0 + count / 2).div_euclid(count))),
        }
    }
    /// A mean of counts with two decimals.
    pub fn mean(&self, sum: u32, count: u32) -> Cell {
        match i64::from(count) {
            0 => Cell::Empty,
            count => {
                let value = (i64::from(sum) * 100 + count / 2).div_euclid(count);
                Cell::Number { value, scale: 2, shown: self.shown.language.number(value, 2) }
            }
        }
    }
    pub fn month(&self, month: Month) -> Cell {
        Cell::Text(self.month_name(month))
    }
    pub fn month_name(&self, month: Month) -> String {
        let (year, month) = calendar(month);
        format!("{} {year}", self.words.say(&format!("month-{month}")))
    }
}

/// Tenths of a per cent, rounded half up.
pub fn share_tenths(part: i64, whole: i64) -> Option<i64> {
    if whole <= 0 {
        return None;
    }
    let share = (i128::from(part) * 1_000 + i128::from(whole) / 2).div_euclid(i128::from(whole));
    i64::try_from(share).ok()
}

/// By how much something has changed, said with its sign; nothing where there was nothing before.
pub fn change(words: Words, now: i64, before: i64) -> Option<(bool, String)> {
    let tenths = share_tenths(now - before, before)?;
    let whole = (tenths.abs() + 5) / 10;
    let sign = match tenths {
        _ if whole == 0 => "",
        ..0 => "−",
        _ => "+",
    };
    let space = match words.0 {
        Language::En => "",
        Language::Ru => "\u{a0}",
    };
    Some((tenths >= 0, format!("{sign}{}{space}%", words.whole(whole))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_rounded_half_up_and_never_of_nothing() {
        assert_eq!(share_tenths(1, 3), Some(333));
        assert_eq!(share_tenths(1, 8), Some(125));
        assert_eq!(share_tenths(1, 2_000), Some(1));
        assert_eq!(share_tenths(5, 0), None);
        let en = Words(Language::En);
        assert_eq!(change(en, 110, 100), Some((true, "+10%".to_owned())));
        assert_eq!(change(en, 75, 100), Some((false, "−25%".to_owned())));
        assert_eq!(change(en, 75, 0), None);
    }
}
