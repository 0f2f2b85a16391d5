//! The second step: the amount, the points, and what it comes to before anything is done.
//!
//! Invariant: what is shown here is a quote and changes nothing; what the next form sends says what was
//! shown, so a sale that has become another one meanwhile is shown anew instead of done.

use super::buyer::{Buyer, member_of};
use super::draft::Draft;
use super::sold::{Receipt, why};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::holder::{Holder, HolderNo, Rights};
use kopilka_core::ids::MemberId;
use kopilka_core::refusal::Refusal;
use kopilka_core::words::{self, Language};
use kopilka_service::rows::MemberRow;
use kopilka_service::{CodeFor, MemberRef, masked};
use kopilka_web::problem::Problem;

#[derive(Template)]
#[template(path = "till/sale.html")]
pub struct SalePage {
    pub frame: Frame,
    pub buyer: Buyer,
    pub draft: Draft,
    pub currency: String,
}

impl SalePage {
    pub fn sample(language: Language) -> SalePage {
        SalePage {
            frame: Frame::sample(language),
            buyer: Buyer::sample(),
            draft: Draft::sample(),
            currency: "RUB".to_owned(),
        }
    }
    pub async fn of(
        office: &Office,
        draft: Draft,
        member: MemberId,
        frame: Frame,
    ) -> Result<SalePage, Response> {
        let buyer = buyer(office, (member, &draft.who), &frame).await.map_err(IntoResponse::into_response)?;
        let currency = office.desk.program.currency.code().to_owned();
        Ok(SalePage { frame, buyer, draft, currency })
    }
}

/// What it comes to, to be read aloud before it is done.
#[derive(Template)]
#[template(path = "till/count.html")]
pub struct CountPage {
    pub frame: Frame,
    pub buyer: Buyer,
    pub draft: Draft,
    pub aloud: String,
    pub receipt: Receipt,
    /// What a little more would bring.
    pub more: Vec<String>,
    /// The member is to agree by a one-time code.
    pub needs_code: bool,
    /// Where the code went, once it did.
    pub sent_to: Option<String>,
}

/// The line alone, while the amount is being typed.
#[derive(Template)]
#[template(path = "till/aloud.html")]
struct AloudPart {
    aloud: String,
}

impl CountPage {
    pub fn sample(language: Language) -> CountPage {
        CountPage {
            frame: Frame::sample(language),
            buyer: Buyer::sample(),
            draft: Draft::sample(),
            aloud: "—".to_owned(),
            receipt: Receipt::sample(),
            more: vec!["—".to_owned()],
            needs_code: true,
            sent_to: None,
        }
    }
    pub fn sample_with_code(language: Language) -> CountPage {
        CountPage { sent_to: Some("···6789".to_owned()), ..CountPage::sample(language) }
    }
}

/// The member, or the holder of the account whom `who` names.
pub async fn buyer(
    office: &Office,
    (member, who): (MemberId, &str),
    frame: &Frame,
) -> Result<Buyer, Problem> {
    let program = office.desk.program_id();
    let holder = match member_of(office, who).await {
        Ok((reference, _)) => office.desk.app.service.holder_named(program, reference).await,
        Err(_) => Ok(None),
    };
    let holder = holder.map_err(|error| office.desk.failed(error))?;
    let (_, buyer) = owner(office, member, frame).await?;
    Ok(holder.map_or(buyer.clone(), |holder| buyer.of_holder(holder, frame)))
}

/// Whoever told of an order, as a return of it shows them.
pub async fn buyer_of_order(
    office: &Office,
    (member, told_by): (MemberId, Option<HolderNo>),
    frame: &Frame,
) -> Result<Buyer, Problem> {
    let (row, buyer) = owner(office, member, frame).await?;
    let Some(no) = told_by else { return Ok(buyer) };
    let known = row.member.holders.iter().find(|holder| holder.no == no).copied();
    let holder = known.unwrap_or(Holder { no, rights: Rights::NONE });
    // Whether they may spend is no matter of what comes back.
    Ok(Buyer { closed: buyer.closed.clone(), ..buyer.of_holder(holder, frame) })
}

async fn owner(office: &Office, member: MemberId, frame: &Frame) -> Result<(MemberRow, Buyer), Problem> {
    let program = office.desk.program_id();
    let read = office.desk.read(move |r| Ok((r.member(program, member)?, r.person(program, member)?)));
    let (row, person) = read.await?;
    let row = row.ok_or_else(|| office.desk.refused(&Refusal::MemberUnknown))?;
    let buyer = Buyer::of(&row, &person.unwrap_or_default(), &Shown::of(&office.desk), frame, office);
    Ok((row, buyer))
}

