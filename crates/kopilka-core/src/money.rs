//! Money is an integer count of minor units of one currency; products are computed in 128 bits.
//!
//! Invariant: no amount outside ±[`MONEY_MAX`] is ever constructed from a text, and every share of an
//! amount adds up to that amount.

use crate::decimal::{self, Decimal, DecimalError};
use serde::{Deserialize, Serialize};
use smallvec::SmallVec;

/// 10^13 minor units: a hundred billion roubles in one order; sums of 1,000 lines still fit in 63 bits.
pub const MONEY_MAX: i64 = 10_000_000_000_000;

/// An amount in minor units (kopecks, cents). The currency is the program's and is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(pub i64);

impl Money {
    pub const ZERO: Money = Money(0);
    pub fn is_zero(&self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for Money {
    type Output = Money;
    fn add(self, other: Money) -> Money {
        Money(self.0 + other.0)
    }
}
impl std::ops::Sub for Money {
    type Output = Money;
    fn sub(self, other: Money) -> Money {
        Money(self.0 - other.0)
    }
}
impl std::ops::AddAssign for Money {
    fn add_assign(&mut self, other: Money) {
        self.0 += other.0;
    }
}
impl std::ops::SubAssign for Money {
    fn sub_assign(&mut self, other: Money) {
        self.0 -= other.0;
    }
}
impl std::iter::Sum for Money {
    fn sum<I: Iterator<Item = Money>>(iter: I) -> Money {
        Money(iter.map(|m| m.0).sum())
    }
}

/// How an exact rational becomes an integer. Applied once per credit, line or order, never twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    #[default]
    Floor,
    HalfUp,
    HalfEven,
    Ceil,
}

impl Rounding {
    /// `num / den` rounded to an integer. `den` must be positive; `half_up` rounds halves away from
    /// zero, the others are the usual ones.
    pub fn divide(self, num: i128, den: i128) -> i128 {
        debug_assert!(den > 0);
        let (floor, rest) = div_rem(num, den);
        let against_half = rest.cmp(&(den - rest));
        let up = match self {
            Rounding::Floor => false,
            Rounding::Ceil => rest > 0,
            Rounding::HalfUp => against_half.is_gt() || (against_half.is_eq() && num >= 0),
            Rounding::HalfEven => against_half.is_gt() || (against_half.is_eq() && floor % 2 != 0),
        };
        floor + i128::from(up)
    }
}

/// Quotient towards minus infinity, and what is left. Nearly every amount fits in 64 bits, where a division
/// is many times faster. `den` must be positive.
#[inline]
fn div_rem(num: i128, den: i128) -> (i128, i128) {
    match (i64::try_from(num), i64::try_from(den)) {
        (Ok(num), Ok(den)) => (i128::from(num.div_euclid(den)), i128::from(num.rem_euclid(den))),
        _ => (num.div_euclid(den), num.rem_euclid(den)),
    }
}

/// A rate in millionths: 5 % is 50,000. Results of a rate are exact rationals until the one rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rate(pub i64);

impl Rate {
    pub const ONE: i64 = 1_000_000;
    /// Reads a percentage with at most four decimals: `"5"` is 50,000 millionths.
    pub fn parse_percent(text: &str) -> Result<Rate, DecimalError> {
        decimal::parse_scaled(text, 4).map(Rate)
    }
    pub fn percent_text(self) -> String {
        decimal::format_trimmed(self.0, 4)
    }
    /// The share of an amount, rounded as told.
    pub fn of(self, amount: Money, rounding: Rounding) -> Money {
        let exact = i128::from(self.0) * i128::from(amount.0);
        Money(rounding.divide(exact, i128::from(Rate::ONE)) as i64)
    }
}

/// An ISO 4217 currency: its code and how many decimals its amounts have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    pub exponent: u32,
}

// The exponents are ISO 4217's; a code that is in none of the three lists is refused.
const EXPONENT_0: &str = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF";
const EXPONENT_3: &str = "BHD IQD JOD KWD LYD OMR TND";
const EXPONENT_2: &str = "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN \
    BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD \
    GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD \
    MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB \
    SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU \
    UZS VED VES WST XCD YER ZAR ZMW ZWG";

impl Currency {
    /// The currency of a three-letter code, upper case; `None` when ISO 4217 does not know it.
    pub fn by_code(code: &str) -> Option<Currency> {
        let bytes: [u8; 3] = code.as_bytes().try_into().ok()?;
        let listed = |list: &str| list.split_ascii_whitespace().any(|c| c == code);
        let exponent = if listed(EXPONENT_2) {
            2
        } else if listed(EXPONENT_0) {
            0
        } else if listed(EXPONENT_3) {
            3
        } else {
            return None;
        };
        Some(Currency { code: bytes, exponent })
    }
    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }
    /// An amount from its decimal text; more digits than the currency has, or more than
    /// [`MONEY_MAX`], are refused.
    pub fn parse(&self, text: &str) -> Result<Money, DecimalError> {
        let value = decimal::parse_scaled(text, self.exponent)?;
        if value.abs() > MONEY_MAX {
            return Err(DecimalError::OutOfRange);
        }
        Ok(Money(value))
    }
    pub fn format(&self, amount: Money) -> String {
        decimal::format_scaled(amount.0, self.exponent)
    }
    /// As [`Currency::format`], written later.
    pub fn figure(&self, amount: Money) -> Decimal {
        Decimal::scaled(amount.0, self.exponent)
    }
}

