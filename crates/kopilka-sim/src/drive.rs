//! One member after another through the engine: each row's command on a clock that stands where the row does.
//!
//! Invariant: the only way into a member's book is [`execute_into`]; the checks compare the book with what
//! its events add up to.

use crate::Spend;
use crate::habits::Visits;
use crate::history::{History, Piece, Purchase, Step};
use crate::log::{Article, Log};
use crate::reasons::Reason;
use crate::totals::{Calendar, Counter, Totals};
use kopilka_core::ShortText;
use kopilka_core::book::{Book, execute_into};
use kopilka_core::decide::{Command, Context, Outcome, run_due_into, spend_limit};
use kopilka_core::ids::MemberId;
use kopilka_core::measures::Lifetime;
use kopilka_core::member::Member;
use kopilka_core::money::{Money, Rounding};
use kopilka_core::order::{
    BodyStatus, LineBody, LineKind, OrderBody, OrderKey, OrderState, OrderStatus, PointsAsk, Quantity,
    ReturnBody, ReturnedLines,
};
use kopilka_core::points::Points;
use kopilka_core::program::{HISTORY_ORDERS, Versions};
use kopilka_core::time::{Instant, Zone};

/// What all members share.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub log: &'a Log,
    pub versions: &'a Versions,
    pub calendar: &'a Calendar,
    /// The log's articles by number, ready to be copied.
    pub skus: &'a [ShortText],
    pub exponent: u32,
    pub spend: Spend,
    pub welcome: bool,
    /// Habits are asked for, with days of this zone.
    pub habits: Option<&'a Zone>,
}

/// What lines are made of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Goods<'a> {
    pub log: &'a Log,
    pub skus: &'a [ShortText],
    pub exponent: u32,
}

impl<'a> Scene<'a> {
    fn goods(&self) -> Goods<'a> {
        Goods { log: self.log, skus: self.skus, exponent: self.exponent }
    }
}

/// Replays members into its totals.
pub(crate) struct Driver<'a> {
    scene: Scene<'a>,
    pub totals: Totals,
    history: History,
    order: Command,
    key: OrderKey,
    /// Line bodies with their texts' memory, for the next longer order.
    spare: Vec<LineBody>,
    /// Ids of lines by their position, as far as they were needed.
    line_ids: Vec<ShortText>,
}

/// One member on the way through its history.
struct Journey {
    number: u32,
    book: Book,
    /// What the events add up to, independently of the book.
    sums: Lifetime,
    issued_by_orders: bool,
    began: Points,
    emptied: u64,
    orders: u64,
    visits: Visits,
}

impl Journey {
    fn count(&mut self, order: &OrderState) {
        self.emptied += u64::from(order.status == OrderStatus::Returned);
        self.issued_by_orders |= !order.credits.is_empty();
    }
}

impl<'a> Driver<'a> {
    pub fn new(scene: Scene<'a>) -> Driver<'a> {
        let key = OrderKey { shop: scene.log.map.shop.as_str().into(), order: ShortText::default() };
        let channel = scene.log.map.channel.as_deref().map(ShortText::new);
        let body = OrderBody { channel, ..OrderBody::plain(key.clone(), BodyStatus::Paid, Vec::new()) };
        Driver {
            scene,
            totals: Totals::new(scene.calendar.names.len()),
            history: History::default(),
            order: Command::PutOrder { body, hash: 0 },
            key,
            spare: Vec::new(),
            line_ids: Vec::new(),
        }
    }

    /// Replays one member; `rows` are positions in the log's rows.
    pub fn member(&mut self, number: u32, rows: &mut [u32]) {
        let mut history = std::mem::take(&mut self.history);
        let (log, totals) = (self.scene.log, &mut self.totals);
        history.build(log, self.scene.exponent, rows, &mut totals.reasons, &mut totals.matched);
        if let Some(first) = history.purchases.first() {
            let mut journey = self.begin(number, first.at);
            for (i, step) in history.steps.iter().enumerate() {
                let purchase = match step {
                    Step::Order { purchase } => {
                        let purchase = &history.purchases[*purchase as usize];
                        self.purchase(&mut journey, &history, purchase);
                        purchase
                    }
                    Step::Return { purchase, at, pieces } => {
                        let purchase = &history.purchases[*purchase as usize];
                        let pieces = &history.pieces[pieces.clone()];
                        self.give_back(&mut journey, &history, purchase, *at, pieces);
                        purchase
                    }
                };
                if purchase.last_step == i {
                    self.put_away(&mut journey);
                }
            }
            self.end(journey);
        }
        self.history = history;
    }

    fn begin(&mut self, number: u32, at: Instant) -> Journey {
        let member = Member::new(MemberId(i64::from(number) + 1));
        let mut journey = Journey {
            number,
            book: Book::new(member),
            sums: Lifetime::default(),
            issued_by_orders: false,
            began: Points::ZERO,
            emptied: 0,
            orders: 0,
            visits: Visits::default(),
        };
        // Who bought in a shop of before could be reached, whatever the log tells of them.
        journey.book.person.known.phone = true;
        self.totals.members += 1;
        let register = Command::Register { welcome: self.scene.welcome, referrer: None, former: false };
        let ctx = self.at(at);
        let mut counter = Counter::new(&mut journey.sums, &mut self.totals.months, self.scene.calendar);
        // A registration is refused by no rule.
        let _ = execute_into(ctx, &mut journey.book, &register, &mut counter);
        journey.began = journey.sums.issued;
        journey
    }

    fn at(&self, now: Instant) -> Context<'a> {
        Context { versions: self.scene.versions, now }
    }

