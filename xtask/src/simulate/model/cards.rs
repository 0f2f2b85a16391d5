//! The gift cards of one order: what each pays, and what of it came back.
//!
//! Invariant: cards pay no more than the order costs without the cards it sells; they get back the share of
//! what was returned, the last card first, and all of it once nothing remains.

use super::{Told, demand};
use kopilka_core::gift::GiftPayment;
use kopilka_core::money::Money;
use kopilka_core::order::OrderStatus;
use std::collections::BTreeMap;

/// Cards of one order, as the reference has it.
const CARDS_MAX: usize = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CardSeen {
    pub code: String,
    pub amount: i64,
    pub back: i64,
    pub taken: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Cards(pub Vec<CardSeen>);

/// What an order costs by now.
#[derive(Debug, Clone, Copy)]
pub struct Cost {
    pub status: OrderStatus,
    pub paid: bool,
    /// Nothing remains of what was paid.
    pub emptied: bool,
    /// What is due for what remains of the lines that cards may pay.
    pub payable: i64,
    /// What was really paid, cards included, and what of it was given back.
    pub counted: i64,
    pub refunded: i64,
}

impl CardSeen {
    fn net(&self) -> i64 {
        if self.taken { self.amount - self.back } else { 0 }
    }
}

impl Cards {
    /// What each card pays by now.
    pub fn nets(&self) -> BTreeMap<String, i64> {
        let nets = self.0.iter().map(|card| (card.code.clone(), card.net()));
        nets.filter(|(_, net)| *net != 0).collect()
    }

    pub fn set(&mut self, cards: &[GiftPayment], paid: bool) -> Told {
        demand(!paid, || "the cards of a paid order changed".to_owned())?;
        demand(cards.len() <= CARDS_MAX, || format!("{} cards pay one order", cards.len()))?;
        self.0.clear();
        for card in cards {
            let code = card.code.to_string();
            let amount = card.amount.0;
            let as_asked = amount >= 0 && card.asked.is_none_or(|asked| amount <= asked.0);
            demand(as_asked, || format!("card {code} pays {amount}, asked was {:?}", card.asked))?;
            demand(card.came_back.0 == 0, || format!("card {code} begins with money that came back"))?;
            let known = self.0.iter().any(|before| before.code == code);
            demand(!known, || format!("card {code} pays twice"))?;
            self.0.push(CardSeen { code, amount, back: 0, taken: card.taken });
        }
        Ok(())
    }

    pub fn give_back<C: AsRef<str>>(&mut self, back: &[(C, Money)], paid: bool) -> Told {
        demand(paid, || "cards get back what was never paid".to_owned())?;
        for (code, amount) in back {
            let code = code.as_ref();
            let card = self.0.iter_mut().find(|card| card.code == code);
            let card = card.ok_or_else(|| format!("card {code} gets back what it never paid"))?;
            demand(amount.0 > 0, || format!("card {code} gets {} back", amount.0))?;
            card.back += amount.0;
        }
        Ok(())
    }

    /// What must hold after every entry.
    pub fn laws(&self, cost: Cost) -> Told {
        for card in &self.0 {
            let most = if card.taken { card.amount } else { 0 };
            demand((0..=most).contains(&card.back), || format!("{card:?} has more back than it paid"))?;
        }
        let all: i64 = self.0.iter().filter(|card| card.taken).map(|card| card.amount).sum();
        let back: i64 = self.0.iter().map(|card| card.back).sum();
        let over = cost.emptied || cost.status == OrderStatus::Cancelled;
        demand(!over || all == back, || format!("nothing remains, and cards have {back} of {all} back"))?;
        if !cost.paid {
            demand(all <= cost.payable, || format!("cards pay {all} of {}", cost.payable))?;
            return demand(back == 0, || "cards have something back of an unpaid order".to_owned());
        }
        demand(all <= cost.counted, || format!("cards paid {all} of {}", cost.counted))?;
        self.share(all, back, cost)
    }

    /// Their share of what was given back, less than the smallest coin away; all of it at the end.
    fn share(&self, all: i64, back: i64, cost: Cost) -> Told {
        let exact = i128::from(all) * i128::from(cost.refunded);
        let told = i128::from(back) * i128::from(cost.counted);
        let near = told == exact || (exact - told).abs() < i128::from(cost.counted);
        demand(near, || format!("cards have {back} of {all} back, of {cost:?}"))?;
        let whole = cost.refunded == cost.counted && cost.counted > 0;
        demand(!whole || back == all, || format!("all was refunded, and cards have {back} of {all} back"))?;
        let mut taken = self.0.iter().filter(|card| card.taken).rev();
        let waiting = taken.by_ref().find(|card| card.back < card.amount);
        let early = waiting.and_then(|_| taken.find(|card| card.back > 0));
        demand(early.is_none(), || format!("{early:?} has money back before {waiting:?} has all"))
    }
}
