//! Numbered migrations, one statement a step of its own; a database of a newer program is left alone.
//!
//! Invariant: servers that start at once migrate one after the other: whoever has the table of versions
//! locked does it, the others find it done.

use super::arrays::Arrays;
use super::flight::Flight;
use super::link::Link;
use crate::error::StoreError;
use crate::migrations::{SCHEMA_VERSION, STEPS, statements};
use crate::rows::words_of_name;
use crate::sql::{batch, projection};
use crate::value::{Columns, params};

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (version BIGINT NOT NULL PRIMARY KEY)";
const HAS_VERSION_TABLE: &str = "SELECT count(*) FROM information_schema.tables \
    WHERE table_schema = current_schema() AND table_name = 'schema_version'";
/// Views and what extensions bring are nobody's data.
const HAS_TABLES: &str = "SELECT count(*) FROM information_schema.tables \
    WHERE table_schema = current_schema() AND table_type = 'BASE TABLE'";
const VERSION: &str = "SELECT coalesce(max(version), 0) FROM schema_version";
const VERSION_INSERT: &str = "INSERT INTO schema_version (version) VALUES (?1)";
/// Waits for another server that is migrating.
const LOCK: &str = "LOCK TABLE schema_version IN EXCLUSIVE MODE";
/// Names that go over at once.
const NAMES_PAGE: i64 = 1_000;
/// Another server's `CREATE TABLE IF NOT EXISTS` may meet ours; then it is there.
const TRIES: usize = 5;

/// The schema's version; 0 for an empty database.
pub(crate) fn version(link: &Link) -> Result<i64, StoreError> {
    if number(link, HAS_VERSION_TABLE)? == 0 {
        return match number(link, HAS_TABLES)? {
            0 => Ok(0),
            _ => Err(StoreError::Damaged("it is a database of another program".to_owned())),
        };
    }
    number(link, VERSION)
}

/// Refuses a database that this program cannot read.
pub(crate) fn refuse_unready(link: &Link) -> Result<(), StoreError> {
    match version(link)? {
        0 => Err(StoreError::Damaged("it has no tables yet: start a server on it first".to_owned())),
        found if found > SCHEMA_VERSION => Err(StoreError::Newer { found, known: SCHEMA_VERSION }),
        _ => Ok(()),
    }
}

/// Brings the schema up to [`SCHEMA_VERSION`].
pub(crate) fn migrate(link: &Link) -> Result<(), StoreError> {
    let found = version(link)?;
    if found > SCHEMA_VERSION {
        return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
    }
    if found == SCHEMA_VERSION {
        return Ok(());
    }
    let mut made = link.run(VERSION_TABLE);
    for _ in 1..TRIES {
        if made.is_ok() {
            break;
        }
        made = link.run(VERSION_TABLE);
    }
    made?;
    link.run("BEGIN")?;
    let result = link.run(LOCK).and_then(|()| run_missing(link));
    link.run(if result.is_ok() { "COMMIT" } else { "ROLLBACK" })?;
    result
}

fn run_missing(link: &Link) -> Result<(), StoreError> {
    let done = number(link, VERSION)?;
    for (number, step) in (1_i64..).zip(STEPS).filter(|(number, _)| *number > done) {
        statements(step.postgres).try_for_each(|text| link.run(text))?;
        if step.fills_words {
            fill_words(link)?;
        }
        link.execute(VERSION_INSERT, params![number])?;
    }
    Ok(())
}

/// The words of the names that are there already.
fn fill_words(link: &Link) -> Result<(), StoreError> {
    let mut after = -1;
    loop {
        let mut page: Vec<(i64, i64, Vec<String>)> = Vec::new();
        link.query(projection::NAMES_AFTER, params![after, NAMES_PAGE], &mut |row: &dyn Columns| {
            page.push((row.int(0)?, row.int(1)?, words_of_name(row.text(2)?)));
            Ok(true)
        })?;
        let Some((last, ..)) = page.last() else { return Ok(()) };
        after = *last;
        let mut words = Arrays::of("iti");
        for (member, program, found) in &page {
            found.iter().for_each(|word| words.push(params![*member, word, *program]));
        }
        let mut flight = Flight::default();
        flight.add(link, batch::PERSON_WORD_INSERT, &words)?;
        flight.run(link)?;
    }
}

fn number(link: &Link, sql: &'static str) -> Result<i64, StoreError> {
    let mut found = 0;
    link.query(sql, &[], &mut |row: &dyn Columns| {
        found = row.int(0)?;
        Ok(false)
    })?;
    Ok(found)
}
