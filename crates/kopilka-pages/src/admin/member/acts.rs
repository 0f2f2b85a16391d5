//! What an operator does for a member: each act as a request of the API, with a reason.
//!
//! Invariant: an act is offered to the roles whose scopes its door needs, and to no other.

use super::holders::{self, HolderLine, RightChoice};
use super::{Found, refused};
use crate::act::{envelope, may, word, words};
use crate::admin::members::register::day;
use crate::posted::Posted;
use crate::visit::{Office, back_to};
use crate::words::Words;
use axum::extract::Path;
use axum::response::Response;
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_service::identifiers::of_holder;
use kopilka_service::rows::Proof;
use kopilka_service::{CardChange, Change, MemberRef, PersonPatch, WithdrawalTold};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use kopilka_web::scopes::Scope;
use kopilka_web::wire::{DecimalText, figures};

/// What the acts of the page need; whoever has none of them sees no acts.
pub const SCOPES: [Scope; 7] = [
    Scope::PointsAdjust,
    Scope::MembersWrite,
    Scope::TagsWrite,
    Scope::TiersGive,
    Scope::OffersGive,
    Scope::MembersMerge,
    Scope::MembersErase,
];

/// A value to choose, and what it is called.
pub struct Choice {
    pub value: String,
    pub label: String,
    pub is_here: bool,
}

/// What the forms offer.
pub struct Acts {
    pub adjusts: bool,
    pub writes: bool,
    pub merges: bool,
    pub exports: bool,
    pub erases: bool,
    pub is_active: bool,
    pub is_blocked: bool,
    pub is_frozen: bool,
    pub name: String,
    pub birth_date: String,
    pub phones: String,
    pub emails: String,
    pub cards: Vec<String>,
    pub blocked_cards: Vec<String>,
    pub tags: Vec<Choice>,
    /// Levels that can be given; none where the role may not.
    pub levels: Vec<Choice>,
    pub offers: Vec<Choice>,
    /// Who uses the account beside its owner; none where the role may not say who does.
    pub holders: Option<(Vec<HolderLine>, Vec<RightChoice>)>,
}

impl Acts {
    pub fn of(office: &Office, found: &Found, words: Words) -> Acts {
        let desk = &office.desk;
        let (member, person, program) = (&found.row.member, &found.person, &desk.program);
        let text = |text| desk.language.of(text).to_owned();
        let choice = |value: &str, label: String, is_here| Choice { value: value.to_owned(), label, is_here };
        let levels = program.tiers.iter().flat_map(|tiers| tiers.levels.iter().skip(1));
        let marks = may(desk, Scope::TagsWrite);
        // Those of others who use the account are set as theirs.
        let [phones, emails, _] = of_holder(person, None);
        Acts {
            adjusts: may(desk, Scope::PointsAdjust),
            writes: may(desk, Scope::MembersWrite),
            merges: may(desk, Scope::MembersMerge),
            exports: may(desk, Scope::MembersExport),
            erases: may(desk, Scope::MembersErase),
            is_active: member.status == MemberStatus::Active,
            is_blocked: member.status == MemberStatus::Blocked,
            is_frozen: member.status == MemberStatus::Frozen,
            name: person.name.clone().unwrap_or_default(),
            birth_date: person.birth_date.map(|day| day.to_string()).unwrap_or_default(),
            phones: phones.join("\n"),
            emails: emails.join("\n"),
            cards: person.cards.clone(),
            blocked_cards: person.blocked_cards.clone(),
            tags: program
                .tags
                .iter()
                .filter(|_| marks)
                .map(|tag| choice(tag, tag.to_string(), member.has_tag(tag)))
                .collect(),
            levels: levels
                .filter(|_| may(desk, Scope::TiersGive))
                .map(|level| choice(&level.id, text(&level.name), false))
                .collect(),
            offers: program
                .offers
                .iter()
                .filter(|_| may(desk, Scope::OffersGive))
                .map(|offer| choice(&offer.id, text(&offer.name), member.offer(&offer.id).is_some()))
                .collect(),
            holders: may(desk, Scope::MembersIdentify)
                .then(|| (holders::lines(member, person, words), holders::choices(words))),
        }
    }
}

