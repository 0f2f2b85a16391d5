//! What one-time codes, and what goes with them, are refused for.

use super::{Code, code};

pub const OF_CODES: &[Code] = &[
    code(
        "code_form_invalid",
        422,
        "Name member, order_id and points, or a phone, or an e-mail: one of the three.",
        "Назовите member, order_id и points, либо телефон, либо почту: одно из трёх.",
    ),
    code(
        "code_no_sender",
        409,
        "The program sends no messages by this channel: set up a sender, or send the code yourself.",
        "Программа ничего не отправляет этим способом: настройте отправку или отправьте код сами.",
    ),
    code(
        "code_no_address",
        409,
        "The member has no phone or e-mail to send a code to.",
        "У участника нет телефона или почты, чтобы отправить код.",
    ),
    code(
        "code_too_soon",
        429,
        "A code went there a moment ago. Another one can go in {seconds} seconds.",
        "Туда только что отправили код. Следующий можно отправить через {seconds} с.",
    ),
    code(
        "code_too_many",
        429,
        "Too many codes were sent there, or asked for by this key, in a day.",
        "За сутки туда отправлено или этим ключом запрошено слишком много кодов.",
    ),
    code(
        "address_form_invalid",
        422,
        "Give either a new phone or a new e-mail address.",
        "Укажите либо новый телефон, либо новую почту.",
    ),
    code("code_unknown", 404, "There is no such code.", "Такого кода нет."),
    code(
        "code_wrong",
        422,
        "The code is another one. Tries left: {left}.",
        "Код другой. Осталось попыток: {left}.",
    ),
    code(
        "code_void",
        410,
        "Too many wrong tries ended this code. Send a new one.",
        "Слишком много ошибок: этот код больше не действует. Отправьте новый.",
    ),
    code(
        "code_expired",
        410,
        "The code, or what it confirmed, is over. Send a new one.",
        "Срок кода или подтверждения прошёл. Отправьте новый.",
    ),
    code(
        "code_of_another",
        403,
        "The codes do not confirm this: the new address and one of the member's before it.",
        "Коды подтверждают не это: нужны новый адрес и один из прежних адресов участника.",
    ),
];
