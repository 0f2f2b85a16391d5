//! The naive model: one member's life as the journal tells it, recomputed from nothing.
//!
//! Invariant: it decides nothing and shares no rule with the engine; it adds up what the events say and
//! objects where that cannot be.

mod cards;
mod orders;
mod shelf;

use kopilka_core::consent::Channel;
use kopilka_core::ids::{EntryId, LotNo, MemberId};
use kopilka_core::ledger::{Back, Event, Fate, Lot, Piece};
use kopilka_core::member::{Balance, MemberStatus};
use kopilka_core::order::OrderKey;
use kopilka_core::points::Points;
use kopilka_core::program::Schedule;
use kopilka_core::time::{INSTANT_MAX, Instant};
use kopilka_core::trace::Step;
use kopilka_service::rows::EntryRow;
pub use orders::OrderSeen;
pub use shelf::{CardRow, ClaimSeen, Shelf};
use std::collections::{BTreeMap, BTreeSet};

/// Causes of entries that time brought: they stand at the moment they were due.
pub const DUE_CAUSES: [&str; 11] = [
    "activation",
    "completion",
    "expiry",
    "hold_lapse",
    "reservation_lapse",
    "debt_write_off",
    "birthday",
    "tier_review",
    "inactivity",
    "schedule",
    "referral",
];

/// What is known of a lot.
#[derive(Debug, Clone)]
pub struct LotSeen {
    pub given: i64,
    pub free: i64,
    pub held: i64,
    pub burnt: i64,
    pub active_at: Instant,
    pub expires_at: Option<Instant>,
    pub booked: bool,
}

/// A member as the journal tells it.
#[derive(Debug)]
pub struct Purse {
    pub member: MemberId,
    pub lots: BTreeMap<LotNo, LotSeen>,
    pub orders: BTreeMap<OrderKey, OrderSeen>,
    /// Gift cards of this row, claims, and uses of what is limited.
    pub shelf: Shelf,
    /// Sums by account; what one account loses another gains.
    accounts: BTreeMap<&'static str, i64>,
    birthdays: BTreeSet<(i32, i16)>,
    silences: BTreeSet<(i32, Instant)>,
    schedules: BTreeSet<(Schedule, Instant)>,
    completed: u32,
    subscribed: BTreeSet<Channel>,
    registered: u32,
    /// The person was erased.
    left: bool,
    entry: EntryId,
    /// The moment the entry's decision stands at.
    moment: Instant,
    cause: String,
    /// Lots that points came back to in this entry, whatever their date: an exchange may pay with them.
    came_back: BTreeSet<LotNo>,
}

pub type Told = Result<(), String>;

impl Purse {
    pub fn new(member: MemberId) -> Purse {
        Purse {
            member,
            lots: BTreeMap::new(),
            orders: BTreeMap::new(),
            shelf: Shelf::default(),
            accounts: BTreeMap::new(),
            birthdays: BTreeSet::new(),
            silences: BTreeSet::new(),
            schedules: BTreeSet::new(),
            completed: 0,
            subscribed: BTreeSet::new(),
            registered: 0,
            left: false,
            entry: EntryId(0),
            moment: Instant(0),
            cause: String::new(),
            came_back: BTreeSet::new(),
        }
    }

    pub fn account(&self, name: &str) -> i64 {
        self.accounts.get(name).copied().unwrap_or_default()
    }

    /// As booked.
    pub fn booked(&self) -> Balance {
        Balance {
            pending: Points(self.account("pending")),
            available: Points(self.account("available")),
            held: Points(self.account("held")),
            debt: Points(-self.account("debt")),
        }
    }
    /// By the clock.
    pub fn balance_at(&self, now: Instant) -> Balance {
        let sum = |of: fn(&LotSeen, Instant) -> i64| Points(self.lots.values().map(|lot| of(lot, now)).sum());
        Balance {
            pending: sum(|lot, now| if now < lot.active_at { lot.free } else { 0 }),
            available: sum(|lot, now| if lot.is_spendable(now) { lot.free } else { 0 }),
            held: sum(|lot, _| lot.held),
            debt: Points(-self.account("debt")),
        }
    }

