//! What happened in the runs, for the lines at the end.

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
    pub proofs: u64,
}

impl Counts {
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
        write!(f, "{} members, {} entries, {} proofs", self.members, self.entries, self.proofs)
    }
}
