//! The words of coupons and gift cards: one row a word, as in the table beside.

use super::Block::*;
use super::Kind::{self, List, Map, Truth, Value, Words};
use super::Word;
use super::tables::{EXPIRES, NAMES, must, word};
use crate::program::document::conditions::COUNT_MAX;
use crate::program::document::coupons::GIFT_PIECES_MAX;

pub(super) const USES: Kind = Kind::Whole { from: 1, to: COUNT_MAX };

#[rustfmt::skip]
pub(super) static COUPONS: &[Word] = &[
    word(Document, "coupons", Map(Coupons), "coupon campaigns and how coupons go together", "купонные кампании и как купоны сочетаются"),
    word(Coupons, "together", Words(Together), "several coupons of one order; all when absent", "несколько купонов в заказе; без слова all"),
    must(Coupons, "campaigns", List(&Map(Campaign)), "the campaigns", "кампании"),
    word(Together, "all", Value, "one after another, in the order entered", "один за другим, в порядке ввода"),
    word(Together, "best", Value, "the one that leaves the least to pay", "тот, что оставляет меньше к оплате"),
    word(Together, "last", Value, "the one entered last", "введённый последним"),
    must(Campaign, "id", Kind::Id, "the campaign's id, for orders and for questions", "имя кампании для заказов и вопросов"),
    word(Campaign, "name", Kind::Localized, "what buyers see", "как кампанию видят покупатели"),
    word(Campaign, "code", NAMES, "the codes everybody may know", "коды, известные всем"),
    word(Campaign, "codes", Words(Codes), "where the codes come from, when not written here", "откуда берутся коды, если они не записаны здесь"),
    word(Codes, "none", Value, "there are none: the campaign acts by itself", "их нет: кампания действует сама"),
    word(Codes, "made", Value, "each is made by the engine, for one use unless a limit says otherwise", "каждый делает программа, на одно применение, если лимит не говорит иного"),
    word(Campaign, "from", Kind::Day, "the first day", "первый день"),
    word(Campaign, "to", Kind::Day, "the last day, included", "последний день, включительно"),
    word(Campaign, "if", Map(Condition), "what must hold; nothing when absent", "что должно выполняться; без слова — ничего"),
    word(Campaign, "discount", Map(Off), "what it takes off; absent: only rules ask for the coupon", "что он снимает; без слова — о купоне спрашивают только правила"),
    word(Campaign, "gift", Map(Gift), "goods given beside what is bought", "товар в подарок к покупке"),
    must(Gift, "sku", Kind::Text, "the article", "артикул"),
    word(Gift, "pieces", Kind::Whole { from: 1, to: GIFT_PIECES_MAX }, "how many; 1 when absent", "сколько штук; без слова 1"),
    word(Gift, "for_each", Map(Bought), "so many for each so many pieces bought; once when absent", "столько за каждые столько купленных штук; без слова один раз"),
    word(Campaign, "limits", Map(CouponLimits), "how often it may be used", "сколько раз его можно применить"),
    word(Campaign, "on_return", Words(CouponOnReturn), "the use when everything comes back; keep when absent", "что с применением, когда вернули всё; без слова keep"),
    word(CouponOnReturn, "keep", Value, "stays used", "остаётся применённым"),
    word(CouponOnReturn, "give_back", Value, "may be used again", "можно применить снова"),
    word(CouponLimits, "per_code", USES, "orders with one code", "заказов с одним кодом"),
    word(CouponLimits, "per_member", USES, "orders of one member", "заказов одного участника"),
    word(CouponLimits, "total", USES, "orders of everybody", "заказов всех вместе"),
    word(CouponLimits, "budget", Kind::Money, "money that the campaign takes off in all", "сколько денег кампания снимет всего"),
    word(Campaign, "refers", Truth, "its codes are invitations: others use them, and are brought by the owner", "её коды — приглашения: ими пользуются другие, и привёл их владелец"),
    word(Condition, "coupon", NAMES, "the order has a coupon of one of these campaigns", "в заказе есть купон одной из этих кампаний"),
    word(CouponRefusal, "mistyped", Value, "cannot be a code", "такого кода быть не может"),
    word(CouponRefusal, "unknown", Value, "there is no such code", "такого кода нет"),
    word(CouponRefusal, "gift_card", Value, "it is a gift card: those are told by `gift_cards`", "это подарочная карта: их передают в `gift_cards`"),
    word(CouponRefusal, "repeated", Value, "the order has this coupon already", "этот купон в заказе уже есть"),
    word(CouponRefusal, "blocked", Value, "the shop has withdrawn it", "магазин его отозвал"),
    word(CouponRefusal, "not_started", Value, "it is not valid yet", "он ещё не действует"),
    word(CouponRefusal, "expired", Value, "it is valid no longer", "срок его действия истёк"),
    word(CouponRefusal, "not_yours", Value, "it belongs to another member", "он принадлежит другому участнику"),
    word(CouponRefusal, "own_invitation", Value, "an invitation is for others than its owner", "приглашение — для других, не для владельца"),
    word(CouponRefusal, "member_needed", Value, "it needs a member", "нужен участник программы"),
    word(CouponRefusal, "limit_per_code", Value, "it has been used", "он уже использован"),
    word(CouponRefusal, "limit_per_member", Value, "the member has used it as often as allowed", "участник уже использовал его столько раз, сколько можно"),
    word(CouponRefusal, "limit_total", Value, "all uses of the campaign are gone", "все применения этой кампании исчерпаны"),
    word(CouponRefusal, "condition_false", Value, "its condition does not hold", "его условие не выполнено"),
    word(CouponRefusal, "no_matching_lines", Value, "no goods in the order match it", "в заказе нет подходящих товаров"),
    word(CouponRefusal, "another_coupon", Value, "another coupon counts", "действует другой купон"),
    word(CouponRefusal, "beaten", Value, "another discount gives more", "другая скидка выгоднее"),
    word(CouponRefusal, "nothing_left", Value, "other discounts leave nothing to take", "другие скидки ничего не оставили"),
    word(CouponRefusal, "over_budget", Value, "the campaign's money is gone", "деньги кампании закончились"),
];

