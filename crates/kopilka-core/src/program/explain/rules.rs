//! The rules of a program, one after another, in words.

use super::Told;
use super::phrases::*;
use crate::attribute::{AttributeValue, Attributes};
use crate::decimal;
use crate::order::{RowGives, TableRow};
use crate::product::LineMatch;
use crate::program::{
    CalendarPeriod, CreditAmount, CreditEffect, Effect, Grant, GroupMode, Limits, Most, Multiplier, Overflow,
    ProfileField, Program, Rule, Span, Text, Trigger, Validity, Way,
};
use crate::time::Period;

/// The parts of a rule's sentence; each but the first begins with what ties it to the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleTold {
    pub when: Text,
    pub only_if: Text,
    pub base: Text,
    pub then: Text,
    pub limits: Text,
}

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
                GroupMode::Exclusive => (
                    "one alone counts, when it gives more than all others together",
                    "действует только одно, если даёт больше всех остальных вместе",
                ),
            };
            self.say(format!("- Of {members}: {en}."), format!("- Из правил {members}: {ru}."));
        }
        if program.speaks_of_birthdays() && !program.birthday.known_for.is_zero() {
            let known = period(program.birthday.known_for);
            self.say(
                format!("- A birth date counts when it has been known for {}.", known.en),
                format!("- Дата рождения засчитывается, если известна {}.", known.ru),
            );
        }
    }

    pub(super) fn rule(&mut self, rule: &Rule) {
        let RuleTold { when, only_if, base, then, limits } = self.rule_told(rule);
        self.say(
            format!("- {}: {}{}: {}{}{}.", rule.id, when.en, only_if.en, then.en, base.en, limits.en),
            format!("- {}: {}{}: {}{}{}.", rule.id, when.ru, only_if.ru, then.ru, base.ru, limits.ru),
        );
    }

    pub(super) fn rule_told(&self, rule: &Rule) -> RuleTold {
        let effect = |effect: &Effect| match effect {
            Effect::Credit(credit) => self.credit(rule, credit),
            Effect::Multiply(multiplier) => self.multiplier(multiplier),
            Effect::Grant(grant) => granted(grant),
        };
        let effects: Vec<Text> = rule.then.iter().map(effect).collect();
        let base = match &rule.base {
            None => Text::default(),
            Some(own) => {
                let own = base(own);
                Text::of(format!("; counted on {}", own.en), format!("; считается так: {}", own.ru))
            }
        };
        RuleTold {
            when: when(self.program, rule.when),
            only_if: self.only_if(&rule.only_if),
            base,
            then: Text::of(joined(&effects, |t| &t.en, "; and "), joined(&effects, |t| &t.ru, "; и ")),
            limits: self.limits(&rule.limits),
        }
    }

    fn limits(&self, limits: &Limits) -> Text {
        let refuses = limits.overflow == Overflow::Refuse;
        let amount = |most: Most| match most {
            Most::Points(most) => points(self.program, most),
            Most::Times(times) => times_told(times),
        };
        let bounded = |most: Text, en: &str, ru: &str| {
            if refuses {
                return Text::of(
                    format!("; nothing where it would be more than {}{en}", most.en),
                    format!("; ничего, если вышло бы больше чем {}{ru}", most.ru),
                );
            }
            Text::of(format!("; at most {}{en}", most.en), format!("; не больше чем {}{ru}", most.ru))
        };
        let mut told = Text::default();
        let mut add = |part: Text| {
            told.en.push_str(&part.en);
            told.ru.push_str(&part.ru);
        };
        if let Some(most) = limits.per_order {
            add(bounded(points(self.program, most), " for one order", " за заказ"));
        }
        if let Some(limit) = limits.per_member {
            let (en, ru) = match limit.span {
                Span::Ever => (" for one member", " одному участнику"),
                Span::Day => (" for one member a day", " одному участнику в день"),
                Span::Week => (" for one member a week", " одному участнику в неделю"),
                Span::Month => (" for one member a month", " одному участнику в месяц"),
                Span::Year => (" for one member a year", " одному участнику в год"),
            };
            add(bounded(amount(limit.most), en, ru));
        }
        if let Some(most) = limits.total {
            add(bounded(amount(most), " for all members together", " всем участникам вместе"));
        }
        told
    }

    fn credit(&self, rule: &Rule, credit: &CreditEffect) -> Text {
        let mut told = self.amount(&credit.amount);
        let mut add = |en: &str, ru: &str| {
            told.en.push_str(en);
            told.ru.push_str(ru);
        };
        match credit.to_level {
            None => {}
            Some(1) => add(" to the member who brought them", " тому, кто привёл"),
            Some(level) => add(
                &format!(" to the inviter of level {level}"),
                &format!(" пригласившему на уровне {level}"),
            ),
        }
        match credit.active_after {
            Some(wait) if wait.is_zero() => add(", to be spent at once", ", тратить можно сразу"),
            Some(wait) => {
                let wait = period(wait);
                add(
                    &format!(", to be spent after {}", wait.en),
                    &format!(", тратить можно через {}", wait.ru),
                );
            }
            None if !rule.when.is_of_order() => {
                add(", to be spent at once", ", тратить можно сразу");
            }
            None => {}
        }
        let ends = credit.expires.map(validity).unwrap_or_default();
        add(&ends.en, &ends.ru);
        if let Some(own) = credit.rounding {
            let own = super::rounding(own);
            add(&format!(", rounded {}", own.en), &format!(", округление {}", own.ru));
        }
        if credit.gift {
            add(" (a gift: it does not repay a debt)", " (подарок: долг не гасит)");
        }
        told
    }

    fn multiplier(&self, multiplier: &Multiplier) -> Text {
        let (of, by) = (self.narrowed(&multiplier.of), decimal::format_trimmed(multiplier.by.0, 6));
        Text::of(
            format!("points{} are multiplied by {by}", of.en),
            format!("баллы{} умножаются на {by}", of.ru),
        )
    }

    fn narrowed(&self, of: &LineMatch) -> Text {
        if of.is_everything() {
            return Text::default();
        }
        let of = lines(&self.program.currency, of);
        Text::of(format!(" of {}", of.en), format!(" (строки: {})", of.ru))
    }

    /// `3 %, from 3,000 RUB on 5 %`.
    fn table(&self, rows: &[TableRow], marginal: bool) -> Text {
        let told = |row: &TableRow| {
            let from = money(self.program, row.from);
            let gives = match row.gives {
                RowGives::Percent(rate) => Text::both(format!("{} %", rate.percent_text())),
                RowGives::Points(fixed) => points(self.program, fixed),
                RowGives::PerAmount { points: each, per } => {
                    let (each, per) = (points(self.program, each), money(self.program, per));
                    Text::of(
                        format!("{} for each whole {}", each.en, per.en),
                        format!("{} за каждые полные {}", each.ru, per.ru),
                    )
                }
            };
            Text::of(format!("from {} on {}", from.en, gives.en), format!("от {} — {}", from.ru, gives.ru))
        };
        let told: Vec<Text> = rows.iter().map(told).collect();
        let (en, ru) = if marginal {
            (", each on its own part", ", каждый процент со своей части")
        } else {
            ("", "")
        };
        Text::of(
            format!("by the amount: {}{en}", joined(&told, |t| &t.en, ", ")),
            format!("по сумме: {}{ru}", joined(&told, |t| &t.ru, ", ")),
        )
    }

    fn amount(&self, amount: &CreditAmount) -> Text {
        let program = self.program;
        let narrowed = |of: &LineMatch| self.narrowed(of);
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
                    format!("{} for each whole {}{}", each.en, per.en, of.en),
                    format!("{} за каждые полные {}{}", each.ru, per.ru, of.ru),
                )
            }
            CreditAmount::Table { of, rows, marginal } => {
                let (of, rows) = (narrowed(of), self.table(rows, *marginal));
                Text::of(format!("{}{}", rows.en, of.en), format!("{}{}", rows.ru, of.ru))
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

fn when(program: &Program, trigger: Trigger) -> Text {
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
        Trigger::OrderPlaced => Text::of(
            "for placing an order (pending until it is paid, gone if it never is)",
            "за оформление заказа (ждут оплаты, без неё пропадают)",
        ),
        Trigger::OrderPaid => Text::of("for a paid order", "за оплаченный заказ"),
        Trigger::OrderCompleted => Text::of("for a completed order", "за завершённый заказ"),
        Trigger::TierChanged { way: Way::Both } => {
            Text::of("when the level changes", "когда меняется уровень")
        }
        Trigger::TierChanged { way: Way::Up } => Text::of("when the level rises", "когда уровень повышается"),
        Trigger::TierChanged { way: Way::Down } => {
            Text::of("when the level falls", "когда уровень понижается")
        }
        Trigger::MemberInactive { days } => {
            let days = period(crate::time::Period::Days(days));
            Text::of(
                format!("after {} without a purchase", days.en),
                format!("через {} без покупок", days.ru),
            )
        }
        Trigger::ProfileCompleted => profile(&program.profile),
        Trigger::MemberSubscribed { channel: None } => {
            Text::of("once, for agreeing to hear of offers", "один раз, за согласие получать рассылки")
        }
        Trigger::MemberSubscribed { channel: Some(channel) } => Text::of(
            format!("once, for agreeing to hear of offers by {}", channel.name()),
            format!("один раз, за согласие получать рассылки: {}", channel.name()),
        ),
        Trigger::ReferralOrdered => Text::of("for a friend's order", "за заказ друга"),
        Trigger::ReferralRegistered => Text::of("for a friend who registers", "за регистрацию друга"),
        Trigger::Schedule(of) => schedule(of),
        // No rule has it.
        Trigger::RewardClaimed | Trigger::OfferGiven | Trigger::SegmentAsked => Text::default(),
        Trigger::Event(number) => {
            let name = program.events.get(usize::from(number)).map(|e| e.name.clone()).unwrap_or_default();
            Text::of(format!("for the event “{}”", name.en), format!("за событие «{}»", name.ru))
        }
        Trigger::AchievementReached => Text::of("for an achievement", "за достижение"),
    }
}

