//! `kopilka keys …`: who may call the API. Works beside a running server, which knows within a second.

use crate::cli::data::{Data, Which, wait};
use clap::Subcommand;
use kopilka_service::{NewKey, Service};
use kopilka_web::scopes;
use std::process::ExitCode;

/// Make, list and revoke API keys.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make a key; its secret is shown once.
    Create(Create),
    /// List keys, without their secrets.
    List(List),
    /// From now on the key is nobody's.
    Revoke(Revoke),
}

#[derive(Debug, clap::Args)]
pub struct Create {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The shop whose orders the key's holder tells of.
    #[arg(long, default_value = "shop")]
    shop: String,
    /// What the key is for.
    #[arg(long)]
    name: String,
    /// What it may: `all`, `pos`, or single scopes; `widget` with `origin:https://…` for pages of the shop.
    /// May be given several times.
    #[arg(long = "scope", value_name = "SCOPE", default_value = scopes::EVERYTHING)]
    scopes: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, clap::Args)]
pub struct Revoke {
    #[command(flatten)]
    data: Data,
    /// The key's id, as `list` shows it.
    id: String,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Create(args) => create(args),
        Command::List(args) => list(&args),
        Command::Revoke(args) => revoke(&args),
    }
}

fn create(args: Create) -> Result<ExitCode, String> {
    if let Some(unknown) = args.scopes.iter().find(|scope| !scopes::is_known(scope)) {
        let known = scopes::Scope::ALL.map(scopes::Scope::name).join(", ");
        let (all, pos) = (scopes::EVERYTHING, scopes::POINT_OF_SALE);
        let (widget, origin) = (scopes::WIDGET, scopes::ORIGIN);
        return Err(format!(
            "there is no scope {unknown}; there are {all}, {pos}, {widget}, {origin}https://…, {known}"
        ));
    }
    let service = args.data.open_beside()?;
    let program = args.which.find(&service)?;
    let key = NewKey { program, shop: args.shop, name: args.name, scopes: args.scopes };
    let made = wait(service.create_key(key))?.map_err(|error| error.to_string())?;
    service.stop();
    let (info, secret) = made;
    println!("key {} for shop {}: {}", info.id, info.shop, info.scopes.join(" "));
    // A key for pages is named there for everybody to read: what is secret of it opens nothing.
    match kopilka_pages::public_name(&info) {
        Some(name) => println!("{name}"),
        None => {
            println!("{secret}");
            eprintln!("keep the secret: it is not shown again");
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn list(args: &List) -> Result<ExitCode, String> {
    let service = args.data.open_beside()?;
    let keys = service.keys(None);
    for key in &keys {
        let state = key.revoked_at.map_or("valid".to_owned(), |at| format!("revoked {at}"));
        let program = slug_of(&service, key.program);
        let scopes = key.scopes.join(" ");
        println!(
            "{}  {program}  {}  {}  {scopes}  made {}  {state}",
            key.id, key.shop, key.name, key.created_at
        );
    }
    let valid = keys.iter().filter(|key| key.revoked_at.is_none()).count();
    println!("{} keys, {valid} valid", keys.len());
    service.stop();
    Ok(ExitCode::SUCCESS)
}

fn slug_of(service: &Service, program: kopilka_core::ids::ProgramId) -> String {
    let programs = service.programs();
    programs.iter().find(|p| p.id == program).map_or_else(|| program.to_string(), |p| p.slug.clone())
}

fn revoke(args: &Revoke) -> Result<ExitCode, String> {
    let service = args.data.open_beside()?;
    let revoked = wait(service.revoke_key(&args.id))?.map_err(|error| error.to_string())?;
    service.stop();
    println!("key {} ({}) is revoked", revoked.id, revoked.name);
    Ok(ExitCode::SUCCESS)
}
