//! Why an entry of the journal came out so, as a till would print it: what each rule and discount did, and
//! below it what did nothing and why.
//!
//! Invariant: it says what the entry's own trace says; nothing is computed again.

use crate::admin::people::{order_address, source};
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::Office;
use crate::words::Words;
use askama::Template;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::EntryId;
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::trace::Step;
use kopilka_core::words;
use kopilka_core::words::Language;
use kopilka_service::rows::EntryRow;
use kopilka_web::scopes::Scope;

/// A line of the receipt: what, how much, and why.
pub struct Line {
    pub label: String,
    pub amount: String,
    pub why: String,
}

/// An entry of the journal.
pub struct Receipt {
    pub id: String,
    pub title: String,
    pub at: String,
    /// When it was written, where that is another moment.
    pub recorded: Option<String>,
    pub version: u32,
    pub operator: Option<String>,
    pub reason: Option<String>,
    /// The order it is about, and its page.
    pub order: Option<(String, String)>,
    pub lines: Vec<Line>,
    /// All points that rules gave.
    pub sum: Option<String>,
    /// What was said beside figures.
    pub notes: Vec<String>,
    /// What did nothing, and why.
    pub silent: Vec<String>,
    /// What moved, in words.
    pub movements: Vec<String>,
}

/// What the command of an entry is called.
pub fn cause(words: Words, cause: &str) -> String {
    let key = format!("cause-{}", cause.replace('_', "-"));
    words.say_if_known(&key).unwrap_or_else(|| cause.to_owned())
}

impl Receipt {
    pub fn of(row: &EntryRow, shown: &Shown, words: Words) -> Receipt {
        let speaker = shown.speaker();
        let mut receipt = Receipt {
            id: row.id.to_string(),
            title: cause(words, &row.cause),
            at: shown.moment(row.effective_at),
            recorded: (row.recorded_at != row.effective_at).then(|| shown.moment(row.recorded_at)),
            version: row.version,
            operator: row.operator.clone(),
            reason: row.reason.clone(),
            order: row.order.as_ref().map(|key| (key.order.to_string(), order_address(key))),
            lines: Vec::new(),
            sum: None,
            notes: Vec::new(),
            silent: Vec::new(),
            movements: row.events.iter().filter_map(|event| words::movement(&speaker, event)).collect(),
        };
        let mut given = Points::ZERO;
        for step in row.trace.iter().filter(|step| !is_told_by_its_campaign(&row.trace, step)) {
            let said = words::step(&speaker, step);
            match (figure(step, shown, words), is_silent(step)) {
                (Some((label, amount)), _) => receipt.lines.push(Line { label, amount, why: said }),
                (None, true) => receipt.silent.push(said),
                (None, false) => receipt.notes.push(said),
            }
            if let Step::RuleFired { points, .. } = step {
                given += *points;
            }
        }
        receipt.sum = (given > Points::ZERO).then(|| shown.points(given));
        receipt
    }
}

/// What a step is called on a receipt and how much it did, where it did something to be counted.
fn figure(step: &Step, shown: &Shown, words: Words) -> Option<(String, String)> {
    let more = |points: Points| shown.signed(points);
    let less = |points: Points| shown.signed(Points(-points.0));
    let off = |money: Money| format!("−{}", shown.money(money));
    Some(match step {
        Step::RuleFired { rule, points, .. } => (rule.to_string(), more(*points)),
        Step::DiscountApplied { discount, amount } => (discount.to_string(), off(*amount)),
        Step::CouponApplied { code, amount, .. } => (code.to_string(), off(*amount)),
        Step::PromotionApplied { campaign, amount } => (campaign.to_string(), off(*amount)),
        Step::GiftCardPays { card, amount } => {
            (words.say_with("receipt-card", &[("value", card)]), off(*amount))
        }
        Step::GiftCardBack { card, amount } => {
            (words.say_with("receipt-card", &[("value", card)]), format!("+{}", shown.money(*amount)))
        }
        Step::PointsTaken { source: from, points, .. } => (source(words, from), less(*points)),
        Step::PointsBack { points, .. } => (words.say("receipt-back"), more(*points)),
        Step::CreditTakenBack { rule, points } => (rule.to_string(), less(*points)),
        _ => return None,
    })
}

/// The discount of a campaign acts as a discount and as what its code did: one sum, told once.
fn is_told_by_its_campaign(trace: &[Step], step: &Step) -> bool {
    let Step::DiscountApplied { discount, .. } = step else { return false };
    trace.iter().any(|other| match other {
        Step::CouponApplied { campaign, amount, .. } | Step::PromotionApplied { campaign, amount } => {
            campaign == discount && *amount > Money::ZERO
        }
        _ => false,
    })
}

fn is_silent(step: &Step) -> bool {
    matches!(
        step,
        Step::RuleSilent { .. }
            | Step::DiscountSilent { .. }
            | Step::PromotionSilent { .. }
            | Step::CouponRefused { .. }
            | Step::OfferNotGiven { .. }
    )
}

#[derive(Template)]
#[template(path = "admin/entry.html")]
pub struct EntryPage {
    pub frame: Frame,
    pub receipt: Receipt,
    /// The member's page, for whoever may open it.
    pub member: Option<String>,
}

impl Receipt {
    pub fn sample(words: Words) -> Receipt {
        let line = |label: &str, amount: &str| Line {
            label: label.to_owned(),
            amount: amount.to_owned(),
            why: "<script>alert(1)</script>".to_owned(),
        };
        Receipt {
            id: "e_0000000000001".to_owned(),
            title: cause(words, "order"),
            at: "1.03.2026".to_owned(),
            recorded: Some("2.03.2026".to_owned()),
            version: 3,
            operator: Some("anna@shop.example".to_owned()),
            reason: Some("<script>alert(1)</script>".to_owned()),
            order: Some(("<script>".to_owned(), "/admin/orders/main/1".to_owned())),
            lines: vec![line("1", "+37"), line("2", "−499 ₽")],
            sum: Some("37".to_owned()),
            notes: vec!["<script>".to_owned()],
            silent: vec!["<script>".to_owned()],
            movements: vec!["<script>".to_owned()],
        }
    }
}

impl EntryPage {
    pub fn sample(language: Language) -> EntryPage {
        let frame = Frame::sample(language);
        EntryPage { receipt: Receipt::sample(frame.words), member: Some("m_1".to_owned()), frame }
    }
}

/// `GET /admin/entries/{id}`.
pub async fn page(office: Office, Path(id): Path<String>) -> Result<Response, Response> {
    let desk = &office.desk;
    let unknown = || desk.refused(&Refusal::EntryUnknown).into_response();
    let id = EntryId::parse(&id).ok_or_else(unknown)?;
    let row = desk.entry(id).await.map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, Some(Section::Members));
    let receipt = Receipt::of(&row, &Shown::of(desk), frame.words);
    let member = crate::act::may(desk, Scope::MembersRead).then(|| row.member.to_string());
    Ok(Page(EntryPage { frame, receipt, member }).into_response())
}
