//! The first step: who buys, by a card that is scanned, a phone or an e-mail.
//!
//! Invariant: whom a text may name is tried in a fixed order and carried as it was told, so that a card that
//! was shown counts as shown until the sale is done.

use super::draft::Draft;
use super::recent::{self, SoldLine};
use super::sale::SalePage;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::decide::tier_standing;
use kopilka_core::holder::Holder;
use kopilka_core::ids::MemberId;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::words::Language;
use kopilka_service::rows::{MemberRow, Person};
use kopilka_service::{MemberRef, ServiceError};

/// Whoever buys, as the cashier sees them.
#[derive(Debug, Clone, Default)]
pub struct Buyer {
    pub name: String,
    pub balance: String,
    /// What waits, where anything does.
    pub pending: Option<String>,
    pub level: Option<String>,
    /// Why nothing can be earned or spent, where the account is not open.
    pub closed: Option<String>,
}

#[derive(Template)]
#[template(path = "till/start.html")]
pub struct StartPage {
    pub frame: Frame,
    /// As it was typed.
    pub who: String,
    /// Nobody is known by it: what a new member would have.
    pub join: Option<Join>,
    pub recent: Vec<SoldLine>,
}

/// The form of a new member.
#[derive(Debug, Clone, Default)]
pub struct Join {
    pub phone: String,
    pub card: String,
    pub name: String,
}

impl StartPage {
    pub fn sample(language: Language) -> StartPage {
        let frame = Frame::sample(language);
        StartPage { frame, who: String::new(), join: None, recent: vec![SoldLine::sample()] }
    }
    pub fn sample_of_nobody(language: Language) -> StartPage {
        let join = Join {
            phone: "+7 912 345-67-89".to_owned(),
            card: "\"><script>alert(1)</script>".to_owned(),
            name: String::new(),
        };
        StartPage { join: Some(join), recent: Vec::new(), ..StartPage::sample(language) }
    }
}

impl Buyer {
    pub fn sample() -> Buyer {
        Buyer {
            name: "<script>alert(1)</script> ···67".to_owned(),
            balance: "350".to_owned(),
            pending: Some("40".to_owned()),
            level: Some("Кафе".to_owned()),
            closed: None,
        }
    }
    pub fn of(row: &MemberRow, person: &Person, shown: &Shown, frame: &Frame, office: &Office) -> Buyer {
        let now = office.desk.now;
        let balance = row.member.balance_at(now);
        let standing = tier_standing(&shown.program, &row.member, now);
        let tiers = shown.program.tiers.as_ref();
        let level = standing.and_then(|s| tiers?.levels.iter().find(|level| level.id == s.tier));
        let status = kopilka_web::wire::answer::member::status_name(row.member.status);
        Buyer {
            name: called(person, frame),
            balance: shown.points(balance.available),
            pending: (balance.pending > Points::ZERO).then(|| shown.points(balance.pending)),
            level: level.map(|level| shown.language.of(&level.name).to_owned()),
            closed: frame.words.say_if_known(&format!("till-closed-{status}")),
        }
    }
}

impl Buyer {
    /// Somebody else's account: what its owner did not allow is neither said nor done.
    pub fn of_holder(self, holder: Holder, frame: &Frame) -> Buyer {
        let Holder { no, rights } = holder;
        let tag = frame.say_of("till-holder", &no.0.to_string());
        let closed = (!rights.spend).then(|| frame.say("till-holder-spends-not"));
        let hidden = (!rights.see).then(|| "···".to_owned());
        Buyer {
            name: format!("{} · {tag}", self.name),
            pending: self.pending.filter(|_| rights.see),
            balance: hidden.unwrap_or(self.balance),
            closed: self.closed.or(closed),
            ..self
        }
    }
}

/// The first name, and the end of the phone to tell two of them apart.
fn called(person: &Person, frame: &Frame) -> String {
    let name = person.name.as_deref().and_then(|name| name.split_whitespace().next());
    let end = |phone: &String| phone.get(phone.len().saturating_sub(2)..).map(|end| format!("···{end}"));
    let phone = person.phones.first().and_then(end);
    match (name, phone) {
        (Some(name), Some(phone)) => format!("{name} {phone}"),
        (Some(name), None) => name.to_owned(),
        (None, Some(phone)) => phone,
        (None, None) => frame.say("till-nameless"),
    }
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, None);
    let recent = recent::of(&office).await?;
    Ok(Page(StartPage { frame, who: String::new(), join: None, recent }).into_response())
}

/// Finds whoever was scanned or typed, and goes on to the sale.
pub async fn find(office: Office, posted: Posted) -> Result<Response, Response> {
    let who = posted.text("who");
    match member_of(&office, who).await {
        Ok((_, id)) => {
            let draft = Draft::new(who);
            let page = SalePage::of(&office, draft, id, Frame::of(&office.visit, None)).await?;
            Ok(Page(page).into_response())
        }
        Err(ServiceError::Refused(Refusal::MemberUnknown | Refusal::InvalidIdentifier { .. })) => {
            let frame = Frame::of(&office.visit, None);
            let text = frame.say(if who.is_empty() { "till-who-empty" } else { "till-unknown" });
            let frame = frame.with_notice(Tone::Warn, text);
            let join = (!who.is_empty()).then(|| Join::of(who));
            let recent = recent::of(&office).await?;
            Ok(again(StartPage { frame, who: who.to_owned(), join, recent }, "member_unknown"))
        }
        Err(error) => {
            let problem = office.desk.failed(error);
            let text = office.desk.language.of(&problem.detail).to_owned();
            let frame = Frame::of(&office.visit, None).with_notice(Tone::Bad, text);
            let recent = recent::of(&office).await?;
            Ok(again(StartPage { frame, who: who.to_owned(), join: None, recent }, problem.code))
        }
    }
}

impl Join {
    fn of(who: &str) -> Join {
        let is_phone = kopilka_service::identifiers::phone(who).is_ok();
        match is_phone {
            true => Join { phone: who.to_owned(), ..Join::default() },
            false if who.contains('@') => Join::default(),
            false => Join { card: who.to_owned(), ..Join::default() },
        }
    }
}

/// Whom a text may name, the likeliest first: an id stands on a member's own page, a card is scanned.
fn references(who: &str) -> Vec<MemberRef> {
    if who.contains('@') {
        return vec![MemberRef::Email(who.to_owned())];
    }
    if let Some(id) = MemberId::parse(who) {
        return vec![MemberRef::Id(id)];
    }
    vec![MemberRef::Card(who.to_owned()), MemberRef::Phone(who.to_owned())]
}

/// Whom the text names and by what; the first refusal that says more than that nobody is known.
pub async fn member_of(office: &Office, who: &str) -> Result<(MemberRef, MemberId), ServiceError> {
    let program = office.desk.program_id();
    let mut refused = ServiceError::Refused(Refusal::MemberUnknown);
    for reference in references(who) {
        match office.desk.app.service.find_member(program, reference.clone()).await {
            Ok(id) => return Ok((reference, id)),
            Err(ServiceError::Refused(Refusal::MemberUnknown | Refusal::InvalidIdentifier { .. })) => {}
            Err(error) => refused = error,
        }
    }
    Err(refused)
}
