//! What a replay adds up: by month, over all members, and the checks of the books.
//!
//! Invariant: totals of parts added in any order are the totals of the whole.

use crate::habits::Gathered;
use crate::history::Matched;
use crate::reasons::Reasons;
use kopilka_core::ledger::Event;
use kopilka_core::measures;
use kopilka_core::measures::Lifetime;
use kopilka_core::member::Balance;
use kopilka_core::points::Points;
use kopilka_core::record::{Closing, Recorder};
use kopilka_core::time::{Day, Instant, Zone};
use kopilka_core::trace::Step;

/// A calendar month of the program's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MonthName {
    pub year: i16,
    pub month: i8,
}

/// The months of the log and where each begins.
#[derive(Debug, Clone)]
pub(crate) struct Calendar {
    pub names: Vec<MonthName>,
    starts: Vec<Instant>,
}

/// A twelfth of a Gregorian year.
const MONTH_MICROS: i64 = 2_629_746_000_000;

impl Calendar {
    pub fn new(zone: &Zone, first: Instant, last: Instant) -> Calendar {
        let mut calendar = Calendar { names: Vec::new(), starts: Vec::new() };
        let day = zone.day_of(first);
        let (mut year, mut month) = (day.year(), day.month());
        while let Some(day) = Day::new(year, month, 1) {
            let start = zone.start_of(day);
            if start > last {
                break;
            }
            calendar.names.push(MonthName { year, month });
            calendar.starts.push(start);
            (year, month) = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
        }
        calendar
    }
    /// The position of the month an instant falls in; instants outside count to the nearest month.
    pub fn month_of(&self, at: Instant) -> usize {
        // Counted in average months it is right but for a few days around the turns.
        let last = self.starts.len().saturating_sub(1);
        let since = at.0 - self.starts.first().map_or(at.0, |start| start.0);
        let mut month = usize::try_from(since / MONTH_MICROS).unwrap_or(0).min(last);
        while month < last && self.starts[month + 1] <= at {
            month += 1;
        }
        while month > 0 && self.starts[month] > at {
            month -= 1;
        }
        month
    }
}

/// What happened in one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Month {
    pub sums: Lifetime,
    pub orders: u64,
    pub returns: u64,
    /// Minor units: orders before points, and money given back.
    pub charged: i128,
    pub refunded: i128,
}

impl Month {
    pub fn merge(&mut self, other: &Month) {
        merge_sums(&mut self.sums, &other.sums);
        self.orders += other.orders;
        self.returns += other.returns;
        self.charged += other.charged;
        self.refunded += other.refunded;
    }
}

fn merge_sums(sums: &mut Lifetime, other: &Lifetime) {
    sums.issued += other.issued;
    sums.regranted += other.regranted;
    sums.written_off += other.written_off;
    sums.spent += other.spent;
    sums.come_back += other.come_back;
    sums.expired += other.expired;
    sums.revoked += other.revoked;
    sums.shop_loss += other.shop_loss;
    sums.sent += other.sent;
    sums.received += other.received;
}

/// Adds up what one member's commands bring about; nothing else of them is kept.
pub(crate) struct Counter<'a> {
    member: &'a mut Lifetime,
    months: &'a mut [Month],
    calendar: &'a Calendar,
    /// Of the entry that is not closed.
    entry: Lifetime,
    /// Minor units of the order that was placed, before points.
    pub charged: i64,
}

impl<'a> Counter<'a> {
    pub fn new(member: &'a mut Lifetime, months: &'a mut [Month], calendar: &'a Calendar) -> Counter<'a> {
        Counter { member, months, calendar, entry: Lifetime::default(), charged: 0 }
    }
}

impl Recorder for Counter<'_> {
    fn keeps_steps(&self) -> bool {
        false
    }
    fn event(&mut self, event: &Event) {
        measures::count(&mut self.entry, event);
        if let Event::OrderPlaced { order } = event {
            self.charged = order.lines.iter().map(|line| line.discounted.0).sum();
        }
    }
    fn step(&mut self, _: Step) {}
    fn close(&mut self, closing: Closing) {
        let month = self.calendar.month_of(closing.effective_at);
        merge_sums(&mut self.months[month].sums, &self.entry);
        merge_sums(self.member, &self.entry);
        self.entry = Lifetime::default();
    }
}

