//! Every decision about a member: a ladder of named refusals, then events and the trace of why.
//!
//! Invariant: the ladder of refusals stands before the first event; after it the command succeeds. The shell
//! loads what [`needs`] names, calls [`crate::book::execute`], and commits what comes back in one
//! transaction.

mod achievements;
mod adjust;
mod back;
mod clawback;
mod complete;
mod confirm;
mod coupons;
mod dates;
mod discount;
mod draft;
mod due;
mod earn;
mod erase;
mod exchange;
mod facts;
mod gifts;
mod grants;
mod happening;
mod hint;
mod history;
mod import;
mod limits;
mod offers;
mod order;
mod pay;
mod placed;
mod profile;
mod referral;
mod return_;
mod rewards;
mod spend;
mod subscribed;
mod tiers;
mod together;
mod transfers;
mod withheld;

use crate::ShortText;
use crate::attribute::Attributes;
use crate::book::Book;
use crate::coupon::CouponCode;
use crate::ids::{EntryId, MemberId};
use crate::ledger::{Event, Piece};
use crate::member::{Member, MemberStatus};
use crate::money::Money;
use crate::offer::OfferState;
use crate::order::{OrderBody, OrderKey, OrderState, ReceiptRow, ReturnBody};
use crate::points::Points;
use crate::program::Versions;
use crate::record::{Closing, Recorder};
use crate::referral::{How, Told};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Trace;
use serde::{Deserialize, Serialize};

pub use achievements::{AchievementStanding, achievement_standings};
pub use confirm::{Agreement, wants_code};
pub use coupons::codes_to_load;
pub(crate) use dates::LEAST_AFTER_RETURN;
pub use due::{is_due, next_due, orders_of_due, run_due, run_due_into};
pub use earn::{EarnedByRule, earned_by_rule};
pub use facts::segments_of;
pub use gifts::GiftCardChange;
pub use hint::{NextStep, next_steps};
pub use import::{BroughtPurchases, IMPORT, Imported, ImportedLot, LotEnd, judge_import};
pub use limits::counters_to_load;
pub use rewards::refusal_of_reward;
pub use spend::{SpendLimit, spend_limit};
pub(crate) use spend::{limit_of, spendable};
pub use tiers::{NextTier, TierStanding, tier_standing};

/// What the shell knows and the core must not find out by itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub versions: &'a Versions,
    pub now: Instant,
}

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

/// For a quote of an order that stands: its own uses and cards do not count.
pub(crate) fn uncount(ctx: Context<'_>, book: &mut Book, order: &OrderState) {
    placed::uncount(draft::program_of(ctx, Some(order), ctx.now), book, order);
    coupons::uncount(book, order);
    offers::uncount(book, order);
    gifts::uncount(book, order);
}

/// What a decision comes to, beside the events and steps it told its recorder.
#[derive(Debug, Clone, PartialEq)]
struct Decision {
    outcome: Outcome,
    effective_at: Instant,
    /// The program version that decided.
    version: u32,
    order: Option<OrderKey>,
}

/// What a quote answers. The order is as it would stand if placed and paid now.
#[derive(Debug, Clone, PartialEq)]
pub struct Quote {
    pub order: OrderState,
    pub limit: Option<SpendLimit>,
    pub earned: Vec<EarnedByRule>,
    /// What more would bring; empty for a guest.
    pub more: Vec<NextStep>,
    pub rows: Vec<ReceiptRow>,
    /// The steps of discounts are in it where the quote was to explain itself.
    pub trace: Trace,
    pub version: u32,
}

/// The orders a command must find loaded, beside those due.
pub fn needs(member: &Member, command: &Command, now: Instant) -> Vec<OrderKey> {
    let mut orders = orders_of_due(member, now);
    match command {
        Command::PutOrder { body, .. } => orders.push(body.key.clone()),
        Command::ReturnPieces(back) => orders.push(back.key.clone()),
        Command::CancelOrder { key, .. } => orders.push(key.clone()),
        Command::Hear(told) => orders.push(told.key()),
        Command::Erase => orders.extend(erase::promised(member)),
        Command::Exchange { back, order, .. } => orders.extend([back.key.clone(), order.key.clone()]),
        Command::Register { .. }
        | Command::Import(_)
        | Command::CountVisit { .. }
        | Command::Adjust(_)
        | Command::ReverseAdjustment { .. }
        | Command::SetStatus { .. }
        | Command::Happen { .. }
        | Command::ChangePerson
        | Command::ClaimReward { .. }
        | Command::SettleClaim { .. }
        | Command::GiveOffer { .. }
        | Command::ActivateOffer { .. }
        | Command::WithdrawOffer { .. }
        | Command::SetTier { .. }
        | Command::SetTags { .. }
        | Command::IssueGiftCard { .. }
        | Command::ChangeGiftCard { .. }
        | Command::Transfer { .. }
        | Command::ReceiveTransfer { .. }
        | Command::ReturnTransfer { .. } => {}
    }
    orders.sort();
    orders.dedup();
    orders
}

