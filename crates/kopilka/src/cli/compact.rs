//! `kopilka compact`: the database file without what was deleted.

use crate::cli::data::{Data, wait};
use std::process::ExitCode;

/// Write the database file anew: without the space of what was deleted, and without the last traces of
/// persons who were erased while the server ran. Stop the server first.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
}

/// A server's database does that by itself.
const ON_A_SERVER: &str = "a PostgreSQL database is compacted by its own VACUUM";

pub fn run(args: Args) -> Result<ExitCode, String> {
    if args.data.database.url.is_some() {
        return Err(ON_A_SERVER.to_owned());
    }
    let service = args.data.open()?;
    wait(service.compact())?.map_err(|error| error.to_string())?;
    service.stop();
    println!("compacted: {}", args.data.dir.display());
    Ok(ExitCode::SUCCESS)
}
