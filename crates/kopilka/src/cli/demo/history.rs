//! Half a year of the sample shop, told to the service as a real shop would, on a clock that is moved on.

use super::random::Random;
use super::{SHOP, goods, people, program};
use kopilka_core::coupon::CouponCode;
use kopilka_core::ids::ProgramId;
use kopilka_core::order::{
    BodyStatus, LineBody, LineKind, OrderBody, OrderKey, PointsAsk, Pricing, Quantity, ReturnBody,
    ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::product::Product;
use kopilka_core::time::{Instant, Zone};
use kopilka_service::{Change, MemberRef, Relay, Service, ServiceError, VisitBy, Write};
use tokio::task::JoinSet;

/// How large a shop.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    pub members: u32,
    pub orders: u32,
    pub seed: u64,
}

/// What was made, for telling.
#[derive(Debug)]
pub struct Made {
    size: Size,
    from: String,
    to: String,
}

impl std::fmt::Display for Made {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Size { members, orders, .. } = self.size;
        write!(f, "{members} members, {orders} orders from {} to {}", self.from, self.to)
    }
}

/// Half a year.
const DAYS: i32 = 182;
/// The clock moves on by so many days at once; what falls due between happens at its own time. A fortnight
/// needs so few commits that the shop is ready within a second also where a disk takes its time.
const STEP_DAYS: i32 = 14;
/// Commands that wait at once: well under what the writer's queue holds.
const BATCH: usize = 1_024;
/// The shop is open from ten to eight.
const OPENS_HOUR: i64 = 10;
const OPEN_SECONDS: u64 = 10 * 3600;

/// One step's commands, in the order they are told.
struct Stretch {
    /// By whose link who came, before any of them became a member.
    visits: Vec<(u32, String)>,
    registrations: Vec<Change>,
    orders: Vec<Change>,
    /// Payments, cancels and returns of earlier orders.
    afterwards: Vec<Change>,
}

/// Tells the half year that ends with the last local midnight; the clock stays there.
pub async fn make(service: &Service, program: ProgramId, size: Size) -> Result<Made, ServiceError> {
    let version = service.versions(program).and_then(|v| v.newest().cloned());
    let zone = version.map_or_else(Zone::utc, |version| version.zone.clone());
    let today = zone.day_of(service.now(program));
    let first = today.plus_days(-DAYS);
    let products = goods::all();
    service.set_clock(program, zone.start_of(first)).await?;
    service.put_products(program, products.clone()).await?;
    let mut story = Story::new(size, products);
    let mut relay = Relay::new(service.clone());
    for step in 0..DAYS / STEP_DAYS {
        let begins = zone.start_of(first.plus_days(step * STEP_DAYS));
        let ends = zone.start_of(first.plus_days((step + 1) * STEP_DAYS));
        let told = story.stretch(step, begins);
        tell(service, program, visits(service, program, told.visits).await?).await?;
        tell(service, program, told.registrations).await?;
        service.set_clock(program, ends).await?;
        tell(service, program, told.orders).await?;
        tell(service, program, told.afterwards).await?;
        relay = told_to_friends(relay).await?;
    }
    Ok(Made { size, from: first.to_string(), to: today.plus_days(-1).to_string() })
}

/// What orders mean for whoever brought the buyer happens before the clock moves on, as in a shop.
async fn told_to_friends(mut relay: Relay) -> Result<Relay, ServiceError> {
    let done = tokio::task::spawn_blocking(move || relay.run().map(|()| relay)).await;
    done.map_err(|error| ServiceError::Storage(error.to_string()))?
}

/// A link is its member's id, which the service gave.
async fn visits(
    service: &Service,
    program: ProgramId,
    visits: Vec<(u32, String)>,
) -> Result<Vec<Change>, ServiceError> {
    let mut changes = Vec::with_capacity(visits.len());
    for (host, visitor) in visits {
        let host = service.find_member(program, MemberRef::Ext(people::ext(host))).await?;
        changes.push(Change::Visit { by: VisitBy::Link(host), visitor });
    }
    Ok(changes)
}

