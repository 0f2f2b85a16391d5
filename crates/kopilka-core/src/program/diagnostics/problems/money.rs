//! Problems of money and clarity: they never stop a program.

use super::{Problem, warning};

pub(super) static PROBLEMS: &[Problem] = &[
    warning(
        "reward_too_small",
        [
            "a purchase brings $share % of its price back: below $least % people do not notice it",
            "с покупки возвращается $share % цены: меньше $least % люди не замечают",
            "raise the percent or the points, or make the reward rarer and larger",
            "поднимите процент или баллы либо сделайте награду реже, но крупнее",
        ],
    ),
    warning(
        "no_accrual_hold",
        [
            "points of an order can be spent at once, so goods can be returned after their points are spent",
            "баллы за заказ можно потратить сразу, а потом вернуть товар",
            "set `accrual: { active_after: 14 days }`, the time in which goods may come back",
            "задайте `accrual: { active_after: 14 days }` — срок, в который товар могут вернуть",
        ],
    ),
    warning(
        "transfers_before_returns",
        [
            "points of an order can be transferred at once, so goods can be returned after their points are gone",
            "баллы за заказ можно сразу передать другому, а потом вернуть товар",
            "set `order_points_after: 14 days` under `transfers`, or `active_after: 14 days` under `accrual`",
            "задайте `order_points_after: 14 days` в `transfers` или `active_after: 14 days` в `accrual`",
        ],
    ),
    warning(
        "rounding_gains_by_splitting",
        [
            "with `$rounding` many small orders earn more than one large one",
            "с `$rounding` много мелких заказов приносят больше, чем один крупный",
            "`rounding: floor` never lets splitting gain",
            "при `rounding: floor` дробить заказ невыгодно",
        ],
    ),
    warning(
        "expires_before_useful",
        [
            "these points wait $wait and then live only $life",
            "эти баллы ждут $wait, а живут потом только $life",
            "lengthen `expires` or shorten `active_after`",
            "удлините `expires` или сократите `active_after`",
        ],
    ),
    warning(
        "limit_cuts_always",
        [
            "$points points are always cut to the limit of $limit",
            "$points баллов всегда срезаются до предела в $limit",
            "raise `per_order` or write the smaller number",
            "поднимите `per_order` или напишите меньшее число",
        ],
    ),
    warning(
        "too_many_rules",
        [
            "$count rules for `$trigger`: more than $most are understood neither by buyers nor by staff",
            "правил для `$trigger`: $count; больше $most не понимают ни покупатели, ни сотрудники",
            "join rules that differ only in the rate: `rates` under one `credit`",
            "слейте правила, которые отличаются только ставкой: `rates` в одном `credit`",
        ],
    ),
    warning(
        "birthday_known_at_once",
        [
            "a birthday counts even when it was told the day before",
            "день рождения засчитывается, даже если его назвали накануне",
            "set `birthday: { known_for: 30 days }`, or `0 days` to say that this is meant",
            "задайте `birthday: { known_for: 30 days }` или `0 days`, если так и задумано",
        ],
    ),
    warning(
        "points_for_a_level_again",
        [
            "buying and returning reaches the level again and again, and its points stay each time",
            "купив и вернув, уровень получают снова и снова, и баллы за него каждый раз остаются",
            "bound the rule: `limits: { per_member: { times: 1 } }`",
            "ограничьте правило: `limits: { per_member: { times: 1 } }`",
        ],
    ),
    warning(
        "unused_group",
        [
            "neither a rule nor a discount names the group `$group`",
            "группу `$group` не называет ни правило, ни скидка",
            "remove it, or add `group: $group` where it is meant",
            "уберите её или добавьте `group: $group` туда, где она нужна",
        ],
    ),
    warning(
        "rate_never_used",
        [
            "a rate above takes every line, so this one is never reached",
            "ставка выше забирает все строки, до этой дело не дойдёт",
            "the first match holds: put the narrow ones first",
            "действует первое совпадение: узкие ставки ставьте раньше",
        ],
    ),
    warning(
        "no_rules",
        [
            "the program has no rules: nobody will ever earn a point",
            "в программе нет правил: никто не получит ни балла",
            "add `rules:`",
            "добавьте `rules:`",
        ],
    ),
    warning(
        "too_many_problems",
        ["only the first $limit problems are shown", "показаны только первые $limit", "", ""],
    ),
];
