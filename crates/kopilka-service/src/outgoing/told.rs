//! What each event of the journal is called outside, and what is said of it.
//!
//! Invariant: every kind of event is listed here, told or passed over; a new one does not compile until
//! somebody has decided which.

use super::given::{gift_cards, given, referral, rewards, standing, told_by_rule, used};
use super::merge;
use kopilka_core::guest::GuestEvent;
use kopilka_core::holder::{Holder, HolderEvent, Rights};
use kopilka_core::ledger::{Back, DebtCause, Event, Fate, Lot, Piece};
use kopilka_core::member::MemberStatus;
use kopilka_core::money::Money;
use kopilka_core::order::{OrderKey, OrderState, OrderStatus};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::referral::{is_of_others, whose};
use kopilka_core::time::Instant;
use kopilka_store::rows::EntryRow;
use serde_json::{Map, Value, json};

pub(super) type Data = Map<String, Value>;
pub(super) type Told = Option<(&'static str, Data)>;

/// The type and the data of an event; `None` for marks that tell the outside nothing.
pub fn told(event: &Event, entry: &EntryRow, program: &Program) -> Told {
    use Event::*;
    let say = Say { program, entry };
    match event {
        MemberRegistered { .. } | StatusChanged { .. } | Happened { .. } => member(event),
        ProfileCompleted { .. } | Subscribed { .. } => member(event),
        LotIssued { .. } | LotActivated { .. } | LotsDated { .. } | LotExpired { .. } => lots(event, &say),
        LotRevived { .. } | LotRevoked { .. } => lots(event, &say),
        ClawbackOwed { .. } | ShortfallOwed { .. } | DebtRepaid { .. } | DebtWrittenOff { .. } => {
            debts(event, &say)
        }
        ShortfallOwedBack { .. } => debts(event, &say),
        PointsHeld { .. } | HoldProlonged { .. } | HoldCaptured { .. } | HoldReleased { .. } => {
            spending(event, &say)
        }
        PointsSpent { .. } | PointsCameBack { .. } | ShortfallRepaidBack { .. } | HoldLapsed { .. } => {
            spending(event, &say)
        }
        TransferSent { .. } | TransferReceived { .. } | TransferDeclined { .. } => transfers(event, &say),
        TransferCameBack { .. } => transfers(event, &say),
        CouponTaken { .. } | CouponFreed { .. } | OfferTaken { .. } | OfferFreed { .. } => used(event),
        GiftCardIssued { .. } | GiftCardChanged { .. } | GiftCardsSet { .. } | GiftCardsBack { .. } => {
            gift_cards(event, &say)
        }
        RewardClaimed { .. } | ClaimSettled { .. } => rewards(event, &say),
        OfferGiven { .. } | OfferActivated { .. } | OfferWithdrawn { .. } | Granted { .. } => given(event),
        WebhookAsked { .. } => told_by_rule(event),
        // The member is told.
        MessageAsked { .. } => None,
        Referral(event) => referral(event),
        Merge(event) => merge::told(event, &say),
        Guest(event) => claimed(event, &say),
        Holder(event) => holder(event),
        TierChanged { .. } | AchievementReached { .. } | AchievementLost { .. } => standing(event),
        OrderPlaced { .. } | OrderMarkedCancelled { .. } | OrderChanged { .. } | OrderPaid { .. } => {
            orders(event, &say)
        }
        OrderCompleted { .. } | PiecesReturned { .. } | OrderCancelled { .. } => orders(event, &say),
        // Marks of moments that rules have heard; what the rules gave is told.
        BirthdayPassed { .. } | SilencePassed { .. } | ScheduleCame { .. } | UnclaimedSince { .. } => None,
        // What a return could not take back is the shop's own loss.
        ClawbackBorne { .. } | ShortfallBorne { .. } | ShortfallBorneBack { .. } => None,
        // Counters, and what orders remember for their returns.
        UseCounted { .. } | MemberUseCounted { .. } | CheckoutCounted { .. } | UsesReserved { .. } => None,
        UsesSettled { .. } | OrderCounted { .. } | AchievementsStarted { .. } => None,
        // Nothing that happened: a sum of before.
        PurchasesBrought { .. } => None,
        AchievementGave { .. } | OrderTold { .. } | OrderEarned { .. } => None,
        CreditsSettled { .. } | CreditsTaken { .. } => None,
    }
}

/// Figures in the units of the program.
pub(super) struct Say<'a> {
    program: &'a Program,
    entry: &'a EntryRow,
}

