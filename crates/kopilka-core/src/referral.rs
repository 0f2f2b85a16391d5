//! Who brought whom: what a member's row knows of its referrer, and what is told to the referrer's.
//!
//! Invariant: a member has one referrer for ever, once an order of the member is paid; who has brought others
//! is bound to nobody any more, so no circle can close.

use crate::ShortText;
use crate::ids::MemberId;
use crate::order::{Credit, OrderKey};
use crate::points::Points;
use crate::time::Instant;
use serde::{Deserialize, Serialize};

/// Levels of a network: beyond the fifth nobody knows whom he has to thank.
pub const LEVELS_MAX: u8 = 5;

/// The shop of rows that stand for what others bought: no shop of a program has a colon.
pub const OF_OTHERS: &str = ":referral";

/// What such a row ends with where nothing was bought.
const REGISTERED: &str = "registered";

/// How a member came to the referrer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum How {
    /// By the referrer's link, or by a code told at registration.
    Link,
    /// By the referrer's coupon on the first order.
    Coupon,
    /// From a site that was shown to be the referrer's.
    Site,
}

impl How {
    pub fn word(self) -> &'static str {
        match self {
            How::Link => "link",
            How::Coupon => "coupon",
            How::Site => "site",
        }
    }
}

/// Whom the member owes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Referrer {
    pub member: MemberId,
    pub how: How,
    pub at: Instant,
    /// The unpaid order whose coupon bound: cancelled, it has bound nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order: Option<OrderKey>,
}

/// What a member has brought in so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Invited {
    /// Visitors that came by the link.
    pub visits: u32,
    /// Members of the first level.
    pub registered: u32,
    /// Their orders that were paid.
    pub orders: u32,
}

impl Invited {
    pub fn is_none(&self) -> bool {
        *self == Invited::default()
    }
}

/// What is to be told to the referrer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum News {
    Registered,
    Order(OrderKey),
}

/// News on their way.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Telling {
    pub news: News,
    /// When it is due to be told: when it happened.
    pub due_at: Instant,
    /// Since when what it brings waits.
    pub from: Instant,
}

/// A credit to the referrer of a level, kept with the order that brings it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reward {
    pub level: u8,
    /// It has no lot here: that is the referrer's.
    pub credit: Credit,
    /// What was told last; nothing was yet when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<Points>,
}

/// What one rule gives a level by now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Due {
    pub level: u8,
    pub rule: ShortText,
    pub effect: u16,
    pub points: Points,
}

/// What a referrer is told, and passes on to the next level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who registered or bought.
    pub from: MemberId,
    pub news: News,
    /// The level of whoever is told.
    pub level: u8,
    /// Told for the first time; later only less is told.
    pub first: bool,
    /// Since when what it brings waits.
    pub at: Instant,
    /// The program version that decided.
    pub version: u32,
    pub dues: Vec<Due>,
}

impl Told {
    /// The referrer's own row of it.
    pub fn key(&self) -> OrderKey {
        let order = match &self.news {
            News::Registered => format!("{}/{}/{REGISTERED}", self.level, self.from),
            News::Order(key) => {
                // The shop's length keeps it apart from the order, and both from a registration.
                format!("{}/{}/{}:{}/{}", self.level, self.from, key.shop.len(), key.shop, key.order)
            }
        };
        OrderKey { shop: OF_OTHERS.into(), order: order.into() }
    }
    /// The same for the referrer of a referrer; `None` where nothing is left to tell.
    pub fn passed_on(&self) -> Option<Told> {
        let level = self.level + 1;
        let dues: Vec<Due> = self.dues.iter().filter(|due| due.level >= level).cloned().collect();
        (!dues.is_empty() && level <= LEVELS_MAX).then(|| Told { level, dues, ..self.clone() })
    }
}

/// Whether a row stands for what somebody else bought.
pub fn is_of_others(key: &OrderKey) -> bool {
    key.shop == OF_OTHERS
}

/// Whether such a row is of a registration.
pub fn is_of_registration(key: &OrderKey) -> bool {
    key.order.splitn(3, '/').nth(2) == Some(REGISTERED)
}

/// The level and the member of such a row.
pub fn whose(key: &OrderKey) -> Option<(u8, MemberId)> {
    let (level, rest) = key.order.as_str().split_once('/')?;
    let (member, _) = rest.split_once('/')?;
    Some((level.parse().ok()?, MemberId::parse(member)?))
}

/// What happens to a network, as the journal of one of its members has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub enum ReferralEvent {
    Bound {
        referrer: Referrer,
    },
    /// The order whose coupon bound was cancelled before it was paid.
    Unbound {
        order: OrderKey,
    },
    /// What an order brings to referrers, as its returns will need it.
    Decided {
        order: OrderKey,
        rewards: Vec<Reward>,
    },
    /// To be told at once, as a command that is due.
    ToTell {
        telling: Telling,
    },
    /// Read by the relay: the referrer's row hears of it.
    Told {
        to: MemberId,
        told: Told,
    },
    /// On the referrer: somebody registered or bought, or what was bought became less.
    Heard {
        key: OrderKey,
        told: Told,
        credits: Vec<Credit>,
        at: Instant,
    },
    /// Read by the relay: the next level hears of it.
    PassedOn {
        to: MemberId,
        told: Told,
    },
    /// On the referrer: a new visitor came by the link, or from a site.
    Visited {
        at: Instant,
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        site: bool,
    },
}

impl ReferralEvent {
    /// The order, or the row of somebody else's, that it changes.
    pub fn order(&self) -> Option<&OrderKey> {
        match self {
            ReferralEvent::Decided { order, .. } => Some(order),
            ReferralEvent::Told { told: Told { news: News::Order(order), .. }, .. } => Some(order),
            ReferralEvent::Heard { key, .. } => Some(key),
            _ => None,
        }
    }
}
