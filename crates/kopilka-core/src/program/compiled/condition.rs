//! What must hold for a rule to speak: all / any / none over leaves, compiled.

use super::Segment;
use crate::attribute::AttributeValue;
use crate::consent::Channels;
use crate::product::LineMatch;
use crate::range::Range;
use crate::time::{Day, Period};
use std::sync::Arc;

/// Conditions nest without limit of depth but [`document::DEPTH_MAX`](crate::program::document::DEPTH_MAX).
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    Always,
    All(Vec<Condition>),
    Any(Vec<Condition>),
    None(Vec<Condition>),
    /// Both days included, in the program's zone.
    Date {
        from: Option<Day>,
        to: Option<Day>,
    },
    /// 1 = Monday … 7 = Sunday.
    Weekdays(Vec<i8>),
    /// Minutes since local midnight, half-open; may pass midnight.
    Hours {
        from: i32,
        to: i32,
    },
    Shops(Vec<String>),
    Channels(Vec<String>),
    Cashiers(Vec<String>),
    /// Goods after the discounts before this, in minor units as the lines state their prices.
    OrderTotal(Range),
    /// Goods before any discount.
    OrderTotalList(Range),
    /// Goods before any discount, without any tax.
    OrderTotalNet(Range),
    /// How it is to be paid: one of these was told.
    PaymentMethods(Vec<String>),
    DeliveryMethods(Vec<String>),
    /// Pieces of goods, in thousandths.
    Quantity(Range),
    /// Some line of these; where asked, their total after discounts and their pieces together.
    Lines {
        of: LineMatch,
        total: Option<Range>,
        quantity: Option<Range>,
    },
    /// The order has a coupon of one of these campaigns.
    Coupons(Vec<String>),
    /// The member's level is one of these.
    Tiers(Vec<String>),
    /// One of these was reached just now; where nothing was, ever.
    Achievements(Vec<String>),
    /// The member holds one of these offers, and it acts.
    Offers(Vec<String>),
    /// Somebody brought the member, or nobody did.
    Referred(bool),
    /// The member is in one of these.
    Segments(Vec<Arc<Segment>>),
    /// The person's language is one of these; untold holds nothing.
    Languages(Vec<String>),
    Regions(Vec<String>),
    /// The member has agreed to hear of offers by one of these.
    Subscribed(Channels),
    /// The member is in the control group, or is not.
    ControlGroup(bool),
    /// The member is marked with one of these.
    Tags(Vec<String>),
    /// Which of the member's paid orders this one is: 1 is the first.
    OrderNumber(Range),
    /// Money the member has paid for orders before, in minor units.
    MoneyPaid(Range),
    /// What was told of the member; untold holds nothing.
    Attribute {
        id: String,
        is: AttributeTest,
    },
    /// What was told with the event that just happened; untold holds nothing.
    EventData {
        id: String,
        is: AttributeTest,
    },
    /// Local days around the member's birthday, both included.
    Birthday {
        before: i32,
        after: i32,
    },
    /// Whole years.
    Age(Range),
    /// Local days between registration and today.
    DaysSinceRegistration(Range),
    DaysSinceLastOrder(Range),
    /// Other paid orders of the member had such goods.
    BoughtBefore(Box<BoughtBefore>),
}

/// What earlier orders must have had, less what came back of them.
#[derive(Debug, Clone, PartialEq)]
pub struct BoughtBefore {
    pub of: LineMatch,
    /// An order counts to the end of the day this long after it was paid; for ever when absent.
    pub within: Option<Period>,
    /// Money paid for such goods, in minor units.
    pub total: Option<Range>,
    /// Pieces of such goods, in thousandths.
    pub quantity: Option<Range>,
    /// Orders that had some.
    pub orders: Option<Range>,
}

/// What is asked of an attribute, as its declaration permits.
#[derive(Debug, Clone, PartialEq)]
pub enum AttributeTest {
    Texts(Vec<String>),
    Number(Range),
    YesNo(bool),
}

impl AttributeTest {
    pub fn holds(&self, value: &AttributeValue) -> bool {
        match (self, value) {
            (AttributeTest::Texts(texts), AttributeValue::Text(text)) => texts.iter().any(|t| t == text),
            (AttributeTest::Number(range), AttributeValue::Number(number)) => range.holds(*number),
            (AttributeTest::YesNo(wanted), AttributeValue::YesNo(told)) => wanted == told,
            _ => false,
        }
    }
}

impl Condition {
    /// It asks what is known of the person.
    pub fn asks_of_person(&self) -> bool {
        self.contains(&|c| {
            matches!(
                c,
                Condition::Age(_)
                    | Condition::Attribute { .. }
                    | Condition::Birthday { .. }
                    | Condition::Languages(_)
                    | Condition::Regions(_)
                    | Condition::Subscribed(_)
            )
        })
    }
    /// It asks what the member's earlier orders were of.
    pub fn asks_of_history(&self) -> bool {
        self.contains(&|c| matches!(c, Condition::BoughtBefore(_)))
    }
    /// The conditions that must all hold: this one, or those of its outermost `all`s.
    pub fn together(&self) -> Vec<&Condition> {
        match self {
            Condition::Always => Vec::new(),
            Condition::All(list) => list.iter().flat_map(Condition::together).collect(),
            Condition::Segments(list) if list.len() == 1 => list[0].only_if.together(),
            one => vec![one],
        }
    }
    /// The condition or one inside it is such.
    pub fn contains(&self, is: &impl Fn(&Condition) -> bool) -> bool {
        match self {
            Condition::All(list) | Condition::Any(list) | Condition::None(list) => {
                list.iter().any(|c| c.contains(is))
            }
            Condition::Segments(list) => is(self) || list.iter().any(|s| s.only_if.contains(is)),
            one => is(one),
        }
    }
}
