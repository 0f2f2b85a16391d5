//! Steps that ask for a report: read whole, once it has seen all that the case did before.

use super::{About, Done};
use crate::cases::stage::Stage;
use crate::cases::words::{Trouble, Words};
use serde_json::{Value, json};
use std::thread;
use std::time::{Duration, Instant};

/// The lists that reports read follow within a second; minutes are for machines that are busy.
const SEEN_WITHIN: Duration = Duration::from_secs(60);
const ASK_AGAIN: Duration = Duration::from_millis(50);

/// The path of the report, and the name of its list; `None` for another action.
pub fn asked(action: &str, words: &mut Words<'_>) -> Result<Option<(String, &'static str)>, Trouble> {
    Ok(match action {
        "expiring_report" => {
            let days = words.needed("within_days")?;
            Some((format!("/v1/reports/expiring?limit=500&within_days={days}"), "members"))
        }
        "fraud_report" => {
            let day = words.needed("day")?;
            Some((format!("/v1/reports/fraud?limit=500&day={day}"), "flagged"))
        }
        _ => None,
    })
}

/// All pages of a report as one.
pub fn read(stage: &mut Stage, path: &str, list: &'static str) -> Result<Done, Trouble> {
    let mut rows: Vec<Value> = Vec::new();
    let mut next = path.to_owned();
    loop {
        let page = seen(stage, &next)?;
        rows.extend(page[list].as_array().cloned().unwrap_or_default());
        match page["next"].as_str() {
            Some(cursor) => next = format!("{path}&cursor={cursor}"),
            None => return Ok(Done { about: About::Report(list), refused: None, answer: json!(rows) }),
        }
    }
}

/// An answer that has seen the newest entry the case knows of: ids of entries are in order of time.
fn seen(stage: &mut Stage, path: &str) -> Result<Value, Trouble> {
    let began = Instant::now();
    loop {
        let answer = stage.read(path)?;
        let entry = answer["as_of"]["entry"].as_str().unwrap_or_default();
        if entry >= stage.newest_entry.as_str() {
            return Ok(answer);
        }
        if began.elapsed() > SEEN_WITHIN {
            return Err(Trouble::differs(format!("{path} stays behind {}", stage.newest_entry)));
        }
        thread::sleep(ASK_AGAIN);
    }
}
