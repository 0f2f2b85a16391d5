//! What conditions may ask about, and whether they hold.
//!
//! Invariant: a condition is asked only where its trigger has the data (the document was refused otherwise);
//! what is not known of a member, such as an untold birth date, does not hold.

use super::draft::Draft;
use super::history::bought_before;
use super::offers;
use super::tiers::level_of;
use crate::ShortText;
use crate::attribute::Attributes;
use crate::book::Book;
use crate::member::{Member, MemberStatus, PersonFacts};
use crate::money::Money;
use crate::offer::OrderOffer;
use crate::order::{LineKind, LineState, OrderCoupon, OrderKey, OrderState, Orders};
use crate::program::{Condition, ControlGroup, Level, Program, Segment};
use crate::range::Range;
use crate::time::{Day, Instant, Period, Zone};
use std::cell::OnceCell;

/// The moment, the member, and the order if there is one; its lines come beside it, as discounts change them.
pub(super) struct Facts<'a> {
    pub at: Instant,
    pub zone: &'a Zone,
    /// Amounts of conditions are without the tax that lines add.
    amounts_net: bool,
    pub member: &'a Member,
    pub person: &'a PersonFacts,
    /// How long a birth date must have been known before its day.
    pub known_for: Period,
    pub place: Place<'a>,
    /// Orders of the member, as far as they were loaded: earlier ones where a condition asks of them.
    pub orders: &'a Orders,
    /// Which of the member's paid orders this one is.
    pub order_number: i64,
    /// When the order asked about was paid, if it is.
    own_paid_at: Option<Instant>,
    /// The level that decides.
    pub level: Option<&'a Level>,
    control_group: Option<&'a ControlGroup>,
    /// The achievement that was reached just now.
    pub achievement: Option<&'a str>,
    /// What was told with the event that happened just now.
    pub told: Option<&'a Attributes>,
    calendar: OnceCell<(Day, i32)>,
    /// List prices and pieces of the goods: one set of facts speaks of one order, and no discount changes
    /// these.
    sums: OnceCell<(i64, i64)>,
}

/// Where an order is made.
#[derive(Clone, Copy, Default)]
pub(super) struct Place<'a> {
    /// The order asked about, which is not one before itself.
    pub order: Option<&'a OrderKey>,
    pub shop: Option<&'a str>,
    pub channel: Option<&'a str>,
    pub cashier: Option<&'a str>,
    pub coupons: &'a [OrderCoupon],
    /// Offers that the order itself uses: its own use does not stand in its way.
    pub offers: &'a [OrderOffer],
    pub payment_methods: &'a [ShortText],
    pub delivery_method: Option<&'a str>,
}

