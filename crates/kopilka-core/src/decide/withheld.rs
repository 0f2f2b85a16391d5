//! Discounts that a return leaves without what they asked for, where the program wants their money back.
//!
//! Invariant: what is withheld is a function of what remains of the order, and nothing of an emptied one is:
//! so parts that come back in any order end with the whole refund. A discount is withheld as it was given:
//! those after it stay as they were.

use super::earn::thresholds;
use crate::ShortText;
use crate::money::{Money, Rounding};
use crate::order::{LineDiscount, LineState, OrderState, Pricing};
use crate::program::{Campaign, Condition, Discount, Off, Program, RowOff};

/// Money that the buyer keeps no longer for what remains, and by which discounts.
#[derive(Debug, Default)]
pub(super) struct Withheld {
    pub money: Money,
    pub discounts: Vec<ShortText>,
}

/// A discount of the order, with all that was asked for it.
struct Given<'a> {
    discount: &'a Discount,
    of_campaign: Option<&'a Condition>,
}

/// What of the order's discounts no longer stands on what remains.
pub(super) fn withheld(program: &Program, order: &OrderState) -> Withheld {
    let mut withheld = Withheld::default();
    if !program.returns.reprice_discounts || order.pricing == Pricing::Shop || order.is_emptied() {
        return withheld;
    }
    let given = given(program, order);
    for (at, one) in given.iter().enumerate() {
        let left = |line: &LineState| amount_of(line, one.discount).map_or(Money::ZERO, |m| line.left_of(m));
        let left: Money = order.lines.iter().map(left).sum();
        if left.is_zero() {
            continue;
        }
        let before = lines_before(order, &given[..at]);
        let stands = if one.is_broken(program, &before) {
            Money::ZERO
        } else {
            one.by_its_row(program, &before, left).map_or(left, |new| new.min(left))
        };
        if stands < left {
            withheld.money += left_with_tax(order, one.discount, left, stands);
            withheld.discounts.push(one.discount.id.clone());
        }
    }
    withheld
}

/// What falls of a discount, with the tax that its lines add on top.
fn left_with_tax(order: &OrderState, discount: &Discount, left: Money, stands: Money) -> Money {
    let gross = |line: &LineState| {
        let own = amount_of(line, discount).map_or(Money::ZERO, |amount| line.left_of(amount));
        line.gross(own)
    };
    let all: Money = order.lines.iter().map(gross).sum();
    all - Money(share(all, stands, left))
}

/// ⌊all × part ÷ whole⌋; the whole is above zero.
fn share(all: Money, part: Money, whole: Money) -> i64 {
    (i128::from(all.0) * i128::from(part.0) / i128::from(whole.0)) as i64
}

/// In the order in which they were applied.
fn given<'a>(program: &'a Program, order: &OrderState) -> Vec<Given<'a>> {
    let own = program.discounts.iter().map(|discount| Given { discount, of_campaign: None });
    let campaigns = order.campaigns().filter_map(|id| program.coupons.campaign(id));
    let by_coupon = campaigns.filter_map(|campaign: &Campaign| {
        let discount = campaign.discount.as_ref()?;
        Some(Given { discount, of_campaign: Some(&campaign.only_if) })
    });
    own.chain(by_coupon).collect()
}

fn amount_of(line: &LineState, discount: &Discount) -> Option<Money> {
    line.discounts.iter().find(|given| given.discount == discount.id).map(|given| given.amount)
}

/// The lines as they stood before a discount: after those that were applied earlier.
fn lines_before(order: &OrderState, earlier: &[Given<'_>]) -> Vec<LineState> {
    let is_earlier = |given: &&LineDiscount| earlier.iter().any(|e| e.discount.id == given.discount);
    let before = |line: &LineState| {
        let taken: Money = line.discounts.iter().filter(is_earlier).map(|given| given.amount).sum();
        LineState { discounted: line.told() - taken, ..line.clone() }
    };
    order.lines.iter().map(before).collect()
}

impl Given<'_> {
    /// Some threshold that held for the whole order does not for what remains.
    fn is_broken(&self, program: &Program, before: &[LineState]) -> bool {
        let whole: Vec<LineState> =
            before.iter().map(|line| LineState { gone: Default::default(), ..line.clone() }).collect();
        let asked = self.of_campaign.into_iter().chain([&self.discount.only_if]);
        let mut needs = asked.flat_map(|condition| thresholds(condition, before, program));
        needs.any(|threshold| threshold.holds(&whole) && !threshold.holds(before))
    }

    /// What is left of a table's discount, where what remains reaches a lower row than the whole did: as much
    /// less as that row gives less. `None` where the row is the same.
    fn by_its_row(&self, program: &Program, before: &[LineState], left: Money) -> Option<Money> {
        let Off::Table(rows) = &self.discount.off else { return None };
        let lowered = |line: &&LineState| amount_of(line, self.discount).is_some();
        let total = |of: &dyn Fn(&LineState, Money) -> Money| -> Money {
            let base = |line: &LineState| {
                let amount = if self.discount.of_list { line.list } else { line.discounted };
                of(line, if program.amounts_net { amount } else { line.gross(amount) })
            };
            before.iter().filter(lowered).map(base).sum()
        };
        let row = |total: Money| rows[..rows.partition_point(|(from, _)| *from <= total)].last();
        let rest = total(&|line, amount| line.left_of(amount));
        let (whole, now) = (row(total(&|_, amount| amount))?, row(rest));
        if Some(whole) == now {
            return None;
        }
        let worth = |off: RowOff| match off {
            RowOff::Percent(rate) => rate.of(rest, Rounding::HalfUp),
            RowOff::Amount(amount) => amount,
        };
        Some(match (now.map(|(_, off)| *off), whole.1) {
            (None, _) => Money::ZERO,
            // An amount for the whole order is given whole, whatever the share of a larger one was.
            (Some(RowOff::Amount(amount)), _) if !self.discount.on.is_by_line() => amount.min(left),
            (Some(RowOff::Percent(new)), RowOff::Percent(old)) => {
                Money(share(left, Money(new.0), Money(old.0)))
            }
            (Some(new), old) if worth(old).0 > 0 => Money(share(left, worth(new), worth(old))).min(left),
            _ => left,
        })
    }
}
