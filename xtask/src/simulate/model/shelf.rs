//! Gift cards and claims in one member's journal: money and points that entries move between them.
//!
//! Invariant: within one entry nothing is made of nothing: what leaves a card is what orders take of it, and
//! a claim costs the pieces it remembers.

use super::{Told, demand};
use kopilka_core::coupon::CouponCode;
use kopilka_core::ids::LotNo;
use kopilka_core::ledger::{Back, Event, Piece};
use kopilka_core::order::Gave;
use kopilka_core::time::Instant;
use std::collections::{BTreeMap, BTreeSet};

/// A card as its own row tells of it.
#[derive(Debug, Clone)]
pub struct CardRow {
    /// Money that was ever put on it, less what was taken off by hand.
    pub face: i64,
    pub expires_at: Option<Instant>,
    pub blocked: bool,
}

#[derive(Debug, Clone)]
pub struct ClaimSeen {
    pub reward: String,
    pub points: i64,
    by_lot: BTreeMap<LotNo, i64>,
    pub code: Option<String>,
    /// Handed over, or not; `None` while it waits.
    pub settled: Option<bool>,
}

#[derive(Debug, Default)]
pub struct Shelf {
    pub cards: BTreeMap<String, CardRow>,
    pub claims: BTreeMap<u32, ClaimSeen>,
    /// Codes that rules gave, and whether they were withdrawn.
    pub codes: BTreeMap<String, bool>,
    pub tags: BTreeSet<String>,
    /// Money that this member's entries put on each card, or took off it: the changes of its counter.
    pub counted: BTreeMap<String, i64>,
    /// Uses by what is limited, of all and of this member.
    pub uses: BTreeMap<String, i64>,
    pub own_uses: BTreeMap<String, i64>,
    entry: Entry,
}

/// What moved within the entry that is taken in.
#[derive(Debug, Default)]
struct Entry {
    /// By card: counter and orders, less what was put on it. Nothing, at the end.
    money: BTreeMap<String, i64>,
    /// Points spent beside orders, and those that came back.
    spent: BTreeMap<LotNo, i64>,
    back: BTreeMap<LotNo, i64>,
    claimed: Option<u32>,
    taken_back: Option<u32>,
}

impl ClaimSeen {
    /// It stands, so it has one of the stock.
    pub fn stands(&self) -> bool {
        self.settled != Some(false)
    }
    pub fn waits(&self) -> bool {
        self.settled.is_none()
    }
}

impl Shelf {
    pub fn begin(&mut self) {
        self.entry = Entry::default();
    }

    /// What orders of this member have of cards, after an event less before it.
    pub fn orders_took(&mut self, before: BTreeMap<String, i64>, after: BTreeMap<String, i64>) {
        let lost = before.into_iter().map(|(code, net)| (code, -net));
        for (code, net) in after.into_iter().chain(lost) {
            *self.entry.money.entry(code).or_default() += net;
        }
    }

    pub fn take(&mut self, event: &Event) -> Told {
        match event {
            Event::UseCounted { what, by } => {
                if let Some(code) = what.strip_prefix("gift:") {
                    *self.entry.money.entry(code.to_owned()).or_default() += by;
                    *self.counted.entry(code.to_owned()).or_default() += by;
                }
                *self.uses.entry(what.to_string()).or_default() += by;
            }
            Event::MemberUseCounted { what, by, .. } => {
                *self.own_uses.entry(what.to_string()).or_default() += by;
            }
            Event::GiftCardIssued { code, amount, expires_at } => {
                let row = CardRow { face: 0, expires_at: *expires_at, blocked: false };
                let before = self.cards.insert(code.as_str().to_owned(), row);
                demand(before.is_none(), || format!("card {} was issued twice", code.as_str()))?;
                self.put_on(code, amount.0)?;
            }
            Event::GiftCardChanged { code, by, blocked, expires_at } => {
                let row = self.put_on(code, by.0)?;
                (row.blocked, row.expires_at) = (*blocked, *expires_at);
            }
            Event::PointsSpent { order: None, pieces } => {
                add(&mut self.entry.spent, pieces.iter());
            }
            Event::PointsCameBack { order: None, back } => {
                add(&mut self.entry.back, back.iter().map(|Back { piece, .. }| piece));
            }
            Event::RewardClaimed { claim, code } => {
                let mut by_lot = BTreeMap::new();
                add(&mut by_lot, claim.pieces.iter());
                let seen = ClaimSeen {
                    reward: claim.reward.to_string(),
                    points: by_lot.values().sum(),
                    by_lot,
                    code: code.as_ref().map(|(code, _)| code.as_str().to_owned()),
                    // A coupon needs nobody to hand it over.
                    settled: code.as_ref().map(|_| true),
                };
                let next = self.claims.len() as u32 + 1;
                demand(claim.no == next, || format!("claim {} follows {}", claim.no, next - 1))?;
                self.claims.insert(claim.no, seen);
                self.entry.claimed = Some(claim.no);
            }
            Event::ClaimSettled { claim, handed_over } => self.settle(*claim, *handed_over)?,
            Event::Granted { gave, back, .. } => self.granted(gave, *back)?,
            _ => {}
        }
        Ok(())
    }

    fn put_on(&mut self, code: &CouponCode, amount: i64) -> Result<&mut CardRow, String> {
        let code = code.as_str();
        *self.entry.money.entry(code.to_owned()).or_default() -= amount;
        let row = self.cards.get_mut(code).ok_or_else(|| format!("card {code} was never issued"))?;
        row.face += amount;
        Ok(row)
    }

    fn granted(&mut self, gave: &Gave, back: bool) -> Told {
        match gave {
            Gave::Coupon(coupon) => {
                let code = coupon.code.as_str();
                let before = self.codes.insert(code.to_owned(), back);
                demand(before == back.then_some(false), || format!("code {code} was {before:?} before"))
            }
            Gave::Tag { tag, on } if *on != back => {
                self.tags.insert(tag.to_string());
                Ok(())
            }
            Gave::Tag { tag, .. } => {
                self.tags.remove(tag.as_str());
                Ok(())
            }
            Gave::Tier(_) => Ok(()),
        }
    }

    fn settle(&mut self, no: u32, handed_over: bool) -> Told {
        let claim = self.claims.get_mut(&no).ok_or_else(|| format!("claim {no} was never made"))?;
        demand(claim.waits(), || format!("claim {no} was settled twice"))?;
        claim.settled = Some(handed_over);
        if !handed_over {
            self.entry.taken_back = Some(no);
        }
        Ok(())
    }

    /// What must hold once the entry has been taken in.
    pub fn end(&self) -> Told {
        let astray = self.entry.money.iter().find(|(_, moved)| **moved != 0);
        demand(astray.is_none(), || format!("money of a card was made of nothing: {astray:?}"))?;
        let of = |no: Option<u32>| no.and_then(|no| self.claims.get(&no));
        if let Some(claim) = of(self.entry.claimed) {
            let spent = &self.entry.spent;
            demand(claim.by_lot == *spent, || format!("{claim:?} cost {spent:?}"))?;
        }
        if let Some(claim) = of(self.entry.taken_back) {
            let back = &self.entry.back;
            demand(claim.by_lot == *back, || format!("of {claim:?} came back {back:?}"))?;
        }
        Ok(())
    }
}

fn add<'p>(sums: &mut BTreeMap<LotNo, i64>, pieces: impl Iterator<Item = &'p Piece>) {
    for piece in pieces {
        *sums.entry(piece.lot.no).or_default() += piece.points.0;
    }
}
