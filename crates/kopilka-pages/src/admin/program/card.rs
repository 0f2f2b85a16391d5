//! One card as a form: its fields, what is wrong beside each, and what the rules would give beside it.

use super::beginning::Beginnings;
use super::cards::BASICS;
use super::fields::{Field, Fields, Row, put_problems};
use super::known::{Known, products};
use super::overview::filled_address;
use super::problems::{self, Said, is_within};
use super::work::{self, Work};
use super::{filled, preview};
use crate::answer::{Page, again};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::trial::{CartForm, Trial};
use crate::visit::{Office, asked, back_to};
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::program::document;
use kopilka_core::program::document::vocabulary::{self, Block, Kind};
use kopilka_core::program::source::Source;
use kopilka_core::words::Language;
use kopilka_web::problem::Problem;

#[derive(Template)]
#[template(path = "admin/program_card.html")]
pub struct CardPage {
    pub frame: Frame,
    /// JSON pointer of the card's part.
    pub at: String,
    pub title: String,
    pub revision: i64,
    pub rows: Vec<Row>,
    /// Problems that no field holds.
    pub problems: Vec<Said>,
    /// The part as it stands in the document.
    pub raw: String,
    pub lines: usize,
    pub lists: Vec<(&'static str, Vec<String>)>,
    pub cart: CartForm,
    pub trial: Trial,
}

impl CardPage {
    pub fn sample(language: Language) -> CardPage {
        let text = "program: shop\ncurrency: RUB\nrules:\n  - id: cashback\n    note: \"<script>alert(1)</script>\"\n    when: { schedule: { every: week, weekday: mon } }\n    if: { all: [{ weekday: [sat, sun] }, { any: [{ age: { from: 18 } }, { tier: [gold] }] }] }\n    then: [{ credit: { points: 5, expires: { end_of: year } } }, { multiply: { by: 1 } }]\n";
        let frame = Frame::sample(language);
        let work = Work { text: text.to_owned(), revision: 2, by: None };
        let compiled = document::check(text);
        let found = problems::said(&compiled.diagnostics, frame.words);
        let source = work.source().unwrap_or_else(|| unreachable!("the sample has a tree"));
        let known = Known::of(&source, &[]);
        let shape = Shape { source: &source, known: &known, found };
        let cart = CartForm::sample();
        CardPage::of(frame, "/rules/0", work.revision, shape, (cart, Trial::sample(language)))
    }

    fn of(
        frame: Frame,
        at: &str,
        revision: i64,
        shape: Shape<'_>,
        (cart, trial): (CartForm, Trial),
    ) -> CardPage {
        let Shape { source, known, found } = shape;
        let rows = rows(&frame, source, known, at);
        let part = source.part(at).unwrap_or(&source.root);
        let about = |said: &Said| match at.is_empty() {
            true => said.at.is_empty() || BASICS.iter().any(|word| is_within(said, &format!("/{word}"))),
            false => is_within(said, at),
        };
        let mut rows = rows;
        let found = put_problems(&mut rows, found.into_iter().filter(about).collect());
        let raw = if at.is_empty() { String::new() } else { source.alone(part) };
        CardPage {
            at: at.to_owned(),
            title: title(&frame, source, at),
            revision,
            rows,
            problems: found,
            lines: raw.lines().count().clamp(2, 30),
            raw,
            lists: known.lists.iter().filter(|(_, list)| !list.is_empty()).cloned().collect(),
            cart,
            trial,
            frame,
        }
    }
}

/// What a card is made of.
struct Shape<'a> {
    source: &'a Source,
    known: &'a Known,
    found: Vec<Said>,
}

fn rows(frame: &Frame, source: &Source, known: &Known, at: &str) -> Vec<Row> {
    let mut fields = Fields {
        source,
        known,
        language: frame.words.0,
        rows: Vec::new(),
        add_condition: frame.say("card-add-condition"),
        add_item: frame.say("card-add-item"),
        add_word: frame.say("card-add-word"),
    };
    let Some(part) = source.part(at) else { return Vec::new() };
    if at.is_empty() {
        fields.settings(part, |word| BASICS.contains(&word));
        return fields.rows;
    }
    match filled::block_at(source, at) {
        Some(block) if !part.entries().is_empty() => fields.words(part, block, at),
        _ => {
            // A setting that is no map: a list of marks, groups, the fields of a profile.
            let word = at.rsplit_once('/').map_or("", |(_, word)| word);
            let kind = vocabulary::find(Block::Document, word).map_or(Kind::Text, |word| word.kind);
            fields.of_kind(part, kind, at, (Block::Document, word));
        }
    }
    fields.rows
}

