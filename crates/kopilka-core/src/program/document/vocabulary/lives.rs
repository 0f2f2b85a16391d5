//! The words of what members did before and of moments of their own: one row a word, as in the table beside.

use super::Block::*;
use super::Kind::{self, Map, Truth};
use super::Word;
use super::tables::{COUNT_RANGE, MONEY_RANGE, NAMES, word};

#[rustfmt::skip]
pub(super) static LIVES: &[Word] = &[
    word(Condition, "bought_before", Map(Earlier), "other paid orders of the member had such goods, less what came back", "в других оплаченных заказах участника были такие товары, без возвратов"),
    word(Earlier, "sku", NAMES, "articles", "артикулы"),
    word(Earlier, "category", NAMES, "categories with all below them", "категории со всем, что в них"),
    word(Earlier, "brand", NAMES, "brands", "марки"),
    word(Earlier, "tag", NAMES, "tags", "метки"),
    word(Earlier, "price", MONEY_RANGE, "the price of a piece", "цена за штуку"),
    word(Earlier, "on_sale", Truth, "lowered by the shop itself, or not", "уценена самим магазином или нет"),
    word(Earlier, "except", Map(Match), "goods taken out again", "кроме этих товаров"),
    word(Earlier, "within", Kind::Period, "an order counts to the end of the day this long after it was paid; for ever when absent", "заказ считается до конца дня через столько после оплаты; без слова всегда"),
    word(Earlier, "total", MONEY_RANGE, "money paid for such goods", "сколько уплачено за такие товары"),
    word(Earlier, "quantity", Map(QuantityRange), "pieces of such goods", "штук таких товаров"),
    word(Earlier, "orders", COUNT_RANGE, "orders that had some", "заказов, в которых они были"),
];
