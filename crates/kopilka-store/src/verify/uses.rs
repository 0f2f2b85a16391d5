//! Counters across members say what the journals say: uses of campaigns and codes, money of budgets.

use super::{Proof, Seen};
use crate::error::StoreError;
use crate::rows::EntryRow;
use crate::sql::lookup;
use crate::value::params;
use kopilka_core::ids::ProgramId;
use kopilka_core::ledger::Event;
use std::collections::BTreeMap;

/// Counters read at a time.
const PAGE: i64 = 1_000;

impl Seen {
    pub(super) fn see_uses(&mut self, entry: &EntryRow) {
        for event in &entry.events {
            if let Event::UseCounted { what, by } = event {
                *self.uses.entry(what.to_string()).or_default() += by;
            }
        }
    }
}

impl Proof<'_> {
    pub(super) fn uses(
        &mut self,
        program: ProgramId,
        counted: &BTreeMap<String, i64>,
    ) -> Result<(), StoreError> {
        let mut left: BTreeMap<&str, i64> = counted
            .iter()
            .filter(|(_, uses)| **uses != 0)
            .map(|(what, uses)| (what.as_str(), *uses))
            .collect();
        let mut after = String::new();
        loop {
            let page = params![program.0, &after, PAGE];
            let rows =
                self.reader.many(lookup::COUNTERS, page, |row| Ok((row.text(0)?.to_owned(), row.int(1)?)))?;
            let Some((last, _)) = rows.last() else { break };
            after.clone_from(last);
            for (what, used) in rows {
                if used < 0 && what.starts_with("gift:") {
                    self.differ(program, None, format!("a gift card is below nothing: {used}"));
                }
                let expected = left.remove(what.as_str()).unwrap_or_default();
                if used != expected {
                    self.differ(
                        program,
                        None,
                        format!("the counter {what} is {used}, the journal says {expected}"),
                    );
                }
            }
        }
        for (what, expected) in left {
            self.differ(program, None, format!("the counter {what} is missing, the journal says {expected}"));
        }
        Ok(())
    }
}