    /// Takes one entry in; the first thing that cannot be is told.
    pub fn take(&mut self, entry: &EntryRow) -> Told {
        self.entry = entry.id;
        self.cause.clone_from(&entry.cause);
        let due = DUE_CAUSES.contains(&entry.cause.as_str());
        self.moment = if due { entry.effective_at } else { entry.recorded_at };
        self.came_back.clear();
        self.shelf.begin();
        for event in &entry.events {
            let told = self.event(event).and_then(|()| self.shelf.take(event));
            told.map_err(|what| format!("entry {} ({}): {what}", entry.id, entry.cause))?;
        }
        let withheld = entry.trace.iter().any(|step| matches!(step, Step::DiscountWithheld { .. }));
        for event in entry.events.iter().filter(|_| withheld) {
            if let Event::PiecesReturned { order, .. } = event
                && let Some(seen) = self.orders.get_mut(order)
            {
                seen.withheld = true;
            }
        }
        let holds = self.balances().and_then(|()| self.shelf.end());
        holds.map_err(|what| format!("after entry {} ({}): {what}", entry.id, entry.cause))?;
        for (key, order) in &mut self.orders {
            order
                .laws(&self.lots)
                .map_err(|what| format!("after entry {} ({}): order {key}: {what}", entry.id, entry.cause))?;
        }
        Ok(())
    }

    fn event(&mut self, event: &Event) -> Told {
        match event {
            Event::MemberRegistered { .. } => {
                self.registered += 1;
                demand(self.registered == 1, || "registered twice".to_owned())
            }
            Event::BirthdayPassed { days, year, .. } => {
                let first = self.birthdays.insert((*days, *year));
                demand(first, || format!("the birthday of {year} came twice"))
            }
            Event::ProfileCompleted { .. } => {
                self.completed += 1;
                demand(self.completed == 1, || "the profile became complete twice".to_owned())
            }
            Event::Subscribed { channel, .. } => {
                let first = self.subscribed.insert(*channel);
                demand(first, || format!("subscribed to {} twice", channel.name()))
            }
            Event::SilencePassed { days, since } => {
                let first = self.silences.insert((*days, *since));
                demand(first, || format!("the silence of {days} days since {since} came twice"))
            }
            Event::ScheduleCame { schedule, at } => {
                let first = self.schedules.insert((*schedule, *at));
                demand(first, || format!("the schedule came twice at {at}"))
            }
            Event::StatusChanged { status } => {
                demand(!self.left, || "whoever left is back".to_owned())?;
                self.left = *status == MemberStatus::Anonymized;
                Ok(())
            }
            Event::Happened { .. } => Ok(()),
            Event::LotIssued { .. }
            | Event::LotActivated { .. }
            | Event::LotsDated { .. }
            | Event::LotExpired { .. }
            | Event::LotRevived { .. }
            | Event::LotRevoked { .. } => self.lot_event(event),
            Event::TransferSent { pieces, .. } => {
                self.pay(pieces)?;
                self.move_points("available", "transferred", sum(pieces))
            }
            Event::TransferReceived { lots, gone, .. } => {
                for lot in lots {
                    self.new_lot(lot)?;
                    self.move_points("transferred", "available", lot.free.0)?;
                }
                self.move_points("transferred", "expired", gone.0)
            }
            Event::TransferDeclined { .. } => Ok(()),
            Event::TransferCameBack { back, .. } => self.back("transferred", back),
            _ => self.paying_event(event),
        }
    }

