//! Expected figures of members: balances, lots, and what the journal moved.

use super::{Story, moved};
use crate::cases::figures::{millionths, sum, text_of};
use crate::cases::stage::{Stage, moment};
use crate::cases::steps::About;
use crate::cases::words::{Trouble, Words};
use kopilka_core::time::Instant;
use serde_json::{Map, Value, json};

const WORDS: [&str; 20] = [
    "tier",
    "balance",
    "balances",
    "available",
    "pending",
    "held",
    "debt",
    "lots",
    "open_lots",
    "entries",
    "expired",
    "expired_multiset",
    "expired_total",
    "entries_taken_back",
    "taken_back",
    "not_recovered",
    "points_back",
    "money_back",
    "lifetime_earned",
    "redeemed",
];

pub fn is_known(word: &str) -> bool {
    WORDS.contains(&word)
}

/// What the API says; `None` when the word is of another kind.
pub fn actual(
    stage: &mut Stage,
    story: &Story,
    word: &str,
    expected: &Value,
) -> Result<Option<Value>, Trouble> {
    if !is_known(word) {
        return Ok(None);
    }
    if word == "balances" {
        return balances(stage, expected).map(Some);
    }
    if let Some(field) = of_a_return(word)
        && let Some(answer) = story.last().iter().find(|d| d.answer.get(field).is_some())
    {
        return Ok(Some(answer.answer[field].clone()));
    }
    if matches!(word, "points_back" | "money_back") {
        return Err(Trouble::unknown(format!("expect.{word} not right after a return")));
    }
    if word == "tier"
        && let Some(quote) = story.last().iter().find(|d| matches!(d.about, About::Quote(_)))
    {
        return Ok(Some(named_tier(stage, &quote.answer["tier"])));
    }
    // A refusal names what there is.
    if word == "available"
        && let Some(refused) = story.last().iter().find(|d| d.refused.is_some())
        && let Some(available) = refused.answer.get("available")
    {
        return Ok(Some(available.clone()));
    }
    let Some(name) = stage.subject.clone() else {
        // A guest has no account: nothing can have been written for one.
        return match word {
            "entries" | "balance" => Ok(Some(json!(0))),
            _ => Err(Trouble::unknown(format!("expect.{word} of nobody"))),
        };
    };
    let member = stage.member(&name)?;
    match word {
        "balance" | "available" | "pending" | "held" | "debt" => {
            Ok(Some(balance(stage, &member)?[word].clone()))
        }
        "tier" => {
            let answer = stage.read(&format!("/v1/members/{member}"))?;
            Ok(Some(named_tier(stage, &answer["tier"]["tier"])))
        }
        "lots" | "open_lots" => lots(stage, &member, word == "open_lots", expected).map(Some),
        "lifetime_earned" => Ok(Some(lifetime(stage, &member)?["issued"].clone())),
        "expired_total" => Ok(Some(lifetime(stage, &member)?["expired"].clone())),
        "not_recovered" => not_recovered(stage, &member).map(Some),
        "redeemed" => {
            let life = lifetime(stage, &member)?;
            Ok(Some(json!(text_of(sum([&life["spent"]]) - sum([&life["come_back"]])))))
        }
        _ => from_journal(stage, &member, word, expected).map(Some),
    }
}

/// The level as the case calls it.
fn named_tier(stage: &Stage, ours: &Value) -> Value {
    let name = ours.as_str().and_then(|id| stage.program.tiers.get(id));
    name.map_or_else(|| ours.clone(), |name| json!(name))
}

/// The field of a return's answer that says the same.
fn of_a_return(word: &str) -> Option<&'static str> {
    match word {
        "taken_back" => Some("taken_back"),
        "not_recovered" => Some("not_recovered"),
        "points_back" => Some("points_back"),
        "money_back" => Some("refund"),
        _ => None,
    }
}

fn balance(stage: &mut Stage, member: &str) -> Result<Value, Trouble> {
    let answer = stage.read(&format!("/v1/members/{member}/balance"))?;
    // The figures stand at the top or under their own name.
    Ok(match answer.get("balance") {
        Some(inner @ Value::Object(_)) => inner.clone(),
        _ => answer,
    })
}

fn balances(stage: &mut Stage, expected: &Value) -> Result<Value, Trouble> {
    let names = expected.as_object().ok_or_else(|| Trouble::unknown(format!("balances: {expected}")))?;
    let mut out = Map::new();
    for name in names.keys() {
        let member = stage.member(name)?;
        out.insert(name.clone(), balance(stage, &member)?["balance"].clone());
    }
    Ok(Value::Object(out))
}

