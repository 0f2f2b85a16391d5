//! Refusals are values: a stable code, a cause, a remedy. Each is described in `docs/reference/refusals.md`.

use crate::coupon::CouponRefusal;
use crate::holder::HolderNo;
use crate::money::Money;
use crate::order::Quantity;
use crate::points::Points;
use strum::VariantNames;

/// Why a command was refused. The order of variants is the order of precedence.
#[derive(Debug, Clone, PartialEq, Eq, strum::IntoStaticStr, strum::VariantNames, strum::EnumIter)]
#[strum(serialize_all = "snake_case")]
pub enum Refusal {
    // What is said cannot be meant.
    TooManyLines { lines: usize },
    NoLines,
    DuplicateLine { line: String },
    QuantityOutOfRange { line: String },
    AmountOutOfRange { line: String },
    DiscountAboveAmount { line: String },
    OccurredInFuture,
    ReasonMissing,
    PointsOutOfRange,
    PointsExpired,
    TooManyCoupons { coupons: usize },
    TooManyGiftCards { cards: usize },

    // Whom it is about.
    MemberUnknown,
    MemberAnonymized,
    MemberBlocked,
    MemberFrozen,
    HolderSpendsNothing { holder: HolderNo },
    HolderUnknown { holder: HolderNo },
    TooManyHolders { holders: usize },
    PointsHeld { points: Points },
    MergeWithSelf,
    MergeUnderWay,
    MergeOpenClaims { claims: usize },
    MergeHolders { holders: usize },
    MergeTooLarge { orders: usize },
    MergeTooMany { accounts: usize },
    SecondPersonNeeded,
    IdentifierTaken { kind: &'static str },
    InvalidIdentifier { kind: &'static str },
    CardBlocked,
    CardUnknown,
    BirthDateImpossible,
    EventUnknown { event: String },
    EventDataInvalid { event: String, data: String },
    AttributeUnknown { attribute: String },
    AttributeValueInvalid { attribute: String },
    ConsentChannel,
    ConsentTime,
    TooManyConsents { consents: usize },
    SiteUnknown,
    TooManySites { sites: usize },
    TierUnknown { tier: String },
    UntilPassed,
    TagUnknown { tag: String },
    ReferrerUnknown,

    // Where the order stands.
    OrderUnknown,
    OrderOfAnotherMember,
    OrderCancelled,
    OrderNotPaid,
    UseReturns,
    LineUnknown { line: String },
    ReturnExceeds { line: String, remaining: Quantity },
    NothingToReturn,

    // What is asked of a guest's order.
    GuestOrdersOff,
    ContactUnconfirmed,
    NothingToClaim,
    AlreadyClaimed,
    ClaimTooLate,
    ClaimUnderWay,

    // What is asked of coupons.
    CouponRefused { code: String, why: CouponRefusal },

    // What is asked of rewards.
    RewardUnknown { reward: String },
    RewardNotOffered { reward: String },
    RewardNotForMember { reward: String },
    RewardLimit { reward: String },
    RewardGone { reward: String },
    TooManyClaims { claims: usize },
    ClaimUnknown,

    // What is asked of offers.
    OfferUnknown { offer: String },
    OfferNotHeld { offer: String },
    OfferEnded { offer: String },
    OfferNotForMember { offer: String },
    TooManyOffers { offers: usize },

    // What is asked of gift cards.
    GiftCardsOff,
    GiftCardUnknown { code: String },
    GiftCardTaken { code: String },
    GiftCardRepeated { code: String },
    GiftCardBlocked { code: String },
    GiftCardExpired { code: String },
    GiftCardAmount { minimum: Money, maximum: Money },
    GiftCardInsufficient { code: String, available: Money, wanted: Money },

    // What is asked of the points.
    SpendingNotAllowed,
    BelowMinimumOrder { minimum: Money },
    BelowMinimumPoints { minimum: Points },
    SpendingStep { step: Points, wanted: Points },
    TransfersOff,
    ContactNeeded,
    TransferToSelf,
    TransferBelowMinimum { minimum: Points },
    TransferAboveMaximum { maximum: Points },
    InsufficientPoints { available: Points, wanted: Points },
    SpendingLimit { limit: Points, wanted: Points },
    QuoteChanged { to_pay: Money, points: Points },
    CodeRequired { points: Points },

    // What is asked of the journal.
    EntryUnknown,
    NotReversible,
}

impl Refusal {
    /// The stable code of the API and of the reference documentation: the variant's name.
    pub fn code(&self) -> &'static str {
        self.into()
    }
}

/// Every code, for the tests that walk the reference documentation and the words.
pub const CODES: &[&str] = Refusal::VARIANTS;
