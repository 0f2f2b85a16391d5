//! Answers of POSTs. They are made from what the service stored as the first answer and from nothing else,
//! so that a repeated request gets the same text for ever. The trace, where it is asked for, is the entry's.

use super::member::status_name;
use super::{BalanceAnswer, StepAnswer};
use crate::wire::TimeText;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{Outcome, ReturnOutcome};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_service::Done;
use serde::Serialize;
use utoipa::ToSchema;

/// Points given or taken: of a registration (the welcome), of an adjustment or its reversal.
#[derive(Debug, Serialize, ToSchema)]
pub struct PointsWritten {
    pub member: String,
    /// Signed: what the member got.
    pub points: String,
    /// Of a registration: the identifiers were known, so nothing was given.
    pub existed: bool,
    pub balance: BalanceAnswer,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StatusWritten {
    pub member: String,
    /// `active`, `blocked` or `frozen`.
    pub status: &'static str,
    pub balance: BalanceAnswer,
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// A person who was erased, and what ended with the account.
#[derive(Debug, Serialize, ToSchema)]
pub struct ErasedWritten {
    pub member: String,
    /// Points that ended.
    pub points: String,
    /// What the member owed: the shop's loss.
    pub debt_written_off: String,
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
}

/// What an event of the shop's own brought.
#[derive(Debug, Serialize, ToSchema)]
pub struct EventWritten {
    pub member: String,
    pub event: String,
    /// Points that rules gave for it.
    pub points: String,
    pub balance: BalanceAnswer,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// A claim of a reward as it was made or settled.
#[derive(Debug, Serialize, ToSchema)]
pub struct ClaimWritten {
    pub member: String,
    /// Its number within the member.
    pub claim: u32,
    pub reward: String,
    /// `claimed`, `handed_over` or `taken_back`; a reward that is a coupon is handed over at once.
    pub state: &'static str,
    /// Points spent, or those that came back alive.
    pub points: String,
    /// The member's own coupon code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    pub balance: BalanceAnswer,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// The level after an operator gave one or took it back.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierWritten {
    pub member: String,
    /// Absent in a program without levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<String>,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// All that a member is marked with by now.
#[derive(Debug, Serialize, ToSchema)]
pub struct TagsWritten {
    pub member: String,
    pub tags: Vec<String>,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// An offer as it was given, activated or withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct OfferWritten {
    pub member: String,
    pub offer: String,
    /// `to_activate`, `active` or `withdrawn`.
    pub state: &'static str,
    /// The first moment at which it is over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ends_at: Option<TimeText>,
    /// How many more orders may use it; absent where any number may.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left: Option<i64>,
    /// The member's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// Points that left for another member; the balance is the sender's.
#[derive(Debug, Serialize, ToSchema)]
pub struct TransferWritten {
    pub from: String,
    pub to: String,
    pub points: String,
    pub balance: BalanceAnswer,
    /// The sender's newest entry number: `?at_least_seq=` of a read.
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// What a return or a cancel gave and took.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReturnedAnswer {
    pub order_id: String,
    pub shop: String,
    /// Money to give back to the buyer.
    pub refund: String,
    /// The share of gift cards: it is on them again.
    pub to_gift_cards: String,
    /// Spent points that came back alive, and those whose date had passed meanwhile.
    pub points_back: String,
    pub points_back_gone: String,
    /// Earned points that were taken back, and the part of them that became debt or the shop's loss.
    pub taken_back: String,
    pub not_recovered: String,
    /// Less in all refunds of the order so far, for discounts that no longer stand on what remains.
    pub withheld: String,
    /// Nothing was written: it had been done before.
    pub unchanged: bool,
    pub member: String,
    pub balance: BalanceAnswer,
    pub seq: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

/// A return and a new order in one.
#[derive(Debug, Serialize, ToSchema)]
pub struct ExchangedAnswer {
    #[serde(rename = "return")]
    pub back: ReturnedAnswer,
    /// The new order: read it by this id.
    pub order_id: String,
    pub shop: String,
    pub unchanged: bool,
    pub shortfall: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace: Option<Vec<StepAnswer>>,
}

fn entry(done: &Done) -> Option<String> {
    done.entry.map(|e| e.to_string())
}

impl PointsWritten {
    pub fn of(done: &Done, program: &Program) -> PointsWritten {
        let points = match &done.outcome {
            Outcome::Registered { points }
            | Outcome::Adjusted { points }
            | Outcome::PersonChanged { points } => *points,
            _ => Points::ZERO,
        };
        PointsWritten {
            member: done.member.to_string(),
            points: program.points.format(points),
            existed: done.existed,
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        }
    }
}

impl StatusWritten {
    /// `None` when the outcome is of another command, which no endpoint asks for.
    pub fn of(done: &Done, program: &Program) -> Option<StatusWritten> {
        let Outcome::StatusSet { status } = &done.outcome else { return None };
        Some(StatusWritten {
            member: done.member.to_string(),
            status: status_name(*status),
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        })
    }
}

impl ErasedWritten {
    /// `None` when the outcome is of another command.
    pub fn of(done: &Done, program: &Program) -> Option<ErasedWritten> {
        let Outcome::Erased { points, debt } = &done.outcome else { return None };
        Some(ErasedWritten {
            member: done.member.to_string(),
            points: program.points.format(*points),
            debt_written_off: program.points.format(*debt),
            seq: done.seq,
            entry: entry(done),
        })
    }
}

impl EventWritten {
    pub fn of(done: &Done, program: &Program) -> Option<EventWritten> {
        let Outcome::Happened { event, points } = &done.outcome else { return None };
        Some(EventWritten {
            member: done.member.to_string(),
            event: event.to_string(),
            points: program.points.format(*points),
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        })
    }
}

impl ClaimWritten {
    /// `None` when the outcome is of another command.
    pub fn of(done: &Done, program: &Program) -> Option<ClaimWritten> {
        let (claim, reward, state, points, code) = match &done.outcome {
            Outcome::RewardClaimed { claim, reward, points, code } => {
                let state = if code.is_some() { "handed_over" } else { "claimed" };
                (claim, reward, state, points, code.as_ref())
            }
            Outcome::ClaimSettled { claim, reward, handed_over, points } => {
                let state = if *handed_over { "handed_over" } else { "taken_back" };
                (claim, reward, state, points, None)
            }
            _ => return None,
        };
        Some(ClaimWritten {
            member: done.member.to_string(),
            claim: *claim,
            reward: reward.to_string(),
            state,
            points: program.points.format(*points),
            code: code.map(|code| CouponCode::read(code).map_or(code.to_string(), |code| code.printed())),
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        })
    }
}

impl TierWritten {
    /// `None` when the outcome is of another command.
    pub fn of(done: &Done) -> Option<TierWritten> {
        let Outcome::TierSet { tier } = &done.outcome else { return None };
        let (member, tier) = (done.member.to_string(), tier.as_ref().map(ToString::to_string));
        Some(TierWritten { member, tier, seq: done.seq, entry: entry(done), trace: None })
    }
}

impl TagsWritten {
    /// `None` when the outcome is of another command.
    pub fn of(done: &Done) -> Option<TagsWritten> {
        let Outcome::TagsSet { tags } = &done.outcome else { return None };
        let (member, tags) = (done.member.to_string(), tags.iter().map(ToString::to_string).collect());
        Some(TagsWritten { member, tags, seq: done.seq, entry: entry(done), trace: None })
    }
}

impl OfferWritten {
    /// `None` when the outcome is of another command.
    pub fn of(done: &Done) -> Option<OfferWritten> {
        let (offer, state, ends_at, left) = match &done.outcome {
            Outcome::Offer { offer, state, ends_at, left } => {
                (offer, state.word(), Some(TimeText(*ends_at)), *left)
            }
            Outcome::OfferWithdrawn { offer } => (offer, "withdrawn", None, None),
            _ => return None,
        };
        Some(OfferWritten {
            member: done.member.to_string(),
            offer: offer.to_string(),
            state,
            ends_at,
            left,
            seq: done.seq,
            entry: entry(done),
            trace: None,
        })
    }
}

impl TransferWritten {
    pub fn of(done: &Done, program: &Program) -> Option<TransferWritten> {
        let Outcome::Transferred { to, points } = &done.outcome else { return None };
        Some(TransferWritten {
            from: done.member.to_string(),
            to: to.to_string(),
            points: program.points.format(*points),
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        })
    }
}

impl ReturnedAnswer {
    pub fn of(done: &Done, program: &Program) -> Option<ReturnedAnswer> {
        match &done.outcome {
            Outcome::Returned(back) | Outcome::Exchanged { back, .. } => {
                Some(Self::made(back, done, program))
            }
            _ => None,
        }
    }
    fn made(back: &ReturnOutcome, done: &Done, program: &Program) -> ReturnedAnswer {
        let points = |p| program.points.format(p);
        ReturnedAnswer {
            order_id: back.order.order.to_string(),
            shop: back.order.shop.to_string(),
            refund: program.currency.format(back.refund),
            to_gift_cards: program.currency.format(back.to_gift_cards),
            points_back: points(back.points_back),
            points_back_gone: points(back.points_back_gone),
            taken_back: points(back.taken_back),
            not_recovered: points(back.not_recovered),
            withheld: program.currency.format(back.withheld),
            unchanged: back.unchanged,
            member: done.member.to_string(),
            balance: BalanceAnswer::of(&done.balance, program),
            seq: done.seq,
            entry: entry(done),
            trace: None,
        }
    }
}

impl ExchangedAnswer {
    pub fn of(done: &Done, program: &Program) -> Option<ExchangedAnswer> {
        let Outcome::Exchanged { order, .. } = &done.outcome else { return None };
        Some(ExchangedAnswer {
            back: ReturnedAnswer::of(done, program)?,
            order_id: order.order.order.to_string(),
            shop: order.order.shop.to_string(),
            unchanged: order.unchanged,
            shortfall: program.points.format(order.shortfall),
            trace: None,
        })
    }
}
