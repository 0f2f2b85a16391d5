//! What the year's program means, said a second time and as plainly as can be: lots in a list, whole loops
//! over all of them, seconds and kopecks. Nothing here is the engine's but the figures it is compared with.

/// Seconds since 1970 in a zone that is three hours ahead for ever.
pub type Time = i64;

const DAY: Time = 86_400;
const ZONE: Time = 3 * 3_600;

/// What the program says.
pub const WELCOME: i64 = 300;
pub const BIRTHDAY: i64 = 500;
const BIRTHDAY_LIVES: Time = 7 * DAY;
const WAITS: Time = 14 * DAY;
const LIVES_MONTHS: i64 = 2;
const HOLD_LASTS: Time = 10 * DAY;

/// available, pending, held, debt.
pub type Balance = [i64; 4];

struct Lot {
    free: i64,
    held: i64,
    active: Time,
    /// `None`: never.
    ends: Option<Time>,
    /// What nobody has spent in time.
    burnt: i64,
}

enum Stage {
    /// Its points are held until then.
    Placed {
        until: Time,
    },
    Lapsed,
    Cancelled,
    Paid {
        credit: Option<Credit>,
    },
}

/// What an order has given: how much, in which lot, and how much of it was taken back.
#[derive(Clone, Copy)]
struct Credit {
    lot: usize,
    issued: i64,
    taken: i64,
}

struct Order {
    stage: Stage,
    pieces: i64,
    back: i64,
    /// Kopecks after the points.
    net: i64,
    points: i64,
    points_back: i64,
    /// Lots that the points came from, and how many of each are still away.
    from: Vec<(usize, i64)>,
}

/// One member's account.
pub struct Naive {
    now: Time,
    lots: Vec<Lot>,
    orders: Vec<Order>,
    debt: i64,
    /// Midnights of the year's birthdays that are still to come.
    birthdays: Vec<Time>,
    /// Something has happened by itself that a book learns only when it runs what is due.
    pub stirred: bool,
}

impl Naive {
    pub fn new(now: Time, birthdays: Vec<Time>) -> Naive {
        let (lots, orders) = (Vec::new(), Vec::new());
        let mut naive = Naive { now, lots, orders, debt: 0, birthdays, stirred: false };
        naive.give(WELCOME, now, None);
        naive
    }

    pub fn balance(&self) -> Balance {
        let now = self.now;
        let sum = |of: &dyn Fn(&Lot) -> i64| self.lots.iter().map(of).sum();
        let alive = |lot: &Lot| lot.ends.is_none_or(|ends| now < ends);
        [
            sum(&|lot| if lot.active <= now && alive(lot) { lot.free } else { 0 }),
            sum(&|lot| if lot.active > now { lot.free } else { 0 }),
            sum(&|lot| lot.held),
            self.debt,
        ]
    }

    /// Lets time pass, from one thing that happens by itself to the next.
    pub fn pass(&mut self, to: Time) {
        while let Some(next) = self.next().filter(|next| *next <= to) {
            self.now = next;
            for lot in &mut self.lots {
                if lot.ends.is_some_and(|ends| ends <= next) {
                    lot.burnt += std::mem::take(&mut lot.free);
                }
            }
            for order in 0..self.orders.len() {
                if matches!(self.orders[order].stage, Stage::Placed { until } if until <= next) {
                    self.orders[order].stage = Stage::Lapsed;
                    self.release(order);
                    self.stirred = true;
                }
            }
            if let Some(at) = self.birthdays.iter().position(|birthday| *birthday <= next) {
                self.birthdays.remove(at);
                self.give(BIRTHDAY, next, Some(next + BIRTHDAY_LIVES));
                self.stirred = true;
            }
            self.repay();
        }
        self.now = to;
    }

    fn next(&self) -> Option<Time> {
        let of_lots =
            self.lots.iter().filter(|lot| lot.free > 0).flat_map(|lot| [Some(lot.active), lot.ends]);
        let lapses = self.orders.iter().filter_map(|order| match order.stage {
            Stage::Placed { until } => Some(until),
            _ => None,
        });
        let to_come = of_lots.flatten().filter(|at| *at > self.now);
        to_come.chain(lapses).chain(self.birthdays.iter().copied()).min()
    }

    fn give(&mut self, points: i64, active: Time, ends: Option<Time>) -> usize {
        self.lots.push(Lot { free: points, held: 0, active, ends, burnt: 0 });
        self.lots.len() - 1
    }

    /// Lots that can pay now: what ends first goes first, then what came first.
    fn payable(&self) -> Vec<usize> {
        let can =
            |lot: &Lot| lot.free > 0 && lot.active <= self.now && lot.ends.is_none_or(|ends| self.now < ends);
        let mut list: Vec<usize> = (0..self.lots.len()).filter(|at| can(&self.lots[*at])).collect();
        list.sort_by_key(|at| (self.lots[*at].ends.unwrap_or(Time::MAX), self.lots[*at].active, *at));
        list
    }

    fn repay(&mut self) {
        for lot in self.payable() {
            let part = self.lots[lot].free.min(self.debt);
            self.lots[lot].free -= part;
            self.debt -= part;
            self.stirred |= part > 0;
        }
    }

