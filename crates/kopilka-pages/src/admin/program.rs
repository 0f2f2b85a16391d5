//! `/admin/program`: the rules as cards, and the ways to change them.
//!
//! Invariant: the document is the truth. A card shows a part of it, a change writes that part of it, and
//! nothing is in force before it is published.

mod answers;
mod begin;
mod beginning;
mod card;
mod cards;
mod compare;
mod fields;
mod filled;
mod known;
mod month;
mod overview;
mod preview;
mod problems;
mod starters;
mod text;
pub mod work;

pub use cards::{Ruled, ruled};
pub use month::AGAIN;
pub use problems::Said;
pub use work::DRAFT;

use crate::door::{Doors, Need};
use crate::samples::{Sample, of};
use kopilka_core::words::Language;
use kopilka_web::scopes::Scope;

const READS: Need = Need::Scope(Scope::ProgramRead);
/// It shows what the shop sells.
const SUMS: Need = Need::Scope(Scope::ReportsRead);
const WRITES: Need = Need::Scope(Scope::ProgramWrite);

pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/admin/program", READS, overview::page)
        .post("/admin/program/change", WRITES, overview::change)
        .get("/admin/program/new", WRITES, begin::page)
        .post("/admin/program/begin", WRITES, begin::begin)
        .get("/admin/program/card", WRITES, card::page)
        .post("/admin/program/card", WRITES, card::change)
        .ask("/admin/program/preview", WRITES, preview::part)
        .get("/admin/program/text", READS, text::page)
        .post("/admin/program/text", WRITES, text::save)
        .get("/admin/program/file", READS, text::file)
        .get("/admin/program/publish", WRITES, compare::page)
        .post("/admin/program/publish", WRITES, compare::publish)
        .get("/admin/program/month", SUMS, month::page)
        .ask("/admin/program/month", SUMS, month::begin)
        .get("/admin/program/versions", READS, compare::versions)
        .post("/admin/program/back", WRITES, compare::back)
        .get("/admin/program/answers", Need::Scope(Scope::Quote), answers::page)
}

pub fn samples(language: Language) -> Vec<Sample> {
    vec![
        of("program", overview::ProgramPage::sample(language)),
        of("program-begin", begin::BeginPage::sample(language)),
        of("program-card", card::CardPage::sample(language)),
        of("program-preview", preview::sample(language)),
        of("program-text", text::TextPage::sample(language)),
        of("program-publish", compare::PublishPage::sample(language)),
        of("program-versions", compare::VersionsPage::sample(language)),
        of("program-month", month::MonthPage::sample(language)),
        of("program-month-running", month::MonthPage::sample_running(language)),
        of("program-answers", answers::AnswersPage::sample(language)),
    ]
}
