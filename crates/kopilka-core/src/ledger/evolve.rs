//! The fold: one event onto a book. No decision is taken here; every figure is in the event.

mod gifts;
mod grants;
mod guests;
mod merge;
mod moments;
mod offers;
mod orders;
mod referral;
mod rewards;
mod spends;
mod standing;

use self::spends::{short_shrinks, shrink_pieces, spend_grows, spend_shrinks};
use super::event::{Back, Event, Fate};
use super::lots::{Debt, DebtCause, Hold, Lot, Piece};
use crate::book::Book;
use crate::ids::LotNo;
use crate::measures;
use crate::member::{Member, MemberStatus};
use crate::order::{OrderKey, OrderState, SpendStage};
use crate::points::Points;
use crate::time::Instant;

/// Applies an event; what it carries is moved into the book. The order an event names must be in the book:
/// `needs` loaded it, or an earlier event placed it.
pub fn evolve(book: &mut Book, event: Event) {
    measures::count(&mut book.member.lifetime, &event);
    apply(book, event);
}

fn apply(book: &mut Book, event: Event) {
    match event {
        Event::MemberRegistered { at, former } => moments::registered(&mut book.member, at, former),
        Event::StatusChanged { status } => status_changed(&mut book.member, status),
        Event::Happened { what } => book.member.standing.count_event(&what),
        Event::ProfileCompleted { .. } | Event::Subscribed { .. } | Event::BirthdayPassed { .. } => {
            moments::evolve(&mut book.member, &event);
        }
        Event::SilencePassed { .. } | Event::ScheduleCame { .. } => moments::evolve(&mut book.member, &event),
        Event::UnclaimedSince { .. } => moments::evolve(&mut book.member, &event),
        Event::LotIssued { lot } => lot_issued(&mut book.member, lot),
        Event::PointsSpent { order, pieces } => points_spent(book, order.as_ref(), pieces),
        Event::OrderPlaced { order } | Event::OrderMarkedCancelled { order } => book.orders.put(order),
        Event::OrderEarned { order, credits } => order_mut(book, &order).credits.extend(credits),
        Event::LotActivated { .. }
        | Event::LotsDated { .. }
        | Event::LotExpired { .. }
        | Event::LotRevived { .. }
        | Event::LotRevoked { .. }
        | Event::ClawbackOwed { .. }
        | Event::ClawbackBorne { .. }
        | Event::DebtRepaid { .. }
        | Event::DebtWrittenOff { .. } => evolve_lots(&mut book.member, &event),
        Event::PointsHeld { .. }
        | Event::HoldProlonged { .. }
        | Event::HoldCaptured { .. }
        | Event::HoldReleased { .. }
        | Event::ShortfallOwed { .. }
        | Event::ShortfallBorne { .. }
        | Event::ShortfallOwedBack { .. }
        | Event::ShortfallBorneBack { .. }
        | Event::ShortfallRepaidBack { .. }
        | Event::PointsCameBack { .. }
        | Event::HoldLapsed { .. } => evolve_spend(book, &event),
        Event::TransferSent { .. }
        | Event::TransferReceived { .. }
        | Event::TransferDeclined { .. }
        | Event::TransferCameBack { .. } => evolve_transfers(&mut book.member, &event),
        Event::UseCounted { .. }
        | Event::MemberUseCounted { .. }
        | Event::CheckoutCounted { .. }
        | Event::UsesReserved { .. }
        | Event::UsesSettled { .. }
        | Event::CouponTaken { .. }
        | Event::CouponFreed { .. } => evolve_uses(book, &event),
        // Whoever reads the journal tells it; nothing of it is kept.
        Event::MessageAsked { .. } | Event::WebhookAsked { .. } => {}
        Event::Granted { .. } | Event::Referral(_) | Event::Merge(_) | Event::Holder(_) => {
            grants::evolve(book, event)
        }
        Event::Guest(event) => guests::evolve(book, event),
        Event::RewardClaimed { .. } | Event::ClaimSettled { .. } => rewards::evolve(book, event),
        Event::OfferGiven { .. } | Event::OfferActivated { .. } => offers::evolve(book, event),
        Event::OfferTaken { .. } | Event::OfferFreed { .. } => offers::evolve(book, event),
        Event::OfferWithdrawn { .. } => offers::evolve(book, event),
        Event::GiftCardIssued { .. } | Event::GiftCardChanged { .. } => gifts::evolve(book, event),
        Event::GiftCardsSet { .. } | Event::GiftCardsBack { .. } => gifts::evolve(book, event),
        Event::PurchasesBrought { .. } | Event::OrderCounted { .. } => standing::evolve(book, event),
        Event::TierChanged { .. } | Event::AchievementsStarted { .. } => standing::evolve(book, event),
        Event::AchievementReached { .. } | Event::AchievementGave { .. } | Event::AchievementLost { .. } => {
            standing::evolve(book, event)
        }
        Event::OrderChanged { .. } | Event::OrderTold { .. } | Event::OrderPaid { .. } => {
            orders::evolve(book, &event);
        }
        Event::CreditsTaken { .. } | Event::CreditsSettled { .. } => orders::evolve(book, &event),
        Event::PiecesReturned { .. } => orders::evolve(book, &event),
        Event::OrderCompleted { .. } | Event::OrderCancelled { .. } => orders::evolve(book, &event),
    }
}

