//! The words of segments, consents and the control group: one row a word, as in the tables beside.

use super::Block::*;
use super::Kind::{self, List, Map, OneOrMany, Truth, Value, Words};
use super::Word;
use super::tables::{NAMES, must, word};

const CHANNELS: Kind = OneOrMany(&Words(Channel));
const LANGUAGES: Kind = OneOrMany(&Kind::Language);

#[rustfmt::skip]
pub(super) static SEGMENTS: &[Word] = &[
    word(Document, "segments", List(&Map(Segment)), "conditions that have a name; rules and operators speak of members by them", "условия с именем; по нему об участниках говорят правила и операторы"),
    must(Segment, "id", Kind::Id, "its name in conditions", "имя для условий"),
    word(Segment, "name", Kind::Localized, "what people call it", "как сегмент называют люди"),
    must(Segment, "if", Map(Condition), "who is in it, asked of the member alone", "кто в нём; спрашивается только об участнике"),
    word(Document, "control_group", Map(ControlGroup), "members whom rules can leave out, to see what the rules do", "участники, которых правила могут обойти, чтобы увидеть, что дают правила"),
    must(ControlGroup, "share", Kind::Percent, "of all members, at most 50", "от всех участников, не больше 50"),
    word(ControlGroup, "salt", Kind::Text, "another text draws other members", "с другим текстом попадут другие участники"),

    word(Condition, "segment", OneOrMany(&Kind::Id), "the member is in one of these segments", "участник входит в один из этих сегментов"),
    word(Condition, "control_group", Truth, "the member is in the control group, or is not; a guest is not", "участник в контрольной группе или нет; гость — нет"),
    word(Condition, "language", LANGUAGES, "the member's language is one of these; untold does not hold", "язык участника — один из этих; несообщённый не выполняется"),
    word(Condition, "region", NAMES, "the member's region is one of these, as the shop calls them; untold does not hold", "регион участника — один из этих, как их называет магазин; несообщённый не выполняется"),
    word(Condition, "subscribed", CHANNELS, "the member agrees to hear of offers by one of these", "участник согласен получать рассылки одним из этих способов"),
    word(When, "member.subscribed", Value, "the member agrees to hear of offers, for the first time by any channel", "участник впервые согласен получать рассылки, любым способом"),
    word(WhenMap, "member.subscribed", Words(Channel), "the same by this channel, once", "то же этим способом, один раз"),
    word(Channel, "email", Value, "by e-mail", "по почте"),
    word(Channel, "sms", Value, "by SMS", "по SMS"),
    word(Channel, "telegram", Value, "by messages of Telegram", "сообщениями в Telegram"),
    word(Channel, "push", Value, "by notifications", "уведомлениями"),
    word(Channel, "call", Value, "by telephone", "звонками"),

    word(Member, "control_group", Truth, "the member is in the control group; false when absent", "участник в контрольной группе; без слова — нет"),
    word(Person, "language", Kind::Language, "the language", "язык"),
    word(Person, "region", Kind::Text, "the region", "регион"),
    word(Person, "subscribed", CHANNELS, "agrees to hear of offers by these", "согласен на рассылки этими способами"),
    word(Expect, "segments", List(&Kind::Id), "the segments that the member is in, all of them", "в каких сегментах участник, все до одного"),
];
