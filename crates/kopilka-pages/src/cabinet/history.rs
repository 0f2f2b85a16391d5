//! The account's history in words, the newest first.
//!
//! Invariant: only entries of this member's accounts are told, and of who wrote them nothing.

use super::frame::{Frame, Room};
use super::gate::Own;
use crate::answer::Page;
use crate::shown::Shown;
use crate::till::why;
use crate::visit::asked;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::ids::EntryId;
use kopilka_core::ledger::{Account, postings};
use kopilka_core::points::Points;
use kopilka_core::words::{self, Language};
use kopilka_service::rows::EntryRow;

/// Entries of a page.
const ROWS: usize = 30;

/// One entry.
pub struct Told {
    pub at: String,
    /// What the account has more or less; none where only dates moved.
    pub moved: Option<String>,
    pub is_less: bool,
    pub lines: Vec<String>,
    pub why: Vec<String>,
}

#[derive(Template)]
#[template(path = "cabinet/history.html")]
pub struct HistoryPage {
    pub frame: Frame,
    pub entries: Vec<Told>,
    pub next: Option<String>,
}

impl HistoryPage {
    pub fn sample(language: Language) -> HistoryPage {
        let told = |moved: &str, is_less| Told {
            at: "2026-03-01".to_owned(),
            moved: Some(moved.to_owned()),
            is_less,
            lines: vec!["<script>alert(1)</script>".to_owned()],
            why: vec!["—".to_owned()],
        };
        let entries = vec![told("+45", false), told("−200", true)];
        HistoryPage { frame: Frame::sample(language), entries, next: Some("e_1".to_owned()) }
    }
}

impl Told {
    /// `None` of an entry that says nothing to a member.
    fn of(row: &EntryRow, shown: &Shown) -> Option<Told> {
        let speaker = shown.speaker();
        let lines: Vec<String> = row.events.iter().filter_map(|e| words::movement(&speaker, e)).collect();
        if lines.is_empty() {
            return None;
        }
        let moved: i64 = row
            .events
            .iter()
            .flat_map(postings)
            .map(|p| {
                let own = |account| match account {
                    Account::Pending | Account::Available | Account::Held | Account::Debt => p.points.0,
                    _ => 0,
                };
                own(p.to) - own(p.from)
            })
            .sum();
        let moved = Points(moved);
        Some(Told {
            at: shown.moment(row.effective_at),
            moved: (!moved.is_zero()).then(|| shown.signed(moved)),
            is_less: moved < Points::ZERO,
            lines,
            why: why(&row.trace, &speaker),
        })
    }
}

/// `GET /cabinet/{slug}/history?before=…`.
pub async fn page(own: Own) -> Result<Response, Response> {
    let before = asked(&own.guest.path, "before").and_then(|text| EntryId::parse(&text));
    let (program, member) = (own.guest.program(), own.member);
    // One more than the page tells whether there is a next one.
    let rows = own.guest.desk.read(move |r| r.entries_of_all(program, member, before, ROWS + 1));
    let mut rows = rows.await.map_err(IntoResponse::into_response)?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let next = rows.last().filter(|_| more).map(|row| row.id.to_string());
    let shown = Shown::of(&own.guest.desk);
    let entries = rows.iter().filter_map(|row| Told::of(row, &shown)).collect();
    Ok(Page(HistoryPage { frame: Frame::of(&own.guest, Some(Room::History)), entries, next }).into_response())
}
