//! The actions of a case as calls of the public API.
//!
//! Invariant: a step is first prepared, then sent, then absorbed, so that steps of one moment can be sent
//! together.

mod members;
mod orders;
mod referrals;
mod reports;
mod rewards;

use super::stage::{Credit, Stage, moment};
use super::words::{Trouble, Words};
use crate::api::{self, Client};
use serde_json::Value;
use std::sync::Barrier;
use std::thread;

/// What a sent request was about, and so how its answer is to be read.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    Order(String),
    Return,
    Quote(Option<String>),
    Points {
        member: String,
        key: Option<String>,
    },
    Member {
        name: String,
        card: Option<String>,
    },
    Found,
    /// The rows of a report, by the name of its list.
    Report(&'static str),
    /// A visit from a site: where it is nobody's, a page goes on as if nobody had been there.
    Site,
    Other,
}

/// A request that waits to be sent.
#[derive(Debug, Clone)]
pub struct Prepared {
    method: &'static str,
    path: String,
    key: String,
    body: Value,
    about: About,
}

/// What a request came to.
#[derive(Debug, Clone)]
pub struct Done {
    pub about: About,
    /// The code of the refusal; the answer is then the problem.
    pub refused: Option<String>,
    pub answer: Value,
}

/// A step of the case, its moment apart.
pub fn play(stage: &mut Stage, action: &str, inputs: &Value) -> Result<Vec<Done>, Trouble> {
    if action == "parallel" {
        return play_together(stage, inputs);
    }
    let mut words = Words::of(action, inputs)?;
    if let Some((path, list)) = reports::asked(action, &mut words)? {
        let at = words.text("at")?.map(|text| moment(&text)).transpose()?;
        if stage.come_to(at)?.is_some() {
            return Err(Trouble::unknown(format!("{action} of the past")));
        }
        words.end()?;
        return Ok(vec![reports::read(stage, &path, list)?]);
    }
    let prepared = prepare(stage, action, inputs)?;
    let mut done = Vec::new();
    for request in prepared {
        let one = send(&mut stage.client, &request)?;
        absorb(stage, &one);
        done.push(one);
    }
    Ok(done)
}

/// Branches begin at the same moment, each on its own connection.
fn play_together(stage: &mut Stage, inputs: &Value) -> Result<Vec<Done>, Trouble> {
    let mut words = Words::of("parallel", inputs)?;
    let branches =
        words.take("branches").and_then(Value::as_array).ok_or_else(|| Trouble::unknown("parallel"))?;
    words.end()?;
    let mut prepared = Vec::new();
    for branch in branches {
        let mut requests = Vec::new();
        for step in branch.as_array().ok_or_else(|| Trouble::unknown("parallel.branches"))? {
            let (action, inputs) = parts(step)?;
            requests.extend(prepare(stage, action, inputs)?);
        }
        prepared.push((requests, stage.another_client()));
    }
    let start = Barrier::new(prepared.len());
    let results: Vec<Result<Vec<Done>, String>> = thread::scope(|scope| {
        let start = &start;
        let branch = |(requests, mut client): (Vec<Prepared>, Client)| {
            move || {
                start.wait();
                requests.iter().map(|r| send(&mut client, r)).collect()
            }
        };
        let threads: Vec<_> = prepared.into_iter().map(|b| scope.spawn(branch(b))).collect();
        threads.into_iter().map(|t| t.join().unwrap_or_else(|_| Err("a branch stopped".to_owned()))).collect()
    });
    let mut all = Vec::new();
    for result in results {
        for done in result? {
            absorb(stage, &done);
            all.push(done);
        }
    }
    Ok(all)
}

/// The action and the inputs of a step.
pub fn parts(step: &Value) -> Result<(&str, &Value), Trouble> {
    match (step.get("action").and_then(Value::as_str), step.get("inputs")) {
        (Some(action), Some(inputs)) => Ok((action, inputs)),
        _ => Err(Trouble::unknown(format!("step {step}"))),
    }
}

fn send(client: &mut Client, request: &Prepared) -> Result<Done, String> {
    let answer = match request.method {
        "PUT" => client.put(&request.path, &request.body)?,
        "PATCH" => client.patch(&request.path, &request.key, &request.body)?,
        _ => client.post(&request.path, &request.key, &request.body)?,
    };
    let refused = (!answer.is_success()).then(|| api::code_of(&answer));
    let of_nobody = matches!(request.about, About::Site) && refused.as_deref() == Some("site_unknown");
    let refused = refused.filter(|_| !of_nobody);
    // What the runner got wrong must not pass for a refusal of the rules.
    if matches!(answer.status, 400 | 401 | 405 | 415 | 500..) {
        return Err(format!("{} {}: {} {}", request.method, request.path, answer.status, answer.body));
    }
    Ok(Done { about: request.about.clone(), refused, answer: answer.json()? })
}

