//! The words of personal offers: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, List, Map, OneOrMany, Value, Words};
use super::Word;
use super::codes::USES;
use super::tables::{must, word};

#[rustfmt::skip]
pub(super) static OFFERS: &[Word] = &[
    word(Document, "offers", List(&Map(Offer)), "what single members may be given", "что можно предложить отдельным участникам"),
    must(Offer, "id", Kind::Id, "the offer's id", "имя предложения"),
    word(Offer, "name", Kind::Localized, "what buyers see", "как предложение видят покупатели"),
    word(Offer, "text", Kind::Localized, "what the member reads of it", "что о нём читает участник"),
    must(Offer, "for", Kind::Period, "how long it lives once given", "сколько оно живёт с выдачи"),
    word(Offer, "activate", Words(OfferActivate), "since when it acts; at_once when absent", "с какого времени оно действует; без слова at_once"),
    word(OfferActivate, "at_once", Value, "since it was given", "с выдачи"),
    word(OfferActivate, "by_member", Value, "since the member has activated it", "с активации участником"),
    word(Offer, "if", Map(Condition), "who may be given it; everybody when absent", "кому его можно выдать; без слова всем"),
    word(Offer, "times", USES, "how many paid orders may use it; any number when absent", "скольким оплаченным заказам оно поможет; без слова любому числу"),
    word(Condition, "offer", OneOrMany(&Kind::Id), "the member holds one of these offers, and it acts", "у участника есть одно из этих предложений, и оно действует"),
    word(Effect, "offer", Kind::Id, "the member is given this offer", "участник получает это предложение"),
    word(Step, "offer", Kind::Id, "gives the member this offer", "выдаёт участнику это предложение"),
    word(Step, "activate", Kind::Id, "the member activates this offer", "участник активирует это предложение"),
    word(Step, "withdraw", Kind::Id, "an operator withdraws this offer", "оператор отзывает это предложение"),
    word(Expect, "offers", List(&Kind::Id), "the offers that act, all of them", "какие предложения действуют, все до одного"),
];