/// Amounts of the lines of one order: those of a small one lie in place.
pub type Amounts = SmallVec<[Money; 8]>;

/// Splits `total` over `weights` proportionally, to the minor unit: largest remainder first, ties to the
/// earlier weight. No part exceeds its `cap`; what a part cannot take is shared again among the others.
/// The parts add up to `min(total, Σ caps of positive weights)`.
pub fn allocate(total: Money, weights: &[Money], caps: &[Money]) -> Amounts {
    debug_assert_eq!(weights.len(), caps.len());
    let mut parts: Amounts = smallvec::smallvec![Money::ZERO; weights.len()];
    let mut left = total.0.max(0);
    if let ([weight], [cap]) = (weights, caps) {
        // One part takes what it can: what the rounds below come to as well.
        parts[0] = if weight.0 > 0 { Money(left.min(cap.0.max(0))) } else { Money::ZERO };
        return parts;
    }
    loop {
        if left == 0 {
            return parts;
        }
        let open: SmallVec<[usize; 8]> =
            (0..weights.len()).filter(|&i| weights[i].0 > 0 && parts[i] < caps[i]).collect();
        let sum: i128 = open.iter().map(|&i| i128::from(weights[i].0)).sum();
        if sum == 0 {
            return parts;
        }
        let mut remainders: SmallVec<[(i128, usize); 4]> = SmallVec::new();
        let round_total = left;
        for &i in &open {
            let exact = i128::from(round_total) * i128::from(weights[i].0);
            let room = caps[i].0 - parts[i].0;
            let (floor, rest) = div_rem(exact, sum);
            remainders.push((rest, i));
            let given = (floor as i64).min(room);
            parts[i].0 += given;
            left -= given;
        }
        // The odd units go to the largest remainders; sort is stable, so ties go to the earlier line.
        remainders.sort_by_key(|(rest, _)| std::cmp::Reverse(*rest));
        let mut odd = (left).min(remainders.len() as i64);
        for (_, i) in remainders {
            if odd == 0 {
                break;
            }
            if parts[i] < caps[i] {
                parts[i].0 += 1;
                left -= 1;
                odd -= 1;
            }
        }
    }
}

/// What of `total` belongs to the first `gone` of `quantity` pieces when the cheaper pieces go first:
/// `total` splits into pieces of ⌊total/q⌋ and ⌊total/q⌋ + 1. Fractional quantities take ⌊total × share⌋.
/// All of it is gone when all pieces are. Quantities are in thousandths.
#[inline]
pub fn share_gone(total: Money, gone: i64, quantity: i64) -> Money {
    if gone >= quantity {
        return total;
    }
    if gone <= 0 {
        return Money::ZERO;
    }
    if gone % 1000 == 0 && quantity % 1000 == 0 {
        let (pieces, count) = (gone / 1000, quantity / 1000);
        let cheap = total.0.div_euclid(count);
        let cheap_pieces = count - total.0.rem_euclid(count);
        return Money(pieces * cheap + (pieces - cheap_pieces).max(0));
    }
    Money((i128::from(total.0) * i128::from(gone)).div_euclid(i128::from(quantity)) as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounding_of_exact_halves() {
        let row = |n: i128| {
            [Rounding::Floor, Rounding::HalfUp, Rounding::HalfEven, Rounding::Ceil].map(|r| r.divide(n, 10))
        };
        assert_eq!(row(25), [2, 3, 2, 3]);
        assert_eq!(row(35), [3, 4, 4, 4]);
        assert_eq!(row(24), [2, 2, 2, 3]);
        assert_eq!(row(-25), [-3, -3, -2, -2]);
    }

    #[test]
    fn allocation_is_proportional_and_exact() {
        let m = |v: &[i64]| v.iter().map(|&x| Money(x)).collect::<Amounts>();
        let lines = m(&[199_900, 70_100, 9_999]);
        assert_eq!(allocate(Money(55_900), &lines, &lines), m(&[39_909, 13_995, 1_996]));
        assert_eq!(allocate(Money(100), &m(&[1, 1, 1]), &m(&[1, 50, 100])), m(&[1, 50, 49]));
        assert_eq!(allocate(Money(100), &m(&[0, 5]), &m(&[5, 5])), m(&[0, 5]));
    }

    #[test]
    fn cheaper_pieces_go_first() {
        // 3 pieces of 54,997 net: 18,332 + 18,332 + 18,333.
        let gone = |k: i64| share_gone(Money(54_997), k * 1000, 3000).0;
        assert_eq!([gone(0), gone(1), gone(2), gone(3)], [0, 18_332, 36_664, 54_997]);
    }

    #[test]
    fn currencies_know_their_decimals() {
        assert_eq!(Currency::by_code("JPY").map(|c| c.exponent), Some(0));
        assert_eq!(Currency::by_code("KWD").map(|c| c.exponent), Some(3));
        assert!(Currency::by_code("rub").is_none());
        let rub = Currency::by_code("RUB").unwrap();
        assert_eq!(rub.parse("1234.50"), Ok(Money(123_450)));
        assert_eq!(rub.parse("0.001"), Err(DecimalError::TooManyDecimals { allowed: 2 }));
        assert_eq!(rub.parse("100000000000.01"), Err(DecimalError::OutOfRange));
    }
}
