//! The peer of G1: Debian's PostgreSQL in a folder of its own, redeeming by one prepared call over its
//! socket.
//!
//! Two ways to write the call are measured, one statement with common table expressions and one function,
//! each with 8, 32 and 64 clients; the best of them is the peer. Every commit is on disk
//! (`synchronous_commit=on`).

use super::rounds::{Measured, cpu_seconds};
use crate::{setup, shell};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;
use tempfile::TempDir;

/// Who runs the server when we are root: PostgreSQL refuses to.
const USER: &str = "postgres";

const SCHEMA: &str = "
    CREATE TABLE account (id bigint PRIMARY KEY, balance bigint NOT NULL) WITH (fillfactor = 70);
    CREATE TABLE lot (id bigint PRIMARY KEY, account_id bigint NOT NULL, remaining bigint NOT NULL,
                      expires_at bigint NOT NULL) WITH (fillfactor = 70);
    CREATE INDEX lot_by_account ON lot (account_id, expires_at);
    CREATE TABLE entry (id bigserial PRIMARY KEY, account_id bigint NOT NULL, lot_id bigint NOT NULL,
                        amount bigint NOT NULL, at timestamptz NOT NULL, key bigint NOT NULL UNIQUE);
    CREATE FUNCTION redeem(who bigint, wanted bigint, with_key bigint) RETURNS bigint LANGUAGE plpgsql AS $$
    DECLARE has bigint; from_lot bigint;
    BEGIN
      SELECT balance INTO has FROM account WHERE id = who FOR UPDATE;
      IF has < wanted THEN RETURN -1; END IF;
      SELECT id INTO from_lot FROM lot WHERE account_id = who AND remaining >= wanted
        ORDER BY expires_at LIMIT 1;
      INSERT INTO entry (account_id, lot_id, amount, at, key) VALUES (who, from_lot, -wanted, now(), with_key);
      UPDATE lot SET remaining = remaining - wanted WHERE id = from_lot;
      UPDATE account SET balance = balance - wanted WHERE id = who;
      RETURN has - wanted;
    END $$;
";

/// The calls, by name. `:n` counts per client, so that keys come in order.
const CALLS: [(&str, &str); 2] = [
    ("function", "SELECT redeem(:who, 1, :key);"),
    (
        "statement",
        "WITH a AS (UPDATE account SET balance = balance - 1 WHERE id = :who AND balance >= 1 RETURNING id), \
         l AS (UPDATE lot SET remaining = remaining - 1 WHERE id = (SELECT id FROM lot WHERE account_id = :who \
         AND remaining >= 1 ORDER BY expires_at LIMIT 1) RETURNING id) \
         INSERT INTO entry (account_id, lot_id, amount, at, key) SELECT a.id, l.id, -1, now(), :key FROM a, l;",
    ),
];
const CLIENTS: [u32; 3] = [8, 32, 64];

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Peer {
    programs: PathBuf,
    folder: TempDir,
    members: u64,
    runs: u64,
}

/// One way to call with a number of clients.
#[derive(Debug, Clone, Copy)]
pub struct Way {
    call: usize,
    pub clients: u32,
}

impl Way {
    pub fn all() -> Vec<Way> {
        (0..CALLS.len()).flat_map(|call| CLIENTS.map(|clients| Way { call, clients })).collect()
    }
    pub fn name(self) -> String {
        format!("PostgreSQL, one {}, {} clients", CALLS[self.call].0, self.clients)
    }
}

impl Peer {
    pub fn start(members: u64) -> Result<Peer, String> {
        let programs = match find_programs() {
            Some(programs) => programs,
            None => {
                setup::debian_packages(&[setup::Package {
                    name: "postgresql",
                    proof: "/usr/lib/postgresql",
                }])?;
                find_programs().ok_or("PostgreSQL's pgbench was not found")?
            }
        };
        let folder = tempfile::Builder::new()
            .prefix("kopilka-postgres-")
            .tempdir_in("/tmp")
            .map_err(|e| format!("a folder for PostgreSQL: {e}"))?;
        let peer = Peer { programs, folder, members, runs: 0 };
        if setup::is_root() {
            shell::output(Command::new("chown").arg(USER).arg(peer.folder.path()))?;
        }
        let data = peer.data();
        peer.program("initdb", &["-D", &data, "-U", "bench", "-A", "trust", "-E", "UTF8", "--locale=C"])?;
        let options = format!(
            "-k {} -c listen_addresses='' -c synchronous_commit=on -c shared_buffers=256MB \
             -c max_wal_size=4GB -c checkpoint_timeout=30min -c max_connections=100",
            peer.folder.path().display()
        );
        let log = peer.path("log");
        peer.program("pg_ctl", &["-D", &data, "-w", "-l", &log, "-o", &options, "start"])?;
        peer.fill()?;
        Ok(peer)
    }

