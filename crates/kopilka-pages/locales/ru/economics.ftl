program-to-month = Проверить на прошлом месяце
long-work-goes-on = Страница обновляется сама. Если уйти, работа продолжится.
beside-heading = Проверить на прошлом месяце
beside-about = Недавние заказы магазина пересчитываются по правилам, которые вы выберете, и сравниваются с действующими. Ничего не сохраняется, покупатели ни о чём не узнают.
beside-what = Какие правила проверить
beside-draft = черновик
beside-version = версия { $value }
beside-in-force = действует, версия { $value }
beside-days = За сколько дней
beside-days-n = { $n ->
    [one] { $shown } день
    [few] { $shown } дня
   *[other] { $shown } дней
}
beside-button = Посчитать
beside-awaits = Здесь появится результат: сколько баллов дают те и другие правила, во что они обходятся, какие правила сработают и какие заказы выйдут иначе.
beside-nothing = Нет ни черновика, ни другой версии: сравнивать действующие правила не с чем. Сначала что-нибудь измените.
beside-no-draft = Ничего не изменено, поэтому черновика нет.
beside-choose = Выберите, что проверить: черновик или версию.
beside-has-errors = В этих правилах ошибки, по ним не посчитать ни одного заказа. Сначала исправьте их.
beside-other-units = В этих правилах другая валюта или другие баллы, поэтому суммы с действующими не сравнить.
beside-running = { $n ->
    [one] Посчитан { $shown } заказ.
    [few] Посчитано { $shown } заказа.
   *[other] Посчитано { $shown } заказов.
}
beside-outcome = Что получилось
beside-replayed = { $orders }, { $members }, с { $from } по { $to }.
beside-orders-n = { $n ->
    [one] { $shown } заказ
    [few] { $shown } заказа
   *[other] { $shown } заказов
}
beside-members-n = { $n ->
    [one] { $shown } участник
    [few] { $shown } участника
   *[other] { $shown } участников
}
beside-old = С тех пор правила изменились: посчитайте ещё раз, чтобы увидеть, как теперь.
beside-cut = Заказов больше, чем считается за раз: взяты { $most } самых новых, у одного участника — не больше { $each }.
beside-difference = Разница
beside-given = Начислено баллов
beside-worth = Сколько ими можно оплатить
beside-discounts = Скидки
beside-cost = Баллы и скидки вместе
beside-spent = Потрачено баллов
beside-pays = Платят покупатели
beside-refused = Отклонено заказов
beside-refused-now = отклонён новыми правилами: { $value }
beside-refused-before = отклонён действующими правилами: { $value }
beside-rules = Правила
beside-rules-about = Сколько раз сработало каждое и что дало. Правило, которое умножает, действует через другие: его баллы стоят у них.
beside-reductions = Скидки и купоны
beside-times = раз
beside-gave = дало
beside-took = снято
beside-new = новое
beside-gone = убрано
beside-own-points = Собственные баллы товаров
beside-changes = Заказы, которые выходят иначе
beside-changed-n = { $n ->
    [0] Ни один заказ не выходит иначе.
    [one] Иначе выходит { $shown } заказ.
    [few] Иначе выходят { $shown } заказа; самые большие изменения — первые.
   *[other] Иначе выходят { $shown } заказов; самые большие изменения — первые.
}
beside-granted = Что принято за данность
beside-granted-orders = Заказы участников взяты такими, какие они сейчас: возвращённого в них нет, заказов гостей среди них нет.
beside-granted-spent = Каждый заказ берёт столько баллов, сколько взял на самом деле, если правила столько позволяют.
beside-granted-members = Уровни — те, что были при первом заказе, метки — сегодняшние. Баллы за друзей и за регистрацию и подарочные карты не считаются.
beside-granted-limits = Лимиты на всех участников вместе действуют здесь на каждого отдельно и считаются с первого дня.
beside-granted-behaviour = Люди покупают то, что купили: правила здесь этого не меняют.
way-economics = Экономика
economics-about = Сколько будет стоить программа: посчитайте до запуска. Правила применяются к истории заказов из файла, с учётом возвратов и дат.
economics-upload = Загрузить историю
economics-another = Загрузить другую историю
economics-upload-about = Таблица с заголовком: кто купил, когда и на сколько; с номерами заказов и артикулами ответ точнее. Её видите только вы, на сервере она лежит не дольше получаса и не попадает ни к участникам, ни в заказы программы.
economics-awaits = Здесь появится результат: сколько баллов начислено и потрачено, во что обходится программа, сколько она должна участникам, и таблица по месяцам. Загрузите историю и посчитайте.
economics-file = Файл
economics-file-hint = CSV, сжатый или нет, до 100 МБ и двух миллионов строк. Строки без покупателя посчитаны, но не участвуют.
economics-send = Загрузить
economics-history = История
economics-lies = { $name }, { $size } КБ. Удалится сама через { $minutes } мин.
economics-forget = Удалить сейчас
notice-history-forgotten = История и всё, что по ней посчитано, удалены.
act-admin-economics-upload = загрузил историю заказов для прогона
act-admin-economics-forget = удалил загруженную историю заказов
economics-columns = Что в какой колонке
economics-columns-about = Угадано по заголовку. Нужны покупатель, время и одна из двух сумм.
economics-known = Эта история известна, читать её по описанию:
economics-column-customer = Покупатель
economics-column-time = Время
economics-column-order = Номер заказа
economics-column-price = Цена за штуку
economics-column-amount = Сумма строки
economics-column-quantity = Штук
economics-column-sku = Артикул
economics-column-category = Категория
economics-column-brand = Бренд
economics-column-none = нет
economics-zone = Часовой пояс истории
economics-zone-hint = Например, Europe/Moscow.
economics-returns = Возвраты — это
economics-returns-negative = строки с отрицательным количеством или суммой
economics-returns-prefix = заказы, номер которых начинается с
economics-returns-none = их нет
economics-prefix = Начало номера возврата
economics-how = Как прогнать
economics-first = Правила
economics-second = Рядом с ними
economics-alone = ничего
economics-spend = Баллы тратят
economics-spend-max = сколько можно, в каждом заказе
economics-spend-half = половину того, что можно
economics-spend-never = никогда
economics-welcome = Баллы за регистрацию приходят с первым заказом
economics-button = Прогнать
economics-running = Идёт прогон истории.
economics-no-customer = Укажите, в какой колонке покупатель: ничьи заказы ничего не приносят.
economics-no-time = Укажите, в какой колонке время заказа.
economics-no-money = Укажите, в какой колонке цена за штуку или сумма строки.
economics-two-moneys = Выберите что-то одно: цену за штуку или сумму строки.
economics-no-zone = Такого часового пояса нет. Пишется он так: Europe/Moscow.
economics-no-prefix = Укажите, с чего начинается номер возврата.
economics-prefix-without-order = Возвраты узнаются по номеру, а колонки с номером заказа нет.
economics-no-table = Это не таблица с заголовком: в первой строке нужны названия хотя бы двух колонок через запятую, точку с запятой или табуляцию.
economics-gone = Истории здесь больше нет: прошло полчаса или отвечает другой сервер. Загрузите её ещё раз.
economics-choose = Выберите, по каким правилам прогнать.
economics-died = Прогон не дошёл до конца. Причина — в журнале сервера; загрузите историю ещё раз.
economics-too-many-rows = { $n ->
    [one] В истории больше { $shown } строки. Сократите её или запустите `kopilka replay` на сервере.
   *[other] В истории больше { $shown } строк. Сократите её или запустите `kopilka replay` на сервере.
}
economics-unreadable = Историю не прочитать. { $value }. Заголовок — строка 1.
economics-report = Что получилось
economics-about-report = { $name }, с { $from } по { $to }. Участников: { $members }, заказов: { $orders }. Суммы в валюте { $currency }.
economics-violation = Счета участника не сходятся, это ошибка Kopilka:
economics-cost-share = Оплачено баллами, от продаж, %
economics-most-share = Вместе со всем, что ещё не погашено, %
economics-sales = Продажи
economics-by-points = Оплачено баллами
economics-liability = Обязательства в конце
economics-net = Деньги магазина
economics-issued = Начислено баллов
economics-spent = Потрачено баллов
economics-come-back = Вернулось с возвратами
economics-expired = Сгорело
economics-revoked = Отобрано при возвратах
economics-outstanding = Осталось баллов
economics-redemption = Потрачено от начисленного, %
economics-breakage = Сгорело от начисленного, %
economics-orders = Заказы
economics-spenders = Участники, которые тратили
economics-by-month = По месяцам
economics-charged = Продажи до баллов
economics-rows-heading = Строки файла
economics-rows = Строки
economics-rows-orders = Заказов
economics-rows-returns = Возвратов
economics-rows-nobody = Без покупателя
economics-rows-other = Других документов
economics-reasons-about = Все строки, которые не учтены или учтены не как обычный товар. У строки бывает несколько причин.
economics-reason = Причина
economics-used = Учтено
economics-used-no = нет
economics-used-in-part = частью
economics-used-otherwise = да
economics-amount = Сумма
economics-busy = Прогон, от которого вы отказались, ещё идёт. Повторите, когда он закончится.
