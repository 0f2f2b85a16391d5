//! Debian's PostgreSQL as a service of tests and trials: in a temporary folder, as an ordinary user, on a
//! free port of this machine alone.
//!
//! Invariant: a database server never outlives the value that started it; the kernel ends it where our
//! process dies first. Every commit is on disk before it is answered.

use crate::{process, setup, shell};
use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};
use tempfile::TempDir;

pub const PACKAGE: setup::Package =
    setup::Package { name: "postgresql", is_there: || find_programs().is_some() };

/// Who runs the server when we are root: PostgreSQL refuses to.
const USER: &str = "postgres";
/// The owner of everything inside, who needs no password from this machine.
const ROLE: &str = "kopilka";

/// The peers of the benchmarks run with the same settings as our own databases. Tests of all crates run at a
/// time, each with a pool of its own: two hundred connections are enough for as many cores as we know.
const SETTINGS: [&str; 6] = [
    "synchronous_commit=on",
    "shared_buffers=256MB",
    "max_wal_size=4GB",
    "checkpoint_timeout=30min",
    "max_connections=200",
    "listen_addresses=127.0.0.1",
];

/// A start with a crash behind it reads the log first; minutes are for machines that are busy.
const READY_WITHIN: Duration = Duration::from_secs(120);
const ENDED_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// A database server of our own.
#[derive(Debug)]
pub struct Postgres {
    programs: PathBuf,
    port: u16,
    server: Option<Child>,
    made: AtomicU64,
    // Dropped last: the server lives in it.
    folder: TempDir,
}

impl Postgres {
    /// Installs the package where it is missing, makes a cluster and starts it. The thread that calls must
    /// live as long as the server: the kernel takes its end for ours.
    pub fn start() -> Result<Postgres, String> {
        setup::debian_packages(&[PACKAGE])?;
        let programs = find_programs().ok_or("PostgreSQL's programs were not found")?;
        // A socket's path may have a hundred characters, so it lies in no deeper folder.
        let folder = tempfile::Builder::new().prefix("kopilka-postgres-").tempdir_in("/tmp");
        let folder = folder.map_err(|e| format!("a folder for PostgreSQL: {e}"))?;
        if setup::is_root() {
            shell::output(Command::new("chown").arg(USER).arg(folder.path()))?;
        }
        let port = free_port()?;
        let mut started = Postgres { programs, port, server: None, made: AtomicU64::new(0), folder };
        let mut initdb = started.as_ordinary_user("initdb");
        initdb.arg("-D").arg(started.folder.path().join("data"));
        shell::output(initdb.args(["-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C"]))?;
        started.start_again()?;
        Ok(started)
    }

    /// Starts the server on its data, whatever state they were left in.
    pub fn start_again(&mut self) -> Result<(), String> {
        let mut command = self.as_ordinary_user("postgres");
        command.arg("-D").arg(self.folder.path().join("data"));
        command.arg("-k").arg(self.folder.path()).args(["-p", &self.port.to_string()]);
        command.args(SETTINGS.iter().flat_map(|setting| ["-c", setting]));
        let log = File::options().create(true).append(true).open(self.folder.path().join("log"));
        let log = log.map_err(|e| format!("PostgreSQL's log: {e}"))?;
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(log);
        self.server = Some(command.spawn().map_err(|e| format!("starting PostgreSQL: {e}"))?);
        self.wait_until_ready()
    }

    fn wait_until_ready(&mut self) -> Result<(), String> {
        let end = Instant::now() + READY_WITHIN;
        loop {
            let ended = self.server.as_mut().and_then(|server| server.try_wait().ok().flatten());
            if let Some(status) = ended {
                let said = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
                return Err(format!("PostgreSQL ended with {status}: {said}"));
            }
            if shell::output(&mut self.client("pg_isready", "postgres")).is_ok() {
                return Ok(());
            }
            if Instant::now() > end {
                return Err("PostgreSQL does not become ready".to_owned());
            }
            thread::sleep(LOOK_AGAIN);
        }
    }

