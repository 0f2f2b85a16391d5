//! Refusals are values: a stable code, a cause, a remedy. Each is described in `docs/reference/refusals.md`.

use crate::coupon::CouponRefusal;
use crate::money::Money;
use crate::order::Quantity;
use crate::points::Points;

/// Why a command was refused. The order of variants is the order of precedence.
#[derive(Debug, Clone, PartialEq, Eq)]
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
    TooManyCoupons { coupons: usize },
    TooManyGiftCards { cards: usize },

    // Whom it is about.
    MemberUnknown,
    MemberBlocked,
    MemberFrozen,
    IdentifierTaken { kind: &'static str },
    InvalidIdentifier { kind: &'static str },
    BirthDateImpossible,
    EventUnknown { event: String },
    AttributeUnknown { attribute: String },
    AttributeValueInvalid { attribute: String },

    // Where the order stands.
    OrderUnknown,
    OrderOfAnotherMember,
    OrderCancelled,
    OrderNotPaid,
    UseReturns,
    LineUnknown { line: String },
    ReturnExceeds { line: String, remaining: Quantity },
    NothingToReturn,

    // What is asked of coupons.
    CouponRefused { code: String, why: CouponRefusal },

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
    TransferToSelf,
    TransferBelowMinimum { minimum: Points },
    TransferAboveMaximum { maximum: Points },
    InsufficientPoints { available: Points, wanted: Points },
    SpendingLimit { limit: Points, wanted: Points },
    QuoteChanged { to_pay: Money, points: Points },

    // What is asked of the journal.
    EntryUnknown,
    NotReversible,
}

impl Refusal {
    /// The stable code of the API and of the reference documentation.
    pub fn code(&self) -> &'static str {
        use Refusal::*;
        match self {
            TooManyLines { .. } => "too_many_lines",
            NoLines => "no_lines",
            DuplicateLine { .. } => "duplicate_line",
            QuantityOutOfRange { .. } => "quantity_out_of_range",
            AmountOutOfRange { .. } => "amount_out_of_range",
            DiscountAboveAmount { .. } => "discount_above_amount",
            OccurredInFuture => "occurred_in_future",
            ReasonMissing => "reason_missing",
            PointsOutOfRange => "points_out_of_range",
            TooManyCoupons { .. } => "too_many_coupons",
            TooManyGiftCards { .. } => "too_many_gift_cards",
            MemberUnknown => "member_unknown",
            MemberBlocked => "member_blocked",
            MemberFrozen => "member_frozen",
            IdentifierTaken { .. } => "identifier_taken",
            InvalidIdentifier { .. } => "invalid_identifier",
            BirthDateImpossible => "birth_date_impossible",
            EventUnknown { .. } => "event_unknown",
            AttributeUnknown { .. } => "attribute_unknown",
            AttributeValueInvalid { .. } => "attribute_value_invalid",
            OrderUnknown => "order_unknown",
            OrderOfAnotherMember => "order_of_another_member",
            OrderCancelled => "order_cancelled",
            OrderNotPaid => "order_not_paid",
            UseReturns => "use_returns",
            LineUnknown { .. } => "line_unknown",
            ReturnExceeds { .. } => "return_exceeds",
            NothingToReturn => "nothing_to_return",
            CouponRefused { .. } => "coupon_refused",
            GiftCardsOff => "gift_cards_off",
            GiftCardUnknown { .. } => "gift_card_unknown",
            GiftCardTaken { .. } => "gift_card_taken",
            GiftCardRepeated { .. } => "gift_card_repeated",
            GiftCardBlocked { .. } => "gift_card_blocked",
            GiftCardExpired { .. } => "gift_card_expired",
            GiftCardAmount { .. } => "gift_card_amount",
            GiftCardInsufficient { .. } => "gift_card_insufficient",
            SpendingNotAllowed => "spending_not_allowed",
            BelowMinimumOrder { .. } => "below_minimum_order",
            BelowMinimumPoints { .. } => "below_minimum_points",
            SpendingStep { .. } => "spending_step",
            TransfersOff => "transfers_off",
            TransferToSelf => "transfer_to_self",
            TransferBelowMinimum { .. } => "transfer_below_minimum",
            TransferAboveMaximum { .. } => "transfer_above_maximum",
            InsufficientPoints { .. } => "insufficient_points",
            SpendingLimit { .. } => "spending_limit",
            QuoteChanged { .. } => "quote_changed",
            EntryUnknown => "entry_unknown",
            NotReversible => "not_reversible",
        }
    }
}

/// Every code, for the test that walks the reference documentation and the words.
pub const CODES: [&str; 50] = [
    "too_many_lines",
    "no_lines",
    "duplicate_line",
    "quantity_out_of_range",
    "amount_out_of_range",
    "discount_above_amount",
    "occurred_in_future",
    "reason_missing",
    "points_out_of_range",
    "too_many_coupons",
    "too_many_gift_cards",
    "member_unknown",
    "member_blocked",
    "member_frozen",
    "identifier_taken",
    "invalid_identifier",
    "birth_date_impossible",
    "event_unknown",
    "attribute_unknown",
    "attribute_value_invalid",
    "order_unknown",
    "order_of_another_member",
    "order_cancelled",
    "order_not_paid",
    "use_returns",
    "line_unknown",
    "return_exceeds",
    "nothing_to_return",
    "coupon_refused",
    "gift_cards_off",
    "gift_card_unknown",
    "gift_card_taken",
    "gift_card_repeated",
    "gift_card_blocked",
    "gift_card_expired",
    "gift_card_amount",
    "gift_card_insufficient",
    "spending_not_allowed",
    "below_minimum_order",
    "below_minimum_points",
    "spending_step",
    "transfers_off",
    "transfer_to_self",
    "transfer_below_minimum",
    "transfer_above_maximum",
    "insufficient_points",
    "spending_limit",
    "quote_changed",
    "entry_unknown",
    "not_reversible",
];
