//! What a command brought about, in figures.
//!
//! Invariant: it is also the stored first answer, so it holds ids and figures and no personal data.

use crate::ShortText;
use crate::holder::{HolderNo, Rights};
use crate::ids::MemberId;
use crate::member::MemberStatus;
use crate::money::Money;
use crate::offer::OfferState;
use crate::order::OrderKey;
use crate::points::Points;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// What a command brought about, in figures; also the stored first answer, so it holds no personal data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    Registered {
        points: Points,
    },
    /// Points of the lot that came along; what rules gave is not among them.
    Imported {
        points: Points,
    },
    Order(OrderOutcome),
    Returned(ReturnOutcome),
    Exchanged {
        back: ReturnOutcome,
        order: OrderOutcome,
    },
    Adjusted {
        points: Points,
    },
    StatusSet {
        status: MemberStatus,
    },
    /// Points that ended with the account, and the debt that was written off.
    Erased {
        points: Points,
        debt: Points,
    },
    /// A second person has to agree: nothing has moved yet.
    MergeProposed {
        into: MemberId,
        points: Points,
    },
    /// What goes to the account that stays.
    Merged {
        into: MemberId,
        points: Points,
        debt: Points,
        orders: u32,
    },
    /// What came, and what was taken back because a person gets it once.
    Joined {
        from: MemberId,
        points: Points,
        debt: Points,
        orders: u32,
        taken_back: Points,
    },
    MergeSettled {
        into: MemberId,
    },
    /// The order is on its way to the member.
    OrderHandedOver {
        to: MemberId,
        order: OrderKey,
    },
    /// What the order earned, pending or not.
    OrderClaimed {
        order: OrderKey,
        points: Points,
    },
    Happened {
        event: ShortText,
        points: Points,
    },
    RewardClaimed {
        claim: u32,
        reward: ShortText,
        points: Points,
        code: Option<ShortText>,
    },
    /// `points` came back alive.
    ClaimSettled {
        claim: u32,
        reward: ShortText,
        handed_over: bool,
        points: Points,
    },
    /// An offer as it stands once given or activated.
    Offer {
        offer: ShortText,
        state: OfferState,
        ends_at: Instant,
        /// How many more orders may use it; any number where absent.
        left: Option<i64>,
    },
    OfferWithdrawn {
        offer: ShortText,
    },
    /// The level that the member has by now.
    TierSet {
        tier: Option<ShortText>,
    },
    /// What the holder may do by now; nothing where the holder is gone.
    HolderSet {
        holder: HolderNo,
        rights: Option<Rights>,
    },
    /// All that the member is marked with by now.
    TagsSet {
        tags: Vec<ShortText>,
    },
    /// A card as it stands after its issue or change.
    GiftCard {
        code: ShortText,
        balance: Money,
        expires_at: Option<Instant>,
        blocked: bool,
    },
    Transferred {
        to: MemberId,
        points: Points,
    },
    /// Points that arrived alive, and those that had burnt on the way.
    TransferReceived {
        points: Points,
        gone: Points,
    },
    TransferDeclined {
        points: Points,
    },
    TransferCameBack {
        points: Points,
        gone: Points,
    },
    /// Points that came, or were taken back, for what somebody else did.
    ReferralHeard {
        from: MemberId,
        points: Points,
    },
    /// Whether it was a new visitor.
    Visited {
        counted: bool,
    },
    /// What is known of the person changed, and what that gave.
    PersonChanged {
        #[serde(default)]
        points: Points,
    },
}

/// An order after a step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OrderOutcome {
    pub order: OrderKey,
    /// Nothing was written: the same body again, or an older one.
    pub unchanged: bool,
    /// Points an order paid late could not find in its lots.
    pub shortfall: Points,
}

/// What a return or cancel gave and took.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReturnOutcome {
    pub order: OrderKey,
    /// Money that the buyer gets.
    pub refund: Money,
    /// The share of gift cards, which went back to them.
    #[serde(default)]
    pub to_gift_cards: Money,
    /// Spent points that came back alive, and those whose date had passed.
    pub points_back: Points,
    pub points_back_gone: Points,
    /// Earned points taken back, whatever bore them.
    pub taken_back: Points,
    /// The part of `taken_back` that became debt or the shop's loss.
    pub not_recovered: Points,
    /// What the order's refunds are less by so far: discounts that no longer stand on what remains.
    #[serde(default, skip_serializing_if = "Money::is_zero")]
    pub withheld: Money,
    pub unchanged: bool,
}
