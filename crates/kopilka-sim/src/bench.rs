//! Orders made up in memory, and a naive loop over them: what a replay is measured against.
//!
//! Invariant: the same count and seed give the same log; the naive loop knows no engine, only lots.

use crate::intern::Texts;
use crate::log::{Article, Classes, Log, Row};
use crate::map::Map;
use crate::reasons::{Reasons, Tally};
use kopilka_core::time::Instant;

/// Orders a member has on average: about what a year of a shop has.
const ORDERS_PER_MEMBER: u64 = 10;
/// 2026-01-01T00:00:00Z and the seconds of that year.
const YEAR_STARTS: i64 = 1_767_225_600;
const YEAR_SECONDS: u64 = 365 * 86_400;

/// A year of single-line orders of 1.00 to 300.00, in order of time, `orders` in all.
pub fn generate(orders: u32, seed: u64) -> Log {
    let map = r#"{"name":"made up","currency":"RUB","timezone":"UTC",
        "columns":{"customer":"c","time":"t","amount":"a"}}"#;
    let map = match Map::parse(map) {
        Ok(map) => map,
        Err(error) => panic!("the bench's own mapping is wrong: {error}"),
    };
    let mut random = SplitMix(seed);
    let member_count = (u64::from(orders) / ORDERS_PER_MEMBER).max(1);
    let mut members = Texts::default();
    for member in 0..member_count {
        members.number(member.to_string().as_bytes());
    }
    members.seal();
    let mut skus = Texts::default();
    skus.number(b"-");
    let mut identified = Tally::default();
    let rows: Vec<Row> = (0..orders)
        .map(|number| {
            let second = u64::from(number) * YEAR_SECONDS / u64::from(orders);
            let minor = 100 + random.below(29_901) as i64;
            identified.add(i128::from(minor) * 10_000_000);
            Row {
                at: Instant(YEAR_STARTS * 1_000_000).plus_seconds(second as i64),
                price: minor * 10_000,
                member: random.below(member_count) as u32,
                document: number + 2,
                sku: 0,
                quantity: 1_000,
                number: number + 2,
                is_return: false,
            }
        })
        .collect();
    let (first, last) = (rows.first().map(|r| r.at), rows.last().map(|r| r.at));
    Log {
        map,
        rows,
        members,
        orders: None,
        skus,
        articles: vec![Article::Goods],
        categories: vec![None],
        brands: vec![None],
        classes: Classes { identified, identified_orders: u64::from(orders), ..Classes::default() },
        reasons: Reasons::default(),
        has_days: false,
        first: first.unwrap_or_default(),
        last: last.unwrap_or_default(),
        unused: Vec::new(),
        unreadable: Vec::new(),
    }
}

/// The same orders as CSV text, for measuring the way from a file.
pub fn write_csv(log: &Log, mut out: impl std::io::Write) -> std::io::Result<()> {
    writeln!(out, "c,t,a")?;
    for row in &log.rows {
        let (minor, text) = (row.price / 10_000, row.at.to_string());
        let time = text.get(..19).unwrap_or(&text);
        writeln!(out, "{},{time},{}.{:02}", row.member, minor / 100, minor % 100)?;
    }
    Ok(())
}

/// Steele, Lea and Flood's generator: small, seeded, the same everywhere.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.next()) * u128::from(bound)) >> 64) as u64
    }
}

/// The terms of the naive loop: percent of what money paid, after a delay, for a while.
#[derive(Debug, Clone, Copy)]
pub struct NaiveTerms {
    pub percent: i64,
    pub delay_days: i64,
    pub lives_days: i64,
    /// Of the order, in percent; 0 when nobody spends.
    pub max_share: i64,
}

/// What the naive loop comes to, in points worth one unit of money each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NaiveSums {
    pub issued: i64,
    pub spent: i64,
    pub expired: i64,
    pub outstanding: i64,
}

struct NaiveLot {
    points: i64,
    active_at: i64,
    expires_at: i64,
}

const DAY: i64 = 86_400_000_000;

/// Lots, first expiring first, expiry, percent: one thread, one pass over the rows as they lie.
pub fn naive(log: &Log, terms: NaiveTerms) -> NaiveSums {
    let mut sums = NaiveSums::default();
    let mut members: Vec<Vec<NaiveLot>> = Vec::new();
    members.resize_with(log.members.len(), Vec::new);
    for row in &log.rows {
        let lots = &mut members[row.member as usize];
        let now = row.at.0;
        lots.retain(|lot| {
            let lives = lot.expires_at > now;
            sums.expired += if lives { 0 } else { lot.points };
            lives
        });
        let minor = row.price / 10_000;
        let mut wanted = minor * terms.max_share / 10_000;
        let mut paid = minor;
        // Lots are credited in order of time with one validity, so they lie in the order of their ends.
        for lot in lots.iter_mut().filter(|lot| lot.active_at <= now) {
            let part = lot.points.min(wanted);
            lot.points -= part;
            wanted -= part;
            sums.spent += part;
            paid -= part * 100;
        }
        lots.retain(|lot| lot.points > 0);
        let points = paid * terms.percent / 10_000;
        if points > 0 {
            sums.issued += points;
            let active_at = now + terms.delay_days * DAY;
            lots.push(NaiveLot { points, active_at, expires_at: active_at + terms.lives_days * DAY });
        }
    }
    for lot in members.iter().flatten() {
        if lot.expires_at > log.last.0 {
            sums.outstanding += lot.points;
        } else {
            sums.expired += lot.points;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_up_orders_are_the_same_for_the_same_seed() {
        let sums = |seed| {
            let terms = NaiveTerms { percent: 5, delay_days: 14, lives_days: 30, max_share: 20 };
            naive(&generate(20_000, seed), terms)
        };
        assert_eq!(sums(1), sums(1));
        assert_ne!(sums(1), sums(2));
        let s = sums(1);
        assert_eq!(s.issued, s.spent + s.expired + s.outstanding);
        assert!(s.spent > 0 && s.expired > 0);
    }
}
