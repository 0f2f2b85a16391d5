//! Points for many members at once: what is asked and how far it has come.

use crate::codec;
use crate::error::StoreError;
use crate::read::page;
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::accrual;
use crate::value::{Columns, params};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::points::Points;

impl Reader {
    /// In order of name: a shop gives points to many a few times a month.
    pub fn accruals(&self, program: ProgramId) -> Result<Vec<AccrualRow>, StoreError> {
        self.many(accrual::ACCRUALS, params![program.0], read_accrual)
    }
    /// For which there is something to do.
    pub fn accruals_active(&self, program: ProgramId) -> Result<Vec<AccrualRow>, StoreError> {
        self.many(accrual::ACCRUALS_ACTIVE, params![program.0], read_accrual)
    }
    pub fn accrual(&self, program: ProgramId, name: &str) -> Result<Option<AccrualRow>, StoreError> {
        self.one(accrual::ACCRUAL, params![program.0, name], read_accrual)
    }
    /// Parts in order of member, after `after`, of one state where asked.
    pub fn accrual_parts(
        &self,
        (program, name): (ProgramId, &str),
        state: Option<PartState>,
        after: MemberId,
        limit: usize,
    ) -> Result<Vec<AccrualPart>, StoreError> {
        let limit = page(limit);
        match state {
            Some(state) => {
                let params = params![program.0, name, after.0, limit, state.name()];
                self.many(accrual::PARTS_IN_STATE, params, read_part)
            }
            None => self.many(accrual::PARTS, params![program.0, name, after.0, limit], read_part),
        }
    }
}

fn malformed(what: &str) -> StoreError {
    StoreError::Malformed(format!("{what} is no state"))
}

fn read_accrual(row: &dyn Columns) -> Result<AccrualRow, StoreError> {
    let state = row.text(1)?;
    Ok(AccrualRow {
        name: row.text(0)?.to_owned(),
        state: AccrualState::by_name(state).ok_or_else(|| malformed(state))?,
        body: codec::json(FORMAT, "an accrual", row.text(2)?)?,
        cursor: MemberId(row.int(3)?),
        counts: AccrualCounts {
            members: row.int(4)?,
            points: Points(row.int(5)?),
            given: row.int(6)?,
            given_points: Points(row.int(7)?),
            refused: row.int(8)?,
            undone: row.int(9)?,
        },
    })
}

fn read_part(row: &dyn Columns) -> Result<AccrualPart, StoreError> {
    let state = row.text(2)?;
    Ok(AccrualPart {
        member: MemberId(row.int(0)?),
        points: Points(row.int(1)?),
        state: PartState::by_name(state).ok_or_else(|| malformed(state))?,
        entry: row.int_or_null(3)?.map(EntryId),
        why: row.text_or_null(4)?.map(str::to_owned),
    })
}
