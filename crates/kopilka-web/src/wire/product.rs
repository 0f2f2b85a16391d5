//! Products as a shop tells them, and as they are answered.

use super::{DecimalText, Word, figures};
use crate::problem::Problem;
use kopilka_core::product::{OwnPoints, OwnTerms, Product};
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
    /// What the shop itself pays for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<DecimalText>,
    /// Further categories it stands in.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<Word>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub points: Option<OwnPointsWire>,
    /// Percent of its price that points may pay at most; `0`: none of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_share: Option<DecimalText>,
    /// Neither discounts nor points lower a piece below it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommended_price: Option<DecimalText>,
}

/// Points of the article itself, instead of the percents of rules: one of the two.
#[derive(Debug, Clone, Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OwnPointsWire {
    /// Of what is paid; `0`: it earns nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<DecimalText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_piece: Option<DecimalText>,
}

impl OwnPointsWire {
    pub fn core(&self, program: &Program, pointer: &str) -> Result<OwnPoints, Problem> {
        match (&self.percent, &self.per_piece) {
            (Some(percent), None) => Ok(OwnPoints::Percent(figures::percent(percent, pointer)?)),
            (None, Some(points)) => {
                let points = figures::points(program, points, pointer)?;
                if points.0 <= 0 {
                    return Err(Problem::of("out_of_range").at(pointer));
                }
                Ok(OwnPoints::PerPiece(points))
            }
            _ => Err(Problem::of("own_points_form").at(pointer)),
        }
    }
    fn of(points: OwnPoints, program: &Program) -> OwnPointsWire {
        match points {
            OwnPoints::Percent(rate) => {
                OwnPointsWire { percent: Some(DecimalText(rate.percent_text().into())), per_piece: None }
            }
            OwnPoints::PerPiece(points) => OwnPointsWire {
                percent: None,
                per_piece: Some(DecimalText(figures::points_text(program, points).into())),
            },
        }
    }
}

impl ProductWire {
    pub fn core(&self, program: &Program) -> Result<Product, Problem> {
        let amount = |text: &Option<DecimalText>, pointer: &str| {
            let amount = text.as_ref().map(|p| figures::money(program, p, pointer)).transpose()?;
            match amount.is_some_and(|p| p.0 < 0) {
                true => Err(Problem::of("out_of_range").at(pointer)),
                false => Ok(amount),
            }
        };
        let share = self.spend_share.as_ref().map(|s| figures::percent(s, "/spend_share")).transpose()?;
        Ok(Product {
            sku: self.sku.0.clone(),
            name: self.name.0.clone(),
            category: self.category.as_ref().map(|w| w.0.as_str().into()),
            brand: self.brand.as_ref().map(|w| w.0.as_str().into()),
            tags: self.tags.iter().map(|w| w.0.clone()).collect(),
            price: amount(&self.price, "/price")?,
            cost: amount(&self.cost, "/cost")?,
            terms: OwnTerms {
                also_in: self.also_in.iter().map(|w| w.0.clone()).collect(),
                points: self.points.as_ref().map(|p| p.core(program, "/points")).transpose()?,
                spend_share: share,
                recommended_price: amount(&self.recommended_price, "/recommended_price")?,
            },
        })
    }
    pub fn of(product: &Product, program: &Program) -> ProductWire {
        ProductWire {
            sku: Word(product.sku.clone()),
            name: Word(product.name.clone()),
            category: product.category.as_ref().map(|name| Word(name.to_string())),
            brand: product.brand.as_ref().map(|name| Word(name.to_string())),
            tags: product.tags.iter().cloned().map(Word).collect(),
            price: product.price.map(|p| DecimalText(figures::money_text(program, p).into())),
            cost: product.cost.map(|p| DecimalText(figures::money_text(program, p).into())),
            also_in: product.terms.also_in.iter().cloned().map(Word).collect(),
            points: product.terms.points.map(|points| OwnPointsWire::of(points, program)),
            spend_share: product.terms.spend_share.map(|share| DecimalText(share.percent_text().into())),
            recommended_price: product
                .terms
                .recommended_price
                .map(|p| DecimalText(figures::money_text(program, p).into())),
        }
    }
}
