//! A member's book: the rows one command may read and change, and the one way a command goes over them.
//!
//! Invariant: live commands, quotes, replay, specs and tests all call [`execute`]; none has a path of its
//! own.

use crate::decide::{self, Command, Context, Decision, Outcome, Quote};
use crate::ledger::{Event, evolve};
use crate::member::{Member, MemberStatus, PersonFacts};
use crate::order::{BodyStatus, OrderBody, OrderKey, OrderState, Pricing, ReceiptPoints, receipt_rows};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Trace;
use std::collections::BTreeMap;

/// The member's row, what is known of the person, and the orders that `needs` named and that exist.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    pub member: Member,
    pub person: PersonFacts,
    pub orders: BTreeMap<OrderKey, OrderState>,
}

/// A journal entry before the shell gives it an id, a key and `recorded_at`.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryDraft {
    pub cause: &'static str,
    pub order: Option<OrderKey>,
    pub version: u32,
    pub effective_at: Instant,
    pub events: Vec<Event>,
    pub trace: Trace,
}

/// What a command came to: entries that were due first, then its own (none when it changed nothing).
#[derive(Debug, Clone, PartialEq)]
pub struct Execution {
    pub due: Vec<EntryDraft>,
    pub entry: Option<EntryDraft>,
    pub outcome: Outcome,
}

impl Book {
    pub fn new(member: Member) -> Book {
        Book { member, person: PersonFacts::default(), orders: BTreeMap::new() }
    }
    pub fn apply(&mut self, events: &[Event]) {
        for event in events {
            evolve(self, event);
        }
    }
}

/// Runs what is due, decides the command, and applies both to the book. A refusal leaves the book as it
/// was: what was due is due still, so no entry is lost with it.
pub fn execute(ctx: Context<'_>, book: &mut Book, command: &Command) -> Result<Execution, Refusal> {
    let before = decide::is_due(ctx, book).then(|| book.clone());
    let due = if before.is_some() { decide::run_due(ctx, book) } else { Vec::new() };
    let decision = match decide::decide_on(ctx, book, command) {
        Ok(decision) => decision,
        Err(refusal) => {
            if let Some(before) = before {
                *book = before;
            }
            return Err(refusal);
        }
    };
    let Decision { events, trace, outcome, effective_at, version, order } = decision;
    let entry = (!events.is_empty()).then(|| EntryDraft {
        cause: cause(command, &outcome),
        order,
        version,
        effective_at,
        events,
        trace,
    });
    Ok(Execution { due, entry, outcome })
}

/// What the order would come to if it were placed and paid now. The book is left as it was.
pub fn quote(ctx: Context<'_>, book: &Book, body: &OrderBody) -> Result<Quote, Refusal> {
    let mut copy = book.clone();
    decide::run_due(ctx, &mut copy);
    // A quote of a placed order does not count its own uses: its hold is given back first.
    copy.release_for_requote(&body.key);
    // What a quote asks is paid for only in its answer: the prices are the engine's unless the shop says so.
    let pricing = body.pricing.or((body.status != BodyStatus::Paid).then_some(Pricing::Engine));
    let body = OrderBody {
        status: BodyStatus::Paid,
        pricing,
        revision: None,
        expect: None,
        paid: None,
        ..body.clone()
    };
    let limit = decide::spend_limit(ctx, &copy, &body);
    let decision = decide::decide_on(ctx, &mut copy, &Command::PutOrder { body: body.clone(), hash: 0 })?;
    let order = copy.orders.remove(&body.key).ok_or(Refusal::OrderUnknown)?;
    let receipt = program_points(ctx, decision.version);
    let rows = receipt_rows(&order.lines, receipt);
    let earned = decide::earned_by_rule(&order);
    let earns = matches!(copy.member.status, MemberStatus::Active | MemberStatus::Frozen);
    let more = if earns { decide::next_steps(ctx, &copy, &order) } else { Vec::new() };
    Ok(Quote { order, limit, earned, more, rows, trace: decision.trace, version: decision.version })
}

fn program_points(ctx: Context<'_>, version: u32) -> ReceiptPoints {
    ctx.versions.numbered(version).map_or(ReceiptPoints::default(), |p| p.receipt_points)
}

impl Book {
    fn release_for_requote(&mut self, key: &OrderKey) {
        let Some(order) = self.orders.remove(key) else { return };
        let Some(hold) = self.member.hold_of(key).cloned() else { return };
        for piece in order.spend.iter().flat_map(|s| &s.pieces) {
            if let Some(lot) = self.member.lots.iter_mut().find(|l| l.no == piece.lot.no) {
                lot.held -= piece.points;
                lot.free += piece.points;
            }
        }
        self.member.holds.retain(|h| h.order != hold.order);
    }
}

fn cause(command: &Command, outcome: &Outcome) -> &'static str {
    match command {
        // Told apart from what was received, so that who reads the journal for what must go back need not
        // open every entry.
        Command::ReceiveTransfer { .. } if matches!(outcome, Outcome::TransferDeclined { .. }) => {
            "transfer_declined"
        }
        Command::Register { .. } => "register",
        Command::PutOrder { .. } => "order",
        Command::ReturnPieces(_) => "return",
        Command::CancelOrder { .. } => "cancel",
        Command::Exchange { .. } => "exchange",
        Command::Adjust(_) => "adjustment",
        Command::ReverseAdjustment { .. } => "reversal",
        Command::SetStatus { .. } => "status",
        Command::Transfer { .. } => "transfer",
        Command::ReceiveTransfer { .. } => "transfer_received",
        Command::ReturnTransfer { .. } => "transfer_returned",
    }
}
