//! Levels of a case as `tiers:` of our document.

use super::earning::our_id;
use crate::cases::words::{Trouble, Words};
use kopilka_core::decimal;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// Money of a case has at most so many decimals.
const SCALE: u32 = 6;

/// The levels, lowest first.
#[derive(Debug, Default)]
pub struct Tiers {
    levels: Vec<Tier>,
    for_order: Option<&'static str>,
}

#[derive(Debug)]
struct Tier {
    id: String,
    name: String,
    from: String,
    percent: Option<String>,
}

impl Tiers {
    pub fn read(words: &mut Words<'_>) -> Result<Tiers, Trouble> {
        let mut tiers = Tiers::default();
        let basis = words.text("tier_basis")?;
        let Some(value) = words.take("tiers") else {
            return match basis {
                None => Ok(tiers),
                Some(basis) => Err(Trouble::unknown(format!("tier_basis: {basis} without tiers"))),
            };
        };
        tiers.for_order = match basis.as_deref() {
            None => None,
            Some("amount_spent" | "amount_spent_before_this_order") => Some("before"),
            Some("amount_spent including the current order") => Some("including"),
            Some(other) => return Err(Trouble::unknown(format!("tier_basis: {other}"))),
        };
        let list = value.as_array().ok_or_else(|| Trouble::unknown(format!("tiers: {value}")))?;
        let mut levels: Vec<(i64, Tier)> = Vec::new();
        for (number, tier) in (1..).zip(list) {
            let mut words = Words::of("tiers", tier)?;
            let name = words.needed("id")?;
            let from = words.needed("from")?;
            let percent = words.text("percent")?;
            words.end()?;
            let begins = decimal::parse_scaled(&from, SCALE);
            let begins = begins.map_err(|_| Trouble::unknown(format!("tiers.from: {from}")))?;
            levels.push((begins, Tier { id: our_id(&name, "tier", number), name, from, percent }));
        }
        levels.sort_by_key(|(begins, _)| *begins);
        tiers.levels = levels.into_iter().map(|(_, tier)| tier).collect();
        Ok(tiers)
    }

    /// The percent of the lowest level, which is the rule's own: the others replace it.
    pub fn first_percent(&self) -> Result<&str, Trouble> {
        let first = self.levels.first().and_then(|tier| tier.percent.as_deref());
        first.ok_or_else(|| Trouble::unknown("percent_of_tier without percents"))
    }

    /// The block of the document; `rules` are those that give the percent of the level.
    pub fn block(&self, rules: &[String]) -> Option<Value> {
        if self.levels.is_empty() {
            return None;
        }
        let level = |tier: &Tier| {
            let mut level = Map::new();
            level.insert("id".into(), json!(tier.id));
            level.insert("from".into(), json!(tier.from));
            if let Some(percent) = &tier.percent {
                let rates = rules.iter().map(|rule| (rule.clone(), json!(percent)));
                level.insert("rates".into(), Value::Object(rates.collect()));
            }
            Value::Object(level)
        };
        let levels: Vec<Value> = self.levels.iter().map(level).collect();
        let for_order = self.for_order.unwrap_or("before");
        Some(json!({ "by": "money_paid", "over": "for_ever", "for_order": for_order, "levels": levels }))
    }

    /// Our id → the case's.
    pub fn names(&self) -> BTreeMap<String, String> {
        self.levels.iter().map(|tier| (tier.id.clone(), tier.name.clone())).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_come_lowest_first_and_say_the_percent_of_their_rules() {
        let program = json!({"tiers": [{"id": "Gold", "from": "20000", "percent": "7"}, {"id": "base", "from": "0",
            "percent": "3"}], "tier_basis": "amount_spent including the current order"});
        let tiers =
            Tiers::read(&mut Words::of("program", &program).expect("an object")).expect("known words");
        assert_eq!(tiers.first_percent(), Ok("3"));
        let block = tiers.block(&["t".to_owned()]).expect("levels");
        assert_eq!(block["for_order"], "including");
        assert_eq!(block["levels"][0], json!({"id": "base", "from": "0", "rates": {"t": "3"}}));
        assert_eq!(block["levels"][1], json!({"id": "tier-1", "from": "20000", "rates": {"t": "7"}}));
        assert_eq!(tiers.names()["tier-1"], "Gold");
        let rewards = json!({"tiers": [{"id": "L0", "from": "0", "reward": "10"}]});
        assert!(Tiers::read(&mut Words::of("program", &rewards).expect("an object")).is_err());
    }
}
