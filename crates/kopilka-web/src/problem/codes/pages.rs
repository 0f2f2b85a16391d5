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
        "file_missing",
        422,
        "No file was chosen, or the file is empty. Choose a file and send the form again.",
        "Файл не выбран или пуст. Выберите файл и отправьте форму ещё раз.",
    ),
    code(
        "file_too_large",
        413,
        "The file, unpacked, is larger than {limit} MB. Split it, or use the command line on the server.",
        "Файл в распакованном виде больше {limit} МБ. Разделите его или используйте командную строку сервера.",
    ),
    code(
        "import_unknown",
        404,
        "There is no such import here: it was removed, or its day is over. Upload the file again.",
        "Такой загрузки здесь нет: её убрали или её срок прошёл. Загрузите файл ещё раз.",
    ),
    code(
        "import_not_now",
        409,
        "The import is not at this step. Look at its page and go on from there.",
        "Загрузка сейчас на другом шаге. Откройте её страницу и продолжите оттуда.",
    ),
    code(
        "import_busy",
        409,
        "Another import is at work on this server. Wait until it is done, then start this one.",
        "На сервере уже идёт другая загрузка. Дождитесь её конца и запустите эту.",
    ),
    code(
        "product_unknown",
        404,
        "There is no product with this SKU. Look for it in the list, or add it.",
        "Товара с таким артикулом нет. Найдите его в списке или добавьте.",
    ),
    code(
        "product_taken",
        409,
        "A product with this SKU is there already. Open and change it, or choose another SKU.",
        "Товар с таким артикулом уже есть. Откройте и измените его или выберите другой артикул.",
    ),
    code(
        "page_failed",
        500,
        "The page could not be drawn. The log says why.",
        "Страницу не удалось построить. Причина записана в журнале сервера.",
    ),
];
