//! What members are told by themselves.

pub mod get;
pub mod put;

use super::senders::channel;
use crate::problem::Problem;
use crate::wire::Word;
use kopilka_service::Class;
use kopilka_service::messages::settings::{Cap, Messaging, Quiet, Telling};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What members are told by themselves, and when they may be written to.
#[derive(Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MessagingWire {
    /// Where members reach this server; marketing cannot be sent without it, for its link takes a consent
    /// back.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://loyalty.shop.example")]
    pub base_url: Option<String>,
    /// When nothing is sent but what was asked for, such as a code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quiet_hours: Option<QuietWire>,
    /// The most marketing messages for one member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketing_cap: Option<CapWire>,
    /// At how many days before the end a member is warned of points that burn (`points_expiring`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!([30, 7, 1]))]
    pub warn_days: Vec<i32>,
    /// By the event's name: what is told at all, and how.
    #[serde(default)]
    pub events: BTreeMap<String, TellingWire>,
}

/// In the program's zone.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuietWire {
    #[schema(example = "21:00")]
    pub from: String,
    #[schema(example = "10:00")]
    pub to: String,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CapWire {
    #[schema(example = 2)]
    pub messages: i64,
    /// 1 to 30.
    #[schema(example = 7)]
    pub days: i64,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TellingWire {
    /// It goes by the first of them by which the member is reached.
    #[schema(value_type = Vec<String>, example = json!(["telegram", "email"]))]
    pub channels: Vec<Word>,
    /// `service`, or `marketing`: only with the member's consent for the channel.
    #[schema(value_type = String, example = "service")]
    pub class: Word,
}

fn invalid(part: &str) -> Problem {
    Problem::of("messaging_invalid").with("part", part).at(format!("/{part}"))
}

fn minutes(text: &str) -> Option<i32> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str, below: i32| {
        let fits = text.len() == 2 && text.bytes().all(|b| b.is_ascii_digit());
        text.parse::<i32>().ok().filter(|number| fits && *number < below)
    };
    Some(number(hours, 24)? * 60 + number(minutes, 60)?)
}

fn clock(minutes: i32) -> String {
    format!("{:02}:{:02}", minutes / 60, minutes % 60)
}

impl MessagingWire {
    fn core(self) -> Result<Messaging, Problem> {
        let quiet = self.quiet_hours.map(|quiet| {
            let (from, to) = (minutes(&quiet.from), minutes(&quiet.to));
            from.zip(to).map(|(from, to)| Quiet { from, to }).ok_or_else(|| invalid("quiet_hours"))
        });
        let telling = |telling: TellingWire| {
            let channels = telling.channels.iter().map(|word| channel(&word.0));
            let channels = channels.collect::<Result<_, _>>().map_err(|_| invalid("events"))?;
            let class = Class::by_name(&telling.class.0).ok_or_else(|| invalid("events"))?;
            Ok::<_, Problem>(Telling { channels, class })
        };
        let events = self.events.into_iter().map(|(event, told)| Ok((event, telling(told)?)));
        Ok(Messaging {
            base_url: self.base_url,
            quiet: quiet.transpose()?,
            cap: self.marketing_cap.map(|cap| Cap { messages: cap.messages, days: cap.days }),
            warn_days: self.warn_days,
            events: events.collect::<Result<_, Problem>>()?,
        })
    }

    pub fn of(settings: Messaging) -> MessagingWire {
        let telling = |telling: Telling| TellingWire {
            channels: telling.channels.iter().map(|channel| Word(channel.name().to_owned())).collect(),
            class: Word(telling.class.name().to_owned()),
        };
        MessagingWire {
            base_url: settings.base_url,
            quiet_hours: settings
                .quiet
                .map(|quiet| QuietWire { from: clock(quiet.from), to: clock(quiet.to) }),
            marketing_cap: settings.cap.map(|cap| CapWire { messages: cap.messages, days: cap.days }),
            warn_days: settings.warn_days,
            events: settings.events.into_iter().map(|(event, told)| (event, telling(told))).collect(),
        }
    }
}
