//! The report's words in English and Russian.

use crate::Spend;
use crate::log::{Article, Log};
use crate::map::{Map, Matching};
use crate::reasons::Reason;
use crate::replay::Options;
use kopilka_core::program::{Program, Text, Trigger};
use kopilka_core::words::Language;

/// The language of the report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Lang {
    #[default]
    En,
    Ru,
}

impl Lang {
    /// One of two texts.
    pub(crate) fn pick<'a>(self, en: &'a str, ru: &'a str) -> &'a str {
        match self {
            Lang::En => en,
            Lang::Ru => ru,
        }
    }
    pub(crate) fn of(self, text: &Text) -> &str {
        self.pick(&text.en, &text.ru)
    }
    pub(crate) fn language(self) -> Language {
        match self {
            Lang::En => Language::En,
            Lang::Ru => Language::Ru,
        }
    }
    pub(crate) fn code(self) -> &'static str {
        self.pick("en", "ru")
    }
    pub(crate) fn order_id(self, map: &Map) -> String {
        match (&map.order_id, &map.columns.order) {
            (Some(words), _) => words.clone(),
            (None, Some(column)) => column.clone(),
            (None, None) => self.pick("the row number", "номер строки").to_owned(),
        }
    }
}

impl Reason {
    /// What of the mapping file or of the engine the reason speaks of.
    pub(crate) fn detail(self, map: &Map) -> String {
        match self {
            Reason::NotGoods(code) | Reason::Delivery(code) | Reason::GiftCard(code) => {
                map.codes.get(usize::from(code)).map_or(String::new(), |c| {
                    let names = c.sku.iter().cloned().chain(c.prefix.iter().map(|p| format!("{p}…")));
                    format!("{} ({})", c.why, names.collect::<Vec<_>>().join(", "))
                })
            }
            Reason::OrderRefused(code) | Reason::ReturnRefused(code) => code.to_owned(),
            _ => String::new(),
        }
    }
}

/// A reason in words.
pub(crate) fn reason_text(lang: Lang, reason: Reason, map: &Map) -> String {
    let (en, ru) = match reason {
        Reason::NoCustomer => ("no customer named", "покупатель не указан"),
        Reason::OtherDocument => ("neither an order nor a return", "не заказ и не возврат"),
        Reason::NotGoods(_) => ("not goods: left out", "не товар: не учтено"),
        Reason::ReturnUnmatched => ("return without an earlier purchase", "возврат без прежней покупки"),
        Reason::NegativePrice => ("negative price", "отрицательная цена"),
        Reason::NegativeQuantity => ("negative quantity on an order", "отрицательное количество в заказе"),
        Reason::ZeroQuantity => ("no pieces", "нулевое количество"),
        Reason::OrderOfAnotherCustomer => {
            ("the order id belongs to another customer", "номер заказа занят другим покупателем")
        }
        Reason::OrderRefused(_) => ("order refused by the engine", "заказ отклонён движком"),
        Reason::ReturnRefused(_) => ("return refused by the engine", "возврат отклонён движком"),
        Reason::ReturnInPart => ("return covered only in part", "возврат покрыт лишь частично"),
        Reason::PriceFinerThanMinorUnit => (
            "price finer than the minor unit: amount rounded half up",
            "цена мельче копейки: сумма округлена",
        ),
        Reason::Delivery(_) => ("taken as delivery", "учтено как доставка"),
        Reason::GiftCard(_) => ("taken as a gift card", "учтено как подарочная карта"),
        Reason::ZeroAmount => ("costs nothing", "стоит ноль"),
    };
    let detail = reason.detail(map);
    let text = lang.pick(en, ru);
    if detail.is_empty() { text.to_owned() } else { format!("{text}: {detail}") }
}

/// Each member's life is replayed by itself, so nobody sees what the others have used.
fn what_lives_alone_hide(program: &Program, say: &mut impl FnMut(String, String)) {
    let shared: Vec<&str> =
        program.rules.iter().filter(|r| r.limits.total.is_some()).map(|r| r.id.as_str()).collect();
    if !shared.is_empty() {
        let rules = shared.join(", ");
        say(
            format!(
                "Limits for all members together ({rules}) bound each member alone: the figures are the most \
                 these rules could cost."
            ),
            format!(
                "Лимиты на всех участников вместе ({rules}) действуют здесь на каждого отдельно: суммы \
                 показывают, во что эти правила обошлись бы самое большее."
            ),
        );
    }
    if !program.coupons.campaigns.is_empty() {
        say(
            "The log names no coupons: campaigns cost nothing here.".into(),
            "Купонов в журнале нет: кампании здесь ничего не стоят.".into(),
        );
    }
}