/// Decides one command on a book whose due commands have run, and applies it at once: a refusal leaves the
/// book as it was and tells the recorder nothing, because the ladder stands before the first event; success
/// leaves it as the fold of the events told.
pub(crate) fn decide_on(
    ctx: Context<'_>,
    book: &mut Book,
    command: &Command,
    recorder: &mut dyn Recorder,
) -> Result<Outcome, Refusal> {
    let Decision { outcome, effective_at, version, order } = match command {
        Command::Register { welcome, referrer, former } => {
            adjust::register(ctx, book, recorder, (*welcome, *referrer, *former))
        }
        Command::Import(imported) => import::import(ctx, book, recorder, imported),
        Command::Hear(told) => Ok(referral::hear(ctx, book, recorder, told)),
        Command::CountVisit { site } => referral::visit(ctx, book, recorder, *site),
        Command::PutOrder { body, hash } => order::put(ctx, book, recorder, body, *hash),
        Command::ReturnPieces(back) => return_::return_pieces(ctx, book, recorder, back),
        Command::CancelOrder { key, occurred_at } => return_::cancel(ctx, book, recorder, key, *occurred_at),
        Command::Exchange { back, order, hash } => {
            exchange::exchange(ctx, book, recorder, back, order, *hash)
        }
        Command::Adjust(adjustment) => adjust::adjust(ctx, book, recorder, adjustment),
        Command::ReverseAdjustment { events } => adjust::reverse(ctx, book, recorder, events),
        Command::SetStatus { status } => adjust::set_status(ctx, book, recorder, *status),
        Command::Erase => erase::erase(ctx, book, recorder),
        Command::Happen { event, data } => happening::happen(ctx, book, recorder, (event, data)),
        Command::ChangePerson => Ok(profile::change(ctx, book, recorder)),
        Command::IssueGiftCard { code, amount, expires_at } => {
            gifts::issue(ctx, book, recorder, (code, *amount, *expires_at))
        }
        Command::ChangeGiftCard { code, change } => gifts::change(ctx, book, recorder, code, *change),
        Command::ClaimReward { reward, code } => rewards::claim(ctx, book, recorder, (reward, code)),
        Command::SettleClaim { claim, handed_over } => {
            rewards::settle(ctx, book, recorder, (*claim, *handed_over))
        }
        Command::GiveOffer { offer } => offers::give(ctx, book, recorder, offer),
        Command::ActivateOffer { offer } => offers::activate(ctx, book, recorder, offer),
        Command::WithdrawOffer { offer } => offers::withdraw(ctx, book, recorder, offer),
        Command::SetTier { tier, until } => grants::set_tier(ctx, book, recorder, (tier.as_ref(), *until)),
        Command::SetTags { add, remove } => grants::set_tags(ctx, book, recorder, (add, remove)),
        Command::Transfer { to, points } => transfers::send(ctx, book, recorder, *to, *points),
        Command::ReceiveTransfer { from, entry, pieces } => {
            Ok(transfers::receive(ctx, book, recorder, (*from, *entry), pieces))
        }
        Command::ReturnTransfer { to, entry, pieces } => {
            Ok(transfers::give_back(ctx, book, recorder, (*to, *entry), pieces))
        }
    }?;
    erase::keep_closed(ctx, book, recorder);
    recorder.close(Closing { cause: cause(command, &outcome), order, version, effective_at });
    Ok(outcome)
}

fn cause(command: &Command, outcome: &Outcome) -> &'static str {
    match command {
        // Told apart from what was received, so that who reads the journal for what must go back need not
        // open every entry.
        Command::ReceiveTransfer { .. } if matches!(outcome, Outcome::TransferDeclined { .. }) => {
            "transfer_declined"
        }
        Command::Register { .. } => "register",
        Command::Import(_) => "import",
        Command::Hear(_) => "referral_heard",
        Command::CountVisit { .. } => "referral_visit",
        Command::PutOrder { .. } => "order",
        Command::ReturnPieces(_) => "return",
        Command::CancelOrder { .. } => "cancel",
        Command::Exchange { .. } => "exchange",
        Command::Adjust(_) => "adjustment",
        Command::ReverseAdjustment { .. } => "reversal",
        Command::SetStatus { .. } => "status",
        Command::Erase => "erased",
        Command::Happen { .. } => "event",
        Command::ChangePerson => "person",
        Command::IssueGiftCard { .. } => "gift_card_issued",
        Command::ChangeGiftCard { .. } => "gift_card_changed",
        Command::ClaimReward { .. } => "reward_claimed",
        Command::SettleClaim { .. } => "claim_settled",
        Command::GiveOffer { .. } => "offer_given",
        Command::ActivateOffer { .. } => "offer_activated",
        Command::WithdrawOffer { .. } => "offer_withdrawn",
        Command::SetTier { .. } => "tier_set",
        Command::SetTags { .. } => "tags_set",
        Command::Transfer { .. } => "transfer",
        Command::ReceiveTransfer { .. } => "transfer_received",
        Command::ReturnTransfer { .. } => "transfer_returned",
    }
}