/// A check over members: how many were looked at, how many failed, and the first that did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Check {
    pub members: u64,
    pub violations: u64,
    /// The lowest member number that failed, with what was wrong.
    pub first: Option<(u32, String)>,
}

impl Check {
    pub fn fail(&mut self, member: u32, what: String) {
        self.violations += 1;
        if self.first.as_ref().is_none_or(|(known, _)| member < *known) {
            self.first = Some((member, what));
        }
    }
    fn merge(&mut self, other: Check) {
        self.members += other.members;
        self.violations += other.violations;
        if let Some((member, what)) = other.first
            && self.first.as_ref().is_none_or(|(known, _)| member < *known)
        {
            self.first = Some((member, what));
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Totals {
    pub months: Vec<Month>,
    pub members: u64,
    pub members_who_spent: u64,
    pub orders: u64,
    /// Orders all of whose rows were left out.
    pub orders_without_goods: u64,
    pub orders_refused: u64,
    pub returns: u64,
    pub balance: Balance,
    pub identity: Check,
    /// Members who returned everything they bought.
    pub emptied: Check,
    /// Of those, the ones whom time took or gave something meanwhile.
    pub emptied_with_time: u64,
    pub matched: Matched,
    pub reasons: Reasons,
    /// Empty where the replay was not asked for habits.
    pub habits: Gathered,
}

impl Totals {
    pub fn new(months: usize) -> Totals {
        Totals { months: vec![Month::default(); months], ..Totals::default() }
    }
    pub fn add_balance(&mut self, balance: Balance) {
        self.balance.pending += balance.pending;
        self.balance.available += balance.available;
        self.balance.held += balance.held;
        self.balance.debt += balance.debt;
    }
    pub fn merge(&mut self, other: Totals) {
        for (month, more) in self.months.iter_mut().zip(&other.months) {
            month.merge(more);
        }
        self.members += other.members;
        self.members_who_spent += other.members_who_spent;
        self.orders += other.orders;
        self.orders_without_goods += other.orders_without_goods;
        self.orders_refused += other.orders_refused;
        self.returns += other.returns;
        self.add_balance(other.balance);
        self.identity.merge(other.identity);
        self.emptied.merge(other.emptied);
        self.emptied_with_time += other.emptied_with_time;
        self.matched.in_full += other.matched.in_full;
        self.matched.in_part += other.matched.in_part;
        self.matched.not_at_all += other.matched.not_at_all;
        self.reasons.merge(&other.reasons);
        self.habits.merge(other.habits);
    }
    pub fn sums(&self) -> Lifetime {
        let mut sums = Lifetime::default();
        self.months.iter().for_each(|month| merge_sums(&mut sums, &month.sums));
        sums
    }
    pub fn charged(&self) -> i128 {
        self.months.iter().map(|m| m.charged).sum()
    }
    pub fn refunded(&self) -> i128 {
        self.months.iter().map(|m| m.refunded).sum()
    }
}

/// Points outstanding at the end of each month.
pub(crate) fn outstanding_by_month(months: &[Month]) -> Vec<Points> {
    let mut outstanding = Points::ZERO;
    let step = |month: &Month| {
        outstanding += month.sums.outstanding();
        outstanding
    };
    months.iter().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_begin_at_local_midnight() {
        let moscow = Zone::by_name("Europe/Moscow").unwrap();
        let at = |text| Instant::parse(text).unwrap();
        let calendar = Calendar::new(&moscow, at("2025-11-30T20:59:59Z"), at("2026-01-05T00:00:00Z"));
        let names: Vec<_> = calendar.names.iter().map(|n| (n.year, n.month)).collect();
        assert_eq!(names, [(2025, 11), (2025, 12), (2026, 1)]);
        assert_eq!(calendar.month_of(at("2025-11-30T20:59:59Z")), 0);
        assert_eq!(calendar.month_of(at("2025-11-30T21:00:00Z")), 1);
        assert_eq!(calendar.month_of(at("2030-01-01T00:00:00Z")), 2);
        assert_eq!(calendar.month_of(at("1999-01-01T00:00:00Z")), 0);
        let long = Calendar::new(&moscow, at("2000-01-01T00:00:00Z"), at("2030-01-01T00:00:00Z"));
        for (month, start) in long.starts.iter().enumerate() {
            assert_eq!(long.month_of(*start), month);
            assert_eq!(long.month_of(Instant(start.0 - 1)), month.saturating_sub(1));
        }
    }
}