/// Hands commands over in their order and waits for all of them. They are decided one after the other but
/// written to disk together.
async fn tell(service: &Service, program: ProgramId, changes: Vec<Change>) -> Result<(), ServiceError> {
    let mut changes = changes.into_iter().peekable();
    while changes.peek().is_some() {
        let mut waiting = JoinSet::new();
        for change in changes.by_ref().take(BATCH) {
            let (service, write) = (service.clone(), written(program, change));
            waiting.spawn(async move { service.write(write).await });
        }
        while let Some(answer) = waiting.join_next().await {
            match answer {
                Ok(Ok(_)) => {}
                // A return of what was emptied before: shops see it daily.
                Ok(Err(ServiceError::Refused(_))) => {}
                Ok(Err(error)) => return Err(error),
                Err(error) => return Err(ServiceError::Storage(error.to_string())),
            }
        }
    }
    Ok(())
}

fn written(program: ProgramId, change: Change) -> Write {
    let scope = format!("{SHOP} demo");
    Write { program, scope, key: None, input_hash: [0; 16], operator: None, reason: None, change }
}

/// The shop's life so far.
struct Story {
    size: Size,
    products: Vec<Product>,
    random: Random,
    /// Draws of their own for friends: without them the shop would be the same.
    friends: Random,
    /// Members who came by a link.
    brought: Vec<u32>,
    registered: u32,
    ordered: u32,
    /// What is to be told with the next step.
    open: Vec<Change>,
    /// Rewards that are handed over with the step after the next one, or taken back.
    settling: [Vec<Change>; 2],
}

impl Story {
    fn new(size: Size, products: Vec<Product>) -> Story {
        let random = Random::new(size.seed, 1);
        let friends = Random::new(size.seed, 2);
        let (open, settling) = (Vec::new(), Default::default());
        let brought = Vec::new();
        Story { size, products, random, friends, brought, registered: 0, ordered: 0, open, settling }
    }

    fn stretch(&mut self, step: i32, begins: Instant) -> Stretch {
        let steps = (DAYS / STEP_DAYS) as u32;
        let done = step as u32 + 1;
        // Two fifths of the members are there from the start, the others come evenly.
        let start = self.size.members.div_ceil(5) * 2;
        let share = |all: u32, part: u32| (u64::from(all) * u64::from(part) / u64::from(steps)) as u32;
        let goal = if done == steps {
            self.size.members
        } else {
            (start + share(self.size.members - start.min(self.size.members), done)).min(self.size.members)
        };
        let (visits, registrations) = self.newcomers(goal);
        let mut afterwards = std::mem::take(&mut self.open);
        let [now, next] = std::mem::take(&mut self.settling);
        afterwards.extend(now);
        self.settling = [next, Vec::new()];
        let goal = share(self.size.orders, done);
        let mut times: Vec<Instant> = (self.ordered..goal).map(|_| self.moment(begins)).collect();
        times.sort();
        let orders = times.into_iter().map(|at| self.order(at)).collect();
        Stretch { visits, registrations, orders, afterwards }
    }

    /// Who becomes a member up to that number, and by whose link some of them came.
    fn newcomers(&mut self, goal: u32) -> (Vec<(u32, String)>, Vec<Change>) {
        let (mut visits, mut registrations) = (Vec::new(), Vec::new());
        let (there, known) = (self.registered, self.brought.len());
        for number in self.registered + 1..=goal {
            let mut person = people::person(number, &mut self.random);
            // Nobody is brought by somebody who comes with the same step.
            let brought = &self.brought[..known];
            if let Some(host) = people::brought_by(there, brought, &mut self.friends) {
                visits.push((host, people::visitor(number)));
                // Some look and do not come back.
                if self.friends.percent(70) {
                    person.visitor = Some(people::visitor(number));
                    self.brought.push(number);
                }
            }
            registrations.push(Change::Register(person));
        }
        self.registered = goal;
        (visits, registrations)
    }

    fn moment(&mut self, begins: Instant) -> Instant {
        let day = self.random.below(STEP_DAYS as u64) as i64;
        let seconds = OPENS_HOUR * 3600 + self.random.below(OPEN_SECONDS) as i64;
        begins.plus_seconds(day * 86_400 + seconds)
    }

