//! Rows as both engines keep them: plain columns for scalars, short JSON for small lists.
//!
//! Invariant: every row names its program; personal data stands in [`Person`] alone.

mod accrual;
mod consent;
mod site;
mod words;

pub use accrual::{AccrualAct, AccrualBody, AccrualCounts, AccrualPart, AccrualRow, AccrualState, PartState};
pub use consent::{Consent, Proof, live, subscribed};
use kopilka_core::attribute::Attributes;
use kopilka_core::coupon::CouponCode;
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Known, Member, PersonFacts};
use kopilka_core::order::{OrderKey, OrderState};
use kopilka_core::time::{Day, Instant};
use kopilka_core::trace::Trace;
use serde::{Deserialize, Serialize};
pub use site::{Site, SiteProof};
pub use words::words_of_name;

/// The form of the JSON in members, entries and orders; readers also accept the one before.
pub const FORMAT: i64 = 1;

/// Sixteen bytes of a keyed hash: no two keys or bodies of a program meet by chance.
pub type Hash16 = [u8; 16];

/// An idempotency key the member's row still remembers, and the entry that answered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RecentKey {
    pub hash: Hash16,
    pub entry: EntryId,
}

/// A member's row: everything a decision about the member needs.
#[derive(Debug, Clone, PartialEq)]
pub struct MemberRow {
    pub program: ProgramId,
    pub member: Member,
    /// Number of the newest entry; 0 before the first.
    pub seq: i64,
    /// The newest entry; 0 before the first.
    pub head: EntryId,
    pub next_due: Option<Instant>,
    /// Oldest first.
    pub keys: Vec<RecentKey>,
}

/// One journal entry.
#[derive(Debug, Clone, PartialEq)]
pub struct EntryRow {
    pub id: EntryId,
    pub program: ProgramId,
    pub member: MemberId,
    /// 1, 2, 3 … within the member.
    pub seq: i64,
    /// The member's entry before this one; 0 for the first.
    pub prev: EntryId,
    pub cause: String,
    pub order: Option<OrderKey>,
    /// The program version that decided.
    pub version: u32,
    pub operator: Option<String>,
    pub reason: Option<String>,
    pub effective_at: Instant,
    pub recorded_at: Instant,
    pub key_hash: Option<Hash16>,
    pub input_hash: Option<Hash16>,
    /// The first answer, as the service wrote it: ids and figures only.
    pub answer: Option<String>,
    pub events: Vec<Event>,
    pub trace: Trace,
}

/// An order of a member.
#[derive(Debug, Clone, PartialEq)]
pub struct OrderRow {
    pub program: ProgramId,
    pub member: MemberId,
    pub state: OrderState,
}

/// What is known of a person. Erasing this row leaves the books whole.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Person {
    pub name: Option<String>,
    pub birth_date: Option<Day>,
    /// When the birth date became known.
    pub birth_date_known_at: Option<Instant>,
    pub language: Option<String>,
    /// The shop's own customer id.
    pub ext: Option<String>,
    /// Those of accounts that were merged into this one.
    pub other_exts: Vec<String>,
    /// E.164.
    pub phones: Vec<String>,
    /// Case-folded.
    pub emails: Vec<String>,
    pub cards: Vec<String>,
    /// Lost or replaced: they lead to nobody, and nobody else may have them.
    pub blocked_cards: Vec<String>,
    pub attributes: Attributes,
    /// Where the person lives, as the shop calls it.
    pub region: Option<String>,
    /// In the order they were told.
    pub consents: Vec<Consent>,
    /// In the order they were claimed.
    pub sites: Vec<Site>,
    /// The chat with the program's bot.
    pub telegram: Option<String>,
    /// Who uses the account beside its owner, in the order of their numbers.
    pub holders: Vec<HolderPerson>,
}

/// A holder of the account as a person; what each may do stands in the member's row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HolderPerson {
    pub no: HolderNo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of the account's own phones, e-mails and cards, blocked ones too, those by which it is this holder
    /// who comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub phones: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub emails: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cards: Vec<String>,
}

impl Person {
    /// By which the person is found.
    pub fn words(&self) -> Vec<String> {
        let holders = self.holders.iter().filter_map(|holder| holder.name.as_deref());
        let mut words: Vec<String> =
            self.name.as_deref().into_iter().chain(holders).flat_map(words_of_name).collect();
        words.sort();
        words.dedup();
        words
    }
    pub fn facts(&self) -> PersonFacts {
        PersonFacts {
            birth_date: self.birth_date,
            birth_date_known_at: self.birth_date_known_at,
            attributes: self.attributes.clone(),
            language: self.language.as_deref().map(Into::into),
            region: self.region.as_deref().map(Into::into),
            subscribed: subscribed(&self.consents),
            known: Known {
                name: self.name.is_some(),
                phone: !self.phones.is_empty(),
                email: !self.emails.is_empty(),
                card: !self.cards.is_empty(),
                elsewhere: self.ext.is_some() || self.telegram.is_some(),
            },
        }
    }
}

