look-again = Обновить
segment = Сегмент
sheet-file = Файл
sheet-line = Строка
sheet-why = Что не так
sheet-cells = Содержание
sheet-no-heading = В файле нет заголовка: первая строка должна называть столбцы.
sheet-column-unknown = Столбца «{ $value }» нет.
sheet-field-unknown = «{ $value }» — такого в столбце быть не может.
sheet-column-missing = Не указан столбец: { $value }. Выберите его.
sheet-no-identifier = Ни один столбец не отличает участников друг от друга: нужен свой код, карта, телефон или почта.
sheet-too-long = { $n ->
    [one] В списке больше { $shown } участника. Разделите его.
    [few] В списке больше { $shown } участников. Разделите его.
   *[many] В списке больше { $shown } участников. Разделите его.
}
sheet-utf16 = Файл в UTF-16. Сохраните его как CSV в UTF-8 или Windows-1251.
sheet-unreadable = Файл не читается: { $value }
