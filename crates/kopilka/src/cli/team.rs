//! `kopilka team …`: who works with the installation. Works beside a running server, which knows at once.

use crate::cli::data::{Data, Which, wait};
use clap::Subcommand;
use kopilka_service::{Grant, Invite, Operator, Role, Service, ServiceError, TeamProblem};
use std::process::ExitCode;

/// Invite operators, list them, let them set new passwords, and shut them out.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Who is in the team, and what each may.
    List(List),
    /// Make a link by which somebody joins; it is shown once and holds for three days. Without --program it
    /// is for every program, those to come included.
    Invite(Invited),
    /// Make a link by which an operator sets a new password. It ends their sessions, and their app of codes
    /// when it is used.
    Reset(Named),
    /// From now on the operator is signed out and signs in no more.
    Disable(Named),
    /// Let an operator sign in again.
    Enable(Named),
}

#[derive(Debug, clap::Args)]
pub struct List {
    #[command(flatten)]
    data: Data,
}

#[derive(Debug, clap::Args)]
pub struct Invited {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// Who is meant; the page greets them by it.
    #[arg(long)]
    name: String,
    /// What they may: owner, marketer, support, cashier, accountant or analyst.
    #[arg(long, value_parser = role)]
    role: Role,
}

#[derive(Debug, clap::Args)]
pub struct Named {
    #[command(flatten)]
    data: Data,
    /// The operator's login, as `list` shows it.
    login: String,
}

fn role(text: &str) -> Result<Role, String> {
    let known = || Role::ALL.map(Role::name).join(", ");
    Role::parse(text).ok_or_else(|| format!("there is no role {text}; there are {}", known()))
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    let data = match &command {
        Command::List(args) => &args.data,
        Command::Invite(args) => &args.data,
        Command::Reset(args) | Command::Disable(args) | Command::Enable(args) => &args.data,
    };
    let service = data.open_beside()?;
    let done = match &command {
        Command::List(_) => list(&service),
        Command::Invite(args) => invite(&service, args),
        Command::Reset(args) => reset(&service, &args.login),
        Command::Disable(args) => disable(&service, &args.login),
        Command::Enable(args) => enable(&service, &args.login),
    };
    service.stop();
    done.map(|()| ExitCode::SUCCESS)
}

fn list(service: &Service) -> Result<(), String> {
    let operators = wait(service.operators())?.map_err(|error| error.to_string())?;
    for operator in &operators {
        let grants: Vec<String> = operator.grants.iter().map(|grant| words_of(service, grant)).collect();
        let grants = if grants.is_empty() { "nothing".to_owned() } else { grants.join(", ") };
        let codes = if operator.has_totp { "with codes of an app" } else { "by password alone" };
        let state = operator.disabled_at.map_or("active".to_owned(), |at| format!("disabled {at}"));
        let (login, name, since) = (&operator.login, &operator.name, operator.created_at);
        println!("{login}  {name}  {grants}  {codes}  since {since}  {state}");
    }
    let active = operators.iter().filter(|operator| operator.disabled_at.is_none()).count();
    println!("{} operators, {active} active", operators.len());
    Ok(())
}

fn words_of(service: &Service, grant: &Grant) -> String {
    let role = grant.role.name();
    let Some(program) = grant.program else { return format!("{role} of everything") };
    let programs = service.programs();
    let known = programs.iter().find(|known| known.id == program);
    let slug = known.map_or_else(|| program.to_string(), |known| known.slug.clone());
    let sandbox = if known.is_some_and(|known| known.sandbox) { " (sandbox)" } else { "" };
    format!("{role} of {slug}{sandbox}")
}

fn invite(service: &Service, args: &Invited) -> Result<(), String> {
    let program = if args.which.is_named() { Some(args.which.find(service)?) } else { None };
    let grants = vec![Grant { program, role: args.role }];
    link(service, Invite { name: args.name.clone(), grants, by: None, operator: None })
}

fn reset(service: &Service, login: &str) -> Result<(), String> {
    let operator = Some(find(service, login)?.id);
    link(service, Invite { name: String::new(), grants: Vec::new(), by: None, operator })
}

fn link(service: &Service, invite: Invite) -> Result<(), String> {
    let (token, expires_at) = done(wait(service.invite(invite))?)?;
    println!("/admin/start/{token}");
    eprintln!("put it behind the server's address, https://…; it holds once, until {expires_at}");
    Ok(())
}

fn disable(service: &Service, login: &str) -> Result<(), String> {
    let id = find(service, login)?.id;
    let operator = done(wait(service.disable_operator(None, id))?)?;
    println!("{} is signed out and signs in no more", operator.login);
    Ok(())
}

fn enable(service: &Service, login: &str) -> Result<(), String> {
    let id = find(service, login)?.id;
    let operator = done(wait(service.enable_operator(None, id))?)?;
    println!("{} signs in again", operator.login);
    Ok(())
}

fn find(service: &Service, login: &str) -> Result<Operator, String> {
    let operators = wait(service.operators())?.map_err(|error| error.to_string())?;
    let wanted = login.trim().to_lowercase();
    let found = operators.into_iter().find(|operator| operator.login == wanted);
    found.ok_or_else(|| format!("nobody in the team has the login {wanted}: kopilka team list shows them"))
}

/// What a problem means to whoever types commands.
pub fn done<T>(told: Result<Result<T, TeamProblem>, ServiceError>) -> Result<T, String> {
    told.map_err(|error| error.to_string())?.map_err(|problem| match problem {
        TeamProblem::LastOwner => {
            "this is the last owner of every program: make somebody else one first, or nobody could"
                .to_owned()
        }
        TeamProblem::OperatorUnknown => "there is no such operator any more".to_owned(),
        other => format!("the team was not changed: {other:?}"),
    })
}
