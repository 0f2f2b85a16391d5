//! Members: who they are, what they have, what moved.

pub mod addresses;
pub mod adjust;
pub mod balance;
pub mod cards;
pub mod entries;
pub mod erase;
pub mod export;
pub mod get;
pub mod holders;
pub mod lookup;
pub mod lots;
pub mod merge;
pub mod patch;
pub mod register;
pub mod status;
pub mod tags;
pub mod telegram_links;
pub mod tier;
pub mod tokens;
