//! The actions of a case as calls of the public API.
//!
//! Invariant: a step is first prepared, then sent, then absorbed, so that steps of one moment can be sent
//! together.

use super::order;
use super::stage::{Credit, Known, Stage, Told, escaped, moment, order_path};
use super::words::{Trouble, Words};
use crate::api::{self, Client};
use kopilka_core::decimal;
use serde_json::{Map, Value, json};
use std::sync::Barrier;
use std::thread;

/// What a sent request was about, and so how its answer is to be read.
#[derive(Debug, Clone, PartialEq)]
pub enum About {
    Order(String),
    Return,
    Quote(Option<String>),
    Points { member: String, key: Option<String> },
    Member { name: String, card: Option<String> },
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
        "register_customer" | "create_account" => register(stage, &mut words)?,
        "set_birthday" | "change_phone" | "add_card" => patch(stage, action, &mut words)?,
        "block_account" => status(stage, &mut words)?,
        "credit" | "debit" | "force_debit" => {
            backwards(action)?;
            vec![adjust(stage, action, &mut words)?]
        }
        "cancel_entry" => vec![reverse(stage, &mut words)?],
        "quote" | "open_cart" | "set_items" | "requote" | "set_customer" => {
            backwards(action)?;
            vec![quote(stage, action, &mut words)?]
        }
        "place_order" => vec![place(stage, &mut words, late.as_deref())?],
        "checkout" => vec![checkout(stage, &mut words)?],
        "pay_order" => vec![pay(stage, &mut words, late.as_deref())?],
        "redeem" => vec![redeem(stage, &mut words)?],
        "return_items" => vec![returned(stage, &mut words, late.as_deref())?],
        "cancel_order" => vec![cancel(stage, &mut words, late.as_deref())?],
        other => return Err(Trouble::unknown(format!("action {other}"))),
    };
    words.end()?;
    Ok(prepared)
}

fn register(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = words.needed("customer")?;
    stage.subject = Some(name.clone());
    let mut body = Map::new();
    body.insert("ext".into(), json!(name));
    if let Some(day) = words.text("birthday")? {
        body.insert("birth_date".into(), json!(day));
    }
    if let Some(phone) = words.text("phone")? {
        body.insert("phones".into(), json!([phone]));
    }
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let enabled = words.flag("enabled")?;
    let about = About::Member { name: name.clone(), card: None };
    let path = "/v1/members".to_owned();
    let joined = Prepared { method: "POST", path, key, body: Value::Object(body), about };
    if enabled != Some(false) {
        return Ok(vec![joined]);
    }
    // Blocked by the shop's own id: our id is not known before the first request is answered.
    let path = format!("/v1/members/{}/status", escaped(&format!("ext:{name}")));
    let body = json!({ "status": "blocked", "reason": "case", "operator": "xtask" });
    let key = stage.fresh_key();
    Ok(vec![joined, Prepared { method: "POST", path, key, body, about: About::Other }])
}

fn patch(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = customer(stage, words)?;
    let Known { id, cards } = stage.members.get(&name).cloned().unwrap_or_default();
    let (body, card) = match action {
        "set_birthday" => (json!({ "birth_date": words.needed("birthday")? }), None),
        "change_phone" => (json!({ "phones": [words.needed("phone")?] }), None),
        _ => {
            let card = words.needed("card")?;
            let all: Vec<&String> = cards.iter().chain([&card]).collect();
            (json!({ "cards": all }), Some(card))
        }
    };
    let key = stage.fresh_key();
    let about = About::Member { name, card };
    Ok(vec![Prepared { method: "PATCH", path: format!("/v1/members/{id}"), key, body, about }])
}

fn status(stage: &mut Stage, words: &mut Words<'_>) -> Result<Vec<Prepared>, Trouble> {
    let name = customer(stage, words)?;
    let path = format!("/v1/members/{}/status", stage.member(&name)?);
    let body = json!({ "status": "blocked", "reason": "case", "operator": "xtask" });
    let key = stage.fresh_key();
    Ok(vec![Prepared { method: "POST", path, key, body, about: About::Other }])
}

/// The customer a step names; whoever it is was registered before.
fn customer(stage: &mut Stage, words: &mut Words<'_>) -> Result<String, Trouble> {
    let name = words.needed("customer")?;
    stage.subject = Some(name.clone());
    stage.member(&name).map(|_| name)
}

