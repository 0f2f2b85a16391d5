//! Problems that only an order history shows: terms beside the way people buy.

use super::{Problem, note, warning};

pub(super) static PROBLEMS: &[Problem] = &[
    warning(
        "expires_before_next_order",
        [
            "these points $terms: before $share % of next purchases they have burnt; the median gap between purchases is $gap",
            "эти баллы $terms: в $share % случаев они сгорают раньше следующей покупки; медианный промежуток между покупками — $gap",
            "lengthen `expires`: three of four next purchases come within $most",
            "удлините `expires`: три из четырёх следующих покупок укладываются в $most",
        ],
    ),
    warning(
        "few_ever_earn",
        [
            "$share % of the $members members who bought again ever got a point",
            "из купивших снова (участников: $members) хоть один балл получили $share %",
            "see whether the history tells the articles, categories and shops that rules ask for; else widen the rules",
            "проверьте, есть ли в истории артикулы, категории и магазины, о которых спрашивают правила; если есть, расширьте правила",
        ],
    ),
    warning(
        "few_ever_spend",
        [
            "$share % of the $members members who bought again could ever pay with points: too few for points to bring anybody back",
            "из купивших снова (участников: $members) хоть раз заплатить баллами смогли бы $share %: ради таких баллов не возвращаются",
            "lower `min_points`, `min_order` or `step`, raise the reward, lengthen `expires`; where `spending` names lines, see whether the history tells their categories",
            "снизьте `min_points`, `min_order` или `step`, поднимите награду, удлините `expires`; если `spending` называет строки, проверьте, есть ли в истории их категории",
        ],
    ),
    note(
        "history_in_another_currency",
        [
            "the history is in $history, the program in $program: amounts were taken one to one, so earning and spending are not judged",
            "история в $history, программа в $program: суммы взяты один к одному, поэтому начисление и списание не оцениваются",
            "to try the program on this history, write its amounts in $history",
            "чтобы примерить программу к этой истории, запишите её суммы в $history",
        ],
    ),
    note(
        "too_few_orders",
        [
            "the history is too small to judge by: $again members bought again in $days; at least $least members and $span are needed",
            "истории мало, чтобы судить: купивших снова — $again за $days; нужно не меньше $least участников и $span",
            "take a longer history: a year is best",
            "возьмите историю подлиннее, лучше за год",
        ],
    ),
];
