//! What the rules being written would give for a cart: asked of the engine, never published.

use super::beginning::Beginnings;
use super::known::Known;
use super::{filled, problems, work};
use crate::answer::Page;
use crate::frame::Frame;
use crate::posted::Posted;
use crate::trial::{CartForm, Trial, TrialPart};
use crate::visit::Office;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::Compiled;
use kopilka_core::words::Language;
use kopilka_web::app::Desk;

#[derive(Template)]
#[template(path = "admin/program_preview.html")]
struct PreviewSample {
    frame: Frame,
    trial: Trial,
}

/// The part in a page, as tests read it.
pub fn sample(language: Language) -> impl Template {
    PreviewSample { frame: Frame::sample(language), trial: Trial::sample(language) }
}

/// The receipt of a cart under a document; what is wrong with the document where it has errors.
pub async fn tried(desk: &Desk, frame: &Frame, cart: &CartForm, compiled: &Compiled) -> Trial {
    match &compiled.program {
        Some(program) => Trial::of(desk, cart, Some(program.clone())).await,
        // A test of the document that fails hides no receipt: the rules themselves can be read.
        None => Trial::refused(problems::said(&compiled.diagnostics, frame.words)),
    }
}

/// `POST /admin/program/preview`: asked while the form is filled in.
pub async fn part(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, None);
    let text = match work.source() {
        Some(source) => {
            let known = Known::of(&source, &[]);
            let begin = Beginnings { known: &known, today: desk.program.zone.day_of(desk.now) };
            filled::applied(&source, &posted, &begin)
        }
        None => work.text,
    };
    // The document's own tests are for publishing: while one writes, the figures are what matters.
    let compiled = tokio::task::spawn_blocking(move || kopilka_core::program::compile(&text)).await;
    let compiled = compiled.unwrap_or_else(|_| kopilka_core::program::compile(""));
    let trial = tried(desk, &frame, &CartForm::of(&posted), &compiled).await;
    Ok(Page(TrialPart { frame, trial }).into_response())
}