fn absorb(stage: &mut Stage, done: &Done) {
    if done.refused.is_some() {
        return;
    }
    if let Some(entry) = done.answer["entry"].as_str()
        && entry > stage.newest_entry.as_str()
    {
        stage.newest_entry = entry.to_owned();
    }
    match &done.about {
        About::Points { member, key: Some(key) } => {
            if let Some(entry) = done.answer["entry"].as_str() {
                let credit = Credit { member: member.clone(), entry: entry.to_owned() };
                stage.credits.insert(key.clone(), credit);
            }
        }
        About::Member { name, card } => {
            let id = done.answer["member"].as_str().or(done.answer["id"].as_str()).map(str::to_owned);
            let known = stage.members.entry(name.clone()).or_default();
            known.cards.extend(card.clone());
            if let Some(id) = id {
                known.id = id;
            }
        }
        About::Found => {
            if let Some(name) = done.answer["member"]["ext"].as_str() {
                stage.subject = Some(name.to_owned());
            }
        }
        _ => {}
    }
}

/// A step's requests. Words nobody takes are unknown.
fn prepare(stage: &mut Stage, action: &str, inputs: &Value) -> Result<Vec<Prepared>, Trouble> {
    let mut words = Words::of(action, inputs)?;
    let at = words.text("at")?.map(|text| moment(&text)).transpose()?;
    let late = stage.come_to(at)?;
    let late = late.map(|at| at.to_string());
    let backwards = |what: &str| match &late {
        Some(at) => Err(Trouble::unknown(format!("{what} told late ({at})"))),
        None => Ok(()),
    };
    let prepared = match action {
        "run_jobs" => Vec::new(),
        "register_customer" | "create_account" => members::register(stage, &mut words)?,
        "set_birthday" | "change_phone" | "add_card" => members::patch(stage, action, &mut words)?,
        "block_account" => members::status(stage, &mut words)?,
        "referral_click" | "claim_site" | "visit" => {
            backwards(action)?;
            vec![referrals::come(stage, action, &mut words)?]
        }
        "login" => referrals::login(stage, &mut words)?,
        "referral_report" => referrals::report(stage, &mut words)?,
        "lookup" => vec![members::lookup(stage, &mut words)?],
        "credit" | "debit" | "force_debit" => {
            backwards(action)?;
            vec![members::adjust(stage, action, &mut words)?]
        }
        "event" => {
            backwards(action)?;
            vec![members::event(stage, &mut words)?]
        }
        "cancel_entry" => vec![members::reverse(stage, &mut words)?],
        "quote" | "open_cart" | "set_items" | "requote" | "set_customer" => {
            backwards(action)?;
            vec![orders::quote(stage, action, &mut words)?]
        }
        "apply_code" | "remove_code" => vec![orders::code(stage, &mut words, action == "apply_code")?],
        // A cart is a quote that the runner remembers: leaving it and coming back to it changes nothing.
        "cancel_cart" | "reopen_cart" => {
            words.needed("cart")?;
            Vec::new()
        }
        // Asked of the campaign once the steps are over.
        "uses" => {
            words.needed("code")?;
            Vec::new()
        }
        "set_amount_spent" => vec![orders::spent(stage, &mut words)?],
        "place_order" => vec![orders::place(stage, &mut words, late.as_deref())?],
        "checkout" => vec![orders::checkout(stage, &mut words)?],
        "pay_order" => vec![orders::pay(stage, &mut words, late.as_deref())?],
        "issue_gift_card" | "issue_gift_balance" => vec![orders::issue_gift_card(stage, &mut words)?],
        "buy_reward" => rewards::buy(stage, &mut words)?,
        "given" => rewards::given(stage, &mut words)?,
        "change_promotion" => rewards::change_promotion(stage, &mut words)?,
        "redeem" => vec![orders::redeem(stage, &mut words)?],
        "hold" => vec![orders::hold(stage, &mut words)?],
        "capture" => vec![orders::capture(stage, &mut words)?],
        "give_back" => vec![orders::give_back(stage, &mut words)?],
        "void" => vec![orders::void(stage, &mut words)?],
        "return_items" => vec![orders::returned(stage, &mut words, late.as_deref())?],
        "cancel_order" => vec![orders::cancel(stage, &mut words, late.as_deref())?],
        other => return Err(Trouble::unknown(format!("action {other}"))),
    };
    words.end()?;
    Ok(prepared)
}
