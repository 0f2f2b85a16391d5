//! Every decision about a member: a ladder of named refusals, then events and the trace of why.
//!
//! Invariant: the ladder of refusals stands before the first event; after it the command succeeds. The shell
//! loads what [`needs`] names, calls [`crate::book::execute`], and commits what comes back in one
//! transaction.

mod achievements;
mod adjust;
mod back;
mod clawback;
mod command;
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
mod guests;
mod happening;
mod hint;
mod history;
mod holders;
mod import;
mod limits;
mod merge;
mod offers;
mod order;
mod outcome;
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
mod unclaimed;
mod withheld;

use crate::book::Book;
use crate::member::Member;
use crate::order::{OrderKey, OrderState, ReceiptRow};
use crate::program::Versions;
use crate::record::{Closing, Recorder};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Trace;

pub use achievements::{AchievementStanding, achievement_standings};
pub use command::{Adjustment, Command};
pub use confirm::{Agreement, wants_code};
pub use coupons::codes_to_load;
pub(crate) use dates::LEAST_AFTER_RETURN;
pub use due::{is_due, next_due, orders_of_due, run_due, run_due_into};
pub use earn::{EarnedByRule, earned_by_rule};
pub use facts::segments_of;
pub use gifts::GiftCardChange;
pub use guests::claimable_until;
pub use hint::{NextStep, next_steps};
pub use holders::{refuse_holder, rights_of};
pub use import::{BroughtPurchases, IMPORT, Imported, ImportedLot, LotEnd, judge_import};
pub use limits::counters_to_load;
pub use merge::refuse_taking_in;
pub use outcome::{OrderOutcome, Outcome, ReturnOutcome};
pub use rewards::refusal_of_reward;
pub use spend::{SpendLimit, spend_limit, wants_contact};
pub(crate) use spend::{limit_of, spendable};
pub use tiers::{NextTier, TierStanding, tier_standing};

/// What the shell knows and the core must not find out by itself.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    pub versions: &'a Versions,
    pub now: Instant,
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
        Command::HandOver { order, .. } => orders.push(order.clone()),
        Command::Erase => orders.extend(erase::promised(member)),
        Command::Join { .. } => orders.extend(merge::orders_of_lots(member)),
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
        | Command::SetHolder { .. }
        | Command::Merge { .. }
        | Command::SettleMerge { .. }
        | Command::ForgetToo { .. }
        | Command::ClaimOrder { .. }
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
        Command::Merge { into, by, given } => merge::leave(ctx, book, recorder, (*into, by), given),
        Command::Join { from, entry, belongings, given } => {
            Ok(merge::join(ctx, book, recorder, (*from, *entry), (belongings, given)))
        }
        Command::SettleMerge { into } => Ok(merge::settle(ctx, book, recorder, *into)),
        Command::ForgetToo { with, then } => Ok(merge::forget(ctx, book, recorder, (*with, then))),
        Command::HandOver { to, order, bound_by } => {
            guests::hand_over(ctx, book, recorder, (*to, order, bound_by.as_ref()))
        }
        Command::ClaimOrder { from, entry, order } => {
            Ok(guests::claim(ctx, book, recorder, (*from, *entry, order)))
        }
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
        Command::SetHolder { holder, rights } => holders::set(ctx, book, recorder, (*holder, *rights)),
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
        Command::Merge { .. } if matches!(outcome, Outcome::MergeProposed { .. }) => "merge_proposed",
        Command::Merge { .. } => "account_left",
        Command::Join { .. } => "account_joined",
        Command::SettleMerge { .. } => "merge_settled",
        Command::ForgetToo { .. } => "forgotten",
        Command::HandOver { .. } => "guest_order_left",
        Command::ClaimOrder { .. } => "guest_order_claimed",
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
        Command::SetHolder { .. } => "holder_set",
        Command::Transfer { .. } => "transfer",
        Command::ReceiveTransfer { .. } => "transfer_received",
        Command::ReturnTransfer { .. } => "transfer_returned",
    }
}