fn title(frame: &Frame, source: &Source, at: &str) -> String {
    let part = source.part(at);
    let own = part.map(|part| match part.said("id") {
        "" => part.said("name").to_owned(),
        id => id.to_owned(),
    });
    match own.filter(|own| !own.is_empty() && !at.is_empty()) {
        Some(own) => own,
        None if at.is_empty() => frame.say("program-basics"),
        None => {
            let word = at.trim_start_matches('/');
            let meaning = vocabulary::find(Block::Document, word).map(|word| word.meaning());
            let text = meaning.map_or_else(|| word.to_owned(), |text| frame.words.0.of(&text).to_owned());
            kopilka_core::program::terms::capital(&text)
        }
    }
}

/// The card of a text, with the fields as they are in it.
async fn drawn(
    office: &Office,
    frame: Frame,
    at: &str,
    (text, revision): (&str, i64),
    cart: CartForm,
) -> Result<CardPage, Response> {
    let desk = &office.desk;
    let gone = || Problem::of("form_invalid").into_response();
    let source = Source::read(text).ok_or_else(gone)?;
    source.part(at).filter(|_| at.is_empty() || at.starts_with('/')).ok_or_else(gone)?;
    let goods = products(desk).await.map_err(IntoResponse::into_response)?;
    let known = Known::of(&source, &goods);
    let compiled = work::checked(text).await;
    let found = problems::said(&compiled.diagnostics, frame.words);
    // A test that fails hides no receipt.
    let trial = preview::tried(desk, &frame, &cart, &kopilka_core::program::compile(text)).await;
    let shape = Shape { source: &source, known: &known, found };
    Ok(CardPage::of(frame, at, revision, shape, (cart, trial)))
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let at = asked(&office.visit.path, "at").unwrap_or_default();
    let frame = Frame::of(&office.visit, Some(Section::Program));
    let work = work::work(&office.desk).await.map_err(IntoResponse::into_response)?;
    let cart = CartForm::begin(&office.desk);
    let page = drawn(&office, frame, &at, (&work.text, work.revision), cart).await?;
    Ok(Page(page).into_response())
}

/// Keeps what the fields say, and does what the button says.
pub async fn change(office: Office, posted: Posted) -> Result<Response, Response> {
    let desk = &office.desk;
    let at = posted.text("at").to_owned();
    let work = work::work(desk).await.map_err(IntoResponse::into_response)?;
    let seen: i64 = posted.text("revision").parse().unwrap_or(-1);
    let frame = Frame::of(&office.visit, Some(Section::Program));
    let cart = CartForm::of(&posted);
    let told = match written(desk, &work, &at, &posted).await? {
        Ok(text) => text,
        Err(key) => {
            let frame = frame.clone().with_notice(Tone::Bad, frame.say(key));
            let mut page = drawn(&office, frame, &at, (&work.text, work.revision), cart).await?;
            page.raw = posted.raw("whole").replace('\r', "");
            return Ok(again(page, "document_unreadable"));
        }
    };
    match work::keep(desk, seen, &work, told, office.login()).await {
        Ok(()) => Ok(back_to(&format!("{}&done=draft-saved", filled_address(&at)))),
        Err(problem) => {
            let frame = frame.with_notice(Tone::Bad, desk.language.of(&problem.detail));
            let page = drawn(&office, frame, &at, (&work.text, work.revision), cart).await?;
            Ok(again(page, problem.code))
        }
    }
}

/// The document with what was posted; a key of words where it cannot be.
async fn written(
    desk: &kopilka_web::app::Desk,
    work: &Work,
    at: &str,
    posted: &Posted,
) -> Result<Result<String, &'static str>, Response> {
    let Some(source) = work.source().filter(|source| source.part(at).is_some()) else {
        return Ok(Err("program-place-gone"));
    };
    let goods = products(desk).await.map_err(IntoResponse::into_response)?;
    let known = Known::of(&source, &goods);
    let begin = Beginnings { known: &known, today: desk.program.zone.day_of(desk.now) };
    let act = posted.text("act");
    if act == "whole" {
        let told = posted.raw("whole").replace('\r', "");
        let text = source.replaced(at, told.trim()).unwrap_or_default();
        return Ok(if fits(&text, at) { Ok(text) } else { Err("card-whole-wrong") });
    }
    let text = filled::applied(&source, posted, &begin);
    if !fits(&text, at) {
        return Ok(Err("card-whole-wrong"));
    }
    if act.is_empty() || act == "save" {
        return Ok(Ok(text));
    }
    let done = Source::read(&text).and_then(|source| filled::acted(&source, act, posted, &begin));
    Ok(done.ok_or("program-place-gone"))
}

/// The text still has a tree, and the card its place in it.
fn fits(text: &str, at: &str) -> bool {
    Source::read(text).is_some_and(|source| source.part(at).is_some())
}
