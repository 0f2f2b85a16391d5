//! What is sold and claimed beside orders: gift cards and rewards.
//!
//! Invariant: a code is wanted by one card only, but rarely by a second one, which must be refused.

use super::Town;
use crate::dice::Dice;
use crate::simulate::documents::{CARD_MONEY, REWARDS};
use kopilka_core::ShortText;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{GiftCardChange, Outcome};
use kopilka_core::money::Money;
use kopilka_core::order::Gave;
use kopilka_core::time::Instant;
use kopilka_service::{Change, Done, MemberRef};

impl Town {
    pub(super) fn issue_card(&self, dice: &mut Dice, now: Instant) -> Change {
        let code = match self.cards.last() {
            Some(known) if dice.one_in(10) => known.clone(),
            _ => draw_code(dice, "GIFT"),
        };
        let amount = Money(match dice.below(8) {
            // Too little and too much for a card are asked for as well.
            0 => dice.pick(&[0, CARD_MONEY.0 - 1, CARD_MONEY.0, CARD_MONEY.1, CARD_MONEY.1 + 1]),
            1 => dice.between(CARD_MONEY.0, CARD_MONEY.1),
            _ => dice.between(1_000, 40_000),
        });
        let expires_at = dice.one_in(5).then(|| now.plus_seconds(dice.between(-1_000, 9_000_000)));
        Change::IssueGiftCard { code, amount, expires_at }
    }

    pub(super) fn change_card(&self, dice: &mut Dice, now: Instant) -> Change {
        let code = dice_of(dice, &self.cards).unwrap_or_else(|| draw_code(dice, ""));
        let by = if dice.one_in(2) { dice.between(-20_000, 20_000) } else { 0 };
        let change = GiftCardChange {
            by: Money(by),
            blocked: dice.one_in(3).then(|| dice.one_in(3)),
            expires_at: dice.one_in(3).then(|| now.plus_seconds(dice.between(-500_000, 9_000_000))),
        };
        Change::ChangeGiftCard { code, change }
    }

    pub(super) fn claim(&self, dice: &mut Dice) -> Change {
        let reward = match dice.below(12) {
            0 => "nothing-known".to_owned(),
            _ => dice.pick(&REWARDS).id.to_owned(),
        };
        Change::ClaimReward { member: self.somebody(dice), reward, code: draw_code(dice, "") }
    }

    /// Sometimes a claim that was settled before, or never made.
    pub(super) fn settle(&self, dice: &mut Dice) -> Change {
        let back = dice.below(self.claims.len() as u64).min(dice.below(self.claims.len() as u64));
        let (member, claim) = self.claims[self.claims.len() - 1 - back as usize];
        let claim = if dice.one_in(20) { claim + 7 } else { claim };
        Change::SettleClaim { member: MemberRef::Id(member), claim, handed_over: dice.one_in(2) }
    }

    pub(super) fn learn_of_shelf(&mut self, change: &Change, done: &Done) {
        match (&done.outcome, change) {
            (Outcome::GiftCard { .. }, Change::IssueGiftCard { code, .. }) if !self.cards.contains(code) => {
                self.cards.push(code.clone());
            }
            (Outcome::RewardClaimed { claim, code, .. }, _) => {
                self.adjusted.extend(done.entry.map(|entry| (done.member, entry)));
                match code {
                    Some(code) if !self.coupons.contains(code) => self.coupons.push(code.clone()),
                    None if !self.claims.contains(&(done.member, *claim)) => {
                        self.claims.push((done.member, *claim));
                    }
                    _ => {}
                }
            }
            _ => {}
        }
    }
}

impl Town {
    /// Codes that the rules of an order gave.
    pub(super) fn learn_of_codes(&mut self, done: &Done) {
        for given in done.order.iter().flat_map(|order| &order.gave) {
            let Gave::Coupon(coupon) = &given.gave else { continue };
            let code: ShortText = coupon.code.as_str().into();
            if !self.coupons.contains(&code) {
                self.coupons.push(code);
            }
        }
    }
}

fn dice_of(dice: &mut Dice, cards: &[CouponCode]) -> Option<CouponCode> {
    // Rarely one that was never issued.
    if cards.is_empty() || dice.one_in(20) {
        return None;
    }
    Some(cards[dice.below(cards.len() as u64) as usize].clone())
}

/// As the service draws one.
fn draw_code(dice: &mut Dice, prefix: &str) -> CouponCode {
    loop {
        if let Some(code) = CouponCode::make(prefix, dice.throw()) {
            return code;
        }
    }
}
