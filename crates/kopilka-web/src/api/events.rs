//! Events of the shop's own.

pub mod stream;
pub mod tell;
