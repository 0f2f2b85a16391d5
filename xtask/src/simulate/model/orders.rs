//! What each order gave and took, by its events.

use super::cards::{Cards, Cost};
use super::{LotSeen, Told, demand, sum};
use kopilka_core::ids::LotNo;
use kopilka_core::ledger::{Back, Event, Piece};
use kopilka_core::money::Money;
use kopilka_core::order::{LineKind, LineState, OrderKey, OrderState, OrderStatus};
use kopilka_core::referral::ReferralEvent;
use kopilka_core::time::Instant;
use std::collections::BTreeMap;

#[derive(Debug, Clone)]
struct LineSeen {
    goods: bool,
    /// It sells a gift card, which no card may pay for.
    sells_card: bool,
    quantity: i64,
    gone: i64,
    due: Money,
    counted: Money,
}

#[derive(Debug, Clone)]
pub struct OrderSeen {
    pub status: OrderStatus,
    lines: Vec<LineSeen>,
    pub paid: bool,
    pub refunded: i64,
    /// A return has told that a discount is withheld.
    pub withheld: bool,
    /// Issued for the order, by lot.
    pub given: BTreeMap<LotNo, i64>,
    /// Lot, issued and taken back, by position.
    pub credits: Vec<(LotNo, i64, i64)>,
    /// Points of each lot that pay for the order.
    out: BTreeMap<LotNo, i64>,
    /// Points that pay for it and came from no lot.
    short: i64,
    held: i64,
    pub held_until: Option<Instant>,
    pub cards: Cards,
    /// Until when an unpaid order has something limited, a card's money too.
    pub reserved_until: Option<Instant>,
    /// Taken back from lots, as debt or as loss.
    taken_anywhere: i64,
    /// Nothing remains of it, and its credits have been looked at.
    emptied: bool,
}

impl LineSeen {
    fn of(line: &LineState) -> LineSeen {
        LineSeen {
            goods: line.kind != LineKind::Delivery,
            sells_card: line.kind == LineKind::GiftCard,
            quantity: line.quantity.0,
            gone: line.gone.0,
            due: line.due,
            counted: line.counted,
        }
    }
    fn left(&self, amount: Money) -> Money {
        amount - self.gone_of(amount)
    }
    /// What of an amount went with the pieces that are gone: the cheaper ones first.
    fn gone_of(&self, amount: Money) -> Money {
        let (whole, gone) = (self.quantity / 1000, self.gone / 1000);
        if self.gone == self.quantity {
            return amount;
        }
        if self.quantity % 1000 != 0 || self.gone % 1000 != 0 {
            let part = i128::from(amount.0) * i128::from(self.gone) / i128::from(self.quantity);
            return Money(part as i64);
        }
        // Piece by piece: the last ones are dearer by the smallest coin until all is shared out.
        let dearer = amount.0 % whole;
        Money((0..gone).map(|piece| amount.0 / whole + i64::from(piece >= whole - dearer)).sum())
    }
}

/// An event about an order, whichever it is.
pub fn take(orders: &mut BTreeMap<OrderKey, OrderSeen>, event: &Event, moment: Instant) -> Told {
    let named = match event {
        Event::OrderPlaced { order } | Event::OrderMarkedCancelled { order } => {
            let before = orders.insert(order.key.clone(), OrderSeen::new(order));
            return demand(before.is_none(), || format!("order {} was placed twice", order.key));
        }
        Event::Referral(ReferralEvent::Heard { key, told, credits, at }) => {
            // What a friend bought, told again, is only less.
            if !orders.contains_key(key) {
                let row = OrderState::nothing(key.clone(), told.version, *at);
                orders.insert(key.clone(), OrderSeen::new(&OrderState { credits: credits.clone(), ..row }));
            }
            return demand(told.first || credits.is_empty(), || format!("{key} was rewarded late"));
        }
        Event::LotRevoked { order: Some(order), .. }
        | Event::ClawbackOwed { order: Some(order), .. }
        | Event::ClawbackBorne { order: Some(order), .. }
        | Event::PointsSpent { order: Some(order), .. }
        | Event::PointsCameBack { order: Some(order), .. } => order,
        Event::PointsHeld { order, .. }
        | Event::HoldProlonged { order, .. }
        | Event::HoldCaptured { order, .. }
        | Event::HoldReleased { order, .. }
        | Event::HoldLapsed { order }
        | Event::ShortfallOwed { order, .. }
        | Event::ShortfallBorne { order, .. }
        | Event::ShortfallOwedBack { order, .. }
        | Event::ShortfallBorneBack { order, .. }
        | Event::ShortfallRepaidBack { order, .. }
        | Event::GiftCardsSet { order, .. }
        | Event::GiftCardsBack { order, .. }
        | Event::UsesReserved { order, .. }
        | Event::UsesSettled { order }
        | Event::OrderChanged { order, .. }
        | Event::OrderTold { order, .. }
        | Event::OrderPaid { order, .. }
        | Event::OrderCompleted { order, .. }
        | Event::CreditsSettled { order, .. }
        | Event::OrderEarned { order, .. }
        | Event::PiecesReturned { order, .. }
        | Event::CreditsTaken { order, .. }
        | Event::OrderCancelled { order, .. } => order,
        _ => return Ok(()),
    };
    let order = orders.get_mut(named).ok_or_else(|| format!("order {named} was never placed"))?;
    order.points(event, moment)?;
    order.goods(event)
}