impl Say<'_> {
    pub fn points(&self, points: Points) -> Value {
        self.program.points.format(points).into()
    }
    pub fn money(&self, amount: Money) -> Value {
        self.program.currency.format(amount).into()
    }
    pub fn sum(&self, pieces: &[Piece]) -> Value {
        self.points(pieces.iter().map(|piece| piece.points).sum())
    }
    /// What came back, and what of it had burnt meanwhile.
    pub fn back(&self, data: &mut Data, back: &[Back]) {
        let sum = |back: &mut dyn Iterator<Item = &Back>| back.map(|b| b.piece.points).sum::<Points>();
        put(data, "points", self.points(sum(&mut back.iter())));
        let gone = sum(&mut back.iter().filter(|b| b.fate == Fate::Gone));
        if !gone.is_zero() {
            put(data, "expired", self.points(gone));
        }
    }
}

pub(super) fn put(data: &mut Data, name: &str, value: impl Into<Value>) {
    data.insert(name.to_owned(), value.into());
}

pub(super) fn at(data: &mut Data, name: &str, at: Option<Instant>) {
    if let Some(at) = at {
        put(data, name, at.to_string());
    }
}

/// The order; for what somebody else bought, whose and how far away.
pub(super) fn of_order(key: Option<&OrderKey>) -> Data {
    let mut data = Data::new();
    match key {
        Some(key) if is_of_others(key) => {
            if let Some((level, member)) = whose(key) {
                put(&mut data, "referral", json!({ "level": level, "member": member.to_string() }));
            }
        }
        Some(key) => {
            put(&mut data, "order_id", key.order.as_str());
            put(&mut data, "shop", key.shop.as_str());
        }
        None => {}
    }
    data
}

fn holder(event: &HolderEvent) -> Told {
    let mut data = Data::new();
    let (no, rights) = match event {
        HolderEvent::Set(Holder { no, rights }) => (no, Some(rights)),
        HolderEvent::Gone { no } => (no, None),
    };
    put(&mut data, "holder", no.0);
    let may = |rights: &Rights| Value::from(rights.names().collect::<Vec<_>>());
    put(&mut data, "rights", rights.map_or(Value::Null, may));
    Some(("member.holder_changed", data))
}

fn member(event: &Event) -> Told {
    let mut data = Data::new();
    let kind = match event {
        Event::MemberRegistered { .. } => "member.registered",
        Event::StatusChanged { status } => {
            let status = match status {
                MemberStatus::Active => "active",
                MemberStatus::Blocked => "blocked",
                MemberStatus::Frozen => "frozen",
                MemberStatus::Guest => "guest",
                MemberStatus::Anonymized => "anonymized",
                MemberStatus::Merged => "merged",
            };
            put(&mut data, "status", status);
            "member.status_changed"
        }
        Event::Happened { what } => {
            put(&mut data, "event", what.as_str());
            "event.told"
        }
        Event::ProfileCompleted { .. } => "member.profile_completed",
        Event::Subscribed { channel, .. } => {
            put(&mut data, "channel", channel.name());
            "member.subscribed"
        }
        _ => return None,
    };
    Some((kind, data))
}

