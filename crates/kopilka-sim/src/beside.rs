//! A shop's own orders, as its books have them, under two versions of the program side by side.
//!
//! Invariant: every order goes through [`execute_into`] under each version, from the same beginning; what is
//! compared is read from the orders and lots that come of it, and nothing here computes a point or a price.

use kopilka_core::ShortText;
use kopilka_core::book::{Book, execute_into};
use kopilka_core::coupon::MadeCode;
use kopilka_core::decide::{Adjustment, Command, Context, run_due_into};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Member, PersonFacts};
use kopilka_core::money::Money;
use kopilka_core::order::{
    BodyStatus, LineBody, LineState, OrderBody, OrderKey, OrderState, OrderStatus, PointsAsk,
};
use kopilka_core::points::Points;
use kopilka_core::program::{Program, Versions};
use kopilka_core::record::{Closing, Recorder};
use kopilka_core::time::Instant;
use kopilka_core::trace::Step;
use std::collections::{BTreeMap, BTreeSet};

/// Orders that changed most: as many as somebody looks through.
pub const LARGEST: usize = 20;
/// When a member bought last is asked of so few purchases: the row of a member keeps no more.
const LAST_ORDERS: usize = 4;

/// A member with what was bought, as the books have it.
#[derive(Debug, Clone)]
pub struct Buyer {
    pub member: Member,
    pub person: PersonFacts,
    /// Codes made one by one that the orders had.
    pub codes: Vec<MadeCode>,
    /// Paid orders of which something remains, in any order; those before the span were bought before.
    pub orders: Vec<OrderState>,
}

/// What one rule or discount did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Did {
    /// Orders in which it acted, and other occasions.
    pub times: u64,
    pub points: Points,
    pub money: Money,
}

/// What one version came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sums {
    /// Orders that it took, and those that it refused, by the code of the refusal.
    pub orders: u64,
    pub refused: BTreeMap<&'static str, u64>,
    /// Points that orders and everything else in the span gave, pending or not.
    pub given: Points,
    pub spent: Points,
    pub discounts: Money,
    /// What buyers pay in money.
    pub due: Money,
    pub rules: BTreeMap<ShortText, Did>,
    pub reductions: BTreeMap<ShortText, Did>,
}

/// What an order came to under one version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Came {
    pub refused: Option<&'static str>,
    pub given: Points,
    pub spent: Points,
    pub discounts: Money,
    pub due: Money,
}

/// An order that the versions do not agree about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub key: OrderKey,
    pub at: Instant,
    pub came: [Came; 2],
    /// Minor units by which it differs for the shop or for the buyer, whichever is more.
    pub weight: i64,
}

/// What came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    pub members: u64,
    /// Orders that differ in anything that is compared.
    pub changed: u64,
    pub sums: [Sums; 2],
    /// The largest changes first.
    pub largest: Vec<Changed>,
}

/// Two versions, and what was replayed under them so far.
#[derive(Debug)]
pub struct Beside {
    since: Instant,
    until: Instant,
    programs: [Program; 2],
    versions: [Versions; 2],
    compared: Compared,
}

impl Beside {
    /// Both versions have the same currency and the same points (the caller has compared them); orders count
    /// that were bought from `since` to `until`.
    pub fn new(programs: [Program; 2], since: Instant, until: Instant) -> Beside {
        let versions = [0, 1].map(|side| {
            let mut versions = Versions::default();
            // From the span's beginning on, so that calendar and birthdays before it give nothing.
            versions.push(since, programs[side].clone());
            versions
        });
        let empty = |side: usize| {
            let program: &Program = &programs[side];
            let rules = program.rules.iter().map(|rule| (rule.id.clone(), Did::default()));
            Sums { rules: rules.collect(), ..Sums::default() }
        };
        let compared = Compared { members: 0, changed: 0, sums: [empty(0), empty(1)], largest: Vec::new() };
        Beside { since, until, programs, versions, compared }
    }

    /// Whether a condition of either version asks what was bought earlier.
    pub fn asks_of_history(&self) -> bool {
        self.versions.iter().any(Versions::need_history)
    }

