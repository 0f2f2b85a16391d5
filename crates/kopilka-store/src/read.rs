//! Typed queries for pages, lists and look-ups.
//!
//! Invariant: each takes a program and finds nothing of another one.

use crate::error::StoreError;
use crate::rows::*;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::product::Product;

/// The most rows one page of a list may have: a member's year fits in a few.
pub const PAGE_MAX: usize = 500;

/// A connection that only reads. Every call sees what was committed before it.
pub struct Reader {
    pub(crate) conn: rusqlite::Connection,
}

impl Reader {
    pub fn member(&self, _program: ProgramId, _id: MemberId) -> Result<Option<MemberRow>, StoreError> {
        todo!()
    }
    pub fn person(&self, _program: ProgramId, _id: MemberId) -> Result<Option<Person>, StoreError> {
        todo!()
    }
    /// Members in order of id, after `after`.
    pub fn members(
        &self,
        _program: ProgramId,
        _after: Option<MemberId>,
        _limit: usize,
    ) -> Result<Vec<MemberRow>, StoreError> {
        todo!()
    }
    pub fn find(&self, _program: ProgramId, _name: &Name) -> Result<Option<Target>, StoreError> {
        todo!()
    }
    /// A member's entries, newest first, older than `before`.
    pub fn entries(
        &self,
        _program: ProgramId,
        _member: MemberId,
        _before: Option<EntryId>,
        _limit: usize,
    ) -> Result<Vec<EntryRow>, StoreError> {
        todo!()
    }
    pub fn entry(&self, _program: ProgramId, _id: EntryId) -> Result<Option<EntryRow>, StoreError> {
        todo!()
    }
    /// The order and whose it is.
    pub fn order(
        &self,
        _program: ProgramId,
        _key: &OrderKey,
    ) -> Result<Option<(MemberId, OrderState)>, StoreError> {
        todo!()
    }
    /// Every entry that touched the order, oldest first; includes what the projection has not reached yet.
    pub fn entries_of_order(
        &self,
        _program: ProgramId,
        _key: &OrderKey,
    ) -> Result<Vec<EntryRow>, StoreError> {
        todo!()
    }
    pub fn product(&self, _program: ProgramId, _sku: &str) -> Result<Option<Product>, StoreError> {
        todo!()
    }
    /// Products in order of sku, after `after`.
    pub fn products(
        &self,
        _program: ProgramId,
        _after: Option<&str>,
        _limit: usize,
    ) -> Result<Vec<Product>, StoreError> {
        todo!()
    }
}