/// What a directory row's value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The shop's customer id, as it is.
    Ext,
    /// A keyed hash of the E.164 number.
    Phone,
    /// A keyed hash of the case-folded address.
    Email,
    /// The card's number, as it is.
    Card,
    /// The number of a card that is blocked, as it is.
    BlockedCard,
    /// `4:shop/order id`, the number being the shop's length in bytes.
    Order,
    /// An idempotency key of a command that had no member yet.
    Key,
    /// An entry that was reversed: once for ever.
    Reversed,
    /// A gift card, by its code: leads to the row of its own.
    GiftCard,
    /// A keyed hash of a visitor of the shop's pages: leads to the member whose link it was.
    Visitor,
    /// A site whose owner was shown, by its host as it is.
    Site,
    /// A member that takes part in a merge under way: leads to the account that ends. One at a time, so that
    /// no two accounts become part of each other.
    Merging,
}

impl Kind {
    pub const ALL: [Kind; 12] = [
        Kind::Ext,
        Kind::Phone,
        Kind::Email,
        Kind::Card,
        Kind::BlockedCard,
        Kind::Order,
        Kind::Key,
        Kind::Reversed,
        Kind::GiftCard,
        Kind::Visitor,
        Kind::Site,
        Kind::Merging,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Kind::Ext => "ext",
            Kind::Phone => "phone",
            Kind::Email => "email",
            Kind::Card => "card",
            Kind::BlockedCard => "blocked_card",
            Kind::Order => "order",
            Kind::Key => "key",
            Kind::Reversed => "reversed",
            Kind::GiftCard => "gift_card",
            Kind::Visitor => "visitor",
            Kind::Site => "site",
            Kind::Merging => "merging",
        }
    }
    pub fn by_name(name: &str) -> Option<Kind> {
        Kind::ALL.into_iter().find(|k| k.name() == name)
    }
}

/// The key of a directory row within its program.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name {
    pub kind: Kind,
    pub value: Vec<u8>,
}

impl Name {
    pub fn new(kind: Kind, value: impl Into<Vec<u8>>) -> Name {
        Name { kind, value: value.into() }
    }
    /// An order id is unique within program and shop; the shop's length keeps the two apart.
    pub fn order(key: &OrderKey) -> Name {
        Name::new(Kind::Order, format!("{}:{}/{}", key.shop.len(), key.shop, key.order))
    }
    pub fn key(hash: Hash16) -> Name {
        Name::new(Kind::Key, hash)
    }
    pub fn gift_card(code: &CouponCode) -> Name {
        Name::new(Kind::GiftCard, code.as_str())
    }
    pub fn merging(member: MemberId) -> Name {
        Name::new(Kind::Merging, member.0.to_be_bytes())
    }
    pub fn reversed(entry: EntryId) -> Name {
        Name::new(Kind::Reversed, entry.0.to_be_bytes())
    }
}

/// Where a directory row leads: the member, and the entry for keys and reversals.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Target {
    pub member: MemberId,
    pub entry: Option<EntryId>,
}

/// A program (a tenant).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProgramRow {
    pub id: ProgramId,
    pub slug: String,
    pub sandbox: bool,
    pub created_at: Instant,
    /// The movable clock of a sandbox program, once it is set.
    pub clock: Option<Instant>,
}

/// A published version, as text: it is compiled when the program starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRow {
    pub program: ProgramId,
    pub version: u32,
    pub effective_from: Instant,
    pub published_at: Instant,
    pub author: String,
    pub note: String,
    pub text: String,
    /// Due times of all members have been computed by this version.
    pub armed: bool,
}

/// A document that is being written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DraftRow {
    pub name: String,
    /// From 1; each change is the next.
    pub revision: i64,
    pub author: String,
    pub note: String,
    pub updated_at: Instant,
    pub text: String,
}

/// An API key: the secret itself is nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRow {
    pub id: String,
    pub program: ProgramId,
    pub shop: String,
    pub name: String,
    pub scopes: Vec<String>,
    pub secret_hash: [u8; 32],
    pub created_at: Instant,
    pub revoked_at: Option<Instant>,
}
