//! `kopilka secrets …`: the key that stored secrets are sealed with. Works beside a running server.

use crate::cli::data::{Data, wait};
use clap::Subcommand;
use std::process::ExitCode;

/// The key that stored secrets, such as those of webhooks, are sealed with.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a new key in secrets.key and seal everything that is stored with it.
    Rotate(Rotate),
}

/// The older keys stay in the file, so that older backups can still be read. Where several servers have a
/// directory each, copy the file to all of them.
#[derive(Debug, clap::Args)]
pub struct Rotate {
    #[command(flatten)]
    data: Data,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    let Command::Rotate(Rotate { data }) = command;
    let service = data.open_beside()?;
    let rotated = wait(service.rotate_secrets_key())?.map_err(|error| error.to_string())?;
    service.stop();
    let (number, sealed) = rotated;
    println!("key {number} seals from now on; {sealed} secrets and waiting messages were sealed again");
    Ok(ExitCode::SUCCESS)
}
