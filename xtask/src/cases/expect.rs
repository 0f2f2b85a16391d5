//! What must have come out, beside what the API answers.
//!
//! Invariant: a refused step that no expectation speaks of is a difference.

mod balances;
mod money;
mod network;
mod reports;

use super::figures::{millionths, same, same_multiset, same_spread};
use super::reasons;
use super::stage::Stage;
use super::steps::{About, Done};
use super::words::Trouble;
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// What happened so far: per step its number and what its requests came to.
#[derive(Debug, Default)]
pub struct Story {
    pub steps: Vec<Vec<Done>>,
    /// Steps whose refusal was spoken of.
    judged: BTreeSet<usize>,
    /// Figures that the case allows beside those it expects.
    allowed: Vec<Value>,
}

/// Expectations by step; `final` stands behind the last step.
#[derive(Debug)]
pub struct Expectations {
    pub at: Vec<(usize, Map<String, Value>)>,
    pub end: Map<String, Value>,
}

/// Words of `final` that may be keyed by step number, and the word each item is then.
const BY_STEP: [(&str, &str); 4] =
    [("balances", "balance"), ("totals", "total"), ("nets", "net"), ("points_earned", "points_earned")];

impl Expectations {
    pub fn of(expect: &Value) -> Result<Expectations, Trouble> {
        let mut words = super::words::Words::of("expect", expect)?;
        let mut at: Vec<(usize, Map<String, Value>)> = Vec::new();
        let odd = |value: &Value| Trouble::unknown(format!("expect: {value}"));
        if let Some(value) = words.take("at") {
            for (number, figures) in value.as_object().ok_or_else(|| odd(value))? {
                let number = number.parse().map_err(|_| odd(value))?;
                at.push((number, figures.as_object().ok_or_else(|| odd(figures))?.clone()));
            }
        }
        let mut end = Map::new();
        if let Some(value) = words.take("final") {
            end = value.as_object().ok_or_else(|| odd(value))?.clone();
        }
        words.end()?;
        for (many, one) in BY_STEP {
            if let Some(Value::Object(map)) = end.get(many)
                && !map.is_empty()
                && map.keys().all(|key| key.parse::<usize>().is_ok())
            {
                let map = map.clone();
                end.remove(many);
                for (key, value) in map {
                    let number = key.parse().unwrap_or(0);
                    at.push((number, [(one.to_owned(), value)].into_iter().collect()));
                }
            }
        }
        Ok(Expectations { at, end })
    }

    pub fn after_step(&self, number: usize) -> impl Iterator<Item = &Map<String, Value>> {
        self.at.iter().filter(move |(n, _)| *n == number).map(|(_, figures)| figures)
    }

    /// Every word asked for must be one we can answer, before anything is played.
    pub fn check_words(&self) -> Result<(), Trouble> {
        let all = self.at.iter().map(|(_, figures)| figures).chain([&self.end]);
        for word in all.flat_map(|figures| figures.keys()) {
            if !is_known(word) {
                return Err(Trouble::unknown(format!("expect.{word}")));
            }
        }
        Ok(())
    }
}

const OUTCOMES: [&str; 4] = ["rejected", "rejected_count", "rejected_reason", "accepted"];

fn is_known(word: &str) -> bool {
    let of_people = balances::is_known(word) || network::is_known(word) || reports::is_known(word);
    OUTCOMES.contains(&word) || of_people || money::is_known(word)
}

impl Story {
    pub fn allowing(allowed: Vec<Value>) -> Story {
        Story { allowed, ..Story::default() }
    }
    pub fn last(&self) -> &[Done] {
        self.steps.last().map_or(&[], Vec::as_slice)
    }

    /// The answer of the newest quote or order put, with the name of the order.
    pub fn newest_order(&self) -> Option<(&Done, Option<&str>)> {
        let all = self.steps.iter().flatten().rev().filter(|d| d.refused.is_none());
        let mut found = all.filter_map(|d| match &d.about {
            About::Order(name) => Some((d, Some(name.as_str()))),
            About::Quote(_) => Some((d, None)),
            _ => None,
        });
        found.next()
    }

    /// The newest answer about a named order or cart.
    pub fn answer_about(&self, name: &str) -> Option<&Done> {
        self.steps.iter().flatten().rev().filter(|d| d.refused.is_none()).find(|d| match &d.about {
            About::Order(order) => order == name,
            About::Quote(cart) => cart.as_deref() == Some(name),
            _ => false,
        })
    }

    pub fn quotes(&self) -> impl Iterator<Item = &Done> {
        self.steps.iter().flatten().filter(|d| d.refused.is_none() && matches!(d.about, About::Quote(_)))
    }

    /// Compares what is expected at this moment; the first difference is told.
    pub fn check(&mut self, stage: &mut Stage, figures: &Map<String, Value>) -> Result<(), Trouble> {
        for (word, expected) in figures {
            if self.check_outcome(word, expected)? {
                continue;
            }
            let known = match balances::actual(stage, self, word, expected)? {
                Some(actual) => Some(actual),
                None => network::actual(stage, word, expected)?,
            };
            let known = match known {
                Some(actual) => Some(actual),
                None => reports::actual(stage, self, word, expected)?,
            };
            let actual = match known {
                Some(actual) => actual,
                None => money::actual(stage, self, word, expected)?,
            };
            let minor_unit = 10_i64.pow(6 - stage.program.currency_scale.min(6));
            let agrees = match word.as_str() {
                "line_discounts" | "line_totals" => same_spread(expected, &actual, minor_unit)?,
                "applied" => same_multiset(expected, &actual).unwrap_or(false),
                _ if word.ends_with("_multiset") => same_multiset(expected, &actual).unwrap_or(false),
                _ => same(expected, &actual) || self.allowed.iter().any(|other| same(other, &actual)),
            };
            if !agrees {
                return Err(Trouble::differs(format!("{word}: expected {expected}, is {actual}")));
            }
        }
        Ok(())
    }

