//! Members as they are answered. Only reads carry personal data: stored first answers never do.

use super::holder::HolderAnswer;
use super::{AchievementAnswer, BalanceAnswer, TierAnswer};
use crate::wire::member::{AttributeWire, referral_code};
use crate::wire::{DayText, TimeText};
use kopilka_core::consent::Channel;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::program::Program;
use kopilka_core::time::Instant;
use kopilka_service::rows::{MemberRow, Person, subscribed};
use serde::Serialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// The last of them is a check digit. Four would be all that differs between the cards of one shop.
const CARD_SHOWN: usize = 2;

/// A member with what is known of the person.
#[derive(Debug, Serialize, ToSchema)]
pub struct MemberAnswer {
    #[schema(example = "m_0000000000001")]
    pub id: String,
    /// `active`, `blocked`, `frozen`, `guest` or `anonymized`; `merged` while it is on its way into another.
    pub status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registered_at: Option<TimeText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ext: Option<String>,
    /// Those of accounts that were merged into this one: they lead here too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub other_exts: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birth_date: Option<DayText>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// The id of the chat with the program's bot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub telegram: Option<i64>,
    /// Channels by which the member agrees to hear of offers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub subscribed: Vec<&'static str>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    /// To a member token their last two digits alone.
    pub cards: Vec<String>,
    /// Lost or replaced: they find nobody.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked_cards: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: BTreeMap<String, AttributeWire>,
    pub balance: BalanceAnswer,
    /// Absent in a program without levels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tier: Option<TierAnswer>,
    /// What the member's own link ends with.
    pub referral_code: String,
    /// Who brought the member.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub referrer: Option<String>,
    /// What the member is marked with.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub achievements: Vec<AchievementAnswer>,
    /// Accounts that have become part of this one: their ids lead here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merged: Vec<String>,
    /// The number of the member's newest entry.
    pub seq: i64,
}

/// Who was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundAnswer {
    pub member: MemberAnswer,
    /// Whose the identifier is, where it is not the owner's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub holder: Option<HolderAnswer>,
}

pub fn status_name(status: MemberStatus) -> &'static str {
    match status {
        MemberStatus::Active => "active",
        MemberStatus::Blocked => "blocked",
        MemberStatus::Frozen => "frozen",
        MemberStatus::Guest => "guest",
        MemberStatus::Anonymized => "anonymized",
        MemberStatus::Merged => "merged",
    }
}

impl MemberAnswer {
    pub fn of(row: &MemberRow, person: Option<Person>, program: &Program, now: Instant) -> MemberAnswer {
        let id: MemberId = row.member.id;
        let person = person.unwrap_or_default();
        MemberAnswer {
            id: id.to_string(),
            status: status_name(row.member.status),
            registered_at: row.member.registered_at.map(TimeText),
            ext: person.ext,
            other_exts: person.other_exts,
            name: person.name,
            birth_date: person.birth_date.map(DayText),
            language: person.language,
            region: person.region,
            telegram: person.telegram.and_then(|chat| chat.parse().ok()),
            subscribed: subscribed(&person.consents).list().map(Channel::name).collect(),
            phones: person.phones,
            emails: person.emails,
            cards: person.cards,
            blocked_cards: person.blocked_cards,
            attributes: person
                .attributes
                .0
                .iter()
                .map(|(id, value)| (id.to_string(), AttributeWire::of(value)))
                .collect(),
            balance: BalanceAnswer::of(&row.member.balance_at(now), program),
            tier: TierAnswer::of(&row.member, program, now),
            referral_code: referral_code(id),
            referrer: row.member.referrer.as_ref().map(|referrer| referrer.member.to_string()),
            tags: row.member.tags.iter().map(ToString::to_string).collect(),
            achievements: AchievementAnswer::all(&row.member, program),
            merged: row.member.absorbed.iter().map(|one| one.member.to_string()).collect(),
            seq: row.seq,
        }
    }

    /// For a page that anybody may have open: whoever has a member's e-mail shows by a card that it is them,
    /// so a page tells no more of cards than which of them is meant.
    pub fn for_member(mut self) -> MemberAnswer {
        for card in self.cards.iter_mut().chain(&mut self.blocked_cards) {
            let hidden = card.chars().count().saturating_sub(CARD_SHOWN);
            *card = format!("···{}", card.chars().skip(hidden).collect::<String>());
        }
        self
    }
}
