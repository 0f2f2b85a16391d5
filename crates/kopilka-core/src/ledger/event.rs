//! What happened, in the past tense. A journal entry is a list of events; nothing in them is personal data.

use super::{Dated, DebtCause, Lot, LotDates, Piece};
use crate::ShortText;
use crate::attribute::Attributes;
use crate::consent::Channel;
use crate::coupon::CouponCode;
use crate::gift::GiftPayment;
use crate::guest::GuestEvent;
use crate::holder::HolderEvent;
use crate::ids::{EntryId, LotNo, MemberId};
use crate::member::{Claim, MemberStatus};
use crate::merge::MergeEvent;
use crate::money::Money;
use crate::offer::HeldOffer;
use crate::order::{Credit, Gave, LineState, OrderKey, OrderState, OrderStatus, PointsAsk, Quantity};
use crate::points::Points;
use crate::program::Schedule;
use crate::referral::ReferralEvent;
use crate::standing::{Figures, Gift, HeldLevel, Progress};
use crate::time::{Day, Instant};
use serde::{Deserialize, Serialize};

/// What became of points that came back to their lot.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The lot still lives: its date stands.
    Alive,
    /// The lot's date has passed and the program keeps dates: they are gone.
    Gone,
    /// The lot goes on with the time it had left.
    Resumed { until: Instant },
    /// Granted anew, once in a lot's life.
    Regranted { until: Instant },
}

/// A piece that came back, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Back {
    pub piece: Piece,
    pub fate: Fate,
}

/// The newest body's marks on an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    pub revision: Option<i64>,
    pub at: Instant,
    pub body_hash: u64,
    /// As far as the body tells them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment_methods: Vec<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery_method: Option<ShortText>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "event")]
pub enum Event {
    // The member.
    MemberRegistered {
        at: Instant,
        /// The person was a member before, and was erased.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        former: bool,
    },
    StatusChanged {
        status: MemberStatus,
    },
    /// An event of the shop's own was told of.
    Happened {
        what: ShortText,
    },
    /// The birthday of this year was dealt with for the rules `days` away from it.
    BirthdayPassed {
        days: i32,
        year: i16,
        at: Instant,
    },
    /// All that the program asks to be told of a member is.
    ProfileCompleted {
        at: Instant,
    },
    /// The member agreed to hear of offers by this channel, for the first time.
    Subscribed {
        channel: Channel,
        at: Instant,
    },
    /// So many days went by without a purchase, counted from `since`.
    SilencePassed {
        days: i32,
        since: Instant,
    },
    ScheduleCame {
        schedule: Schedule,
        at: Instant,
    },
    /// Nobody is known behind the account's card: the time in which somebody may claim it begins. Absent
    /// where somebody is.
    UnclaimedSince {
        #[serde(default, skip_serializing_if = "Option::is_none")]
        at: Option<Instant>,
    },

    // Lots.
    LotIssued {
        lot: Lot,
    },
    LotActivated {
        lot: LotNo,
        points: Points,
    },
    /// An order moves the dates of lots, as they stand here.
    LotsDated {
        order: OrderKey,
        why: Dated,
        lots: Vec<LotDates>,
    },
    /// Free points of a lot burnt.
    LotExpired {
        lot: LotNo,
        points: Points,
    },
    /// Burnt points of a lapsed hold taken after all, for a late payment of the order that held them.
    LotRevived {
        piece: Piece,
        points: Points,
    },
    LotRevoked {
        lot: LotNo,
        points: Points,
        from_pending: bool,
        order: Option<OrderKey>,
        rule: ShortText,
    },
    ClawbackOwed {
        points: Points,
        order: Option<OrderKey>,
        cause: DebtCause,
        at: Instant,
    },
    ClawbackBorne {
        points: Points,
        order: Option<OrderKey>,
    },
    DebtRepaid {
        piece: Piece,
    },
    DebtWrittenOff {
        points: Points,
        before: Instant,
    },

