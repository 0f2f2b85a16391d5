//! Writes of points for many members at once.
//!
//! Invariant: an accrual changes only over the state and the place that its writer has seen.

use super::Writer;
use crate::codec::to_json;
use crate::error::StoreError;
use crate::rows::*;
use crate::sql::accrual;
use crate::value::params;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;

impl Writer {
    /// Whether the name was free.
    pub fn insert_accrual(&self, program: ProgramId, row: &AccrualRow) -> Result<bool, StoreError> {
        let (body, counts) = (to_json(&row.body)?, &row.counts);
        let columns = params![
            program.0,
            &row.name,
            row.state.name(),
            &body,
            row.cursor.0,
            counts.members,
            counts.points.0,
            counts.given,
            counts.given_points.0,
            counts.refused,
            counts.undone,
        ];
        Ok(self.run(accrual::ACCRUAL_INSERT, columns)? == 1)
    }
    /// Writes it as it stands now over what was `seen`; whether that was still so.
    pub fn update_accrual(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        (state, cursor): (AccrualState, MemberId),
    ) -> Result<bool, StoreError> {
        let (body, counts) = (to_json(&row.body)?, &row.counts);
        let columns = params![
            program.0,
            &row.name,
            row.state.name(),
            &body,
            row.cursor.0,
            counts.members,
            counts.points.0,
            counts.given,
            counts.given_points.0,
            counts.refused,
            counts.undone,
            state.name(),
            cursor.0,
        ];
        Ok(self.run(accrual::ACCRUAL_UPDATE, columns)? == 1)
    }
    /// Writes how far it has come over what was `seen`; whether that was still so. Its acts stay as they are.
    pub fn move_accrual(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        (state, cursor): (AccrualState, MemberId),
    ) -> Result<bool, StoreError> {
        let counts = &row.counts;
        let columns = params![
            program.0,
            &row.name,
            row.state.name(),
            row.cursor.0,
            counts.members,
            counts.points.0,
            counts.given,
            counts.given_points.0,
            counts.refused,
            counts.undone,
            state.name(),
            cursor.0,
        ];
        Ok(self.run(accrual::ACCRUAL_MOVE, columns)? == 1)
    }
    /// Whether the member was not written down before.
    pub fn insert_part(
        &self,
        (program, name): (ProgramId, &str),
        member: MemberId,
        points: Points,
    ) -> Result<bool, StoreError> {
        let state = PartState::Waiting.name();
        let columns = params![member.0, program.0, name, points.0, state];
        Ok(self.run(accrual::PART_INSERT, columns)? == 1)
    }
    pub fn update_part(
        &self,
        (program, name): (ProgramId, &str),
        part: &AccrualPart,
    ) -> Result<(), StoreError> {
        let entry = part.entry.map(|entry| entry.0);
        let columns = params![part.member.0, program.0, name, part.state.name(), entry, part.why.as_ref()];
        self.run(accrual::PART_UPDATE, columns).map(|_| ())
    }
}
