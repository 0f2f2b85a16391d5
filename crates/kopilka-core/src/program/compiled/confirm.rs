//! When the member must say by a one-time code that points may pay.

use crate::points::Points;

/// Which payments with points want a code. A code is sent to the member and told to the shop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ConfirmSpending {
    #[default]
    Never,
    Always,
    /// Unless the member showed a card or is signed in at the shop: whoever knows a phone number has not
    /// shown that it is theirs.
    WithoutCard,
    /// Of more points than these.
    Above(Points),
}
