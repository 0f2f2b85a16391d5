//! The only crate that knows SQL. One contract, here in prose; two engines behind it.
//!
//! # The contract
//!
//! - **A member is one row.** Everything a decision needs stands in it; beside it are the member's orders
//!   and person, named by full key. A command changes one member, its orders and person, and directory rows
//!   it names; never another member's.
//! - **The journal is append-only.** Each entry has an id in time order, the member's number for it (`seq`),
//!   and the id of the member's entry before. The row is the fold of its entries: [`verify`](verify::verify)
//!   proves it. There is no outbox: the journal is read by consumers, each with a cursor.
//! - **One transaction a group.** The owner of a [`Writer`] begins, loads what the group will ask for,
//!   decides, writes all [`Changes`] and commits; what `commit` returned for is on disk. After any error the
//!   transaction is undone whole, a full disk included, and the next one starts clean.
//! - **A member that was read stays as it is** until the commit: a file has one writer, a server locks the
//!   row. `seq` is compared and set all the same: a row that is no longer as it was read is a conflict, not a
//!   lost update.
//! - **A name is unique in its program** by being the directory's primary key.
//! - **A key is never forgotten**: the member's row remembers it until the projection has put it into the
//!   table of old keys. Registrations, which have no member yet, keep theirs in the directory.
//! - **Every row names its program**, and every query of a tenant's data filters on it.
//! - **Projections** (`r_*`) are filled from the journal in sorted batches, the cursor in the same
//!   transaction; they lag, can be dropped and come back the same. Consumers read no further than the journal
//!   is settled: of several servers each says up to which id it will write no more ([`servers`]).
//! - **Schemas are numbered**, alike for both engines. An older database is migrated when opened for writing;
//!   a newer one is refused.
//! - Ids, instants and texts are parameters; the engine makes none and rounds nothing.
//!
//! The SQL stands in one subset that a sharded PostgreSQL takes too (`migrations/postgres/placement.csv` says
//! how its tables are placed); `tests/rules.rs` holds every statement to it. The contract's tests are those
//! of
//! `kopilka-service`, which ask only what is written here, on both engines.

mod codec;
pub mod codes;
mod conn;
mod copy;
pub mod error;
mod group;
pub mod guests;
mod health;
mod hex;
pub mod messages;
pub mod messaging;
mod migrations;
mod postgres;
mod project;
pub mod read;
mod reader;
pub mod rows;
pub mod servers;
mod sql;
mod sqlite;
mod store;
pub mod team;
mod value;
pub mod verify;
pub mod webhooks;
mod writer;

pub use copy::{Copied, copy};
pub use error::StoreError;
pub use group::{Ahead, Changes, Wanted};
pub use health::{Engine, Health};
pub use migrations::{PLACEMENT, SCHEMA_VERSION};
pub use project::{Batch, Consumer, MONTH_NEVER, MonthOf, Part, STRIPES, stripe_of};
pub use reader::Reader;
pub use sqlite::{back_up, check_file};
pub use store::Store;
pub use writer::{Seal, Writer};
