//! Reports for the owner, over all members.

pub mod expiring;
pub mod fraud;