    fn lot_event(&mut self, event: &Event) -> Told {
        match event {
            Event::LotIssued { lot } => {
                self.new_lot(lot)?;
                let to = if lot.booked_active { "available" } else { "pending" };
                self.move_points("issued", to, lot.free.0)
            }
            Event::LotActivated { lot, points } => {
                let (moment, due, left) = (self.moment, self.cause == "activation", self.left);
                let seen = self.lot(*lot)?;
                demand(!seen.booked && seen.free == points.0, || format!("lot {lot} became active wrongly"))?;
                let on_time = if due { seen.active_at == moment } else { seen.active_at <= moment };
                // Whoever leaves waits for nothing.
                demand(on_time || left, || format!("lot {lot} became active at another time"))?;
                seen.booked = true;
                self.move_points("pending", "available", points.0)
            }
            Event::LotsDated { lots, .. } => {
                for dates in lots {
                    let seen = self.lot(dates.lot)?;
                    (seen.active_at, seen.expires_at) = (dates.active_at, dates.expires_at);
                }
                Ok(())
            }
            Event::LotExpired { lot, points } => {
                let (moment, due, left) = (self.moment, self.cause == "expiry", self.left);
                let seen = self.lot(*lot)?;
                let on_time =
                    seen.expires_at.is_some_and(|end| if due { end == moment } else { end <= moment });
                demand(on_time || left, || format!("lot {lot} expired at another time than its own"))?;
                seen.burnt += points.0;
                self.take_free(*lot, points.0)?;
                self.move_points("available", "expired", points.0)
            }
            Event::LotRevived { piece, points } => {
                let no = piece.lot.no;
                let seen = self.lot(no)?;
                seen.burnt -= points.0;
                seen.free += points.0;
                demand(seen.burnt >= 0, || format!("lot {no} gave back more than had burnt"))?;
                self.came_back.insert(no);
                self.move_points("expired", "available", points.0)
            }
            Event::LotRevoked { lot, points, from_pending, .. } => {
                let booked = self.lot(*lot)?.booked;
                demand(booked != *from_pending, || format!("lot {lot} was taken from the wrong account"))?;
                self.take_free(*lot, points.0)?;
                self.move_points(if *from_pending { "pending" } else { "available" }, "revoked", points.0)?;
                orders::take(&mut self.orders, event, self.moment)
            }
            _ => Ok(()),
        }
    }

    fn paying_event(&mut self, event: &Event) -> Told {
        match event {
            Event::ClawbackOwed { points, .. } => self.move_points("debt", "revoked", points.0)?,
            Event::ClawbackBorne { points, .. } => self.move_points("shop_loss", "revoked", points.0)?,
            Event::DebtWrittenOff { points, .. } => self.move_points("shop_loss", "debt", points.0)?,
            Event::DebtRepaid { piece } => {
                demand(!piece.lot.gift, || "a gift repaid a debt".to_owned())?;
                self.pay(std::slice::from_ref(piece))?;
                self.move_points("available", "debt", piece.points.0)?;
            }
            Event::PointsHeld { pieces, .. } => {
                self.pay(pieces)?;
                for piece in pieces {
                    self.lot(piece.lot.no)?.held += piece.points.0;
                }
                self.move_points("available", "held", sum(pieces))?;
            }
            Event::HoldCaptured { points, pieces, .. } => {
                for piece in pieces {
                    self.take_held(piece)?;
                }
                demand(sum(pieces) == points.0, || "captured another sum than its pieces".to_owned())?;
                self.move_points("held", "redeemed", points.0)?;
            }
            Event::HoldReleased { back, .. } => {
                for b in back {
                    self.take_held(&b.piece)?;
                }
                self.back("held", back)?;
            }
            Event::PointsSpent { pieces, .. } => {
                self.pay(pieces)?;
                self.move_points("available", "redeemed", sum(pieces))?;
            }
            Event::PointsCameBack { back, .. } | Event::ShortfallRepaidBack { back, .. } => {
                self.back("redeemed", back)?;
            }
            Event::ShortfallOwed { points, .. } => self.move_points("debt", "redeemed", points.0)?,
            Event::ShortfallBorne { points, .. } => self.move_points("shop_loss", "redeemed", points.0)?,
            Event::ShortfallOwedBack { points, .. } => self.move_points("redeemed", "debt", points.0)?,
            Event::ShortfallBorneBack { points, .. } => {
                self.move_points("redeemed", "shop_loss", points.0)?
            }
            Event::GiftCardsSet { order, .. } | Event::GiftCardsBack { order, .. } => {
                let before = self.cards_of(order);
                orders::take(&mut self.orders, event, self.moment)?;
                self.shelf.orders_took(before, self.cards_of(order));
                return Ok(());
            }
            Event::UsesSettled { order } if self.cause == "reservation_lapse" => {
                let until = self.orders.get(order).and_then(|order| order.reserved_until);
                demand(until == Some(self.moment), || {
                    format!("the reservation of order {order} lapsed at another time than its own")
                })?;
            }
            _ => {}
        }
        let moment = self.moment;
        orders::take(&mut self.orders, event, moment)
    }

