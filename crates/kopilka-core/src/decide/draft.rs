//! A decision in the making: each event is applied as it is recorded, so the next step sees it.

use super::{Context, Decision, Outcome};
use crate::book::Book;
use crate::ids::LotNo;
use crate::ledger::{Event, Lot, Piece, evolve};
use crate::member::Member;
use crate::order::{OrderKey, OrderState};
use crate::points::Points;
use crate::program::Program;
use crate::record::Recorder;
use crate::time::Instant;
use crate::trace::{Step, Trace};
use smallvec::SmallVec;

pub(super) struct Draft<'a> {
    pub program: &'a Program,
    /// The version in force now, which says who may spend: an order is not dated back to before a guard.
    pub today: &'a Program,
    /// The moment the decision stands at: the clock for a command, the due time for a due one.
    pub now: Instant,
    pub book: &'a mut Book,
    pub recorder: &'a mut dyn Recorder,
    /// In an exchange, points that come back to dead lots are kept for its new order…
    pub exchanging: bool,
    /// … which may be paid from these.
    pub payable_dead: Vec<LotNo>,
    /// When the order was paid whose return is being decided: until its points are back, what it renewed
    /// lives as it did.
    pub returning: Option<Instant>,
    /// Rules give nothing: what is told was before the program.
    pub quiet: bool,
}

impl<'a> Draft<'a> {
    pub fn new(
        program: &'a Program,
        now: Instant,
        book: &'a mut Book,
        recorder: &'a mut dyn Recorder,
    ) -> Draft<'a> {
        Draft {
            program,
            today: program,
            now,
            book,
            recorder,
            exchanging: false,
            payable_dead: Vec::new(),
            returning: None,
            quiet: false,
        }
    }
    #[inline]
    pub fn push(&mut self, event: Event) {
        self.recorder.event(&event);
        evolve(self.book, event);
    }
    pub fn note(&mut self, step: Step) {
        self.recorder.step(step);
    }
    pub fn note_all(&mut self, steps: Trace) {
        self.recorder.steps(steps);
    }
    pub fn member(&self) -> &Member {
        &self.book.member
    }
    /// The order a step works on; it was loaded or placed before.
    pub fn order(&self, key: &OrderKey) -> &OrderState {
        match self.book.orders.get(key) {
            Some(order) => order,
            None => panic!("order {key} is not in the book"),
        }
    }
    /// Whether the order is known as one of before the program.
    pub fn earns_nothing(&self, key: &OrderKey) -> bool {
        self.book.orders.get(key).is_some_and(|order| order.earns_nothing)
    }
    pub fn next_lot(&self) -> LotNo {
        self.book.member.last_lot + 1
    }

    /// Lots that may pay now, in spending order.
    pub fn payable_lots(&self) -> LotsInTurn<'_> {
        payable_lots(self.member(), self.now, &self.payable_dead)
    }

    /// Debts are repaid by points as they become available, gifts excepted.
    pub fn settle_debt(&mut self) {
        while self.member().debt().0 > 0 {
            let debt = self.member().debt();
            let lot = self.payable_lots().into_iter().find(|l| !l.gift);
            let Some(lot) = lot else { return };
            let piece = Piece { points: lot.free.min(debt), taken_at: self.now, lot: snapshot(lot) };
            self.push(Event::DebtRepaid { piece });
        }
    }

    pub fn finish(self, outcome: Outcome, effective_at: Instant, order: Option<OrderKey>) -> Decision {
        Decision { outcome, effective_at, version: self.program.version, order }
    }
}

/// Lots in spending order; a member mostly has a few, and they are asked for at every order.
pub(super) type LotsInTurn<'m> = SmallVec<[&'m Lot; 8]>;

/// Active lots with free points, and dead ones that may pay all the same.
pub(super) fn payable_lots<'m>(member: &'m Member, now: Instant, payable_dead: &[LotNo]) -> LotsInTurn<'m> {
    let mut lots: LotsInTurn<'m> = member
        .lots
        .iter()
        .filter(|l| l.booked_active && l.free.0 > 0 && (l.is_active(now) || payable_dead.contains(&l.no)))
        .collect();
    // The number is part of the rank: no two lots are equal.
    lots.sort_unstable_by_key(|l| l.spending_rank());
    lots
}

/// The lot as a piece remembers it: its dates and source, without what is in it.
pub(super) fn snapshot(lot: &Lot) -> Lot {
    Lot { free: Points::ZERO, held: Points::ZERO, ..lot.clone() }
}

/// Takes `points` out of the lots in their order; what they cannot bear is left out.
pub(super) fn take_pieces(lots: &[&Lot], points: Points, now: Instant) -> Vec<Piece> {
    let mut left = points;
    let mut pieces = Vec::new();
    for lot in lots {
        if left.0 <= 0 {
            break;
        }
        if pieces.is_empty() {
            // One lot is the common case, and pieces are large.
            pieces.reserve_exact(1);
        }
        let part = lot.free.min(left);
        left -= part;
        pieces.push(Piece { points: part, taken_at: now, lot: snapshot(lot) });
    }
    pieces
}

/// The program a command is decided by: that of its order if it has one, else the one in force.
pub(super) fn program_of<'a>(ctx: Context<'a>, order: Option<&OrderState>, at: Instant) -> &'a Program {
    let program = order.and_then(|o| ctx.versions.numbered(o.version)).or_else(|| ctx.versions.at(at));
    match program {
        Some(program) => program,
        None => panic!("a command needs a published program"),
    }
}
