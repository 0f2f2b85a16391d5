//! `cargo xtask cases FILE…`: acceptance cases through the public HTTP API of the built binary, each on a
//! fresh database with a movable clock.
//!
//! Invariant: no case is known by name; a word that is not known makes the case unsupported, never passed.

mod expect;
mod figures;
mod matches;
mod network;
mod order;
mod program;
mod reasons;
mod stage;
mod steps;
mod words;

use crate::databases::{Databases, Engine};
use crate::shell::{self, Outcome, Profile};
use expect::{Expectations, Story};
use serde_json::Value;
use stage::{Stage, moment};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use words::Trouble;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Files of cases, JSON lines.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Fewer passed cases than this is a failure too.
    #[arg(long, default_value_t = 0)]
    at_least: usize,
    /// Print passed cases too.
    #[arg(long)]
    all: bool,
    /// The engine that keeps the books.
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Engine,
}

/// A line of a file.
#[derive(Debug)]
struct Case {
    id: String,
    value: Value,
}

/// What all cases have in common.
#[derive(Debug, Clone, Copy)]
struct Theatre<'a> {
    binary: &'a Path,
    databases: &'a Databases,
}

pub fn run(args: &Args) -> Outcome {
    let cases = read(&args.files)?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let databases = Databases::start(args.database)?;
    let verdicts = play_all(&Theatre { binary: &binary, databases: &databases }, &cases);
    let (mut passed, mut failed, mut unsupported) = (0, 0, 0);
    for (case, verdict) in cases.iter().zip(verdicts) {
        match verdict {
            Ok(()) => {
                passed += 1;
                if args.all {
                    println!("{} passed", case.id);
                }
            }
            Err(Trouble::Differs(what)) => {
                failed += 1;
                println!("{} failed: {what}", case.id);
            }
            Err(Trouble::Unknown(word)) => {
                unsupported += 1;
                println!("{} unsupported: {word}", case.id);
            }
        }
    }
    if passed < args.at_least {
        println!("fewer than {} passed", args.at_least);
    }
    println!("{passed} passed, {failed} failed, {unsupported} unsupported");
    Ok(failed == 0 && passed >= args.at_least)
}

fn read(files: &[PathBuf]) -> Result<Vec<Case>, String> {
    let mut cases = Vec::new();
    for file in files {
        let text = fs::read_to_string(file).map_err(|e| format!("{}: {e}", file.display()))?;
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            let place = format!("{}:{}", file.display(), number + 1);
            let value: Value = serde_json::from_str(line).map_err(|e| format!("{place}: {e}"))?;
            let id = value["id"].as_str().map_or(place, str::to_owned);
            cases.push(Case { id, value });
        }
    }
    Ok(cases)
}

/// Cases have databases of their own, so as many run at a time as there are cores.
fn play_all(theatre: &Theatre<'_>, cases: &[Case]) -> Vec<Result<(), Trouble>> {
    let next = AtomicUsize::new(0);
    let verdicts: Vec<Mutex<Result<(), Trouble>>> = cases.iter().map(|_| Mutex::new(Ok(()))).collect();
    let workers = thread::available_parallelism().map_or(2, |n| n.get());
    thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(case) = cases.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let verdict = play(theatre, &case.value);
                    let at = cases.iter().position(|c| std::ptr::eq(c, case)).unwrap_or(0);
                    *verdicts[at].lock().unwrap_or_else(|e| e.into_inner()) = verdict;
                }
            });
        }
    });
    verdicts.into_iter().map(|v| v.into_inner().unwrap_or_else(|e| e.into_inner())).collect()
}

fn play(theatre: &Theatre<'_>, case: &Value) -> Result<(), Trouble> {
    let steps = case["steps"].as_array().ok_or_else(|| Trouble::unknown("steps"))?;
    let program = program::translate(&case["program"], taxes_of(steps))?;
    let expectations = Expectations::of(&case["expect"])?;
    expectations.check_words()?;
    let start = first_moment(steps)?;
    let mut stage = Stage::open(theatre, program, start)?;
    let owners = stage.program.owned.iter().map(|owned| owned.owner.clone()).collect();
    for name in existing_members(steps, owners)? {
        stage.existing_member(&name)?;
    }
    network::settle(&mut stage)?;
    let mut story = Story::allowing(figures_right_too(&case["notes"]));
    for (number, step) in (1..).zip(steps) {
        let (action, inputs) = steps::parts(step)?;
        let done = steps::play(&mut stage, action, inputs).map_err(|t| in_step(number, t))?;
        story.steps.push(done);
        network::settle(&mut stage).map_err(|t| in_step(number, t))?;
        for figures in expectations.after_step(number) {
            story.check(&mut stage, figures).map_err(|t| in_step(number, t))?;
        }
    }
    story.check(&mut stage, &expectations.end)?;
    story.unexpected_refusal()
}

