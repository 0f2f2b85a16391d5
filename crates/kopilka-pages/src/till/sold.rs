//! The third step: the sale is done, and why it came out so.
//!
//! Invariant: the order is written by the one way for orders; sent twice it is the same order and the same
//! page.

use super::buyer::Buyer;
use super::draft::{Draft, key_of};
use super::sale::{asker, buyer, counted, reference, refused};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::Office;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::CodeId;
use kopilka_core::order::{LineState, OrderState};
use kopilka_core::points::Points;
use kopilka_core::trace::Step;
use kopilka_core::words::{self, Language, Speaker};
use kopilka_service::{Change, Done};
use kopilka_web::app::{Desk, Envelope};
use kopilka_web::problem::Problem;

/// A sale as its paper has it.
#[derive(Debug, Clone, Default)]
pub struct Receipt {
    /// Words and figure.
    pub lines: Vec<(String, String)>,
    pub sum: (String, String),
    pub earned: Option<(String, String)>,
    /// Why it came out so.
    pub why: Vec<String>,
}

#[derive(Template)]
#[template(path = "till/sold.html")]
pub struct SoldPage {
    pub frame: Frame,
    pub buyer: Buyer,
    /// Sentences to read aloud.
    pub aloud: Vec<String>,
    pub receipt: Receipt,
    pub order: String,
}

impl Receipt {
    pub fn sample() -> Receipt {
        Receipt {
            lines: vec![("—".to_owned(), "1 000".to_owned())],
            sum: ("—".to_owned(), "900".to_owned()),
            earned: Some(("—".to_owned(), "45".to_owned())),
            why: vec!["<script>alert(1)</script>".to_owned()],
        }
    }
    pub fn of(order: &OrderState, earned: Points, why: Vec<String>, desk: &Desk, frame: &Frame) -> Receipt {
        let shown = Shown::of(desk);
        let sum = |of: fn(&LineState) -> kopilka_core::money::Money| {
            order.lines.iter().map(of).sum::<kopilka_core::money::Money>()
        };
        let mut lines = vec![(frame.say("till-amount"), shown.money(sum(|l| l.list)))];
        let discount = sum(|l| l.list - l.discounted);
        if discount.0 != 0 {
            lines.push((frame.say("till-discount"), format!("−{}", shown.money(discount))));
        }
        let by_points = sum(|l| l.by_points);
        if by_points.0 != 0 {
            let points = shown.points(order.points_spent_net());
            lines.push((frame.say_of("till-by-points", &points), format!("−{}", shown.money(by_points))));
        }
        Receipt {
            lines,
            sum: (frame.say("till-to-pay"), shown.money(order.to_pay_remaining())),
            earned: (earned > Points::ZERO).then(|| (frame.say("till-earned"), shown.signed(earned))),
            why,
        }
    }
}

impl SoldPage {
    pub fn sample(language: Language) -> SoldPage {
        SoldPage {
            frame: Frame::sample(language),
            buyer: Buyer::sample(),
            aloud: vec!["—".to_owned()],
            receipt: Receipt::sample(),
            order: "till-0".to_owned(),
        }
    }
}

/// The steps that moved something; what stayed silent is for those who make the rules.
pub fn why(trace: &[Step], speaker: &Speaker<'_>) -> Vec<String> {
    let tells = |step: &&Step| {
        !matches!(
            step,
            // The limit says how much there is, which not every holder of an account may hear.
            Step::SpendLimit { .. }
                | Step::RuleSilent { .. }
                | Step::DiscountSilent { .. }
                | Step::PromotionSilent { .. }
                | Step::SetsCompared { .. }
                | Step::OfferNotGiven { .. }
                | Step::NothingChanged
        )
    };
    trace.iter().filter(tells).map(|step| words::step(speaker, step)).collect()
}

