//! Who hears what a decision brings about: the one path tells every event and step, and what is kept of them
//! is the listener's business.
//!
//! Invariant: a recorder only hears. Whoever listens, the same command on the same book comes to the same.

use crate::book::EntryDraft;
use crate::ledger::Event;
use crate::order::OrderKey;
use crate::time::Instant;
use crate::trace::{Step, Trace};

/// Hears the events and steps of one entry after the other.
pub trait Recorder {
    /// Whether steps are kept. Where nobody keeps them, those that cost something to make are not made.
    fn keeps_steps(&self) -> bool;
    /// Whether those of discounts are: a program has hundreds, and each says something of every order.
    fn keeps_prices(&self) -> bool {
        self.keeps_steps()
    }
    fn event(&mut self, event: &Event);
    fn step(&mut self, step: Step);
    /// Several at once: those of discounts are as many as the program has.
    fn steps(&mut self, steps: Trace) {
        steps.into_iter().for_each(|step| self.step(step));
    }
    /// What was heard since the last close belongs together; it may be nothing.
    fn close(&mut self, closing: Closing);
}

/// What an entry is, told when all its events are.
#[derive(Debug, Clone, PartialEq)]
pub struct Closing {
    pub cause: &'static str,
    pub order: Option<OrderKey>,
    pub version: u32,
    pub effective_at: Instant,
}

/// Keeps everything, as the journal needs it.
#[derive(Debug, Default)]
pub struct Entries {
    closed: Vec<EntryDraft>,
    events: Vec<Event>,
    trace: Trace,
    /// The entry closed last had events.
    last_has_events: bool,
}

impl Recorder for Entries {
    fn keeps_steps(&self) -> bool {
        true
    }
    fn event(&mut self, event: &Event) {
        self.events.push(event.clone());
    }
    fn step(&mut self, step: Step) {
        self.trace.push(step);
    }
    fn steps(&mut self, steps: Trace) {
        add(&mut self.trace, steps);
    }
    fn close(&mut self, closing: Closing) {
        let (events, trace) = (std::mem::take(&mut self.events), std::mem::take(&mut self.trace));
        self.last_has_events = !events.is_empty();
        if self.last_has_events {
            let Closing { cause, order, version, effective_at } = closing;
            self.closed.push(EntryDraft { cause, order, version, effective_at, events, trace });
        }
    }
}

fn add(trace: &mut Trace, steps: Trace) {
    match trace.is_empty() {
        true => *trace = steps,
        false => trace.extend(steps),
    }
}

/// Keeps why, and nothing of what happened: a quote is asked of a copy of the book that nobody keeps.
#[derive(Debug, Default)]
pub(crate) struct Reasons {
    /// Somebody asks why the prices came out so.
    explain: bool,
    trace: Trace,
    version: u32,
    has_events: bool,
}

impl Recorder for Reasons {
    fn keeps_steps(&self) -> bool {
        true
    }
    fn keeps_prices(&self) -> bool {
        self.explain
    }
    fn event(&mut self, _: &Event) {
        self.has_events = true;
    }
    fn step(&mut self, step: Step) {
        self.trace.push(step);
    }
    fn steps(&mut self, steps: Trace) {
        add(&mut self.trace, steps);
    }
    fn close(&mut self, closing: Closing) {
        self.version = closing.version;
    }
}

impl Reasons {
    pub fn of(explain: bool) -> Reasons {
        Reasons { explain, ..Reasons::default() }
    }
    /// Why, and the version that decided; `None` where nothing happened.
    pub fn into_told(self) -> Option<(Trace, u32)> {
        self.has_events.then_some((self.trace, self.version))
    }
}

impl Entries {
    /// Everything that was closed and had events.
    pub fn into_all(self) -> Vec<EntryDraft> {
        self.closed
    }
    /// The entries before the last close, and that one if it had events.
    pub fn into_last(mut self) -> (Vec<EntryDraft>, Option<EntryDraft>) {
        let last = if self.last_has_events { self.closed.pop() } else { None };
        (self.closed, last)
    }
    /// Tells another what was heard and not closed.
    pub fn retell(self, other: &mut dyn Recorder) {
        self.events.iter().for_each(|event| other.event(event));
        self.trace.into_iter().for_each(|step| other.step(step));
    }
}
