//! Products as a shop tells them, and as they are answered.

use super::{DecimalText, Word, figures};
use crate::problem::Problem;
use kopilka_core::product::Product;
use kopilka_core::program::Program;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An article. `category` is a path with `/` between levels: `shoes/running`.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProductWire {
    pub sku: Word,
    pub name: Word,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<Word>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<DecimalText>,
}

impl ProductWire {
    pub fn core(&self, program: &Program) -> Result<Product, Problem> {
        let price = self.price.as_ref().map(|p| figures::money(program, p, "/price")).transpose()?;
        if price.is_some_and(|p| p.0 < 0) {
            return Err(Problem::of("out_of_range").at("/price"));
        }
        Ok(Product {
            sku: self.sku.0.clone(),
            name: self.name.0.clone(),
            category: self.category.as_ref().map(|w| w.0.clone()),
            brand: self.brand.as_ref().map(|w| w.0.clone()),
            tags: self.tags.iter().map(|w| w.0.clone()).collect(),
            price,
        })
    }
    pub fn of(product: &Product, program: &Program) -> ProductWire {
        ProductWire {
            sku: Word(product.sku.clone()),
            name: Word(product.name.clone()),
            category: product.category.clone().map(Word),
            brand: product.brand.clone().map(Word),
            tags: product.tags.iter().cloned().map(Word).collect(),
            price: product.price.map(|p| DecimalText(figures::money_text(program, p))),
        }
    }
}
