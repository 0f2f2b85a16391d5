//! Programs, versions, products, keys and settings.

use crate::error::StoreError;
use crate::read::page;
use crate::rows::*;
use crate::sql;
use crate::sqlite::codec::{self, error};
use crate::sqlite::{Consumer, Reader};
use kopilka_core::ids::{EntryId, ProgramId};
use kopilka_core::product::Product;

impl Reader {
    /// Every program of the installation: what an installation lists, no tenant does.
    pub fn programs(&self) -> Result<Vec<ProgramRow>, StoreError> {
        self.many(sql::PROGRAMS, [], codec::program)
    }
    pub fn versions(&self, program: ProgramId) -> Result<Vec<VersionRow>, StoreError> {
        self.many(sql::VERSIONS, [program.0], |row| codec::version(program, row))
    }
    pub fn api_keys(&self) -> Result<Vec<KeyRow>, StoreError> {
        self.many(sql::API_KEYS, [], codec::api_key)
    }
    pub fn product(&self, program: ProgramId, sku: &str) -> Result<Option<Product>, StoreError> {
        self.one(sql::PRODUCT, (program.0, sku), read_product)
    }
    /// Products in order of sku, after `after`.
    pub fn products(
        &self,
        program: ProgramId,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<Product>, StoreError> {
        self.many(sql::PRODUCTS, (program.0, after.unwrap_or(""), page(limit)), read_product)
    }
    pub fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.one(sql::SETTING, [name], |row| row.get(0).map_err(error))
    }
    /// The newest entry a consumer of the journal has taken in.
    pub fn cursor(&self, consumer: Consumer) -> Result<EntryId, StoreError> {
        Ok(EntryId(self.number(sql::CURSOR, [consumer.name()])?.unwrap_or_default()))
    }
}

fn read_product(row: &rusqlite::Row<'_>) -> Result<Product, StoreError> {
    let body: String = row.get(0).map_err(error)?;
    codec::json(FORMAT, "a product", &body)
}
