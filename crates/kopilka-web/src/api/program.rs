//! The program itself: what is in force, its versions, and documents that are to become one.

pub mod check;
pub mod difference;
pub mod drafts;
pub mod get;
pub mod publish;
pub mod versions;
