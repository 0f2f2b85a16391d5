//! What the system tells of other processes: their children, CPU time and memory.
//!
//! Invariant: a process that is gone counts as nothing; no question fails.

use std::fs;

/// Linux counts in hundredths of a second, whatever the machine.
const TICKS_A_SECOND: f64 = 100.0;

/// CPU seconds that a process and its living children used so far.
pub fn cpu_seconds(process: u32) -> f64 {
    let family = every_stat().filter(|s| s.process == process || s.parent == process);
    family.map(|s| s.seconds).sum()
}

/// CPU seconds of a process's children that have ended.
pub fn ended_children_seconds(process: u32) -> f64 {
    read_stat(process).map_or(0.0, |stat| stat.ended_children)
}

/// Children that live.
pub fn children(process: u32) -> Vec<u32> {
    every_stat().filter(|s| s.parent == process).map(|s| s.process).collect()
}

/// Whether a process runs; one that has ended and was not asked for its end does not.
pub fn runs(process: u32) -> bool {
    read_stat(process).is_some_and(|stat| stat.state != "Z")
}

/// What a process holds in memory now, in KiB.
pub fn resident_kib(process: u32) -> u64 {
    status_figure(process, "VmRSS:")
}

/// The most a process has held in memory so far, in KiB.
pub fn most_resident_kib(process: u32) -> u64 {
    status_figure(process, "VmHWM:")
}

fn status_figure(process: u32, name: &str) -> u64 {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    line.and_then(|rest| rest.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

struct Stat {
    process: u32,
    parent: u32,
    state: String,
    seconds: f64,
    ended_children: f64,
}

fn every_stat() -> impl Iterator<Item = Stat> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|e| e.file_name().to_str()?.parse().ok()).filter_map(read_stat)
}

fn read_stat(process: u32) -> Option<Stat> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name stands in brackets and may hold anything.
    let fields: Vec<&str> = text.rsplit_once(')')?.1.split_whitespace().collect();
    let seconds = |at: usize| fields.get(at)?.parse::<f64>().ok().map(|ticks| ticks / TICKS_A_SECOND);
    Some(Stat {
        process,
        parent: fields.get(1)?.parse().ok()?,
        state: fields.first()?.to_string(),
        seconds: seconds(11)? + seconds(12)?,
        ended_children: seconds(13)? + seconds(14)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_process_runs_and_holds_memory() {
        let own = std::process::id();
        assert!(runs(own) && resident_kib(own) > 0 && most_resident_kib(own) >= resident_kib(own));
        assert!(!runs(u32::MAX) && resident_kib(u32::MAX) == 0 && cpu_seconds(u32::MAX) == 0.0);
    }
}
