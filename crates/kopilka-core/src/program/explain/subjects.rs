//! One part of a program told by itself: what a card of the constructor says.
//!
//! Invariant: the sentences are those of the whole text.

use super::conditions::condition_told;
use super::{RuleTold, Told};
use crate::program::{Program, Rule, Text};

/// What has an id of its own and a sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject {
    Rule,
    Discount,
    Campaign,
    Reward,
    Offer,
    Level,
    Achievement,
    Segment,
}

/// What the settings of one kind come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Earning,
    /// From when and until when points can be spent.
    Dates,
    Spending,
    Transfers,
    Returns,
    GiftCards,
    Standing,
    Fraud,
}

/// The sentence of one subject, without its name; `None` where the program has none of this id.
pub fn told_of(program: &Program, subject: Subject, id: &str) -> Option<Text> {
    let mut told = Told::of(program);
    match subject {
        Subject::Rule => told.rule(program.rules.iter().find(|rule| rule.id == id)?),
        Subject::Discount => told.discount(program.discounts.iter().find(|discount| discount.id == id)?),
        Subject::Campaign => told.campaign(program.coupons.campaigns.iter().find(|c| c.id == id)?),
        Subject::Reward => told.reward(program.rewards.iter().find(|reward| reward.id == id)?),
        Subject::Offer => told.offer(program.offers.iter().find(|offer| offer.id == id)?),
        Subject::Level => {
            let tiers = program.tiers.as_ref()?;
            told.level(tiers.by, tiers.levels.iter().find(|level| level.id == id)?);
        }
        Subject::Achievement => told.achievement(program.achievements.iter().find(|a| a.id == id)?),
        Subject::Segment => {
            let segment = program.segments.iter().find(|segment| segment.id == id)?;
            return Some(condition_told(program, &segment.only_if));
        }
    }
    let line = told.lines.pop()?;
    // A name may have a colon in it; the words of the sentence begin after the one that is the line's own.
    let bare = |line: &str| line.split_once(": ").map_or(line, |(_, rest)| rest).to_owned();
    Some(Text::of(bare(&line.en), bare(&line.ru)))
}

/// The sentences of one topic, without heading and dashes.
pub fn told_on(program: &Program, topic: Topic) -> Vec<Text> {
    told_by(Told::of(program), topic)
}

/// The same for buyers: without what is the shop's own affair.
pub fn told_to_buyers(program: &Program, topic: Topic) -> Vec<Text> {
    told_by(Told { for_buyers: true, ..Told::of(program) }, topic)
}

fn told_by(mut told: Told<'_>, topic: Topic) -> Vec<Text> {
    match topic {
        Topic::Earning => told.earning(),
        Topic::Dates => {
            told.waiting();
            told.living();
        }
        Topic::Spending => told.spending(),
        Topic::Transfers => told.transfers(),
        Topic::Returns => told.returns(),
        Topic::GiftCards => told.gift_cards(),
        Topic::Standing => told.standing(),
        Topic::Fraud => told.fraud(),
    }
    let of_list = told.lines.iter().filter(|line| line.en.starts_with("- "));
    of_list
        .map(|line| {
            let bare = |text: &str| text.strip_prefix("- ").unwrap_or(text).to_owned();
            Text::of(bare(&line.en), bare(&line.ru))
        })
        .collect()
}

/// When a rule acts, if what holds, what it does then.
pub fn rule_parts(program: &Program, rule: &Rule) -> RuleTold {
    Told::of(program).rule_told(rule)
}
