//! A new member in one step: a phone, and a card where one is handed over.
//!
//! Invariant: whoever is known already is found and gets nothing twice, as with the API's registration.

use super::buyer::{Join, StartPage};
use super::draft::Draft;
use super::recent;
use super::sale::SalePage;
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::shown::Shown;
use crate::visit::Office;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Purpose;
use kopilka_core::decide::Outcome;
use kopilka_core::points::Points;
use kopilka_service::rows::Proof;
use kopilka_service::{Change, ConsentTold, Registration};
use kopilka_web::app::Envelope;

pub async fn register(office: Office, posted: Posted) -> Result<Response, Response> {
    let text = |name: &str| posted.some(name).map(str::to_owned);
    let (phone, card, name) = (text("phone"), text("card"), text("name"));
    let consents = match posted.is_set("agrees") {
        true => vec![ConsentTold {
            purpose: Purpose::PersonalData,
            channel: None,
            at: None,
            proof: Proof {
                source: Some("till".to_owned()),
                operator: Some(office.login().to_owned()),
                ..Proof::default()
            },
        }],
        false => Vec::new(),
    };
    let registration = Registration {
        phones: phone.iter().cloned().collect(),
        cards: card.iter().cloned().collect(),
        name: name.clone(),
        language: Some(office.desk.language.tag().to_owned()),
        consents,
        ..Registration::default()
    };
    let parts = [&phone, &card, &name].map(|part| part.as_deref().unwrap_or_default().as_bytes());
    let envelope = Envelope {
        endpoint: "till.register",
        key: posted.some("once").map(str::to_owned),
        input_hash: kopilka_web::hash::of(&parts),
        operator: Some(office.login().to_owned()),
        reason: None,
    };
    let who = card.as_deref().or(phone.as_deref()).unwrap_or_default().to_owned();
    let frame = Frame::of(&office.visit, None);
    if phone.is_none() {
        return again_with(&office, &posted, frame.say("till-phone-needed"), "phone_needed").await;
    }
    match office.desk.write(envelope, Change::Register(registration)).await {
        Ok(done) => {
            let notice = match (done.existed, &done.outcome) {
                (true, _) => frame.say("till-known"),
                (false, Outcome::Registered { points }) if *points > Points::ZERO => {
                    frame.say_of("till-welcome", &Shown::of(&office.desk).points(*points))
                }
                _ => frame.say("till-registered"),
            };
            let frame = frame.with_notice(Tone::Good, notice);
            let page = SalePage::of(&office, Draft::new(&who), done.member, frame).await?;
            Ok(Page(page).into_response())
        }
        Err(problem) => {
            let text = office.desk.language.of(&problem.detail).to_owned();
            again_with(&office, &posted, text, problem.code).await
        }
    }
}

async fn again_with(
    office: &Office,
    posted: &Posted,
    text: String,
    code: &'static str,
) -> Result<Response, Response> {
    let frame = Frame::of(&office.visit, None).with_notice(Tone::Bad, text);
    let field = |name: &str| posted.text(name).to_owned();
    let join = Join { phone: field("phone"), card: field("card"), name: field("name") };
    let recent = recent::of(office).await?;
    Ok(again(StartPage { frame, who: String::new(), join: Some(join), recent }, code))
}
