//! The peer of G1 and G4: PostgreSQL with the plain schema, redeeming by one prepared call over its socket.
//!
//! Two ways to write the call are measured, one statement with common table expressions and one function,
//! each with 8, 32 and 64 clients; the best of them is the peer. Every commit is on disk
//! (`synchronous_commit=on`).

use super::rounds::Measured;
use crate::postgres::Postgres;
use crate::shell;
use std::fs;
use std::time::Instant;

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

/// Where the plain schema lies, beside databases of ours on the same server.
const DATABASE: &str = "plain";

/// The plain schema, filled: so many members, a lot each.
#[derive(Debug)]
pub struct Peer {
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
    pub fn fill(server: &Postgres, members: u64) -> Result<Peer, String> {
        server.sql("postgres", &format!("CREATE DATABASE {DATABASE}"))?;
        server.sql(DATABASE, SCHEMA)?;
        let rows = format!(
            "INSERT INTO account SELECT n, 1000000 FROM generate_series(1, {members}) n;
             INSERT INTO lot SELECT n, n, 1000000, n FROM generate_series(1, {members}) n;"
        );
        server.sql(DATABASE, &rows)?;
        server.sql(DATABASE, "VACUUM ANALYZE")?;
        Ok(Peer { members, runs: 0 })
    }

    /// Redeems for some seconds.
    pub fn run(&mut self, server: &Postgres, way: Way, seconds: u64) -> Result<Measured, String> {
        self.runs += 1;
        // Each run and client has keys of its own, in order.
        let text = format!(
            "\\set n :n + 1\n\\set key ({} * 1000 + :client_id) * 100000000 + :n\n\\set who random(1, {})\n{}\n",
            self.runs, self.members, CALLS[way.call].1
        );
        let script = server.folder().join("redeem.sql");
        fs::write(&script, &text).map_err(|e| format!("{}: {e}", script.display()))?;
        let mut pgbench = server.client("pgbench", DATABASE);
        pgbench.args(["-n", "-M", "prepared", "-j", "1", "-D", "n=0", "-f"]).arg(&script);
        pgbench.args(["-c", &way.clients.to_string(), "-T", &seconds.to_string()]);
        let before = server.cpu_seconds();
        let started = Instant::now();
        let said = shell::output(&mut pgbench)?;
        let elapsed = started.elapsed().as_secs_f64();
        let per_second = figure(&said, "tps = ").ok_or_else(|| format!("pgbench said: {said}"))?;
        let done = figure(&said, "actually processed: ").unwrap_or(per_second * elapsed);
        let cpu_seconds = server.cpu_seconds() - before;
        Ok(Measured { operations: done as u64, seconds: done / per_second, cpu_seconds })
    }
}

fn figure(text: &str, before: &str) -> Option<f64> {
    let rest = text.split(before).nth(1)?;
    rest.split(|c: char| !c.is_ascii_digit() && c != '.').next()?.parse().ok()
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
