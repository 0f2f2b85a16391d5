//! Points are an integer count of the program's smallest point unit.
//!
//! Invariant: points leave a balance as payment only in amounts worth whole minor units of money.

use crate::decimal::{self, Decimal, DecimalError};
use crate::money::{Currency, Money};
use serde::{Deserialize, Serialize};

/// 10^12 smallest units: more than any shop issues in a lifetime, and products with rates fit in 128 bits.
pub const POINTS_MAX: i64 = 1_000_000_000_000;

/// A count of the program's smallest point unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Points(pub i64);

impl Points {
    pub const ZERO: Points = Points(0);
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for Points {
    type Output = Points;
    fn add(self, other: Points) -> Points {
        Points(self.0 + other.0)
    }
}
impl std::ops::Sub for Points {
    type Output = Points;
    fn sub(self, other: Points) -> Points {
        Points(self.0 - other.0)
    }
}
impl std::ops::AddAssign for Points {
    fn add_assign(&mut self, other: Points) {
        self.0 += other.0;
    }
}
impl std::ops::SubAssign for Points {
    fn sub_assign(&mut self, other: Points) {
        self.0 -= other.0;
    }
}
impl std::iter::Sum for Points {
    fn sum<I: Iterator<Item = Points>>(iter: I) -> Points {
        Points(iter.map(|p| p.0).sum())
    }
}

/// What one smallest unit is worth, as an exact fraction of minor units, and how points are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointUnit {
    /// Decimals of a point: 0, 1 or 2.
    pub precision: u32,
    worth_num: i64,
    worth_den: i64,
}

impl PointUnit {
    /// `value_millionths`: what one whole point pays, in millionths of the major unit (1.00 RUB is
    /// 1,000,000). Must be positive.
    pub fn new(precision: u32, value_millionths: i64, currency: Currency) -> PointUnit {
        let num = i128::from(value_millionths) * 10_i128.pow(currency.exponent);
        let den = 1_000_000_i128 * 10_i128.pow(precision);
        let divisor = gcd(num, den);
        PointUnit { precision, worth_num: (num / divisor) as i64, worth_den: (den / divisor) as i64 }
    }

    /// Points are spent in multiples of this many smallest units, so that each payment is whole money.
    pub fn step(&self) -> Points {
        Points(self.worth_den)
    }
    /// The money a spendable amount pays; a part below the step pays nothing.
    pub fn worth(&self, points: Points) -> Money {
        Money((i128::from(points.0 / self.worth_den) * i128::from(self.worth_num)) as i64)
    }
    /// The most points, in spendable steps, that are worth no more than `money`.
    pub fn covering(&self, money: Money) -> Points {
        Points(money.0.max(0) / self.worth_num * self.worth_den)
    }
    /// Rounds a request down to an amount worth whole minor units.
    pub fn spendable(&self, points: Points) -> Points {
        Points(points.0 - points.0 % self.worth_den)
    }
    /// `⌊money ÷ value⌋` in smallest units, not rounded to a step: for points that come back.
    pub fn equivalent_floor(&self, money: Money) -> Points {
        Points((i128::from(money.0) * i128::from(self.worth_den) / i128::from(self.worth_num)) as i64)
    }
    pub fn parse(&self, text: &str) -> Result<Points, DecimalError> {
        let value = decimal::parse_scaled(text, self.precision)?;
        if value.abs() > POINTS_MAX {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Points(value))
    }
    pub fn format(&self, points: Points) -> String {
        decimal::format_scaled(points.0, self.precision)
    }
    /// As [`PointUnit::format`], written later.
    pub fn figure(&self, points: Points) -> Decimal {
        Decimal::scaled(points.0, self.precision)
    }
    /// Smallest units in one whole point.
    pub fn scale(&self) -> i64 {
        10_i64.pow(self.precision)
    }
}

fn gcd(a: i128, b: i128) -> i128 {
    if b == 0 { a } else { gcd(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_pay_only_whole_minor_units() {
        let rub = Currency::by_code("RUB").unwrap();
        let plain = PointUnit::new(0, 1_000_000, rub);
        assert_eq!((plain.step(), plain.worth(Points(3))), (Points(1), Money(300)));
        assert_eq!(plain.covering(Money(299)), Points(2));
        // A point worth a third of a kopeck's tenth: 0.003 RUB = 0.3 kopeck; ten points pay three kopecks.
        let tiny = PointUnit::new(0, 3_000, rub);
        assert_eq!(tiny.step(), Points(10));
        assert_eq!(tiny.spendable(Points(29)), Points(20));
        assert_eq!(tiny.worth(Points(20)), Money(6));
        assert_eq!(tiny.covering(Money(7)), Points(20));
        let fine = PointUnit::new(2, 1_000_000, rub);
        assert_eq!(fine.format(Points(1250)), "12.50");
        assert_eq!(fine.worth(Points(1250)), Money(1250));
    }
}
