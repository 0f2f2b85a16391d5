//! The program as the engine executes it: *when – if – then – limits*, indexed by trigger.

use crate::ShortText;
use crate::attribute::Attribute;
use crate::consent::Channel;
use crate::discounts::Index;
use crate::gift::GiftCards;
use crate::money::{Currency, Money, Rate, Rounding};
use crate::order::{BaseAmount, PointScale, ReceiptPoints};
use crate::points::{PointUnit, Points};
use crate::product::LineMatch;
use crate::time::{Ends, Instant, Period, Zone};
use std::sync::Arc;

mod completion;
mod condition;
mod confirm;
mod coupon;
mod discount;
mod effect;
mod fraud;
mod limits;
mod moments;
mod offer;
mod referral;
mod reward;
mod segment;
mod tiers;
mod transfers;
mod validity;
mod versions;

pub use completion::AccrualFrom;
pub use condition::{AttributeTest, BoughtBefore, Condition};
pub use confirm::ConfirmSpending;
pub use coupon::{Campaign, CouponLimits, Coupons, Gift, SharedCode, Together};
pub use discount::{Bought, Discount, DiscountLimits, Off, On, RowOff};
pub use effect::{CreditAmount, CreditEffect, Effect, Grant, Multiplier};
pub use fraud::{Fraud, PURCHASES_PER_DAY_MAX};
pub use limits::{Limits, MemberLimit, Most, Overflow, Span};
pub use moments::{Every, Moments, ProfileField, Schedule};
pub use offer::Offer;
pub use referral::{Referral, ReferralClawback, Touch, VISIT_WITHIN};
pub use reward::{Gives, Reward};
pub use segment::{ControlGroup, Segment};
pub use tiers::{Achievement, CalendarPeriod, Down, ForOrder, Level, Over, Tiers};
pub use transfers::Transfers;
pub use validity::Validity;
pub use versions::Versions;

/// A text in the two languages; one language stands for both when only one is given.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    pub en: String,
    pub ru: String,
}

/// The whole program, immutable.
#[derive(Debug, Clone, PartialEq)]
pub struct Program {
    /// The document's own id (`sports-store`).
    pub slug: String,
    /// Numbered from 1 at publishing; 0 for a draft.
    pub version: u32,
    pub name: Text,
    pub currency: Currency,
    pub zone: Zone,
    pub points: PointUnit,
    pub points_name: Text,
    /// How a credit's exact result becomes points, unless a rule says otherwise.
    pub rounding: Rounding,
    pub ends: Ends,
    /// The delay of credits from orders, unless a rule says otherwise.
    pub active_after: Period,
    /// Since when credits of paid orders wait for that delay.
    pub accrual_from: AccrualFrom,
    /// A paid order that nobody completes counts as completed after this.
    pub complete_after: Period,
    /// The validity of credits, unless a rule says otherwise; `None` = never expire.
    pub expires: Option<Period>,
    /// That validity is counted anew from every paid order of the member.
    pub renewed_by_orders: bool,
    pub base: Base,
    /// How several multipliers of one line come together.
    pub multipliers: Combine,
    pub spending: Spending,
    pub holds: Holds,
    pub returns: Returns,
    pub birthday: BirthdayPolicy,
    pub transfers: Transfers,
    /// How long after its placing a member may claim a guest's order; not at all where absent.
    pub guest_orders: Option<Period>,
    /// How long a card may be nobody's before its account closes; for ever where absent.
    pub unclaimed_cards: Option<Period>,
    pub fraud: Fraud,
    pub approval: Approval,
    pub groups: Vec<Group>,
    pub rules: Vec<Rule>,
    /// What gives the points that articles have of their own: no document writes it.
    pub own_points: Rule,
    /// In the order they are applied in: by priority, then as the document has them.
    pub discounts: Vec<Discount>,
    pub coupons: Coupons,
    /// None are issued or taken where the document does not speak of them.
    pub gift_cards: Option<GiftCards>,
    /// What points buy.
    pub rewards: Vec<Reward>,
    /// What a member may be given.
    pub offers: Vec<Offer>,
    pub tiers: Option<Tiers>,
    pub achievements: Vec<Achievement>,
    /// Events of the shop's own that rules hear of.
    pub events: Vec<CustomEvent>,
    /// What a shop may tell of a member.
    pub attributes: Vec<Attribute>,
    /// What members may be marked with.
    pub tags: Vec<ShortText>,
    /// Conditions that have a name.
    pub segments: Vec<Arc<Segment>>,
    pub control_group: Option<ControlGroup>,
    pub referral: Referral,
    /// Made when a version is taken up; until then every discount is looked at.
    pub discount_index: Index,
    pub discount_limits: DiscountLimits,
    /// Amounts of the document are without the tax that lines add on top; they are with it otherwise.
    pub amounts_net: bool,
    /// How money of a discount becomes whole minor units.
    pub money_rounding: Rounding,
    pub receipt_points: ReceiptPoints,
    /// What completes a member's profile; empty where nothing does.
    pub profile: Vec<ProfileField>,
    /// Moments that rules wait for, and since when.
    pub moments: Moments,
    /// Since when birthday rules have stood without a break; no birthday before it is made up for.
    pub birthday_since: Instant,
}

