//! Uses counted across members: how often a coupon was used, how much of a budget is gone.
//!
//! Invariant: a decision reads a counter only as it was loaded, and changes it only by an event that says by
//! how much; the store adds the change under the lock it read it with, so no limit is passed.

use crate::ShortText;
use crate::coupon::CouponCode;
use crate::time::Day;

/// A counter with what was read and what has been added since.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally {
    pub what: ShortText,
    /// `None` where it was changed without being read, which is enough to give a use back.
    pub read: Option<i64>,
    pub change: i64,
}

/// The counters a command may ask for; a handful, so a list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counters(Vec<Tally>);

impl Counters {
    pub fn load(&mut self, what: ShortText, value: i64) {
        match self.0.iter_mut().find(|t| t.what == what) {
            Some(tally) if tally.read.is_some() => {}
            Some(tally) => tally.read = Some(value),
            None => self.0.push(Tally { what, read: Some(value), change: 0 }),
        }
    }
    pub fn is_loaded(&self, what: &str) -> bool {
        self.0.iter().any(|t| t.what == what && t.read.is_some())
    }
    /// What is counted now; nothing where nobody has counted.
    pub fn value(&self, what: &str) -> i64 {
        self.0.iter().find(|t| t.what == what).map_or(0, |t| t.read.unwrap_or(0) + t.change)
    }
    pub fn add(&mut self, what: &ShortText, by: i64) {
        match self.0.iter_mut().find(|t| t.what == *what) {
            Some(tally) => tally.change += by,
            None => self.0.push(Tally { what: what.clone(), read: None, change: by }),
        }
    }
    pub fn changed(&self) -> impl Iterator<Item = &Tally> {
        self.0.iter().filter(|t| t.change != 0)
    }
}

/// Uses of a campaign.
pub fn of_campaign(campaign: &str) -> ShortText {
    format!("coupon:{campaign}").into()
}
/// Money, in minor units, that a campaign has taken off.
pub fn of_campaign_money(campaign: &str) -> ShortText {
    format!("coupon:{campaign}:money").into()
}
/// Claims of a reward.
pub fn of_reward(reward: &str) -> ShortText {
    format!("reward:{reward}").into()
}
/// Uses of an offer by its member, of the one with this number.
pub fn of_offer(offer: &str, no: u32) -> ShortText {
    format!("offer:{offer}:{no}").into()
}
/// Money, in minor units, that is left on a gift card.
pub fn of_gift_card(code: &str) -> ShortText {
    format!("gift:{code}").into()
}
/// Guests' orders that an operator bound to members in a month (`2026-11`): at which till each was made. The
/// lengths, in bytes, keep shop, cashier and operator apart.
pub fn of_bound(month: &str, bound: &BoundBy<'_>) -> ShortText {
    let BoundBy { shop, cashier, operator } = bound;
    format!("{BOUND}{month}:{}:{}:{shop}{cashier}{operator}", shop.len(), cashier.len()).into()
}

/// The month of a day as [`of_bound`] has it.
pub fn month_of(day: Day) -> String {
    let mut text = day.to_string();
    text.truncate("2026-11".len());
    text
}

/// What the counters of [`of_bound`] begin with.
pub const BOUND: &str = "bound:";

/// Whose such a counter is; an empty cashier where the shop named none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BoundBy<'a> {
    pub shop: &'a str,
    pub cashier: &'a str,
    pub operator: &'a str,
}

/// Reads a name that [`of_bound`] has made for the month.
pub fn bound_by<'a>(what: &'a str, month: &str) -> Option<BoundBy<'a>> {
    let rest = what.strip_prefix(BOUND)?.strip_prefix(month)?.strip_prefix(':')?;
    let (shop, rest) = rest.split_once(':')?;
    let (cashier, rest) = rest.split_once(':')?;
    let (shop, cashier) = (shop.parse().ok()?, cashier.parse().ok()?);
    let (shop, rest) = rest.split_at_checked(shop)?;
    let (cashier, operator) = rest.split_at_checked(cashier)?;
    Some(BoundBy { shop, cashier, operator })
}

/// Uses of one code.
pub fn of_code(code: &CouponCode) -> ShortText {
    format!("code:{}", code.as_str()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_bound_an_order_is_read_as_it_was_counted() {
        for (shop, cashier, operator) in [("main", "anna", "ops"), ("a:b", "", "1:2:c"), ("юг", "кц", "с о")]
        {
            let by = BoundBy { shop, cashier, operator };
            assert_eq!(bound_by(&of_bound("2026-11", &by), "2026-11"), Some(by));
        }
        for text in ["bound:2026-11:9:1:main", "bound:2026-12:4:0:main", "bound:2026-11:1:0:ю", "coupon:x"] {
            assert_eq!(bound_by(text, "2026-11"), None, "{text}");
        }
    }
}
