//! Consents as a shop tells of them.

use super::{TimeText, Word};
use kopilka_core::consent::{Channel, Purpose};
use kopilka_service::rows::Proof;
use kopilka_service::{ConsentTold, WithdrawalTold};
use serde::Deserialize;
use utoipa::ToSchema;

/// Browsers within other programs call themselves by long names; beyond this it says nothing new.
const USER_AGENT_MAX: usize = 300;

/// What a person agrees to.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PurposeWire {
    /// Offers and news, by one channel.
    Marketing,
    /// The processing of personal data.
    PersonalData,
    /// What was bought may be studied.
    Profiling,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChannelWire {
    Email,
    Sms,
    Telegram,
    Push,
    Call,
}

/// A consent that a person has given.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConsentWire {
    pub purpose: PurposeWire,
    /// Of `marketing`, and of nothing else.
    pub channel: Option<ChannelWire>,
    /// When the person agreed; now when left out.
    pub at: Option<TimeText>,
    /// Which version of the text was agreed to: its name, or its hash.
    pub text_version: Option<Word>,
    /// The form, page or till.
    pub source: Option<Word>,
    pub ip: Option<Word>,
    /// Cut at 300 characters.
    pub user_agent: Option<String>,
    /// What shows that it was this person, such as the id of a code that was confirmed.
    pub proof: Option<Word>,
    pub operator: Option<Word>,
}

/// Consents that a person takes back; all that hold where neither purpose nor channel is named.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WithdrawalWire {
    pub purpose: Option<PurposeWire>,
    pub channel: Option<ChannelWire>,
    /// When the person said so; now when left out.
    pub at: Option<TimeText>,
    pub source: Option<Word>,
    pub ip: Option<Word>,
    /// Cut at 300 characters.
    pub user_agent: Option<String>,
    pub proof: Option<Word>,
    pub operator: Option<Word>,
}

fn purpose(wire: PurposeWire) -> Purpose {
    match wire {
        PurposeWire::Marketing => Purpose::Marketing,
        PurposeWire::PersonalData => Purpose::PersonalData,
        PurposeWire::Profiling => Purpose::Profiling,
    }
}

fn channel(wire: ChannelWire) -> Channel {
    match wire {
        ChannelWire::Email => Channel::Email,
        ChannelWire::Sms => Channel::Sms,
        ChannelWire::Telegram => Channel::Telegram,
        ChannelWire::Push => Channel::Push,
        ChannelWire::Call => Channel::Call,
    }
}

fn text(word: &Option<Word>) -> Option<String> {
    word.as_ref().map(|word| word.0.clone())
}

fn user_agent(told: &Option<String>) -> Option<String> {
    let kept = |text: &String| text.chars().filter(|c| !c.is_control()).take(USER_AGENT_MAX).collect();
    told.as_ref().map(kept)
}

impl ConsentWire {
    pub fn core(&self) -> ConsentTold {
        ConsentTold {
            purpose: purpose(self.purpose),
            channel: self.channel.map(channel),
            at: self.at.map(|at| at.0),
            proof: Proof {
                text_version: text(&self.text_version),
                source: text(&self.source),
                ip: text(&self.ip),
                user_agent: user_agent(&self.user_agent),
                proof: text(&self.proof),
                operator: text(&self.operator),
            },
        }
    }
}

impl WithdrawalWire {
    pub fn core(&self) -> WithdrawalTold {
        WithdrawalTold {
            purpose: self.purpose.map(purpose),
            channel: self.channel.map(channel),
            at: self.at.map(|at| at.0),
            proof: Proof {
                text_version: None,
                source: text(&self.source),
                ip: text(&self.ip),
                user_agent: user_agent(&self.user_agent),
                proof: text(&self.proof),
                operator: text(&self.operator),
            },
        }
    }
}
