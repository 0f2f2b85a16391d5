//! Consents of a person, as they were told.
//!
//! Invariant: records are added and never changed; what holds now is what the newest record of a purpose and
//! channel says.

use kopilka_core::consent::{Channel, Channels, Purpose};
use kopilka_core::time::Instant;
use serde::{Deserialize, Serialize};

/// A consent that was given or withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    pub purpose: Purpose,
    /// Of marketing, always; of nothing else.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<Channel>,
    pub given: bool,
    /// When the person said so.
    pub at: Instant,
    pub recorded_at: Instant,
    #[serde(flatten)]
    pub proof: Proof,
}

/// How the shop can prove it. Each is the shop's own text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Proof {
    /// Which version of the text was agreed to: its name, or its hash.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text_version: Option<String>,
    /// The form, page or till.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user_agent: Option<String>,
    /// What shows that it was this person, such as the id of a code that was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proof: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub operator: Option<String>,
}

/// Consents that hold now: of each purpose and channel the newest record by when it was said, where it gives.
/// One from before a withdrawal, told late, revives nothing.
pub fn live(consents: &[Consent]) -> Vec<&Consent> {
    let mut newest: Vec<&Consent> = Vec::new();
    let mut in_order: Vec<&Consent> = consents.iter().collect();
    in_order.sort_by_key(|consent| consent.at);
    for consent in in_order {
        newest.retain(|known| (known.purpose, known.channel) != (consent.purpose, consent.channel));
        newest.push(consent);
    }
    newest.retain(|consent| consent.given);
    newest
}

/// Channels by which the person may be told of offers.
pub fn subscribed(consents: &[Consent]) -> Channels {
    let marketing = live(consents).into_iter().filter(|c| c.purpose == Purpose::Marketing);
    marketing.filter_map(|consent| consent.channel).collect()
}