/// `POST /till/count`.
pub async fn count(office: Office, posted: Posted) -> Result<Response, Response> {
    let draft = Draft { to_pay: String::new(), used: String::new(), ..Draft::of(&posted) };
    match counted(&office, draft.clone(), Frame::of(&office.visit, None)).await {
        Ok(page) if office.visit.part => Ok(Page(AloudPart { aloud: page.aloud }).into_response()),
        Ok(page) => Ok(Page(page).into_response()),
        Err(problem) => refused(&office, draft, problem).await,
    }
}

/// A one-time code for the points that were shown.
pub async fn send_code(office: Office, posted: Posted) -> Result<Response, Response> {
    let draft = Draft { to_pay: String::new(), used: String::new(), ..Draft::of(&posted) };
    let page = match counted(&office, draft.clone(), Frame::of(&office.visit, None)).await {
        Ok(page) => page,
        Err(problem) => return refused(&office, draft, problem).await,
    };
    match made(&office, &page.draft).await {
        Ok((id, to)) => {
            let draft = Draft { code: id, ..page.draft };
            Ok(Page(CountPage { draft, sent_to: Some(to), ..page }).into_response())
        }
        Err(problem) => {
            let text = office.desk.language.of(&problem.detail).to_owned();
            let sent_to = (!page.draft.code.is_empty()).then(String::new);
            let frame = page.frame.with_notice(Tone::Bad, text);
            Ok(again(CountPage { frame, sent_to, ..page }, problem.code))
        }
    }
}

/// Who asks for codes: each cashier, so that one is told where it was asked for.
pub fn asker(office: &Office) -> String {
    format!("till:{}", office.login())
}

async fn made(office: &Office, draft: &Draft) -> Result<(String, String), Problem> {
    let desk = &office.desk;
    let (member, _) = member_of(office, &draft.who).await.map_err(|e| desk.failed(e))?;
    let points = draft.body(office)?.expect.map(|expect| expect.points);
    let points = points.filter(|points| points.0 > 0).ok_or_else(|| Problem::of("out_of_range"))?;
    let what = CodeFor::Spending { member, order: draft.key(office)?, points, channel: None };
    let asking = (asker(office), true);
    let made = desk.app.service.make_code(desk.program_id(), what, asking).await;
    let made = made.map_err(|e| desk.failed(e))?.map_err(kopilka_web::api::codes::problem)?;
    Ok((made.id.to_string(), masked(made.channel, &made.address)))
}

/// The quote of a draft as a page; the page's draft says what is shown.
pub async fn counted(office: &Office, draft: Draft, frame: Frame) -> Result<CountPage, Problem> {
    let desk = &office.desk;
    let (reference, id) = member_of(office, &draft.who).await.map_err(|e| desk.failed(e))?;
    let buyer = buyer(office, (id, &draft.who), &frame).await?;
    let body = draft.body(office)?;
    let quote = desk.app.service.quote(desk.program_id(), Some(reference), body, true).await;
    let answer = quote.map_err(|e| desk.failed(e))?;
    let (quote, speaker) = (&answer.quote, desk.speaker());
    let aloud = words::read_aloud(&speaker, quote, answer.member.as_ref().map(|(_, balance)| balance));
    let earned = quote.earned.iter().map(|earned| earned.points).sum();
    let receipt = Receipt::of(&quote.order, earned, why(&quote.trace, &speaker), desk, &frame);
    let more = quote.more.iter().map(|next| words::next_step(&speaker, next)).collect();
    let draft = Draft {
        to_pay: quote.order.to_pay_remaining().0.to_string(),
        used: quote.order.points_spent_net().0.to_string(),
        ..draft
    };
    let needs_code = answer.code_required && draft.used != "0";
    Ok(CountPage { frame, buyer, draft, aloud, receipt, more, needs_code, sent_to: None })
}

/// Back to the amount with what is wrong; to the start where the member is gone.
pub async fn refused(office: &Office, draft: Draft, problem: Problem) -> Result<Response, Response> {
    let text = office.desk.language.of(&problem.detail).to_owned();
    if office.visit.part {
        return Ok(Page(AloudPart { aloud: text }).into_response());
    }
    let frame = Frame::of(&office.visit, None).with_notice(Tone::Bad, text);
    let known = member_of(office, &draft.who).await;
    match known {
        Ok((_, id)) => Ok(again(SalePage::of(office, draft, id, frame).await?, problem.code)),
        Err(_) => Err(problem.into_response()),
    }
}

/// The member as the draft names them, for a write.
pub async fn reference(office: &Office, draft: &Draft) -> Result<MemberRef, Problem> {
    let found = member_of(office, &draft.who).await;
    found.map(|(reference, _)| reference).map_err(|e| office.desk.failed(e))
}
