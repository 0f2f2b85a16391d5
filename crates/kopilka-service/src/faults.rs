//! Places where a trial may let the process die, as a power cut would: between any two steps of a write.
//!
//! Invariant: without a trial there is nothing here but a look at an empty option.

use std::sync::Arc;

/// The steps after which a trial may end the writer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    Begun,
    Loaded,
    Decided,
    Written,
    /// On disk, but nobody has been answered.
    Committed,
    /// A part of a projection is in the transaction, its cursor not yet.
    Projected,
    /// An effect has reached the other member; the relay's cursor does not know.
    Relayed,
    /// A receiver has been told of an event; its delivery does not know.
    Delivered,
    /// A message was handed over; its row does not know.
    Messaged,
}

pub const STEPS: [Step; 9] = [
    Step::Begun,
    Step::Loaded,
    Step::Decided,
    Step::Written,
    Step::Committed,
    Step::Projected,
    Step::Relayed,
    Step::Delivered,
    Step::Messaged,
];

type Decides = Arc<dyn Fn(Step) -> bool + Send + Sync>;

/// Says at each step whether the process dies there; by default it never does.
#[derive(Clone, Default)]
pub struct Faults(Option<Decides>);

impl std::fmt::Debug for Faults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if self.0.is_some() { "Faults(…)" } else { "Faults" })
    }
}

impl Faults {
    pub fn new(decides: impl Fn(Step) -> bool + Send + Sync + 'static) -> Faults {
        Faults(Some(Arc::new(decides)))
    }
    pub(crate) fn strike(&self, step: Step) -> bool {
        self.0.as_ref().is_some_and(|decides| decides(step))
    }
}