    fn fill(&self) -> Result<(), String> {
        let rows = format!(
            "{SCHEMA}
             INSERT INTO account SELECT n, 1000000 FROM generate_series(1, {0}) n;
             INSERT INTO lot SELECT n, n, 1000000, n FROM generate_series(1, {0}) n;",
            self.members
        );
        let script = self.script("fill.sql", &rows)?;
        let socket = self.folder.path().to_string_lossy().into_owned();
        let psql = |args: &[&str]| {
            let mut all = vec!["-h", &socket, "-U", "bench", "-d", "postgres", "-q", "-v", "ON_ERROR_STOP=1"];
            all.extend(args);
            self.program("psql", &all)
        };
        psql(&["-f", &script])?;
        psql(&["-c", "VACUUM ANALYZE"]).map(drop)
    }

    /// Redeems for some seconds.
    pub fn run(&mut self, way: Way, seconds: u64) -> Result<Measured, String> {
        self.runs += 1;
        // Each run and client has keys of its own, in order.
        let text = format!(
            "\\set n :n + 1\n\\set key ({} * 1000 + :client_id) * 100000000 + :n\n\\set who random(1, {})\n{}\n",
            self.runs, self.members, CALLS[way.call].1
        );
        let script = self.script("redeem.sql", &text)?;
        let (clients, time) = (way.clients.to_string(), seconds.to_string());
        let socket = self.folder.path().to_string_lossy().into_owned();
        let before = self.cpu();
        let started = Instant::now();
        #[rustfmt::skip]
        let said = self.program("pgbench", &[
            "-h", &socket, "-U", "bench", "-n", "-M", "prepared", "-c", &clients, "-j", "1", "-T", &time,
            "-D", "n=0", "-f", &script, "postgres",
        ])?;
        let elapsed = started.elapsed().as_secs_f64();
        let per_second = figure(&said, "tps = ").ok_or_else(|| format!("pgbench said: {said}"))?;
        let done = figure(&said, "actually processed: ").unwrap_or(per_second * elapsed);
        let measured = Measured {
            operations: done as u64,
            seconds: done / per_second,
            cpu_seconds: self.cpu() - before,
        };
        Ok(measured)
    }

    /// CPU seconds of the server, closed connections included as its ended children.
    fn cpu(&self) -> f64 {
        let text = fs::read_to_string(self.folder.path().join("data/postmaster.pid")).unwrap_or_default();
        let process = text.lines().next().and_then(|line| line.parse().ok()).unwrap_or(0);
        cpu_seconds(process) + ended_children(process)
    }

    fn data(&self) -> String {
        self.path("data")
    }
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }

    fn script(&self, name: &str, text: &str) -> Result<String, String> {
        let path = self.path(name);
        fs::write(&path, text).map_err(|e| format!("{path}: {e}"))?;
        Ok(path)
    }

    /// Runs one of PostgreSQL's programs as an ordinary user.
    fn program(&self, name: &str, args: &[&str]) -> Result<String, String> {
        let program = self.programs.join(name);
        let mut command = if setup::is_root() {
            let mut command = Command::new("runuser");
            command.args(["-u", USER, "--"]).arg(program);
            command
        } else {
            Command::new(program)
        };
        shell::output(command.args(args).current_dir(self.folder.path()))
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let data = self.data();
        if let Err(message) = self.program("pg_ctl", &["-D", &data, "-m", "immediate", "stop"]) {
            eprintln!("PostgreSQL was not stopped: {message}");
        }
    }
}

/// The newest version that is installed whole.
fn find_programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut found: Vec<PathBuf> = versions.flatten().map(|v| v.path().join("bin")).collect();
    found.retain(|bin| ["initdb", "pg_ctl", "pgbench"].iter().all(|p| bin.join(p).exists()));
    found.sort();
    found.pop()
}

fn figure(text: &str, before: &str) -> Option<f64> {
    let rest = text.split(before).nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
}

/// CPU seconds of a process's children that have ended.
fn ended_children(process: u32) -> f64 {
    let text =
        fs::read_to_string(Path::new("/proc").join(process.to_string()).join("stat")).unwrap_or_default();
    let fields: Vec<&str> =
        text.rsplit_once(')').map_or(vec![], |(_, rest)| rest.split_whitespace().collect());
    let ticks = |n: usize| fields.get(n).and_then(|f| f.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(13) + ticks(14)) / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_from_what_pgbench_says() {
        let said = "number of transactions actually processed: 1234\ntps = 456.789 (without initial)";
        assert_eq!(figure(said, "tps = "), Some(456.789));
        assert_eq!(figure(said, "actually processed: "), Some(1234.0));
    }
}
