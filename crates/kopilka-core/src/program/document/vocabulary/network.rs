//! The words of the referral network: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, List, Map, Truth, Value, Words};
use super::Word;
use super::tables::word;
use crate::referral::LEVELS_MAX;

#[rustfmt::skip]
pub(super) static NETWORK: &[Word] = &[
    word(Document, "referral", Map(Referral), "how visits by links of members count", "как засчитываются переходы по ссылкам участников"),
    word(Referral, "touch", Words(Touch), "whose link counts of several; last when absent", "чья ссылка засчитывается из нескольких; без слова last"),
    word(Touch, "first", Value, "the first one's", "первая"),
    word(Touch, "last", Value, "the last one's", "последняя"),
    word(Referral, "within", Kind::Period, "how long a visit counts; 30 days when absent", "сколько переход засчитывается; без слова 30 дней"),
    word(When, "referral.ordered", Value, "a member that somebody brought has paid for an order", "тот, кого привели, оплатил заказ"),
    word(When, "referral.registered", Value, "somebody whom a member brought has registered", "тот, кого привели, зарегистрировался"),
    word(Condition, "referred", Truth, "somebody brought the member, or nobody did", "участника кто-то привёл или никто"),
    word(Credit, "to", Words(CreditTo), "whom: rules of `referral` give to referrers, all others to the member", "кому: правила `referral` дают пригласившим, остальные участнику"),
    word(CreditTo, "referrer", Value, "who brought the member, or stands above", "тому, кто привёл, или стоящему выше"),
    word(Credit, "level", Kind::Whole { from: 1, to: LEVELS_MAX as i64 }, "of which level: 1 brought the member, 2 brought that one; 1 when absent", "какого уровня: 1 привёл участника, 2 привёл его; без слова 1"),
    word(Returns, "referral_clawback", Words(ReferralClawback), "what a return takes from referrers; own_lot when absent", "что возврат снимает с пригласивших; без слова own_lot"),
    word(ReferralClawback, "own_lot", Value, "what is left of that reward", "что осталось от этой награды"),
    word(ReferralClawback, "debt", Value, "all of it, as other points are taken back", "всю, как снимаются другие баллы"),
    word(ReferralClawback, "off", Value, "nothing", "ничего"),
    word(Member, "referred", Truth, "another member brought this one", "участника привёл другой участник"),
    word(Expect, "referrers", List(&Kind::Points), "what each level of referrers was given, less what was taken back, from the first level on", "сколько получил пригласивший каждого уровня за вычетом снятого, начиная с первого"),
];