#[rustfmt::skip]
pub(super) static GIFT_CARDS: &[Word] = &[
    word(Document, "rewards", List(&Map(Reward)), "what points buy beside orders", "на что ещё меняются баллы, кроме заказов"),
    must(Reward, "id", Kind::Id, "the reward's id", "код награды"),
    word(Reward, "name", Kind::Localized, "what buyers see", "как награду видят покупатели"),
    must(Reward, "cost", Kind::Points, "how many points it costs", "сколько баллов она стоит"),
    word(Reward, "gives", Map(RewardGives), "what the member gets; absent: the shop hands it over", "что получает участник; без слова награду выдаёт магазин"),
    must(RewardGives, "coupon", Kind::Id, "a code of this campaign, the member's own", "личный код этой кампании"),
    word(Reward, "if", Map(Condition), "for whom; for everybody when absent", "кому; без слова всем"),
    word(Reward, "from", Kind::Day, "the first day", "первый день"),
    word(Reward, "to", Kind::Day, "the last day, included", "последний день, включительно"),
    word(Reward, "stock", USES, "how many there are, for everybody", "сколько их всего"),
    word(Reward, "per_member", USES, "how many one member may have", "сколько может взять один участник"),
    word(Document, "gift_cards", Map(GiftCards), "gift cards, which pay like money; none are issued when absent", "подарочные карты, которые платят как деньги; без слова их нет"),
    word(GiftCards, "expires", EXPIRES, "how long a card lives; for ever when absent", "сколько живёт карта; без слова — бессрочно"),
    word(GiftCards, "min", Kind::Money, "the least money of a card", "самая маленькая сумма карты"),
    word(GiftCards, "max", Kind::Money, "the most money of a card", "самая большая сумма карты"),
];