fn lots(event: &Event, say: &Say<'_>) -> Told {
    let one = |kind, lot: u32, points, order: Option<&OrderKey>| {
        let mut data = of_order(order);
        put(&mut data, "lot", lot);
        put(&mut data, "points", say.points(points));
        (kind, data)
    };
    Some(match event {
        Event::LotIssued { lot } => ("points.accrued", issued(lot, say)),
        Event::LotActivated { lot, points } => one("points.activated", *lot, *points, None),
        Event::LotExpired { lot, points } => one("points.expired", *lot, *points, None),
        Event::LotRevived { piece, points } => one("points.revived", piece.lot.no, *points, None),
        Event::LotRevoked { lot, points, order, rule, .. } => {
            let (kind, mut data) = one("points.revoked", *lot, *points, order.as_ref());
            put(&mut data, "source", rule.as_str());
            (kind, data)
        }
        Event::LotsDated { order, lots, .. } => {
            let mut data = of_order(Some(order));
            let dates = lots.iter().map(|dates| {
                let mut lot = Data::new();
                put(&mut lot, "lot", dates.lot);
                put(&mut lot, "active_at", dates.active_at.to_string());
                at(&mut lot, "expires_at", dates.expires_at);
                Value::from(lot)
            });
            put(&mut data, "lots", dates.collect::<Vec<_>>());
            ("points.dates_changed", data)
        }
        _ => return None,
    })
}

fn issued(lot: &Lot, say: &Say<'_>) -> Data {
    let mut data = of_order(lot.order.as_ref());
    put(&mut data, "lot", lot.no);
    put(&mut data, "points", say.points(lot.free));
    put(&mut data, "source", lot.source.as_str());
    put(&mut data, "state", if lot.booked_active { "available" } else { "pending" });
    if !lot.awaits_payment {
        put(&mut data, "active_at", lot.active_at.to_string());
    }
    at(&mut data, "expires_at", lot.expires_at);
    data
}

fn debts(event: &Event, say: &Say<'_>) -> Told {
    let owed = |points: &Points, order: Option<&OrderKey>, cause: DebtCause| {
        let mut data = of_order(order);
        put(&mut data, "points", say.points(*points));
        let cause = match cause {
            DebtCause::Clawback => "clawback",
            DebtCause::Shortfall => "shortfall",
            DebtCause::Adjustment => "adjustment",
        };
        put(&mut data, "why", cause);
        data
    };
    let mut data = Data::new();
    Some(match event {
        Event::ClawbackOwed { points, order, cause, .. } => {
            ("debt.incurred", owed(points, order.as_ref(), *cause))
        }
        Event::ShortfallOwed { order, points, .. } => {
            ("debt.incurred", owed(points, Some(order), DebtCause::Shortfall))
        }
        Event::ShortfallOwedBack { order, points } => {
            ("debt.cancelled", owed(points, Some(order), DebtCause::Shortfall))
        }
        Event::DebtRepaid { piece } => {
            put(&mut data, "lot", piece.lot.no);
            put(&mut data, "points", say.points(piece.points));
            ("debt.repaid", data)
        }
        Event::DebtWrittenOff { points, .. } => {
            put(&mut data, "points", say.points(*points));
            ("debt.written_off", data)
        }
        _ => return None,
    })
}

fn spending(event: &Event, say: &Say<'_>) -> Told {
    let with_points = |order: Option<&OrderKey>, points: Value| {
        let mut data = of_order(order);
        put(&mut data, "points", points);
        data
    };
    let with_back = |order: Option<&OrderKey>, back: &[Back]| {
        let mut data = of_order(order);
        say.back(&mut data, back);
        data
    };
    Some(match event {
        Event::PointsHeld { order, pieces, lapses_at } => {
            let mut data = with_points(Some(order), say.sum(pieces));
            put(&mut data, "lapses_at", lapses_at.to_string());
            ("points.held", data)
        }
        Event::HoldProlonged { order, lapses_at } => {
            let mut data = of_order(Some(order));
            put(&mut data, "lapses_at", lapses_at.to_string());
            ("points.hold_prolonged", data)
        }
        Event::HoldLapsed { order } => ("points.hold_lapsed", of_order(Some(order))),
        Event::HoldCaptured { order, points, .. } => {
            ("points.redeemed", with_points(Some(order), say.points(*points)))
        }
        Event::PointsSpent { order, pieces } => {
            ("points.redeemed", with_points(order.as_ref(), say.sum(pieces)))
        }
        Event::HoldReleased { order, back } => ("points.released", with_back(Some(order), back)),
        Event::PointsCameBack { order, back } => ("points.returned", with_back(order.as_ref(), back)),
        Event::ShortfallRepaidBack { order, back } => ("points.returned", with_back(Some(order), back)),
        _ => return None,
    })
}

