way-accruals = Начисления
accruals-about = Баллы сразу многим: извинение, приз, подарок, для которого нет правила.
accruals-empty = Многим сразу ещё не начисляли. Выберите сегмент или загрузите список: пока вы не увидите, сколько людей получит баллы, никому ничего не начислится.
accruals-all = Все начисления
accrual-new = Новое начисление
accrual-new-about = Укажите, кому, сколько баллов и за что. Сначала вы увидите, сколько это человек и во что обойдётся; баллы начислятся только после запуска.
accrual-state = Состояние
accrual-whom = Кому
accrual-listed = список
accrual-members = Участники
accrual-member = Участник
accrual-points = Баллы
accrual-given = Начислено
accrual-refused = Отклонено
accrual-undone = Отозвано
accrual-done = Сколько сделано
accrual-liability = Прибавит к обязательствам
accrual-liability-hint = столько можно оплатить этими баллами
accrual-by-segment = Сегмент программы
accrual-by-file = Список из файла
accrual-no-segments = В программе ещё нет сегментов, поэтому загрузите список.
accrual-file-hint = CSV, обычный или сжатый: строка на участника, с заголовком — код, карта, телефон или почта и баллы, если у всех разные. До миллиона участников. Файл не сохраняется.
accrual-each = Баллов каждому
accrual-each-hint = Для списка: сколько получит строка без своих баллов.
accrual-reason = За что
accrual-reason-hint = Останется в журнале каждого участника, поэтому не пишите здесь ничьих имён.
accrual-active-on = Можно тратить с
accrual-active-hint = Пусто: сразу.
accrual-expires-on = Последний день
accrual-expires-hint = Пусто: как в программе.
accrual-at-once = сразу
accrual-as-program = как в программе
accrual-gift-ask = Подарок: баллы не гасят долг участника
accrual-debt = Долг
accrual-gift = не гасится
accrual-repays = гасится сначала
accrual-name = Название
accrual-name-hint = Своё: строчные латинские буквы, цифры и дефис. У другого начисления такого быть не может.
accrual-limit = Если всего выходит больше чем { $value }, запустить должен второй человек.
accrual-look = Посмотреть, сколько их
accrual-whole = Список принимается только целиком, а часть строк не подошла. Ничего не записано: исправьте строки и отправьте файл ещё раз.
accrual-unfit = Строки, которые не подошли
accrual-rows-fit = { $n ->
    [one] Подходит { $shown } строка.
    [few] Подходят { $shown } строки.
   *[many] Подходит { $shown } строк.
}
accrual-rows-unfit = { $n ->
    [one] Не подходит { $shown } строка.
    [few] Не подходят { $shown } строки.
   *[many] Не подходит { $shown } строк.
}
accrual-asked-by = Кто составил
accrual-terms = Условия
accrual-acts = История
accrual-acts-none = Начисление ещё не запускали.
accrual-act-start = запуск
accrual-act-stop = остановка
accrual-act-undo = отзыв
accrual-parts = Участники
accrual-parts-none = Здесь никого нет.
accrual-second = Больше чем { $value }: кто составил начисление, тот его не запускает — нужен другой человек.
accrual-second-mine = Больше чем { $value }, и составили его вы: запустить должен кто-то другой из команды.
accrual-start = Начислить баллы
accrual-start-ask = Начислить баллы сейчас?
accrual-stop = Остановить
accrual-undo = Отозвать
accrual-undo-ask = Отозвать начисленное? С уже потраченным поступят так, как сказано в программе.
accrual-state-preparing = считаем
accrual-state-listing = записывается
accrual-state-ready = ждёт запуска
accrual-state-running = идёт
accrual-state-stopped = остановлено
accrual-state-done = готово
accrual-state-undoing = отзывается
accrual-state-undone = отозвано
accrual-state-failed = сегмента больше нет
accrual-part-all = Все
accrual-part-waiting = ждёт
accrual-part-given = начислено
accrual-part-refused = отклонено
accrual-part-undone = отозвано
accrual-part-kept = отозвать не вышло
act-admin-accruals = составил, запустил, остановил или отозвал начисление
