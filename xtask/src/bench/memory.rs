//! G14: what a server and the longest jobs hold in memory, as resident sets the system tells.
//!
//! A server at rest, on either engine; a server that has written many members with three lots each, and one
//! started on them; and jobs over two databases of which one is ten times the other: a job that holds what it
//! walks over would need ten times the memory.

use super::Args;
use super::report::{Row, Target};
use super::rounds::Spread;
use crate::api::{self, Shop};
use crate::databases::{Databases, Engine};
use crate::process;
use crate::server::Installation;
use crate::shell::{self, Profile};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

/// A server that has started has done its first rounds in the background by then.
const AT_REST_AFTER: Duration = Duration::from_secs(3);
const LOTS_EACH: u32 = 3;
/// The short database has a tenth of the members.
const LENGTHS: u64 = 10;
/// A job's memory is looked at so often; the system keeps the highest figure between the looks.
const LOOK_EVERY: Duration = Duration::from_millis(5);

/// Jobs that walk over everything.
const JOBS: [&str; 3] = ["verify", "backup", "migrate-database"];

pub fn rows(args: &Args) -> Result<Vec<Row>, String> {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the databases: {e}"))?;
    let binary = shell::built("kopilka", Profile::Dist);
    let mut rows = at_rest(&binary, folder.path())?;
    let few = args.many_members / LENGTHS;
    let files = Databases::start(Engine::Sqlite)?;
    let short = files.installation(&binary, folder.path().join("short"))?;
    let long = files.installation(&binary, folder.path().join("long"))?;
    fill(&short, few)?;
    let filled = fill(&long, args.many_members)?;
    let started = resident_at_rest(&long)?;
    let what =
        format!("MiB of a server that has written {} members, {LOTS_EACH} lots each", args.many_members);
    rows.push(told(what, filled, None, vec![format!("started again on them: {started:.1} MiB")]));
    for name in JOBS {
        rows.push(job(name, [&short, &long], [few, args.many_members], folder.path())?);
    }
    Ok(rows)
}

/// A figure that is not a ratio: told, with what would be fine.
fn told(what: String, figure: f64, target: Option<Target>, sides: Vec<String>) -> Row {
    Row { id: "G14", what, target, figure: Spread::of(vec![figure]), noisy: false, sides }
}

fn at_rest(binary: &Path, folder: &Path) -> Result<Vec<Row>, String> {
    let mut rows = Vec::new();
    for (engine, name) in [(Engine::Sqlite, "SQLite"), (Engine::Postgres, "PostgreSQL")] {
        let databases = Databases::start(engine)?;
        let installation = databases.installation(binary, folder.join(name))?;
        installation.publish(api::PLAIN_PROGRAM)?;
        let held = resident_at_rest(&installation)?;
        let what = format!("MiB of a server at rest on {name}");
        rows.push(told(what, held, Some(Target::aim_at_most(40.0)), Vec::new()));
    }
    Ok(rows)
}

fn resident_at_rest(installation: &Installation) -> Result<f64, String> {
    let server = installation.serve()?;
    thread::sleep(AT_REST_AFTER);
    let held = mebibytes(process::resident_kib(server.process()));
    server.stop()?;
    Ok(held)
}

/// Fills a database through its server and tells what that holds in the end.
fn fill(installation: &Installation, members: u64) -> Result<f64, String> {
    eprintln!("filling {members} members, {LOTS_EACH} lots each");
    let shop = Shop::open(installation, api::PLAIN_PROGRAM, api::PLAIN_SLUG)?;
    shop.fill_lots(members, "1000000", LOTS_EACH)?;
    let held = mebibytes(process::resident_kib(shop.server.process()));
    shop.server.stop()?;
    Ok(held)
}

/// The most a job holds on the long database ÷ on the short one.
fn job(
    name: &str,
    installations: [&Installation; 2],
    members: [u64; 2],
    folder: &Path,
) -> Result<Row, String> {
    let mut most = [0.0; 2];
    for (at, installation) in installations.into_iter().enumerate() {
        let own = folder.join(format!("{name}-{at}"));
        most[at] = most_held(job_of(installation, name, &own))?;
    }
    let figure = Spread::of(vec![most[1] / most[0].max(0.1)]);
    let side = |(held, members): (&f64, u64)| format!("{name} of {members} members: {held:.1} MiB at most");
    Ok(Row {
        id: "G14",
        what: format!("memory of `{name}` ÷ the same with a tenth of the members"),
        // A tenth more is the noise of two starts; a job that gathers what it reads is far beyond half more.
        target: Some(Target::at_most(1.5, 1.1)),
        figure,
        noisy: false,
        sides: most.iter().zip(members).map(side).collect(),
    })
}

/// A job on an installation; `own` is where it may put what it makes.
fn job_of(installation: &Installation, name: &str, own: &Path) -> Command {
    let own = own.to_string_lossy();
    match name {
        "verify" => installation.command(&[name]),
        "backup" => installation.command(&[name, &own]),
        _ => {
            let mut command = Command::new(&installation.binary);
            command.arg(name).arg(&installation.data).arg(&*own);
            command
        }
    }
}

/// Runs a command to its end and tells the most it held, in MiB.
fn most_held(mut command: Command) -> Result<f64, String> {
    let started = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = started.map_err(|e| format!("starting a job: {e}"))?;
    let mut most = 0;
    loop {
        most = most.max(process::most_resident_kib(child.id()));
        match child.try_wait().map_err(|e| format!("waiting for a job: {e}"))? {
            Some(status) if status.success() => return Ok(mebibytes(most)),
            Some(status) => return Err(format!("a job ended with {status}")),
            None => thread::sleep(LOOK_EVERY),
        }
    }
}

fn mebibytes(kib: u64) -> f64 {
    kib as f64 / 1024.0
}
