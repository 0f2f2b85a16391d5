//! Consents of a member.

pub mod give;
pub mod list;
pub mod withdraw;