    /// What the order has of each gift card.
    fn cards_of(&self, order: &OrderKey) -> BTreeMap<String, i64> {
        self.orders.get(order).map(|order| order.cards.nets()).unwrap_or_default()
    }

    fn move_points(&mut self, from: &'static str, to: &'static str, points: i64) -> Told {
        demand(points >= 0, || format!("{points} points move from {from} to {to}"))?;
        *self.accounts.entry(from).or_default() -= points;
        *self.accounts.entry(to).or_default() += points;
        Ok(())
    }

    fn lot(&mut self, no: LotNo) -> Result<&mut LotSeen, String> {
        self.lots.get_mut(&no).ok_or_else(|| format!("lot {no} was never given"))
    }

    fn new_lot(&mut self, lot: &Lot) -> Told {
        demand(lot.free.0 > 0 && lot.held.0 == 0, || format!("lot {} begins with nothing", lot.no))?;
        if let Some(order) = lot.order.as_ref().and_then(|key| self.orders.get_mut(key)) {
            *order.given.entry(lot.no).or_default() += lot.free.0;
        }
        let seen = LotSeen {
            given: lot.free.0,
            free: lot.free.0,
            held: 0,
            burnt: 0,
            // What an unpaid order promises is pending until another event dates it.
            active_at: if lot.awaits_payment { INSTANT_MAX } else { lot.active_at },
            expires_at: lot.expires_at,
            booked: lot.booked_active,
        };
        let before = self.lots.insert(lot.no, seen);
        demand(before.is_none(), || format!("lot {} was given twice", lot.no))
    }

    /// Takes points that leave their lots as payment: only what can be spent at this moment may.
    fn pay(&mut self, pieces: &[Piece]) -> Told {
        for piece in pieces {
            let (no, moment) = (piece.lot.no, self.moment);
            let exempt = self.came_back.contains(&no);
            let lot = self.lot(no)?;
            demand(lot.booked && lot.active_at <= moment, || format!("lot {no} was spent before its time"))?;
            let alive = lot.expires_at.is_none_or(|end| moment < end);
            demand(alive || exempt, || format!("lot {no} was spent after its end"))?;
            self.take_free(no, piece.points.0)?;
        }
        Ok(())
    }
    fn take_free(&mut self, no: LotNo, points: i64) -> Told {
        let lot = self.lot(no)?;
        lot.free -= points;
        demand(points > 0 && lot.free >= 0, || format!("lot {no} gave {points} and has {} left", lot.free))
    }
    fn take_held(&mut self, piece: &Piece) -> Told {
        let no = piece.lot.no;
        let lot = self.lot(no)?;
        lot.held -= piece.points.0;
        demand(lot.held >= 0, || format!("lot {no} held less than is taken"))
    }

