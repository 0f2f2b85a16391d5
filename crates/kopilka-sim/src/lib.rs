//! A shop's order history through the engine, on a virtual clock, in memory.
//!
//! Invariant: every purchase and return goes through [`kopilka_core::book::execute`]; nothing here computes
//! a point. Members do not touch each other, so they are replayed one by one and the result does not depend
//! on the number of threads.

pub mod bench;
mod beside;
mod drawn;
mod drive;
mod error;
mod habits;
mod history;
mod intern;
mod log;
mod map;
mod page;
pub mod plot;
mod reasons;
mod records;
mod replay;
mod report;
mod told;
mod totals;
mod values;
mod words;

pub use beside::{Beside, Buyer, Came, Changed, Compared, Did, LARGEST, Sums};
pub use drawn::Drawn;
pub use error::SimError;
pub use habits::{Measured, measure};
pub use log::{Log, Row, read, read_telling};
pub use map::{CodeKind, Map, Matching};
pub use reasons::{Reason, Used};
pub use replay::{Options, Progress, Replay, Spend, open, replay};
pub use report::{MonthRow, Report};
pub use told::{Steps, Told, ToldStep, Unused, rows_of, told};
pub use totals::MonthName;
pub use words::Lang;