fn status_changed(member: &mut Member, status: MemberStatus) {
    member.status = status;
    // An account without a person is nobody's to use.
    if status == MemberStatus::Anonymized {
        member.holders.clear();
    }
}

fn lot_issued(member: &mut Member, lot: Lot) {
    member.last_lot = member.last_lot.max(lot.no);
    member.lots.push(lot);
}

fn points_spent(book: &mut Book, order: Option<&OrderKey>, pieces: Vec<Piece>) {
    for piece in &pieces {
        take_free(&mut book.member, piece.lot.no, piece.points);
    }
    if let Some(order) = order {
        let points = pieces.iter().map(|p| p.points).sum();
        spend_grows(order_mut(book, order), SpendStage::Spent, pieces, points);
    }
}

fn evolve_lots(member: &mut Member, event: &Event) {
    match event {
        Event::LotActivated { lot, .. } => {
            if let Some(lot) = member.lots.iter_mut().find(|l| l.no == *lot) {
                lot.booked_active = true;
            }
        }
        Event::LotsDated { lots, .. } => {
            for dates in lots {
                let lot = lot_mut(member, dates.lot);
                lot.active_at = dates.active_at;
                lot.expires_at = dates.expires_at;
                lot.renewal = dates.renewal;
                lot.awaits_payment = false;
            }
        }
        Event::LotExpired { lot, points } => {
            take_free(member, *lot, *points);
            burn(member, *lot, *points);
        }
        Event::LotRevived { piece, points } => {
            unburn(member, piece.lot.no, *points);
            give(member, &piece.lot, *points);
        }
        Event::LotRevoked { lot, points, .. } => take_free(member, *lot, *points),
        Event::ClawbackOwed { points, order, cause, at } => {
            owe(member, *cause, order.clone(), *at, *points);
        }
        Event::DebtRepaid { piece } => {
            take_free(member, piece.lot.no, piece.points);
            repay(member, piece);
        }
        Event::DebtWrittenOff { before, .. } => {
            for debt in member.debts.iter_mut().filter(|d| d.since <= *before) {
                debt.open = Points::ZERO;
            }
            drop_settled_debts(member);
        }
        _ => {}
    }
}

