//! Coupon campaigns, compiled: which codes, for whom, how often, and what they do.

use super::{Condition, Discount, Text};
use crate::ShortText;
use crate::coupon::CouponCode;
use crate::money::Money;
use crate::order::{LineKind, LineState};
use crate::product::LineMatch;
use crate::time::Day;

/// All campaigns of a program, and how several coupons of one order go together.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Coupons {
    pub together: Together,
    pub campaigns: Vec<Campaign>,
}

/// Several coupons of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Together {
    /// One after another, in the order entered.
    #[default]
    All,
    /// The one that leaves the least to pay.
    Best,
    /// The one entered last.
    Last,
}

/// A code that everybody may know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedCode {
    pub code: CouponCode,
    /// As the document writes it and leaflets print it; any spelling of the same code will do.
    pub written: String,
}

/// A campaign.
#[derive(Debug, Clone, PartialEq)]
pub struct Campaign {
    pub id: ShortText,
    pub name: Text,
    /// Codes that everybody may know.
    pub codes: Vec<SharedCode>,
    /// Where there are none: whether each is made one by one, or the campaign acts by itself.
    pub automatic: bool,
    /// Both days included, in the program's zone.
    pub from: Option<Day>,
    pub to: Option<Day>,
    pub only_if: Condition,
    /// `None`: the coupon only speaks to rules that ask for it.
    pub discount: Option<Discount>,
    pub gift: Option<Gift>,
    pub limits: CouponLimits,
    /// Its codes are their owners' invitations: others use them, and are bound to the owner.
    pub refers: bool,
    /// A return of everything gives the use back, as a cancel always does.
    pub back_on_return: bool,
}

/// Goods given beside what is bought.
#[derive(Debug, Clone, PartialEq)]
pub struct Gift {
    pub sku: ShortText,
    pub pieces: u32,
    /// So many for each so many pieces of these lines; once when absent.
    pub for_each: Option<(LineMatch, u32)>,
}

impl Gift {
    /// The pieces that an order of these lines brings.
    pub fn pieces_for(&self, lines: &[LineState]) -> i64 {
        let Some((of, each)) = &self.for_each else { return i64::from(self.pieces) };
        let goods = lines.iter().filter(|l| l.kind == LineKind::Goods && of.matches(l.traits()));
        let bought: i64 = goods.map(|l| l.quantity.0 / 1000).sum();
        bought / i64::from(*each) * i64::from(self.pieces)
    }
}

/// How often a coupon may be used. Uses are orders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CouponLimits {
    pub per_code: Option<i64>,
    pub per_member: Option<i64>,
    pub total: Option<i64>,
    /// Money that all its discounts together may take off.
    pub budget: Option<Money>,
}

impl Campaign {
    /// Each code is made by the engine.
    pub fn has_made_codes(&self) -> bool {
        self.codes.is_empty() && !self.automatic
    }
    /// Some limit counts the uses of everybody.
    pub fn counts_all(&self) -> bool {
        self.limits.total.is_some() || self.limits.budget.is_some()
    }
}

impl Coupons {
    /// Those that act by themselves, without a code.
    pub fn automatic(&self) -> impl Iterator<Item = &Campaign> {
        self.campaigns.iter().filter(|c| c.automatic)
    }
    pub fn campaign(&self, id: &str) -> Option<&Campaign> {
        self.campaigns.iter().find(|c| c.id == id)
    }
    /// The campaign whose shared code this is.
    pub fn of_shared(&self, code: &CouponCode) -> Option<&Campaign> {
        self.campaigns.iter().find(|c| c.codes.iter().any(|shared| shared.code == *code))
    }
}
