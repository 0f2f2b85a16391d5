//! What must have happened between two steps where members bring others: news reached everybody they concern.
//!
//! Invariant: after [`settle`] all that was told in a journal has been heard; a server that never gets there
//! makes the case fail.

use super::stage::Stage;
use super::words::Trouble;
use serde_json::Value;
use std::thread;
use std::time::{Duration, Instant};

/// News go from one member to the next in milliseconds: who waits longer than this waits for a fault.
const NEWS_WAIT_MAX: Duration = Duration::from_secs(20);
/// Between two looks into the journals.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// The entries of those who tell, and of those who hear.
const TOLD: &str = "referral";
const HEARD: &str = "referral_heard";

pub fn settle(stage: &mut Stage) -> Result<(), Trouble> {
    if !stage.program.to_referrers && stage.clicks.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    loop {
        let (told, heard) = news(stage)?;
        if told == heard {
            return Ok(());
        }
        if began.elapsed() > NEWS_WAIT_MAX {
            return Err(Trouble::differs(format!("{told} news were told and {heard} were heard")));
        }
        thread::sleep(LOOK_EVERY);
    }
}

/// News told by all members so far, and heard by them.
fn news(stage: &mut Stage) -> Result<(usize, usize), Trouble> {
    let members: Vec<String> = stage.members.values().map(|known| known.id.clone()).collect();
    let (mut told, mut heard) = (0, 0);
    for member in members {
        for entry in stage.journal(&member)? {
            let (tells, hears) = news_of(&entry);
            told += tells;
            heard += hears;
        }
    }
    Ok((told, heard))
}

/// An entry tells one member, or hears one and perhaps tells the next.
fn news_of(entry: &Value) -> (usize, usize) {
    let of_network = |movement: &&Value| movement["kind"] == TOLD;
    let movements = entry["movements"].as_array().into_iter().flatten().filter(of_network).count();
    match entry["cause"].as_str() {
        Some(TOLD) => (movements, 0),
        Some(HEARD) => (movements.saturating_sub(1), 1),
        _ => (0, 0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_hears_may_tell_the_next_level() {
        let entry = |cause: &str, kinds: &[&str]| {
            let movements: Vec<Value> = kinds.iter().map(|kind| json!({ "kind": kind })).collect();
            json!({ "cause": cause, "movements": movements })
        };
        assert_eq!(news_of(&entry("order", &["order_put", "referral"])), (0, 0), "to be told is not told");
        assert_eq!(news_of(&entry(TOLD, &["referral"])), (1, 0));
        assert_eq!(news_of(&entry(HEARD, &["referral", "lot_issued"])), (0, 1));
        assert_eq!(news_of(&entry(HEARD, &["referral", "lot_issued", "referral"])), (1, 1));
    }
}