impl OrderSeen {
    fn new(order: &OrderState) -> OrderSeen {
        OrderSeen {
            status: order.status,
            lines: order.lines.iter().map(LineSeen::of).collect(),
            paid: false,
            refunded: 0,
            withheld: false,
            given: BTreeMap::new(),
            credits: order.credits.iter().map(|c| (c.lot, c.issued.0, 0)).collect(),
            out: BTreeMap::new(),
            short: 0,
            held: 0,
            held_until: None,
            cards: Cards::default(),
            reserved_until: None,
            taken_anywhere: 0,
            emptied: false,
        }
    }

    /// Points that pay for the order now.
    pub fn pays(&self) -> i64 {
        self.out.values().sum::<i64>() + self.short
    }

    fn points(&mut self, event: &Event, moment: Instant) -> Told {
        match event {
            Event::PointsHeld { pieces, lapses_at, .. } => {
                self.take_out(pieces);
                self.held += sum(pieces);
                self.held_until = Some(*lapses_at);
            }
            Event::HoldProlonged { lapses_at, .. } => self.held_until = Some(*lapses_at),
            Event::HoldCaptured { points, .. } => self.held -= points.0,
            Event::HoldReleased { back, .. } => {
                self.held -= self.put_back(back);
            }
            Event::HoldLapsed { .. } => {
                let on_time = self.held_until == Some(moment);
                demand(on_time, || "a hold lapsed at another time than its own".to_owned())?;
            }
            Event::PointsSpent { pieces, .. } => self.take_out(pieces),
            Event::PointsCameBack { back, .. } => drop(self.put_back(back)),
            Event::ShortfallOwed { points, .. } | Event::ShortfallBorne { points, .. } => {
                self.short += points.0
            }
            Event::ShortfallOwedBack { points, .. } | Event::ShortfallBorneBack { points, .. } => {
                self.short -= points.0;
            }
            Event::ShortfallRepaidBack { back, .. } => {
                self.short -= back.iter().map(|b| b.piece.points.0).sum::<i64>();
            }
            Event::LotRevoked { points, .. }
            | Event::ClawbackOwed { points, .. }
            | Event::ClawbackBorne { points, .. } => self.taken_anywhere += points.0,
            Event::GiftCardsSet { cards, .. } => self.cards.set(cards, self.paid)?,
            Event::GiftCardsBack { back, .. } => self.cards.give_back(back, self.paid)?,
            Event::UsesReserved { lapses_at, .. } => self.reserved_until = Some(*lapses_at),
            Event::UsesSettled { .. } => self.reserved_until = None,
            _ => {}
        }
        if self.held == 0 {
            self.held_until = None;
        }
        Ok(())
    }

    fn take_out(&mut self, pieces: &[Piece]) {
        for piece in pieces {
            *self.out.entry(piece.lot.no).or_default() += piece.points.0;
        }
    }
    fn put_back(&mut self, back: &[Back]) -> i64 {
        for b in back {
            *self.out.entry(b.piece.lot.no).or_default() -= b.piece.points.0;
        }
        back.iter().map(|b| b.piece.points.0).sum()
    }

