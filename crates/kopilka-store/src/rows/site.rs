//! A site that a member says is theirs, and whether that was shown.

use kopilka_core::time::Instant;
use serde::{Deserialize, Serialize};
use strum::{EnumIter, IntoEnumIterator, IntoStaticStr};

/// How a member shows that a site is theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, EnumIter, IntoStaticStr, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[strum(serialize_all = "snake_case")]
pub enum SiteProof {
    /// A file at an agreed address.
    File,
    /// A meta tag of the first page.
    Meta,
    /// A record of text beside its name.
    Dns,
}

impl SiteProof {
    pub fn name(self) -> &'static str {
        self.into()
    }
    pub fn by_name(name: &str) -> Option<SiteProof> {
        SiteProof::iter().find(|proof| proof.name() == name)
    }
}

/// A site of a member's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Site {
    /// In its one spelling, without `www.`.
    pub host: String,
    /// What must be found there.
    pub token: String,
    pub claimed_at: Instant,
    /// Since when visitors from there count, and by what it was shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confirmed: Option<(Instant, SiteProof)>,
}
