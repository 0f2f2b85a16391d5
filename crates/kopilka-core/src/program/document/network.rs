//! The referral network of a document.
//!
//! Invariant: a rule of `referral` gives points to referrers and nothing else, and no other rule does.

use super::Fields;
use super::conditions::{Asked, trigger_name};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use crate::program::diagnostics::{Findings, Place};
use crate::program::{Referral, ReferralClawback, Text, Touch, Trigger, VISIT_WITHIN};
use crate::referral::LEVELS_MAX;

pub(super) fn read(document: &Fields<'_>) -> Referral {
    let Some(fields) = document.map("referral", Block::Referral) else { return Referral::default() };
    let touch = match fields.read("touch", |f, n| choice(f, n, Block::Touch)) {
        Some("first") => Touch::First,
        _ => Touch::Last,
    };
    let within = fields.read("within", |f, n| period_of_some_length(f, n, "within"));
    Referral { touch, within: within.unwrap_or(VISIT_WITHIN) }
}

pub(super) fn clawback(fields: Option<Fields<'_>>) -> ReferralClawback {
    let word = fields.and_then(|f| f.read("referral_clawback", |f, n| choice(f, n, Block::ReferralClawback)));
    match word {
        Some("debt") => ReferralClawback::Debt,
        Some("off") => ReferralClawback::Off,
        _ => ReferralClawback::OwnLot,
    }
}

/// To whom a credit goes: the level of the referrer, or the member.
pub(super) fn level(credit: &Fields<'_>, asked: Asked<'_>) -> Option<u8> {
    credit.needs("level", "to");
    let of_referrer = asked.when.is_some_and(Trigger::is_of_referrer);
    let to = credit.read("to", |f, n| choice(f, n, Block::CreditTo));
    let most = i64::from(LEVELS_MAX);
    let kind = Kind::Whole { from: 1, to: most };
    let level = credit.read("level", |f, n| number(f, n, kind, 0, (1, most)));
    match (to, credit.place_of("to"), asked.when) {
        (None, None, Some(_)) if of_referrer => credit.missing("to"),
        (Some(_), Some(place), Some(when)) if !of_referrer => {
            let argument = [("trigger", trigger_name(when))];
            credit.findings.report("effect_without_referrer", place, &argument);
        }
        _ => {}
    }
    to.and_then(|_| u8::try_from(level.unwrap_or(1)).ok())
}

/// What a rule of `referral` cannot have: a group weighs the points of one member, and effects beside points
/// are given to who acts.
pub(super) fn refuse_others(findings: &Findings, when: Option<Trigger>, word: Option<(&str, Place)>) {
    if let (Some(when), Some((word, place))) = (when.filter(|when| when.is_of_referrer()), word) {
        let first = Text::both(format!("when: {}", trigger_name(when).en));
        findings.report("words_conflict", place, &[("first", first), ("second", Text::both(word))]);
    }
}