fn evolve_spend(book: &mut Book, event: &Event) {
    let member = &mut book.member;
    match event {
        Event::PointsHeld { order, pieces, lapses_at } => {
            for piece in pieces {
                let lot = lot_mut(member, piece.lot.no);
                lot.free -= piece.points;
                lot.held += piece.points;
            }
            let points: Points = pieces.iter().map(|p| p.points).sum();
            match member.holds.iter_mut().find(|h| h.order == *order) {
                Some(hold) => {
                    hold.points += points;
                    hold.lapses_at = *lapses_at;
                }
                None => member.holds.push(Hold { order: order.clone(), points, lapses_at: *lapses_at }),
            }
            spend_grows(order_mut(book, order), SpendStage::Held, pieces.clone(), points);
        }
        Event::HoldProlonged { order, lapses_at } => {
            if let Some(hold) = member.holds.iter_mut().find(|h| h.order == *order) {
                hold.lapses_at = *lapses_at;
            }
        }
        Event::HoldCaptured { order, points, pieces } => {
            for piece in pieces {
                lot_mut(member, piece.lot.no).held -= piece.points;
            }
            drop_empty_lots(member);
            shrink_hold(member, order, *points);
            if let Some(spend) = &mut order_mut(book, order).spend {
                spend.stage = SpendStage::Spent;
            }
        }
        Event::HoldReleased { order, back } => {
            for b in back {
                lot_mut(member, b.piece.lot.no).held -= b.piece.points;
                settle_back(member, b);
            }
            drop_empty_lots(member);
            let points = sum_back(back);
            shrink_hold(member, order, points);
            spend_shrinks(order_mut(book, order), back);
        }
        Event::HoldLapsed { order } => {
            if let Some(spend) = &mut order_mut(book, order).spend {
                spend.stage = SpendStage::Lapsed;
            }
        }
        Event::PointsCameBack { order, back } => {
            for b in back {
                settle_back(member, b);
            }
            if let Some(order) = order {
                spend_shrinks(order_mut(book, order), back);
            }
        }
        _ => evolve_shortfall(book, event),
    }
}

fn evolve_shortfall(book: &mut Book, event: &Event) {
    let member = &mut book.member;
    match event {
        Event::ShortfallOwed { order, points, at } => {
            owe(member, DebtCause::Shortfall, Some(order.clone()), *at, *points);
            let state = order_mut(book, order);
            spend_grows(state, SpendStage::Spent, Vec::new(), *points);
            if let Some(spend) = &mut state.spend {
                spend.short_debt += *points;
            }
        }
        Event::ShortfallBorne { order, points } => {
            let state = order_mut(book, order);
            spend_grows(state, SpendStage::Spent, Vec::new(), *points);
            if let Some(spend) = &mut state.spend {
                spend.short_loss += *points;
            }
        }
        Event::ShortfallOwedBack { order, points } => {
            if let Some(debt) = shortfall_debt(member, order) {
                debt.open -= *points;
            }
            drop_settled_debts(member);
            short_shrinks(order_mut(book, order), *points, false);
        }
        Event::ShortfallBorneBack { order, points } => short_shrinks(order_mut(book, order), *points, true),
        Event::ShortfallRepaidBack { order, back } => {
            for b in back {
                settle_back(member, b);
            }
            if let Some(debt) = shortfall_debt(member, order) {
                shrink_pieces(&mut debt.repaid, back);
            }
            drop_settled_debts(member);
            short_shrinks(order_mut(book, order), sum_back(back), false);
        }
        _ => {}
    }
}

fn evolve_transfers(member: &mut Member, event: &Event) {
    match event {
        Event::TransferSent { pieces, .. } => {
            for piece in pieces {
                take_free(member, piece.lot.no, piece.points);
            }
        }
        Event::TransferReceived { lots, .. } => {
            for lot in lots {
                member.last_lot = member.last_lot.max(lot.no);
                member.lots.push(lot.clone());
            }
        }
        Event::TransferCameBack { back, .. } => {
            for b in back {
                settle_back(member, b);
            }
        }
        _ => {}
    }
}

fn evolve_uses(book: &mut Book, event: &Event) {
    match event {
        Event::UseCounted { what, by } => book.counters.add(what, *by),
        Event::MemberUseCounted { what, since, by } => book.member.count_use(what, *since, *by),
        Event::CheckoutCounted { checkout, code, by } => book.member.count_checkout(checkout, code, *by),
        Event::UsesReserved { order, lapses_at } => {
            match book.member.reserved.iter_mut().find(|(known, _)| known == order) {
                Some((_, until)) => *until = *lapses_at,
                None => book.member.reserved.push((order.clone(), *lapses_at)),
            }
        }
        Event::UsesSettled { order } => book.member.reserved.retain(|(known, _)| known != order),
        Event::CouponTaken { order, code } => mark_coupon(order_mut(book, order), code, true),
        Event::CouponFreed { order, code } => mark_coupon(order_mut(book, order), code, false),
        _ => {}
    }
}

fn mark_coupon(order: &mut OrderState, code: &str, taken: bool) {
    let of_code = |c: &&mut crate::order::OrderCoupon| c.code == code && c.refused.is_none();
    if let Some(coupon) = order.coupons.iter_mut().find(of_code) {
        coupon.taken = taken;
    }
}

