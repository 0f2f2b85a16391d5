//! Steps about members: who joins, who is called what, and points by hand.

use super::{About, Prepared};
use crate::api;
use crate::cases::stage::{Known, Stage, escaped, moment};
use crate::cases::words::{Trouble, Words};
use serde_json::{Map, Value, json};

pub fn register(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = words.needed("customer")?;
    stage.subject = Some(name.clone());
    let mut body = Map::new();
    body.insert("ext".into(), json!(name));
    if let Some(day) = words.text("birthday")? {
        body.insert("birth_date".into(), json!(day));
    }
    if let Some(phone) = words.text("phone")? {
        body.insert("phones".into(), json!([phone]));
    }
    if let Some(visitor) = words.text("visitor")? {
        body.insert("visitor".into(), json!(visitor));
    }
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let enabled = words.flag("enabled")?;
    let about = About::Member { name: name.clone(), card: None };
    let path = "/v1/members".to_owned();
    let joined = Prepared { method: "POST", path, key, body: Value::Object(body), about };
    if enabled != Some(false) {
        return Ok(vec![joined]);
    }
    // Blocked by the shop's own id: our id is not known before the first request is answered.
    let path = format!("/v1/members/{}/status", escaped(&format!("ext:{name}")));
    let body = json!({ "status": "blocked", "reason": "case", "operator": "xtask" });
    let key = stage.fresh_key();
    Ok(vec![joined, Prepared { method: "POST", path, key, body, about: About::Other }])
}

pub fn patch(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = customer(stage, words)?;
    let Known { id, cards } = stage.members.get(&name).cloned().unwrap_or_default();
    let (body, card) = match action {
        "set_birthday" => (json!({ "birth_date": words.needed("birthday")? }), None),
        "change_phone" => (json!({ "phones": [words.needed("phone")?] }), None),
        _ => {
            let card = words.needed("card")?;
            let all: Vec<&String> = cards.iter().chain([&card]).collect();
            (json!({ "cards": all }), Some(card))
        }
    };
    let key = stage.fresh_key();
    let about = About::Member { name, card };
    Ok(vec![Prepared { method: "PATCH", path: format!("/v1/members/{id}"), key, body, about }])
}

/// Who is found is whom the case speaks of next.
pub fn lookup(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let by = ["phone", "card", "email"];
    let found: Vec<(&str, String)> =
        by.into_iter().filter_map(|key| words.text(key).ok().flatten().map(|text| (key, text))).collect();
    let [(key, text)] = found.as_slice() else { return Err(Trouble::unknown("lookup by several")) };
    let body = json!({ *key: text });
    let path = "/v1/members/lookup".to_owned();
    Ok(Prepared { method: "POST", path, key: stage.fresh_key(), body, about: About::Found })
}

pub fn status(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = customer(stage, words)?;
    let path = format!("/v1/members/{}/status", stage.member(&name)?);
    let body = json!({ "status": "blocked", "reason": "case", "operator": "xtask" });
    let key = stage.fresh_key();
    Ok(vec![Prepared { method: "POST", path, key, body, about: About::Other }])
}

/// The customer a step names; whoever it is was registered before.
pub fn customer(stage: &mut Stage, words: &mut Words<'_>) -> Result<String, Trouble> {
    let name = words.needed("customer")?;
    stage.subject = Some(name.clone());
    stage.member(&name).map(|_| name)
}

pub fn adjust(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = customer(stage, words)?;
    let member = stage.member(&name)?;
    let points = words.needed("points")?;
    let points = if action == "credit" { points } else { format!("-{points}") };
    let mut body = api::adjustment(&points);
    if action == "force_debit" {
        body["allow_debt"] = json!(true);
    }
    if let Some(expires) = words.text("expires")? {
        body["expires_at"] = json!(moment(&expires)?.to_string());
    }
    let named = words.text("key")?;
    let key = named.as_ref().map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = format!("/v1/members/{member}/adjustments");
    Ok(Prepared { method: "POST", path, key, body, about: About::Points { member, key: named } })
}

/// An event of the shop's own; whoever it happens to may have been there before.
pub fn event(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("customer")?;
    stage.subject = Some(name.clone());
    let member = stage.existing_member(&name)?;
    let body = json!({ "member": member, "event": words.needed("name")? });
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    Ok(Prepared { method: "POST", path: "/v1/events".to_owned(), key, body, about: About::Other })
}

pub fn reverse(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let named = words.needed("key")?;
    let credit = stage.credits.get(&named).cloned();
    let credit = credit.ok_or_else(|| Trouble::unknown(format!("cancel_entry of {named}")))?;
    let path = format!("/v1/members/{}/adjustments", credit.member);
    let body = json!({ "reverses": credit.entry, "reason": "case", "operator": "xtask" });
    let about = About::Points { member: credit.member, key: None };
    Ok(Prepared { method: "POST", path, key: stage.fresh_key(), body, about })
}
