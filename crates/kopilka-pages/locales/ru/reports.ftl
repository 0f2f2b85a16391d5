way-reports = Отчёты
report-activity = Активность
report-activity-about = Кто покупает, как часто и на сколько, по месяцам. Покупка — то, что осталось от оплаченного заказа участника. Кто в свой первый месяц купил больше одного раза, считается и во «Впервые», и в «Не впервые».
report-activity-plot = Участники, которые покупали
report-points = Баллы
report-points-about = Откуда взялись баллы и куда ушли, по месяцам. Возвраты учтены.
report-liability = Обязательства
report-liability-about = Баллы на руках у участников по месяцу, в котором они сгорят.
report-liability-plot = Баллы по месяцу сгорания
report-cohorts = Когорты
report-cohorts-about = Из впервые купивших в каждом месяце — доля купивших снова в каждый следующий месяц.
report-customers = Покупатели
report-customers-about = Как давно и как часто участники покупали и сколько оставили в магазине.
report-month = Месяц
report-buyers = Покупателей
report-new = Впервые
report-repeat = Не впервые
report-repeat-share = Доля повторных
report-orders = Заказы
report-frequency = Заказов на каждого
report-money = Оборот
report-average = Средний чек
report-issued = Начислено
report-spent = Потрачено
report-burnt = Сгорело
report-revoked = Снято при возвратах
report-redemption = Потрачено, %
report-breakage = Сгорело, %
report-with-points = Заказы с оплатой баллами
report-registered = Новые участники
report-ends = Сгорают
report-owed = Баллы
report-worth = Сумма
report-share = Доля
report-never = Никогда
report-first = Впервые купили
report-lately = Последняя покупка
report-often = Покупок
report-each = Оборот на каждого
report-counted = Посчитано: { $value }.
report-not-counted = Ещё не посчитано.
report-count = Пересчитать
report-empty = Считать пока нечего: участники ещё ничего не купили.
notice-counted = Посчитано.
act-admin-reports-count = пересчитал отчёты
month-1 = январь
month-2 = февраль
month-3 = март
month-4 = апрель
month-5 = май
month-6 = июнь
month-7 = июль
month-8 = август
month-9 = сентябрь
month-10 = октябрь
month-11 = ноябрь
month-12 = декабрь
report-after = { $n ->
    [one] через { $shown } месяц
    [few] через { $shown }
   *[many] через { $shown }
}
report-between = { $from }–{ $to } дней назад
report-within = { $n ->
    [one] не больше { $shown } дня назад
   *[many] не больше { $shown } дней назад
}
report-longer = { $n ->
    [one] больше { $shown } дня назад
   *[many] больше { $shown } дней назад
}
report-more = { $n ->
   *[other] больше { $shown }
}
report-total = Всего