/// Does it, and goes back to the member; what is refused comes back to the form.
pub(super) async fn done(
    office: Office,
    id: String,
    form: &'static str,
    posted: Posted,
    asked: Result<(&'static str, Change), Problem>,
) -> Result<Response, Response> {
    let written = match asked {
        Ok((endpoint, change)) => match envelope(&office, endpoint, &posted, &id) {
            Ok(envelope) => office.desk.write(envelope, change).await.map(|_| ()),
            Err(problem) => Err(problem),
        },
        Err(problem) => Err(problem),
    };
    match written {
        Ok(()) => {
            let tab = if form == "consents" { "&tab=consents" } else { "&tab=acts" };
            Ok(back_to(&format!("/admin/members/{id}?done=saved{tab}")))
        }
        Err(problem) => refused(&office, &id, (form, posted), problem).await,
    }
}

pub(super) fn member(desk: &Desk, id: &str) -> Result<MemberRef, Problem> {
    let id = MemberId::parse(id).map(MemberRef::Id);
    id.ok_or_else(|| desk.refused(&Refusal::MemberUnknown))
}

/// The end of a day: the one that is named still counts.
fn end_of_day(desk: &Desk, posted: &Posted, name: &str) -> Result<Option<Instant>, Problem> {
    let day = day(posted, name)?;
    Ok(day.map(|day| desk.program.zone.start_of(day.plus_days(1))))
}

/// `POST …/adjust`: points are given, taken, or an adjustment is taken back.
pub async fn adjust(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = adjustment(&office, &id, &posted);
    done(office, id, "adjust", posted, asked).await
}

fn adjustment(office: &Office, id: &str, posted: &Posted) -> Result<(&'static str, Change), Problem> {
    let desk = &office.desk;
    let typed = posted.text("points").replace([' ', '\u{a0}'], "").replace(',', ".").replace('−', "-");
    let points = figures::points(&desk.program, &DecimalText(typed.into()), "/points")?;
    let adjustment = Adjustment {
        points: if posted.text("way") == "take" { Points(-points.0) } else { points },
        active_at: None,
        expires_at: end_of_day(desk, posted, "expires_on")?,
        gift: false,
        allow_debt: posted.is_set("allow_debt"),
    };
    Ok(("members.adjust", Change::Adjust { member: member(desk, id)?, adjustment }))
}

/// `POST …/status`.
pub async fn status(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let status = match posted.text("status") {
        "active" => Ok(MemberStatus::Active),
        "blocked" => Ok(MemberStatus::Blocked),
        "frozen" => Ok(MemberStatus::Frozen),
        _ => Err(Problem::of("form_invalid")),
    };
    let asked = status.and_then(|status| {
        Ok(("members.status", Change::SetStatus { member: member(&office.desk, &id)?, status }))
    });
    done(office, id, "status", posted, asked).await
}

/// `POST …/cards`: a card is blocked, replaced or freed.
pub async fn cards(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = card_change(&office, &id, &posted);
    done(office, id, "cards", posted, asked).await
}

fn card_change(office: &Office, id: &str, posted: &Posted) -> Result<(&'static str, Change), Problem> {
    let member = member(&office.desk, id)?;
    let change = CardChange {
        card: posted.text("card").to_owned(),
        blocked: posted.text("act") != "free",
        replacement: word(posted, "replacement")?,
    };
    Ok(("members.cards", Change::SetCard { member, change }))
}

/// `POST …/tags`: those that are ticked stay or are added, the others go.
pub async fn tags(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = member(&office.desk, &id).map(|member| {
        let wanted: Vec<String> = posted.all("tag").map(str::to_owned).collect();
        let shown = posted.all("shown").filter(|tag| !wanted.iter().any(|kept| kept == tag));
        let remove = shown.map(str::to_owned).collect();
        ("members.tags", Change::SetTags { member, add: wanted, remove })
    });
    done(office, id, "tags", posted, asked).await
}

/// `POST …/tier`: a level is given, or what was given is taken back.
pub async fn tier(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = member(&office.desk, &id).and_then(|member| {
        let until = end_of_day(&office.desk, &posted, "until")?;
        let tier = posted.some("tier").map(str::to_owned);
        Ok(("members.tier", Change::SetTier { member, tier, until }))
    });
    done(office, id, "tier", posted, asked).await
}

/// `POST …/offers`: an offer is given or withdrawn.
pub async fn offers(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = member(&office.desk, &id).map(|member| {
        let offer = posted.text("offer").to_owned();
        match posted.text("act") {
            "withdraw" => ("offers.withdraw", Change::WithdrawOffer { member, offer }),
            _ => ("offers.give", Change::GiveOffer { member, offer }),
        }
    });
    done(office, id, "offers", posted, asked).await
}

/// `POST …/person`: the name, the birth date, the phones, the addresses; a card beside the others.
pub async fn person(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = patch(&office, &id, &posted).await;
    done(office, id, "person", posted, asked).await
}

async fn patch(office: &Office, id: &str, posted: &Posted) -> Result<(&'static str, Change), Problem> {
    let known = super::found(office, id).await?.person;
    let mut cards = known.cards;
    cards.extend(word(posted, "card")?);
    let patch = PersonPatch {
        name: Some(word(posted, "name")?),
        birth_date: Some(day(posted, "birth_date")?),
        phones: Some(words(posted, "phones")),
        emails: Some(words(posted, "emails")),
        cards: posted.some("card").map(|_| cards),
        ..PersonPatch::default()
    };
    Ok(("members.patch", Change::PatchMember { member: member(&office.desk, id)?, patch }))
}

/// `POST …/consents`: a consent is taken back on the member's word.
pub async fn consents(office: Office, Path(id): Path<String>, posted: Posted) -> Result<Response, Response> {
    let asked = withdrawal(&office, &id, &posted);
    done(office, id, "consents", posted, asked).await
}

fn withdrawal(office: &Office, id: &str, posted: &Posted) -> Result<(&'static str, Change), Problem> {
    let invalid = || Problem::of("form_invalid");
    let (purpose, channel) = posted.text("consent").split_once(':').ok_or_else(invalid)?;
    let purposes = [Purpose::Marketing, Purpose::PersonalData, Purpose::Profiling];
    let purpose = purposes.into_iter().find(|known| known.name() == purpose).ok_or_else(invalid)?;
    let proof = Proof {
        source: word(posted, "source")?,
        operator: Some(office.login().to_owned()),
        ..Proof::default()
    };
    let told = WithdrawalTold { purpose: Some(purpose), channel: Channel::by_name(channel), at: None, proof };
    let patch = PersonPatch { withdrawn: Some(told), ..PersonPatch::default() };
    let member = member(&office.desk, id)?;
    Ok(("members.consents.withdraw", Change::PatchMember { member, patch }))
}
