//! The words of every problem a program document can have.
//!
//! Invariant: a code stands here once, in both languages, with the same holes in each.

mod standing;

use super::Severity;

/// A code with its words. `$name` in a text is filled from the arguments.
#[derive(Debug)]
pub struct Problem {
    pub code: &'static str,
    pub severity: Severity,
    pub en: &'static str,
    pub ru: &'static str,
    /// Empty when there is nothing general to advise.
    pub fix_en: &'static str,
    pub fix_ru: &'static str,
}

const fn error(code: &'static str, texts: [&'static str; 4]) -> Problem {
    let [en, ru, fix_en, fix_ru] = texts;
    Problem { code, severity: Severity::Error, en, ru, fix_en, fix_ru }
}
const fn warning(code: &'static str, texts: [&'static str; 4]) -> Problem {
    let [en, ru, fix_en, fix_ru] = texts;
    Problem { code, severity: Severity::Warning, en, ru, fix_en, fix_ru }
}

/// Every code with its words.
pub fn problems() -> impl Iterator<Item = &'static Problem> {
    PROBLEMS.iter().chain(standing::STANDING)
}

/// Codes with their words: English, Russian, the remedy in English, in Russian.
static PROBLEMS: &[Problem] = &[
    // The text itself.
    error(
        "syntax_error",
        [
            "this is neither YAML nor JSON: $info",
            "это не YAML и не JSON: $info",
            "look at the indentation, quotes and brackets here and on the line above",
            "проверьте отступы, кавычки и скобки здесь и строкой выше",
        ],
    ),
    error(
        "document_too_large",
        [
            "the document is larger than $limit",
            "документ больше $limit",
            "product lists belong into the product table, not into the program",
            "списки товаров хранят в таблице товаров, а не в программе",
        ],
    ),
    error(
        "too_deep",
        [
            "more than $limit levels inside each other",
            "больше $limit уровней вложенности",
            "flatten the conditions: `all` inside `all` can be one `all`",
            "упростите условия: `all` внутри `all` можно слить в одно",
        ],
    ),
    error(
        "anchor_refused",
        [
            "anchors and aliases (`&name`, `*name`) are not part of a program",
            "якоря и ссылки (`&имя`, `*имя`) в программе не допускаются",
            "write the value out; begin a text with `&` or `*` only in quotes",
            "впишите значение; текст, начинающийся с `&` или `*`, возьмите в кавычки",
        ],
    ),
    error(
        "tag_refused",
        [
            "YAML tags (`!name`) are not part of a program",
            "теги YAML (`!имя`) в программе не допускаются",
            "remove the tag; begin a text with `!` only in quotes",
            "уберите тег; текст, начинающийся с `!`, возьмите в кавычки",
        ],
    ),
    error(
        "several_documents",
        [
            "a second document begins here; a file holds one program",
            "здесь начинается второй документ; в файле — одна программа",
            "remove the line `---` or move the rest to its own file",
            "уберите строку `---` или вынесите остальное в отдельный файл",
        ],
    ),
    error(
        "empty_document",
        [
            "the document is empty",
            "документ пуст",
            "begin with `program: <id>`, `currency: <code>` and `rules:`",
            "начните с `program: <имя>`, `currency: <код>` и `rules:`",
        ],
    ),
    error(
        "duplicate_word",
        [
            "`$word` stands here a second time; the first is on line $line",
            "`$word` встречается второй раз; первый — в строке $line",
            "keep one of them",
            "оставьте одно из двух",
        ],
    ),
    // Words.
    error("unknown_word", ["`$word` is not known here", "слово `$word` здесь не известно", "", ""]),
    error(
        "not_supported_yet",
        [
            "`$word` is planned but not built yet; it is refused rather than ignored",
            "`$word` запланировано, но ещё не сделано; поэтому отказ, а не молчание",
            "take it out for now",
            "пока уберите",
        ],
    ),
    error(
        "missing_word",
        ["`$word` is missing: $meaning", "не хватает `$word`: $meaning", "add `$word:`", "добавьте `$word:`"],
    ),
    error(
        "missing_one_of",
        [
            "one of $words must stand here",
            "здесь должно быть одно из $words",
            "add the one that is meant",
            "добавьте то, которое нужно",
        ],
    ),
    error("wrong_kind", ["$expected expected, found $found", "ожидается $expected, а здесь $found", "", ""]),
    error(
        "words_conflict",
        [
            "`$first` and `$second` do not go together",
            "`$first` и `$second` вместе не имеют смысла",
            "keep one of them",
            "оставьте одно из двух",
        ],
    ),
    error(
        "word_without_companion",
        [
            "`$word` means nothing without `$companion`",
            "`$word` ничего не значит без `$companion`",
            "add `$companion` or remove `$word`",
            "добавьте `$companion` или уберите `$word`",
        ],
    ),
    error(
        "one_word_expected",
        ["exactly one word expected here, found $count", "здесь нужно ровно одно слово, а их $count", "", ""],
    ),
    error(
        "empty_list",
        [
            "nothing stands in here",
            "здесь пусто",
            "name at least one value, or remove the word",
            "назовите хотя бы одно значение или уберите слово",
        ],
    ),
    error("too_many", ["more than $limit $what", "$what: больше $limit", "", ""]),
    // Values.
    error(
        "bad_id",
        [
            "`$text` cannot be an id: 1 to 64 of a–z, 0–9 and `-`",
            "`$text` не годится как имя: от 1 до 64 знаков a–z, 0–9 и `-`",
            "for example `$example`",
            "например, `$example`",
        ],
    ),
    error(
        "text_too_long",
        ["a text may have at most $limit characters", "в тексте может быть не больше $limit знаков", "", ""],
    ),
    error(
        "unknown_currency",
        [
            "`$text` is not a currency of ISO 4217",
            "`$text` — не валюта по ISO 4217",
            "three capital letters, for example RUB",
            "три заглавные латинские буквы, например RUB",
        ],
    ),
    error(
        "unknown_timezone",
        [
            "`$text` is not a time zone of the IANA table",
            "`$text` — не часовой пояс из таблицы IANA",
            "for example Europe/Moscow or UTC",
            "например, Europe/Moscow или UTC",
        ],
    ),
    error(
        "not_a_number",
        [
            "`$text` is not a number",
            "`$text` — не число",
            "digits with a point before the decimals, for example 1234.50: no spaces, commas or signs of currency",
            "цифры и точка перед дробной частью, например 1234.50: без пробелов, запятых и знаков валюты",
        ],
    ),
    error(
        "too_many_decimals",
        [
            "`$text` has too many decimals: $allowed",
            "в `$text` слишком много знаков после точки: $allowed",
            "nothing is rounded silently: write the number as it is meant",
            "молча ничего не округляется: напишите число таким, каким оно должно быть",
        ],
    ),
    error(
        "number_out_of_range",
        ["$text is not between $from and $to", "$text не лежит между $from и $to", "", ""],
    ),
    error(
        "percent_out_of_range",
        [
            "$text % is out of range: $range",
            "$text % — вне пределов: $range",
            "percents are written as 5 for five percent",
            "проценты пишут числом: 5 — это пять процентов",
        ],
    ),
    error(
        "bad_period",
        [
            "`$text` is not a period of at most a hundred years",
            "`$text` — не срок (не больше ста лет)",
            "a whole number and a unit: 36 hours, 14 days, 2 weeks, 1 month, 1 year",
            "целое число и единица: 36 hours, 14 days, 2 weeks, 1 month, 1 year",
        ],
    ),
    error(
        "period_is_zero",
        [
            "`$word` may not be zero",
            "`$word` не может быть нулём",
            "write a period of at least one minute, or remove the word to take the default",
            "укажите срок хотя бы в минуту или уберите слово, чтобы действовало обычное значение",
        ],
    ),
    error(
        "bad_date",
        [
            "`$text` is not a day of the calendar",
            "`$text` — не день календаря",
            "year-month-day, for example 2026-12-31",
            "год-месяц-день, например 2026-12-31",
        ],
    ),
    error(
        "bad_moment",
        [
            "`$text` is not a moment between 1900 and 2200",
            "`$text` — не момент времени между 1900 и 2200 годом",
            "2026-03-01, 2026-03-01T10:30 in the program's zone, or with an offset: 2026-03-01T10:30:00+03:00",
            "2026-03-01, 2026-03-01T10:30 в поясе программы или со смещением: 2026-03-01T10:30:00+03:00",
        ],
    ),
    error(
        "bad_time",
        [
            "`$text` is not a time of day",
            "`$text` — не время суток",
            "hours and minutes in quotes, \"00:00\" to \"24:00\"",
            "часы и минуты в кавычках, от \"00:00\" до \"24:00\"",
        ],
    ),
    error(
        "window_reversed",
        [
            "the window ends on $to, before it begins on $from",
            "окно кончается $to, раньше, чем начинается $from",
            "exchange `from` and `to`",
            "поменяйте `from` и `to` местами",
        ],
    ),
    error(
        "window_empty",
        [
            "the window is empty: `from` and `to` are the same time",
            "окно пустое: `from` и `to` — одно и то же время",
            "for the whole day leave the condition out",
            "для целого дня условие не нужно",
        ],
    ),
    error(
        "range_empty",
        [
            "no value fits $bounds",
            "ни одно значение не подходит под $bounds",
            "exchange the bounds, or remove one of them",
            "поменяйте границы местами или уберите одну из них",
        ],
    ),
    // Meaning.
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
    // Money and clarity.
    warning(
        "reward_too_small",
        [
            "a purchase brings $share % of its price back: below $least % people do not notice it",
            "с покупки возвращается $share % цены: меньше $least % люди не замечают",
            "raise the percent or the points, or make the reward rarer and larger",
            "поднимите процент или баллы либо сделайте награду реже, но крупнее",
        ],
    ),
    warning(
        "no_accrual_hold",
        [
            "points of an order can be spent at once, so goods can be returned after their points are spent",
            "баллы за заказ можно потратить сразу, а потом вернуть товар",
            "set `accrual: { active_after: 14 days }`, the time in which goods may come back",
            "задайте `accrual: { active_after: 14 days }` — срок, в который товар могут вернуть",
        ],
    ),
    warning(
        "transfers_before_returns",
        [
            "points of an order can be transferred at once, so goods can be returned after their points are gone",
            "баллы за заказ можно сразу передать другому, а потом вернуть товар",
            "set `order_points_after: 14 days` under `transfers`, or `active_after: 14 days` under `accrual`",
            "задайте `order_points_after: 14 days` в `transfers` или `active_after: 14 days` в `accrual`",
        ],
    ),
    warning(
        "rounding_gains_by_splitting",
        [
            "with `$rounding` many small orders earn more than one large one",
            "с `$rounding` много мелких заказов приносят больше, чем один крупный",
            "`rounding: floor` never lets splitting gain",
            "при `rounding: floor` дробить заказ невыгодно",
        ],
    ),
    warning(
        "expires_before_useful",
        [
            "these points wait $wait and then live only $life",
            "эти баллы ждут $wait, а живут потом только $life",
            "lengthen `expires` or shorten `active_after`",
            "удлините `expires` или сократите `active_after`",
        ],
    ),
    warning(
        "limit_cuts_always",
        [
            "$points points are always cut to the limit of $limit",
            "$points баллов всегда срезаются до предела в $limit",
            "raise `per_order` or write the smaller number",
            "поднимите `per_order` или напишите меньшее число",
        ],
    ),
    warning(
        "too_many_rules",
        [
            "$count rules for `$trigger`: more than $most are understood neither by buyers nor by staff",
            "правил для `$trigger`: $count; больше $most не понимают ни покупатели, ни сотрудники",
            "join rules that differ only in the rate: `rates` under one `credit`",
            "слейте правила, которые отличаются только ставкой: `rates` в одном `credit`",
        ],
    ),
    warning(
        "birthday_known_at_once",
        [
            "a birthday counts even when it was told the day before",
            "день рождения засчитывается, даже если его назвали накануне",
            "set `birthday: { known_for: 30 days }`, or `0 days` to say that this is meant",
            "задайте `birthday: { known_for: 30 days }` или `0 days`, если так и задумано",
        ],
    ),
    warning(
        "unused_group",
        [
            "neither a rule nor a discount names the group `$group`",
            "группу `$group` не называет ни правило, ни скидка",
            "remove it, or add `group: $group` where it is meant",
            "уберите её или добавьте `group: $group` туда, где она нужна",
        ],
    ),
    warning(
        "rate_never_used",
        [
            "a rate above takes every line, so this one is never reached",
            "ставка выше забирает все строки, до этой дело не дойдёт",
            "the first match holds: put the narrow ones first",
            "действует первое совпадение: узкие ставки ставьте раньше",
        ],
    ),
    warning(
        "no_rules",
        [
            "the program has no rules: nobody will ever earn a point",
            "в программе нет правил: никто не получит ни балла",
            "add `rules:`",
            "добавьте `rules:`",
        ],
    ),
    warning(
        "too_many_problems",
        ["only the first $limit problems are shown", "показаны только первые $limit", "", ""],
    ),
];
