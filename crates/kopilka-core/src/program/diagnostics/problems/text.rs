//! Problems of the text, of words and of values.

use super::{Problem, error};

pub(super) static PROBLEMS: &[Problem] = &[
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
        "bad_language",
        [
            "`$text` is no language: two or three small letters",
            "`$text` — не язык: нужны две или три строчные буквы",
            "write `ru`, `en` and so on, without the country",
            "пишите `ru`, `en` и так далее, без страны",
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
];
