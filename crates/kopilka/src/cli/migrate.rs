//! `kopilka migrate-database`: an installation moved from one database to another.

use indicatif::{ProgressBar, ProgressStyle};
use kopilka_service::care::{Installation, migrate_database};
use std::path::PathBuf;
use std::process::ExitCode;

/// Move an installation to another database: from a directory to PostgreSQL, or back. Nothing may serve it
/// meanwhile. Both sides are proved and must say the same; the old one is left as it was.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// A data directory, or postgres://user@host/name.
    #[arg(value_name = "FROM")]
    from: String,
    /// A new data directory, or the address of an empty database.
    #[arg(value_name = "TO")]
    to: String,
    /// The directory with the key file that belongs to an address.
    #[arg(long = "data", value_name = "DIR")]
    keys: Option<PathBuf>,
}

/// A line a table, then the proof.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let keys = |other: &str| args.keys.clone().unwrap_or_else(|| PathBuf::from(other));
    let from = Installation::of(&args.from, &keys(&args.to));
    let to = Installation::of(&args.to, &keys(&args.from));
    if from == to {
        return Err("FROM and TO are the same database".to_owned());
    }
    if from.database.is_some() && to.database.is_some() && args.keys.is_none() {
        return Err("name the directory with the key file: --data DIR".to_owned());
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}: {pos} rows, {elapsed}") {
        bar.set_style(style);
    }
    let moved = migrate_database(&from, &to, &|table, rows| {
        bar.set_message(table.to_owned());
        bar.set_position(rows);
    });
    bar.finish_and_clear();
    let moved = moved.map_err(|error| error.to_string())?;
    for copied in moved.tables.iter().filter(|copied| copied.rows > 0) {
        println!("{:>12}  {}", copied.rows, copied.table);
    }
    let proof = &moved.proof;
    println!(
        "members {}, entries {}, points outstanding {}, differences {}: the same on both sides",
        proof.members, proof.entries, proof.outstanding, proof.differences
    );
    println!("serve it with {}", serving(&to));
    Ok(ExitCode::SUCCESS)
}

fn serving(to: &Installation) -> String {
    let dir = to.dir.display();
    match to.database {
        // The address may hold a password: whoever typed it knows it.
        Some(_) => format!("`kopilka serve --data {dir} --database TO`; every server needs {dir}'s key file"),
        None => format!("`kopilka serve --data {dir}`"),
    }
}