    fn goods(&mut self, event: &Event) -> Told {
        match event {
            Event::OrderChanged { removed, added, .. } => {
                for (at, quantity) in removed {
                    self.line(*at)?.gone += quantity.0;
                }
                self.lines.extend(added.iter().map(LineSeen::of));
            }
            Event::OrderTold { status, .. } => self.status = *status,
            Event::OrderPaid { counted, .. } => {
                demand(!self.paid, || "paid twice".to_owned())?;
                (self.paid, self.status) = (true, OrderStatus::Paid);
                self.lines.retain(|line| line.gone < line.quantity);
                for line in &mut self.lines {
                    line.due = line.left(line.due);
                    line.counted = line.due;
                    line.quantity -= line.gone;
                    line.gone = 0;
                }
                for (line, counted) in self.lines.iter_mut().zip(counted.iter().flatten()) {
                    line.counted = *counted;
                }
            }
            Event::OrderEarned { credits, .. } => {
                self.credits.extend(credits.iter().map(|c| (c.lot, c.issued.0, 0)));
            }
            Event::OrderCompleted { .. } => self.status = OrderStatus::Completed,
            Event::CreditsSettled { credits, .. } => {
                demand(self.paid, || "settled before it was paid".to_owned())?;
                self.taken_anywhere -= self.credits.iter().map(|(.., taken)| taken).sum::<i64>();
                self.credits = credits.iter().map(|c| (c.lot, c.issued.0, 0)).collect();
                self.given = self.credits.iter().map(|(lot, issued, _)| (*lot, *issued)).collect();
            }
            Event::PiecesReturned { pieces, refund, .. } => {
                for (at, quantity) in pieces {
                    self.line(*at)?.gone += quantity.0;
                }
                self.refunded += refund.0;
                if self.lines.iter().filter(|line| line.goods).all(|line| line.gone == line.quantity) {
                    self.status = OrderStatus::Returned;
                }
            }
            Event::CreditsTaken { taken, .. } => {
                for (at, points) in taken {
                    let credit = self.credits.get_mut(usize::from(*at));
                    credit.ok_or_else(|| "a credit that never was is taken".to_owned())?.2 += points.0;
                }
            }
            Event::OrderCancelled { .. } => self.status = OrderStatus::Cancelled,
            _ => {}
        }
        Ok(())
    }

    fn line(&mut self, at: u16) -> Result<&mut LineSeen, String> {
        let line = self.lines.get_mut(usize::from(at));
        line.ok_or_else(|| format!("line {at} is not there"))
    }

    /// What must hold after every entry.
    pub fn laws(&mut self, lots: &BTreeMap<LotNo, LotSeen>) -> Told {
        let over = self.lines.iter().any(|line| line.gone > line.quantity || line.gone < 0);
        demand(!over, || "more pieces are gone than there were".to_owned())?;
        let below = self.out.values().any(|points| *points < 0);
        demand(!below && self.short >= 0 && self.held >= 0, || "more points came back than paid".to_owned())?;
        let given: i64 = self.given.values().sum();
        let issued: i64 = self.credits.iter().map(|(_, issued, _)| issued).sum();
        demand(given == issued, || format!("{issued} were earned, {given} are in lots"))?;
        let taken: i64 = self.credits.iter().map(|(.., taken)| taken).sum();
        demand(taken == self.taken_anywhere, || {
            format!("{taken} were to be taken back, {} were", self.taken_anywhere)
        })?;
        demand(self.credits.iter().all(|(_, issued, taken)| taken <= issued), || {
            "more was taken back than given".to_owned()
        })?;
        if self.paid {
            let back: i64 = self.lines.iter().map(|l| l.gone_of(l.counted).0).sum();
            let least =
                if self.withheld && self.lines.iter().any(|l| l.gone < l.quantity) { 0 } else { back };
            demand((least..=back).contains(&self.refunded), || {
                format!("{} refunded, {back} were to be", self.refunded)
            })?;
        }
        let emptied = self.paid && self.lines.iter().all(|line| line.gone == line.quantity);
        self.laws_of_cards(emptied)?;
        if emptied || self.status == OrderStatus::Cancelled {
            self.leaves_nothing(lots)?;
        }
        Ok(())
    }

    fn laws_of_cards(&self, emptied: bool) -> Told {
        let waits = !self.paid && self.status != OrderStatus::Cancelled;
        let bounded = !waits || self.reserved_until.is_some() || self.cards.nets().is_empty();
        demand(bounded, || "an unpaid order keeps money of cards for ever".to_owned())?;
        demand(waits || self.reserved_until.is_none(), || "what is over still reserves".to_owned())?;
        let payable = self.lines.iter().filter(|line| !line.sells_card);
        let cost = Cost {
            status: self.status,
            paid: self.paid,
            emptied,
            payable: payable.map(|line| line.left(line.due).0).sum(),
            counted: self.lines.iter().map(|line| line.counted.0).sum(),
            refunded: self.refunded,
        };
        self.cards.laws(cost)
    }

    /// An emptied or cancelled order has nobody's points, and nobody has its.
    fn leaves_nothing(&mut self, lots: &BTreeMap<LotNo, LotSeen>) -> Told {
        demand(self.out.values().all(|points| *points == 0), || "it keeps points of lots".to_owned())?;
        demand(self.short == 0 && self.held == 0, || "it keeps points".to_owned())?;
        // Only then: what burnt may be revived later for an order that held it.
        if std::mem::replace(&mut self.emptied, true) {
            return Ok(());
        }
        for (lot, issued, taken) in &self.credits {
            let burnt = lots.get(lot).map_or(0, |lot| lot.burnt);
            demand(taken + burnt >= *issued, || {
                format!("of lot {lot} {taken} of {issued} were taken back, {burnt} had burnt")
            })?;
        }
        Ok(())
    }
}
