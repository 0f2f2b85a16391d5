way-messages = Сообщения
messages-about = О чём узнают участники, по какому каналу и какими словами.
messages-to-log = Журнал сообщений
messages-to-settings = Настройки
messages-to-senders = Указать отправителя
messages-no-senders = Пока никому не пишем: ни у одного канала нет отправителя. Укажите почтовый сервер, SMS-шлюз или бота.
messages-unheard = Эти сообщения отправляют правила, но никто их не получит: нет текста или канала.
messages-event = О чём
messages-on = включено
messages-off = выключено
messages-no-sender = нет отправителя
messages-builtin = готовый текст
messages-own = свой текст
messages-missing = текста ещё нет
messages-not-told = не сообщается
messages-asked-for = по запросу
messages-legend = Выключено — этот канал для события не выбран, включается в настройках. Готовый текст — наш: откройте его, чтобы написать свой.
messages-all = Все сообщения
messages-test = Отправить тест себе
messages-test-about = Сохранённый текст с придуманными цифрами, сразу и один раз.
messages-test-to = Почта, телефон или чат
messages-test-send = Отправить тест
messages-test-sent = Отправлено: { $value }.
messages-test-refused = Не принято: { $value }.
messages-test-address = Такого адреса у канала не бывает: письму нужна почта, SMS — номер телефона, Telegram — номер чата.
told-points-accrued = Начислены баллы
told-points-expiring = Баллы скоро сгорят
told-points-burnt = Баллы сгорели
told-birthday-gift = Подарок ко дню рождения
told-tier-changed = Новый уровень
told-coupon-given = Выдан купон
told-order-paid = Заказ оплачен
told-order-returned = Оформлен возврат
told-one-time-code = Одноразовый код
told-test = Тестовое сообщение
told-own = Сообщение правила
by-email = Почта
by-sms = SMS
by-telegram = Telegram
language-en = Английский
language-ru = Русский
class-service = служебное
class-marketing = реклама, с согласия
template-words = Текст
template-about = Значения стоят в двойных фигурных скобках и подставляются вместе с единицами: «25 бонусов».
template-subject = Тема
template-text = Текст сообщения
template-html = Письмо в HTML
template-html-hint = Если пусто, письмо уйдёт простым текстом.
template-short = Не больше { $n ->
    [one] { $shown } знака
    [few] { $shown } знаков
   *[many] { $shown } знаков
}; платить придётся за каждую часть.
template-save = Сохранить свой текст
template-preview = Посмотреть
template-to-builtin = Вернуть готовый текст
template-builtin-ask = Ваш текст пропадёт, вместо него снова будет наш. Вернуть?
template-delete = Удалить этот текст
template-delete-ask = Без текста сообщение не отправляется. Удалить?
template-not-kept = Не сохранено: текст не собирается. Что не так, сказано у поля.
template-preview-of = Как это будет выглядеть
template-sample = С придуманными цифрами. Картинки с других сайтов здесь не загружаются.
template-letter = Письмо
template-as-text = Простым текстом
template-blank = Пока показать нечего.
template-in = Не собирается
template-part-of = { $value ->
    [subject] тема.
    [html] письмо в HTML.
   *[other] текст сообщения.
}
template-line = Строка { $value }
template-undefined = такого значения нет
template-syntax = шаблон не разобрать
template-unknown = шаблон просит то, чего нет
template-long = слишком длинно
template-steps = слишком много шагов
template-nothing = ничего не сказано
template-letters = это бывает только у писем
template-bad = не собирается
template-signs = { $n ->
    [one] { $shown } знак
    [few] { $shown } знака
   *[many] { $shown } знаков
}
template-parts = { $n ->
    [one] { $shown } часть
    [few] { $shown } части
   *[many] { $shown } частей
}
template-values = Что можно подставить
template-values-about = Значения этого сообщения и их примеры.
template-value = Как писать
template-value-sample = В примере
notice-builtin = Вашего текста больше нет.
log-title = Журнал сообщений
log-about = Каждое сообщение, что с ним стало и почему что-то не ушло. Тексты и адреса не хранятся.
log-state = Состояние
log-channel = Канал
log-any = любое
log-any-channel = любой
log-show = Показать
log-everything = Показать всё
log-of-member = Только сообщения участнику
log-none = Таких сообщений нет.
log-empty = Пока ничего не отправлено. Выберите в настройках, о чём сообщать участникам.
log-member = Участник
log-only = все его сообщения
log-nobody = ничей адрес
log-why = Почему
log-tries = Попыток
log-kept = Записи о завершённых сообщениях хранятся 30 дней.
message-waiting = ждёт
message-sent = отправлено
message-failed = не дошло
message-dropped = не отправлено
message-quiet = Тихие часы: уйдёт { $value }.
message-again = Следующая попытка { $value }.
message-why-too-late = Опоздало: никому уже не нужно.
message-why-no-address = У участника нет адреса для этого канала.
message-why-no-sender = У канала больше нет отправителя.
message-why-erased = Данные человека удалены.
message-why-no-consent = Нет согласия на рекламу по этому каналу.
message-why-cap = Рекламы участнику уже отправлено столько, сколько можно.
message-why-no-base-url = В настройках нет адреса, по которому отписываются.
message-why-no-template = Для него нет текста.
message-why-nothing-burns = Ничего уже не сгорает.
message-why-entry-unknown = Того, о чём оно, больше нет.
message-why-gateway-refused = Шлюз не принял.
act-admin-messages = изменил текст сообщения
act-admin-messages-test = отправил тестовое сообщение
