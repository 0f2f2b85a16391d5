//! Problems of what the words mean together.

use super::{Problem, error};

pub(super) static PROBLEMS: &[Problem] = &[
    error(
        "table_not_rising",
        [
            "a row of the table begins no higher than the row above",
            "строка таблицы начинается не выше предыдущей",
            "order the rows by `from`, each once",
            "расположите строки по возрастанию `from`, без повторов",
        ],
    ),
    error(
        "table_gives_less",
        [
            "this row gives less than the row above: who buys more would get less",
            "эта строка даёт меньше предыдущей: кто купит больше, получит меньше",
            "let what the rows give rise with `from`; percents and points do not mix in one table",
            "пусть награда растёт вместе с `from`; проценты и баллы в одной таблице не смешивают",
        ],
    ),
    error(
        "no_line_condition",
        [
            "`matching_lines` are those of the rule's `line` condition, and there is not exactly one that must hold",
            "`matching_lines` — строки из условия `line`, а обязательного такого условия здесь нет или их несколько",
            "name one `line` in `if` or in its `all`, or write the lines out here",
            "назовите одно `line` в `if` или в его `all` либо впишите строки здесь",
        ],
    ),
    error(
        "duplicate_rule",
        [
            "the id `$id` is taken already, on line $line",
            "имя `$id` уже занято в строке $line",
            "choose another one: journals and answers name it by its id",
            "выберите другое: по нему его называют журнал и ответы",
        ],
    ),
    error(
        "unknown_group",
        [
            "there is no group `$group`",
            "группы `$group` нет",
            "declare it: `groups: {$group: best}`",
            "объявите её: `groups: {$group: best}`",
        ],
    ),
    error(
        "unknown_campaign",
        [
            "there is no coupon campaign `$campaign`",
            "купонной кампании `$campaign` нет",
            "declare it in `coupons: { campaigns: … }`",
            "объявите её в `coupons: { campaigns: … }`",
        ],
    ),
    error(
        "reward_needs_made_codes",
        [
            "the codes of `$campaign` stand in the document: a reward gives each member a code of his own",
            "коды кампании `$campaign` записаны в документе: награда даёт каждому свой код",
            "write `codes: made` for the campaign",
            "напишите у кампании `codes: made`",
        ],
    ),
    error(
        "bad_coupon_code",
        [
            "`$code` cannot be a coupon code: 1 to 40 letters and digits, hyphens and spaces do not count",
            "`$code` не может быть кодом купона: от 1 до 40 букв и цифр, дефисы и пробелы не в счёт",
            "",
            "",
        ],
    ),
    error(
        "duplicate_coupon_code",
        [
            "the code `$code` reads like the one on line $line",
            "код `$code` читается так же, как код в строке $line",
            "case, hyphens and look-alikes (O and 0, I and 1) do not tell codes apart",
            "регистр, дефисы и похожие знаки (O и 0, I и 1) коды не различают",
        ],
    ),
    error(
        "campaign_named_as_discount",
        [
            "the campaign `$id` has the id of a discount",
            "кампания `$id` носит имя скидки",
            "give one of them another id: an order's line names both by their ids",
            "дайте одной из них другое имя: строка заказа называет обе по имени",
        ],
    ),
    error(
        "condition_without_data",
        [
            "`$word` is asked of an order, but `$trigger` has none: the rule could never fire",
            "`$word` — свойство заказа, а у `$trigger` заказа нет: правило никогда не сработает",
            "use `when: order.paid` or remove the condition",
            "поставьте `when: order.paid` или уберите условие",
        ],
    ),
    error(
        "condition_without_event",
        [
            "`event` asks what was told with an event, but `$trigger` brings none: the rule could never fire",
            "`event` — о том, что сообщено с событием, а у `$trigger` события нет: правило никогда не сработает",
            "use `when: { event: … }` or remove the condition",
            "поставьте `when: { event: … }` или уберите условие",
        ],
    ),
    error(
        "effect_without_data",
        [
            "`$word` is counted on an order, but `$trigger` has none",
            "`$word` считают по заказу, а у `$trigger` заказа нет",
            "use `when: order.paid`, or a fixed number of `points`",
            "поставьте `when: order.paid` или постоянное число `points`",
        ],
    ),
    error(
        "rule_never_fires",
        [
            "`$rule` can never act: $why",
            "`$rule` никогда не подействует: $why",
            "correct the condition; put into `any` those of which one is enough",
            "поправьте условие; в `any` соберите те, из которых хватает одного",
        ],
    ),
    error(
        "match_takes_nothing",
        [
            "this takes out every line that is named beside it, so nothing is left",
            "здесь исключено всё, что названо рядом: не остаётся ни одной строки",
            "name fewer lines here, or remove it",
            "назовите здесь меньше или уберите совсем",
        ],
    ),
    error(
        "limit_refuses_always",
        [
            "$points points are above the limit of $limit, and `overflow: refuse` gives nothing then",
            "$points баллов больше предела в $limit, а при `overflow: refuse` тогда не даётся ничего",
            "raise `per_order` or give fewer points",
            "поднимите `per_order` или давайте меньше баллов",
        ],
    ),
    error(
        "test_time_backwards",
        [
            "$at lies before the step above, at $before",
            "$at раньше предыдущего шага ($before)",
            "the steps of a test go forward in time",
            "шаги проверки идут вперёд по времени",
        ],
    ),
    error(
        "test_order_unknown",
        [
            "no step above names an order `$order`",
            "выше нет шага с заказом `$order`",
            "place or pay it first: `{ order: $order, paid: 1000.00 }`",
            "сначала оформите или оплатите его: `{ order: $order, paid: 1000.00 }`",
        ],
    ),
    error("test_failed", ["test “$test” failed: $what", "проверка «$test» не прошла: $what", "", ""]),
];
