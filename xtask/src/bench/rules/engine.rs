//! Our side in process: the way of `POST /v1/quote` without the socket and the database.
//!
//! The body is read as the API reads it, the core quotes it for a guest, and the whole answer of the API is
//! written: receipt rows, the line to read aloud and all.

use super::fixture::{Fixture, SLUG, document};
use kopilka_core::book::{self, Book};
use kopilka_core::decide::{Context, Quote};
use kopilka_core::ids::MemberId;
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::order::{OrderBody, OrderKey};
use kopilka_core::program::{Program, Versions, compile};
use kopilka_core::time::Instant;
use kopilka_core::words::{Language, Speaker};
use kopilka_service::QuoteAnswer;
use kopilka_web::json;
use kopilka_web::wire::answer::QuoteView;
use kopilka_web::wire::order::OrderWire;
use std::sync::Arc;

/// A document has room for a few thousand promotions as wordy as these; more come from several documents.
const PER_DOCUMENT: usize = 1_000;

pub struct Engine {
    versions: Versions,
    program: Arc<Program>,
    book: Book,
    now: Instant,
}

impl Engine {
    pub fn new(fixture: &Fixture) -> Result<Engine, String> {
        let mut whole: Option<Program> = None;
        for some in fixture.promotions.chunks(PER_DOCUMENT) {
            let compiled = compile(&document(some));
            let program = compiled.program.ok_or_else(|| format!("{SLUG}: {:?}", compiled.diagnostics))?;
            match &mut whole {
                Some(whole) => whole.discounts.extend(program.discounts),
                None => whole = Some(program),
            }
        }
        let program = Program { version: 1, ..whole.ok_or("no promotions")? };
        let now = program.zone.start_of(fixture.today);
        let versions = Versions::only(program);
        let program = versions.newest().cloned().ok_or("no program")?;
        let guest = Member { status: MemberStatus::Guest, ..Member::new(MemberId(0)) };
        Ok(Engine { versions, program, book: Book::new(guest), now })
    }

    pub fn body(&self, text: &str) -> Result<OrderBody, String> {
        let wire: OrderWire = json::question(text.as_bytes()).map_err(|problem| format!("{problem:?}"))?;
        let key = OrderKey { shop: "main".into(), order: "quote".into() };
        wire.body(&self.program, key).map_err(|problem| format!("{problem:?}"))
    }

    pub fn quote(&self, body: &OrderBody) -> Result<Quote, String> {
        let ctx = Context { versions: &self.versions, now: self.now };
        book::quote(ctx, &self.book, body).map_err(|refusal| format!("{refusal:?}"))
    }

    /// JSON in, JSON out.
    pub fn answer(&self, text: &str) -> Result<String, String> {
        let ctx = Context { versions: &self.versions, now: self.now };
        let quote = book::quote_of(ctx, self.book.clone(), self.body(text)?, false);
        let quote = quote.map_err(|refusal| format!("{refusal:?}"))?;
        let answer =
            QuoteAnswer { quote, member: None, code_required: false, contact_needed: false, now: self.now };
        let speaker = Speaker { program: &self.program, language: Language::En };
        let view = QuoteView::of(&answer, &speaker, false);
        let written = json::written(&view, view.room()).map_err(|e| e.to_string())?;
        String::from_utf8(written.into_bytes()).map_err(|e| e.to_string())
    }
}
