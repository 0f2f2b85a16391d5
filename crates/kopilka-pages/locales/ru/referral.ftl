way-referral = Друзья
referral-about = Что получают участники за приведённых друзей, кого привёл каждый и с каких сайтов приходят.
referral-to-program = К правилам
referral-empty = За друзей программа пока ничего не даёт. Добавьте правило с событием «друг купил» или купоны, по которым приводят друзей.
referral-gives = Что даётся
referral-campaign = Кто заказал с таким кодом, того привёл владелец кода.
referral-within-minutes = Переход по ссылке считается { $n ->
    [one] { $shown } минуту
    [few] { $shown } минуты
   *[many] { $shown } минут
}.
referral-within-hours = Переход по ссылке считается { $n ->
    [one] { $shown } час
    [few] { $shown } часа
   *[many] { $shown } часов
}.
referral-within-days = Переход по ссылке считается { $n ->
    [one] { $shown } день
    [few] { $shown } дня
   *[many] { $shown } дней
}.
referral-within-months = Переход по ссылке считается { $n ->
    [one] { $shown } месяц
    [few] { $shown } месяца
   *[many] { $shown } месяцев
}.
referral-touch-first = Из нескольких ссылок считается первая.
referral-touch-last = Из нескольких ссылок считается последняя.
referral-back-own = При возврате заказа снимается то, что осталось от начисленных за него баллов.
referral-back-debt = При возврате забирается всё, что он принёс, если надо — в долг.
referral-back-off = При возврате ничего не забирается.
referral-network = Друзья одного участника
referral-find = Телефон, карта, почта или номер участника
referral-not-found = По этому никто не нашёлся.
referral-several = По этому нашлось несколько: выберите одного по номеру участника.
referral-to-card = Все друзья в карточке участника
referral-nobody = Пока никого не привели.
sites-title = Сайты
sites-about = Кто пришёл с подтверждённого сайта, того привёл участник.
sites-empty = Сайтов пока нет. Добавьте ниже, затем подтвердите, что сайт участника.
sites-unconfirmed = ещё не подтверждён
sites-place = Поставьте на сайт одно из трёх и проверьте.
sites-content = в нём только это
sites-check-file = Проверить файл
sites-check-meta = Проверить тег
sites-remove = Убрать
sites-remove-ask = Пришедших оттуда больше никто не приведёт. Убрать сайт?
sites-new = Новый сайт
sites-claim = Добавить
site-by-file = файл
site-by-meta = тег главной страницы
site-confirmed = подтверждён { $at }: { $by }
notice-site-claimed = Сайт добавлен. Он засчитается, когда будет подтверждён.
notice-site-removed = Сайт убран.
notice-site-confirmed = Сайт подтверждён.
act-admin-referral-sites = изменил сайты участника
sites-check-dns = Проверить запись
site-by-dns = текстовая запись имени
