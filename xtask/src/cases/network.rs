//! What must have happened between two steps where members bring others: codes made for their owners, and
//! news that reached everybody they concern.
//!
//! Invariant: after [`settle`] all that was told in a journal has been heard; a server that never gets there
//! makes the case fail.

use super::stage::{Stage, escaped};
use super::words::Trouble;
use crate::api;
use serde_json::{Value, json};
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
    make_codes(stage)?;
    if stage.program.owned.is_empty() && !stage.program.to_referrers && stage.clicks.is_empty() {
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

/// A code of a member is made as soon as there is the member.
fn make_codes(stage: &mut Stage) -> Result<(), Trouble> {
    for owned in stage.program.owned.clone() {
        let owner = stage.members.get(&owned.owner).map(|known| known.id.clone());
        let Some(owner) = owner.filter(|_| !stage.made_codes.contains_key(&owned.code)) else { continue };
        let path = format!("/v1/campaigns/{}/codes", escaped(&owned.campaign));
        let (key, body) = (stage.fresh_key(), json!({ "count": 1, "member": owner }));
        let answer = api::accepted(stage.client.post(&path, &key, &body)?)?;
        let made = api::text_at(&answer, "/codes/0")?;
        stage.made_codes.insert(owned.code, made);
    }
    Ok(())
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