/// A missing order here is a bug of the caller, never of the input: going on would corrupt the books.
fn order_mut<'a>(book: &'a mut Book, key: &OrderKey) -> &'a mut OrderState {
    match book.orders.get_mut(key) {
        Some(order) => order,
        None => panic!("order {key} is named by an event and was not loaded"),
    }
}

fn lot_mut(member: &mut Member, no: LotNo) -> &mut Lot {
    match member.lots.iter_mut().find(|l| l.no == no) {
        Some(lot) => lot,
        None => panic!("lot {no} is named by an event and is not open"),
    }
}

fn take_free(member: &mut Member, no: LotNo, points: Points) {
    let lot = lot_mut(member, no);
    lot.free -= points;
    assert!(lot.free.0 >= 0, "lot {no} cannot give more than it has");
    if lot.free.is_zero() && lot.held.is_zero() {
        member.lots.retain(|l| l.no != no);
    }
}

fn drop_empty_lots(member: &mut Member) {
    member.lots.retain(|l| !l.free.is_zero() || !l.held.is_zero());
}

/// Adds free points to a lot, which may have left the row since.
fn give(member: &mut Member, snapshot: &Lot, points: Points) {
    match member.lots.iter_mut().find(|l| l.no == snapshot.no) {
        Some(lot) => lot.free += points,
        None => member.lots.push(Lot {
            free: points,
            held: Points::ZERO,
            booked_active: true,
            ..snapshot.clone()
        }),
    }
}

fn settle_back(member: &mut Member, back: &Back) {
    let points = back.piece.points;
    let until = match back.fate {
        Fate::Gone => return burn(member, back.piece.lot.no, points),
        Fate::Alive => None,
        Fate::Resumed { until } | Fate::Regranted { until } => Some(until),
    };
    give(member, &back.piece.lot, points);
    if let Some(until) = until {
        let lot = lot_mut(member, back.piece.lot.no);
        lot.expires_at = Some(until);
        if let Some(renewal) = &mut lot.renewal {
            renewal.own_end = until;
        }
        lot.regranted |= matches!(back.fate, Fate::Regranted { .. });
    }
}

fn burn(member: &mut Member, no: LotNo, points: Points) {
    match member.burnt.iter_mut().find(|(n, _)| *n == no) {
        Some((_, burnt)) => *burnt += points,
        None => member.burnt.push((no, points)),
    }
}

fn unburn(member: &mut Member, no: LotNo, points: Points) {
    if let Some((_, burnt)) = member.burnt.iter_mut().find(|(n, _)| *n == no) {
        *burnt -= points;
    }
    member.burnt.retain(|(_, burnt)| !burnt.is_zero());
}

fn owe(member: &mut Member, cause: DebtCause, order: Option<OrderKey>, since: Instant, open: Points) {
    member.debts.push(Debt { cause, order, since, open, repaid: Vec::new() });
}

/// Oldest debt first; a shortfall remembers what repaid it.
fn repay(member: &mut Member, piece: &Piece) {
    let mut left = piece.points;
    for debt in &mut member.debts {
        let part = left.min(debt.open);
        if part.is_zero() {
            continue;
        }
        debt.open -= part;
        left -= part;
        if debt.cause == DebtCause::Shortfall {
            debt.repaid.push(Piece { points: part, ..piece.clone() });
        }
    }
    drop_settled_debts(member);
}

fn drop_settled_debts(member: &mut Member) {
    member.debts.retain(|d| !d.open.is_zero() || !d.repaid.is_empty());
}

fn shortfall_debt<'a>(member: &'a mut Member, order: &OrderKey) -> Option<&'a mut Debt> {
    member.debts.iter_mut().find(|d| d.cause == DebtCause::Shortfall && d.order.as_ref() == Some(order))
}

fn shrink_hold(member: &mut Member, order: &OrderKey, points: Points) {
    if let Some(hold) = member.holds.iter_mut().find(|h| h.order == *order) {
        hold.points -= points;
    }
    member.holds.retain(|h| !h.points.is_zero());
}

fn sum_back(back: &[Back]) -> Points {
    back.iter().map(|b| b.piece.points).sum()
}
