//! The only crate that knows SQL. One contract, here in prose; one engine behind it so far.
//!
//! # The contract
//!
//! - **A member is one row.** Everything a decision needs stands in it; beside it are the member's orders
//!   and person, named by full key. A command changes one member, its orders and person, and directory rows
//!   it names; never another member's.
//! - **The journal is append-only.** Each entry has an id in time order, the member's number for it (`seq`),
//!   and the id of the member's entry before. The row is the fold of its entries: [`verify`](verify::verify)
//!   proves it. There is no outbox: the journal is read by consumers, each with a cursor.
//! - **One transaction a group.** The owner of the [`Writer`] begins, reads members, decides, writes entries,
//!   rows and names, and commits; what `commit` returned for is on disk. After any error the transaction is
//!   undone whole, a full disk included, and the next one starts clean.
//! - **`seq` is compared and set**: a row that is no longer as it was read is a conflict, not a lost update.
//! - **A name is unique in its program** by being the directory's primary key.
//! - **A key is never forgotten**: the member's row remembers it until the projection has put it into the
//!   table of old keys. Registrations, which have no member yet, keep theirs in the directory.
//! - **Every row names its program**, and every query of a tenant's data filters on it.
//! - **Projections** (`r_*`) are filled from the journal in sorted batches, the cursor in the same
//!   transaction; they lag, can be dropped and come back the same.
//! - **Schemas are numbered.** An older database is migrated when opened for writing; a newer one is refused.
//! - Ids, instants and texts are parameters; the engine makes none and rounds nothing.
//!
//! The SQL stands in one subset that a second engine takes too; the contract's tests are those of
//! `kopilka-service`, which ask only what is written here.

pub mod error;
mod hex;
pub mod read;
pub mod rows;
mod sql;
mod sqlite;
pub mod verify;

pub use error::StoreError;
pub use sqlite::{
    Batch, Consumer, Health, MONTH_NEVER, MonthOf, Part, Reader, SCHEMA_VERSION, Store, Writer, back_up,
    check_file,
};
