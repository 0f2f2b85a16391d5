//! `kopilka demo`: a sample shop with half a year behind it, served on loopback.
//!
//! Invariant: the shop is made through the service's own write path and from the seed alone, so every
//! figure in it could have come from a real shop; a second start makes nothing anew.

mod draft;
mod goods;
mod history;
mod lines;
mod many;
mod owner;
mod people;
mod program;
mod random;
mod shop;
mod telling;

use super::log;
use super::serve::{self, Listen};
use crate::cli::data::{Database, wait};
use history::{Made, Size};
use kopilka_core::ids::ProgramId;
use kopilka_service::{NewCodes, NewKey, OpenOptions, Publish, Service};
use kopilka_web::scopes;
use std::fs;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// The key of the demo is kept here, so that a second start can print it again. Written last: a directory
/// without it is not a finished demo.
const KEY_FILE: &str = "demo.key";
/// Codes that were made for a partner: enough to see a figure.
const CODES: usize = 200;
/// The one shop of the demo.
const SHOP: &str = "main";

/// Make a sample shop (program, products, members, half a year of orders) and serve it.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// How many members the shop has.
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    members: u32,
    /// How many orders were made in the half year.
    #[arg(long, default_value_t = 3_000, value_parser = clap::value_parser!(u32).range(0..=10_000_000))]
    orders: u32,
    /// The same seed makes the same shop.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The data directory. A demo that is there already goes on where it stopped.
    #[arg(long, value_name = "DIR", default_value = "kopilka-demo")]
    data: PathBuf,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    listen: Listen,
}

pub fn run(args: Args) -> Result<ExitCode, String> {
    let _log = log::start(args.listen.log, "warn")?;
    let started = std::time::Instant::now();
    let options = OpenOptions::in_dir(&args.data).on(args.database.url.clone());
    let service = serve::open(options)?;
    let key_file = args.data.join(KEY_FILE);
    let (key, made) = match (service.programs().first().map(|p| p.id), fs::read_to_string(&key_file)) {
        (Some(program), Ok(key)) => (known_key(&service, program, key.trim(), &key_file)?, None),
        (None, _) => {
            let (program, made) = make(&service, &args)?;
            (new_key(&service, program, &key_file)?, Some(made))
        }
        (Some(_), Err(_)) => {
            service.stop();
            let dir = args.data.display();
            return Err(format!("{dir} holds no finished demo: remove it, or name another with --data"));
        }
    };
    let owner = owner::password(&service, &args.data)?;
    let seconds = started.elapsed().as_millis();
    let demo = match service.programs().first() {
        Some(program) => Some(shop::of(&service, program.id, &key, args.listen.address)?),
        None => None,
    };
    serve::serve(service, (args.listen.address, demo), |address| {
        let mut out = std::io::stdout();
        match made {
            Some(made) => writeln!(out, "{made}, ready in {}.{:03} s", seconds / 1000, seconds % 1000)?,
            None => writeln!(out, "the shop in {} goes on where it stopped", args.data.display())?,
        }
        lines::print(&mut out, address, &key, owner.as_deref())
    })
}

fn make(service: &Service, args: &Args) -> Result<(ProgramId, Made), String> {
    wait(async {
        let publish = Publish {
            text: many::with_segments(&program::text()),
            author: "demo".to_owned(),
            note: "the sample shop".to_owned(),
            sandbox: true,
            effective_from: None,
        };
        let published = service.publish(publish).await.map_err(|error| error.to_string())?;
        let size = Size { members: args.members, orders: args.orders, seed: args.seed };
        let made =
            history::make(service, published.program, size).await.map_err(|error| error.to_string())?;
        let codes = NewCodes {
            campaign: program::MADE_CODES.to_owned(),
            count: CODES,
            prefix: "RUN".to_owned(),
            ..NewCodes::default()
        };
        let codes = service.make_codes(published.program, codes, |_| true).await;
        codes.map_err(|error| error.to_string())?;
        let told = telling::tell(service, published.program, args.listen.address).await;
        told.map_err(|error| error.to_string())?;
        draft::begin(service, published.program).await?;
        many::ask(service, published.program).await.map_err(|error| error.to_string())?;
        Ok((published.program, made))
    })?
}

/// The key of an earlier start, or a new one when it was revoked meanwhile.
fn known_key(service: &Service, program: ProgramId, key: &str, file: &Path) -> Result<String, String> {
    match service.authenticate(key) {
        Some(_) => Ok(key.to_owned()),
        None => new_key(service, program, file),
    }
}

fn new_key(service: &Service, program: ProgramId, file: &Path) -> Result<String, String> {
    let scopes = vec![scopes::EVERYTHING.to_owned()];
    let key = NewKey { program, shop: SHOP.to_owned(), name: "demo".to_owned(), scopes };
    let (_, secret) = wait(service.create_key(key))?.map_err(|error| error.to_string())?;
    keep(file, &secret)?;
    Ok(secret)
}

/// Writes a file that its owner alone reads.
fn keep(file: &Path, text: &str) -> Result<(), String> {
    let written = fs::OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(file)
        .and_then(|mut file| file.write_all(text.as_bytes()));
    written.map_err(|error| format!("{}: {error}", file.display()))
}