fn adjust(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = customer(stage, words)?;
    let member = stage.member(&name)?;
    let points = words.needed("points")?;
    let points = if action == "credit" { points } else { format!("-{points}") };
    let mut body = api::adjustment(&points);
    if action == "force_debit" {
        body["allow_debt"] = json!(true);
    }
    if let Some(expires) = words.text("expires")? {
        body["expires_at"] = json!(moment(&expires)?.to_string());
    }
    let named = words.text("key")?;
    let key = named.as_ref().map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = format!("/v1/members/{member}/adjustments");
    Ok(Prepared { method: "POST", path, key, body, about: About::Points { member, key: named } })
}

fn reverse(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let named = words.needed("key")?;
    let credit = stage.credits.get(&named).cloned();
    let credit = credit.ok_or_else(|| Trouble::unknown(format!("cancel_entry of {named}")))?;
    let path = format!("/v1/members/{}/adjustments", credit.member);
    let body = json!({ "reverses": credit.entry, "reason": "case", "operator": "xtask" });
    let about = About::Points { member: credit.member, key: None };
    Ok(Prepared { method: "POST", path, key: stage.fresh_key(), body, about })
}

/// Who buys: a customer of the case, nobody (`null`), or anyone when the case does not say.
fn buyer(stage: &mut Stage, words: &mut Words<'_>) -> Result<Option<String>, Trouble> {
    let name = match words.take_even_null("customer") {
        Some(Value::Null) => return Ok(None),
        None => super::stage::ANYONE.to_owned(),
        Some(Value::String(name)) => name.clone(),
        Some(other) => return Err(Trouble::unknown(format!("customer: {other}"))),
    };
    stage.subject = Some(name.clone());
    stage.existing_member(&name).map(Some)
}

fn quote(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let cart = if action == "quote" { None } else { Some(words.needed("cart")?) };
    let mut told = cart.as_ref().and_then(|name| stage.carts.get(name).cloned()).unwrap_or_default();
    let is_new = matches!(action, "quote" | "open_cart");
    if is_new || action == "set_customer" {
        match buyer(stage, words)? {
            Some(member) => told.body.insert("member".into(), json!(member)),
            None => told.body.remove("member"),
        };
    }
    if is_new || action == "set_items" {
        let items = words.take("items").ok_or_else(|| Trouble::unknown(format!("{action} without items")))?;
        told.cart = order::cart(items, words.take("shipping"))?;
        told.cart.put_into(&mut told.body);
    }
    order::without_features(words)?;
    if let Some(ask) = order::points_ask(words)? {
        told.body.insert("points".into(), ask);
    }
    let body = Value::Object(told.body.clone());
    if let Some(name) = &cart {
        stage.carts.insert(name.clone(), told);
    }
    let about = About::Quote(cart);
    Ok(Prepared { method: "POST", path: "/v1/quote".into(), key: stage.fresh_key(), body, about })
}

fn place(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let paid = words.flag("paid")?.unwrap_or(false);
    if !paid && stage.program.earns_when_placed {
        return Err(Trouble::unknown("earning on an order that is not paid"));
    }
    let mut told = Told::default();
    if let Some(member) = buyer(stage, words)? {
        told.body.insert("member".into(), json!(member));
    }
    let items = words.take("items").ok_or_else(|| Trouble::unknown("place_order without items"))?;
    told.cart = order::cart(items, words.take("shipping"))?;
    told.cart.put_into(&mut told.body);
    order::without_features(words)?;
    if let Some(ask) = order::points_ask(words)? {
        told.body.insert("points".into(), ask);
    }
    told.shop = words.text("shop")?;
    if let Some(cashier) = words.text("cashier")? {
        told.body.insert("cashier".into(), json!(cashier));
    }
    // An order is its own key: the case's second sending of the same order is the same body again.
    words.ignore("key");
    Ok(put(stage, &name, told, paid, late))
}