    /// Replays one member under both versions.
    pub fn buyer(&mut self, buyer: &Buyer) {
        let at = |order: &&OrderState| order.bought_at();
        let mut bought: Vec<&OrderState> = buyer.orders.iter().filter(|order| at(order).is_some()).collect();
        bought.sort_by(|a, b| (at(a), &a.key).cmp(&(at(b), &b.key)));
        let before = bought.partition_point(|order| at(order) < Some(self.since));
        let (before, rest) = bought.split_at(before);
        let mine = &rest[..rest.partition_point(|order| at(order) <= Some(self.until))];
        if mine.is_empty() {
            return;
        }
        self.compared.members += 1;
        let came = [0, 1].map(|side| self.replayed(side, buyer, (before, mine)));
        for ((order, one), other) in mine.iter().zip(&came[0]).zip(&came[1]) {
            if one != other {
                self.compared.changed += 1;
                self.keep(order, [*one, *other]);
            }
        }
    }

    pub fn done(self) -> Compared {
        self.compared
    }

    /// The largest are kept and no others: how many differ says nothing of how much memory this takes.
    fn keep(&mut self, order: &OrderState, came: [Came; 2]) {
        let cost = |side: usize| came[side].discounts + self.programs[side].points.worth(came[side].given);
        let weight = (cost(1) - cost(0)).0.abs().max((came[1].due - came[0].due).0.abs());
        let largest = &mut self.compared.largest;
        let place = largest.partition_point(|known| known.weight >= weight);
        if place < LARGEST {
            largest.truncate(LARGEST - 1);
            let at = order.bought_at().unwrap_or(self.since);
            largest.insert(place, Changed { key: order.key.clone(), at, came, weight });
        }
    }

    fn replayed(
        &mut self,
        side: usize,
        buyer: &Buyer,
        (before, mine): (&[&OrderState], &[&OrderState]),
    ) -> Vec<Came> {
        let versions = &self.versions[side];
        let mut book = begun(versions, self.since, buyer, (before, mine));
        let sums = &mut self.compared.sums[side];
        let mut heard = Heard::default();
        let mut refused = Vec::with_capacity(mine.len());
        for order in mine {
            let now = order.bought_at().unwrap_or(self.since);
            let put = Command::PutOrder { body: body_of(order, now), hash: 0 };
            let outcome = execute_into(Context { versions, now }, &mut book, &put, &mut heard);
            refused.push(outcome.err().map(|refusal| refusal.code()));
            for rule in std::mem::take(&mut heard.multiplied) {
                sums.rules.entry(rule).or_default().times += 1;
            }
        }
        // What was due meanwhile, such as the completion of an order, and birthdays up to the end.
        run_due_into(Context { versions, now: self.until }, &mut book, &mut heard);
        for (rule, points) in heard.lots {
            sums.given += points;
            let did = sums.rules.entry(rule).or_default();
            did.times += 1;
            did.points += points;
        }
        let outcome = |(order, refused): (&&OrderState, Option<&'static str>)| match refused {
            Some(code) => {
                *sums.refused.entry(code).or_default() += 1;
                Came { refused: Some(code), ..Came::default() }
            }
            None => book.orders.get(&order.key).map_or(Came::default(), |state| counted(state, sums)),
        };
        mine.iter().zip(refused).map(outcome).collect()
    }
}

/// Reads what an order came to, and adds it up.
fn counted(state: &OrderState, sums: &mut Sums) -> Came {
    let mut came = Came {
        refused: None,
        given: state.points_earned_net(),
        spent: state.points_spent_net(),
        discounts: Money::ZERO,
        due: state.due(),
    };
    let mut acted: BTreeSet<&ShortText> = BTreeSet::new();
    for taken in state.lines.iter().flat_map(|line| &line.discounts) {
        came.discounts += taken.amount;
        let did = sums.reductions.entry(taken.discount.clone()).or_default();
        did.money += taken.amount;
        did.times += u64::from(acted.insert(&taken.discount));
    }
    acted.clear();
    for credit in &state.credits {
        let did = sums.rules.entry(credit.rule.clone()).or_default();
        did.points += credit.issued - credit.taken;
        did.times += u64::from(acted.insert(&credit.rule));
    }
    for gave in &state.gave {
        let did = sums.rules.entry(gave.rule.clone()).or_default();
        did.times += u64::from(acted.insert(&gave.rule));
    }
    sums.orders += 1;
    sums.given += came.given;
    sums.spent += came.spent;
    sums.discounts += came.discounts;
    sums.due += came.due;
    came
}

