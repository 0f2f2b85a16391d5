//! `kopilka replay`: a shop's order history under a program, with a report of what it would have cost.

use clap::ValueEnum;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use kopilka_core::program::{self, Program, Text};
use kopilka_sim::{Lang, Log, Map, Options, Progress, Report, Spend, open, read, replay};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

/// Replay a shop's order history under a program: what it costs, what stays open.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The program document.
    #[arg(long, value_name = "FILE")]
    program: PathBuf,
    /// The order history: CSV, plain or gzip.
    #[arg(long, value_name = "FILE")]
    orders: PathBuf,
    /// Which column is what (JSON, see docs/reference/replay.md); known logs are recognised without it.
    #[arg(long, value_name = "FILE")]
    map: Option<PathBuf>,
    /// How members spend their points.
    #[arg(long, value_enum, default_value = "max")]
    spend: SpendArgument,
    /// The rules of registration fire at a member's first order.
    #[arg(long)]
    welcome: bool,
    /// Print the report as JSON, and nothing else, on standard output.
    #[arg(long)]
    json: bool,
    /// Write the report as one HTML file.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The language of the report.
    #[arg(long, value_enum, default_value = "en")]
    lang: LangArgument,
    /// Threads to replay on; as many as the machine has when not given. The result is the same.
    #[arg(long, value_name = "N")]
    threads: Option<usize>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum SpendArgument {
    /// Nobody spends.
    Never,
    /// All that may be spent, at every order.
    Max,
    /// Half of what may be spent, at every order.
    Half,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum LangArgument {
    En,
    Ru,
}

/// More threads than this share nothing worth sharing.
const THREADS_MAX: usize = 64;

/// So many threads, or as many as the machine has.
pub fn threads(wanted: Option<usize>) -> usize {
    let threads = wanted.or_else(|| std::thread::available_parallelism().ok().map(usize::from));
    threads.unwrap_or(1).clamp(1, THREADS_MAX)
}

/// Replays and reports; exit code 1 also when a check of the books fails.
pub fn run(args: Args) -> Result<ExitCode, String> {
    let program = load_program(&args.program)?;
    let map = args.map.as_deref().map(load_map).transpose()?;
    let bar = Bar::new();
    let log = read_log(&args.orders, map, &bar)?;
    let options = Options {
        program,
        spend: match args.spend {
            SpendArgument::Never => Spend::Never,
            SpendArgument::Max => Spend::Max,
            SpendArgument::Half => Spend::Half,
        },
        welcome: args.welcome,
        threads: threads(args.threads),
    };
    let lang = match args.lang {
        LangArgument::En => Lang::En,
        LangArgument::Ru => Lang::Ru,
    };
    let report = replay(&log, &options, &|progress| bar.show(progress)).report(lang);
    bar.finish();
    if let Some(out) = &args.out {
        std::fs::write(out, report.html(lang)).map_err(|error| format!("{}: {error}", out.display()))?;
    }
    print(&report, &args)?;
    Ok(if report.holds() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print(report: &Report, args: &Args) -> Result<(), String> {
    if args.json {
        let text = serde_json::to_string_pretty(report).map_err(|error| error.to_string())?;
        println!("{text}");
        eprintln!("{}", report.counts_line());
        return Ok(());
    }
    print!("{}", report.text());
    if let Some(out) = &args.out {
        println!("report: {}", out.display());
    }
    println!("{}", report.counts_line());
    Ok(())
}

fn load_program(path: &Path) -> Result<Arc<Program>, String> {
    let compiled = program::compile(&read_text(path)?);
    for problem in &compiled.diagnostics {
        let Text { en: what, .. } = &problem.text;
        let place = format!("{}:{}:{}", path.display(), problem.line, problem.column);
        eprintln!("{place}: {} {}: {what}", problem.severity.word(), problem.code);
    }
    compiled.program.map(Arc::new).ok_or_else(|| format!("{}: the program has errors", path.display()))
}

pub fn load_map(path: &Path) -> Result<Map, String> {
    Map::parse(&read_text(path)?).map_err(|error| format!("{}: {error}", path.display()))
}

fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

pub fn read_log(path: &Path, map: Option<Map>, bar: &Bar) -> Result<Log, String> {
    let show = |progress| bar.show(progress);
    let result = open(path, &show).and_then(|source| read(source, map));
    result.map_err(|error| {
        bar.finish();
        format!("{}: {error}", path.display())
    })
}

/// One bar for both halves of the work; on standard error, and only where that is a terminal.
pub struct Bar(ProgressBar);

/// Steps of the bar: the file is one half, the members are the other.
const HALF: u64 = 500;

impl Bar {
    pub fn new() -> Bar {
        let bar = ProgressBar::with_draw_target(Some(2 * HALF), ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template("{msg:10} [{bar:40}] {percent:>3} %  {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Bar(bar)
    }
    pub fn show(&self, progress: Progress) {
        let (message, base, done, of) = match progress {
            Progress::Reading { done, of } => ("reading", 0, done, of),
            Progress::Replaying { done, of } => ("replaying", HALF, done, of),
        };
        let position = base + HALF * done.min(of) / of.max(1);
        if position != self.0.position() {
            self.0.set_message(message);
            self.0.set_position(position);
        }
    }
    pub fn finish(&self) {
        self.0.finish_and_clear();
    }
}
