//! Why a row was not used, or not quite as it stands: counted by reason, so that nothing is lost silently.

use std::collections::BTreeMap;

/// A reason. A row can have several: a return of a service code that also found no purchase has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    NoCustomer,
    OtherDocument,
    /// An article that is not goods; position in the map's codes.
    NotGoods(u16),
    ReturnUnmatched,
    NegativePrice,
    NegativeQuantity,
    ZeroQuantity,
    /// The order id was used before by another customer.
    OrderOfAnotherCustomer,
    /// The engine refused the order or return, with its code.
    OrderRefused(&'static str),
    ReturnRefused(&'static str),
    ReturnInPart,
    PriceFinerThanMinorUnit,
    Delivery(u16),
    GiftCard(u16),
    ZeroAmount,
}

/// Whether a row with the reason took part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Used {
    No,
    InPart,
    /// Whole, but not as plain goods.
    Otherwise,
}

impl Reason {
    /// The stable word in the report.
    pub fn code(self) -> &'static str {
        match self {
            Reason::NoCustomer => "no_customer",
            Reason::OtherDocument => "neither_order_nor_return",
            Reason::NotGoods(_) => "not_goods",
            Reason::ReturnUnmatched => "return_without_purchase",
            Reason::NegativePrice => "negative_price",
            Reason::NegativeQuantity => "negative_quantity",
            Reason::ZeroQuantity => "zero_quantity",
            Reason::OrderOfAnotherCustomer => "order_of_another_customer",
            Reason::OrderRefused(_) => "order_refused",
            Reason::ReturnRefused(_) => "return_refused",
            Reason::ReturnInPart => "return_covered_in_part",
            Reason::PriceFinerThanMinorUnit => "price_finer_than_minor_unit",
            Reason::Delivery(_) => "delivery",
            Reason::GiftCard(_) => "gift_card",
            Reason::ZeroAmount => "zero_amount",
        }
    }
    pub fn used(self) -> Used {
        match self {
            Reason::ReturnInPart | Reason::PriceFinerThanMinorUnit => Used::InPart,
            Reason::Delivery(_) | Reason::GiftCard(_) | Reason::ZeroAmount => Used::Otherwise,
            _ => Used::No,
        }
    }
}

/// Rows and their amounts (price × quantity, in 10^-9 of the log's currency), exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Tally {
    pub rows: u64,
    pub amount: i128,
}

impl Tally {
    pub fn add(&mut self, amount: i128) {
        self.rows += 1;
        self.amount += amount;
    }
    pub fn merge(&mut self, other: Tally) {
        self.rows += other.rows;
        self.amount += other.amount;
    }
}

/// Tallies by reason.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reasons(pub BTreeMap<Reason, Tally>);

impl Reasons {
    pub fn add(&mut self, reason: Reason, amount: i128) {
        self.0.entry(reason).or_default().add(amount);
    }
    pub fn merge(&mut self, other: &Reasons) {
        for (reason, tally) in &other.0 {
            self.0.entry(*reason).or_default().merge(*tally);
        }
    }
}
