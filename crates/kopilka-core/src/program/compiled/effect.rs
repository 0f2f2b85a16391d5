//! Effects, compiled: points, what multiplies them, and what a rule gives beside them.

use super::{Rule, Validity};
use crate::ShortText;
use crate::attribute::Attributes;
use crate::money::{Money, Rate, Rounding};
use crate::order::TableRow;
use crate::points::Points;
use crate::product::LineMatch;
use crate::time::Period;

impl Rule {
    /// What it gives beside points.
    pub fn grants(&self) -> impl Iterator<Item = &Grant> {
        self.then.iter().filter_map(|effect| match effect {
            Effect::Grant(grant) => Some(grant),
            Effect::Credit(_) | Effect::Multiply(_) => None,
        })
    }
}

/// What a rule does.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    Credit(CreditEffect),
    Multiply(Multiplier),
    Grant(Grant),
}

/// What a rule gives the member beside points, and whom it tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Grant {
    Offer(ShortText),
    /// A new code of this campaign, the member's own; it lives as long as the campaign where absent.
    Coupon {
        campaign: ShortText,
        lasts: Option<Period>,
    },
    /// A level; it is held as one that was reached where absent.
    Tier {
        tier: ShortText,
        lasts: Option<Period>,
    },
    /// Marks the member, or takes the mark away.
    Tag {
        tag: ShortText,
        on: bool,
    },
    /// Words of the shop's own, by the name of their template.
    Message(ShortText),
    /// Something that the shop's own systems are told, with what the document says of it.
    Webhook {
        event: ShortText,
        data: Attributes,
    },
}

/// What the percent, per-amount and per-piece credits of these lines are multiplied by, before rounding.
#[derive(Debug, Clone, PartialEq)]
pub struct Multiplier {
    pub of: LineMatch,
    /// Above one.
    pub by: Rate,
}

/// Points to the member.
#[derive(Debug, Clone, PartialEq)]
pub struct CreditEffect {
    pub amount: CreditAmount,
    /// `None`: the program's own (at once for triggers without an order).
    pub active_after: Option<Period>,
    /// `None`: the program's own.
    pub expires: Option<Validity>,
    pub rounding: Option<Rounding>,
    pub gift: bool,
    /// To the referrer of this level, 1 being who brought the member; to the member when absent.
    pub to_level: Option<u8>,
}

#[derive(Debug, Clone, PartialEq)]
pub enum CreditAmount {
    /// Once per order (falling with the share of goods returned) or per event.
    Fixed(Points),
    /// Per line the first rate whose match holds; the rate of the rule itself stands last.
    Percent { of: LineMatch, rates: Vec<(LineMatch, Rate)>, rate: Rate },
    /// For each whole `per` of the base.
    PerAmount { of: LineMatch, points: Points, per: Money },
    /// For each piece of the matching lines.
    PerPiece { of: LineMatch, points: Points },
    /// The row that the whole base reaches holds for all of it; `marginal`: each row for its own slice.
    Table { of: LineMatch, rows: Vec<TableRow>, marginal: bool },
}
