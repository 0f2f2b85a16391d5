//! The codes of the web and service layers. Codes of refused decisions are the core's.

mod one_time;
mod pages;

use one_time::OF_CODES;
use pages::OF_PAGES;

/// A code, its HTTP status, and what it says; `{name}` stands for a figure of the problem.
#[derive(Debug, Clone, Copy)]
pub struct Code {
    pub code: &'static str,
    pub status: u16,
    pub en: &'static str,
    pub ru: &'static str,
}

const fn code(code: &'static str, status: u16, en: &'static str, ru: &'static str) -> Code {
    Code { code, status, en, ru }
}

/// Every code that is not a refused decision.
pub const CODES: &[Code] = &joined::<{ OF_REQUESTS.len() + BESIDE.len() }>(OF_REQUESTS, BESIDE);

const BESIDE: &[Code] = &joined::<{ OF_CODES.len() + OF_PAGES.len() }>(OF_CODES, OF_PAGES);

/// Two lists as one, while the program is compiled.
const fn joined<const COUNT: usize>(first: &[Code], second: &[Code]) -> [Code; COUNT] {
    let mut all = [first[0]; COUNT];
    let mut at = 0;
    while at < COUNT {
        all[at] = if at < first.len() { first[at] } else { second[at - first.len()] };
        at += 1;
    }
    all
}

