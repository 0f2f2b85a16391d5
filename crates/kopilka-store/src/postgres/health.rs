//! What `doctor` asks of a server.

use super::link::Link;
use super::migrate;
use crate::error::StoreError;
use crate::health::Engine;
use crate::value::Columns;

const BYTES: &str = "SELECT pg_database_size(current_database())";
/// `on` is the default; anything below may lose an answered write with the machine.
const SETTINGS: &str = "SELECT current_setting('server_version'), current_setting('synchronous_commit'), \
    current_setting('fsync'), current_setting('full_page_writes')";

pub(crate) fn health(link: &Link) -> Result<Engine, StoreError> {
    let mut engine = Engine { schema_version: migrate::version(link)?, ..Engine::default() };
    link.query(BYTES, &[], &mut |row: &dyn Columns| {
        engine.bytes = row.int(0)?.unsigned_abs();
        Ok(false)
    })?;
    link.query(SETTINGS, &[], &mut |row: &dyn Columns| {
        engine.server = Some(row.text(0)?.to_owned());
        let careful = ["on", "local", "remote_write", "remote_apply"];
        for (at, name) in [(1, "synchronous_commit"), (2, "fsync"), (3, "full_page_writes")] {
            let value = row.text(at)?;
            if !careful.contains(&value) {
                engine.careless.push(format!("{name} is {value}"));
            }
        }
        Ok(false)
    })?;
    Ok(engine)
}
