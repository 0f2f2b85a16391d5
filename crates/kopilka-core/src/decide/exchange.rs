//! An exchange: return and new order in one decision; the returned points may pay it whatever their date.

use super::draft::{Draft, program_of};
use super::order::{moment, place_in};
use super::return_::return_on;
use super::{Context, Decision, Outcome, holders};
use crate::book::Book;
use crate::ledger::Event;
use crate::order::{OrderBody, ReturnBody};
use crate::record::{Entries, Recorder};
use crate::refusal::Refusal;

/// Decides both steps on a copy: if the new order is refused, nothing came back either.
pub(super) fn exchange(
    ctx: Context<'_>,
    book: &mut Book,
    recorder: &mut dyn Recorder,
    back: &ReturnBody,
    order: &OrderBody,
    hash: u64,
) -> Result<Decision, Refusal> {
    let at = moment(ctx, order.occurred_at.or(back.occurred_at))?;
    let program = program_of(ctx, book.orders.get(&back.key), at);
    let mut copy = book.clone();
    let mut heard = Entries::default();
    let mut draft = Draft::new(program, ctx.now, &mut copy, &mut heard);
    draft.exchanging = true;
    draft.today = program_of(ctx, None, ctx.now);
    let returned = return_on(&mut draft, back, at)?;
    // The new order is a new decision: it goes by the version in force, on the same draft.
    draft.program = program_of(ctx, None, at);
    draft.quiet = holders::earns_nothing(draft.book, &order.key);
    let placed = place_in(&mut draft, order, hash, at)?;
    expire_leftovers(&mut draft);
    let outcome = Outcome::Exchanged { back: returned, order: placed };
    let decision = draft.finish(outcome, at, Some(order.key.clone()));
    *book = copy;
    heard.retell(recorder);
    Ok(decision)
}

/// What came back to dead lots and did not pay the new order is gone, as it would have been at once.
fn expire_leftovers(draft: &mut Draft<'_>) {
    let mut lots = std::mem::take(&mut draft.payable_dead);
    lots.sort_unstable();
    lots.dedup();
    for no in lots {
        let free = draft.member().lot(no).map(|l| l.free).filter(|f| f.0 > 0);
        if let Some(points) = free {
            draft.push(Event::LotExpired { lot: no, points });
        }
    }
}
