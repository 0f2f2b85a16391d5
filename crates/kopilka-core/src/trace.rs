//! Why a decision came out as it did: recorded on the one path as data, turned into words only when asked.

use crate::ShortText;
use crate::coupon::CouponRefusal;
use crate::holder::HolderNo;
use crate::ids::LotNo;
use crate::ledger::Dated;
use crate::member::MemberStatus;
use crate::money::{Money, Rate};
use crate::points::Points;
use crate::referral::How;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// One step of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "step")]
pub enum Step {
    /// A rule gave points: on which base, and by which rate if it has one.
    RuleFired {
        rule: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<Money>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rate: Option<Rate>,
        points: Points,
        active_at: Instant,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Instant>,
        /// The payment of the order will say the dates.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        awaits_payment: bool,
    },
    /// A rule multiplies what these lines bring.
    Multiplied {
        rule: ShortText,
        by: Rate,
        lines: u16,
    },
    RuleSilent {
        rule: ShortText,
        why: Silence,
    },
    DiscountApplied {
        discount: ShortText,
        amount: Money,
    },
    DiscountSilent {
        discount: ShortText,
        why: Silence,
    },
    CouponApplied {
        code: ShortText,
        campaign: ShortText,
        amount: Money,
    },
    CouponRefused {
        code: ShortText,
        why: CouponRefusal,
    },
    /// A campaign without a code acted.
    PromotionApplied {
        campaign: ShortText,
        amount: Money,
    },
    PromotionSilent {
        campaign: ShortText,
        why: CouponRefusal,
    },
    /// Goods are given beside what is bought.
    GiftGiven {
        campaign: ShortText,
        sku: ShortText,
        pieces: i64,
    },
    OfferGiven {
        offer: ShortText,
        ends_at: Instant,
        to_activate: bool,
    },
    /// A code of the member's own.
    CouponGiven {
        rule: ShortText,
        campaign: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Instant>,
    },
    /// The order that gave it came back whole.
    CouponWithdrawn {
        rule: ShortText,
        campaign: ShortText,
    },
    /// By a rule, or by an operator where none is named.
    TierGiven {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<ShortText>,
        tier: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Instant>,
    },
    ReferrerBound {
        how: How,
    },
    /// What the order is worth to the referrer of that level.
    ReferrerRewarded {
        rule: ShortText,
        level: u8,
        points: Points,
    },
    Tagged {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<ShortText>,
        tag: ShortText,
        on: bool,
    },
    /// A rule has the member written to.
    MessageAsked {
        rule: ShortText,
        message: ShortText,
    },
    /// A rule has the shop's own systems told.
    WebhookAsked {
        rule: ShortText,
        event: ShortText,
    },
    /// What a rule would have given, and why the member did not get it.
    OfferNotGiven {
        rule: ShortText,
        offer: ShortText,
        why: Silence,
    },
    OfferActivated {
        offer: ShortText,
        ends_at: Instant,
    },
    /// By the order; `left` more may use it.
    OfferUsed {
        offer: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        left: Option<i64>,
    },
    /// The reservation of the order's coupons ran out before it was paid.
    CouponsLapsed,
    /// A gift card, by the end of its code, pays so much of the order by now.
    GiftCardPays {
        card: ShortText,
        amount: Money,
    },
    GiftCardBack {
        card: ShortText,
        amount: Money,
    },
    /// What remains no longer has what these discounts asked for: refunds are less by so much.
    DiscountWithheld {
        discounts: Vec<ShortText>,
        amount: Money,
    },
    /// Some discounts exclude each other: the nearest sets that were not taken, and whether all were tried.
    SetsCompared {
        steps: u32,
        proven: bool,
        others: Vec<OtherSet>,
    },
    /// The shop's prices are facts: the program's discounts were left out.
    PricesOfShop,
    /// How the most points that may be spent was found; the least of these holds.
    SpendLimit {
        available: Points,
        by_share: Points,
        by_lines: Points,
        limit: Points,
    },
    /// The member's level says the percent of this rule.
    TierRate {
        rule: ShortText,
        tier: ShortText,
        rate: Rate,
    },
    /// The member's level is another now.
    TierChanged {
        tier: ShortText,
        up: bool,
    },
    /// `times` in all.
    AchievementReached {
        achievement: ShortText,
        times: u32,
    },
    AchievementLost {
        achievement: ShortText,
        times: u32,
    },
    PointsTaken {
        lot: LotNo,
        source: ShortText,
        points: Points,
    },
    PointsBack {
        lot: LotNo,
        points: Points,
        gone: bool,
    },
    CreditTakenBack {
        rule: ShortText,
        points: Points,
    },
    /// An order moves the dates of a lot.
    LotDated {
        why: Dated,
        lot: LotNo,
        active_at: Instant,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expires_at: Option<Instant>,
    },
    Shortfall {
        points: Points,
    },
    /// Of the available points, those that may go to another member: the rest came with orders whose goods
    /// can still come back.
    TransferLimit {
        available: Points,
        limit: Points,
    },
    /// The receiver's status takes nothing.
    TransferDeclined {
        status: MemberStatus,
    },
    OlderBodyIgnored,
    /// Whoever bought may not earn for the account.
    HolderEarnsNothing {
        holder: HolderNo,
    },
    NothingChanged,
    CancelRemembered,
    /// The shop says another sum was paid than was due: earning counts the lower.
    Mismatch {
        due: Money,
        stated: Money,
    },
}

/// Discounts that go together, and what would have been due for all lines before points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherSet {
    pub discounts: Vec<ShortText>,
    pub due: Money,
}

/// Why a rule gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Silence {
    ConditionFalse,
    NoMatchingLines,
    RoundedToZero,
    AnotherInGroup,
    /// A rule that counts alone takes it out, or is itself worth less than the others.
    Excluded,
    /// It would give more than its limit, and what exceeds it is not cut.
    OverLimit,
    MemberEarnsNothing,
    NotPaidYet,
    /// The order has had it once already.
    GivenBefore,
    /// Earlier discounts and floors leave nothing to take.
    NothingLeft,
    /// The member has it already.
    HeldAlready,
}

pub type Trace = Vec<Step>;