    /// Pieces at a price: half of it can be paid with points. Returns how many were.
    pub fn order(&mut self, (pieces, price): (i64, i64), spends: bool, paid: bool) -> i64 {
        let total = pieces * price;
        let mut left = if spends { total / 2 / 100 } else { 0 };
        let mut from = Vec::new();
        for lot in self.payable() {
            let part = self.lots[lot].free.min(left);
            if part > 0 {
                self.lots[lot].free -= part;
                self.lots[lot].held += part;
                left -= part;
                from.push((lot, part));
            }
        }
        let points = from.iter().map(|(_, part)| part).sum();
        let stage = Stage::Placed { until: self.now + HOLD_LASTS };
        let net = total - 100 * points;
        self.orders.push(Order { stage, pieces, back: 0, net, points, points_back: 0, from });
        if paid {
            self.pay(self.orders.len() - 1);
        }
        points
    }

    pub fn pay(&mut self, order: usize) {
        for (lot, part) in self.orders[order].from.clone() {
            self.lots[lot].held -= part;
        }
        let issued = worth(self.orders[order].net);
        let credit = (issued > 0).then(|| {
            let active = self.now + WAITS;
            let lot = self.give(issued, active, Some(midnight_from(months_after(active, LIVES_MONTHS))));
            Credit { lot, issued, taken: 0 }
        });
        self.orders[order].stage = Stage::Paid { credit };
        self.repay();
    }

    pub fn cancel(&mut self, order: usize) {
        self.orders[order].stage = Stage::Cancelled;
        self.release(order);
        self.repay();
    }

    fn release(&mut self, order: usize) {
        for (lot, part) in std::mem::take(&mut self.orders[order].from) {
            self.lots[lot].held -= part;
            self.come_back(lot, part);
        }
    }

    /// To a lot that lives, or into nothing.
    fn come_back(&mut self, lot: usize, points: i64) {
        let lot = &mut self.lots[lot];
        match lot.ends {
            Some(ends) if ends <= self.now => lot.burnt += points,
            _ => lot.free += points,
        }
    }

    /// Pieces of a paid order come back.
    pub fn give_back(&mut self, order: usize, pieces: i64) {
        let one = &mut self.orders[order];
        one.back += pieces;
        let points = 100 * one.points;
        let due = match one.back == one.pieces {
            true => one.points,
            false => gone_of(points, one.back, one.pieces) / 100,
        };
        let mut left = due - one.points_back;
        one.points_back = due;
        // The last taken is the first to come back.
        while left > 0 {
            let Some((lot, away)) = self.orders[order].from.pop() else { break };
            let part = away.min(left);
            left -= part;
            if away > part {
                self.orders[order].from.push((lot, away - part));
            }
            self.come_back(lot, part);
        }
        self.repay();
        self.take_back(order);
        self.repay();
    }

    /// Brings what the order has given down to what the rest of it is worth.
    fn take_back(&mut self, order: usize) {
        let Order { net, back, pieces, .. } = self.orders[order];
        let Stage::Paid { credit: Some(credit) } = &mut self.orders[order].stage else { return };
        let own = credit.lot;
        let rest = worth(net - gone_of(net, back, pieces));
        let mut due = (credit.issued - rest - self.lots[own].burnt - credit.taken).max(0);
        credit.taken += due;
        let waits = |at: &usize| *at != own && self.lots[*at].free > 0 && self.lots[*at].active > self.now;
        let mut pending: Vec<usize> = (0..self.lots.len()).filter(waits).collect();
        pending.sort_by_key(|at| std::cmp::Reverse((self.lots[*at].active, *at)));
        for lot in [own].into_iter().chain(pending).chain(self.payable()) {
            let part = self.lots[lot].free.min(due);
            self.lots[lot].free -= part;
            due -= part;
        }
        self.debt += due;
    }
}

/// A tenth of what was paid, in whole points of a rouble.
fn worth(kopecks: i64) -> i64 {
    kopecks / 10 / 100
}

/// What of an amount belongs to the pieces that have gone: each has its whole kopecks, the cheaper go first.
fn gone_of(amount: i64, gone: i64, pieces: i64) -> i64 {
    let dearer = amount % pieces;
    (0..gone).map(|piece| amount / pieces + i64::from(piece >= pieces - dearer)).sum()
}

/// The midnight that a moment is, or the first after it.
fn midnight_from(at: Time) -> Time {
    let local = at + ZONE;
    local + (DAY - local % DAY) % DAY - ZONE
}

/// The same hour so many months later, or on the last day of a month that is shorter.
fn months_after(at: Time, months: i64) -> Time {
    let local = at + ZONE;
    let (mut year, mut month, day) = date(local / DAY);
    month += months;
    while month > 12 {
        (year, month) = (year + 1, month - 12);
    }
    let lasts = |year, month| days(year + month / 12, month % 12 + 1, 1) - days(year, month, 1);
    days(year, month, day.min(lasts(year, month))) * DAY + local % DAY - ZONE
}

/// Local midnight of a day, as the model counts time.
pub fn midnight(year: i64, month: i64, day: i64) -> Time {
    days(year, month, day) * DAY - ZONE
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

fn lengths(year: i64) -> [i64; 12] {
    [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
}

/// Days since 1970, counted year by year and month by month.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let years: i64 = (1970..year).map(|year| if is_leap(year) { 366 } else { 365 }).sum();
    years + lengths(year)[..month as usize - 1].iter().sum::<i64>() + day - 1
}

fn date(days: i64) -> (i64, i64, i64) {
    let (mut year, mut left) = (1970, days);
    while left >= if is_leap(year) { 366 } else { 365 } {
        left -= if is_leap(year) { 366 } else { 365 };
        year += 1;
    }
    let mut month = 1;
    for length in lengths(year) {
        if left < length {
            break;
        }
        left -= length;
        month += 1;
    }
    (year, month, left + 1)
}
