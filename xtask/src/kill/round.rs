//! One round: writers write, something is killed in the middle of it, everything is sent again, the books
//! are compared.

use super::writer::{Load, Tally, Writer, points_at};
use super::{Counts, Trial, WRITERS, api};
use std::fmt;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

/// A server that has started answers everybody by then, on a machine that is busy with other things too.
const ANSWERED_WITHIN: Duration = Duration::from_secs(30);
/// Once everybody has had an answer, writers write between these two before the kill.
const LIFE_LEAST: Duration = Duration::from_millis(50);
const LIFE_MORE: Duration = Duration::from_millis(700);
/// The other servers go on for so long after one was killed.
const OTHERS_GO_ON: Duration = Duration::from_millis(300);
/// A database that was killed stays away for so long, so that servers meet its absence too.
const AWAY: Duration = Duration::from_millis(200);
/// Longer than a till waits, and longer than any pause between attempts to connect.
const BACK_WITHIN: Duration = Duration::from_secs(30);
/// What is under way between two members arrives by then.
const ARRIVED_WITHIN: Duration = Duration::from_secs(20);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// What is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strike {
    /// The server at this place.
    Server(usize),
    Database,
}

impl fmt::Display for Strike {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Strike::Server(at) => write!(f, "server {} killed", at + 1),
            Strike::Database => write!(f, "database killed"),
        }
    }
}

/// Waits until every writer has more answers than it had.
fn all_answered(load: &Load, before: &[u64], within: Duration) -> Result<(), String> {
    let end = Instant::now() + within;
    loop {
        let waiting = load.answered().iter().zip(before).filter(|(now, before)| now <= before).count();
        if waiting == 0 {
            return Ok(());
        }
        if Instant::now() > end {
            return Err(format!("{waiting} writers got no answer"));
        }
        thread::sleep(LOOK_AGAIN);
    }
}

impl Trial {
    /// Servers in turn; where the database is a server too, it is every second round's victim.
    pub fn strike(&mut self, round: u64) -> Strike {
        let servers = self.servers.len() as u64;
        match self.databases.server() {
            Some(_) if round.is_multiple_of(2) => Strike::Database,
            Some(_) => Strike::Server((round / 2 % servers) as usize),
            None => Strike::Server(0),
        }
    }

    pub fn round(&mut self, number: u64, strike: Strike) -> Result<Counts, String> {
        let mut counts = Counts::default();
        let mut writers = self.writers(number);
        self.write_and_strike(strike, &mut writers, &mut counts)?;
        if let Err(message) = self.installation.verify() {
            counts.wrong.push(format!("verify: {message}"));
        }
        if let Strike::Server(at) = strike {
            self.servers.insert(at, self.installation.serve()?);
        }
        self.settle(&mut writers, &mut counts)?;
        self.compare(&mut counts)?;
        Ok(counts)
    }

    /// Lets the writers write, kills in the middle of it, and waits until all have stopped. A writer may be
    /// cut off by its own server's death, by nothing else.
    fn write_and_strike(
        &mut self,
        strike: Strike,
        writers: &mut [Writer],
        counts: &mut Counts,
    ) -> Result<(), String> {
        let life = LIFE_LEAST + Duration::from_millis(self.dice.below(LIFE_MORE.as_millis() as u64));
        let hosts: Vec<String> = self.servers.iter().map(|s| s.host.clone()).collect();
        let load = Load::of(writers.len());
        let (struck, ends) = thread::scope(|scope| {
            let write = |(n, writer): (usize, _)| {
                let (writer, host, load): (&mut Writer, _, _) = (writer, &hosts[n % hosts.len()], &load);
                move || writer.write_until_over(host, load, n)
            };
            let threads: Vec<_> = writers.iter_mut().enumerate().map(|w| scope.spawn(write(w))).collect();
            let struck = all_answered(&load, &[0; WRITERS], ANSWERED_WITHIN).and_then(|()| {
                thread::sleep(life);
                self.strike_now(strike, &load)
            });
            load.over.store(true, Ordering::Relaxed);
            let joined = threads.into_iter().map(|t| t.join());
            let ends: Vec<_> =
                joined.map(|end| end.unwrap_or_else(|_| Err("a writer stopped".to_owned()))).collect();
            (struck, ends)
        });
        counts.wrong.extend(struck?);
        for (n, end) in ends.into_iter().enumerate() {
            if let Err(message) = end
                && strike != Strike::Server(n % hosts.len())
            {
                counts.wrong.push(format!("a server that was not killed: {message}"));
            }
        }
        Ok(())
    }

    /// Kills; a database is started again, and every writer must get an answer from it. Tells what was wrong.
    fn strike_now(&mut self, strike: Strike, load: &Load) -> Result<Option<String>, String> {
        if let Strike::Server(at) = strike {
            self.servers.remove(at).kill()?;
            if !self.servers.is_empty() {
                thread::sleep(OTHERS_GO_ON);
            }
            return Ok(None);
        }
        let database = self.databases.server().ok_or("there is no database server to kill")?;
        database.kill()?;
        thread::sleep(AWAY);
        database.start_again()?;
        let back = all_answered(load, &load.answered(), BACK_WITHIN);
        Ok(back.err().map(|message| format!("after the database was back: {message}")))
    }

    /// Sends everything again, to another server where there is one: what was answered must answer the same,
    /// what was cut off is done now at the latest.
    fn settle(&mut self, writers: &mut [Writer], counts: &mut Counts) -> Result<(), String> {
        let servers = &self.servers;
        let tallies: Vec<Result<Tally, String>> = thread::scope(|scope| {
            let send = |(n, writer): (usize, _)| {
                let (writer, host): (&mut Writer, _) = (writer, &servers[(n + 1) % servers.len()].host);
                move || writer.send_again(host)
            };
            let threads: Vec<_> = writers.iter_mut().enumerate().map(|w| scope.spawn(send(w))).collect();
            let joined = threads.into_iter().map(|t| t.join());
            joined.map(|tally| tally.unwrap_or_else(|_| Err("a writer stopped".to_owned()))).collect()
        });
        for tally in tallies {
            let tally = tally?;
            counts.answered += tally.answered;
            counts.cut_off += tally.cut_off;
            counts.cut_off_done += tally.cut_off_done;
            counts.wrong.extend(tally.wrong);
            for (member, points) in tally.moved {
                *self.books.entry(member).or_default() += points;
            }
        }
        Ok(())
    }

    /// What the members have must be what the answers add up to: nothing was done twice, nothing by half,
    /// nothing was lost on its way from one to another.
    fn compare(&self, counts: &mut Counts) -> Result<(), String> {
        let end = Instant::now() + ARRIVED_WITHIN;
        let mut differences = self.differences()?;
        while !differences.is_empty() && Instant::now() < end {
            thread::sleep(LOOK_AGAIN);
            differences = self.differences()?;
        }
        counts.wrong.extend(differences);
        Ok(())
    }

    fn differences(&self) -> Result<Vec<String>, String> {
        let server = self.servers.first().ok_or("no server is left")?;
        let mut reader = api::Client::new(&server.host, &self.key);
        let mut differences = Vec::new();
        for (member, expected) in &self.books {
            let balance = reader.balance(member)?;
            let figure = |name: &str| points_at(&balance, &format!("/{name}"));
            let actual = figure("pending")? + figure("available")? + figure("held")? - figure("debt")?;
            if actual != *expected {
                differences.push(format!("{member} has {actual} points, the answers add up to {expected}"));
            }
        }
        Ok(differences)
    }
}