/// What the replay takes for granted, in words.
pub(crate) fn assumptions(lang: Lang, log: &Log, options: &Options) -> Vec<String> {
    let map = &log.map;
    let program = &options.program;
    let (zone, program_zone) = (&map.timezone, program.zone.name());
    let mut out = Vec::new();
    let mut say = |en: String, ru: String| out.push(if lang == Lang::En { en } else { ru });
    let (from, to) = (map.currency.as_deref().unwrap_or("?"), program.currency.code());
    say(
        format!("The log's amounts ({from}) are taken one to one in the program's currency ({to})."),
        format!("Суммы журнала ({from}) взяты один к одному в валюте программы ({to})."),
    );
    say(
        format!(
            "The log's times are of {zone}; calendar rules and months are of {program_zone}, the program's."
        ),
        format!("Время журнала — {zone}; календарные правила и месяцы — по поясу программы, {program_zone}."),
    );
    if log.has_days {
        let at = &map.time_of_day;
        say(
            format!("Days without a time of day stand at {at}."),
            format!("Дни без времени суток стоят в {at}."),
        );
    }
    let order_id = lang.order_id(map);
    say(format!("Order id: {order_id}."), format!("Номер заказа: {order_id}."));
    say(
        "Every order is paid when its first row says so; its amounts are facts, points come off them.".into(),
        "Каждый заказ оплачен во время своей первой строки; суммы — факт, баллы уменьшают их.".into(),
    );
    what_lives_alone_hide(program, &mut say);
    let (en, ru) = match options.spend {
        Spend::Never => ("Nobody spends points.", "Баллы никто не тратит."),
        Spend::Max => (
            "Every order is paid with as many points as it may be: the dearest case for the shop.",
            "Каждый заказ оплачен баллами, сколько можно: самый дорогой для магазина случай.",
        ),
        Spend::Half => (
            "Every order is paid with half of the points it could be.",
            "Каждый заказ оплачен половиной баллов, которыми можно было.",
        ),
    };
    say(en.into(), ru.into());
    say_members(&mut say, options);
    say_rows(&mut say, log);
    say(
        "The replay ends with the log's last row; time does not run on. Customers buy what they bought: the \
         program does not change their behaviour."
            .into(),
        "Прогон кончается последней строкой журнала, время дальше не идёт. Покупают то, что купили: \
         программа поведения не меняет."
            .into(),
    );
    out
}

fn say_members(say: &mut impl FnMut(String, String), options: &Options) {
    let program = &options.program;
    if options.welcome {
        say(
            "Customers register with their first order in the log, and the rules of registration fire."
                .into(),
            "Покупатели регистрируются первым заказом в журнале, правила регистрации срабатывают.".into(),
        );
    } else {
        say(
            "Customers are members from their first order in the log on; as in any import, the rules of \
             registration do not fire."
                .into(),
            "Покупатели участвуют с первого заказа в журнале; как при всяком импорте, правила регистрации \
             не срабатывают."
                .into(),
        );
    }
    if program.rules.iter().any(|r| matches!(r.when, Trigger::MemberBirthday { .. })) {
        say(
            "The log knows no birth dates: birthday rules do not fire.".into(),
            "Дат рождения в журнале нет: правила дня рождения не срабатывают.".into(),
        );
    }
}

fn say_rows(say: &mut impl FnMut(String, String), log: &Log) {
    if log.classes.returns.rows > 0 {
        let (en, ru) = match log.map.returns.matching {
            Matching::Newest => ("newest", "с последней"),
            Matching::Oldest => ("oldest", "с первой"),
        };
        say(
            format!(
                "Returns name no order: they are matched to earlier purchases by customer and article, {en} \
                 first, and refunded at the price of the purchase."
            ),
            format!(
                "Возвраты не называют заказа: они сопоставлены прежним покупкам по покупателю и артикулу, \
                 начиная {ru}, и возмещены по цене покупки."
            ),
        );
    }
    if log.articles.iter().any(|a| *a != Article::Goods) {
        say(
            "Carriage is the order's delivery; other codes that are no goods are left out of the orders."
                .into(),
            "Пересылка — доставка заказа; прочие коды, что не товар, в заказы не вошли.".into(),
        );
    }
}