const OF_REQUESTS: &[Code] = &[
    // The request itself.
    code("route_unknown", 404, "There is no such address.", "Такого адреса нет."),
    code(
        "method_not_allowed",
        405,
        "This address does not take this method.",
        "Этот адрес не принимает такой метод.",
    ),
    code(
        "query_invalid",
        400,
        "The query string cannot be read: {why}.",
        "Параметры адреса не читаются: {why}.",
    ),
    code(
        "body_too_large",
        413,
        "The body is larger than {limit} bytes.",
        "Тело запроса больше {limit} байт.",
    ),
    code(
        "unsupported_media_type",
        415,
        "The body must be application/json.",
        "Тело запроса должно быть application/json.",
    ),
    code(
        "malformed_json",
        400,
        "The body is not JSON: line {line}, column {column}.",
        "Тело запроса — не JSON: строка {line}, столбец {column}.",
    ),
    code(
        "too_deep",
        400,
        "The body nests deeper than {limit} levels.",
        "Вложенность тела запроса больше {limit} уровней.",
    ),
    code("unknown_field", 422, "The field {field} is not known here.", "Поле {field} здесь неизвестно."),
    code("missing_field", 422, "The field {field} is missing.", "Не хватает поля {field}."),
    code("duplicate_field", 422, "The field {field} is given twice.", "Поле {field} указано дважды."),
    code(
        "wrong_type",
        422,
        "Another kind of value is expected here: {why}.",
        "Здесь ожидается значение другого вида: {why}.",
    ),
    code(
        "decimal_as_number",
        422,
        "Amounts, points and quantities are given as text: \"1234.50\", not 1234.50.",
        "Суммы, баллы и количества передаются текстом: \"1234.50\", а не 1234.50.",
    ),
    code("not_a_decimal", 422, "{value} is not a decimal number.", "{value} — не десятичное число."),
    code(
        "too_many_decimals",
        422,
        "At most {allowed} decimals are allowed here.",
        "Здесь допускается не больше {allowed} знаков после точки.",
    ),
    code("out_of_range", 422, "The number is out of range.", "Число вне допустимых пределов."),
    code(
        "invalid_time",
        422,
        "A time is written as 2026-03-01T12:00:00+03:00.",
        "Время записывается так: 2026-03-01T12:00:00+03:00.",
    ),
    code("invalid_date", 422, "A date is written as 2026-03-01.", "Дата записывается так: 2026-03-01."),
    code(
        "invalid_text",
        422,
        "A text here has 1 to {limit} characters and no control characters.",
        "Текст здесь — от 1 до {limit} знаков, без управляющих символов.",
    ),
    code(
        "currency_mismatch",
        422,
        "The program counts in {expected}, the order in {given}.",
        "Программа считает в {expected}, а заказ — в {given}.",
    ),
    code(
        "order_id_mismatch",
        422,
        "The body names another order than the address.",
        "В теле запроса другой заказ, чем в адресе.",
    ),
    code(
        "member_reference_invalid",
        422,
        "A member is named by exactly one of id, ext, phone, email, card.",
        "Участник называется ровно одним из: id, ext, phone, email, card.",
    ),
    code(
        "points_amount_invalid",
        422,
        "The amount goes with the modes exact and up_to, and is not negative.",
        "Количество указывается при exact и up_to и не бывает отрицательным.",
    ),
    code(
        "return_form_invalid",
        422,
        "Name the returned lines, or say all: one of the two.",
        "Укажите возвращаемые строки или all — что-то одно.",
    ),
    code(
        "adjustment_form_invalid",
        422,
        "Give either points or the entry it reverses.",
        "Укажите либо баллы, либо отменяемую запись.",
    ),
    code(
        "own_points_form",
        422,
        "Give the points of an article either as percent or as per_piece.",
        "Укажите баллы товара либо как percent, либо как per_piece.",
    ),
    code("too_many_items", 422, "From 1 to {limit} items at once.", "За раз — от 1 до {limit} товаров."),
    code("too_many_products", 422, "At most {limit} products at once.", "Не больше {limit} товаров за раз."),
    code(
        "too_many_identifiers",
        422,
        "At most {limit} identifiers of a kind.",
        "Не больше {limit} идентификаторов одного вида.",
    ),
    code(
        "accrual_unknown",
        404,
        "There is no mass accrual of this name.",
        "Массового начисления с таким именем нет.",
    ),
    code(
        "accrual_taken",
        409,
        "Another mass accrual has this name.",
        "Это имя уже у другого массового начисления.",
    ),
    code(
        "accrual_form_invalid",
        422,
        "Name a segment with points, or members with theirs: one of the two.",
        "Назовите сегмент и баллы либо участников с их баллами: одно из двух.",
    ),
    code(
        "accrual_member_twice",
        422,
        "A member stands in the list twice.",
        "Участник стоит в списке дважды.",
    ),
    code(
        "accrual_not_now",
        409,
        "The mass accrual is {state}: it cannot be done now.",
        "Состояние массового начисления — {state}: сейчас это невозможно.",
    ),
    code(
        "too_many_accruals",
        409,
        "At most {limit} mass accruals of a program.",
        "Не больше {limit} массовых начислений у программы.",
    ),
    code(
        "segment_unknown",
        404,
        "The program in force has no such segment.",
        "В действующей программе такого сегмента нет.",
    ),
    code(
        "cursor_invalid",
        400,
        "The cursor is not one of ours.",
        "Такого указателя страницы мы не выдавали.",
    ),
    code(
        "site_not_confirmed",
        409,
        "The site does not show whose it is: {why}.",
        "Сайт не подтверждает, чей он: {why}.",
    ),
    code(
        "visit_form_invalid",
        422,
        "Give either the referral code or the site.",
        "Укажите либо код из ссылки, либо сайт.",
    ),
    // Who asks.
    code(
        "key_missing",
        401,
        "Send the key as Authorization: Bearer.",
        "Передайте ключ в заголовке Authorization: Bearer.",
    ),
    code(
        "campaign_unknown",
        404,
        "The program in force has no such coupon campaign.",
        "В действующей программе нет такой купонной кампании.",
    ),
    code(
        "campaign_has_codes",
        409,
        "The codes of this campaign stand in the program's document; only `codes: made` lets codes be made.",
        "Коды этой кампании записаны в документе программы; делать коды можно только при `codes: made`.",
    ),
    code(
        "code_prefix",
        422,
        "A prefix is at most 12 letters and digits.",
        "Префикс — не больше 12 латинских букв и цифр.",
    ),
    code("too_many_codes", 422, "From 1 to {limit} codes at once.", "За раз — от 1 до {limit} кодов."),
    code("coupon_unknown", 404, "There is no such coupon code.", "Такого кода купона нет."),
    code("key_unknown", 401, "The key is not known or was revoked.", "Ключ неизвестен или отозван."),
    code("member_of_another_token", 403, "The token is of another member.", "Это токен другого участника."),
    code(
        "holder_right_missing",
        403,
        "This holder of the account may not do that; its owner may.",
        "Этому держателю счёта это не разрешено; это может владелец счёта.",
    ),
    code(
        "holder_right_unknown",
        422,
        "A holder's rights are earn, spend, see and statement.",
        "Права держателя: earn, spend, see и statement.",
    ),
    code("scope_missing", 403, "The key lacks the scope {scope}.", "У ключа нет права {scope}."),
    code(
        "shop_of_another_key",
        403,
        "The key belongs to the shop {shop}.",
        "Ключ принадлежит магазину {shop}.",
    ),
    // Doing it once.
    code(
        "idempotency_key_required",
        400,
        "Send an Idempotency-Key: a repeated request must not be done twice.",
        "Передайте Idempotency-Key: повтор запроса не должен выполниться дважды.",
    ),
    code(
        "idempotency_key_invalid",
        400,
        "An Idempotency-Key has 1 to {limit} printable characters.",
        "Idempotency-Key — от 1 до {limit} печатных символов.",
    ),
    code(
        "idempotency_conflict",
        422,
        "This Idempotency-Key was used with another content.",
        "С этим Idempotency-Key уже был запрос с другим содержимым.",
    ),
    // The program.
    code(
        "program_unknown",
        404,
        "The program has no published version.",
        "У программы нет опубликованной версии.",
    ),
    code(
        "document_invalid",
        422,
        "The document cannot be published: {problems} problems, told in diagnostics.",
        "Документ опубликовать нельзя, замечаний: {problems}; они — в diagnostics.",
    ),
    code(
        "program_mismatch",
        422,
        "The document is not of the program {program}, which the key belongs to.",
        "Документ не программы {program}, которой принадлежит ключ.",
    ),
    code(
        "units_changed",
        409,
        "{what} of a program that has members cannot change.",
        "Изменить {what} у программы с участниками нельзя.",
    ),
    code(
        "version_before_newest",
        409,
        "The newest version begins at {newest}: a later one cannot begin before it.",
        "Новейшая версия начинается {newest}: следующая не может начаться раньше.",
    ),
    code(
        "sender_unknown",
        404,
        "Nothing is sent by this channel: there is no sender.",
        "По этому каналу ничего не отправляется: отправителя нет.",
    ),
    code(
        "sender_invalid",
        422,
        "With these settings nothing can be sent: {setting}.",
        "С такими настройками ничего не отправить: {setting}.",
    ),
    code(
        "sender_template_invalid",
        422,
        "{setting} is no template, line {line}: {why}.",
        "{setting} — не шаблон, строка {line}: {why}.",
    ),
    code(
        "sender_url_refused",
        422,
        "Messages are sent to servers of the outside, encrypted: {why}.",
        "Сообщения отправляются на внешние серверы с шифрованием: {why}.",
    ),
    code("preset_unknown", 422, "There is no preset {preset}.", "Заготовки {preset} нет."),
    code(
        "sender_secret_missing",
        422,
        "The sender needs the secret {secret}.",
        "Отправителю нужен секрет {secret}.",
    ),
    code(
        "telegram_not_connected",
        409,
        "The bot does not tell this server who starts it.",
        "Бот не сообщает серверу, кто его запускает.",
    ),
    code("telegram_refused", 409, "The bot was asked in vain: {why}.", "Бот не ответил как надо: {why}."),
    code("message_invalid", 422, "The message cannot be sent: {part}.", "Сообщение не отправить: {part}."),
    code(
        "messaging_invalid",
        422,
        "What members are told cannot be set so: {part}.",
        "Так рассылку не настроить: {part}.",
    ),
    code(
        "template_invalid",
        422,
        "The template does not render: {part}, line {line}: {why}.",
        "Шаблон не собирается: {part}, строка {line}: {why}.",
    ),
    code(
        "template_unknown",
        404,
        "There are no such words: see the list of events, channels and languages.",
        "Таких текстов нет: смотрите список событий, каналов и языков.",
    ),
    code("message_unknown", 404, "There is no such message.", "Такого сообщения нет."),
    code("webhook_unknown", 404, "There is no such webhook endpoint.", "Такого получателя событий нет."),
    code(
        "delivery_unknown",
        404,
        "The endpoint was never to be told of this event, or its log has forgotten it.",
        "Этому получателю такое событие не предназначалось, или журнал его уже забыл.",
    ),
    code(
        "webhook_url_refused",
        422,
        "Events are sent to https addresses of the outside: {why}.",
        "События отправляются на внешние адреса https: {why}.",
    ),
    code("event_type_unknown", 422, "There is no event type {event}.", "Событий вида {event} нет."),
    code(
        "too_many_webhooks",
        409,
        "There are {limit} webhook endpoints already.",
        "Получателей событий уже {limit}.",
    ),
    code(
        "replay_form_invalid",
        422,
        "Give one of after, since and skip.",
        "Укажите одно из: after, since, skip.",
    ),
    code(
        "secret_unreadable",
        500,
        "A secret cannot be read. Rotate it, or put the sender anew.",
        "Секрет не читается. Смените его или задайте отправителя заново.",
    ),
    code("draft_unknown", 404, "There is no draft {draft}.", "Черновика {draft} нет."),
    code(
        "draft_changed",
        409,
        "The draft has been changed since: it stands at revision {revision}.",
        "Черновик с тех пор изменили: его редакция — {revision}.",
    ),
    code("too_many_drafts", 409, "There are {limit} drafts already.", "Черновиков уже {limit}."),
    code("version_unknown", 404, "There is no version {version}.", "Версии {version} нет."),
    code(
        "clock_of_live_program",
        409,
        "Only a sandbox program's clock can be set.",
        "Часы переводятся только у программы-песочницы.",
    ),
    code(
        "clock_backwards",
        409,
        "The clock stands at {now} and goes only forward.",
        "Часы показывают {now} и идут только вперёд.",
    ),
    // The server.
    code(
        "seq_not_reached",
        503,
        "The wanted change is not readable yet.",
        "Нужное изменение ещё не прочитать.",
    ),
    code(
        "too_many_guesses",
        429,
        "Too many codes were tried in vain. Try again in {seconds} seconds.",
        "Слишком много неудачных попыток. Повторите через {seconds} с.",
    ),
    code("busy", 503, "Too much is waiting to be written.", "Слишком много записей ждут очереди."),
    code(
        "storage_unavailable",
        503,
        "The database cannot be reached at the moment.",
        "База данных сейчас недоступна.",
    ),
    code("storage_full", 507, "There is no room left to write.", "Не осталось места для записи."),
    code(
        "storage_failed",
        500,
        "The storage failed; nothing was written.",
        "Хранилище дало сбой; ничего не записано.",
    ),
];
