//! Points from one member to another.

use crate::points::Points;
use crate::time::Period;

/// Points from member to member; off unless a document says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Transfers {
    pub allowed: bool,
    /// The fewest and the most points of one transfer.
    pub min_points: Points,
    pub max_points: Option<Points>,
    /// Points of an order may leave this long after they became available: when its goods can no longer
    /// come back. Other points may leave at once.
    pub order_points_after: Period,
}

impl Default for Transfers {
    fn default() -> Transfers {
        Transfers {
            allowed: false,
            min_points: Points::ZERO,
            max_points: None,
            order_points_after: Period::Hours(0),
        }
    }
}
