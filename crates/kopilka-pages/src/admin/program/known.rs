//! What a document and the shop's goods know by name: what fields offer to pick from.

use kopilka_core::product::Product;
use kopilka_core::program::document::vocabulary::Block;
use kopilka_core::program::source::{Part, Source};
use kopilka_web::app::Desk;
use kopilka_web::problem::Problem;
use std::collections::BTreeSet;

/// Goods whose categories and brands are offered: a shop with more types what it means.
const PRODUCTS_MAX: usize = 2_000;

/// Names by the list they stand in.
#[derive(Debug, Default, Clone)]
pub struct Known {
    pub lists: Vec<(&'static str, Vec<String>)>,
}

impl Known {
    pub fn of(source: &Source, products: &[Product]) -> Known {
        let ids = |way: &str| -> Vec<String> {
            let list = source.part(way).map_or(&[][..], Part::items);
            list.iter().map(|item| item.said("id").to_owned()).filter(|id| !id.is_empty()).collect()
        };
        let marks = source.part("/tags").map_or(&[][..], Part::items);
        let groups = source.part("/groups").map_or(&[][..], Part::entries);
        let unique = |names: BTreeSet<String>| names.into_iter().collect::<Vec<_>>();
        let categories = products.iter().filter_map(|p| p.category.as_ref()).map(ToString::to_string);
        let brands = products.iter().filter_map(|p| p.brand.as_ref()).map(ToString::to_string);
        let tags = products.iter().flat_map(|p| p.tags.clone());
        Known {
            lists: vec![
                ("levels", ids("/tiers/levels")),
                ("achievements", ids("/achievements")),
                ("campaigns", ids("/coupons/campaigns")),
                ("offers", ids("/offers")),
                ("segments", ids("/segments")),
                ("events", ids("/events")),
                ("marks", marks.iter().filter_map(|m| m.scalar().map(str::to_owned)).collect()),
                ("groups", groups.iter().map(|group| group.word.clone()).collect()),
                ("categories", unique(categories.collect())),
                ("brands", unique(brands.collect())),
                ("goods-tags", unique(tags.collect())),
                ("skus", products.iter().map(|p| p.sku.clone()).collect()),
            ],
        }
    }
    pub fn list(&self, name: &str) -> &[String] {
        self.lists.iter().find(|(known, _)| *known == name).map_or(&[], |(_, list)| list)
    }
    /// The list that names under a word come from, and whether there are no others.
    pub fn for_word(block: Block, word: &str) -> Option<(&'static str, bool)> {
        Some(match (block, word) {
            (Block::Condition | Block::Effect, "tier") | (Block::TierWhen, "to") => ("levels", true),
            (Block::TierGiven, "level") => ("levels", true),
            (Block::Condition, "achievement") => ("achievements", true),
            (Block::Condition | Block::Effect, "coupon") | (Block::WhenMap, "coupon.used") => {
                ("campaigns", true)
            }
            (Block::CouponGiven, "campaign") | (Block::RewardGives, "coupon") => ("campaigns", true),
            (Block::Condition | Block::Effect, "offer") => ("offers", true),
            (Block::Condition, "segment") => ("segments", true),
            (Block::Condition | Block::Effect, "tag") | (Block::Effect, "untag") => ("marks", true),
            (Block::WhenMap | Block::CountedEvent, "event") => ("events", true),
            (_, "group") => ("groups", true),
            (Block::Match | Block::LineCondition | Block::Earlier, "category") => ("categories", false),
            (Block::Match | Block::LineCondition | Block::Earlier, "brand") => ("brands", false),
            (Block::Match | Block::LineCondition | Block::Earlier, "tag") => ("goods-tags", false),
            (Block::Match | Block::LineCondition | Block::Earlier | Block::Gift, "sku") => ("skus", false),
            _ => return None,
        })
    }
}

pub async fn products(desk: &Desk) -> Result<Vec<Product>, Problem> {
    let program = desk.program_id();
    desk.read(move |reader| reader.products(program, None, PRODUCTS_MAX)).await
}
