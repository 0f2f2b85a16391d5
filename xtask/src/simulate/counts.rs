//! What happened in the runs, for the lines at the end.

use kopilka_core::ledger::Event;
use kopilka_core::order::Gave;
use kopilka_core::referral::ReferralEvent;
use kopilka_service::rows::EntryRow;
use std::collections::BTreeMap;
use std::fmt;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counts {
    pub commands: u64,
    pub accepted: u64,
    /// By code.
    pub refused: BTreeMap<&'static str, u64>,
    /// First answers that came again.
    pub replayed: u64,
    /// Commands sent again on purpose: the same key, the same key with other content, the same body.
    pub duplicates: u64,
    /// Words about orders that came after newer ones.
    pub reorderings: u64,
    pub clock_jumps: u64,
    /// By step.
    pub crashes: BTreeMap<String, u64>,
    pub restarts: u64,
    /// Effects that reached the other member.
    pub relayed: u64,
    pub members: u64,
    pub entries: u64,
    /// Events of what is sold and claimed beside orders, by what they are.
    pub shelf: BTreeMap<&'static str, u64>,
    pub proofs: u64,
}

/// What an event is called in the counts, where it is counted.
fn shelf_name(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::GiftCardIssued { .. } => "cards issued",
        Event::GiftCardChanged { .. } => "cards changed",
        Event::GiftCardsSet { cards, .. } if cards.iter().any(|c| c.taken && c.amount.0 > 0) => {
            "payments by cards"
        }
        Event::GiftCardsBack { .. } => "returns to cards",
        Event::RewardClaimed { code: None, .. } => "claims",
        Event::RewardClaimed { code: Some(_), .. } => "claims of codes",
        Event::ClaimSettled { handed_over: true, .. } => "claims handed over",
        Event::ClaimSettled { handed_over: false, .. } => "claims taken back",
        Event::OrderCompleted { .. } => "completions",
        Event::LotsDated { .. } => "dates moved",
        Event::OrderEarned { credits, .. } if credits.iter().any(|c| c.rule == "placed") => "promises",
        Event::SilencePassed { .. } => "silences",
        Event::ScheduleCame { .. } => "schedules",
        Event::ProfileCompleted { .. } => "profiles",
        Event::Subscribed { .. } => "subscriptions",
        Event::OfferGiven { .. } => "offers",
        Event::Referral(ReferralEvent::Bound { .. }) => "friends",
        Event::Referral(ReferralEvent::PassedOn { .. }) => "rewards passed on",
        Event::Referral(ReferralEvent::Heard { credits, .. }) if !credits.is_empty() => "rewards",
        Event::Granted { gave: Gave::Coupon(_), back: false, .. } => "codes given",
        Event::Granted { gave: Gave::Coupon(_), back: true, .. } => "codes withdrawn",
        Event::Granted { gave: Gave::Tier(_), .. } => "levels given",
        Event::Granted { gave: Gave::Tag { .. }, .. } => "marks",
        Event::OrderEarned { credits, .. } if credits.iter().any(|c| c.rule == "again") => "bought before",
        Event::OrderPlaced { order } if !order.offers.is_empty() => "orders by offers",
        Event::OrderPlaced { order } if order.gifts().next().is_some() => "orders with gifts",
        Event::OrderEarned { credits, .. } if credits.iter().any(|c| c.rule == "product:points") => {
            "orders with own points"
        }
        _ => return None,
    })
}

impl Counts {
    /// What the journal has in all, instead of what it had before.
    pub fn take_entries<'e>(&mut self, entries: impl Iterator<Item = &'e EntryRow>) {
        (self.entries, self.relayed) = (0, 0);
        self.shelf.clear();
        for entry in entries {
            self.entries += 1;
            let heard = entry.cause.starts_with("transfer_") || entry.cause == "referral_heard";
            self.relayed += u64::from(heard);
            for name in entry.events.iter().filter_map(shelf_name) {
                *self.shelf.entry(name).or_default() += 1;
            }
        }
    }

    pub fn add(&mut self, other: &Counts) {
        self.commands += other.commands;
        self.accepted += other.accepted;
        self.replayed += other.replayed;
        self.duplicates += other.duplicates;
        self.reorderings += other.reorderings;
        self.clock_jumps += other.clock_jumps;
        self.restarts += other.restarts;
        self.relayed += other.relayed;
        self.members += other.members;
        self.entries += other.entries;
        self.proofs += other.proofs;
        for (code, count) in &other.refused {
            *self.refused.entry(code).or_default() += count;
        }
        for (name, count) in &other.shelf {
            *self.shelf.entry(name).or_default() += count;
        }
        for (step, count) in &other.crashes {
            *self.crashes.entry(step.clone()).or_default() += count;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn list<K: fmt::Display>(map: &BTreeMap<K, u64>) -> String {
            map.iter().map(|(name, count)| format!("{name} {count}")).collect::<Vec<_>>().join(", ")
        }
        let (refused, crashes): (u64, u64) = (self.refused.values().sum(), self.crashes.values().sum());
        writeln!(
            f,
            "{} commands: {} accepted, {} replayed, {refused} refused ({})",
            self.commands,
            self.accepted,
            self.replayed,
            list(&self.refused)
        )?;
        writeln!(
            f,
            "{} duplicates, {} reorderings, {} clock jumps, {} relayed, {} restarts, {crashes} crashes ({})",
            self.duplicates,
            self.reorderings,
            self.clock_jumps,
            self.relayed,
            self.restarts,
            list(&self.crashes)
        )?;
        writeln!(f, "{}", list(&self.shelf))?;
        write!(f, "{} members, {} entries, {} proofs", self.members, self.entries, self.proofs)
    }
}
