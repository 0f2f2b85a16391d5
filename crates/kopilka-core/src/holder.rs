//! Holders: people who use one account together, such as a family or the staff of a company.
//!
//! Invariant: here a holder is a number and its rights. Who that is, and by which phone or card it is known,
//! stands in the person's row, so the journal names nobody.

use serde::{Deserialize, Serialize};

/// Holders of one account: as many as an account has phones, or cards. A larger company has several accounts.
pub const HOLDERS_MAX: usize = 20;
/// The largest number of a holder: two digits fit on every list of a shop.
pub const HOLDER_NO_MAX: u8 = 99;

/// Which of the account's holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct HolderNo(pub u8);

impl HolderNo {
    /// From 1 to [`HOLDER_NO_MAX`].
    pub fn new(no: u64) -> Option<HolderNo> {
        u8::try_from(no).ok().filter(|no| (1..=HOLDER_NO_MAX).contains(no)).map(HolderNo)
    }
}

/// What a holder may do with the account. Whoever is no holder, the owner, may do all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// What the holder buys earns.
    pub earn: bool,
    /// The holder pays with points, takes rewards and gives points to others.
    pub spend: bool,
    /// The holder is told the balance.
    pub see: bool,
    /// The holder is told what was bought and booked.
    pub statement: bool,
}

impl Rights {
    /// The owner's.
    pub const ALL: Rights = Rights { earn: true, spend: true, see: true, statement: true };
    /// Of whoever shares the account no longer.
    pub const NONE: Rights = Rights { earn: false, spend: false, see: false, statement: false };
    /// As the outside calls them.
    pub const NAMES: [&str; 4] = ["earn", "spend", "see", "statement"];

    pub fn names(self) -> impl Iterator<Item = &'static str> {
        let may = [self.earn, self.spend, self.see, self.statement];
        Rights::NAMES.into_iter().zip(may).filter_map(|(name, may)| may.then_some(name))
    }
    /// `None` where one of the names is no right.
    pub fn named<'n>(names: impl Iterator<Item = &'n str>) -> Option<Rights> {
        let mut rights = Rights::NONE;
        for name in names {
            match name {
                "earn" => rights.earn = true,
                "spend" => rights.spend = true,
                "see" => rights.see = true,
                "statement" => rights.statement = true,
                _ => return None,
            }
        }
        Some(rights)
    }
}

/// A holder as the account knows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub no: HolderNo,
    pub rights: Rights,
}

/// What happens to holders.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "holder")]
pub enum HolderEvent {
    /// A new one, or other rights of one that is there.
    Set(Holder),
    Gone {
        no: HolderNo,
    },
}

/// Applies an event to the holders of a member, who stand in the order of their numbers.
pub(crate) fn evolve(holders: &mut Vec<Holder>, event: HolderEvent) {
    let no = match event {
        HolderEvent::Set(Holder { no, .. }) | HolderEvent::Gone { no } => no,
    };
    let place = holders.binary_search_by_key(&no, |holder| holder.no);
    match (event, place) {
        (HolderEvent::Set(holder), Ok(at)) => holders[at] = holder,
        (HolderEvent::Set(holder), Err(at)) => holders.insert(at, holder),
        (HolderEvent::Gone { .. }, Ok(at)) => {
            holders.remove(at);
        }
        (HolderEvent::Gone { .. }, Err(_)) => {}
    }
}
