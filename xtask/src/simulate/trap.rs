//! Where a server dies, and when its writer waits: so that a seed decides what a group consists of.
//!
//! Invariant: nothing here depends on time; the writer waits at the gate until it is opened.

use kopilka_service::{Faults, Step};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// A writer that has something to do reaches the gate in far less.
const REACHED_WITHIN: Duration = Duration::from_secs(20);

#[derive(Debug, Default)]
struct State {
    closed: bool,
    /// The writer stands before the gate.
    waits: bool,
    /// Dies at this step after it has passed so many times.
    armed: Option<(Step, u64)>,
    died_at: Option<Step>,
}

/// What one server meets at the steps of its work.
#[derive(Debug, Default)]
pub struct Trap {
    state: Mutex<State>,
    changed: Condvar,
}

impl Trap {
    pub fn faults(self: &Arc<Trap>) -> Faults {
        let trap = self.clone();
        Faults::new(move |step| trap.strike(step))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn strike(&self, step: Step) -> bool {
        let mut state = self.state();
        if step == Step::Begun {
            while state.closed {
                state.waits = true;
                self.changed.notify_all();
                state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
            state.waits = false;
        }
        match state.armed {
            Some((at, 0)) if at == step => {
                state.armed = None;
                state.died_at = Some(step);
                true
            }
            Some((at, passes)) if at == step => {
                state.armed = Some((at, passes - 1));
                false
            }
            _ => false,
        }
    }

    /// From here on the writer waits at the begin of its next transaction.
    pub fn close(&self) {
        self.state().closed = true;
    }
    pub fn wait_until_reached(&self) -> Result<(), String> {
        let state = self.state();
        let waited = self.changed.wait_timeout_while(state, REACHED_WITHIN, |state| !state.waits);
        let (_state, late) = waited.unwrap_or_else(PoisonError::into_inner);
        if late.timed_out() { Err("the writer takes nothing".to_owned()) } else { Ok(()) }
    }
    pub fn open(&self) {
        self.state().closed = false;
        self.changed.notify_all();
    }

    pub fn arm(&self, step: Step, passes: u64) {
        self.state().armed = Some((step, passes));
    }
    pub fn disarm(&self) {
        self.state().armed = None;
    }
    /// Where the server died, if it did.
    pub fn died_at(&self) -> Option<Step> {
        self.state().died_at
    }
}
