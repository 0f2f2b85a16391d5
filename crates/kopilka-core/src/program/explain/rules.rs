//! The rules of a program, one after another, in words.

use super::Told;
use super::conditions::condition_told;
use super::phrases::*;
use crate::program::{
    Condition, CreditAmount, CreditEffect, Effect, GroupMode, Rule, Text, Trigger, Validity,
};

impl Told<'_> {
    pub(super) fn rules(&mut self) {
        let program = self.program;
        self.say("", "");
        if program.rules.is_empty() {
            self.say("There are no rules: nobody earns anything.", "Правил нет: никто ничего не получает.");
            return;
        }
        self.say("Rules:", "Правила:");
        for rule in &program.rules {
            self.rule(rule);
        }
        for (at, group) in program.groups.iter().enumerate() {
            let of_group = program.rules.iter().filter(|r| r.group == Some(at)).map(|r| r.id.as_str());
            let members = of_group.collect::<Vec<_>>().join(", ");
            if members.is_empty() {
                continue;
            }
            let (en, ru) = match group.mode {
                GroupMode::Best => ("the one that gives most counts", "действует то, что даёт больше"),
                GroupMode::First => {
                    ("the first that gives anything counts", "действует первое, которое что-то даёт")
                }
                GroupMode::Sum => ("all count", "действуют все"),
            };
            self.say(format!("- Of {members}: {en}."), format!("- Из правил {members}: {ru}."));
        }
        if program.has_birthday_rules() && !program.birthday.known_for.is_zero() {
            let known = period(program.birthday.known_for);
            self.say(
                format!("- A birth date counts when it has been known for {}.", known.en),
                format!("- Дата рождения засчитывается, если известна {}.", known.ru),
            );
        }
    }

    fn rule(&mut self, rule: &Rule) {
        let program = self.program;
        let when = when(rule.when);
        let only_if = match &rule.only_if {
            Condition::Always => Text::default(),
            condition => {
                let told = condition_told(program, condition);
                Text::of(format!(", if {}", told.en), format!(", если {}", told.ru))
            }
        };
        let effects: Vec<Text> =
            rule.then.iter().map(|Effect::Credit(credit)| self.credit(rule, credit)).collect();
        let limit = match rule.limits.per_order {
            None => Text::default(),
            Some(most) => {
                let most = points(self.program, most);
                Text::of(
                    format!("; at most {} for one order", most.en),
                    format!("; не больше чем {} за заказ", most.ru),
                )
            }
        };
        let base = match &rule.base {
            None => Text::default(),
            Some(own) => {
                let own = base(own);
                Text::of(format!("; counted on {}", own.en), format!("; считается так: {}", own.ru))
            }
        };
        let en = joined(&effects, |t| &t.en, "; and ");
        let ru = joined(&effects, |t| &t.ru, "; и ");
        self.say(
            format!("- {}: {}{}: {en}{}{}.", rule.id, when.en, only_if.en, base.en, limit.en),
            format!("- {}: {}{}: {ru}{}{}.", rule.id, when.ru, only_if.ru, base.ru, limit.ru),
        );
    }

    fn credit(&self, rule: &Rule, credit: &CreditEffect) -> Text {
        let mut told = self.amount(&credit.amount);
        let mut add = |en: &str, ru: &str| {
            told.en.push_str(en);
            told.ru.push_str(ru);
        };
        match credit.active_after {
            Some(wait) if wait.is_zero() => add(", to be spent at once", ", тратить можно сразу"),
            Some(wait) => {
                let wait = period(wait);
                add(
                    &format!(", to be spent after {}", wait.en),
                    &format!(", тратить можно через {}", wait.ru),
                );
            }
            None if rule.when != Trigger::OrderPaid => {
                add(", to be spent at once", ", тратить можно сразу");
            }
            None => {}
        }
        match credit.expires {
            None => {}
            Some(Validity::Never) => add(", for ever", ", бессрочно"),
            Some(Validity::For(life)) => {
                let life = period(life);
                add(&format!(", for {}", life.en), &format!(", на {}", life.ru));
            }
        }
        if let Some(own) = credit.rounding {
            let own = super::rounding(own);
            add(&format!(", rounded {}", own.en), &format!(", округление {}", own.ru));
        }
        if credit.gift {
            add(" (a gift: it does not repay a debt)", " (подарок: долг не гасит)");
        }
        told
    }

    fn amount(&self, amount: &CreditAmount) -> Text {
        let program = self.program;
        let narrowed = |of: &crate::product::LineMatch| match of.is_everything() {
            true => Text::default(),
            false => {
                let of = lines(&program.currency, of);
                Text::of(format!(" of {}", of.en), format!(" (строки: {})", of.ru))
            }
        };
        match amount {
            CreditAmount::Fixed(fixed) => points(program, *fixed),
            CreditAmount::Percent { of, rates, rate } => {
                let of = narrowed(of);
                let percent = rate.percent_text();
                let mut told = Text::of(format!("{percent} %{}", of.en), format!("{percent} %{}", of.ru));
                for (of, rate) in rates {
                    let (of, percent) = (lines(&program.currency, of), rate.percent_text());
                    told.en.push_str(&format!(", but {percent} % of {}", of.en));
                    told.ru.push_str(&format!(", но {percent} % за: {}", of.ru));
                }
                told
            }
            CreditAmount::PerAmount { of, points: each, per } => {
                let (of, each, per) = (narrowed(of), points(program, *each), money(program, *per));
                Text::of(
                    format!("{} for each whole {per}{}", each.en, of.en),
                    format!("{} за каждые полные {per}{}", each.ru, of.ru),
                )
            }
            CreditAmount::PerPiece { of, points: each } => {
                let (of, each) = (narrowed(of), points(program, *each));
                Text::of(
                    format!("{} for each piece{}", each.en, of.en),
                    format!("{} за штуку{}", each.ru, of.ru),
                )
            }
        }
    }
}

fn when(trigger: Trigger) -> Text {
    match trigger {
        Trigger::MemberRegistered => Text::of("once, for registering", "один раз, за регистрацию"),
        Trigger::MemberBirthday { days: 0 } => Text::of("on the birthday", "в день рождения"),
        Trigger::MemberBirthday { days } => {
            let distance = period(crate::time::Period::Days(days.abs()));
            match days < 0 {
                true => Text::of(
                    format!("{} before the birthday", distance.en),
                    format!("за {} до дня рождения", distance.ru),
                ),
                false => Text::of(
                    format!("{} after the birthday", distance.en),
                    format!("через {} после дня рождения", distance.ru),
                ),
            }
        }
        Trigger::OrderPaid => Text::of("for a paid order", "за оплаченный заказ"),
    }
}
