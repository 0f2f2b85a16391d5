//! The words of levels, achievements, attributes and the person: one row a word, as in the table beside.

use super::Block::*;
use super::Kind::{self, Either, List, Map, OneOrMany, Truth, Value, Words};
use super::Word;
use super::tables::{must, word};
use crate::program::document::conditions::BIRTHDAY_DAYS_MAX;

#[rustfmt::skip]
pub(super) static STANDING: &[Word] = &[
    word(Document, "tiers", Map(Tiers), "levels of members", "уровни участников"),
    word(Document, "achievements", List(&Map(Achievement)), "counters with a goal", "счётчики с целью"),

    must(Tiers, "by", Words(CountedBy), "what is counted", "что считается"),
    must(Tiers, "over", Kind::Window, "the orders that count", "какие заказы считаются"),
    word(Tiers, "for_order", Words(ForOrder), "the level that decides an order; before when absent", "какой уровень решает за заказ; без слова before"),
    word(Tiers, "hold", Either(&[Words(HoldName), Kind::Period]), "how long a level that was reached stays before it is judged again; 12 months when absent", "сколько достигнутый уровень держится до нового подсчёта; без слова 12 months"),
    word(Tiers, "grace", Kind::Period, "how long a level of a calendar period stays after its end; 0 days when absent", "сколько уровень держится после конца календарного срока; без слова 0 days"),
    must(Tiers, "levels", List(&Map(Level)), "the levels, the lowest first", "уровни, начиная с низшего"),
    word(CountedBy, "money_paid", Value, "money really paid, less refunds", "уплаченные деньги без возвратов"),
    word(CountedBy, "orders", Value, "paid orders of which something remains", "оплаченные заказы, от которых что-то осталось"),
    word(CountedBy, "points_earned", Value, "points that orders bring, less those taken back", "баллы за заказы без снятых"),
    word(ForOrder, "before", Value, "what was counted before the order", "то, что насчитано до заказа"),
    word(ForOrder, "including", Value, "the order counts too", "считается и сам заказ"),
    word(HoldName, "for_ever", Value, "until goods come back", "пока товар не вернут"),
    must(Level, "id", Kind::Id, "the level's id", "имя уровня"),
    word(Level, "name", Kind::Localized, "what buyers see", "как уровень видят покупатели"),
    word(Level, "from", Kind::Decimal, "from so much on; not in the first level", "начиная со стольких; у первого уровня нет"),
    word(Level, "rates", Kind::Rates, "percents of rules instead of their own", "проценты правил вместо их собственных"),
    word(Level, "discount", Kind::Percent, "percent off the goods, automatically", "процент скидки на товары, сам собой"),

    must(Achievement, "id", Kind::Id, "the achievement's id", "имя достижения"),
    word(Achievement, "name", Kind::Localized, "what buyers see", "как достижение видят покупатели"),
    must(Achievement, "counts", Either(&[Words(AchievementCounts), Map(CountedEvent)]), "what is counted", "что считается"),
    must(Achievement, "goal", Kind::Decimal, "how much of it", "сколько нужно"),
    word(Achievement, "repeat", Truth, "again at every further goal; once when absent", "снова за каждую следующую цель; без слова один раз"),
    word(AchievementCounts, "money_paid", Value, "money really paid, less refunds", "уплаченные деньги без возвратов"),
    word(AchievementCounts, "orders", Value, "paid orders of which something remains", "оплаченные заказы, от которых что-то осталось"),
    word(AchievementCounts, "pieces", Value, "pieces of goods, less returns", "штуки товара без возвратов"),
    word(AchievementCounts, "points_earned", Value, "points that orders bring, less those taken back", "баллы за заказы без снятых"),

    word(Document, "attributes", List(&Map(Attribute)), "what the shop tells of its members", "что магазин сообщает об участниках"),
    must(Attribute, "id", Kind::Id, "the attribute's id", "имя признака"),
    must(Attribute, "kind", Words(AttributeKind), "what its values are", "каковы его значения"),
    word(Attribute, "values", OneOrMany(&Kind::Text), "the texts there are; any when absent", "какие тексты бывают; без слова любые"),
    word(AttributeKind, "text", Value, "a text of at most 100 characters", "текст не длиннее 100 знаков"),
    word(AttributeKind, "number", Value, "a whole number from 0", "целое число от 0"),
    word(AttributeKind, "yes_no", Value, "yes or no", "да или нет"),
    word(Document, "events", List(&Map(CustomEvent)), "events of the shop's own that rules hear of", "собственные события магазина, о которых узнают правила"),
    must(CustomEvent, "id", Kind::Id, "the event's id", "имя события"),
    word(CustomEvent, "name", Kind::Localized, "what buyers see", "как событие видят покупатели"),
    word(WhenMap, "event", Kind::Id, "an event of `events` was told of", "сообщено о событии из `events`"),
    word(Step, "event", Kind::Id, "an event of `events` happens", "происходит событие из `events`"),
    word(Condition, "attribute", Kind::AttributeTests, "all of this was told of the member; untold does not hold", "всё это сообщено об участнике; несообщённое не выполняется"),

    word(Condition, "birthday", Map(AroundBirthday), "days around the member's birthday, the day itself among them; an untold birth date does not hold", "дни вокруг дня рождения, с самим днём; без даты рождения не выполняется"),
    word(AroundBirthday, "days_before", Kind::Whole { from: 0, to: BIRTHDAY_DAYS_MAX }, "how many before; none when absent", "сколько до него; без слова ни одного"),
    word(AroundBirthday, "days_after", Kind::Whole { from: 0, to: BIRTHDAY_DAYS_MAX }, "how many after; none when absent", "сколько после; без слова ни одного"),
    word(Person, "attributes", Kind::AttributeValues, "what the shop told of the member", "что магазин сообщил об участнике"),

    word(When, "tier.changed", Value, "the member's level is another", "уровень участника стал другим"),
    word(When, "achievement.reached", Value, "an achievement was reached", "достижение получено"),
    word(WhenMap, "tier.changed", Map(TierWhen), "to which level, up or down", "на какой уровень, вверх или вниз"),
    word(TierWhen, "to", OneOrMany(&Kind::Id), "one of these levels", "один из этих уровней"),
    word(TierWhen, "way", Words(TierWay), "which way; both when absent", "в какую сторону; без слова both"),
    word(TierWay, "up", Value, "to a higher level", "на уровень выше"),
    word(TierWay, "down", Value, "to a lower level", "на уровень ниже"),
    word(TierWay, "both", Value, "either way", "в любую сторону"),
    word(Condition, "tier", OneOrMany(&Kind::Id), "the member has one of these levels", "у участника один из этих уровней"),
    word(Condition, "achievement", OneOrMany(&Kind::Id), "one of these was reached: just now, or else ever", "одно из этих получено: только что, иначе когда-либо"),
    word(Expect, "tier", Kind::Id, "the member's level", "уровень участника"),
];
