//! `kopilka products …`: the product table from a list of goods. Works beside a running server.

use crate::cli::data::{Data, Which, wait};
use clap::Subcommand;
use kopilka_core::words::Language;
use kopilka_service::product_list::{self, ProductList};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Products of one transaction.
const BATCH: usize = 1_000;
/// Refused rows that are told on the terminal; all of them go to the file.
const TOLD_MAX: usize = 10;

/// Load the product table from a list of goods.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Read a CSV file (UTF-8 or Windows-1251; comma, semicolon or tab): products are added or replaced by
    /// sku. Columns are found by their headings in English or Russian. Rows that do not fit are left out and
    /// told; the exit code is then 1.
    Import(Import),
}

#[derive(Debug, clap::Args)]
pub struct Import {
    #[command(flatten)]
    data: Data,
    #[command(flatten)]
    which: Which,
    /// The list.
    file: PathBuf,
    /// Which column holds what, as `--map sku=Артикул --map price="Цена розничная"`. Fields: sku, name,
    /// category, also_in, brand, tags, price, cost, points, points_percent, spend_share, recommended_price.
    #[arg(long, value_name = "FIELD=COLUMN", value_parser = pair)]
    map: Vec<(String, String)>,
    /// Write the rows that do not fit to this new CSV file, each with its line and reason.
    #[arg(long, value_name = "FILE")]
    errors: Option<PathBuf>,
    /// Only read and tell: nothing is written.
    #[arg(long)]
    dry_run: bool,
    /// The language of reasons: en or ru.
    #[arg(long, default_value = "en", value_parser = language)]
    lang: Language,
}

pub fn pair(text: &str) -> Result<(String, String), String> {
    let parts =
        text.split_once('=').map(|(field, column)| (field.trim().to_owned(), column.trim().to_owned()));
    parts.ok_or_else(|| "FIELD=COLUMN, such as sku=Артикул".to_owned())
}

pub fn language(text: &str) -> Result<Language, String> {
    match text {
        "en" => Ok(Language::En),
        "ru" => Ok(Language::Ru),
        other => Err(format!("{other} is neither en nor ru")),
    }
}

pub fn run(command: Command) -> Result<ExitCode, String> {
    let Command::Import(args) = command;
    let bytes = std::fs::read(&args.file).map_err(|e| format!("{}: {e}", args.file.display()))?;
    let service = args.data.open_beside()?;
    let program = args.which.find(&service)?;
    let now = service.now(program);
    let version = service.versions(program).and_then(|versions| versions.at(now).cloned());
    let version = version.ok_or_else(|| "the program has no published version".to_owned())?;
    let list = product_list::read(&bytes, &args.map, &version)
        .map_err(|error| format!("{}: {error}", args.file.display()))?;
    if let Some(path) = &args.errors {
        write_errors(path, &list, args.lang)?;
    }
    for (field, column) in &list.columns {
        println!("{field:<18} {column}");
    }
    let count = list.products.len();
    if !args.dry_run {
        for batch in list.products.chunks(BATCH) {
            wait(service.put_products(program, batch.to_vec()))?.map_err(|error| error.to_string())?;
        }
    }
    service.stop();
    for refused in list.refused.iter().take(TOLD_MAX) {
        eprintln!("line {}: {}", refused.line, args.lang.of(&refused.why));
    }
    let done = if args.dry_run { "would be imported" } else { "imported" };
    println!("{count} products {done}, {} rows refused", list.refused.len());
    Ok(if list.refused.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// An older file of errors may still be worked on: it is never written over.
fn write_errors(path: &Path, list: &ProductList, language: Language) -> Result<(), String> {
    use std::io::Write;
    let told = |e: std::io::Error| format!("{}: {e}", path.display());
    let mut file = std::fs::File::create_new(path).map_err(told)?;
    file.write_all(list.errors_csv(language == Language::Ru).as_bytes()).map_err(told)
}
