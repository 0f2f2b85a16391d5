//! Problems of levels and achievements.

use super::{Problem, error, warning};

pub static PROBLEMS: &[Problem] = &[
    error(
        "first_tier_from",
        [
            "the first level is everybody's: it begins at nothing",
            "первый уровень есть у всех: он начинается с нуля",
            "take `from` away here, or put a level without it before this one",
            "уберите здесь `from` или поставьте раньше уровень без него",
        ],
    ),
    error(
        "tiers_not_rising",
        [
            "`$tier` begins no higher than the level before it",
            "`$tier` начинается не выше предыдущего уровня",
            "put the levels in order, each with a higher `from`",
            "расставьте уровни по порядку, у каждого `from` больше",
        ],
    ),
    error(
        "duplicate_tier",
        [
            "`$id` stands here already, on line $line",
            "`$id` здесь уже есть, строка $line",
            "give it a name of its own",
            "дайте другое имя",
        ],
    ),
    error(
        "tier_discount_taken",
        [
            "the discount of this level is called `$id`, and a discount of that id exists already",
            "скидка этого уровня зовётся `$id`, а скидка с таким именем уже есть",
            "give the other discount another id",
            "дайте той скидке другое имя",
        ],
    ),
    error(
        "unknown_rule",
        [
            "there is no rule `$rule`",
            "правила `$rule` нет",
            "name a rule of `rules` that gives a percent",
            "назовите правило из `rules`, которое даёт процент",
        ],
    ),
    error(
        "rate_without_percent",
        [
            "the rule `$rule` gives no percent of an order, so there is nothing to replace",
            "правило `$rule` не даёт процента от заказа, заменять нечего",
            "name a rule of `order.paid` with `credit: { percent: … }`",
            "назовите правило для `order.paid` с `credit: { percent: … }`",
        ],
    ),
    error(
        "unknown_tier",
        [
            "there is no level `$tier`",
            "уровня `$tier` нет",
            "name a level of `tiers`",
            "назовите уровень из `tiers`",
        ],
    ),
    error(
        "duplicate_id",
        [
            "`$id` stands here already, on line $line",
            "`$id` здесь уже есть, строка $line",
            "give it a name of its own",
            "дайте другое имя",
        ],
    ),
    error(
        "unknown_event",
        [
            "there is no event `$event`",
            "события `$event` нет",
            "declare it in `events`",
            "объявите его в `events`",
        ],
    ),
    error(
        "unknown_offer",
        [
            "there is no offer `$offer`",
            "предложения `$offer` нет",
            "declare it in `offers`",
            "объявите его в `offers`",
        ],
    ),
    error(
        "unknown_tag",
        ["there is no mark `$tag`", "метки `$tag` нет", "declare it in `tags`", "объявите её в `tags`"],
    ),
    error(
        "unknown_segment",
        [
            "there is no segment `$segment` above",
            "сегмента `$segment` выше нет",
            "declare it in `segments`; a segment asks only of those above it",
            "объявите его в `segments`; сегмент спрашивает только о тех, что выше",
        ],
    ),
    error(
        "no_control_group",
        [
            "the document sets no control group aside",
            "документ не выделяет контрольную группу",
            "declare it: `control_group: { share: 5 }`",
            "объявите её: `control_group: { share: 5 }`",
        ],
    ),
    error(
        "control_group_too_large",
        [
            "more than half of all members in the control group leaves no program",
            "если в контрольной группе больше половины участников, программы не остаётся",
            "5 to 10 percent are enough to see a difference",
            "чтобы увидеть разницу, хватает 5–10 процентов",
        ],
    ),
    error(
        "lowest_tier_given",
        [
            "`$tier` is the lowest level: everybody has it",
            "`$tier` — нижний уровень: он есть у всех",
            "give a level above it",
            "дайте уровень выше",
        ],
    ),
    error(
        "effect_loop",
        [
            "a rule that hears of levels gives one: it would set itself off",
            "правило о смене уровня само даёт уровень: оно вызывало бы себя",
            "give the level by another trigger",
            "дайте уровень по другому событию",
        ],
    ),
    error(
        "gift_needs_made_codes",
        [
            "the codes of `$campaign` stand in the document: a rule gives each member a code of the member's own",
            "коды кампании `$campaign` записаны в документе: правило даёт каждому свой код",
            "write `codes: made` for the campaign",
            "напишите у кампании `codes: made`",
        ],
    ),
    error(
        "effect_without_referrer",
        [
            "`$trigger` gives to the member: a referrer is rewarded by rules of `referral`",
            "`$trigger` даёт участнику: пригласивших награждают правила `referral`",
            "use `when: referral.ordered` or remove `to`",
            "поставьте `when: referral.ordered` или уберите `to`",
        ],
    ),
    warning(
        "unused_offer",
        [
            "nothing asks for the offer `$offer`: it brings its holder nothing",
            "о предложении `$offer` ничто не спрашивает: оно ничего не даёт",
            "ask for it in a rule or a discount: `if: { offer: $offer }`, or remove it",
            "спросите о нём в правиле или скидке: `if: { offer: $offer }`, или уберите его",
        ],
    ),
    error(
        "unknown_attribute",
        [
            "there is no attribute `$attribute`",
            "признака `$attribute` нет",
            "declare it in `attributes`",
            "объявите его в `attributes`",
        ],
    ),
    error(
        "attribute_without_value",
        [
            "the attribute `$attribute` has no value `$text`",
            "у признака `$attribute` нет значения `$text`",
            "write one of its `values`, of at most 100 characters",
            "напишите одно из его `values`, не длиннее 100 знаков",
        ],
    ),
    error(
        "values_of_a_text_only",
        [
            "only an attribute of kind `text` has `values`",
            "`values` бывают только у признака вида `text`",
            "take `values` away or write `kind: text`",
            "уберите `values` или напишите `kind: text`",
        ],
    ),
    error(
        "unknown_achievement",
        [
            "there is no achievement `$achievement`",
            "достижения `$achievement` нет",
            "name one of `achievements`",
            "назовите одно из `achievements`",
        ],
    ),
    error(
        "trigger_never_happens",
        [
            "`$trigger` never happens: the program has no `$word`",
            "`$trigger` не случится никогда: в программе нет `$word`",
            "add `$word`, or remove the rule",
            "добавьте `$word` или уберите правило",
        ],
    ),
    error(
        "bad_window",
        [
            "`$text` is not a window of time",
            "`$text` — не срок, за который считают",
            "`rolling 12 months`, `rolling 90 days`, `calendar year`, `calendar quarter`, `calendar month` or `for_ever`",
            "`rolling 12 months`, `rolling 90 days`, `calendar year`, `calendar quarter`, `calendar month` или `for_ever`",
        ],
    ),
];
