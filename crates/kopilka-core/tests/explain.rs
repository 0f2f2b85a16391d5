//! A program told in words says what the program does, in both languages.
#![allow(clippy::disallowed_methods, reason = "tests read documents from files; the core never does")]

use kopilka_core::program::{Program, Text, compile, explain};

const RICH: &str = "
program: shop
currency: RUB
points: { value: 0.10, precision: 1, rounding: half_up, expires: 1 year, ends: exact }
accrual: { active_after: 21 days, base: { lines: all, amount: before_points, tax: excluded } }
spending: { max_share: 50, of: order, exclude: { brand: [A, B] }, delivery: true, min_points: 2.5, step: 5,
  min_order: 1000, leave_per_piece: 0.01 }
holds: { late_shortfall: shop_loss }
transfers: { min_points: 10, max_points: 500, order_points_after: 3 days }
returns: { on_refund: { regrant: 2 days }, clawback: pending_only, on_threshold_broken: { earning: keep } }
birthday: { known_for: 2 months }
groups: { g: best, e: exclusive }
discount_limits: { max_share: 60, least_per_piece: 1 }
discounts:
  - { id: d1, percent: 50, on: cheapest, of: { tag: shirts }, cap: 500, if: { quantity: { from: 2 } } }
  - { id: d2, price: 99, on: each_piece, max_pieces: 5, priority: 3 }
  - { id: d3, group: g, by_table: [{ from: 10, percent: 3 }, { from: 50, amount: 5 }], base: list }
  - { id: d4, amount: 7, on: { nth: 3 }, group: e }
  - { id: d5, percent: 100, on: delivery }
rules:
  - { id: early, when: { member.birthday: { days: -1 } }, then: [{ credit: { points: 1, gift: true } }] }
  - id: x
    group: g
    when: order.paid
    if: { all: [{ any: [{ weekday: [sat, sun] }, { shop: outlet }] }, { none: [{ hours: { from: '22:00', to: '24:00' } }] }] }
    then: [{ credit: { percent: 7.5, rates: [{ match: { category: food }, percent: 0 }], expires: never } }]
    limits: { per_order: 300 }
  - id: z
    when: order.paid
    if:
      all:
        - line: { category: shoes, price: { above: 9.99 }, on_sale: false, total: { from: 20 }, quantity: { to: 3 } }
        - order_total: { from: 100, below: 200 }
        - order_total_list: { to: 300 }
        - quantity: { from: 2, to: 2 }
        - any: [{ first_order: true }, { order_number: 7 }, { money_paid: { from: 1000 } }]
        - age: { from: 18 }
        - days_since_registration: { from: 5 }
        - days_since_last_order: { from: 6, to: 60 }
        - bought_before: { category: shoes, within: 90 days, orders: { from: 2 }, total: { from: 500 }, quantity: { to: 9 } }
    then: [{ credit: { percent: 1 } }]
  - { id: t, group: e, when: order.paid, then: [{ credit: { by_table: [{ from: 0, percent: 3 }, { from: 50, percent: 5 }], marginal: true } }] }
  - { id: u, group: e, when: order.paid, then: [{ credit: { by_table: [{ from: 10, points: 3 }, { from: 50, points: 6, per: 10 }], of: { tag: new } } }],
      limits: { per_order: 9, overflow: refuse } }
  - { id: m, when: order.paid, then: [{ multiply: { by: 1.5, of: { tag: new } } }] }
  - { id: y, group: g, when: order.paid, then: [{ credit: { points: 3, per: 100, of: { tag: new } } }] }
";

/// The words as a person reads them: a sum and its currency stay on one line by marks that nobody sees.
fn words(program: &Program) -> Text {
    let Text { en, ru } = explain::explain(program);
    let read = |text: String| text.replace('\u{a0}', " ");
    Text { en: read(en), ru: read(ru) }
}

