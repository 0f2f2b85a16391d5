//! What an order's own spend remembers: its pieces, and what of it came back.
//!
//! Invariant: points of lots are not touched here.

use super::sum_back;
use crate::ledger::event::Back;
use crate::ledger::lots::Piece;
use crate::order::{OrderState, Spend, SpendStage};
use crate::points::Points;

/// A spend after a lapse starts anew: what the hold remembered has served its purpose.
pub(super) fn spend_grows(order: &mut OrderState, stage: SpendStage, pieces: Vec<Piece>, points: Points) {
    let lapsed = order.spend.as_ref().is_some_and(|s| s.stage == SpendStage::Lapsed);
    if order.spend.is_none() || lapsed {
        order.spend = Some(Spend {
            stage,
            points: Points::ZERO,
            came_back: Points::ZERO,
            pieces: Vec::new(),
            short_debt: Points::ZERO,
            short_loss: Points::ZERO,
        });
    }
    if let Some(spend) = &mut order.spend {
        spend.stage = stage;
        spend.points += points;
        if spend.pieces.is_empty() {
            spend.pieces = pieces;
        } else {
            spend.pieces.extend(pieces);
        }
    }
}

/// A lapsed spend keeps its pieces: a late payment takes them first.
pub(super) fn spend_shrinks(order: &mut OrderState, back: &[Back]) {
    let Some(spend) = &mut order.spend else { return };
    if spend.stage == SpendStage::Lapsed {
        return;
    }
    spend.came_back += sum_back(back);
    shrink_pieces(&mut spend.pieces, back);
}

pub(super) fn shrink_pieces(pieces: &mut Vec<Piece>, back: &[Back]) {
    for b in back {
        let mut left = b.piece.points;
        for piece in pieces.iter_mut().rev().filter(|p| p.lot.no == b.piece.lot.no) {
            let part = left.min(piece.points);
            piece.points -= part;
            left -= part;
        }
    }
    pieces.retain(|p| !p.points.is_zero());
}

pub(super) fn short_shrinks(order: &mut OrderState, points: Points, loss_first: bool) {
    let Some(spend) = &mut order.spend else { return };
    spend.came_back += points;
    let from_loss = if loss_first { points.min(spend.short_loss) } else { Points::ZERO };
    spend.short_loss -= from_loss;
    spend.short_debt -= points - from_loss;
}
