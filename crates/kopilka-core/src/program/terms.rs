//! The terms of a program for those who shop: what the engine executes, in words, with examples it reckoned.
//!
//! Invariant: no sentence and no figure here is written by hand for one program; what the terms say is what
//! happens.

mod examples;

use super::explain::Subject;
use super::explain::{Topic, rule_parts, told_of, told_to_buyers};
use super::{Condition, Effect, Grant, Program, Rule, Text};
use crate::points::Points;
use crate::time::Instant;
use crate::words::{Language, Speaker};

/// A heading with its sentences.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    pub heading: String,
    pub lines: Vec<String>,
}

/// The terms in one language. Examples are reckoned as if bought at `now`.
pub fn terms(program: &Program, language: Language, now: Instant) -> Vec<Section> {
    let told = Telling { program, language, speaker: Speaker::new(program, language) };
    let sections = vec![
        told.section(("In short", "Коротко"), vec![told.worth()]),
        told.section(("What brings points", "За что приходят баллы"), told.rules(|_| true)),
        told.section(
            ("How they are counted and how long they live", "Как они считаются и сколько живут"),
            told.on(Topic::Earning),
        ),
        told.section(("For example", "Например"), examples::told(&told.speaker, now)),
        told.section(("How points pay", "Как платить баллами"), told.on(Topic::Spending)),
        told.section(("Discounts", "Скидки"), told.discounts()),
        told.section(("Levels and achievements", "Уровни и достижения"), told.on(Topic::Standing)),
        told.section(("What else points buy", "На что ещё меняются баллы"), told.rewards()),
        told.section(("From member to member", "От участника участнику"), told.on(Topic::Transfers)),
        told.section(("When goods come back", "Если товар вернули"), told.on(Topic::Returns)),
        told.section(("Gift cards", "Подарочные карты"), told.on(Topic::GiftCards)),
    ];
    sections.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

/// What cashiers are asked, with the answers.
pub fn answers(program: &Program, language: Language, now: Instant) -> Vec<Section> {
    let told = Telling { program, language, speaker: Speaker::new(program, language) };
    let mut purchase = told.rules(|rule| rule.when.is_of_order());
    purchase.extend(examples::told(&told.speaker, now));
    let sections = vec![
        told.section(("What are these points?", "Что это за баллы?"), vec![told.worth()]),
        told.section(("How much does a purchase bring?", "Сколько приносит покупка?"), purchase),
        told.section(
            ("From when can they be spent, and until when?", "С какого дня их можно тратить и до какого?"),
            told.on(Topic::Dates),
        ),
        told.section(
            ("How many may be spent, and on what?", "Сколько можно списать и на что?"),
            told.on(Topic::Spending),
        ),
        told.section(
            ("What else brings points?", "За что ещё дают баллы?"),
            told.rules(|rule| !rule.when.is_of_order()),
        ),
        told.section(("Which discounts are there?", "Какие есть скидки?"), told.discounts()),
        told.section(("Which levels are there?", "Какие есть уровни?"), told.on(Topic::Standing)),
        told.section(
            ("Can they be given to somebody else?", "Можно ли их кому-то передать?"),
            told.transfers(),
        ),
        told.section(
            ("Goods come back: what of the points?", "Товар вернули: что с баллами?"),
            told.on(Topic::Returns),
        ),
        told.section(("What about gift cards?", "А подарочные карты?"), told.on(Topic::GiftCards)),
    ];
    sections.into_iter().filter(|section| !section.lines.is_empty()).collect()
}

struct Telling<'a> {
    program: &'a Program,
    language: Language,
    speaker: Speaker<'a>,
}

impl Telling<'_> {
    fn section(&self, (en, ru): (&'static str, &'static str), lines: Vec<String>) -> Section {
        Section { heading: self.pick(en, ru).to_owned(), lines }
    }
    fn pick(&self, en: &'static str, ru: &'static str) -> &'static str {
        match self.language {
            Language::En => en,
            Language::Ru => ru,
        }
    }
    fn on(&self, topic: Topic) -> Vec<String> {
        told_to_buyers(self.program, topic).iter().map(|text| self.language.of(text).to_owned()).collect()
    }

    /// The name of a point and what it pays.
    fn worth(&self) -> String {
        let program = self.program;
        let (step, one) = (program.points.step(), Points(program.points.scale()));
        let many = if one.0 % step.0 == 0 { one } else { step };
        let (points, worth) = (self.speaker.points(many), self.speaker.money(program.points.worth(many)));
        match self.language {
            Language::En => format!("{points} — {worth} off the price at the till."),
            Language::Ru => format!("{points} — это {worth} при оплате."),
        }
    }

    /// Each rule that gives anything to a buyer.
    fn rules(&self, wanted: impl Fn(&Rule) -> bool) -> Vec<String> {
        let gives = |rule: &&Rule| rule.then.iter().any(is_given) && is_for_everybody(&rule.only_if);
        let shown = self.program.rules.iter().filter(gives).filter(|rule| wanted(rule));
        let line = |rule: &Rule| {
            let told = rule_parts(self.program, rule);
            let of = |text: &Text| self.language.of(text).to_owned();
            let (when, only_if) = (of(&told.when), of(&told.only_if));
            capital(&format!("{when}{only_if}: {}{}{}.", of(&told.then), of(&told.base), of(&told.limits)))
        };
        shown.map(line).collect()
    }
    fn discounts(&self) -> Vec<String> {
        let told = self.program.discounts.iter().filter(|discount| is_for_everybody(&discount.only_if));
        let told = told.filter_map(|discount| told_of(self.program, Subject::Discount, &discount.id));
        told.map(|text| capital(self.language.of(&text))).collect()
    }
    fn rewards(&self) -> Vec<String> {
        let line = |reward: &super::Reward| {
            let name = self.language.of(&reward.name);
            let told = told_of(self.program, Subject::Reward, &reward.id)?;
            let told = self.language.of(&told);
            // A name with a colon in it has lost its beginning.
            Some(if told.starts_with(name) { capital(told) } else { format!("{}: {told}", capital(name)) })
        };
        self.program.rewards.iter().filter_map(line).collect()
    }
    fn transfers(&self) -> Vec<String> {
        let told = self.on(Topic::Transfers);
        match told.is_empty() {
            true => vec![
                self.pick("No: points stay with their owner.", "Нет: баллы остаются у владельца.").to_owned(),
            ],
            false => told,
        }
    }
}

/// Marks and what the shop's own systems hear of are nothing to a buyer.
fn is_given(effect: &Effect) -> bool {
    matches!(
        effect,
        Effect::Credit(_)
            | Effect::Multiply(_)
            | Effect::Grant(Grant::Offer(_) | Grant::Coupon { .. } | Grant::Tier { .. })
    )
}

/// What only some members can have, by a mark, a segment or an offer, is told to them and not to all.
fn is_for_everybody(condition: &Condition) -> bool {
    match condition {
        Condition::All(list) => list.iter().all(is_for_everybody),
        Condition::Tags(_) | Condition::Segments(_) | Condition::Offers(_) | Condition::ControlGroup(_) => {
            false
        }
        _ => true,
    }
}

/// The first letter large.
pub fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}