    fn back(&mut self, from: &'static str, back: &[Back]) -> Told {
        for b in back {
            let (no, points, moment) = (b.piece.lot.no, b.piece.points.0, self.moment);
            // In a closed account they end in this entry, whatever their dates.
            let (exchange, left) = (self.cause == "exchange", self.left);
            let lot = self.lot(no)?;
            let away = from != "held" && lot.free == 0 && lot.held == 0 && lot.burnt < lot.given;
            if away {
                // Orders that were paid while all of it was away have put its end off. A lot that was held
                // was never away: its own dates moved with every order, by the version of that moment.
                lot.expires_at = lot.expires_at.max(b.piece.lot.expires_at);
            }
            let (ends, copy) = (lot.expires_at, b.piece.lot.expires_at);
            let alive = ends.is_none_or(|end| moment < end);
            let told = || {
                let (fate, at) = (b.fate, moment.0);
                format!(
                    "{points} points of lot {no} ({ends:?}, its copy {copy:?}) came back at {at} as {fate:?}"
                )
            };
            match b.fate {
                Fate::Alive => demand(alive || exchange, told)?,
                Fate::Gone => demand(!alive || left, told)?,
                Fate::Resumed { until } | Fate::Regranted { until } => {
                    demand(until > moment, told)?;
                    lot.expires_at = Some(until);
                }
            }
            if b.fate == Fate::Gone {
                lot.burnt += points;
                self.move_points(from, "expired", points)?;
                continue;
            }
            lot.free += points;
            demand(lot.free + lot.held + lot.burnt <= lot.given, || {
                format!("lot {no} has more than it began with")
            })?;
            self.came_back.insert(no);
            self.move_points(from, "available", points)?;
        }
        Ok(())
    }

    fn balances(&self) -> Told {
        let lots = |of: fn(&LotSeen) -> i64| self.lots.values().map(of).sum::<i64>();
        let by_lots = [
            ("pending", lots(|lot| if lot.booked { 0 } else { lot.free })),
            ("available", lots(|lot| if lot.booked { lot.free } else { 0 })),
            ("held", lots(|lot| lot.held)),
        ];
        for (name, sum) in by_lots {
            let booked = self.account(name);
            demand(booked == sum && sum >= 0, || {
                format!("{name} is {booked} by accounts and {sum} by lots")
            })?;
        }
        let closed = !self.left || self.booked() == Balance::default();
        demand(closed, || format!("the account of nobody has {:?}", self.booked()))?;
        demand(self.account("debt") <= 0, || "a debt below nothing".to_owned())?;
        demand(self.accounts.values().sum::<i64>() == 0, || "points were made of nothing".to_owned())
    }

    /// What a job that has seen to everything must not have left.
    pub fn nothing_due(&self, now: Instant) -> Told {
        for (no, lot) in &self.lots {
            let waits = !lot.booked && lot.free > 0 && lot.active_at <= now;
            let burnt = lot.booked && lot.free > 0 && lot.expires_at.is_some_and(|end| end <= now);
            demand(!waits && !burnt, || format!("lot {no} is due and was not seen to"))?;
        }
        for (key, order) in &self.orders {
            let until = [order.held_until, order.reserved_until];
            let lapsed = until.into_iter().flatten().any(|until| until <= now);
            demand(!lapsed, || format!("the hold of order {key} has lapsed and was not seen to"))?;
        }
        Ok(())
    }
}

impl LotSeen {
    pub fn is_spendable(&self, now: Instant) -> bool {
        self.active_at <= now && self.expires_at.is_none_or(|end| now < end)
    }
}

pub fn sum(pieces: &[Piece]) -> i64 {
    pieces.iter().map(|piece| piece.points.0).sum()
}

pub fn demand(holds: bool, otherwise: impl FnOnce() -> String) -> Told {
    if holds { Ok(()) } else { Err(otherwise()) }
}
