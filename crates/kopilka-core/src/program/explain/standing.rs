//! Levels and achievements in words.

use super::Told;
use super::phrases::*;
use crate::money::Money;
use crate::points::Points;
use crate::program::{Achievement, CalendarPeriod, Down, ForOrder, Level, Over, Program, Text, Tiers};
use crate::standing::Counted;

impl Told<'_> {
    pub(super) fn standing(&mut self) {
        let program = self.program;
        if let Some(tiers) = &program.tiers {
            self.tiers(tiers);
        }
        if program.achievements.is_empty() {
            return;
        }
        self.say("", "");
        self.say("Achievements:", "Достижения:");
        for achievement in &program.achievements {
            self.achievement(achievement);
        }
        self.say(
            "- Returned goods take the progress back, and what an achievement gave that is no longer reached.",
            "- Возврат товара отнимает и продвижение, и то, что дало достижение, если его больше нет.",
        );
    }

    fn tiers(&mut self, tiers: &Tiers) {
        let (what, over) = (counted(tiers.by), over(tiers.over));
        self.say("", "");
        self.say(format!("Levels ({} {}):", what.en, over.en), format!("Уровни ({} {}):", what.ru, over.ru));
        for level in &tiers.levels {
            self.level(tiers.by, level);
        }
        match tiers.for_order {
            ForOrder::Before => self.say(
                "- An order goes by the level before it.",
                "- За заказ решает уровень, который был до него.",
            ),
            ForOrder::Including => self.say(
                "- An order goes by the level that it brings itself.",
                "- За заказ решает уровень, который получится вместе с ним.",
            ),
        }
        match tiers.down {
            Down::Never => self.say(
                "- A level that was reached stays, whatever time passes.",
                "- Достигнутый уровень со временем не теряется.",
            ),
            Down::After(hold) => {
                let hold = period(hold);
                self.say(
                    format!("- A level that was reached stays for {}; then it is judged again.", hold.en),
                    format!("- Достигнутый уровень держится {}, потом считается заново.", hold.ru),
                );
            }
            Down::AfterPeriod(grace) if grace.is_zero() => self.say(
                "- At the end of the period levels are counted anew.",
                "- В конце срока уровни считаются заново.",
            ),
            Down::AfterPeriod(grace) => {
                let grace = period(grace);
                self.say(
                    format!("- A level stays for {} after the end of its period.", grace.en),
                    format!("- Уровень держится ещё {} после конца срока.", grace.ru),
                );
            }
        }
        self.say(
            "- A level lost by a return is lost at once; what it gave meanwhile stays.",
            "- Уровень, потерянный из-за возврата, теряется сразу; что он успел дать, остаётся.",
        );
    }

    pub(super) fn level(&mut self, by: Counted, level: &Level) {
        let from = amount(self.program, by, level.from);
        let mut parts = match level.from {
            0 => vec![Text::of("everybody's", "у всех")],
            _ => vec![Text::of(format!("from {} on", from.en), format!("от {}", from.ru))],
        };
        for (rule, rate) in &level.rates {
            let rate = rate.percent_text();
            if self.for_buyers {
                parts.push(Text::of(format!("{rate} % instead"), format!("{rate} % вместо обычных")));
                continue;
            }
            parts.push(Text::of(format!("{rule} gives {rate} %"), format!("{rule} даёт {rate} %")));
        }
        if let Some(discount) = level.discount {
            let discount = discount.percent_text();
            parts.push(Text::of(
                format!("{discount} % off the goods"),
                format!("скидка {discount} % на товары"),
            ));
        }
        let (en, ru) = (joined(&parts, |t| &t.en, ", "), joined(&parts, |t| &t.ru, ", "));
        let name = match self.for_buyers {
            true => level.name.clone(),
            false => Text::both(level.id.as_str()),
        };
        self.say(format!("- {}: {en}.", name.en), format!("- {}: {ru}.", name.ru));
    }

    pub(super) fn achievement(&mut self, achievement: &Achievement) {
        let goal = self.goal(achievement);
        let often = match achievement.repeat {
            true => Text::of(", each time anew", ", каждый раз заново"),
            false => Text::default(),
        };
        let name = match self.for_buyers {
            true => achievement.name.clone(),
            false => Text::both(achievement.id.as_str()),
        };
        self.say(
            format!("- {}: {}{}.", name.en, goal.en, often.en),
            format!("- {}: {}{}.", name.ru, goal.ru, often.ru),
        );
    }

    /// `5 paid orders`, `5 оплаченных заказов`.
    fn goal(&self, achievement: &Achievement) -> Text {
        let goal = amount(self.program, achievement.counts, achievement.goal);
        if let Some(event) = &achievement.event {
            let declared = self.program.events.iter().find(|e| e.id == *event);
            let name = declared.map_or_else(|| Text::both(event.as_str()), |e| e.name.clone());
            let times = times_told(achievement.goal);
            return Text::of(
                format!("the event “{}” {}", name.en, times.en),
                format!("событие «{}» {}", name.ru, times.ru),
            );
        }
        match achievement.counts {
            Counted::MoneyPaid => Text::of(format!("{} paid", goal.en), format!("оплачено {}", goal.ru)),
            Counted::Orders => {
                let orders = if achievement.goal == 1 { "order" } else { "orders" };
                let forms = ["оплаченный заказ", "оплаченных заказа", "оплаченных заказов"];
                let russian = form(achievement.goal, forms);
                Text::of(format!("{} paid {orders}", goal.en), format!("{} {russian}", goal.ru))
            }
            Counted::PointsEarned => {
                Text::of(format!("{} for orders", goal.en), format!("{} за заказы", goal.ru))
            }
            Counted::Pieces | Counted::Events => {
                let pieces = if achievement.goal == 1_000 { "piece" } else { "pieces" };
                let russian = form(achievement.goal / 1_000, ["штука", "штуки", "штук"]);
                Text::of(format!("{} {pieces} of goods", goal.en), format!("{} {russian} товара", goal.ru))
            }
        }
    }
}

/// What levels go by.
fn counted(counted: Counted) -> Text {
    match counted {
        Counted::MoneyPaid => Text::of("money paid", "уплачено денег"),
        Counted::Orders => Text::of("paid orders", "оплачено заказов"),
        Counted::PointsEarned => Text::of("points for orders", "баллов за заказы"),
        Counted::Pieces => Text::of("pieces of goods", "штук товара"),
        Counted::Events => Text::of("events", "событий"),
    }
}

fn over(over: Over) -> Text {
    match over {
        Over::Rolling(length) => in_the_last(length),
        Over::Calendar(CalendarPeriod::Year) => Text::of("in the calendar year", "за календарный год"),
        Over::Calendar(CalendarPeriod::Quarter) => Text::of("in the quarter", "за квартал"),
        Over::Calendar(CalendarPeriod::Month) => Text::of("in the calendar month", "за календарный месяц"),
        Over::ForEver => Text::of("of all time", "за всё время"),
    }
}

fn amount(program: &Program, by: Counted, value: i64) -> Text {
    match by {
        Counted::MoneyPaid => money(program, Money(value)),
        Counted::PointsEarned => points(program, Points(value)),
        Counted::Orders | Counted::Events => Text::both(value.to_string()),
        Counted::Pieces => Text::both((value / 1_000).to_string()),
    }
}
