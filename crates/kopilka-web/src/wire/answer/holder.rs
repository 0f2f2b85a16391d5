//! Holders of an account as the API shows them.

use kopilka_core::holder::Holder;
use kopilka_store::rows::HolderPerson;
use serde::Serialize;
use utoipa::ToSchema;

/// Who uses an account beside its owner.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct HolderAnswer {
    /// The shop's own number for the holder.
    #[schema(minimum = 1, maximum = 99)]
    pub holder: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Of `earn`, `spend`, `see`, `statement`.
    pub rights: Vec<&'static str>,
    pub phones: Vec<String>,
    pub emails: Vec<String>,
    /// Blocked ones too.
    pub cards: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct HoldersAnswer {
    /// In the order of their numbers.
    pub holders: Vec<HolderAnswer>,
}

impl HolderAnswer {
    pub fn of(holder: &Holder, person: Option<&HolderPerson>) -> HolderAnswer {
        HolderAnswer {
            holder: holder.no.0,
            name: person.and_then(|person| person.name.clone()),
            rights: holder.rights.names().collect(),
            phones: person.map(|person| person.phones.clone()).unwrap_or_default(),
            emails: person.map(|person| person.emails.clone()).unwrap_or_default(),
            cards: person.map(|person| person.cards.clone()).unwrap_or_default(),
        }
    }
}
