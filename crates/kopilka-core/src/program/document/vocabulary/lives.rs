//! The words of what members did before and of moments of their own: one row a word, as in the table beside.

use super::Block::*;
use super::Kind::{self, List, Map, OneOrMany, Truth, Value, Words};
use super::Word;
use super::tables::{COUNT_RANGE, MONEY_RANGE, NAMES, must, word};
use crate::program::document::moments::INACTIVE_DAYS_MAX;

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

    word(When, "member.profile_completed", Value, "all of `profile` is known, for the first time", "впервые известно всё из `profile`"),
    word(WhenMap, "member.inactive", Map(InactiveWhen), "nothing was paid for so many days", "столько дней ничего не оплачено"),
    must(InactiveWhen, "days", Kind::Whole { from: 1, to: INACTIVE_DAYS_MAX }, "days of the calendar since the last paid order, or since registration", "дней по календарю с последнего оплаченного заказа или с регистрации"),
    word(WhenMap, "coupon.used", OneOrMany(&Kind::Id), "an order with a coupon of these campaigns is paid", "оплачен заказ с купоном этих кампаний"),
    word(WhenMap, "schedule", Map(ScheduleWhen), "again and again, by the calendar", "снова и снова, по календарю"),
    must(ScheduleWhen, "every", Words(ScheduleEvery), "how often", "как часто"),
    word(ScheduleWhen, "weekday", Words(Weekday), "with `week`: on which day", "с `week`: в какой день"),
    word(ScheduleWhen, "day", Kind::Whole { from: 1, to: 31 }, "with `month`: on which day; shorter months end on their last", "с `month`: какого числа; в коротком месяце — в последний день"),
    word(ScheduleWhen, "date", Kind::Text, "with `year`: month and day, `12-31`", "с `year`: месяц и день, `12-31`"),
    word(ScheduleWhen, "at", Kind::TimeOfDay, "the time; 00:00 when absent", "время; без слова 00:00"),
    word(ScheduleEvery, "day", Value, "every day", "каждый день"),
    word(ScheduleEvery, "week", Value, "every week", "каждую неделю"),
    word(ScheduleEvery, "month", Value, "every month", "каждый месяц"),
    word(ScheduleEvery, "year", Value, "every year", "каждый год"),
    word(Document, "profile", NAMES, "what must be known of a member before the profile is complete: `name` `phone` `email` `card` `birthday`, or attributes", "что должно быть известно об участнике, чтобы профиль был заполнен: `name` `phone` `email` `card` `birthday` или признаки"),

    word(CustomEvent, "data", List(&Map(Attribute)), "what the shop tells with it", "что магазин сообщает вместе с ним"),
    word(Condition, "event", Kind::AttributeTests, "all of this was told with the event; untold does not hold", "всё это сообщено с событием; несообщённое не выполняется"),
    must(CountedEvent, "event", Kind::Id, "an event of `events`", "событие из `events`"),

    word(Step, "data", Kind::AttributeValues, "what is told with the event", "что сообщено с событием"),
    word(Step, "person", Map(Person), "this becomes known of the member", "это становится известно об участнике"),
    word(Person, "known", OneOrMany(&Words(KnownPart)), "these are told", "это сообщено"),
    word(KnownPart, "name", Value, "the name", "имя"),
    word(KnownPart, "phone", Value, "a phone", "телефон"),
    word(KnownPart, "email", Value, "an e-mail address", "адрес почты"),
    word(KnownPart, "card", Value, "a card", "карта"),
];