    /// Words about what was accepted and refused; `false` when the word is of another kind.
    fn check_outcome(&mut self, word: &str, expected: &Value) -> Result<bool, Trouble> {
        match (word, expected) {
            ("rejected", Value::Object(by_step)) => {
                for (number, reason) in by_step {
                    let number: usize =
                        number.parse().map_err(|_| Trouble::unknown(format!("rejected: {expected}")))?;
                    self.check_reason(number, reason)?;
                }
            }
            ("rejected", reason) => {
                let refused = |dones: &Vec<Done>| dones.iter().any(|d| reason_of(d).is_some());
                let newest = self.steps.iter().rposition(refused).map_or(self.steps.len(), |at| at + 1);
                self.check_reason(newest, reason)?;
            }
            ("accepted", Value::Bool(accepted)) => {
                let refused = self.last().iter().any(|d| d.refused.is_some());
                self.judged.insert(self.steps.len());
                expect_same("accepted", &json!(accepted), &json!(!refused))?;
            }
            ("accepted" | "rejected_count", count) => {
                let refused = self.last().iter().filter(|d| d.refused.is_some()).count();
                let accepted = self.last().len() - refused;
                self.judged.insert(self.steps.len());
                let actual = if word == "accepted" { accepted } else { refused };
                expect_same(word, count, &json!(actual))?;
            }
            ("rejected_reason", reason) => self.check_reason(self.steps.len(), reason)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    fn check_reason(&mut self, number: usize, reason: &Value) -> Result<(), Trouble> {
        self.judged.insert(number);
        let dones = number.checked_sub(1).and_then(|at| self.steps.get(at)).map_or(&[][..], Vec::as_slice);
        let codes: Vec<&str> = dones.iter().filter_map(reason_of).collect();
        let Some(word) = reason.as_str() else {
            return Err(Trouble::unknown(format!("rejected: {reason}")));
        };
        if codes.is_empty() {
            return Err(Trouble::differs(format!("step {number} was accepted, expected {word}")));
        }
        for code in codes {
            match reasons::agree(word, code) {
                Some(true) => {}
                Some(false) => {
                    return Err(Trouble::differs(format!(
                        "step {number}: expected {word}, refused as {code}"
                    )));
                }
                None => return Err(Trouble::unknown(format!("reason {word} (refused as {code})"))),
            }
        }
        Ok(())
    }

    /// After the last step: refusals nobody expected.
    pub fn unexpected_refusal(&self) -> Result<(), Trouble> {
        for (at, dones) in self.steps.iter().enumerate() {
            let refused = dones.iter().find(|d| d.refused.is_some());
            if let Some(done) = refused.filter(|_| !self.judged.contains(&(at + 1))) {
                return Err(Trouble::differs(format!("step {} was refused: {}", at + 1, done.answer)));
            }
        }
        Ok(())
    }
}

/// Why a request was refused, or the coupon that it was placed or quoted without.
fn reason_of(done: &Done) -> Option<&str> {
    match done.refused.as_deref() {
        Some("coupon_refused") => done.answer["why"].as_str(),
        Some(code) => Some(code),
        None => {
            let order = if done.answer["order"].is_object() { &done.answer["order"] } else { &done.answer };
            order["coupons"].as_array().into_iter().flatten().find_map(|coupon| coupon["why"].as_str())
        }
    }
}

fn expect_same(word: &str, expected: &Value, actual: &Value) -> Result<(), Trouble> {
    if same(expected, actual) {
        return Ok(());
    }
    Err(Trouble::differs(format!("{word}: expected {expected}, is {actual}")))
}

/// The sum of a member's movements between two accounts of the journal, with how many entries have one.
pub fn moved(journal: &[Value], into: &str, kind: Option<&str>) -> (Vec<Value>, usize) {
    let mut amounts = Vec::new();
    let mut entries = 0;
    for entry in journal {
        let before = amounts.len();
        for movement in entry["movements"].as_array().into_iter().flatten() {
            if kind.is_some_and(|kind| movement["kind"] != kind) {
                continue;
            }
            for posting in movement["postings"].as_array().into_iter().flatten() {
                if posting["to"] == into && millionths(&posting["points"]) != Some(0) {
                    amounts.push(posting["points"].clone());
                }
            }
        }
        entries += usize::from(amounts.len() > before);
    }
    (amounts, entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_keyed_by_step_are_expected_at_the_step() {
        let expect = json!({"final": {"balances": {"3": "9", "4": "5"}, "balance": "5"}});
        let expectations = Expectations::of(&expect).expect("known words");
        assert_eq!(expectations.after_step(3).count(), 1);
        assert_eq!(expectations.end.len(), 1);
        assert!(expectations.check_words().is_ok());
    }

    #[test]
    fn an_unknown_word_is_told_before_anything_is_played() {
        let expectations = Expectations::of(&json!({"final": {"mood": "good"}})).expect("an object");
        assert_eq!(expectations.check_words(), Err(Trouble::unknown("expect.mood")));
    }
}
