//! By which channels a member has agreed to hear of offers.
//!
//! Invariant: a channel is in the set only while a consent is given and not withdrawn; who proved what, when
//! and from where stands with the person and never enters the journal.

use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// A way to reach a person.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Channel {
    Email,
    Sms,
    /// A messenger's message.
    Telegram,
    Push,
    /// A telephone call.
    Call,
}

impl Channel {
    pub fn name(self) -> &'static str {
        self.into()
    }
    pub fn by_name(name: &str) -> Option<Channel> {
        Channel::iter().find(|channel| channel.name() == name)
    }
}

/// What a person agrees to.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, EnumIter, IntoStaticStr,
)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum Purpose {
    /// Offers and news by a channel.
    Marketing,
    /// The processing of personal data.
    PersonalData,
    /// What was bought may be studied.
    Profiling,
}

impl Purpose {
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A set of channels, one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Channels(u8);

impl Channels {
    pub fn is_none(&self) -> bool {
        self.0 == 0
    }
    pub fn all() -> Channels {
        Channel::iter().collect()
    }
    pub fn has(self, channel: Channel) -> bool {
        self.0 & bit(channel) != 0
    }
    pub fn add(&mut self, channel: Channel) {
        self.0 |= bit(channel);
    }
    pub fn list(self) -> impl Iterator<Item = Channel> {
        Channel::iter().filter(move |channel| self.has(*channel))
    }
    /// As a row keeps it.
    pub fn bits(self) -> i64 {
        i64::from(self.0)
    }
    /// Bits that stand for no channel are left out.
    pub fn of_bits(bits: i64) -> Channels {
        Channel::iter().filter(|channel| bits & i64::from(bit(*channel)) != 0).collect()
    }
}

impl FromIterator<Channel> for Channels {
    fn from_iter<I: IntoIterator<Item = Channel>>(channels: I) -> Channels {
        let mut all = Channels::default();
        channels.into_iter().for_each(|channel| all.add(channel));
        all
    }
}

fn bit(channel: Channel) -> u8 {
    1 << channel as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_comes_back_from_its_bits_whatever_else_they_say() {
        for bits in 0..=i64::from(u8::MAX) {
            let channels = Channels::of_bits(bits);
            assert_eq!(channels.list().collect::<Channels>(), channels);
            assert_eq!(channels.bits(), bits & 0b1_1111);
        }
        assert_eq!(Channel::by_name("sms"), Some(Channel::Sms));
        assert_eq!(Channel::by_name("SMS"), None);
    }
}
