//! The end of a life taken back: every order cancelled, every claim that still waits given up.
//!
//! Invariant to be shown: whatever was returned, changed and lapsed before, and in whatever order, each gift
//! card has the money that was put on it, and what nobody carried away is in stock again.

use super::{Life, books};
use crate::simulate::documents::REWARDS;
use crate::simulate::model::demand;
use kopilka_core::decide::Outcome;
use kopilka_core::ids::EntryId;
use kopilka_core::money::Money;
use kopilka_service::{Change, Done, MemberRef};
use std::collections::BTreeMap;

impl Life {
    pub(super) fn undo(&mut self) -> Result<(), String> {
        let first = self.sent.len();
        let orders: Vec<_> = self.town.orders.iter().map(|order| order.body.key.clone()).collect();
        for key in orders {
            self.ask(Change::Cancel { key, occurred_at: None });
        }
        for (member, claim) in self.town.claims.clone() {
            self.ask(Change::SettleClaim { member: MemberRef::Id(member), claim, handed_over: false });
        }
        self.send_and_look(first)?;
        self.nothing_left_over()?;
        self.cards_are_whole()?;
        self.shelves_are_full()
    }

    /// By what was sent and answered alone: no journal is asked.
    fn cards_are_whole(&self) -> Result<(), String> {
        for (code, face) in books::faces(self.done_once().into_values()) {
            let service = &self.place.servers[0].service;
            let found = self.place.wait(service.gift_card(self.program, code.clone()));
            let found = found.map_err(|error| format!("looking up card {}: {error}", code.as_str()))?;
            demand(found.balance == Money(face), || {
                format!("{face} were put on card {}, {} are left", code.as_str(), found.balance.0)
            })?;
        }
        Ok(())
    }

    /// Everything that was accepted, once: a repetition was answered with the entry of the first, and a
    /// command that was refused at first may have been accepted when it came again.
    fn done_once(&self) -> BTreeMap<EntryId, (&Change, &Done)> {
        let done = self.sent.iter().filter_map(|one| Some((&one.write.change, one.done()?)));
        done.filter_map(|(change, done)| Some((done.entry?, (change, done)))).collect()
    }

    /// What was handed over, or given as a code, has left the stock; nothing else has.
    fn shelves_are_full(&self) -> Result<(), String> {
        let service = &self.place.servers[0].service;
        let offered = self.place.wait(service.catalogue(self.program, None));
        let offered = offered.map_err(|error| format!("the catalogue: {error}"))?;
        for reward in REWARDS {
            let done = self.done_once();
            let gone = done.values().filter(|(_, done)| match &done.outcome {
                Outcome::RewardClaimed { reward: of, code, .. } => of == reward.id && code.is_some(),
                Outcome::ClaimSettled { reward: of, handed_over, .. } => of == reward.id && *handed_over,
                _ => false,
            });
            let gone = gone.count() as i64;
            let left = offered.iter().find(|offered| offered.reward.id == reward.id).and_then(|o| o.left);
            demand(left == reward.stock.map(|stock| stock - gone), || {
                format!("of {} {gone} are gone, {left:?} of {:?} are left", reward.id, reward.stock)
            })?;
        }
        Ok(())
    }
}
