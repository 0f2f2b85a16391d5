//! The words of lives that orders renew: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, Either, Map, Words};
use super::Word;
use super::tables::word;

/// Of the program's own validity: what may follow `points: expires`.
pub(super) const OWN_LIFE: Kind = Either(&[Words(Never), Kind::Period, Map(OwnExpires)]);

#[rustfmt::skip]
pub(super) static DATES: &[Word] = &[
    word(OwnExpires, "after_last_order", Kind::Period, "so long after the last paid order, each order anew", "столько после последнего оплаченного заказа, с каждым заказом заново"),
    word(Expires, "after_last_order", Kind::Period, "so long after the last paid order, each order anew", "столько после последнего оплаченного заказа, с каждым заказом заново"),
];