fn profile(fields: &[ProfileField]) -> Text {
    let name = |field: &ProfileField| match field {
        ProfileField::Name => Text::of("the name", "имя"),
        ProfileField::Phone => Text::of("a phone", "телефон"),
        ProfileField::Email => Text::of("an e-mail address", "почта"),
        ProfileField::Card => Text::of("a card", "карта"),
        ProfileField::BirthDate => Text::of("the birth date", "дата рождения"),
        ProfileField::Attribute(id) => Text::both(id.as_str()),
    };
    let names: Vec<Text> = fields.iter().map(name).collect();
    let (en, ru) = (joined(&names, |t| &t.en, ", "), joined(&names, |t| &t.ru, ", "));
    Text::of(
        format!("once, when all of this is known: {en}"),
        format!("один раз, когда известно всё это: {ru}"),
    )
}

/// How long points live, said after `live`: `for 1 month`, `to the end of the year`.
pub(in crate::program) fn life(of: Validity) -> Text {
    if let Validity::For(life) = of {
        let life = period(life);
        return Text::of(format!("for {}", life.en), life.ru);
    }
    let Text { en, ru } = validity(of);
    Text::of(en.trim_start_matches(", "), ru.trim_start_matches(", "))
}

/// How long a rule's own points live, said after what it gives.
fn validity(of: Validity) -> Text {
    let told = match of {
        Validity::Never => (", for ever", ", бессрочно"),
        Validity::EndOf(CalendarPeriod::Month) => (", to the end of the month", ", до конца месяца"),
        Validity::EndOf(CalendarPeriod::Quarter) => (", to the end of the quarter", ", до конца квартала"),
        Validity::EndOf(CalendarPeriod::Year) => (", to the end of the year", ", до конца года"),
        Validity::Birthday { included: true } => {
            (", to the end of the next birthday", ", до конца ближайшего дня рождения")
        }
        Validity::Birthday { included: false } => (", to the next birthday", ", до ближайшего дня рождения"),
        Validity::On(day) => {
            return Text::of(format!(", to the end of {day}"), format!(", до конца {day}"));
        }
        Validity::Yearly { month, day } => {
            let date = format!("{month:02}-{day:02}");
            return Text::of(
                format!(", to the end of the next {date}"),
                format!(", до конца ближайшего {date}"),
            );
        }
        Validity::AfterLastOrder(life) => {
            let life = period(life);
            return Text::of(
                format!(", for {} after the last paid order", life.en),
                format!(", на {} после последнего оплаченного заказа", life.ru),
            );
        }
        Validity::For(life) => {
            let life = period(life);
            return Text::of(format!(", for {}", life.en), format!(", на {}", life.ru));
        }
    };
    Text::of(told.0, told.1)
}