/// Where peers differ a note may say so: `90 is right too`.
fn figures_right_too(notes: &Value) -> Vec<Value> {
    let words: Vec<&str> = notes.as_str().unwrap_or_default().split_whitespace().collect();
    let said = words.windows(4).filter(|w| w[1..3] == ["is", "right"] && w[3].starts_with("too"));
    said.map(|w| Value::String(w[0].to_owned())).collect()
}

fn in_step(number: usize, trouble: Trouble) -> Trouble {
    match trouble {
        Trouble::Differs(what) => Trouble::Differs(format!("step {number}: {what}")),
        unknown => unknown,
    }
}

/// Steps and the steps of their branches, in order.
fn flat(steps: &[Value]) -> Vec<&Value> {
    let mut out = Vec::new();
    for step in steps {
        out.push(step);
        let branches = step["inputs"]["branches"].as_array().into_iter().flatten();
        out.extend(branches.filter_map(Value::as_array).flatten());
    }
    out
}

/// How the lines of all steps bear tax.
fn taxes_of(steps: &[Value]) -> program::Taxes {
    let items = || flat(steps).into_iter().filter_map(|step| step["inputs"]["items"].as_array()).flatten();
    let any = |word: &str| items().any(|item| item["tax"].as_str().is_some_and(|tax| tax.contains(word)));
    program::Taxes { added: any("added") }
}

/// The first moment that is named is the moment of all steps before it.
fn first_moment(steps: &[Value]) -> Result<Option<kopilka_core::time::Instant>, Trouble> {
    let named = flat(steps).into_iter().find_map(|step| step["inputs"]["at"].as_str());
    named.map(moment).transpose()
}

/// Who is first named by another step than a registration was there before, and so was who owns a code of the
/// program and is named by no step.
fn existing_members(steps: &[Value], owners: BTreeSet<String>) -> Result<BTreeSet<String>, Trouble> {
    let (mut seen, mut existing) = (BTreeSet::new(), BTreeSet::new());
    for step in flat(steps) {
        let (action, inputs) = steps::parts(step)?;
        for name in ["customer", "referrer"].into_iter().filter_map(|key| inputs[key].as_str()) {
            if seen.insert(name.to_owned()) && !matches!(action, "register_customer" | "create_account") {
                existing.insert(name.to_owned());
            }
        }
    }
    existing.extend(owners.into_iter().filter(|owner| !seen.contains(owner)));
    Ok(existing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn who_is_not_registered_first_was_there_before() {
        let steps = [
            json!({"action": "register_customer", "inputs": {"customer": "new"}}),
            json!({"action": "credit", "inputs": {"customer": "new"}}),
            json!({"action": "referral_click", "inputs": {"referrer": "friend", "visitor": "v"}}),
            json!({"action": "parallel", "inputs": {"branches": [[
                {"action": "place_order", "inputs": {"customer": "old", "at": "2026-01-02"}}]]}}),
        ];
        let owners = ["new", "owner"].into_iter().map(str::to_owned).collect();
        let existing = existing_members(&steps, owners).expect("steps");
        assert_eq!(existing.into_iter().collect::<Vec<_>>(), ["friend", "old", "owner"]);
        assert_eq!(first_moment(&steps).expect("a moment"), moment("2026-01-02").ok());
    }

    #[test]
    fn a_note_may_allow_another_figure() {
        let notes = json!("the peer earns on all; 90 is right too: it is spread over the lines.");
        assert_eq!(figures_right_too(&notes), [json!("90")]);
        assert!(figures_right_too(&json!("9 is right")).is_empty());
    }

    #[test]
    fn a_case_with_an_unknown_word_is_unsupported_before_anything_starts() {
        let case = json!({"program": {"promotions": [{"id": "P"}]}, "steps": [], "expect": {}});
        let databases = Databases::start(Engine::Sqlite).expect("files need no server");
        let theatre = Theatre { binary: Path::new("/nowhere"), databases: &databases };
        assert_eq!(play(&theatre, &case), Err(Trouble::unknown("promotions without a discount")));
    }
}
