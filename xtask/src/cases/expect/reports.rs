//! Expected rows of reports, in the words of the case.

use super::Story;
use crate::cases::expect::balances::same_moment;
use crate::cases::stage::Stage;
use crate::cases::steps::About;
use crate::cases::words::Trouble;
use serde_json::{Map, Value, json};

/// The case's word, and the list of the report that it speaks of.
const WORDS: [(&str, &str); 2] = [("customers", "members"), ("flagged", "flagged")];

pub fn is_known(word: &str) -> bool {
    WORDS.iter().any(|(known, _)| *known == word)
}

/// The rows of the newest such report, as far as the case asks of each; `None` for a word of another kind.
pub fn actual(stage: &Stage, story: &Story, word: &str, expected: &Value) -> Result<Option<Value>, Trouble> {
    let Some((_, list)) = WORDS.iter().find(|(known, _)| *known == word) else { return Ok(None) };
    let odd = || Trouble::unknown(format!("{word}: {expected}"));
    let asked = expected.as_array().ok_or_else(odd)?;
    let mut reports = story.steps.iter().flatten().rev();
    let report = reports.find(|done| matches!(done.about, About::Report(of) if of == *list));
    let report = report.ok_or_else(|| Trouble::unknown(format!("expect.{word} without its report")))?;
    let rows = report.answer.as_array().into_iter().flatten().enumerate();
    let told = rows.map(|(at, row)| match asked.get(at) {
        Some(asked) => as_asked(stage, row, asked.as_object().ok_or_else(odd)?),
        // One that nobody expects is shown as it is.
        None => Ok(row.clone()),
    });
    told.collect::<Result<Vec<Value>, Trouble>>().map(|rows| Some(Value::Array(rows)))
}

/// The row in the words that the case has for it.
fn as_asked(stage: &Stage, row: &Value, asked: &Map<String, Value>) -> Result<Value, Trouble> {
    let mut out = Map::new();
    for (word, expected) in asked {
        let actual = match word.as_str() {
            "customer" => {
                let known = stage.members.iter().find(|(_, known)| row["member"] == known.id.as_str());
                known.map_or_else(|| row["member"].clone(), |(name, _)| json!(name))
            }
            "expires" if same_moment(expected, row.get("expires_at")) => expected.clone(),
            "expires" => row["expires_at"].clone(),
            "balance" => row["balance"]["balance"].clone(),
            "points" | "purchases" | "shop" | "cashier" | "money" => row[word].clone(),
            other => return Err(Trouble::unknown(format!("a report's {other}"))),
        };
        out.insert(word.clone(), actual);
    }
    Ok(Value::Object(out))
}