/// `POST /till/sales/{order}`.
pub async fn sell(office: Office, Path(order): Path<String>, posted: Posted) -> Result<Response, Response> {
    let draft = Draft { order, ..Draft::of(&posted) };
    if draft.to_pay.is_empty() {
        return Err(Problem::of("form_invalid").into_response());
    }
    if let Err(problem) = told(&office, &draft, posted.text("code")).await {
        return shown_again(&office, draft, problem).await;
    }
    let done = match written(&office, &draft).await {
        Ok(done) => done,
        // What was shown no longer holds, or a code is wanted: it is shown anew and asked again.
        Err(problem) if problem.code == "quote_changed" || problem.code == "code_required" => {
            return shown_again(&office, draft, problem).await;
        }
        Err(problem) => return refused(&office, draft, problem).await,
    };
    sold(&office, &draft, &done).await.map_err(IntoResponse::into_response)
}

/// The digits of a one-time code, where one was sent.
async fn told(office: &Office, draft: &Draft, digits: &str) -> Result<(), Problem> {
    let Some(id) = CodeId::parse(&draft.code) else { return Ok(()) };
    let desk = &office.desk;
    let done = desk.app.service.verify_code(desk.program_id(), asker(office), id, digits.to_owned()).await;
    done.map_err(|e| desk.failed(e))?.map(|_| ()).map_err(kopilka_web::api::codes::problem)
}

async fn written(office: &Office, draft: &Draft) -> Result<Done, Problem> {
    key_of(office, &draft.order)?;
    let member = Some(reference(office, draft).await?);
    let body = draft.body(office)?;
    let envelope =
        Envelope { endpoint: "till.sell", operator: Some(office.login().to_owned()), ..Envelope::default() };
    office.desk.write(envelope, Change::PutOrder { member, body }).await
}

async fn shown_again(office: &Office, draft: Draft, problem: Problem) -> Result<Response, Response> {
    let text = office.desk.language.of(&problem.detail).to_owned();
    let frame = Frame::of(&office.visit, None).with_notice(Tone::Bad, text);
    let sent = !draft.code.is_empty() && problem.code == "code_wrong";
    let fresh = Draft { to_pay: String::new(), used: String::new(), ..draft.clone() };
    match counted(office, fresh, frame).await {
        Ok(page) => {
            let sent_to = sent.then(String::new);
            let draft = Draft { code: if sent { draft.code } else { String::new() }, ..page.draft };
            Ok(again(super::sale::CountPage { draft, sent_to, ..page }, problem.code))
        }
        Err(other) => refused(office, draft, other).await,
    }
}

async fn sold(office: &Office, draft: &Draft, done: &Done) -> Result<Response, Problem> {
    let desk = &office.desk;
    let frame = Frame::of(&office.visit, None);
    let buyer = buyer(office, (done.member, &draft.who), &frame).await?;
    let order = match &done.order {
        Some(order) => order.clone(),
        None => desk.order(draft.key(office)?).await?.1,
    };
    let trace = match done.entry {
        Some(entry) => desk.entry(entry).await?.trace,
        // Sent a second time: why it came out so stands in the order's first entry.
        None => {
            let (program, key) = (desk.program_id(), order.key.clone());
            let rows = desk.read(move |r| r.entries_of_order(program, &key)).await?;
            rows.into_iter().next().map(|row| row.trace).unwrap_or_default()
        }
    };
    let earned = order.points_earned_net();
    let receipt = Receipt::of(&order, earned, why(&trace, &desk.speaker()), desk, &frame);
    let aloud = aloud(&order, earned, desk, &frame);
    let page = SoldPage { frame, buyer, aloud, receipt, order: draft.order.clone() };
    Ok(Page(page).into_response())
}

fn aloud(order: &OrderState, earned: Points, desk: &Desk, frame: &Frame) -> Vec<String> {
    let shown = Shown::of(desk);
    let mut said = vec![frame.say_of("till-said-paid", &shown.money(order.to_pay_remaining()))];
    let spent = order.points_spent_net();
    if spent > Points::ZERO {
        said.push(frame.say_of("till-said-spent", &shown.points(spent)));
    }
    if earned > Points::ZERO {
        said.push(frame.say_of("till-said-earned", &shown.points(earned)));
    }
    said
}
