//! `/admin/try`: a cart and a member, a date, and what the version in force says of them.

use crate::answer::Page;
use crate::frame::Frame;
use crate::posted::Posted;
use crate::sections::Section;
use crate::trial::{CartForm, Trial, TrialPart};
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::words::Language;

#[derive(Template)]
#[template(path = "admin/try.html")]
pub struct TryPage {
    pub frame: Frame,
    pub lists: Vec<(&'static str, Vec<String>)>,
    pub cart: CartForm,
    pub trial: Trial,
}

impl TryPage {
    pub fn sample(language: Language) -> TryPage {
        TryPage {
            frame: Frame::sample(language),
            lists: vec![("levels", vec!["gold".to_owned()])],
            cart: CartForm::sample(),
            trial: Trial { of_draft: false, ..Trial::sample(language) },
        }
    }
}

async fn drawn(office: &Office, cart: CartForm) -> TryPage {
    let trial = Trial::of(&office.desk, &cart, None).await;
    let tiers = office.desk.program.tiers.as_ref();
    let levels = tiers.map_or_else(Vec::new, |t| t.levels.iter().map(|level| level.id.to_string()).collect());
    let frame = Frame::of(&office.visit, Some(Section::Try));
    TryPage { lists: vec![("levels", levels)], frame, cart, trial }
}

pub async fn page(office: Office) -> Response {
    let cart = CartForm::begin(&office.desk);
    Page(drawn(&office, cart).await).into_response()
}

pub async fn ask(office: Office, posted: Posted) -> Response {
    let page = drawn(&office, CartForm::of(&posted)).await;
    match office.visit.part {
        true => Page(TrialPart { frame: page.frame, trial: page.trial }).into_response(),
        false => Page(page).into_response(),
    }
}
