//! What operators did.
//!
//! Invariant: the row stands before the action begins, so nothing is done unseen; what it came to is written
//! once, and a row is never taken away.

use super::Service;
use crate::error::ServiceError;
use crate::team::{AuditAsked, AuditNew, AuditRow};
use kopilka_core::ids::{AuditId, ProgramId};
use kopilka_store::read::PAGE_MAX;

/// Actions, subjects and outcomes are codes, ids and paths: longer is a mistake, and need not be kept whole.
const TEXT_MAX: usize = 200;

impl Service {
    /// Writes down what an operator is about to do.
    pub async fn audit_begin(&self, new: AuditNew) -> Result<AuditId, ServiceError> {
        self.alone(move |engine| {
            let id = AuditId(engine.shared.ids.next());
            let row = AuditRow {
                id,
                at: engine.shared.system_now(),
                program: new.program,
                operator: new.operator,
                login: new.login,
                session: new.session,
                action: short(&new.action),
                subject: short(&new.subject),
                outcome: None,
            };
            engine.transaction(|engine| engine.writer.insert_audit(&row))?;
            Ok(id)
        })
        .await?
    }

    /// What it came to: `done` or a stable code. `deed` is what was asked beside the subject, if anything.
    pub async fn audit_end(&self, id: AuditId, outcome: &str, deed: &str) -> Result<(), ServiceError> {
        let (outcome, deed) = (short(outcome), short(deed));
        let deed = if deed.is_empty() { deed } else { format!(" {deed}") };
        Ok(self.alone(move |e| e.transaction(|e| e.writer.end_audit(id, &outcome, &deed))).await??)
    }

    /// A page of what was done, the newest first: in a program, or everywhere.
    pub async fn audit(
        &self,
        program: Option<ProgramId>,
        asked: AuditAsked,
    ) -> Result<Vec<AuditRow>, ServiceError> {
        let before = asked.before.unwrap_or(AuditId(i64::MAX));
        let limit = asked.limit.min(PAGE_MAX);
        self.read(move |reader| reader.audit(program, asked.operator, before, limit)).await
    }
}

fn short(text: &str) -> String {
    text.chars().take(TEXT_MAX).collect()
}