    fn purchase(&mut self, journey: &mut Journey, history: &History, purchase: &Purchase) {
        let ctx = self.at(purchase.at);
        self.write_key(purchase);
        if !self.write_body(history, purchase) {
            self.totals.orders_without_goods += 1;
            return;
        }
        let mut counter = Counter::new(&mut journey.sums, &mut self.totals.months, self.scene.calendar);
        let Command::PutOrder { body, .. } = &mut self.order else { return };
        body.points = match self.scene.spend {
            Spend::Never => None,
            Spend::Max => Some(PointsAsk::Max),
            Spend::Half => {
                // The limit is asked of a book whose due commands have run.
                run_due_into(ctx, &mut journey.book, &mut counter);
                spend_limit(ctx, &journey.book, body)
                    .map(|limit| PointsAsk::UpTo(Points(limit.limit.0 / 2)))
                    .filter(|ask| *ask != PointsAsk::UpTo(Points::ZERO))
            }
        };
        match execute_into(ctx, &mut journey.book, &self.order, &mut counter) {
            Ok(_) => {
                let charged = counter.charged;
                let month = &mut self.totals.months[self.scene.calendar.month_of(purchase.at)];
                month.orders += 1;
                month.charged += i128::from(charged);
                self.totals.orders += 1;
                journey.orders += 1;
                if let Some(zone) = self.scene.habits {
                    let has_spent = journey.sums.spent > Points::ZERO;
                    journey.visits.order(zone, purchase.at, has_spent, &mut self.totals.habits);
                }
            }
            Err(refusal) => {
                self.totals.orders_refused += 1;
                for line in history.lines[purchase.lines.clone()].iter().filter(|l| !l.left_out) {
                    let exact = self.scene.log.exact(&self.scene.log.rows[line.row as usize]);
                    self.totals.reasons.add(Reason::OrderRefused(refusal.code()), exact);
                }
            }
        }
    }

    fn give_back(
        &mut self,
        journey: &mut Journey,
        history: &History,
        purchase: &Purchase,
        at: Instant,
        pieces: &[Piece],
    ) {
        let ctx = self.at(at);
        self.write_key(purchase);
        let lines = returned_lines(history, pieces);
        let body = ReturnBody { key: self.key.clone(), lines, delivery: false, occurred_at: Some(at) };
        let mut counter = Counter::new(&mut journey.sums, &mut self.totals.months, self.scene.calendar);
        match execute_into(ctx, &mut journey.book, &Command::ReturnPieces(body), &mut counter) {
            Ok(outcome) => {
                let month = &mut self.totals.months[self.scene.calendar.month_of(at)];
                month.returns += 1;
                if let Outcome::Returned(returned) = &outcome {
                    month.refunded += i128::from(returned.refund.0);
                }
                self.totals.returns += 1;
            }
            Err(refusal) => {
                let mut counted = None;
                for piece in pieces.iter().filter(|p| counted.replace(p.row) != Some(p.row)) {
                    let exact = -self.scene.log.exact(&self.scene.log.rows[piece.row as usize]);
                    self.totals.reasons.add(Reason::ReturnRefused(refusal.code()), exact);
                }
            }
        }
    }

