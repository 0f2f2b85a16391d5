//! Tells the other servers that this one lives, and learns how far the common projections are.

use super::{Job, OwnReader};
use crate::crew::BEAT_EVERY;
use crate::error::ServiceError;
use crate::service::Service;
use kopilka_store::{Consumer, StoreError};
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Tells that the server lives, and takes its share of what one of them does for all.
pub struct Beat {
    service: Service,
    reader: OwnReader,
}

impl Beat {
    pub fn new(service: Service) -> Beat {
        Beat { service, reader: OwnReader::default() }
    }

    /// One beat.
    pub fn run(&mut self) -> Result<(), ServiceError> {
        self.once()
    }
}

impl Job for Beat {
    const NAME: &'static str = "beat";
    const EVERY: Duration = BEAT_EVERY;
    const FAILED: &'static str = "the other servers do not hear of this one";

    fn once(&mut self) -> Result<(), ServiceError> {
        let shared = self.service.shared.clone();
        if let Err(error) = shared.beat() {
            if error == StoreError::Fenced {
                tracing::error!(%error, "nothing is written any more");
                shared.stopping.store(true, Ordering::Release);
                return Err(ServiceError::Stopping);
            }
            return Err(error.into());
        }
        let cursor = self.reader.read(&self.service, |r| r.cursor(Consumer::Pages))?;
        shared.note_projected(cursor);
        Ok(())
    }
}
