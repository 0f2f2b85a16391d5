//! `kopilka coupons …`: codes that are made one by one. Works beside a running server.

use crate::cli::data::{Data, Which, member, wait};
use clap::Subcommand;
use kopilka_core::coupon::CouponCode;
use kopilka_core::time::Instant;
use kopilka_service::NewCodes;
use std::fs::File;
use std::io::{BufWriter, IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;

/// Make coupon codes, withdraw them, and see what became of one.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Make codes of a campaign whose document says `codes: made`; one a line.
    Make(Make),
    /// What is known of a code.
    Show(One),
    /// Withdraw a code that was made.
    Block(One),
    /// Give a withdrawn code back.
    Unblock(One),
}

#[derive(Debug, clap::Args)]
pub struct Make {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The campaign, by its id in the document.
    #[arg(long)]
    campaign: String,
    /// How many, up to a million at a time.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    count: u32,
    /// Letters and digits that every code begins with.
    #[arg(long, default_value = "")]
    prefix: String,
    /// The codes are this member's alone: `m_…`, or the shop's own id as `ext:…`.
    #[arg(long)]
    member: Option<String>,
    /// They are valid before this instant, as 2026-12-31T23:59:59+03:00.
    #[arg(long)]
    expires_at: Option<String>,
    /// Write them to a new file instead of the output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub struct One {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The code, in any spelling.
    code: String,
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    match command {
        Command::Make(args) => make(args),
        Command::Show(args) => show(&args),
        Command::Block(args) => block(&args, true),
        Command::Unblock(args) => block(&args, false),
    }
}

fn make(args: Make) -> Result<ExitCode, String> {
    let expires_at = match &args.expires_at {
        Some(text) => Some(Instant::parse(text).ok_or_else(|| format!("{text} is not an instant"))?),
        None => None,
    };
    let member = args.member.as_deref().map(member).transpose()?;
    let mut out: Box<dyn Write> = match &args.out {
        // An older list of codes is worth money: it is never written over.
        Some(path) => {
            let file = File::create_new(path).map_err(|e| format!("{}: {e}", path.display()))?;
            Box::new(BufWriter::new(file))
        }
        None => Box::new(std::io::stdout().lock()),
    };
    let service = args.data.open_beside()?;
    let program = args.which.find(&service)?;
    let count = args.count as usize;
    let (campaign, prefix) = (args.campaign, args.prefix);
    let new = NewCodes { campaign, count, prefix, member, expires_at, key: None };
    let tells = args.out.is_some() && std::io::stderr().is_terminal();
    let (mut done, mut failed) = (0, None);
    let written = wait(service.make_codes(program, new, |codes| {
        let text: String = codes.iter().map(|code| format!("{}\n", code.printed())).collect();
        failed = out.write_all(text.as_bytes()).err();
        done += codes.len();
        if tells {
            eprint!("\r{done} of {count}");
        }
        failed.is_none()
    }))?;
    service.stop();
    if tells {
        eprintln!();
    }
    if let Some(error) = failed.or_else(|| out.flush().err()) {
        return Err(format!("{done} codes are made; writing them failed: {error}"));
    }
    let made = written.map_err(|error| error.to_string())?;
    if let Some(path) = &args.out {
        println!("{made} codes in {}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}

fn read(args: &One) -> Result<CouponCode, String> {
    CouponCode::read(&args.code).ok_or_else(|| format!("{} cannot be a code", args.code))
}

fn show(args: &One) -> Result<ExitCode, String> {
    let code = read(args)?;
    let service = args.data.open_beside()?;
    let program = args.which.find(&service)?;
    let state = wait(service.code(program, code))?.map_err(|error| error.to_string())?;
    service.stop();
    println!("code      {}", state.code.printed());
    println!("campaign  {}", state.campaign);
    match &state.made {
        None => println!("known to everybody"),
        Some(made) => {
            println!("owner     {}", made.owner.map_or("whoever has it".to_owned(), |m| m.to_string()));
            println!(
                "expires   {}",
                made.expires_at.map_or("with its campaign".to_owned(), |at| at.to_string())
            );
            println!("blocked   {}", if made.blocked { "yes" } else { "no" });
        }
    }
    if let Some(uses) = state.uses {
        println!("uses      {uses}");
    }
    Ok(ExitCode::SUCCESS)
}

fn block(args: &One, blocked: bool) -> Result<ExitCode, String> {
    let code = read(args)?;
    let service = args.data.open_beside()?;
    let program = args.which.find(&service)?;
    wait(service.block_code(program, code.clone(), blocked))?.map_err(|error| error.to_string())?;
    service.stop();
    println!("{} is {}", code.printed(), if blocked { "withdrawn" } else { "valid again" });
    Ok(ExitCode::SUCCESS)
}
