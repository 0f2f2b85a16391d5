//! Triggers that no order brings: a silence, a schedule, a complete profile; and what completes one.
//!
//! Invariant: a schedule names exactly the day that its period needs, so it comes once a period.

use super::node::{Data, Field};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, conditions, settings};
use crate::attribute::Attribute;
use crate::program::diagnostics::Findings;
use crate::program::{Every, ProfileField, Schedule, Text, Trigger, Validity};

/// Ten years: who was silent longer is not won back by points.
pub(super) const INACTIVE_DAYS_MAX: i64 = 3_650;

/// Words of a person's own that a profile may name; all others are attributes.
const OF_PERSON: [&str; 5] = ["name", "phone", "email", "card", "birthday"];

pub(super) fn inactive(findings: &Findings, field: &Field) -> Option<Trigger> {
    let fields = findings.fields(&field.value, Block::InactiveWhen)?;
    let kind = Kind::Whole { from: 1, to: INACTIVE_DAYS_MAX };
    let days = number(findings, fields.required("days")?, kind, 0, (1, INACTIVE_DAYS_MAX))?;
    Some(Trigger::MemberInactive { days: i32::try_from(days).ok()? })
}

/// Exactly the word that says which day of the period stands beside `every`.
pub(super) fn schedule(findings: &Findings, field: &Field) -> Option<Trigger> {
    let fields = findings.fields(&field.value, Block::ScheduleWhen)?;
    let minute = fields.read("at", time_of_day).map_or(0, |minute| minute % 1440);
    let every = choice(findings, fields.required("every")?, Block::ScheduleEvery)?;
    let wanted = match every {
        "week" => "weekday",
        "month" => "day",
        "year" => "date",
        _ => "every",
    };
    for word in ["weekday", "day", "date"] {
        if word != wanted
            && let Some(place) = fields.place_of(word)
        {
            let first = format!("every: {every}");
            let arguments = [("first", Text::both(first)), ("second", Text::both(word))];
            findings.report("words_conflict", place, &arguments);
        }
    }
    let node = fields.required(wanted)?;
    let every = match every {
        "week" => {
            let day = choice(findings, node, Block::Weekday)?;
            Every::Week(conditions::weekday(day)?)
        }
        "month" => {
            let day = number(findings, node, Kind::Whole { from: 1, to: 31 }, 0, (1, 31))?;
            Every::Month(i8::try_from(day).ok()?)
        }
        "year" => match settings::day_of_year(findings, node)? {
            Validity::Yearly { month, day } => Every::Year(month, day),
            _ => return None,
        },
        _ => Every::Day,
    };
    Some(Trigger::Schedule(Schedule { every, minute }))
}

/// The `profile:` of a document.
pub(super) fn profile(document: &Fields<'_>, declared: &[Attribute]) -> Vec<ProfileField> {
    let known = || OF_PERSON.into_iter().chain(declared.iter().map(|a| a.id.as_str()));
    let read = |findings: &Findings, node: &Node| {
        let Data::Scalar { text, .. } = &node.data else {
            findings.wrong_kind(node, Kind::Text);
            return None;
        };
        findings.knows(text, node.place, known(), ("unknown_attribute", "attribute")).then(|| {
            match text.as_str() {
                "name" => ProfileField::Name,
                "phone" => ProfileField::Phone,
                "email" => ProfileField::Email,
                "card" => ProfileField::Card,
                "birthday" => ProfileField::BirthDate,
                attribute => ProfileField::Attribute(attribute.into()),
            }
        })
    };
    let what = Text::of("parts of a profile", "частей профиля");
    document.read("profile", |f, n| one_or_many(f, n, what, read)).unwrap_or_default()
}
