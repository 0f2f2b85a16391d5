//! The fold of claims: a reward with a code is settled at once, the others wait in the member's row.

use crate::book::Book;
use crate::coupon::MadeCode;
use crate::ledger::Event;

pub(super) fn evolve(book: &mut Book, event: Event) {
    match event {
        Event::RewardClaimed { claim, code } => {
            book.member.last_claim = claim.no;
            match code {
                Some((code, campaign)) => {
                    let owner = Some(book.member.id);
                    book.codes.push(MadeCode { code, campaign, owner, expires_at: None, blocked: false });
                }
                None => book.member.claims.push(claim),
            }
        }
        Event::ClaimSettled { claim, .. } => book.member.claims.retain(|known| known.no != claim),
        _ => {}
    }
}