/// An event of the shop's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomEvent {
    pub id: ShortText,
    pub name: Text,
    /// What a shop may tell with it.
    pub data: Vec<Attribute>,
}

/// What needs a second person: nothing where absent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Approval {
    /// A mass accrual of more points.
    pub accruals_above: Option<Points>,
    /// A merge of an account with more points.
    pub merges_above: Option<Points>,
}

/// What earning is counted on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Base {
    pub lines: BaseLines,
    pub amount: BaseAmount,
    /// Included tax is taken out before the rate applies.
    pub net_of_tax: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BaseLines {
    #[default]
    Goods,
    /// Goods and delivery.
    All,
}

/// Multipliers of one line, together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Combine {
    #[default]
    Largest,
    Product,
    /// What each adds is added: twice and three times are four times.
    Sum,
}

/// The limits of paying with points. `None` for the whole block in a document means no spending limit
/// but what the lines can take.
#[derive(Debug, Clone, PartialEq)]
pub struct Spending {
    pub allowed: bool,
    /// The most of the base that points may pay; 1,000,000 is all of it.
    pub max_share: Rate,
    /// The share is of all goods, not only of the eligible lines.
    pub share_of_order: bool,
    /// Lines that points may pay for.
    pub lines: LineMatch,
    pub delivery: bool,
    pub min_points: Points,
    /// Spent only in multiples of this; at least one.
    pub step: Points,
    /// The order's goods must come to at least this.
    pub min_order: Money,
    /// Money that must remain on each piece.
    pub leave_per_piece: Money,
    pub confirm: ConfirmSpending,
    /// Only of members whose phone or e-mail is known.
    pub contact_needed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holds {
    pub lapse_after: Period,
    pub reserve_lapse_after: Period,
    /// A shipped order's hold does not lapse before this long after placing.
    pub shipped_max: Period,
    pub late_shortfall: LateShortfall,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LateShortfall {
    #[default]
    Debt,
    ShopLoss,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Returns {
    pub on_refund: OnRefund,
    pub clawback: Clawback,
    /// Credits whose thresholds a return breaks stay for the goods that remain.
    pub keep_broken: bool,
    /// Discounts whose thresholds a return breaks are withheld from the refund.
    pub reprice_discounts: bool,
    pub referral: ReferralClawback,
    pub debt_write_off: Period,
}

/// What becomes of points that come back after their lot's date.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnRefund {
    #[default]
    Keep,
    Resume,
    Regrant(Period),
}

/// What happens when a credit is taken back and the points are spent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Clawback {
    #[default]
    Debt,
    FloorAtZero,
    PendingOnly,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BirthdayPolicy {
    /// A birth date counts only when known this long before the day.
    pub known_for: Period,
}

/// How rules that name the same group combine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    pub id: String,
    pub mode: GroupMode,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupMode {
    /// Per line for line effects, else per order.
    Best,
    /// The first in document order.
    First,
    Sum,
    /// One of them, and nothing beside it: taken when it gives more than all the others together.
    Exclusive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Trigger {
    MemberRegistered,
    /// `days` before (negative) or after the day itself.
    MemberBirthday {
        days: i32,
    },
    OrderPlaced,
    OrderPaid,
    OrderCompleted,
    TierChanged {
        way: Way,
    },
    AchievementReached,
    /// Nothing was paid for so many days, counted from registration where nothing ever was.
    MemberInactive {
        days: i32,
    },
    /// All that the program's `profile` names is known, for the first time.
    ProfileCompleted,
    /// The member agrees to hear of offers: by this channel for the first time, or by any for the first time.
    MemberSubscribed {
        channel: Option<Channel>,
    },
    /// A member that somebody brought has paid for an order.
    ReferralOrdered,
    ReferralRegistered,
    Schedule(Schedule),
    /// One of the program's own events, by its place among them.
    Event(u16),
    /// A reward is asked for: conditions of the catalogue, no rule.
    RewardClaimed,
    /// An offer is given: conditions of the offers, no rule.
    OfferGiven,
    /// Who is in a segment: its conditions, no rule.
    SegmentAsked,
}

/// Which changes of a level a rule speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Way {
    #[default]
    Both,
    Up,
    Down,
}

/// One rule: *when – if – then – limits*.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    pub id: ShortText,
    pub when: Trigger,
    pub only_if: Condition,
    pub then: Vec<Effect>,
    pub limits: Limits,
    /// Position in [`Program::groups`].
    pub group: Option<usize>,
    /// The rule's own lines, amounts and tax as the base.
    pub base: Option<Base>,
}

/// So many of the newest paid orders are looked at for what was bought before: four years of a purchase a
/// week, so that one card that a whole shop uses cannot make every quote slow.
pub const HISTORY_ORDERS: usize = 200;

/// The source of points that an article has of its own. No rule can be called so: ids have no colon.
pub const OWN_POINTS: &str = "product:points";

impl Rule {
    /// Its points live to the member's birthday.
    fn asks_of_birthday(&self) -> bool {
        let is = |effect: &Effect| match effect {
            Effect::Credit(credit) => matches!(credit.expires, Some(Validity::Birthday { .. })),
            Effect::Multiply(_) | Effect::Grant(_) => false,
        };
        self.then.iter().any(is)
    }
    /// The rule behind the points of articles: paid orders, the program's own terms, no limits.
    pub fn of_own_points() -> Rule {
        let amount = CreditAmount::PerPiece { of: LineMatch::default(), points: Points::ZERO };
        let effect = CreditEffect {
            amount,
            active_after: None,
            expires: None,
            rounding: None,
            gift: false,
            to_level: None,
        };
        Rule {
            id: OWN_POINTS.into(),
            when: Trigger::OrderPaid,
            only_if: Condition::Always,
            then: vec![Effect::Credit(effect)],
            limits: Limits::default(),
            group: None,
            base: None,
        }
    }
}

impl Program {
    /// Smallest point units that a percent counts per minor unit of money: 5 % of 100.00 is 5 points.
    pub fn point_scale(&self) -> PointScale {
        PointScale { num: self.points.scale(), den: 10_i64.pow(self.currency.exponent) }
    }
    /// Some rule of the trigger gives more than points.
    pub fn grants_on(&self, trigger: Trigger) -> bool {
        self.rules_for(trigger).any(|rule| rule.grants().next().is_some())
    }
    pub fn rules_for(&self, trigger: Trigger) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.when == trigger)
    }
    /// Some rule fires on a birthday, or some condition asks for one.
    pub fn speaks_of_birthdays(&self) -> bool {
        let is = |c: &Condition| c.contains(&|c| matches!(c, Condition::Birthday { .. }));
        self.has_birthday_rules() || self.conditions().any(is)
    }
    /// All that stand in the document.
    pub(super) fn conditions(&self) -> impl Iterator<Item = &Condition> {
        self.deciding_conditions().chain(self.segments.iter().map(|s| &s.only_if))
    }
    /// Those that a decision asks; a segment's is among them where another condition names the segment.
    fn deciding_conditions(&self) -> impl Iterator<Item = &Condition> {
        let campaigns = &self.coupons.campaigns;
        let of_coupons = campaigns.iter().filter_map(|c| c.discount.as_ref());
        let discounts = self.discounts.iter().chain(of_coupons).map(|d| &d.only_if);
        let rewards = self.rewards.iter().map(|r| &r.only_if).chain(self.offers.iter().map(|o| &o.only_if));
        let campaigns = campaigns.iter().map(|c| &c.only_if);
        self.rules.iter().map(|r| &r.only_if).chain(discounts).chain(campaigns).chain(rewards)
    }
    /// Each moment that rules wait for: since before, where the version before waits for it too.
    fn moments_since(&self, before: Option<&Moments>, now: Instant) -> Moments {
        let before_unclaimed = before.and_then(|before| before.unclaimed_since);
        let unclaimed_since = self.unclaimed_cards.map(|_| before_unclaimed.unwrap_or(now));
        let mut moments = Moments { unclaimed_since, ..Moments::default() };
        for rule in &self.rules {
            match rule.when {
                Trigger::Schedule(schedule) if !moments.schedules.iter().any(|(s, _)| *s == schedule) => {
                    let known = before.and_then(|b| b.schedules.iter().find(|(s, _)| *s == schedule));
                    moments.schedules.push((schedule, known.map_or(now, |(_, since)| *since)));
                }
                Trigger::MemberInactive { days } if !moments.silences.iter().any(|(d, _)| *d == days) => {
                    let known = before.and_then(|b| b.silences.iter().find(|(d, _)| *d == days));
                    moments.silences.push((days, known.map_or(now, |(_, since)| *since)));
                }
                _ => {}
            }
        }
        moments
    }
    pub fn has_birthday_rules(&self) -> bool {
        self.birthday_distances().next().is_some()
    }
    /// Days before (negative) or after the birthday at which some rule fires; may repeat.
    pub fn birthday_distances(&self) -> impl Iterator<Item = i32> + '_ {
        self.rules.iter().filter_map(|r| match r.when {
            Trigger::MemberBirthday { days } => Some(days),
            _ => None,
        })
    }
}
