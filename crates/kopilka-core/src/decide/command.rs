//! What may be asked of a member's book.
//!
//! Invariant: a command is about one member. Who asked, why and under which key is the entry's business.

use super::{GiftCardChange, Imported};
use crate::ShortText;
use crate::attribute::Attributes;
use crate::coupon::CouponCode;
use crate::holder::{HolderNo, Rights};
use crate::ids::{EntryId, MemberId};
use crate::ledger::{Event, Piece};
use crate::member::MemberStatus;
use crate::merge::{Asker, Belongings, GivenOnce};
use crate::money::Money;
use crate::order::{OrderBody, OrderKey, OrderState, ReturnBody};
use crate::points::Points;
use crate::referral::{How, Told};
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// A wish to change one member. Who asked, why and under which key is the entry's business, not the rule's.
#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// `welcome: false` gives nothing: for members who were there before the program.
    Register {
        welcome: bool,
        /// Who brought the member, and how.
        referrer: Option<(MemberId, How)>,
        /// Was a member before and was erased: gets nothing that comes once, and is nobody's friend.
        former: bool,
    },
    /// A member of another system, or one more of the member's lots there.
    Import(Box<Imported>),
    /// On the referrer: what somebody of the network registered or bought.
    Hear(Box<Told>),
    /// On the referrer: a new visitor came by the link, or from a site of the referrer's.
    CountVisit {
        site: bool,
    },
    /// `hash` tells the same body from another one.
    PutOrder {
        body: OrderBody,
        hash: u64,
    },
    ReturnPieces(ReturnBody),
    CancelOrder {
        key: OrderKey,
        occurred_at: Option<Instant>,
    },
    /// Return and new order in one transaction.
    Exchange {
        back: ReturnBody,
        order: OrderBody,
        hash: u64,
    },
    Adjust(Adjustment),
    /// Takes an adjustment back; `events` are those of the entry it names.
    ReverseAdjustment {
        events: Vec<Event>,
    },
    SetStatus {
        status: MemberStatus,
    },
    /// The person leaves for ever, and with it all that the account holds.
    Erase,
    /// All orders of the member are in the book, and `given` is what its journal says that rules gave.
    Merge {
        into: MemberId,
        by: Asker,
        given: Vec<GivenOnce>,
    },
    /// On the account that stays: what the other's `entry` carries. `given` as above, of this account.
    Join {
        from: MemberId,
        entry: EntryId,
        belongings: Box<Belongings>,
        given: Vec<GivenOnce>,
    },
    /// On the account that ended: the other has taken all.
    SettleMerge {
        into: MemberId,
    },
    /// On the account that ended: its person was erased, as a part of that member.
    ForgetToo {
        with: MemberId,
        then: Vec<MemberId>,
    },
    /// On a guest's row: the order goes to that member. `bound_by` is the operator, where support says whose
    /// it is and no contact shows it.
    HandOver {
        to: MemberId,
        order: OrderKey,
        bound_by: Option<ShortText>,
    },
    /// On the member: the order that the guest's `entry` handed over.
    ClaimOrder {
        from: MemberId,
        entry: EntryId,
        order: Box<OrderState>,
    },
    /// An event of the shop's own, by the id that the program declares.
    Happen {
        event: ShortText,
        /// What is told with it, as the program declares it.
        data: Attributes,
    },
    /// What is known of the person has changed, in the book already.
    ChangePerson,
    /// On a row of the card's own, which its code leads to.
    IssueGiftCard {
        code: CouponCode,
        amount: Money,
        /// As the program says where absent.
        expires_at: Option<Instant>,
    },
    ChangeGiftCard {
        code: CouponCode,
        change: GiftCardChange,
    },
    /// `code` is a new one, for a reward that is a coupon.
    ClaimReward {
        reward: ShortText,
        code: CouponCode,
    },
    /// Handed over, or taken back.
    SettleClaim {
        claim: u32,
        handed_over: bool,
    },
    GiveOffer {
        offer: ShortText,
    },
    ActivateOffer {
        offer: ShortText,
    },
    /// By an operator.
    WithdrawOffer {
        offer: ShortText,
    },
    /// By an operator: until then, or as a level that was reached; nothing given is left where it names none.
    SetTier {
        tier: Option<ShortText>,
        until: Option<Instant>,
    },
    /// By an operator.
    SetHolder {
        holder: HolderNo,
        /// None where the holder goes.
        rights: Option<Rights>,
    },
    /// By an operator.
    SetTags {
        add: Vec<ShortText>,
        remove: Vec<ShortText>,
    },
    /// On the sender.
    Transfer {
        to: MemberId,
        points: Points,
    },
    /// On the receiver: what the sender's `entry` sent.
    ReceiveTransfer {
        from: MemberId,
        entry: EntryId,
        pieces: Vec<Piece>,
    },
    /// On the sender again: the receiver of `entry` declined, or there is no such member.
    ReturnTransfer {
        to: MemberId,
        entry: EntryId,
        pieces: Vec<Piece>,
    },
}

/// Points given or taken by an operator.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Adjustment {
    /// Positive gives, negative takes; never zero.
    pub points: Points,
    pub active_at: Option<Instant>,
    pub expires_at: Option<Instant>,
    pub gift: bool,
    /// A debit larger than the available points becomes a debt instead of a refusal.
    pub allow_debt: bool,
}
