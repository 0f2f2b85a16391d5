//! Discounts in words, in the order they are applied in.

use super::Told;
use super::conditions::condition_told;
use super::phrases::*;
use crate::decimal;
use crate::money::{Money, Rate};
use crate::program::{Condition, Discount, GroupMode, Off, On, RowOff, Text};

impl Told<'_> {
    pub(super) fn discounts(&mut self) {
        let program = self.program;
        if program.discounts.is_empty() {
            return;
        }
        self.say("", "");
        self.say(
            "Discounts, one after another, each on what the earlier left:",
            "Скидки, одна за другой, каждая от того, что оставили прежние:",
        );
        for discount in &program.discounts {
            self.discount(discount);
        }
        self.discount_groups();
        let limits = program.discount_limits;
        if limits.max_share.0 < Rate::ONE {
            let share = limits.max_share.percent_text();
            self.say(
                format!("- All discounts together take at most {share} % of a line."),
                format!("- Все скидки вместе снимают не больше {share} % строки."),
            );
        }
        if limits.least_per_piece > Money::ZERO {
            let least = money(program, limits.least_per_piece);
            self.say(
                format!("- Every piece costs at least {}.", least.en),
                format!("- Штука стоит не меньше {}.", least.ru),
            );
        }
    }

    pub(super) fn discount(&mut self, discount: &Discount) {
        let told = self.taken_off(discount);
        self.say(format!("- {}: {}.", discount.id, told.en), format!("- {}: {}.", discount.id, told.ru));
    }

    /// What it takes off, of what, and if what holds.
    pub(super) fn taken_off(&self, discount: &Discount) -> Text {
        let program = self.program;
        let mut told = self.off(&discount.off);
        let mut add = |part: Text| {
            told.en.push_str(&part.en);
            told.ru.push_str(&part.ru);
        };
        add(self.on(discount));
        if !discount.of.is_everything() {
            let lines = lines(&program.currency, &discount.of);
            add(Text::of(format!(" of {}", lines.en), format!(" (строки: {})", lines.ru)));
        }
        if let Some(most) = discount.max_pieces {
            let most = decimal::format_trimmed(most.0, 3);
            let pieces = if most == "1" { "piece" } else { "pieces" };
            add(Text::of(format!(", at most {most} {pieces}"), format!(", не больше {most} шт.")));
        }
        if let Some(size) = discount.groups_of {
            add(Text::of(format!(", in full groups of {size}"), format!(", полными группами по {size} шт.")));
        }
        if let Some(cap) = discount.cap {
            let cap = money(program, cap);
            add(Text::of(
                format!(", at most {} for one order", cap.en),
                format!(", не больше {} за заказ", cap.ru),
            ));
        }
        if discount.of_list {
            add(Text::of(", counted on the list price", ", от цены без скидок"));
        }
        add(self.only_if(&discount.only_if));
        told
    }

    pub(super) fn only_if(&self, condition: &Condition) -> Text {
        if let Condition::Always = condition {
            return Text::default();
        }
        let told = condition_told(self.program, condition);
        Text::of(format!(", if {}", told.en), format!(", если {}", told.ru))
    }

    fn on(&self, discount: &Discount) -> Text {
        let program = self.program;
        match discount.on {
            On::EachPiece => Text::of(" each piece", " на каждую штуку"),
            On::EachLine if matches!(discount.off, Off::Pieces { .. }) => {
                Text::of(" of each line", " каждой строки")
            }
            On::EachLine => Text::of(" each line", " на каждую строку"),
            On::Cheapest => Text::of(" the cheapest piece", " на самую дешёвую штуку"),
            On::Nth(n) => Text::of(
                format!(" every piece number {n} from the dearest down"),
                format!(" на каждую {n}-ю штуку, считая от самой дорогой"),
            ),
            On::Bought => {
                let Some(bought) = &discount.bought else { return Text::default() };
                let (pieces, gives) = (bought.pieces, bought.gives);
                let of = match bought.of.is_everything() {
                    true => Text::default(),
                    false => {
                        let lines = lines(&program.currency, &bought.of);
                        Text::of(format!(" of {}", lines.en), format!(" (строки: {})", lines.ru))
                    }
                };
                Text::of(
                    format!(" the {gives} cheapest for each {pieces} bought{}; lowered are those", of.en),
                    format!(" на самые дешёвые ({gives} шт. за каждые {pieces} купленные{})", of.ru),
                )
            }
            On::Order => Text::of(" all goods", " на все товары заказа"),
            On::OrderWithDelivery => Text::of(" all goods and delivery", " на все товары и доставку"),
            On::Delivery => Text::of(" delivery", " на доставку"),
        }
    }

    fn off(&self, off: &Off) -> Text {
        let program = self.program;
        match off {
            Off::Percent(rate) => percent_off(*rate),
            Off::Amount(amount) => {
                let amount = money(program, *amount);
                Text::of(format!("{} off", amount.en), format!("скидка {}", amount.ru))
            }
            Off::Price(price) => {
                let price = money(program, *price);
                Text::of(format!("the price {}", price.en), format!("цена {}", price.ru))
            }
            Off::Pieces { first, next } => {
                let (first, next) = (money(program, *first), money(program, *next));
                Text::of(
                    format!("{} off the first piece and {} off each further one", first.en, next.en),
                    format!("скидка {} с первой штуки и {} с каждой следующей", first.ru, next.ru),
                )
            }
            Off::Table(rows) => {
                let told = |(from, off): &(Money, RowOff)| {
                    let from = money(program, *from);
                    let off = match off {
                        RowOff::Percent(rate) => percent_off(*rate),
                        RowOff::Amount(amount) => self.off(&Off::Amount(*amount)),
                    };
                    Text::of(
                        format!("from {} on {}", from.en, off.en),
                        format!("от {} — {}", from.ru, off.ru),
                    )
                };
                let rows: Vec<Text> = rows.iter().map(told).collect();
                Text::of(joined(&rows, |t| &t.en, ", "), joined(&rows, |t| &t.ru, ", "))
            }
        }
    }

    fn discount_groups(&mut self) {
        let program = self.program;
        for (at, group) in program.groups.iter().enumerate() {
            let of_group = program.discounts.iter().filter(|d| d.group == Some(at)).map(|d| d.id.as_str());
            let members = of_group.collect::<Vec<_>>().join(", ");
            if members.is_empty() {
                continue;
            }
            let (en, ru) = match group.mode {
                GroupMode::Best => ("the one that is best for the buyer acts", "действует самая выгодная"),
                GroupMode::First => {
                    ("the first that takes anything off acts", "действует первая, которая что-то снижает")
                }
                GroupMode::Sum => ("all act", "действуют все"),
                GroupMode::Exclusive => (
                    "one alone acts, when that is best for the buyer",
                    "действует только одна, если так выгоднее",
                ),
            };
            self.say(format!("- Of {members}: {en}."), format!("- Из скидок {members}: {ru}."));
        }
    }
}

fn percent_off(rate: Rate) -> Text {
    let percent = rate.percent_text();
    Text::of(format!("{percent} % off"), format!("скидка {percent} %"))
}
