//! How a shop's members buy, and when points would first have paid: a replay that is asked for habits.
//!
//! Invariant: whether an order could take points is told by the engine alone, which is asked for as many as
//! the order may take; here purchases are only counted.

use crate::Spend;
use crate::log::Log;
use crate::replay::{Options, Progress, run};
use kopilka_core::program::Program;
use kopilka_core::program::habits::{Counts, Gap, Habits};
use kopilka_core::time::{Day, Instant, Zone};
use std::sync::Arc;

/// The habits, and what of the log they were measured on.
#[derive(Debug)]
pub struct Measured {
    pub habits: Habits,
    /// The first and the last day of the log, in the program's zone.
    pub first: Day,
    pub last: Day,
    /// Orders that the replay took, and those that the engine refused.
    pub orders: u64,
    pub orders_refused: u64,
}

/// Measures a log under a program: every order asks to take the most points it may. `welcome`: the rules of
/// registration fire at a member's first order. The result is the same on any number of threads.
pub fn measure(
    log: &Log,
    program: Arc<Program>,
    welcome: bool,
    threads: usize,
    progress: &(dyn Fn(Progress) + Sync),
) -> Measured {
    let options = Options { program, spend: Spend::Max, welcome, threads };
    let zone = &options.program.zone;
    let (_, totals) = run(log, &options, Some(zone), progress);
    let (first, last) = (zone.day_of(log.first), zone.day_of(log.last));
    let gathered = totals.habits;
    let counts = Counts {
        days: first.days_until(last) + 1,
        members: totals.members,
        bought_again: gathered.bought_again,
        purchases: gathered.purchases,
        earners: gathered.earners,
        earners_again: gathered.earners_again,
        spenders_again: gathered.spenders_again,
        welcome,
    };
    let mut habits = Habits::new(counts, gathered.gaps, gathered.first_spends);
    habits.currency.clone_from(&log.map.currency);
    Measured { habits, first, last, orders: totals.orders, orders_refused: totals.orders_refused }
}

/// What was gathered of some members.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Gathered {
    purchases: u64,
    bought_again: u64,
    earners: u64,
    earners_again: u64,
    spenders_again: u64,
    gaps: Vec<Gap>,
    first_spends: Vec<u32>,
}

impl Gathered {
    pub fn merge(&mut self, other: Gathered) {
        self.purchases += other.purchases;
        self.bought_again += other.bought_again;
        self.earners += other.earners;
        self.earners_again += other.earners_again;
        self.spenders_again += other.spenders_again;
        self.gaps.extend(other.gaps);
        self.first_spends.extend(other.first_spends);
    }
    /// Takes in a member whose history is at its end.
    pub fn add(&mut self, visits: Visits, has_earned: bool) {
        let again = visits.count > 1;
        self.purchases += u64::from(visits.count);
        self.bought_again += u64::from(again);
        self.earners += u64::from(has_earned);
        self.earners_again += u64::from(has_earned && again);
        self.spenders_again += u64::from(visits.first_spend.is_some() && again);
        self.first_spends.extend(visits.first_spend);
    }
}

/// One member's purchases so far: the orders of one day are one.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Visits {
    count: u32,
    /// The day of the last purchase and its first order.
    last: Option<(Day, Instant)>,
    first_spend: Option<u32>,
}

impl Visits {
    /// Notes a paid order; `has_spent`: this order or one before it took points.
    pub fn order(&mut self, zone: &Zone, at: Instant, has_spent: bool, gathered: &mut Gathered) {
        let day = zone.day_of(at);
        let days = self.last.map(|(last, _)| u32::try_from(last.days_until(day)).unwrap_or(0));
        if days != Some(0) {
            if let (Some(days), Some((_, from))) = (days, self.last) {
                gathered.gaps.push(Gap { days, from, to: at });
            }
            self.count += 1;
            self.last = Some((day, at));
        }
        if has_spent && self.first_spend.is_none() {
            self.first_spend = Some(self.count);
        }
    }
}
