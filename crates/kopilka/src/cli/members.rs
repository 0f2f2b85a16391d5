//! `kopilka members …`: a person is erased, or told all that is known.

use crate::cli::data::{Data, Which, member, wait};
use crate::cli::program::Language;
use clap::Subcommand;
use kopilka_core::words;
use kopilka_service::{Change, Write};
use kopilka_web::export::{Asked, export};
use kopilka_web::wire::answer::ErasedWritten;
use std::process::ExitCode;

/// Erase a person, or export all that is known of one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Erase a person for ever and write the file anew, so that nothing of the person is left in it. The
    /// books stay whole, of nobody. Stop the server first; while it runs, DELETE /v1/members/{id} erases.
    Erase(Erase),
    /// Print all that is known of a member as JSON. Works beside a running server.
    Export(Export),
}

#[derive(Debug, clap::Args)]
pub struct Erase {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// `m_…`, or the shop's own id as `ext:…`.
    member: String,
    /// Who erases: it stays in the journal.
    #[arg(long)]
    operator: String,
    /// Why: it stays in the journal, so name nobody in it.
    #[arg(long)]
    reason: String,
}

#[derive(Debug, clap::Args)]
pub struct Export {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// `m_…`, or the shop's own id as `ext:…`.
    member: String,
    /// The language of the sentences.
    #[arg(long, value_enum, default_value = "en")]
    lang: Language,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Erase(args) => erase(args),
        Command::Export(args) => export_member(&args),
    }
}

fn erase(args: Erase) -> Result<ExitCode, String> {
    let who = member(&args.member)?;
    let service = args.data.open()?;
    let program = args.which.find(&service)?;
    let write = Write {
        program,
        scope: "cli members.erase".to_owned(),
        key: None,
        input_hash: [0; 16],
        operator: Some(args.operator),
        reason: Some(args.reason),
        change: Change::Erase { member: who },
    };
    let done = wait(service.write(write))?.map_err(|error| error.to_string())?;
    wait(service.compact())?.map_err(|error| error.to_string())?;
    let versions = service.versions(program).ok_or("the program is gone")?;
    let version = versions.at(done.now).ok_or("no version of the program is in force")?;
    let erased = ErasedWritten::of(&done, version).ok_or("the answer is of another command")?;
    service.stop();
    println!("{} is erased: {} points ended", erased.member, erased.points);
    println!("Backups made before still hold the person: delete them in their time.");
    Ok(ExitCode::SUCCESS)
}

fn export_member(args: &Export) -> Result<ExitCode, String> {
    let who = member(&args.member)?;
    let service = args.data.open_beside()?;
    let id = args.which.find(&service)?;
    let language = match args.lang {
        Language::En => words::Language::En,
        Language::Ru => words::Language::Ru,
    };
    let now = service.now(id);
    let versions = service.versions(id).ok_or("the program is gone")?;
    let program = versions.at(now).cloned().ok_or("no version of the program is in force")?;
    let found = wait(service.find_member(id, who))?.map_err(|error| error.to_string())?;
    let read =
        wait(service.read(move |reader| {
            export(reader, &Asked { id, member: found, program: &program, now, language })
        }));
    service.stop();
    let answer = read?.map_err(|error| error.to_string())?.ok_or("there is no such member")?;
    println!("{}", serde_json::to_string_pretty(&answer).map_err(|error| error.to_string())?);
    Ok(ExitCode::SUCCESS)
}
