//! Points from member to member.

pub mod send;
