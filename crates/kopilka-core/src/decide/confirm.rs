//! Whether the member has agreed that an order takes points.
//!
//! Invariant: it is asked only of a command that takes points from an account, never of a quote, a replay or
//! an example of a document: those have nobody to ask.

use crate::points::Points;
use crate::program::{ConfirmSpending, Program};
use crate::refusal::Refusal;

/// What the shell knows of the member's agreement to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Agreement {
    /// Nobody can be asked.
    #[default]
    NotAsked,
    Asked {
        /// The order names the member by a card, or by the shop's own id.
        card: bool,
        /// By code, for this very order: so many points at most.
        confirmed: Points,
    },
}

/// Whether so many points of one order want a code of a member who is named so.
pub fn wants_code(program: &Program, card: bool, points: Points) -> bool {
    points.0 > 0
        && match program.spending.confirm {
            ConfirmSpending::Never => false,
            ConfirmSpending::Always => true,
            ConfirmSpending::WithoutCard => !card,
            ConfirmSpending::Above(most) => points > most,
        }
}

/// The last of the ladder: all that a new request would change has been told before. `points` are those of
/// the whole order.
pub(super) fn refuse_unconfirmed(
    program: &Program,
    agreement: Agreement,
    points: Points,
) -> Result<(), Refusal> {
    match agreement {
        Agreement::Asked { card, confirmed } if wants_code(program, card, points) && confirmed < points => {
            Err(Refusal::CodeRequired { points })
        }
        _ => Ok(()),
    }
}
