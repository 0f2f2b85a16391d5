//! Limits of a rule, compiled: for one order, for a member within a period, for everybody.

use crate::points::Points;
use crate::time::{Day, Instant, Zone};

/// Caps of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Limits {
    pub per_order: Option<Points>,
    pub per_member: Option<MemberLimit>,
    /// For all members together.
    pub total: Option<Most>,
    /// What exceeds a limit in points: cut, or the credit is not given at all.
    pub overflow: Overflow,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Overflow {
    #[default]
    Cut,
    Refuse,
}

/// How much of something, in points or in times that the rule gave anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Most {
    Points(Points),
    Times(i64),
}

/// For each member, within each period anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MemberLimit {
    pub most: Most,
    pub span: Span,
}

/// A stretch of the program's calendar.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    Ever,
    Day,
    /// From Monday.
    Week,
    Month,
    Year,
}

impl Span {
    /// The first day of the period that `at` lies in; none for a whole life.
    pub fn start(self, zone: &Zone, at: Instant) -> Option<Day> {
        let day = zone.day_of(at);
        match self {
            Span::Ever => None,
            Span::Day => Some(day),
            Span::Week => Some(day.plus_days(1 - i32::from(day.weekday()))),
            Span::Month => Day::new(day.year(), day.month(), 1),
            Span::Year => Day::new(day.year(), 1, 1),
        }
    }
}
