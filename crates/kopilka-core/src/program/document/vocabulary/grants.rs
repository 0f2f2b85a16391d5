//! The words of what rules give beside points, and of marks: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, Either, List, Map, OneOrMany};
use super::Word;
use super::tables::{must, word};

#[rustfmt::skip]
pub(super) static GRANTS: &[Word] = &[
    word(Document, "tags", List(&Kind::Id), "what members may be marked with", "какие метки бывают у участников"),
    word(Condition, "tag", OneOrMany(&Kind::Id), "the member is marked with one of these", "у участника есть одна из этих меток"),
    word(Effect, "coupon", Either(&[Kind::Id, Map(CouponGiven)]), "the member is given a new code of this campaign", "участник получает новый код этой кампании"),
    must(CouponGiven, "campaign", Kind::Id, "the campaign", "кампания"),
    word(CouponGiven, "for", Kind::Period, "how long the code lives; as the campaign when absent", "сколько код живёт; без слова — как вся кампания"),
    word(Effect, "tier", Either(&[Kind::Id, Map(TierGiven)]), "the member is given this level", "участник получает этот уровень"),
    must(TierGiven, "level", Kind::Id, "the level", "уровень"),
    word(TierGiven, "for", Kind::Period, "how long it is held; as one that was reached when absent", "на сколько; без слова — как достигнутый"),
    word(Effect, "tag", Kind::Id, "the member is marked", "участник получает метку"),
    word(Effect, "untag", Kind::Id, "the mark is taken away", "метка снимается"),
    word(Effect, "message", Kind::Id, "the member is written to, in your own words of this name", "участнику пишут вашими словами с этим именем"),
    word(Effect, "webhook", Either(&[Kind::Id, Map(WebhookTold)]), "your own systems are told of this", "об этом узнают ваши системы"),
    must(WebhookTold, "event", Kind::Id, "its name", "имя события"),
    word(WebhookTold, "data", Kind::Constants, "what is said with it, of everybody alike", "что сообщить вместе с ним, одинаково для всех"),
    word(Expect, "messages", List(&Kind::Id), "the messages that rules have sent so far, all of them", "сообщения, отправленные правилами до сих пор, все"),
    word(Expect, "webhooks", List(&Kind::Id), "what rules have told your systems so far, all of it", "что правила до сих пор сообщили вашим системам, всё"),
    word(Expect, "tags", List(&Kind::Id), "what the member is marked with, all of it", "какие метки у участника, все до одной"),
    word(Expect, "coupons", List(&Kind::Id), "the campaigns of the codes that the member was given", "кампании кодов, которые есть у участника"),
];
