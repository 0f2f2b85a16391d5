//! The document's own tests, run on a virtual clock through the one path of every command.
//!
//! Invariant: a test calls [`crate::book::execute`] and nothing else, so what it proves holds for live
//! orders.

mod network;
mod person;
mod read;
mod run;

use super::Text;
use super::diagnostics::Place;
use crate::attribute::Attributes;
use crate::coupon::{CouponCode, CouponRefusal};
use crate::decide::Adjustment;
use crate::member::PersonFacts;
use crate::money::Money;
use crate::order::{OrderBody, ReturnBody};
use crate::points::Points;
use crate::time::Instant;
pub(crate) use read::read_tests;
pub use run::run;

/// The shop of a test's orders when a step names none.
pub const TEST_SHOP: &str = "test";
/// Until a step says when, it is the beginning of this year in the program's zone.
pub const TEST_YEAR: i16 = 2026;

/// One test: a member, and what happens to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    pub name: String,
    pub place: Place,
    /// Registers at the first step, which gives what the program gives for registering; otherwise the
    /// member was there before.
    pub registers: bool,
    /// Somebody brought the member.
    pub referred: bool,
    /// Which of the two the member is, where the program sets a control group aside.
    pub in_control_group: bool,
    pub person: PersonFacts,
    pub steps: Vec<Step>,
}

/// One step; without a time it happens at the moment of the step before it.
#[derive(Debug, Clone, PartialEq)]
pub struct Step {
    pub place: Place,
    pub at: Option<Instant>,
    pub action: Action,
}

#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// Time passes.
    Wait,
    Order(Box<OrderBody>),
    Return(ReturnBody),
    Cancel(crate::order::OrderKey),
    Adjust(Adjustment),
    /// To a member that the test knows nothing else of.
    Transfer(Points),
    Happen(crate::ShortText, Attributes),
    /// This became known of the member, beside what was.
    Person(PersonFacts),
    Claim(crate::ShortText),
    Settle {
        claim: u32,
        handed_over: bool,
    },
    GiveOffer(crate::ShortText),
    ActivateOffer(crate::ShortText),
    WithdrawOffer(crate::ShortText),
    IssueGiftCard {
        code: CouponCode,
        amount: crate::money::Money,
    },
    Expect(Vec<Expected>),
}

/// One figure that must hold.
#[derive(Debug, Clone, PartialEq)]
pub struct Expected {
    pub place: Place,
    pub figure: Figure,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Figure {
    Pending(Points),
    Available(Points),
    Held(Points),
    Debt(Points),
    /// Available less debt.
    Balance(Points),
    Expired(Points),
    /// Less what came back.
    Spent(Points),
    Issued(Points),
    /// What the last order brings by now.
    Earned(Points),
    /// What all discounts took off the last order.
    Discount(crate::money::Money),
    /// Money due for what remains of the last order.
    ToPay(crate::money::Money),
    /// Pieces given with the last order.
    Gifts(i64),
    /// What gift cards pay for what remains of the last order.
    PaidByGiftCards(crate::money::Money),
    /// What is left on all cards of the test.
    GiftCardsLeft(crate::money::Money),
    /// The first refused coupon of the last order, and why.
    CouponRefused(CouponRefusal),
    /// What each referrer was given, less what was taken back; from the first level on.
    Referrers(Vec<Points>),
    /// Money that the last return gave back.
    Refund(Money),
    /// The offers that act, in order of their names.
    Offers(Vec<String>),
    /// All marks, in order of their names.
    Tags(Vec<String>),
    /// All messages that rules sent, in order of their names.
    Messages(Vec<String>),
    /// All that rules told the shop's systems, in order of the names.
    Webhooks(Vec<String>),
    /// All segments, in order of their names.
    Segments(Vec<String>),
    /// Campaigns of the codes that were given.
    Coupons(Vec<String>),
    /// The member's level.
    Tier(String),
    /// The step above was refused with this code.
    Refused(String),
}

/// What a test came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestResult {
    pub name: String,
    /// Of the test itself.
    pub place: Place,
    /// Empty when it passed.
    pub failures: Vec<Failure>,
}

impl TestResult {
    pub fn passed(&self) -> bool {
        self.failures.is_empty()
    }
}

/// What was otherwise than expected, and where the document expects it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    pub place: Place,
    pub what: Text,
}
