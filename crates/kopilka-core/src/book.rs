//! A member's book: the rows one command may read and change, and the one way a command goes over them.
//!
//! Invariant: live commands, quotes, replay, specs and tests all go by [`execute_into`]'s two calls; they
//! differ in who listens, and none has a path of its own.

use crate::counters::Counters;
use crate::coupon::MadeCode;
use crate::decide::{self, Agreement, Command, Context, Outcome, Quote};
use crate::holder::HolderNo;
use crate::ledger::{Event, evolve};
use crate::member::{Member, MemberStatus, PersonFacts};
use crate::order::{BodyStatus, OrderBody, OrderKey, Orders, Pricing, ReceiptPoints, receipt_rows};
use crate::record::{Entries, Reasons, Recorder};
use crate::refusal::Refusal;
use crate::time::Instant;
use crate::trace::Trace;

/// The member's row, what is known of the person, the orders that `needs` named and that exist, and what
/// the command reads beyond the member.
#[derive(Debug, Clone, PartialEq)]
pub struct Book {
    pub member: Member,
    pub person: PersonFacts,
    pub orders: Orders,
    pub counters: Counters,
    /// Codes that were made one by one, as far as the order has them.
    pub codes: Vec<MadeCode>,
    /// Secret random bits for the codes that the command may give the member; none where no code is kept.
    pub random: u64,
    /// Whether the member agreed that the command takes points.
    pub agreement: Agreement,
    /// Which holder of the account asks; none where the owner does, or the shop.
    pub holder: Option<HolderNo>,
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
        Book {
            member,
            person: PersonFacts::default(),
            orders: Orders::default(),
            counters: Counters::default(),
            codes: Vec::new(),
            random: 0,
            agreement: Agreement::NotAsked,
            holder: None,
        }
    }
    pub fn apply(&mut self, events: &[Event]) {
        for event in events {
            evolve(self, event.clone());
        }
    }
}

/// Runs what is due, decides the command, and applies both to the book. A refusal leaves the book as it
/// was: what was due is due still, so no entry is lost with it.
pub fn execute(ctx: Context<'_>, book: &mut Book, command: &Command) -> Result<Execution, Refusal> {
    let before = decide::is_due(ctx, book).then(|| book.clone());
    let mut entries = Entries::default();
    match execute_into(ctx, book, command, &mut entries) {
        Ok(outcome) => {
            let (due, entry) = entries.into_last();
            Ok(Execution { due, entry, outcome })
        }
        Err(refusal) => {
            if let Some(before) = before {
                *book = before;
            }
            Err(refusal)
        }
    }
}

/// As [`execute`], for whoever listens: what is due has happened and been told even where the command is
/// refused.
pub fn execute_into(
    ctx: Context<'_>,
    book: &mut Book,
    command: &Command,
    recorder: &mut dyn Recorder,
) -> Result<Outcome, Refusal> {
    decide::run_due_into(ctx, book, recorder);
    decide::decide_on(ctx, book, command, recorder)
}

/// What the order would come to if it were placed and paid now. The book is left as it was.
pub fn quote(ctx: Context<'_>, book: &Book, body: &OrderBody) -> Result<Quote, Refusal> {
    quote_of(ctx, book.clone(), body.clone(), true)
}

/// As [`quote`], where neither book nor body is needed afterwards. Unless it is to `explain`, its trace is
/// without the steps of discounts.
pub fn quote_of(ctx: Context<'_>, mut copy: Book, body: OrderBody, explain: bool) -> Result<Quote, Refusal> {
    decide::run_due(ctx, &mut copy);
    // A quote of a placed order does not count its own uses: its hold is given back first.
    copy.release_for_requote(ctx, &body.key);
    // What a quote asks is paid for only in its answer: the prices are the engine's unless the shop says so.
    let pricing = body.pricing.or((!body.status.says_paid()).then_some(Pricing::Engine));
    let body = OrderBody {
        status: BodyStatus::Paid,
        pricing,
        revision: None,
        expect: None,
        paid: None,
        coupons_required: false,
        ..body
    };
    let (available, key) = (decide::spendable(&copy.member, ctx.now), body.key.clone());
    let mut reasons = Reasons::of(explain);
    decide::decide_on(ctx, &mut copy, &Command::PutOrder { body, hash: 0 }, &mut reasons)?;
    let (trace, version) = reasons.into_told().ok_or(Refusal::OrderUnknown)?;
    let order = copy.orders.remove(&key).ok_or(Refusal::OrderUnknown)?;
    // Prices do not depend on points: the limit is that of the lines as they were decided.
    let limit = available
        .map(|available| decide::limit_of(ctx, &order, (available, copy.person.known.has_contact())));
    let receipt = program_points(ctx, version);
    let rows = receipt_rows(&order.lines, receipt);
    let earned = decide::earned_by_rule(&order);
    let earns = matches!(copy.member.status, MemberStatus::Active | MemberStatus::Frozen);
    let more = if earns { decide::next_steps(ctx, &copy, &order) } else { Vec::new() };
    Ok(Quote { order: *order, limit, earned, more, rows, trace, version })
}

fn program_points(ctx: Context<'_>, version: u32) -> ReceiptPoints {
    ctx.versions.numbered(version).map_or(ReceiptPoints::default(), |p| p.receipt_points)
}

impl Book {
    fn release_for_requote(&mut self, ctx: Context<'_>, key: &OrderKey) {
        let Some(order) = self.orders.remove(key) else { return };
        decide::uncount(ctx, self, &order);
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
