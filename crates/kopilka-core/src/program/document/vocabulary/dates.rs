//! The words of dates that orders move, and of their completion: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, Either, Map, Value, Words};
use super::Word;
use super::tables::word;

/// Of the program's own validity: what may follow `points: expires`.
pub(super) const OWN_LIFE: Kind = Either(&[Words(Never), Kind::Period, Map(OwnExpires)]);

#[rustfmt::skip]
pub(super) static DATES: &[Word] = &[
    word(OwnExpires, "after_last_order", Kind::Period, "so long after the last paid order, each order anew", "столько после последнего оплаченного заказа, с каждым заказом заново"),
    word(Expires, "after_last_order", Kind::Period, "so long after the last paid order, each order anew", "столько после последнего оплаченного заказа, с каждым заказом заново"),
    word(Accrual, "complete_after", Kind::Period, "an order that nobody completes counts as completed so long after its payment; 30 days when absent", "через сколько после оплаты заказ считается завершённым, если никто не сказал; без слова 30 days"),
    word(AccrualFrom, "completed", Value, "since the order is completed", "с завершения заказа"),
    word(When, "order.placed", Value, "the order is placed: pending until it is paid, gone if it never is", "заказ оформлен: баллы ждут оплаты, без неё пропадают"),
    word(When, "order.completed", Value, "the shop says the order is completed, or `complete_after` has passed", "магазин завершил заказ, или прошёл срок `complete_after`"),
    word(Step, "complete", Kind::Text, "completes an order placed above, paid or not", "завершает оформленный выше заказ, оплачен он или нет"),
    word(StepStatus, "completed", Value, "completed, and paid with it", "завершён, а значит и оплачен"),
];