fn lifetime(stage: &mut Stage, member: &str) -> Result<Value, Trouble> {
    Ok(stage.read(&format!("/v1/members/{member}/lots"))?["lifetime"].clone())
}

/// What was taken back and could not be found: a debt, or the shop's loss.
fn not_recovered(stage: &mut Stage, member: &str) -> Result<Value, Trouble> {
    let journal = stage.journal(member)?;
    let owed = ["clawback_owed", "clawback_borne"].map(|kind| moved(&journal, "revoked", Some(kind)).0);
    Ok(json!(text_of(sum(owed.iter().flatten()))))
}

fn from_journal(stage: &mut Stage, member: &str, word: &str, expected: &Value) -> Result<Value, Trouble> {
    let journal = stage.journal(member)?;
    let moves = |entry: &&Value| {
        let movements = entry["movements"].as_array().into_iter().flatten();
        movements.flat_map(|m| m["postings"].as_array()).any(|postings| !postings.is_empty())
    };
    Ok(match word {
        "entries" if expected.is_array() => return Err(Trouble::unknown("expect.entries as a list")),
        "entries" => json!(journal.iter().filter(moves).count()),
        "entries_taken_back" => json!(moved(&journal, "revoked", None).1),
        "taken_back" => json!(text_of(sum(&moved(&journal, "revoked", None).0))),
        _ => {
            let burnt = moved(&journal, "expired", Some("lot_expired")).0;
            if expected.is_array() { json!(burnt) } else { json!(text_of(sum(&burnt))) }
        }
    })
}

/// The expected lots, with what is left of each. A lot the API does not list is used up.
fn lots(stage: &mut Stage, member: &str, only_open: bool, expected: &Value) -> Result<Value, Trouble> {
    let odd = || Trouble::unknown(format!("lots: {expected}"));
    let answer = stage.read(&format!("/v1/members/{member}/lots"))?;
    let mut open: Vec<Value> = answer["lots"].as_array().cloned().unwrap_or_default();
    open.retain(|lot| sum([&lot["free"], &lot["held"]]) > 0);
    if only_open && expected.as_array().map(Vec::len) != Some(open.len()) {
        return Ok(json!(open));
    }
    let mut out = Vec::new();
    for lot in expected.as_array().ok_or_else(odd)? {
        let mut words = Words::of("lots", lot)?;
        let mut told = Map::new();
        let mut fits: Vec<&Value> = open.iter().collect();
        if let Some(key) = words.text("key")? {
            let number = lot_of(stage, &key)?;
            fits.retain(|l| l["no"] == number);
            told.insert("key".into(), json!(key));
        }
        if let Some(expires) = words.take_even_null("expires") {
            fits.retain(|l| same_moment(expires, l.get("expires_at")));
            told.insert("expires".into(), expires.clone());
        }
        if let Some(source) = words.text("rule")? {
            fits.retain(|l| l["source"] == source.as_str());
            told.insert("rule".into(), json!(source));
        }
        words.take("left").and_then(millionths).ok_or_else(odd)?;
        words.end()?;
        let left = fits.iter().map(|l| sum([&l["free"], &l["held"]])).sum();
        told.insert("left".into(), json!(text_of(left)));
        out.push(Value::Object(told));
    }
    Ok(Value::Array(out))
}

/// The lot that a named credit made.
fn lot_of(stage: &mut Stage, key: &str) -> Result<Value, Trouble> {
    let credit = stage.credits.get(key).cloned();
    let credit = credit.ok_or_else(|| Trouble::unknown(format!("lot {key}")))?;
    let journal = stage.journal(&credit.member)?;
    let entry = journal.iter().find(|e| e["id"] == credit.entry.as_str());
    let movements = entry.and_then(|e| e["movements"].as_array());
    let issued = movements.into_iter().flatten().find(|m| m["kind"] == "lot_issued");
    Ok(issued.map_or(Value::Null, |m| m["lot"].clone()))
}

pub fn same_moment(expected: &Value, actual: Option<&Value>) -> bool {
    match (expected.as_str(), actual.and_then(Value::as_str)) {
        (None, None) => true,
        (Some(expected), Some(actual)) => moment(expected).ok() == Instant::parse(actual),
        _ => false,
    }
}