    fn order(&mut self, at: Instant) -> Change {
        self.ordered += 1;
        let key = OrderKey { shop: SHOP.into(), order: format!("{:06}", self.ordered).into() };
        // The first member keeps the points for the printed lines.
        let buyer = 1 + self.random.skewed(u64::from(self.registered)) as u32;
        let member = (!self.random.percent(6)).then(|| MemberRef::Ext(people::ext(buyer)));
        let points = (member.is_some() && buyer != 1 && self.random.percent(30)).then(|| self.ask());
        let online = self.random.percent(35);
        let lines = self.lines();
        let placed = online && self.random.percent(40);
        let status = if placed { BodyStatus::Placed } else { BodyStatus::Paid };
        let coupon = member.is_some() && self.random.percent(9);
        let body = OrderBody {
            coupons: coupon.then(|| program::SHARED_CODE.into()).into_iter().collect(),
            occurred_at: Some(at),
            revision: Some(1),
            channel: Some(if online { "online" } else { "store" }.into()),
            cashier: (!online).then(|| format!("cashier-{}", 1 + self.random.below(5)).into()),
            pricing: Some(Pricing::Engine),
            points,
            ..OrderBody::plain(key.clone(), status, lines)
        };
        self.plan_afterwards(&body, member.clone());
        if let Some(member) = member.clone().filter(|_| buyer != 1 && self.random.percent(8)) {
            self.plan_reward(member);
        }
        Change::PutOrder { member, body }
    }

    /// What comes of the order later: its payment or cancel, or a return.
    fn plan_afterwards(&mut self, body: &OrderBody, member: Option<MemberRef>) {
        let later = body.occurred_at.map(|at| at.plus_seconds(self.random.below(5 * 86_400) as i64));
        if body.status == BodyStatus::Placed {
            if self.random.percent(12) {
                self.open.push(Change::Cancel { key: body.key.clone(), occurred_at: later });
            } else {
                let (status, revision) = (BodyStatus::Paid, Some(2));
                let body = OrderBody { status, revision, occurred_at: later, ..body.clone() };
                self.open.push(Change::PutOrder { member, body });
            }
        } else if self.random.percent(7) {
            let first = &body.lines[0];
            let lines = ReturnedLines::Lines(vec![(first.id.clone(), Quantity::ONE)]);
            let lines = if self.random.percent(25) { ReturnedLines::All } else { lines };
            let key = body.key.clone();
            self.open.push(Change::Return(ReturnBody { key, lines, delivery: false, occurred_at: later }));
        }
    }

    /// A reward that the buyer takes, if there are points enough, and what becomes of it.
    fn plan_reward(&mut self, member: MemberRef) {
        let reward = (*self.random.pick(&program::HANDED_OVER)).to_owned();
        // The shop hands it over: the code is no coupon's.
        let Some(code) = CouponCode::make("", self.random.below(u64::MAX)) else { return };
        self.open.push(Change::ClaimReward { member: member.clone(), reward, code });
        if self.random.percent(80) {
            let handed_over = self.random.percent(90);
            self.settling[1].push(Change::SettleClaim { member, claim: 1, handed_over });
        }
    }

    fn ask(&mut self) -> PointsAsk {
        if self.random.percent(50) {
            PointsAsk::Max
        } else {
            PointsAsk::UpTo(Points(100 * (1 + self.random.below(5) as i64)))
        }
    }

    fn lines(&mut self) -> Vec<LineBody> {
        let count = 1 + self.random.skewed(4);
        (1..=count).map(|number| self.line(number)).collect()
    }

    fn line(&mut self, number: u64) -> LineBody {
        let gift_card = self.random.percent(2);
        let goods = self.products.len() - goods::GIFT_CARDS;
        let at = if gift_card {
            goods + self.random.below(2) as usize
        } else {
            self.random.below(goods as u64) as usize
        };
        let product = &self.products[at];
        let pieces = Quantity::pieces(1 + i64::from(self.random.percent(15)));
        let price = product.price.unwrap_or_default();
        let line = LineBody::goods(&number.to_string(), &product.sku, pieces, price);
        let kind = if gift_card { LineKind::GiftCard } else { LineKind::Goods };
        LineBody { kind, ..line }
    }
}
