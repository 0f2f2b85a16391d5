//! A sale comes back whole: its order is shown first, then taken back.
//!
//! Invariant: what a return gives and takes is the engine's; a form sent twice is one return.

use super::buyer::Buyer;
use super::sale::buyer_of_order;
use super::sold::{Receipt, why};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::decide::Outcome;
use kopilka_core::order::{OrderKey, ReturnBody, ReturnedLines};
use kopilka_core::points::Points;
use kopilka_core::words::Language;
use kopilka_service::{Change, Done};
use kopilka_web::app::Envelope;
use kopilka_web::problem::Problem;

#[derive(Template)]
#[template(path = "till/back.html")]
pub struct BackPage {
    pub frame: Frame,
    pub order: String,
    /// The order as it stands; none before one is named, or where there is none.
    pub found: Option<Found>,
    pub once: String,
}

/// An order that may come back.
pub struct Found {
    pub buyer: Buyer,
    pub at: String,
    pub receipt: Receipt,
    /// Nothing of it is left to come back.
    pub is_closed: bool,
}

#[derive(Template)]
#[template(path = "till/took_back.html")]
pub struct TookBackPage {
    pub frame: Frame,
    /// Sentences to read aloud.
    pub aloud: Vec<String>,
    pub why: Vec<String>,
}

impl BackPage {
    pub fn sample(language: Language) -> BackPage {
        let found = Found {
            buyer: Buyer::sample(),
            at: "12:30".to_owned(),
            receipt: Receipt::sample(),
            is_closed: false,
        };
        BackPage {
            frame: Frame::sample(language),
            order: "\"><script>alert(1)</script>".to_owned(),
            found: Some(found),
            once: "o".to_owned(),
        }
    }
}

impl TookBackPage {
    pub fn sample(language: Language) -> TookBackPage {
        let lines = vec!["—".to_owned()];
        TookBackPage { frame: Frame::sample(language), aloud: lines.clone(), why: lines }
    }
}

/// `GET /till/back?order=…`.
pub async fn page(office: Office) -> Result<Response, Response> {
    let order = asked(&office.visit.path, "order").unwrap_or_default();
    let frame = Frame::of(&office.visit, None);
    if order.is_empty() {
        return Ok(Page(BackPage { once: frame.once(), frame, order, found: None }).into_response());
    }
    match found(&office, &order, &frame).await {
        Ok(found) => {
            Ok(Page(BackPage { once: frame.once(), frame, order, found: Some(found) }).into_response())
        }
        Err(problem) => {
            let text = office.desk.language.of(&problem.detail).to_owned();
            let frame = frame.with_notice(Tone::Bad, text);
            Ok(again(BackPage { once: frame.once(), frame, order, found: None }, problem.code))
        }
    }
}

async fn found(office: &Office, order: &str, frame: &Frame) -> Result<Found, Problem> {
    let desk = &office.desk;
    let key = desk.order_key(order, None)?;
    let (member, state) = desk.order(key.clone()).await?;
    let buyer = buyer_of_order(office, (member, state.holder), frame).await?;
    let program = desk.program_id();
    let rows = desk.read(move |r| r.entries_of_order(program, &key)).await?;
    let trace = rows.into_iter().next().map(|row| row.trace).unwrap_or_default();
    let receipt = Receipt::of(&state, state.points_earned_net(), why(&trace, &desk.speaker()), desk, frame);
    let at = Shown::of(desk).moment(state.placed_at);
    Ok(Found { buyer, at, receipt, is_closed: state.is_closed() })
}

/// `POST /till/sales/{order}/back`.
pub async fn take_back(
    office: Office,
    Path(order): Path<String>,
    posted: Posted,
) -> Result<Response, Response> {
    match taken(&office, &order, &posted).await {
        Ok(page) => Ok(Page(page).into_response()),
        Err(problem) => {
            let text = office.desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, None).with_notice(Tone::Bad, text);
            let found = found(&office, &order, &frame).await.ok();
            Ok(again(BackPage { once: frame.once(), frame, order, found }, problem.code))
        }
    }
}

async fn taken(office: &Office, order: &str, posted: &Posted) -> Result<TookBackPage, Problem> {
    let desk = &office.desk;
    let key: OrderKey = desk.order_key(order, None)?;
    let once = posted.some("once").ok_or_else(|| Problem::of("form_invalid"))?;
    let envelope = Envelope {
        endpoint: "till.back",
        key: Some(once.to_owned()),
        input_hash: kopilka_web::hash::of(&[key.to_string().as_bytes()]),
        operator: Some(office.login().to_owned()),
        reason: posted.some("reason").map(str::to_owned),
    };
    let back = ReturnBody { key, lines: ReturnedLines::All, delivery: true, occurred_at: None };
    let done = desk.write(envelope, Change::Return(back)).await?;
    let why = match done.entry {
        Some(entry) => why(&desk.entry(entry).await?.trace, &desk.speaker()),
        None => Vec::new(),
    };
    let frame = Frame::of(&office.visit, None);
    Ok(TookBackPage { aloud: aloud(&done, office, &frame), why, frame })
}

fn aloud(done: &Done, office: &Office, frame: &Frame) -> Vec<String> {
    let Outcome::Returned(back) = &done.outcome else { return vec![frame.say("till-back-done")] };
    let shown = Shown::of(&office.desk);
    let mut said = vec![frame.say_of("till-back-refund", &shown.money(back.refund))];
    if back.points_back > Points::ZERO {
        said.push(frame.say_of("till-back-points", &shown.points(back.points_back)));
    }
    if back.taken_back > Points::ZERO {
        said.push(frame.say_of("till-back-taken", &shown.points(back.taken_back)));
    }
    said
}
