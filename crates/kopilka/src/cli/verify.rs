//! `kopilka verify`: the proof of a database's books.

use crate::cli::data::Data;
use indicatif::{ProgressBar, ProgressStyle};
use kopilka_service::verify_place;
use std::process::ExitCode;

/// Prove the books: fold the journal anew and compare every row with it. Works beside a running server.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    data: Data,
}

/// Differences, then a line of counts; exit code 1 when there is one.
pub fn run(args: Args) -> Result<ExitCode, String> {
    args.data.must_exist()?;
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {pos} members, {elapsed}") {
        bar.set_style(style);
    }
    let database = args.data.database.url.as_deref();
    let verified = verify_place(&args.data.dir, database, &|members| bar.set_position(members));
    bar.finish_and_clear();
    let verified = verified.map_err(|error| error.to_string())?;
    for difference in &verified.told {
        println!("{difference}");
    }
    let untold = verified.differences - verified.told.len() as u64;
    if untold > 0 {
        println!("… and {untold} more");
    }
    let (members, entries, differences) = (verified.members, verified.entries, verified.differences);
    if verified.under_way != 0 {
        println!("points on their way to other members: {}", verified.under_way);
    }
    println!("members {members}, entries {entries}, differences {differences}");
    Ok(if differences == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
