way-segments = Сегменты
segments-about = Кого программа отличает. Правила, скидки и начисления могут быть только для них; кто входит в сегмент, решается каждый раз заново.
segments-empty = В программе ещё нет сегментов. Они описываются в её тексте, каждый со своими условиями.
segments-to-program = К программе
segments-all = Все сегменты
segments-control = В контрольную группу отложено { $value } % участников, чтобы понять, что даёт сама программа.
segment-who = Кто в нём
segment-accrue = Начислить баллы
segment-how-many = Сколько их
segment-count-hint = Это число нигде не хранится: участник может войти в сегмент или выйти из него в любой день. За один раз проверяется десять тысяч участников.
segment-count = Посчитать
segment-count-on = Считать дальше
segment-members = { $n ->
    [one] { $shown } участник
    [few] { $shown } участника
   *[many] { $shown } участников
}
segment-counted = { $members } из всех { $value }.
segment-counted-part = { $members } среди первых { $value }; проверены не все.
segment-looked = { $n ->
    [one] Для этой страницы проверен { $shown } участник.
    [few] Для этой страницы проверено { $shown } участника.
   *[many] Для этой страницы проверено { $shown } участников.
}
segment-nobody = Среди проверенных в сегменте никого нет.
segment-contact = Телефон, почта или карта
segment-available = Можно потратить