    /// Kills every process of the server as a power cut would; what was answered must be on disk.
    pub fn kill(&mut self) -> Result<(), String> {
        let Some(mut server) = self.server.take() else { return Ok(()) };
        let parent = server.id();
        // One that stands still makes no children while we count them.
        signal("-STOP", &[parent])?;
        let mut all = process::children(parent);
        all.push(parent);
        // A child may have ended by itself just now; whether all are gone is looked at below.
        let _ = signal("-KILL", &all);
        let end = Instant::now() + ENDED_WITHIN;
        while all.iter().any(|&one| process::runs(one)) {
            if Instant::now() > end {
                return Err("a process of PostgreSQL outlives its killing".to_owned());
            }
            thread::sleep(LOOK_AGAIN);
        }
        server.wait().map(drop).map_err(|e| format!("killing PostgreSQL: {e}"))
    }

    /// Makes an empty database and tells its URL.
    pub fn fresh_database(&self) -> Result<String, String> {
        let name = format!("kopilka_{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.sql("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(self.url(&name))
    }

    pub fn url(&self, database: &str) -> String {
        format!("postgres://{ROLE}@127.0.0.1:{}/{database}", self.port)
    }

    /// Runs statements, each in a transaction of its own.
    pub fn sql(&self, database: &str, text: &str) -> Result<String, String> {
        let mut psql = self.client("psql", database);
        shell::output(psql.args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-c", text]))
    }

    /// Of the server's programs one that connects to a database over the socket.
    pub fn client(&self, name: &str, database: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        // By the environment, because the same letter means different things to different programs.
        command.env("PGHOST", self.folder.path()).env("PGPORT", self.port.to_string());
        command.env("PGUSER", ROLE).env("PGDATABASE", database).current_dir(self.folder.path());
        command
    }

    /// CPU seconds of the server, closed connections included as its ended children.
    pub fn cpu_seconds(&self) -> f64 {
        let process = self.server.as_ref().map_or(0, Child::id);
        process::cpu_seconds(process) + process::ended_children_seconds(process)
    }

    /// A folder that goes away with the server, for scripts of its clients.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program refuses to be root; and it must end when we do, however we end.
    fn as_ordinary_user(&self, name: &str) -> Command {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "QUIT"]);
        if setup::is_root() {
            command.args(["--reuid", USER, "--regid", USER, "--init-groups"]);
        }
        command.arg("--").arg(self.programs.join(name)).current_dir(self.folder.path());
        command
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let Some(server) = &self.server else { return };
        // Nothing of it is needed any more, so it may leave as quickly as it can.
        let asked = signal("-QUIT", &[server.id()]);
        let end = Instant::now() + ENDED_WITHIN;
        while asked.is_ok() && Instant::now() < end {
            match self.server.as_mut().map(Child::try_wait) {
                Some(Ok(None)) => thread::sleep(LOOK_AGAIN),
                _ => return,
            }
        }
        if let Err(message) = self.kill() {
            eprintln!("PostgreSQL was not stopped: {message}");
        }
    }
}

fn signal(name: &str, processes: &[u32]) -> Result<(), String> {
    let mut command = Command::new("kill");
    shell::output(command.arg(name).args(processes.iter().map(u32::to_string))).map(drop)
}

/// Free now; nobody else on this machine takes ports so quickly that it matters.
fn free_port() -> Result<u16, String> {
    let listener = TcpListener::bind("127.0.0.1:0").and_then(|l| l.local_addr());
    listener.map(|address| address.port()).map_err(|e| format!("a free port: {e}"))
}

/// The newest version that is installed whole.
fn find_programs() -> Option<PathBuf> {
    const NEEDED: [&str; 5] = ["initdb", "postgres", "psql", "pg_isready", "pgbench"];
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|v| v.path().join("bin")).collect();
    found.retain(|bin| NEEDED.iter().all(|program| bin.join(program).exists()));
    found.sort();
    found.pop()
}
