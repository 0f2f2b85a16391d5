//! Expected figures of a referrer's report: who came by the link, who was brought, what that gave.

use crate::cases::figures::{sum, text_of};
use crate::cases::stage::Stage;
use crate::cases::words::{Trouble, plain};
use serde_json::{Value, json};

const WORDS: [&str; 3] = ["clicks", "referred", "earned"];

pub fn is_known(word: &str) -> bool {
    WORDS.contains(&word)
}

/// What the API says; `None` when the word is of another kind.
pub fn actual(stage: &mut Stage, word: &str, expected: &Value) -> Result<Option<Value>, Trouble> {
    if !is_known(word) {
        return Ok(None);
    }
    let odd = |what: &str| Err(Trouble::unknown(format!("expect.{word} {what}")));
    if plain(expected).is_none() {
        return odd("that is no figure");
    }
    let Some(referrer) = stage.reported.clone() else { return odd("without a report") };
    let member = stage.member(&referrer)?;
    let network = stage.read(&format!("/v1/members/{member}/network"))?;
    Ok(figure(&network, word))
}

fn figure(network: &Value, word: &str) -> Option<Value> {
    let levels = || network["levels"].as_array().into_iter().flatten();
    match word {
        "clicks" => Some(network["visits"].clone()),
        // By link or by coupon: whom the member brought, not whom those brought in their turn.
        "referred" => {
            let first = levels().find(|level| level["level"] == 1);
            Some(first.map_or(json!(0), |level| level["people"].clone()))
        }
        "earned" => Some(json!(text_of(sum(levels().flat_map(|level| [&level["pending"], &level["paid"]]))))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_counts_the_first_level_and_adds_all_points() {
        let network = json!({"visits": 3, "registered": 1, "levels": [
            {"level": 1, "people": 2, "pending": "5", "paid": "50"},
            {"level": 2, "people": 4, "pending": "0", "paid": "7"}]});
        let told = |word: &str| figure(&network, word).expect("a known word");
        assert_eq!((told("clicks"), told("referred"), told("earned")), (json!(3), json!(2), json!("62")));
        assert_eq!(figure(&json!({"levels": []}), "referred"), Some(json!(0)));
    }
}