    /// Nothing will speak again of the order that `key` names, unless it is still to be completed, or
    /// conditions ask what was bought before: otherwise only whether it was emptied is kept.
    fn put_away(&mut self, journey: &mut Journey) {
        let completing = &journey.book.member.completing;
        let waits = |key: &OrderKey| completing.iter().any(|(order, _)| order == key);
        if waits(&self.key) {
            return;
        }
        let orders = &journey.book.orders;
        let leaving = match self.scene.versions.need_history() {
            false => Some(self.key.clone()),
            true if orders.len() <= HISTORY_ORDERS => None,
            true => {
                let over = orders.iter().filter(|order| !waits(&order.key));
                over.min_by_key(|order| order.paid_at).map(|order| order.key.clone())
            }
        };
        if let Some(order) = leaving.and_then(|key| journey.book.orders.remove(&key)) {
            journey.count(&order);
        }
    }

    fn end(&mut self, mut journey: Journey) {
        let ctx = self.at(self.scene.log.last);
        let mut counter = Counter::new(&mut journey.sums, &mut self.totals.months, self.scene.calendar);
        run_due_into(ctx, &mut journey.book, &mut counter);
        let waited = std::mem::take(&mut journey.book.orders);
        waited.iter().for_each(|order| journey.count(order));
        let (number, sums) = (journey.number, journey.sums);
        let balance = journey.book.member.balance_booked();
        self.totals.identity.members += 1;
        if balance.outstanding() != sums.outstanding() || journey.book.member.lifetime != sums {
            let (books, events) = (balance.outstanding().0, sums.outstanding().0);
            self.totals.identity.fail(number, format!("books hold {books}, events add up to {events}"));
        }
        if journey.orders > 0 && journey.emptied == journey.orders {
            self.check_emptied(&journey, balance.outstanding());
        }
        self.totals.members_who_spent += u64::from(sums.spent.0 > 0);
        self.totals.add_balance(balance);
        if self.scene.habits.is_some() {
            self.totals.habits.add(journey.visits, sums.issued > Points::ZERO);
        }
    }

    /// Who returned everything ends where they began, but for what time took or gave.
    fn check_emptied(&mut self, journey: &Journey, outstanding: Points) {
        let sums = journey.sums;
        let time_took = sums.expired;
        let time_gave = sums.regranted + sums.written_off;
        self.totals.emptied.members += 1;
        self.totals.emptied_with_time += u64::from(time_took.0 > 0 || time_gave.0 > 0);
        let least = journey.began - time_took;
        let most = journey.began + time_gave;
        if sums.spent != sums.come_back || outstanding < least || outstanding > most {
            let what = format!(
                "began with {}, ends with {} after {} expired; spent {}, come back {}",
                journey.began.0, outstanding.0, time_took.0, sums.spent.0, sums.come_back.0
            );
            self.totals.emptied.fail(journey.number, what);
        }
    }

    fn write_key(&mut self, purchase: &Purchase) {
        self.key.order = order_id(self.scene.log, purchase);
    }

    /// The order as the shop would tell it; `false` when none of its rows is part of an order.
    fn write_body(&mut self, history: &History, purchase: &Purchase) -> bool {
        let Command::PutOrder { body, hash } = &mut self.order else { return false };
        *hash = u64::from(purchase.document);
        body.key.order.clone_from(&self.key.order);
        body.occurred_at = Some(purchase.at);
        let mut count = 0;
        for line in history.lines[purchase.lines.clone()].iter().filter(|l| !l.left_out) {
            if body.lines.len() == count {
                let fresh = || LineBody::goods("", "", Quantity::ONE, Money::ZERO);
                body.lines.push(self.spare.pop().unwrap_or_else(fresh));
            }
            write_line(&mut body.lines[count], self.scene.goods(), line.row);
            if self.line_ids.len() == count {
                self.line_ids.push(line_id(count as u16));
            }
            // The lines are numbered within the order, from 1.
            body.lines[count].id.clone_from(&self.line_ids[count]);
            count += 1;
        }
        self.spare.extend(body.lines.drain(count..));
        count > 0
    }
}

