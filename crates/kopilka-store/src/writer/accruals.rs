//! Writes of points for many members at once.
//!
//! Invariant: an accrual changes only over the state and the place that its writer has seen.

use super::Writer;
use crate::codec::to_json;
use crate::error::StoreError;
use crate::rows::*;
use crate::sql::{accrual, batch};
use crate::value::{Param, params};
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
    /// Writes it as it stands now, its acts too, over what was `seen`; whether that was still so.
    pub fn update_accrual(
        &self,
        program: ProgramId,
        row: &AccrualRow,
        seen: (AccrualState, MemberId),
    ) -> Result<bool, StoreError> {
        let body = to_json(&row.body)?;
        Ok(self.move_accrual(program, row, seen)?
            && self.run(accrual::ACCRUAL_BODY, params![program.0, &row.name, &body])? == 1)
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
    /// Writes members down with their points; who stands there already stays.
    pub fn insert_parts(
        &self,
        (program, name): (ProgramId, &str),
        parts: &[(MemberId, Points)],
    ) -> Result<(), StoreError> {
        let state = PartState::Waiting.name();
        let row = |(member, points): &(MemberId, Points)| {
            [member.0.into(), program.0.into(), name.into(), points.0.into(), state.into()]
        };
        let rows: Vec<_> = parts.iter().map(row).collect();
        self.run_each((accrual::PART_INSERT, batch::PART_INSERT, "iitit"), &rows)
    }
    /// Writes down what has become of parts.
    pub fn update_parts(
        &self,
        (program, name): (ProgramId, &str),
        parts: &[AccrualPart],
    ) -> Result<(), StoreError> {
        let mut rows: Vec<[Param<'_>; 6]> = Vec::with_capacity(parts.len());
        for part in parts {
            let (state, entry) = (part.state.name(), part.entry.map(|entry| entry.0));
            let [member, program] = [part.member.0.into(), program.0.into()];
            rows.push([member, program, name.into(), state.into(), entry.into(), part.why.as_ref().into()]);
        }
        self.run_each((accrual::PART_UPDATE, batch::PART_UPDATE, "iittit"), &rows)
    }
}
