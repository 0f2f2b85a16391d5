//! What pages for people are refused for.

use super::{Code, code};

pub const OF_PAGES: &[Code] = &[
    code(
        "form_invalid",
        400,
        "This is not what a form of a page sends.",
        "Это не похоже на отправленную форму страницы.",
    ),
    code(
        "form_expired",
        403,
        "The page was opened before you last signed in. Go back, load it again, and send the form once more.",
        "Страница была открыта до последнего входа. Вернитесь, обновите её и отправьте форму ещё раз.",
    ),
    code(
        "form_foreign",
        403,
        "The form came from another site, so it was not read.",
        "Форма пришла с другого сайта, поэтому не принята.",
    ),
    code(
        "signed_out",
        401,
        "You are signed out. Load the page again and sign in.",
        "Вы вышли из системы. Обновите страницу и войдите.",
    ),
    code(
        "door_closed",
        403,
        "Your role does not open this page. These do: {roles}.",
        "Ваша роль не открывает эту страницу. Её открывают: {roles}.",
    ),
    code(
        "page_failed",
        500,
        "The page could not be drawn. The log says why.",
        "Страницу не удалось построить. Причина записана в журнале сервера.",
    ),
];
