//! The versions of one program, and which one decides now.
//!
//! Invariant: what a decision can ask of a member's surroundings is known before it is made, so that no more
//! than that is loaded for it.

use super::{Campaign, Condition, Program, Rule, Trigger};
use crate::discounts::Index;
use crate::time::Instant;
use std::sync::Arc;

/// The versions of one program, and which one decides now.
#[derive(Debug, Clone, Default)]
pub struct Versions {
    list: Vec<(Instant, Arc<Program>)>,
    /// Some rule, or a campaign without a code, of some version has a limit for all members together.
    has_totals: bool,
    /// Some condition that decides in some version asks what is known of the person: an order goes by its own
    /// version.
    asks_of_person: bool,
    /// Such a condition asks what earlier orders were of.
    asks_of_history: bool,
    /// The same of a segment, which may be no decision's.
    segments_ask_of_history: bool,
}

impl Versions {
    /// Adds a version; they must come in ascending number.
    pub fn push(&mut self, effective_from: Instant, mut program: Program) {
        program.birthday_since = match self.newest() {
            Some(before) if before.has_birthday_rules() => before.birthday_since,
            _ => effective_from,
        };
        program.moments = program.moments_since(self.newest().map(|p| &p.moments), effective_from);
        program.discount_index = Index::of(&program.discounts);
        self.asks_of_person |= program.deciding_conditions().any(Condition::asks_of_person);
        self.segments_ask_of_history |= program.segments.iter().any(|s| s.only_if.asks_of_history());
        self.asks_of_history |= program.deciding_conditions().any(Condition::asks_of_history);
        self.asks_of_person |= program.rules.iter().any(|rule| rule.when == Trigger::ProfileCompleted);
        self.asks_of_person |= program.rules.iter().any(Rule::asks_of_birthday);
        self.asks_of_person |= program.spending.contact_needed || program.unclaimed_cards.is_some();
        self.has_totals |= program.rules.iter().any(|rule| rule.limits.total.is_some());
        self.has_totals |= program.coupons.automatic().any(Campaign::counts_all);
        self.list.push((effective_from, Arc::new(program)));
    }
    /// The one version of a draft, in force since ever.
    pub fn only(program: Program) -> Versions {
        let mut versions = Versions::default();
        versions.push(crate::time::INSTANT_MIN, program);
        versions
    }
    /// The newest version in force at an instant; the first one before any is in force.
    pub fn at(&self, now: Instant) -> Option<&Arc<Program>> {
        self.list.iter().rev().find(|(from, _)| *from <= now).or(self.list.first()).map(|(_, p)| p)
    }
    pub fn numbered(&self, version: u32) -> Option<&Arc<Program>> {
        self.list.iter().find(|(_, p)| p.version == version).map(|(_, p)| p)
    }
    pub fn newest(&self) -> Option<&Arc<Program>> {
        self.list.last().map(|(_, p)| p)
    }
    pub fn all(&self) -> impl Iterator<Item = &Arc<Program>> {
        self.list.iter().map(|(_, program)| program)
    }
    /// Whether a decision at this moment needs what is known of the person: the birth date, the attributes.
    pub fn need_person(&self, now: Instant) -> bool {
        self.asks_of_person || self.at(now).is_some_and(|program| program.has_birthday_rules())
    }
    /// Whether a decision needs the member's earlier orders: the newest [`HISTORY_ORDERS`] that are paid.
    pub fn need_history(&self) -> bool {
        self.asks_of_history
    }
    /// The same for who is in which segment.
    pub fn segments_need_history(&self) -> bool {
        self.segments_ask_of_history || self.asks_of_history
    }
    /// Whether a command may ask for counters of rules: most programs have none, and every order asks.
    pub fn has_totals(&self) -> bool {
        self.has_totals
    }
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }
}