#[test]
fn every_setting_and_rule_is_told_in_both_languages() {
    let compiled = compile(RICH);
    let told = words(&compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
    let english = [
        "One pays 0.10 RUB",
        "21 days after the payment",
        "the price of goods and delivery after discounts, before points, tax excluded",
        "Points live 1 year",
        "ends to the minute",
        "up to 50 % of the goods of an order",
        "all but brand A or B",
        "At least 2.5 points at a time",
        "goods for 1,000 RUB or more",
        "live 2 days more, once",
        "Points of an order can be sent 3 days after they became available.",
        "At least 10 points at a time",
        "At most 500 points at a time",
        "early: 1 day before the birthday: 1 point, to be spent at once (a gift: it does not repay a debt).",
        "x: for a paid order, if (it is Saturday or Sunday or in shop outlet) and \
         not (between 22:00 and 24:00): 7.5 %, but 0 % of category food, for ever; at most 300 points for one order.",
        "z: for a paid order, if the order has lines: category shoes and not on sale and price 10 RUB or more, \
         together 20 RUB or more, pieces 3 or less and the goods after discounts come to from 100 RUB to \
         199.99 RUB and the goods before discounts come to 300 RUB or less and pieces of goods: 2 and (it is the \
         member's first order or it is order number 7 or the member has paid for orders before 1,000 RUB or more) \
         and years of age: 18 or more and days since registration: 5 or more and days since the order before: \
         from 6 to 60 and earlier orders in the last 90 days had category shoes, orders: 2 or more, \
         paid: 500 RUB or more, pieces: 9 or less: 1 %.",
        "t: for a paid order: by the amount: from 0 RUB on 3 %, from 50 RUB on 5 %, each on its own part.",
        "u: for a paid order: by the amount: from 10 RUB on 3 points, from 50 RUB on 6 points for each whole \
         10 RUB of tag new; nothing where it would be more than 9 points for one order.",
        "m: for a paid order: points of tag new are multiplied by 1.5.",
        "Of t, u: one alone counts, when it gives more than all others together.",
        "- d2: the price 99 RUB each piece, at most 5 pieces.\n- d1: 50 % off the cheapest piece of tag shirts, at most \
         500 RUB for one order, if pieces of goods: 2 or more.",
        "- d3: from 10 RUB on 3 % off, from 50 RUB on 5 RUB off all goods, counted on the list price.",
        "- d4: 7 RUB off every piece number 3 from the dearest down.\n- d5: 100 % off delivery.",
        "- Of d3: the one that is best for the buyer acts.\n- Of d4: one alone acts, when that is best for the buyer.",
        "at most 60 % of a line.\n- Every piece costs at least 1 RUB",
        "what was earned stays for the rest",
        "y: for a paid order: 3 points for each whole 100 RUB of tag new.",
        "Of x, y: the one that gives most counts.",
        "known for 2 months",
    ];
    for sentence in english {
        assert!(told.en.contains(sentence), "{sentence}\n{}", told.en);
    }
    let russian = [
        "через 21 день после оплаты",
        "Баллы живут 1 год",
        "до 50 % товаров заказа",
        "Не меньше чем 2,5 балла за раз",
        "живут ещё 2 дня",
        "передать через 3 дня после",
        "Не больше чем 500 баллов за раз",
        "early: за 1 день до дня рождения: 1 балл, тратить можно сразу (подарок: долг не гасит).",
        "не больше чем 300 баллов за заказ",
        "y: за оплаченный заказ: 3 балла за каждые полные 100 ₽ (строки: метка new).",
        "в заказе есть строки: категория shoes и не уценённые и цена 10 ₽ или больше, вместе 20 ₽ или больше",
        "- d1: скидка 50 % на самую дешёвую штуку (строки: метка shirts), не больше 500 ₽ за заказ, если штук",
        "- d4: скидка 7 ₽ на каждую 3-ю штуку, считая от самой дорогой.",
        "m: за оплаченный заказ: баллы (строки: метка new) умножаются на 1.5.",
        "дней с предыдущего заказа: от 6 до 60 и в прежних заказах за последние 90 дней были: категория shoes, \
         заказов: 2 или больше, уплачено: 500 ₽ или больше, штук: 9 или меньше: 1 %.",
        "известна 2 месяца",
    ];
    for sentence in russian {
        assert!(told.ru.contains(sentence), "{sentence}\n{}", told.ru);
    }
    assert_eq!(told.en.lines().count(), told.ru.lines().count());
}

#[test]
fn offers_are_told_with_their_terms() {
    let compiled = compile(
        "
program: shop
currency: RUB
offers:
  - { id: vip, name: { en: For few, ru: Немногим }, text: { en: Welcome, ru: Просим }, for: 14 days, times: 2,
      activate: by_member, if: { age: { from: 18 } } }
  - { id: week, for: 7 days }
rules:
  - { id: o, when: order.paid, if: { offer: [vip, week] }, then: [{ offer: vip }] }
",
    );
    let told = words(&compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
    let sentences = [
        (&told.en, "o: for a paid order, if the member holds the offer vip or week: the offer vip."),
        (
            &told.en,
            "- vip (For few): for 14 days, once the member has activated it, paid orders: at most 2, if",
        ),
        (&told.en, "18 or more; its text: “Welcome”.\n- week (week): for 7 days."),
        (
            &told.ru,
            "o: за оплаченный заказ, если у участника есть предложение vip или week: предложение vip.",
        ),
        (
            &told.ru,
            "- vip (Немногим): на 14 дней, после активации участником, оплаченных заказов: до 2, если",
        ),
        (&told.ru, "18 или больше; текст: «Просим»."),
    ];
    for (text, sentence) in sentences {
        assert!(text.contains(sentence), "{sentence}\n{text}");
    }
}

#[test]
fn whom_rules_tell_is_told_in_both_languages() {
    let compiled = compile(
        "
program: shop
currency: RUB
rules:
  - id: big
    when: order.paid
    then: [{ message: thanks }, { webhook: { event: big-order, data: { team: vip, urgent: true } } }, { webhook: seen }]
",
    );
    let told = words(&compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
    let english = "big: for a paid order: the message “thanks” is sent; and your systems are told “big-order” (team: vip, \
                   urgent: true); and your systems are told “seen”.";
    let russian = "big: за оплаченный заказ: отправляется сообщение «thanks»; и ваши системы узнают «big-order» (team: vip, \
                   urgent: true); и ваши системы узнают «seen».";
    assert!(told.en.contains(english), "{}", told.en);
    assert!(told.ru.contains(russian), "{}", told.ru);
}

#[test]
fn dates_that_orders_move_are_told_in_both_languages() {
    let text = "program: shop\ncurrency: RUB\npoints: { expires: { after_last_order: 90 days } }\n\
        accrual: { from: completed, complete_after: 20 days, active_after: 3 days }\nrules:\n\
        - { id: a, when: order.paid, then: [{ credit: { percent: 5 } }] }\n\
        - { id: b, when: order.completed, then: [{ credit: { points: 5, expires: { after_last_order: 1 month } } }] }\n\
        - { id: c, when: order.placed, then: [{ credit: { points: 5 } }] }\n";
    let compiled = compile(text);
    let told = words(&compiled.program.unwrap_or_else(|| panic!("{:#?}", compiled.diagnostics)));
    let english = [
        "3 days after the completion",
        "counts as completed 20 days after the payment",
        "Points live 90 days after the last paid order",
        "they live at least 14 days more",
        "b: for a completed order: 5 points, for 1 month after the last paid order.",
        "c: for placing an order (pending until it is paid, gone if it never is): 5 points.",
    ];
    let russian = [
        "через 3 дня после завершения",
        "завершён через 20 дней после оплаты",
        "Баллы живут 90 дней после последнего оплаченного заказа",
        "они живут ещё хотя бы 14 дней",
        "b: за завершённый заказ: 5 баллов, на 1 месяц после последнего оплаченного заказа.",
        "c: за оформление заказа (ждут оплаты, без неё пропадают): 5 баллов.",
    ];
    for (told, parts) in [(&told.en, english), (&told.ru, russian)] {
        for part in parts {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}

#[test]
fn what_the_owner_is_shown_is_told_also_where_the_document_is_silent() {
    let plain = "program: shop\ncurrency: RUB\nrules: []\n";
    for (limit, english, russian) in [
        ("", "5 purchases", "5 покупок"),
        ("fraud: { max_purchases_per_day: 1 }\n", "1 purchase", "1 покупки"),
        ("fraud: { max_purchases_per_day: 21 }\n", "21 purchases", "21 покупки"),
    ] {
        let told = words(&compile(&format!("{plain}{limit}")).program.unwrap());
        let english = format!("- Members with more than {english} a day with one cashier of one shop.");
        let russian = format!("- Участники, у которых больше {russian} за день у одного кассира");
        assert!(told.en.contains(&english) && told.ru.contains(&russian), "{}{}", told.en, told.ru);
    }
}

#[test]
fn terms_say_what_the_engine_reckons_in_both_languages() {
    let text =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples/sports-store.yaml"))
            .unwrap();
    let program = compile(&text).program.unwrap();
    let now = kopilka_core::time::Instant::parse("2026-03-01T12:00:00+03:00").unwrap();
    let told = |language| {
        let sections = kopilka_core::program::terms::terms(&program, language, now);
        sections
            .into_iter()
            .flat_map(|s| std::iter::once(s.heading).chain(s.lines))
            .collect::<Vec<_>>()
            .join("\n")
    };
    let en = told(kopilka_core::words::Language::En).replace('\u{a0}', " ");
    assert!(en.contains("A purchase of 10,000 RUB brings 500 bonuses"), "{en}");
    assert!(en.contains("For a paid order: 5 %"), "{en}");
    let ru = told(kopilka_core::words::Language::Ru).replace('\u{a0}', " ");
    assert!(ru.contains("Покупка на 10 000 ₽ принесёт 500 бонусов"), "{ru}");
    assert!(ru.contains("За покупку на 10 000 ₽ можно потратить не больше 2 000 бонусов"), "{ru}");
    // Names of rules are the shop's own.
    assert!(!ru.contains("cashback") && !en.contains("cashback"), "{ru}");
}

#[test]
fn every_example_has_terms_and_answers_without_a_hole() {
    let now = kopilka_core::time::Instant::parse("2026-03-01T12:00:00+03:00").unwrap();
    for file in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../examples")).unwrap() {
        let path = file.unwrap().path();
        let Some(program) = compile(&std::fs::read_to_string(&path).unwrap()).program else { continue };
        for language in kopilka_core::words::LANGUAGES {
            for sections in [
                kopilka_core::program::terms::terms(&program, language, now),
                kopilka_core::program::terms::answers(&program, language, now),
            ] {
                assert!(sections.len() > 3, "{}", path.display());
                for line in sections.iter().flat_map(|s| s.lines.iter().chain([&s.heading])) {
                    let clean = !line.is_empty() && !line.contains("{}") && !line.contains(" .");
                    assert!(clean, "{}: «{line}»", path.display());
                }
            }
        }
    }
}
