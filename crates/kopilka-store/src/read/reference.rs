//! Programs, versions, products, keys and settings.

use crate::codec;
use crate::error::StoreError;
use crate::project::Consumer;
use crate::read::page;
use crate::reader::Reader;
use crate::rows::*;
use crate::sql::{command, lookup, projection, reference};
use crate::value::{Columns, params};
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::product::Product;

impl Reader {
    /// Every program of the installation: what an installation lists, no tenant does.
    pub fn programs(&self) -> Result<Vec<ProgramRow>, StoreError> {
        self.many(reference::PROGRAMS, &[], codec::program)
    }
    pub fn versions(&self, program: ProgramId) -> Result<Vec<VersionRow>, StoreError> {
        self.many(reference::VERSIONS, params![program.0], |row| codec::version(program, row))
    }
    /// Documents that are being written, in order of name: a handful.
    pub fn drafts(&self, program: ProgramId) -> Result<Vec<DraftRow>, StoreError> {
        self.many(reference::DRAFTS, params![program.0], codec::draft)
    }
    pub fn api_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        self.many(reference::API_KEYS, &[], codec::api_key)
    }
    pub fn product(&self, program: ProgramId, sku: &str) -> Result<Option<Product>, StoreError> {
        self.one(command::PRODUCT, params![program.0, sku], read_product)
    }
    /// Products in order of sku, after `after`.
    pub fn products(
        &self,
        program: ProgramId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Product>, StoreError> {
        self.many(lookup::PRODUCTS, params![program.0, after.unwrap_or(""), page(limit)], read_product)
    }
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.one(reference::SETTING, params![name], |row| Ok(row.text(0)?.to_owned()))
    }
    /// The newest entry a consumer of the journal has taken in.
    pub fn cursor(&self, consumer: Consumer) -> Result<EntryId, StoreError> {
        Ok(EntryId(self.number(projection::CURSOR, params![consumer.name()])?.unwrap_or_default()))
    }
}

fn read_product(row: &dyn Columns) -> Result<Product, StoreError> {
    codec::json(FORMAT, "a product", row.text(0)?)
}
