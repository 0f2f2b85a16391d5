//! Double entry: each event is a set of postings between accounts, and the sums prove the state.

use super::event::{Back, Event, Fate};
use crate::member::Member;
use crate::merge::MergeEvent;
use crate::points::Points;
use serde::{Deserialize, Serialize};

/// The accounts of a member's journal. Points come from `Issued` and end in `Redeemed`, `Expired` or
/// `Revoked`; by way of `Transferred` they go to another member's journal. `Debt` and `ShopLoss` stand in
/// for points that are not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Account {
    Issued,
    Pending,
    Available,
    Held,
    Redeemed,
    Expired,
    Revoked,
    Debt,
    Transferred,
    ShopLoss,
}

pub const ACCOUNTS: [Account; 10] = [
    Account::Issued,
    Account::Pending,
    Account::Available,
    Account::Held,
    Account::Redeemed,
    Account::Expired,
    Account::Revoked,
    Account::Debt,
    Account::Transferred,
    Account::ShopLoss,
];

/// `points` move from one account to another; positive always.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Posting {
    pub from: Account,
    pub to: Account,
    pub points: Points,
}

/// The balance of every account, indexed by [`Account`]: what came in minus what went out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AccountSums([i64; 10]);

impl AccountSums {
    pub fn of(&self, account: Account) -> Points {
        Points(self.0[account as usize])
    }
    pub fn book(&mut self, posting: Posting) {
        self.0[posting.from as usize] -= posting.points.0;
        self.0[posting.to as usize] += posting.points.0;
    }
    /// Must be zero: points are moved, never made.
    pub fn total(&self) -> i64 {
        self.0.iter().sum()
    }
}

/// The postings of an event. Events that move nothing have none.
pub fn postings(event: &Event) -> Vec<Posting> {
    use Account::*;
    let one = |from, to, points: Points| {
        if points.is_zero() { vec![] } else { vec![Posting { from, to, points }] }
    };
    match event {
        Event::LotIssued { lot } => {
            let to = if lot.booked_active { Available } else { Pending };
            one(Issued, to, lot.free)
        }
        Event::LotActivated { points, .. } => one(Pending, Available, *points),
        Event::LotExpired { points, .. } => one(Available, Expired, *points),
        Event::LotRevived { points, .. } => one(Expired, Available, *points),
        Event::PointsHeld { pieces, .. } => one(Available, Held, sum(pieces.iter().map(|p| p.points))),
        Event::HoldCaptured { points, .. } => one(Held, Redeemed, *points),
        Event::PointsSpent { pieces, .. } => one(Available, Redeemed, sum(pieces.iter().map(|p| p.points))),
        Event::ShortfallOwed { points, .. } => one(Debt, Redeemed, *points),
        Event::ShortfallBorne { points, .. } => one(ShopLoss, Redeemed, *points),
        Event::ShortfallOwedBack { points, .. } => one(Redeemed, Debt, *points),
        Event::ShortfallBorneBack { points, .. } => one(Redeemed, ShopLoss, *points),
        Event::HoldReleased { back, .. } => came_back(Held, back),
        Event::PointsCameBack { back, .. } | Event::ShortfallRepaidBack { back, .. } => {
            came_back(Redeemed, back)
        }
        Event::LotRevoked { points, from_pending, .. } => {
            one(if *from_pending { Pending } else { Available }, Revoked, *points)
        }
        Event::ClawbackOwed { points, .. } => one(Debt, Revoked, *points),
        Event::ClawbackBorne { points, .. } => one(ShopLoss, Revoked, *points),
        Event::DebtRepaid { piece } => one(Available, Debt, piece.points),
        Event::DebtWrittenOff { points, .. } => one(ShopLoss, Debt, *points),
        Event::TransferSent { pieces, .. } => {
            one(Available, Transferred, sum(pieces.iter().map(|p| p.points)))
        }
        Event::TransferReceived { lots, gone, .. } => {
            let mut moved = one(Transferred, Available, sum(lots.iter().map(|l| l.free)));
            moved.extend(one(Transferred, Expired, *gone));
            moved
        }
        Event::TransferCameBack { back, .. } => came_back(Transferred, back),
        Event::Merge(MergeEvent::Left { belongings, .. }) => merged(&belongings.member, true),
        Event::Merge(MergeEvent::Joined { belongings, .. }) => merged(&belongings.member, false),
        _ => vec![],
    }
}

fn sum(points: impl Iterator<Item = Points>) -> Points {
    points.sum()
}

/// Everything of an account by way of `Transferred`, a debt as well.
fn merged(member: &Member, leaves: bool) -> Vec<Posting> {
    use Account::*;
    let balance = member.balance_booked();
    let moved = [
        (Pending, Transferred, balance.pending),
        (Available, Transferred, balance.available),
        (Held, Transferred, balance.held),
        (Transferred, Debt, balance.debt),
    ];
    let posting = |(from, to, points)| match leaves {
        true => Posting { from, to, points },
        false => Posting { from: to, to: from, points },
    };
    moved.into_iter().filter(|(.., points)| !points.is_zero()).map(posting).collect()
}

fn came_back(from: Account, back: &[Back]) -> Vec<Posting> {
    use Account::*;
    let mut out = Vec::with_capacity(back.len());
    for b in back {
        let to = |to| Posting { from, to, points: b.piece.points };
        match b.fate {
            Fate::Alive | Fate::Resumed { .. } => out.push(to(Available)),
            Fate::Gone => out.push(to(Expired)),
            Fate::Regranted { .. } => {
                out.push(to(Expired));
                out.push(Posting { from: Expired, to: Available, points: b.piece.points });
            }
        }
    }
    out
}