    // Points that pay.
    PointsHeld {
        order: OrderKey,
        pieces: Vec<Piece>,
        lapses_at: Instant,
    },
    HoldProlonged {
        order: OrderKey,
        lapses_at: Instant,
    },
    HoldCaptured {
        order: OrderKey,
        points: Points,
        pieces: Vec<Piece>,
    },
    /// Back from a hold to the lots: removed pieces, a cancel, or a lapse.
    HoldReleased {
        order: OrderKey,
        back: Vec<Back>,
    },
    PointsSpent {
        order: Option<OrderKey>,
        pieces: Vec<Piece>,
    },
    ShortfallOwed {
        order: OrderKey,
        points: Points,
        at: Instant,
    },
    ShortfallBorne {
        order: OrderKey,
        points: Points,
    },
    ShortfallOwedBack {
        order: OrderKey,
        points: Points,
    },
    ShortfallBorneBack {
        order: OrderKey,
        points: Points,
    },
    /// A repaid shortfall comes back to the lots that repaid it.
    ShortfallRepaidBack {
        order: OrderKey,
        back: Vec<Back>,
    },
    PointsCameBack {
        order: Option<OrderKey>,
        back: Vec<Back>,
    },

    // Between members.
    TransferSent {
        to: MemberId,
        pieces: Vec<Piece>,
    },
    /// A lot for each piece that arrived alive; `gone` had burnt on the way.
    TransferReceived {
        from: MemberId,
        entry: EntryId,
        lots: Vec<Lot>,
        gone: Points,
    },
    /// Moves nothing here: the pieces are still on their way, back to `from`.
    TransferDeclined {
        from: MemberId,
        entry: EntryId,
        pieces: Vec<Piece>,
    },
    TransferCameBack {
        to: MemberId,
        entry: EntryId,
        back: Vec<Back>,
    },

    // Accounts that become one.
    Merge(MergeEvent),
    /// Who uses the account.
    Holder(HolderEvent),
    /// A guest's order that becomes a member's.
    Guest(GuestEvent),

    // Uses that have a limit.
    /// A counter across members; a use that is given back counts down.
    UseCounted {
        what: ShortText,
        by: i64,
    },
    /// Counted for the member, within a period where the limit has one.
    MemberUseCounted {
        what: ShortText,
        since: Option<Day>,
        by: i64,
    },
    /// Orders of one checkout that have the code: its use counts once.
    CheckoutCounted {
        checkout: ShortText,
        code: ShortText,
        by: i64,
    },
    /// Uses are reserved for an unpaid order until then.
    UsesReserved {
        order: OrderKey,
        lapses_at: Instant,
    },
    /// Paid, cancelled or lapsed: nothing is reserved any longer.
    UsesSettled {
        order: OrderKey,
    },
    CouponTaken {
        order: OrderKey,
        code: ShortText,
    },
    CouponFreed {
        order: OrderKey,
        code: ShortText,
    },

    // Gift cards: what is on a card moves by `UseCounted` beside these.
    GiftCardIssued {
        code: CouponCode,
        amount: Money,
        expires_at: Option<Instant>,
    },
    /// By an operator; what stands here holds from now on.
    GiftCardChanged {
        code: CouponCode,
        by: Money,
        blocked: bool,
        expires_at: Option<Instant>,
    },
    /// The cards of the order and what each pays.
    GiftCardsSet {
        order: OrderKey,
        cards: Vec<GiftPayment>,
    },
    /// A return's share came back to them.
    GiftCardsBack {
        order: OrderKey,
        back: Vec<(ShortText, Money)>,
    },

    // Rewards: what they cost is spent by `PointsSpent` beside these.
    RewardClaimed {
        claim: Claim,
        /// The member's own code of this campaign; the claim is settled with it.
        code: Option<(CouponCode, ShortText)>,
    },
    /// Handed over, or taken back.
    ClaimSettled {
        claim: u32,
        handed_over: bool,
    },

    // Personal offers: their uses move by `MemberUseCounted` beside these.
    /// Instead of the one of that name that was held; `dropped` leave the row with it.
    OfferGiven {
        held: HeldOffer,
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        dropped: Vec<ShortText>,
    },
    OfferActivated {
        offer: ShortText,
        at: Instant,
    },
    /// By an operator.
    OfferWithdrawn {
        offer: ShortText,
    },
    /// The order uses the member's offer of this number.
    OfferTaken {
        order: OrderKey,
        offer: ShortText,
        no: u32,
    },
    OfferFreed {
        order: OrderKey,
        offer: ShortText,
        no: u32,
    },

