//! Cursors of reports: where a page ended, as text for the caller to hand back.
//!
//! Invariant: a cursor says only where to go on; which program it is of, the key says.

use kopilka_core::ids::MemberId;
use kopilka_core::time::{INSTANT_MAX, INSTANT_MIN, Instant};
use kopilka_service::{BurningPlace, FlaggedPlace};
use std::fmt::Write;

pub fn of_burning((at, member): BurningPlace) -> String {
    format!("{}.{member}", at.0)
}

pub fn burning(text: &str) -> Option<BurningPlace> {
    let (at, member) = text.split_once('.')?;
    let at = at.parse().ok().map(Instant).filter(|at| (INSTANT_MIN..=INSTANT_MAX).contains(at))?;
    Some((at, MemberId::parse(member)?))
}

/// Shops and cashiers are called as they please, so their names travel as hexadecimal digits.
pub fn of_flagged(place: &FlaggedPlace) -> String {
    let FlaggedPlace { purchases, member, shop, cashier } = place;
    format!("{purchases}.{member}.{}.{}", digits(shop), digits(cashier))
}

pub fn flagged(text: &str) -> Option<FlaggedPlace> {
    let mut parts = text.split('.');
    let mut next = || parts.next();
    let place = FlaggedPlace {
        purchases: next()?.parse().ok()?,
        member: MemberId::parse(next()?)?,
        shop: name(next()?)?,
        cashier: name(next()?)?,
    };
    parts.next().is_none().then_some(place)
}

fn digits(name: &str) -> String {
    name.bytes().fold(String::with_capacity(2 * name.len()), |mut out, byte| {
        // Writing into a text cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn name(digits: &str) -> Option<String> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = digits.as_bytes().chunks(2).map(|pair| match pair {
        [high, low] => Some(digit(high)? << 4 | digit(low)?),
        _ => None,
    });
    let name = String::from_utf8(pairs.collect::<Option<_>>()?).ok()?;
    // A database takes no text with a zero in it.
    (!name.contains('\0')).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_was() {
        let place = (Instant(1_775_034_000_000_000), MemberId(42));
        assert_eq!(burning(&of_burning(place)), Some(place));
        for (shop, cashier) in [("main", "k1"), ("Юг.1", ""), ("a b", "?&=")] {
            let (shop, cashier) = (shop.to_owned(), cashier.to_owned());
            let place = FlaggedPlace { purchases: 8, member: MemberId(7), shop, cashier };
            assert_eq!(flagged(&of_flagged(&place)), Some(place));
        }
    }

    #[test]
    fn what_is_no_cursor_is_told_apart() {
        for text in
            ["", "1", "1.", "x.m_0000000000001", "1.e_0000000000001", "99999999999999999.m_0000000000001"]
        {
            assert_eq!(burning(text), None, "{text}");
        }
        let member = "m_0000000000001";
        for text in ["8", &format!("8.{member}"), &format!("8.{member}.6.6b"), &format!("8.{member}.zz.6b")] {
            assert_eq!(flagged(text), None, "{text}");
        }
        for text in
            [&format!("8.{member}.ff.6b"), &format!("8.{member}.00.6b"), &format!("8.{member}.61.6b.")]
        {
            assert_eq!(flagged(text), None, "{text}");
        }
    }
}
