//! What is known of a member, what they agreed to, and a copy of all of it.
//!
//! Invariant: a consent is recorded with where and how it was given, and taking one back is as easy as giving
//! it.

use super::frame::{Frame, Room};
use super::gate::Own;
use super::gifts::envelope;
use super::home;
use crate::answer::{Page, again, file};
use crate::frame::Tone;
use crate::posted::Posted;
use crate::shown::Shown;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::refusal::Refusal;
use kopilka_core::words::Language;
use kopilka_service::rows::{Person, Proof, live};
use kopilka_service::{Change, ConsentTold, MemberRef, PersonPatch, ServiceError, WithdrawalTold};
use kopilka_web::export::{Asked, export as exported};
use kopilka_web::problem::Problem;

/// Something that may be agreed to.
pub struct ConsentShown {
    /// What the form sends: a purpose, and a channel where one belongs to it.
    pub purpose: &'static str,
    pub channel: &'static str,
    pub label: String,
    /// Since when it holds, where it does.
    pub since: Option<String>,
}

#[derive(Template)]
#[template(path = "cabinet/me.html")]
pub struct MePage {
    pub frame: Frame,
    /// Label and what is known.
    pub known: Vec<(String, String)>,
    pub consents: Vec<ConsentShown>,
    pub once: String,
}

impl MePage {
    pub fn sample(language: Language) -> MePage {
        let frame = Frame::sample(language);
        let consent = |since: Option<&str>| ConsentShown {
            purpose: "marketing",
            channel: "sms",
            label: frame.say("cabinet-consent-marketing-sms"),
            since: since.map(str::to_owned),
        };
        let known = vec![(frame.say("cabinet-name"), "<script>alert(1)</script>".to_owned())];
        MePage { known, consents: vec![consent(None), consent(Some("—"))], once: "o".to_owned(), frame }
    }
}

/// What this member may be asked: channels they have an address for, and the two that need none.
fn asked(person: &Person) -> Vec<(Purpose, Option<Channel>)> {
    let mut asked = Vec::new();
    let mut channel = |is_there: bool, channel| {
        if is_there {
            asked.push((Purpose::Marketing, Some(channel)));
        }
    };
    channel(!person.emails.is_empty(), Channel::Email);
    channel(!person.phones.is_empty(), Channel::Sms);
    channel(!person.phones.is_empty(), Channel::Call);
    channel(person.telegram.is_some(), Channel::Telegram);
    asked.extend([(Purpose::Profiling, None), (Purpose::PersonalData, None)]);
    for consent in live(&person.consents) {
        if !asked.contains(&(consent.purpose, consent.channel)) {
            asked.push((consent.purpose, consent.channel));
        }
    }
    asked
}

async fn drawn(own: &Own, notice: Option<(Tone, String)>) -> Result<MePage, Response> {
    let (_, person) = home::read(&own.guest, own.member).await?;
    let frame = Frame { notice, ..Frame::of(&own.guest, Some(Room::Me)) };
    let shown = Shown::of(&own.guest.desk);
    let holds = live(&person.consents);
    let consent = |(purpose, channel): (Purpose, Option<Channel>)| {
        let held = holds.iter().find(|held| (held.purpose, held.channel) == (purpose, channel));
        let (name, by) = (purpose.name().replace('_', "-"), channel.map_or("", Channel::name));
        let key = format!("cabinet-consent-{name}{}{by}", if by.is_empty() { "" } else { "-" });
        ConsentShown {
            purpose: purpose.name(),
            channel: by,
            label: frame.say(&key),
            since: held.map(|held| frame.say_of("cabinet-since", &shown.moment(held.at))),
        }
    };
    let consents = asked(&person).into_iter().map(consent).collect();
    let mut known = Vec::new();
    let mut fact = |key: &str, values: Vec<String>| {
        known.extend(values.into_iter().map(|value| (frame.say(key), value)));
    };
    fact("cabinet-name", person.name.iter().cloned().collect());
    fact("cabinet-birthday", person.birth_date.map(|day| shown.day(day)).into_iter().collect());
    fact("cabinet-phone", person.phones.clone());
    fact("cabinet-email", person.emails.clone());
    fact("cabinet-card-number", person.cards.clone());
    Ok(MePage { known, consents, once: frame.once(), frame })
}

pub async fn page(own: Own) -> Result<Response, Response> {
    Ok(Page(drawn(&own, None).await?).into_response())
}

/// `POST /cabinet/{slug}/me/consents`.
pub async fn consent(own: Own, posted: Posted) -> Result<Response, Response> {
    match recorded(&own, &posted).await {
        Ok(()) => {
            let text = crate::Words(own.guest.look.language).say("cabinet-saved");
            Ok(Page(drawn(&own, Some((Tone::Good, text))).await?).into_response())
        }
        Err(problem) => {
            let notice = Some((Tone::Bad, own.guest.told(&problem)));
            Ok(again(drawn(&own, notice).await?, problem.code))
        }
    }
}

async fn recorded(own: &Own, posted: &Posted) -> Result<(), Problem> {
    let invalid = || Problem::of("form_invalid");
    let purposes = [Purpose::Marketing, Purpose::PersonalData, Purpose::Profiling];
    let purpose = purposes.into_iter().find(|purpose| purpose.name() == posted.text("purpose"));
    let purpose = purpose.ok_or_else(invalid)?;
    let channel =
        posted.some("channel").map(|name| Channel::by_name(name).ok_or_else(invalid)).transpose()?;
    let gives = posted.text("act") == "give";
    let proof = Proof {
        source: Some("cabinet".to_owned()),
        user_agent: Some(own.guest.agent.clone()).filter(|agent| !agent.is_empty()),
        proof: Some(format!("session by {}", own.session.by.name())),
        ..Proof::default()
    };
    let told = PersonPatch {
        consents: match gives {
            true => vec![ConsentTold { purpose, channel, at: None, proof: proof.clone() }],
            false => Vec::new(),
        },
        withdrawn: (!gives).then_some(WithdrawalTold { purpose: Some(purpose), channel, at: None, proof }),
        ..PersonPatch::default()
    };
    let input = format!("{} {} {gives}", purpose.name(), channel.map_or("", Channel::name));
    let envelope = envelope(own, "cabinet.consents", posted, &input)?;
    let change = Change::PatchMember { member: MemberRef::Id(own.member), patch: told };
    own.guest.desk.write(envelope, change).await.map(drop)
}

/// `GET /cabinet/{slug}/me/export`: all that is known, as a file.
pub async fn export(own: Own) -> Result<Response, Response> {
    let desk = &own.guest.desk;
    let (id, program, now, language) = (own.guest.program(), desk.program.clone(), desk.now, desk.language);
    let member = own.member;
    let found =
        desk.read(move |r| exported(r, &Asked { id, member, program: &program, now, language })).await;
    let found = found.map_err(IntoResponse::into_response)?;
    let found = found.ok_or_else(|| desk.refused(&Refusal::MemberUnknown).into_response())?;
    let failed = |e: serde_json::Error| desk.failed(ServiceError::Storage(format!("an export: {e}")));
    let bytes = serde_json::to_vec_pretty(&found).map_err(|e| failed(e).into_response())?;
    Ok(file("my-data.json", "application/json", bytes))
}
