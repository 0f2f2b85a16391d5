//! What an order would come to.

pub mod ask;
