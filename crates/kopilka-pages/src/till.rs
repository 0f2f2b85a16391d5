//! The till: a sale of a member in three steps, and a sale that comes back.
//!
//! Invariant: every door here needs the right to write orders and nothing more, since that is what a cashier
//! has; of a person the till shows what a cashier needs to know whom they serve.

mod back;
mod buyer;
mod draft;
mod join;
mod recent;
mod sale;
mod sold;

pub use sold::why;

use crate::door::{Doors, Need};
use crate::samples::{Sample, of};
use kopilka_core::words::Language;
use kopilka_web::scopes::Scope;

/// What a cashier has.
pub const NEED: Need = Need::Scope(Scope::OrdersWrite);

pub fn doors(doors: Doors) -> Doors {
    doors
        .get("/till", NEED, buyer::page)
        .ask("/till/find", NEED, buyer::find)
        .post("/till/register", NEED, join::register)
        .ask("/till/count", NEED, sale::count)
        .post("/till/code", NEED, sale::send_code)
        .post("/till/sales/{order}", NEED, sold::sell)
        .get("/till/back", NEED, back::page)
        .post("/till/sales/{order}/back", NEED, back::take_back)
}

/// Every page of the till with made-up content.
pub fn samples(language: Language) -> Vec<Sample> {
    vec![
        of("till", buyer::StartPage::sample(language)),
        of("till-nobody", buyer::StartPage::sample_of_nobody(language)),
        of("till-sale", sale::SalePage::sample(language)),
        of("till-count", sale::CountPage::sample(language)),
        of("till-count-code", sale::CountPage::sample_with_code(language)),
        of("till-sold", sold::SoldPage::sample(language)),
        of("till-back", back::BackPage::sample(language)),
        of("till-took-back", back::TookBackPage::sample(language)),
    ]
}
