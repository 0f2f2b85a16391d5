//! Personal offers of a member.

pub mod activate;
pub mod give;
pub mod list;
pub mod withdraw;