impl<'a> Place<'a> {
    pub fn of(order: &'a OrderState) -> Place<'a> {
        Place {
            order: Some(&order.key),
            shop: Some(&order.key.shop),
            channel: order.channel.as_deref(),
            cashier: order.cashier.as_deref(),
            coupons: &order.coupons,
            offers: &order.offers,
            payment_methods: &order.payment_methods,
            delivery_method: order.delivery_method.as_deref(),
        }
    }
}

impl<'a> Facts<'a> {
    pub fn new(draft: &'a Draft<'_>, at: Instant, place: Place<'a>) -> Facts<'a> {
        Facts::of(draft.program, draft.book, at, place)
    }
    /// The order asked about is not paid yet: it is the next one.
    pub fn of(program: &'a Program, book: &'a Book, at: Instant, place: Place<'a>) -> Facts<'a> {
        let (member, person) = (&book.member, &book.person);
        // Whoever was erased and came again has had a first order.
        let order_number = i64::from(member.purchases.orders) + 1 + i64::from(member.former);
        Facts {
            at,
            zone: &program.zone,
            amounts_net: program.amounts_net,
            member,
            person,
            known_for: program.birthday.known_for,
            place,
            orders: &book.orders,
            order_number,
            own_paid_at: None,
            level: level_of(program, member),
            control_group: program.control_group.as_ref(),
            achievement: None,
            told: None,
            calendar: OnceCell::new(),
            sums: OnceCell::new(),
        }
    }
    /// The order asked about is among those paid: the newest of them, or the one it was when it was paid. One
    /// that is not paid is the next.
    pub fn of_order(draft: &'a Draft<'_>, order: &'a OrderState, at: Instant) -> Facts<'a> {
        let mut facts = Facts::new(draft, at, Place::of(order));
        let newest = facts.order_number - i64::from(order.is_paid());
        facts.order_number = order.number.map_or(newest, i64::from);
        facts.own_paid_at = order.paid_at;
        if order.claimed.is_some() {
            // Nobody was known when it was bought, whatever level its member has by now.
            facts.level = draft.program.tiers.as_ref().and_then(|tiers| tiers.levels.first());
        }
        facts
    }
    /// The order of a quote, which has been paid on its copy of the book.
    pub fn of_quoted(program: &'a Program, book: &'a Book, order: &'a OrderState, at: Instant) -> Facts<'a> {
        let mut facts = Facts::of(program, book, at, Place::of(order));
        facts.order_number -= i64::from(order.is_paid());
        facts.own_paid_at = order.paid_at;
        facts
    }

    fn day(&self) -> Day {
        self.calendar().0
    }
    fn minute(&self) -> i32 {
        self.calendar().1
    }
    fn calendar(&self) -> (Day, i32) {
        *self.calendar.get_or_init(|| (self.zone.day_of(self.at), self.zone.minute_of_day(self.at)))
    }
    fn sums(&self, lines: &[LineState]) -> (i64, i64) {
        let add = |(list, pieces), l: &LineState| (list + self.money(l, l.list), pieces + l.quantity.0);
        let sum = || goods(lines).fold((0, 0), add);
        *self.sums.get_or_init(sum)
    }
    /// An amount of a line as conditions mean it.
    fn money(&self, line: &LineState, amount: Money) -> i64 {
        if self.amounts_net { amount.0 } else { line.gross(amount).0 }
    }
    fn days_since(&self, before: Instant) -> i64 {
        self.zone.day_of(before).days_until(self.day())
    }
    /// The birthday's own year may be the one before or after today's.
    fn is_around_birthday(&self, before: i32, after: i32) -> bool {
        let Some(born) = self.person.birth_date else { return false };
        let today = self.day();
        // Untold where a test or an old row does not say: then it was known from the registration on.
        let known = self.person.birth_date_known_at.or(self.member.registered_at);
        let known = known.map(|at| self.zone.day_of(self.zone.plus(at, self.known_for)));
        (today.year() - 1..=today.year() + 1).filter_map(|year| born.in_year(year)).any(|birthday| {
            let window = birthday.plus_days(-before)..=birthday.plus_days(after);
            let known_in_time = self.known_for.is_zero() || known.is_some_and(|day| day <= birthday);
            window.contains(&today) && known_in_time
        })
    }
    /// A guest is in no group.
    fn is_in_control_group(&self) -> bool {
        let is_member = self.member.status != MemberStatus::Guest;
        is_member && self.control_group.is_some_and(|group| group.has(self.member.id))
    }
    /// Money paid for other orders than the one asked about.
    fn paid_before(&self, lines: &[LineState]) -> i64 {
        let among_paid = self.own_paid_at.is_some();
        let own: i64 = if among_paid { lines.iter().map(|l| l.left_of(l.counted).0).sum() } else { 0 };
        self.member.purchases.paid.0 - own
    }
}

pub(super) fn goods(lines: &[LineState]) -> impl Iterator<Item = &LineState> {
    lines.iter().filter(|l| l.kind == LineKind::Goods)
}

pub(super) fn holds(condition: &Condition, facts: &Facts<'_>, lines: &[LineState]) -> bool {
    match condition {
        Condition::Always => true,
        Condition::All(list) => list.iter().all(|c| holds(c, facts, lines)),
        Condition::Any(list) => list.iter().any(|c| holds(c, facts, lines)),
        Condition::None(list) => !list.iter().any(|c| holds(c, facts, lines)),
        Condition::Date { from, to } => {
            let day = facts.day();
            from.is_none_or(|from| from <= day) && to.is_none_or(|to| day <= to)
        }
        Condition::Weekdays(days) => days.contains(&facts.day().weekday()),
        Condition::Hours { from, to } => {
            let minute = facts.minute();
            if from <= to { (*from..*to).contains(&minute) } else { minute >= *from || minute < *to }
        }
        Condition::Shops(list) => listed(list, facts.place.shop),
        Condition::Channels(list) => listed(list, facts.place.channel),
        Condition::Cashiers(list) => listed(list, facts.place.cashier),
        Condition::Coupons(campaigns) => facts
            .place
            .coupons
            .iter()
            .any(|coupon| coupon.refused.is_none() && listed(campaigns, coupon.campaign.as_deref())),
        Condition::OrderTotal(range) => range.holds(goods(lines).map(|l| facts.money(l, l.discounted)).sum()),
        Condition::OrderTotalList(range) => range.holds(facts.sums(lines).0),
        Condition::OrderTotalNet(range) => {
            let net = |l: &LineState| l.tax.filter(|t| !t.added).map_or(l.list, |t| l.list - t.of(l.list));
            range.holds(goods(lines).map(|l| net(l).0).sum())
        }
        Condition::PaymentMethods(list) => {
            facts.place.payment_methods.iter().any(|method| listed(list, Some(method)))
        }
        Condition::DeliveryMethods(list) => listed(list, facts.place.delivery_method),
        Condition::Quantity(range) => range.holds(facts.sums(lines).1),
        Condition::Lines { of, total, quantity } => {
            let matching = || goods(lines).filter(|l| of.matches(l.traits()));
            let within = |range: &Option<Range>, of: &dyn Fn(&LineState) -> i64| {
                range.is_none_or(|range| range.holds(matching().map(of).sum()))
            };
            matching().next().is_some()
                && within(total, &|l| facts.money(l, l.discounted))
                && within(quantity, &|l| l.quantity.0)
        }
        Condition::Tiers(list) => listed(list, facts.level.map(|l| l.id.as_str())),
        Condition::Achievements(list) => match facts.achievement {
            Some(now) => listed(list, Some(now)),
            None => list.iter().any(|id| facts.member.standing.progress(id).is_some_and(|p| p.reached > 0)),
        },
        Condition::ControlGroup(wanted) => facts.is_in_control_group() == *wanted,
        Condition::OrderNumber(_)
        | Condition::MoneyPaid(_)
        | Condition::Offers(_)
        | Condition::Segments(_)
        | Condition::Languages(_)
        | Condition::Regions(_)
        | Condition::Subscribed(_)
        | Condition::Tags(_)
        | Condition::Referred(_)
        | Condition::Attribute { .. }
        | Condition::EventData { .. }
        | Condition::Birthday { .. }
        | Condition::Age(_)
        | Condition::DaysSinceRegistration(_)
        | Condition::DaysSinceLastOrder(_)
        | Condition::BoughtBefore(_) => member_holds(condition, facts, lines),
    }
}

fn listed(list: &[String], value: Option<&str>) -> bool {
    value.is_some_and(|v| list.iter().any(|i| i == v))
}

/// The language of a tag such as `ru-RU`.
fn primary(tag: &str) -> &str {
    tag.split(['-', '_']).next().unwrap_or(tag)
}

/// The segments that the member is in at the moment, in the order of the document.
pub fn segments_of<'a>(program: &'a Program, book: &Book, now: Instant) -> Vec<&'a Segment> {
    let facts = Facts::of(program, book, now, Place::default());
    let is_in = |segment: &&std::sync::Arc<Segment>| holds(&segment.only_if, &facts, &[]);
    program.segments.iter().filter(is_in).map(|segment| &**segment).collect()
}

fn member_holds(condition: &Condition, facts: &Facts<'_>, lines: &[LineState]) -> bool {
    let days_since = |range: &Range, before: Option<Instant>| {
        before.is_some_and(|before| range.holds(facts.days_since(before)))
    };
    if facts.member.status == MemberStatus::Guest {
        return false;
    }
    match condition {
        Condition::OrderNumber(range) => range.holds(facts.order_number),
        Condition::MoneyPaid(range) => range.holds(facts.paid_before(lines)),
        Condition::Offers(list) => list.iter().any(|offer| offers::acts(facts, offer)),
        Condition::Referred(wanted) => facts.member.referrer.is_some() == *wanted,
        Condition::Segments(list) => list.iter().any(|s| holds(&s.only_if, facts, lines)),
        Condition::Languages(list) => listed(list, facts.person.language.as_deref().map(primary)),
        Condition::Regions(list) => listed(list, facts.person.region.as_deref()),
        Condition::Subscribed(channels) => channels.list().any(|c| facts.person.subscribed.has(c)),
        Condition::Tags(list) => list.iter().any(|tag| facts.member.has_tag(tag)),
        Condition::Attribute { id, is } => {
            facts.person.attributes.get(id).is_some_and(|value| is.holds(value))
        }
        Condition::EventData { id, is } => {
            facts.told.and_then(|told| told.get(id)).is_some_and(|value| is.holds(value))
        }
        Condition::Birthday { before, after } => facts.is_around_birthday(*before, *after),
        Condition::Age(range) => {
            facts.person.birth_date.is_some_and(|born| range.holds(born.years_until(facts.day())))
        }
        Condition::BoughtBefore(asked) => bought_before(asked, facts),
        Condition::DaysSinceRegistration(range) => days_since(range, facts.member.registered_at),
        Condition::DaysSinceLastOrder(range) => {
            // A paid order asked about is itself among the last.
            let last = &facts.member.purchases.last;
            let own = facts.own_paid_at;
            let before = own.and_then(|own| last.iter().rposition(|at| *at == own));
            let until = own.unwrap_or(facts.at);
            let others = last.iter().enumerate().rev().find(|(i, at)| Some(*i) != before && **at <= until);
            days_since(range, others.map(|(_, at)| *at))
        }
        _ => false,
    }
}
