//! Gift cards beside their commands: new codes, what is left on one, what the shop owes on all.

use super::Service;
use super::coupons::{draw, prefix_fits};
use crate::error::ServiceError;
use kopilka_core::counters::of_gift_card;
use kopilka_core::coupon::CouponCode;
use kopilka_core::gift::{GIFT_CARD, ending};
use kopilka_core::ids::ProgramId;
use kopilka_core::money::Money;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;

/// A card as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GiftCardState {
    pub code: CouponCode,
    pub balance: Money,
    pub expires_at: Option<Instant>,
    pub blocked: bool,
}

/// What a shop owes on its cards, those included whose date has passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GiftCardsLeft {
    pub cards: i64,
    pub money: Money,
}

impl Service {
    /// A new code, at random: for a card, or for a coupon that a reward gives.
    pub fn draw_code(&self, prefix: &str) -> Result<CouponCode, ServiceError> {
        if !prefix_fits(prefix) {
            return Err(ServiceError::CodePrefix);
        }
        let drawn = draw(&GIFT_CARD.into(), prefix)?;
        drawn.into_iter().next().map(|made| made.code).ok_or(ServiceError::CodePrefix)
    }

    /// What is left on a card.
    pub async fn gift_card(
        &self,
        program: ProgramId,
        code: CouponCode,
    ) -> Result<GiftCardState, ServiceError> {
        let asked = code.clone();
        let (made, left) = self
            .read(move |r| {
                Ok((r.coupon(program, &asked)?, r.counter(program, &of_gift_card(asked.as_str()))?))
            })
            .await?;
        let card = made.filter(|made| made.campaign == GIFT_CARD);
        let card = card.ok_or_else(|| Refusal::GiftCardUnknown { code: ending(code.as_str()) })?;
        let (expires_at, blocked) = (card.expires_at, card.blocked);
        Ok(GiftCardState { code, balance: Money(left), expires_at, blocked })
    }

    pub async fn gift_cards_left(&self, program: ProgramId) -> Result<GiftCardsLeft, ServiceError> {
        let (cards, money) = self.read(move |r| r.gift_cards_left(program)).await?;
        Ok(GiftCardsLeft { cards, money: Money(money) })
    }
}
