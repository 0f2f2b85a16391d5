//! Who brought whom, in a case's rules and promotions: credits to referrers, and codes that belong to one
//! member.
//!
//! Invariant: a rule that does not say to whom it gives what others bought is told as unknown.

use crate::cases::words::{Trouble, Words};
use serde_json::{Map, Value, json};

/// What stands for the trigger of a case until it is known to whom its rule gives.
pub const REFERRED_ORDER: &str = "referred";
/// A code is limited no more than the case says: a number no case comes to.
const NO_LIMIT: &str = "1000000";

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

/// A code of the case that belongs to one member: ours is another, made once the member is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnedCode {
    pub campaign: String,
    pub owner: String,
    /// As the case writes it.
    pub code: String,
}

/// Whose a promotion is.
#[derive(Debug, PartialEq, Eq)]
pub enum Owner {
    /// Others use the code, and its owner is their referrer.
    Referrer(String),
    /// Nobody else may use it.
    User(String),
}

pub fn owner(words: &mut Words<'_>) -> Result<Option<Owner>, Trouble> {
    match (words.text("referrer")?, words.text("owner")?) {
        (None, None) => Ok(None),
        (Some(referrer), None) => Ok(Some(Owner::Referrer(referrer))),
        (None, Some(user)) => Ok(Some(Owner::User(user))),
        (Some(_), Some(_)) => Err(Trouble::unknown("promotions with a referrer and an owner")),
    }
}

/// The campaign of a code everybody may know becomes one whose codes are made for their owners.
pub fn owned(owner: Owner, campaign: &mut Value) -> Result<OwnedCode, Trouble> {
    let odd = || Trouble::unknown("promotions of a member without a code");
    let campaign = campaign.as_object_mut().ok_or_else(odd)?;
    let code = campaign.remove("code").and_then(|code| code.as_str().map(str::to_owned)).ok_or_else(odd)?;
    campaign.insert("codes".into(), json!("made"));
    let (owner, limited) = match owner {
        Owner::Referrer(owner) => {
            campaign.insert("refers".into(), json!(true));
            (owner, "per_member")
        }
        Owner::User(owner) => (owner, "per_code"),
    };
    let limits = campaign.entry("limits").or_insert_with(|| Value::Object(Map::new()));
    if limits.get(limited).is_none() {
        limits[limited] = json!(NO_LIMIT);
    }
    let campaign = campaign["id"].as_str().unwrap_or_default().to_owned();
    Ok(OwnedCode { campaign, owner, code })
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

    #[test]
    fn a_code_of_a_referrer_is_an_invitation_limited_as_the_case_says() {
        let mut campaign = json!({"id": "rc", "code": "FRIEND-R", "limits": {"total": "9"}});
        let code = owned(Owner::Referrer("r".to_owned()), &mut campaign).expect("a code");
        assert_eq!(
            (code.campaign.as_str(), code.owner.as_str(), code.code.as_str()),
            ("rc", "r", "FRIEND-R")
        );
        let limits = json!({"total": "9", "per_member": NO_LIMIT});
        assert_eq!(campaign, json!({"id": "rc", "codes": "made", "refers": true, "limits": limits}));
        assert!(owned(Owner::User("r".to_owned()), &mut json!({"id": "rc", "codes": "none"})).is_err());
    }
}
