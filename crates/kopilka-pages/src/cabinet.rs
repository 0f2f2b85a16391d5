//! The cabinet: what a member sees of their own account, and does there.
//!
//! Invariant: a page here shows and changes what belongs to the one member of its session; no address and no
//! form names another.

mod barcode;
mod enter;
mod frame;
mod friends;
mod gate;
mod gifts;
mod history;
mod home;
mod me;
mod pending;
mod session;

pub use gate::{Entry, Gates};

use crate::samples::{Sample, of};
use kopilka_core::words::Language;
use kopilka_web::App;
use std::sync::Arc;

pub fn gates(app: &Arc<App>) -> Gates {
    Gates::new(app.clone())
        .get("/cabinet/{slug}", Entry::Anybody, home::page)
        .post("/cabinet/{slug}/look", Entry::Anybody, enter::choose_look)
        .post("/cabinet/{slug}/code", Entry::Anybody, enter::send_code)
        .post("/cabinet/{slug}/enter", Entry::Anybody, enter::tell_code)
        .open("/cabinet/{slug}/open", enter::open)
        .post("/cabinet/{slug}/leave", Entry::Anybody, enter::leave)
        .get("/cabinet/{slug}/history", Entry::Reading, history::page)
        .get("/cabinet/{slug}/gifts", Entry::Spending, gifts::page)
        .post("/cabinet/{slug}/gifts/claim", Entry::Spending, gifts::claim)
        .post("/cabinet/{slug}/gifts/activate", Entry::Spending, gifts::activate)
        .get("/cabinet/{slug}/friends", Entry::Member, friends::page)
        .get("/cabinet/{slug}/me", Entry::Member, me::page)
        .post("/cabinet/{slug}/me/consents", Entry::Member, me::consent)
        .get("/cabinet/{slug}/me/export", Entry::Member, me::export)
}

/// Every page of the cabinet with made-up content.
pub fn samples(language: Language) -> Vec<Sample> {
    vec![
        of("cabinet-enter", enter::EnterPage::sample(language)),
        of("cabinet-code", enter::EnterPage::sample_of_code(language)),
        of("cabinet", home::HomePage::sample(language)),
        of("cabinet-history", history::HistoryPage::sample(language)),
        of("cabinet-gifts", gifts::GiftsPage::sample(language)),
        of("cabinet-friends", friends::FriendsPage::sample(language)),
        of("cabinet-me", me::MePage::sample(language)),
        of("cabinet-problem", gate::ProblemPage::sample(language)),
    ]
}