/// What a rule gives beside points.
fn granted(grant: &Grant) -> Text {
    let lasting = |lasts: Option<Period>| match lasts {
        Some(lasts) => {
            let told = period(lasts);
            Text::of(format!(" for {}", told.en), format!(" на {}", told.ru))
        }
        None => Text::default(),
    };
    match grant {
        Grant::Offer(offer) => Text::of(format!("the offer {offer}"), format!("предложение {offer}")),
        Grant::Coupon { campaign, lasts } => {
            let lasting = lasting(*lasts);
            Text::of(
                format!("a coupon of {campaign}{}", lasting.en),
                format!("купон кампании {campaign}{}", lasting.ru),
            )
        }
        Grant::Tier { tier, lasts } => {
            let lasting = lasting(*lasts);
            Text::of(format!("the level {tier}{}", lasting.en), format!("уровень {tier}{}", lasting.ru))
        }
        Grant::Message(message) => Text::of(
            format!("the message “{message}” is sent"),
            format!("отправляется сообщение «{message}»"),
        ),
        Grant::Webhook { event, data } => webhook(event, data),
        Grant::Tag { tag, on: true } => Text::of(format!("the mark {tag}"), format!("метка {tag}")),
        Grant::Tag { tag, on: false } => {
            Text::of(format!("the mark {tag} is taken away"), format!("метка {tag} снимается"))
        }
    }
}

fn webhook(event: &str, data: &Attributes) -> Text {
    let said: Vec<String> = data.0.iter().map(|(name, value)| format!("{name}: {}", told(value))).collect();
    let said = if said.is_empty() { String::new() } else { format!(" ({})", said.join(", ")) };
    Text::of(format!("your systems are told “{event}”{said}"), format!("ваши системы узнают «{event}»{said}"))
}

fn told(value: &AttributeValue) -> String {
    match value {
        AttributeValue::YesNo(truth) => truth.to_string(),
        AttributeValue::Number(number) => number.to_string(),
        AttributeValue::Text(text) => text.to_string(),
    }
}