fn transfers(event: &Event, say: &Say<'_>) -> Told {
    let mut data = Data::new();
    let kind = match event {
        Event::TransferSent { to, pieces } => {
            put(&mut data, "to", to.to_string());
            put(&mut data, "points", say.sum(pieces));
            "transfer.sent"
        }
        Event::TransferReceived { from, lots, gone, .. } => {
            put(&mut data, "from", from.to_string());
            put(&mut data, "points", say.points(lots.iter().map(|lot| lot.free).sum()));
            let lots: Vec<Value> = lots.iter().map(|lot| issued(lot, say).into()).collect();
            put(&mut data, "lots", lots);
            if !gone.is_zero() {
                put(&mut data, "expired", say.points(*gone));
            }
            "transfer.received"
        }
        Event::TransferDeclined { from, pieces, .. } => {
            put(&mut data, "from", from.to_string());
            put(&mut data, "points", say.sum(pieces));
            "transfer.declined"
        }
        Event::TransferCameBack { to, back, .. } => {
            put(&mut data, "to", to.to_string());
            say.back(&mut data, back);
            "transfer.returned"
        }
        _ => return None,
    };
    Some((kind, data))
}

fn orders(event: &Event, say: &Say<'_>) -> Told {
    Some(match event {
        Event::OrderPlaced { order } => ("order.placed", placed(order, say)),
        Event::OrderMarkedCancelled { order } => ("order.cancelled", of_order(Some(&order.key))),
        Event::OrderChanged { order, .. } => ("order.changed", of_order(Some(order))),
        Event::OrderPaid { order, at: paid_at, stated, .. } => {
            let mut data = of_order(Some(order));
            put(&mut data, "paid_at", paid_at.to_string());
            if let Some(stated) = stated {
                put(&mut data, "paid", say.money(*stated));
            }
            ("order.paid", data)
        }
        Event::OrderCompleted { order, at: completed_at } => {
            let mut data = of_order(Some(order));
            put(&mut data, "completed_at", completed_at.to_string());
            ("order.completed", data)
        }
        Event::PiecesReturned { order, refund, .. } => {
            let mut data = of_order(Some(order));
            put(&mut data, "refund", say.money(*refund));
            ("order.returned", data)
        }
        Event::OrderCancelled { order, .. } => ("order.cancelled", of_order(Some(order))),
        _ => return None,
    })
}

/// Of the guest's row nothing is told: the member's entry says the same.
fn claimed(event: &GuestEvent, say: &Say<'_>) -> Told {
    let GuestEvent::Claimed { order, .. } = event else { return None };
    Some(("order.claimed", placed(order, say)))
}

fn placed(order: &OrderState, say: &Say<'_>) -> Data {
    let mut data = of_order(Some(&order.key));
    let status = match order.status {
        OrderStatus::Reserved => "reserved",
        OrderStatus::Placed => "placed",
        OrderStatus::Shipped => "shipped",
        OrderStatus::Paid => "paid",
        OrderStatus::Completed => "completed",
        OrderStatus::Returned => "returned",
        OrderStatus::Cancelled => "cancelled",
    };
    put(&mut data, "status", status);
    put(&mut data, "to_pay", say.money(order.due()));
    put(&mut data, "currency", say.program.currency.code());
    put(&mut data, "version", say.entry.version);
    data
}
