//! Who brought whom, in a case's rules: credits to referrers.
//!
//! Invariant: a rule that does not say to whom it gives what others bought is told as unknown.

use crate::cases::words::{Trouble, Words};
use serde_json::{Value, json};

/// What stands for the trigger of a case until it is known to whom its rule gives.
pub const REFERRED_ORDER: &str = "referred";

/// When a rule fires, and for whom.
#[derive(Debug, PartialEq, Eq)]
pub struct Addressed {
    pub when: &'static str,
    /// It is about members whom somebody brought.
    pub of_referred: bool,
    /// The referrer of which level it gives to; the member when absent.
    pub level: Option<u8>,
}

/// Takes the words of a rule that say for whom it is.
pub fn addressed(words: &mut Words<'_>, rule: &Value, when: &'static str) -> Result<Addressed, Trouble> {
    let to = words.text("to")?;
    match (to.as_deref(), when) {
        (Some("referrer"), _) => {
            refuse_for_referrers(rule)?;
            let when = match when {
                REFERRED_ORDER | "order.paid" => "referral.ordered",
                "member.registered" => "referral.registered",
                other => return Err(Trouble::unknown(format!("earning.to: the referrer when {other}"))),
            };
            Ok(Addressed { when, of_referred: false, level: Some(level(words)?) })
        }
        (None, REFERRED_ORDER) => Err(Trouble::unknown("earning of a referred order without to")),
        (Some("member" | "customer" | "buyer" | "referred"), REFERRED_ORDER) => {
            Ok(Addressed { when: "order.paid", of_referred: true, level: None })
        }
        (None | Some("member" | "customer" | "buyer"), _) => {
            Ok(Addressed { when, of_referred: false, level: None })
        }
        (Some(other), _) => Err(Trouble::unknown(format!("earning.to: {other}"))),
    }
}

fn level(words: &mut Words<'_>) -> Result<u8, Trouble> {
    let Some(text) = words.text("level")? else { return Ok(1) };
    let level = text.parse().ok().filter(|level| (1..=kopilka_core::referral::LEVELS_MAX).contains(level));
    level.ok_or_else(|| Trouble::unknown(format!("earning.level: {text}")))
}

/// The words of a credit that goes to the referrer of a level.
pub fn to_referrer(level: u8) -> [(String, Value); 2] {
    [("to".to_owned(), json!("referrer")), ("level".to_owned(), json!(level.to_string()))]
}

/// A level has its percent for its own orders, and a multiplier multiplies what the buyer earns.
fn refuse_for_referrers(rule: &Value) -> Result<(), Trouble> {
    match rule["amount"]["kind"].as_str() {
        Some(kind @ ("percent_of_tier" | "multiplier")) => {
            Err(Trouble::unknown(format!("earning.amount.kind: {kind} to the referrer")))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn to(rule: Value, when: &'static str) -> Result<Addressed, Trouble> {
        let mut words = Words::of("earning", &rule).expect("an object");
        let addressed = addressed(&mut words, &rule, when)?;
        words.end().map(|()| addressed)
    }

    #[test]
    fn a_rule_says_to_whom_it_gives() {
        let second = to(json!({"to": "referrer", "level": 2}), REFERRED_ORDER);
        assert_eq!(second, Ok(Addressed { when: "referral.ordered", of_referred: false, level: Some(2) }));
        let joined = to(json!({"to": "referrer"}), "member.registered");
        assert_eq!(joined.map(|a| (a.when, a.level)), Ok(("referral.registered", Some(1))));
        let friend = to(json!({"to": "buyer"}), REFERRED_ORDER);
        assert_eq!(friend, Ok(Addressed { when: "order.paid", of_referred: true, level: None }));
        assert!(to(json!({}), REFERRED_ORDER).is_err());
        assert!(to(json!({"to": "referrer"}), "member.birthday").is_err());
        assert!(to(json!({"to": "referrer", "level": 9}), REFERRED_ORDER).is_err());
        assert!(to(json!({"level": 2}), "order.paid").is_err(), "a level of nobody");
    }
}