/// The member as they were before the first order: the level of that order, the marks of today, what was
/// bought before, and as many points as the orders really took.
fn begun(
    versions: &Versions,
    since: Instant,
    buyer: &Buyer,
    (before, mine): (&[&OrderState], &[&OrderState]),
) -> Book {
    let row = &buyer.member;
    let mut book = Book::new(Member::new(row.id));
    book.person = buyer.person.clone();
    book.codes = buyer.codes.clone();
    let first = mine.first().and_then(|order| order.bought_at()).unwrap_or(since);
    let registered = row.registered_at.unwrap_or(since).min(first);
    let mut unheard = Heard::default();
    // A registration is refused by no rule, and what refuses the rest is a version that knows no such level.
    let register = Command::Register { welcome: false, referrer: None, former: false };
    let _ = execute_into(Context { versions, now: registered }, &mut book, &register, &mut unheard);
    book.member.tags.clone_from(&row.tags);
    let purchases = &mut book.member.purchases;
    purchases.orders = row.purchases.orders.saturating_sub(mine.len() as u32);
    let paid: Money = mine.iter().map(|order| order.paid_remaining()).sum();
    purchases.paid = (row.purchases.paid - paid).max(Money::ZERO);
    let last = before.iter().rev().take(LAST_ORDERS).filter_map(|order| order.bought_at());
    purchases.last = last.collect::<Vec<_>>().into_iter().rev().collect();
    if versions.need_history() {
        for order in before {
            book.orders.put(Box::new((*order).clone()));
        }
    }
    let ctx = Context { versions, now: since.max(registered) };
    let level = mine.iter().find_map(|order| order.tier.clone());
    if let Some(level) = level.or_else(|| row.standing.levels.last().map(|level| level.tier.clone())) {
        let tier = Command::SetTier { tier: Some(level), until: None };
        let _ = execute_into(ctx, &mut book, &tier, &mut unheard);
    }
    let points: Points = mine.iter().map(|order| order.points_spent_net()).sum();
    if points > Points::ZERO {
        let has = Adjustment {
            points,
            active_at: None,
            // They were there when the last order took them.
            expires_at: mine.last().and_then(|order| order.bought_at()).map(|at| at.plus_seconds(1)),
            gift: false,
            allow_debt: false,
        };
        let _ = execute_into(ctx, &mut book, &Command::Adjust(has), &mut unheard);
    }
    book
}

/// The order as its shop would tell it now: what remains of it, at the time it was bought, with the points it
/// took at most.
fn body_of(order: &OrderState, at: Instant) -> OrderBody {
    let status = match order.status {
        OrderStatus::Completed => BodyStatus::Completed,
        _ => BodyStatus::Paid,
    };
    let lines = order.lines.iter().filter_map(LineState::as_it_remains).zip(1..).map(line_of).collect();
    let spent = order.points_spent_net();
    let entered = order.coupons.iter().filter(|coupon| !coupon.automatic && coupon.refused.is_none());
    OrderBody {
        occurred_at: Some(at),
        channel: order.channel.clone(),
        cashier: order.cashier.clone(),
        pricing: Some(order.pricing),
        payment_methods: order.payment_methods.clone(),
        delivery_method: order.delivery_method.clone(),
        coupons: entered.map(|coupon| coupon.code.clone()).collect(),
        checkout: order.checkout.clone(),
        points: (spent > Points::ZERO).then_some(PointsAsk::UpTo(spent)),
        earns_nothing: order.earns_nothing,
        ..OrderBody::plain(order.key.clone(), status, lines)
    }
}

/// Numbered anew: a line that grew has two entries of one id.
fn line_of((line, number): (LineState, u32)) -> LineBody {
    LineBody {
        id: number.to_string().into(),
        sku: line.sku,
        kind: line.kind,
        quantity: line.quantity,
        price: line.price,
        amount: Some(line.list),
        shop_discount: line.shop_discount,
        tax: line.tax,
        category: line.category,
        brand: line.brand,
        tags: line.tags,
        own: line.own,
        marks: Vec::new(),
    }
}

/// Hears what the orders themselves do not remember.
#[derive(Default)]
struct Heard {
    /// Rules that multiplied what others gave, of the order that is being decided.
    multiplied: BTreeSet<ShortText>,
    /// Lots that came with no order, by their rules.
    lots: Vec<(ShortText, Points)>,
}

impl Recorder for Heard {
    fn keeps_steps(&self) -> bool {
        true
    }
    fn keeps_prices(&self) -> bool {
        false
    }
    fn event(&mut self, event: &Event) {
        if let Event::LotIssued { lot } = event
            && lot.order.is_none()
        {
            self.lots.push((lot.source.clone(), lot.free));
        }
    }
    fn step(&mut self, step: Step) {
        if let Step::Multiplied { rule, .. } = step {
            self.multiplied.insert(rule);
        }
    }
    fn close(&mut self, _: Closing) {}
}