fn put(stage: &mut Stage, name: &str, mut told: Told, paid: bool, late: Option<&str>) -> Prepared {
    told.body.insert("status".into(), json!(if paid { "paid" } else { "placed" }));
    told.body.insert("pricing".into(), json!("engine"));
    if let Some(shop) = &told.shop {
        told.body.insert("shop".into(), json!(shop));
    }
    match late {
        Some(at) => told.body.insert("occurred_at".into(), json!(at)),
        None => told.body.remove("occurred_at"),
    };
    let body = Value::Object(told.body.clone());
    let path = format!("{}?explain=true", order_path(name, "", None));
    stage.orders.insert(name.to_owned(), told);
    Prepared { method: "PUT", path, key: String::new(), body, about: About::Order(name.to_owned()) }
}

fn checkout(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("cart")?;
    let told = stage.carts.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("checkout of {name}")))?;
    Ok(put(stage, &name, told, true, None))
}

fn pay(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let told = stage.orders.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("pay_order of {name}")))?;
    Ok(put(stage, &name, told, true, late))
}

/// Points used for an order the case says nothing else of: one article that costs just what they are worth.
fn redeem(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let points = words.needed("points")?;
    let mode = words.text("mode")?.unwrap_or_else(|| "exact".to_owned());
    let member = buyer(stage, words)?;
    let ask = match mode.as_str() {
        "exact" | "up_to" => json!({ "mode": mode, "amount": points }),
        other => return Err(Trouble::unknown(format!("redeem.mode: {other}"))),
    };
    let mut told = match stage.orders.get(&name) {
        Some(told) => told.clone(),
        None => {
            let worth = worth_of(&points, &stage.program.point_value, stage.program.currency_scale)?;
            let items = json!([{ "sku": "article", "qty": 1, "price": worth }]);
            let mut told = Told { cart: order::cart(&items, None)?, ..Told::default() };
            told.cart.put_into(&mut told.body);
            told
        }
    };
    if let Some(member) = member {
        told.body.insert("member".into(), json!(member));
    }
    told.body.insert("points".into(), ask);
    let paid = told.body.get("status").is_some_and(|s| s == "paid");
    Ok(put(stage, &name, told, paid, None))
}

/// Points × value, which must come out in whole minor units.
fn worth_of(points: &str, value: &str, scale: u32) -> Result<String, Trouble> {
    let odd = || Trouble::unknown(format!("redeem of {points} points worth {value}"));
    let points = decimal::parse_scaled(points, 2).map_err(|_| odd())?;
    let value = decimal::parse_scaled(value, 6).map_err(|_| odd())?;
    let exact = i128::from(points) * i128::from(value);
    let unit = 10_i128.pow(8 - scale);
    if exact % unit != 0 {
        return Err(odd());
    }
    let minor = i64::try_from(exact / unit).map_err(|_| odd())?;
    Ok(decimal::format_scaled(minor, scale))
}

fn returned(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let told = stage.orders.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("return_items of {name}")))?;
    let mut body = match words.take("items") {
        None => json!({ "all": true }),
        Some(items) => json!({ "lines": returned_lines(items, &told)? }),
    };
    if let Some(at) = late {
        body["occurred_at"] = json!(at);
    }
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = order_path(&name, "/returns", told.shop.as_deref());
    Ok(Prepared { method: "POST", path, key, body, about: About::Return })
}

/// Pieces of a sku come off its lines in order.
fn returned_lines(items: &Value, told: &Told) -> Result<Vec<Value>, Trouble> {
    let list = items.as_array().ok_or_else(|| Trouble::unknown(format!("items: {items}")))?;
    let mut lines = Vec::new();
    for item in list {
        let mut words = Words::of("items", item)?;
        let sku = words.needed("sku")?;
        let quantity = words.text("qty")?.unwrap_or_else(|| "1".to_owned());
        words.end()?;
        let ids: Vec<&str> = told.cart.lines_of(&sku).collect();
        match ids.as_slice() {
            [id] => lines.push(json!({ "id": id, "quantity": quantity })),
            [] => lines.push(json!({ "id": sku, "quantity": quantity })),
            _ => return Err(Trouble::unknown("a return of a sku that stands on several lines")),
        }
    }
    Ok(lines)
}

fn cancel(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let shop = stage.orders.get(&name).and_then(|told| told.shop.clone());
    let body = late.map_or_else(|| json!({}), |at| json!({ "occurred_at": at }));
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = order_path(&name, "/cancel", shop.as_deref());
    Ok(Prepared { method: "POST", path, key, body, about: About::Return })
}