    // What is given beside points.
    /// To the member, by a rule or an operator; an order remembers what its rules gave. `back` undoes that.
    Granted {
        gave: Gave,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        rule: Option<ShortText>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<OrderKey>,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        back: bool,
    },

    // Whom rules tell. Nothing takes that back: what was told was told.
    /// The member is to be written to, in the shop's own words of that name.
    MessageAsked {
        message: ShortText,
        rule: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<OrderKey>,
    },
    /// The shop's own systems are to be told, with what the document says of it.
    WebhookAsked {
        what: ShortText,
        #[serde(default, skip_serializing_if = "Attributes::is_empty")]
        data: Attributes,
        rule: ShortText,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<OrderKey>,
    },

    // Who brought whom.
    Referral(ReferralEvent),

    // Levels and achievements.
    /// What the member had bought before coming here, as another system summed it up: no order stands behind
    /// it. It counts on that day; `keep_from` is where the window of levels begins, if they are counted.
    PurchasesBrought {
        orders: u32,
        paid: Money,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        last_at: Option<Instant>,
        on: Day,
        keep_from: Option<Day>,
    },
    /// What the order counts by now; `keep_from` is where the window of levels began when it was counted
    /// first, absent where no levels are counted and afterwards.
    OrderCounted {
        order: OrderKey,
        number: u32,
        on: Day,
        keep_from: Option<Day>,
        figures: Figures,
    },
    /// The levels held from now on, lowest first; `tier` is the member's, absent for the lowest of all.
    TierChanged {
        tier: Option<ShortText>,
        levels: Vec<HeldLevel>,
    },
    /// Achievements that orders count for from now on, and those that are no more.
    AchievementsStarted {
        started: Vec<Progress>,
        forgotten: Vec<ShortText>,
    },
    /// `times` in all.
    AchievementReached {
        achievement: ShortText,
        times: u32,
    },
    AchievementGave {
        gift: Gift,
    },
    /// A return took it back; `times` are left, and these gifts of it.
    AchievementLost {
        achievement: ShortText,
        times: u32,
        gifts: Vec<Gift>,
    },

    // Orders.
    OrderPlaced {
        order: Box<OrderState>,
    },
    /// A cancel of an order nobody has told us of: a mark, so that a late placing does nothing.
    OrderMarkedCancelled {
        order: Box<OrderState>,
    },
    /// Pieces removed and lines added before payment; `lines` are those added.
    OrderChanged {
        order: OrderKey,
        removed: Vec<(u16, Quantity)>,
        added: Vec<LineState>,
        ask: Option<PointsAsk>,
    },
    OrderTold {
        order: OrderKey,
        told: Told,
        status: OrderStatus,
    },
    /// `counted`: what counts as paid per line, where the shop stated less than was due.
    OrderPaid {
        order: OrderKey,
        at: Instant,
        counted: Option<Vec<Money>>,
        stated: Option<Money>,
        /// When it counts as completed by itself; absent where nothing depends on that.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        completes_at: Option<Instant>,
    },
    OrderCompleted {
        order: OrderKey,
        at: Instant,
    },
    /// Further credits of the order, as its returns will need them; each has its lot.
    OrderEarned {
        order: OrderKey,
        credits: Vec<Credit>,
    },
    /// What is left at the payment of the credits that the placing promised; they stand for all before.
    CreditsSettled {
        order: OrderKey,
        credits: Vec<Credit>,
    },
    HoldLapsed {
        order: OrderKey,
    },
    PiecesReturned {
        order: OrderKey,
        pieces: Vec<(u16, Quantity)>,
        refund: Money,
        at: Instant,
    },
    /// How much of each credit has been taken back since the last return, by position.
    CreditsTaken {
        order: OrderKey,
        taken: Vec<(u16, Points)>,
    },
    OrderCancelled {
        order: OrderKey,
        at: Instant,
    },
}