/// The id of an order, as the log has it.
pub(crate) fn order_id(log: &Log, purchase: &Purchase) -> ShortText {
    match &log.orders {
        Some(orders) => orders.text(purchase.document).into(),
        None => numbered("row-", purchase.document),
    }
}

/// What of which lines comes back.
pub(crate) fn returned_lines(history: &History, pieces: &[Piece]) -> ReturnedLines {
    let mut lines: Vec<(ShortText, Quantity)> = Vec::with_capacity(pieces.len());
    let mut last = None;
    for piece in pieces {
        let line = &history.lines[piece.line as usize];
        if last == Some(piece.line)
            && let Some((_, quantity)) = lines.last_mut()
        {
            quantity.0 += i64::from(piece.quantity);
        } else {
            lines.push((line_id(line.number), Quantity(i64::from(piece.quantity))));
        }
        last = Some(piece.line);
    }
    ReturnedLines::Lines(lines)
}

/// Lines are numbered within the order, from 1.
pub(crate) fn line_id(number: u16) -> ShortText {
    numbered("", u32::from(number) + 1)
}

/// A number after a prefix of at most eight bytes, without the machinery of formatting: orders have many.
fn numbered(prefix: &str, number: u32) -> ShortText {
    let mut text = [0_u8; 18];
    let mut at = text.len();
    let mut rest = number;
    loop {
        at -= 1;
        text[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    at -= prefix.len();
    text[at..at + prefix.len()].copy_from_slice(prefix.as_bytes());
    ShortText::new(std::str::from_utf8(&text[at..]).unwrap_or_default())
}

/// Writes a row as a line; its amount is a fact, rounded half up where the price is finer than money is.
pub(crate) fn write_line(line: &mut LineBody, goods: Goods<'_>, row: u32) {
    let Goods { log, skus, exponent } = goods;
    let row = &log.rows[row as usize];
    let sku = row.sku as usize;
    line.sku.clone_from(&skus[sku]);
    line.kind = match log.articles[sku] {
        Article::Delivery(_) => LineKind::Delivery,
        Article::GiftCard(_) => LineKind::GiftCard,
        Article::Goods | Article::NotGoods(_) => LineKind::Goods,
    };
    line.category.clone_from(&log.categories[sku]);
    line.brand.clone_from(&log.brands[sku]);
    line.quantity = Quantity(i64::from(row.quantity));
    // Exact amounts are in 10^-9, prices in 10^-6 of the major unit.
    let exact = log.exact(row);
    line.amount = Some(half_up(exact, 9 - exponent));
    let price = if log.gives_amounts() {
        Rounding::HalfUp.divide(i128::from(row.price) * 1_000, i128::from(row.quantity))
    } else {
        i128::from(row.price)
    };
    line.price = half_up(price, 6 - exponent);
}

/// `value` without its last `decimals` digits, half up; never negative, and too much for an order when huge.
fn half_up(value: i128, decimals: u32) -> Money {
    let unit = 10_i64.pow(decimals);
    // Divisions of 128 bits are slow, and hardly an amount needs one.
    match i64::try_from(value) {
        Ok(value) if (0..i64::MAX - unit).contains(&value) => Money((value + unit / 2) / unit),
        _ => {
            let exact = Rounding::HalfUp.divide(value, i128::from(unit));
            Money(exact.clamp(0, i128::from(i64::MAX)) as i64)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_halves_are_as_written_out() {
        for number in [0, 9, 10, 65_536, u32::MAX] {
            assert_eq!(numbered("row-", number), format!("row-{number}"));
        }
        let cases = [
            (0, 0),
            (4_999, 0),
            (5_000, 1),
            (14_999, 1),
            (-7, 0),
            (i128::from(i64::MAX), 922_337_203_685_478),
        ];
        for (value, expected) in cases {
            assert_eq!(half_up(value, 4), Money(expected), "{value}");
        }
        assert_eq!(half_up(i128::MAX, 4), Money(i64::MAX));
    }
}
