//! A reward of which there are seven, claimed by sixty-four members at once.
//!
//! Invariant to be shown: as many claims stand as the stock allows and never more, each costs its points
//! once, and whoever was refused has all of theirs.

use super::{ENOUGH_FOR, POINTS_EACH, Race, accepted_of, together};
use crate::api;
use serde_json::{Value, json};

fn id(number: u32) -> String {
    format!("reward-{number}")
}

pub fn reward(number: u32) -> Value {
    json!({ "id": id(number), "cost": POINTS_EACH.to_string(), "stock": ENOUGH_FOR.to_string() })
}

pub fn round(race: &mut Race, number: u32) -> Result<(), String> {
    let mut before = balances(race)?;
    for (at, points) in before.iter_mut().enumerate().filter(|(_, points)| **points < i64::from(POINTS_EACH))
    {
        let key = format!("stock-{number}-{at}");
        race.operator.credit(&race.members[at], &POINTS_EACH.to_string(), &key)?;
        *points += i64::from(POINTS_EACH);
    }
    let claims = ask(race, number, "first", &vec![None; before.len()])?;
    let accepted = claims.iter().flatten().count();
    if (accepted, left(race, number)?) != (ENOUGH_FOR, 0) {
        return Err(format!("{accepted} were accepted, {} are left", left(race, number)?));
    }
    costs(race, &before, &claims)?;
    // Whoever has one gives it back while the others ask again: what comes back may be had, and no more.
    let again = ask(race, number, "second", &claims)?;
    let pairs = claims.iter().zip(&again);
    let standing: Vec<Option<u64>> = pairs.map(|(had, has)| has.filter(|_| had.is_none())).collect();
    let (count, left) = (standing.iter().flatten().count(), left(race, number)?);
    if count as i64 + left != ENOUGH_FOR as i64 {
        return Err(format!("{count} claims stand, {left} are left"));
    }
    costs(race, &before, &standing)?;
    hand_over(race, number, &standing)
}

/// All at once: who has no claim makes one, who has one gives it back. The claim of each who was accepted.
fn ask(race: &mut Race, number: u32, time: &str, claims: &[Option<u64>]) -> Result<Vec<Option<u64>>, String> {
    let members = &race.members;
    let answers = together(&mut race.buyers, |at, buyer| {
        let (member, key) = (&members[at], format!("{time}-{number}-{at}"));
        match claims[at] {
            None => {
                buyer.post(&format!("/v1/members/{member}/claims"), &key, &json!({ "reward": id(number) }))
            }
            Some(claim) => {
                buyer.post(&format!("/v1/members/{member}/claims/settle"), &key, &settled(claim, false))
            }
        }
    });
    let accepted = accepted_of(answers, "reward_gone")?;
    Ok(accepted.into_iter().map(|answer| answer.and_then(|answer| answer["claim"].as_u64())).collect())
}

fn settled(claim: u64, handed_over: bool) -> Value {
    json!({ "claim": claim, "handed_over": handed_over, "operator": "xtask" })
}

fn balances(race: &mut Race) -> Result<Vec<i64>, String> {
    let mut all = Vec::with_capacity(race.members.len());
    for member in &race.members {
        let told = api::text_at(&race.operator.balance(member)?, "/available")?;
        all.push(told.parse().map_err(|_| format!("{told} points are available"))?);
    }
    Ok(all)
}

/// Each claim has cost its points, and nothing else has.
fn costs(race: &mut Race, before: &[i64], claims: &[Option<u64>]) -> Result<(), String> {
    let now = balances(race)?;
    for (at, claim) in claims.iter().enumerate() {
        let wanted = before[at] - if claim.is_some() { i64::from(POINTS_EACH) } else { 0 };
        if now[at] != wanted {
            return Err(format!("{} has {}, must have {wanted}", race.members[at], now[at]));
        }
    }
    Ok(())
}

fn left(race: &mut Race, number: u32) -> Result<i64, String> {
    let answer = api::accepted(race.operator.get("/v1/rewards")?)?;
    let id = id(number);
    let found = answer["rewards"].as_array().into_iter().flatten().find(|reward| reward["id"] == id.as_str());
    found.and_then(|reward| reward["left"].as_i64()).ok_or_else(|| format!("no reward {id}"))
}

/// A member has room for a few open claims only.
fn hand_over(race: &mut Race, number: u32, claims: &[Option<u64>]) -> Result<(), String> {
    for (member, claim) in race.members.iter().zip(claims).filter_map(|(m, claim)| Some((m, (*claim)?))) {
        let path = format!("/v1/members/{member}/claims/settle");
        let key = format!("over-{number}-{member}");
        api::accepted(race.operator.post(&path, &key, &settled(claim, true))?)?;
    }
    Ok(())
}
