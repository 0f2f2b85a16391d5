//! An order as a shop tells it, and an order as the engine remembers it.
//!
//! Invariant: what a remembered order gives and takes is a function of what remains of it; a returned
//! order has nothing left.

mod body;
mod credit;
mod receipt;
mod shelf;
mod state;

pub use body::*;
pub use credit::*;
pub use receipt::*;
pub use shelf::Orders;
pub use state::*;
