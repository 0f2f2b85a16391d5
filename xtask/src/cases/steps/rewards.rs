//! Steps about rewards, and rules that change while a case is played.

use super::{About, Prepared, orders};
use crate::api;
use crate::cases::program::{self, REWARD};
use crate::cases::stage::{Stage, escaped};
use crate::cases::words::{Trouble, Words};
use serde_json::{Value, json};

fn claim(stage: &mut Stage, member: &str) -> Prepared {
    let path = format!("/v1/members/{}/claims", escaped(member));
    let key = stage.fresh_key();
    Prepared { method: "POST", path, key, body: json!({ "reward": REWARD }), about: About::Other }
}

pub fn buy(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let member = orders::buyer(stage, words)?.ok_or_else(|| Trouble::unknown("buy_reward of nobody"))?;
    Ok(vec![claim(stage, &member)])
}

/// What the case presupposes of its reward: claims that were made before, while no limit stood.
pub fn given(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let count = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok()).unwrap_or(0);
    let all = count(words.text("reward_issued_total")?);
    let own = count(words.text("reward_issued_to_customer")?);
    let buyer = stage.subject.clone().ok_or_else(|| Trouble::unknown("given of nobody"))?;
    let reward = stage.program.document["rewards"][0].clone();
    let cost = reward["cost"].as_str().ok_or_else(|| Trouble::unknown("given without a reward"))?.to_owned();
    let document = stage.program.document.clone();
    let mut without = document.clone();
    if let Some(reward) = without["rewards"][0].as_object_mut() {
        reward.remove("stock");
        reward.remove("per_member");
    }
    publish(stage, &without)?;
    let others = (own..all).map(|n| format!("other-{n}"));
    for name in others.chain((0..own).map(|_| buyer.clone())) {
        let member = stage.existing_member(&name)?;
        let key = stage.fresh_key();
        let path = format!("/v1/members/{}/adjustments", escaped(&member));
        api::accepted(stage.client.post(&path, &key, &api::adjustment(&cost))?)?;
        let Prepared { path, key, body, .. } = claim(stage, &member);
        api::accepted(stage.client.post(&path, &key, &body)?)?;
    }
    publish(stage, &document)?;
    Ok(Vec::new())
}

fn publish(stage: &mut Stage, document: &Value) -> Result<(), Trouble> {
    let key = stage.fresh_key();
    let body = json!({ "document": document.to_string(), "author": "case" });
    api::accepted(stage.client.post("/v1/program/versions", &key, &body)?)?;
    Ok(())
}

/// A promotion of the case gets another value, in force at once.
pub fn change_promotion(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let (id, value) = (words.needed("id")?, words.needed("value")?);
    let mut case = stage.program.case.clone();
    let promotions = case["promotions"].as_array_mut().into_iter().flatten();
    let promotion = promotions.into_iter().find(|p| p["id"] == id.as_str());
    let promotion = promotion.ok_or_else(|| Trouble::unknown(format!("change_promotion of {id}")))?;
    promotion["discount"]["value"] = json!(value);
    let changed = program::translate(&case, stage.program.taxes)?;
    publish(stage, &changed.document)?;
    stage.program = changed;
    Ok(Vec::new())
}
