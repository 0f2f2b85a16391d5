//! `kopilka backup` and `kopilka restore`.

use crate::cli::data::Data;
use kopilka_service::care;
use std::path::PathBuf;
use std::process::ExitCode;

/// Copy a database, live or not, into one file.
#[derive(Debug, clap::Args)]
pub struct BackupArgs {
    #[command(flatten)]
    data: Data,
    /// The file to write; it must not exist.
    #[arg(value_name = "FILE")]
    to: PathBuf,
    /// Copy the key of the identifiers too, beside FILE with the ending `.key`, and secrets.key with the
    /// ending `.secrets`. Keep them elsewhere.
    #[arg(long)]
    with_key: bool,
}

/// Put a backup into a data directory and prove its books.
#[derive(Debug, clap::Args)]
pub struct RestoreArgs {
    #[command(flatten)]
    data: Data,
    /// The backup.
    #[arg(value_name = "FILE")]
    from: PathBuf,
    /// The key file that belongs to it; otherwise FILE's own `.key`, or the directory's. A secrets.key beside
    /// it comes along.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Replace the database that is there.
    #[arg(long)]
    force: bool,
}

/// A server's database is copied by its own tools, or carried into a file.
const ON_A_SERVER: &str = "a PostgreSQL database is backed up by pg_dump or its server's own tools (keep \
    identifiers.key and secrets.key with it); `kopilka migrate-database URL DIR` carries it into a directory";

pub fn backup(args: BackupArgs) -> Result<ExitCode, String> {
    if args.data.database.url.is_some() {
        return Err(ON_A_SERVER.to_owned());
    }
    args.data.must_exist()?;
    let made = care::back_up(&args.data.dir, &args.to, args.with_key).map_err(|error| error.to_string())?;
    println!("backup: {} ({} KiB, every page read back)", args.to.display(), made.bytes >> 10);
    match made.key_copy {
        Some(copy) => println!("key: {} (keep it apart from the backup)", copy.display()),
        None => println!("key: {} is not in it; restore asks for it", made.key_file.display()),
    }
    if let Some(copy) = made.secrets_copy {
        println!("secrets: {} (keep it apart from the backup)", copy.display());
    }
    Ok(ExitCode::SUCCESS)
}

pub fn restore(args: RestoreArgs) -> Result<ExitCode, String> {
    if args.data.database.url.is_some() {
        return Err(ON_A_SERVER.to_owned());
    }
    let restored = care::restore(&args.from, &args.data.dir, args.key.as_deref(), args.force);
    let verified = restored.map_err(|error| error.to_string())?;
    for difference in &verified.told {
        println!("{difference}");
    }
    println!("restored: {}", args.data.dir.display());
    let (members, entries, differences) = (verified.members, verified.entries, verified.differences);
    println!("members {members}, entries {entries}, differences {differences}");
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
