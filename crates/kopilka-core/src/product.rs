//! Products are data of their own; the engine uses them where the order's line is silent.

use crate::ShortText;
use crate::money::{Money, Rate, Rounding};
use crate::points::Points;
use crate::range::Range;
use serde::{Deserialize, Serialize};

/// A shop's article. `category` is a path with `/` between levels: `shoes/running`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Product {
    pub sku: String,
    pub name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<ShortText>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Money>,
    /// What the shop itself pays for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    #[serde(default, skip_serializing_if = "OwnTerms::is_none")]
    pub terms: OwnTerms,
}

/// What an article has of its own beside the program's rules.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct OwnTerms {
    /// Further categories it stands in.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub also_in: Vec<String>,
    /// What it earns instead of the percents of the rules.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub points: Option<OwnPoints>,
    /// The most of its price that points may pay; nothing of it: points do not pay for it at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub spend_share: Option<Rate>,
    /// Neither discounts nor points lower a piece below it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recommended_price: Option<Money>,
}

/// The points of an article.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OwnPoints {
    /// Of what is really paid; nothing at all with 0.
    Percent(Rate),
    PerPiece(Points),
}

impl OwnTerms {
    pub fn is_none(&self) -> bool {
        *self == OwnTerms::default()
    }
    /// What of its own a line does not say is taken from the product.
    pub fn fill_from(&mut self, product: &OwnTerms) {
        if self.also_in.is_empty() {
            self.also_in.clone_from(&product.also_in);
        }
        self.points = self.points.or(product.points);
        self.spend_share = self.spend_share.or(product.spend_share);
        self.recommended_price = self.recommended_price.or(product.recommended_price);
    }
    /// What pieces of that quantity must cost at least.
    pub fn least_for(&self, quantity: i64) -> Money {
        let exact = |price: Money| i128::from(price.0) * i128::from(quantity);
        let least = self.recommended_price.map(|price| Rounding::HalfUp.divide(exact(price), 1000));
        Money(least.unwrap_or(0).min(i128::from(i64::MAX)) as i64)
    }
}

/// Which lines a rule or a limit speaks of. Each non-empty list must hold (any of its values); `except`
/// takes lines out again. An empty match is every line. A category matches its whole subtree.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LineMatch {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub skus: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub brands: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Of one piece, as the shop states it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Range>,
    /// The shop itself has lowered the line, or has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_sale: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub except: Option<Box<LineMatch>>,
}

/// What a line says of itself to a [`LineMatch`].
#[derive(Debug, Clone, Copy)]
pub struct LineTraits<'a> {
    pub sku: &'a str,
    pub category: Option<&'a str>,
    /// Further categories.
    pub also_in: &'a [String],
    pub brand: Option<&'a str>,
    pub tags: &'a [String],
    pub price: Money,
    pub on_sale: bool,
}

impl<'a> LineTraits<'a> {
    fn categories(self) -> impl Iterator<Item = &'a str> {
        self.category.into_iter().chain(self.also_in.iter().map(String::as_str))
    }
}

impl LineMatch {
    pub fn is_everything(&self) -> bool {
        self.has_no_list() && self.except.is_none()
    }
    fn has_no_list(&self) -> bool {
        self.skus.is_empty()
            && self.categories.is_empty()
            && self.brands.is_empty()
            && self.tags.is_empty()
            && self.price.is_none()
            && self.on_sale.is_none()
    }
    #[inline]
    pub fn matches(&self, line: LineTraits<'_>) -> bool {
        self.is_everything() || self.lists_match(line)
    }
    fn lists_match(&self, line: LineTraits<'_>) -> bool {
        let any = |list: &[String], value: Option<&str>| {
            list.is_empty() || value.is_some_and(|v| list.iter().any(|item| item == v))
        };
        any(&self.skus, Some(line.sku))
            && any(&self.brands, line.brand)
            && (self.tags.is_empty() || line.tags.iter().any(|tag| self.tags.contains(tag)))
            && (self.categories.is_empty()
                || line.categories().any(|c| self.categories.iter().any(|top| in_subtree(c, top))))
            && self.price.is_none_or(|range| range.holds(line.price.0))
            && self.on_sale.is_none_or(|wanted| wanted == line.on_sale)
            && !self.except.as_ref().is_some_and(|e| e.matches(line))
    }
}

fn in_subtree(category: &str, top: &str) -> bool {
    category.strip_prefix(top).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_match_takes_subtrees_and_exceptions() {
        let line = LineTraits {
            sku: "s1",
            category: Some("shoes/running"),
            also_in: &["sale".to_owned()],
            brand: None,
            tags: &[],
            price: Money(500),
            on_sale: false,
        };
        let by_category = |c: &str| LineMatch { categories: vec![c.into()], ..LineMatch::default() };
        assert!(by_category("shoes").matches(line));
        assert!(by_category("shoes/running").matches(line));
        assert!(by_category("sale").matches(line), "an article may stand in several");
        assert!(!by_category("sho").matches(line), "a prefix of a word is not a parent");
        let except = LineMatch { except: Some(Box::new(by_category("shoes"))), ..LineMatch::default() };
        assert!(!except.matches(line));
        assert!(!LineMatch { brands: vec!["A".into()], ..LineMatch::default() }.matches(line));
        assert!(LineMatch { price: Some(Range::from(500)), ..LineMatch::default() }.matches(line));
        assert!(!LineMatch { on_sale: Some(true), ..LineMatch::default() }.matches(line));
    }
}
