//! Uses counted across members: how often a coupon was used, how much of a budget is gone.
//!
//! Invariant: a decision reads a counter only as it was loaded, and changes it only by an event that says by
//! how much; the store adds the change under the lock it read it with, so no limit is passed.

use crate::ShortText;
use crate::coupon::CouponCode;

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
/// Uses of one code.
pub fn of_code(code: &CouponCode) -> ShortText {
    format!("code:{}", code.as_str()).into()
}
