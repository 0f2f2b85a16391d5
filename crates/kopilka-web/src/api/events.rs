//! Events of the shop's own.

pub mod tell;
