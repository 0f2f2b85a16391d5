//! The HTTP API: requests to commands, outcomes to answers.
//!
//! Invariant: no rule and no SQL lives here; every write goes through the service's one way, and every
//! query is filtered by the program of the caller's key.

pub mod api;
pub mod app;
pub mod asked;
mod auth;
mod cors;
mod cursor;
pub mod export;
mod front;
pub mod guesses;
pub mod hash;
pub mod headers;
pub mod json;
pub mod language;
mod metrics;
mod operations;
pub mod problem;
mod router;
pub mod scopes;
mod server;
mod telegram;
mod unsubscribe;
pub mod wire;

pub use app::{App, SHOP_DEFAULT};
pub use guesses::Guesses;
pub use metrics::Metrics;
pub use router::{openapi, router, router_with};
pub use server::serve;
