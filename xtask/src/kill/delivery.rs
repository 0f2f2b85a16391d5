//! `cargo xtask kill --what delivery`: a server, or the database under it, is killed while it tells a
//! receiver what happens; the receiver fails at random too.
//!
//! Invariant to be shown: afterwards every event of the journal has been taken, of each member in order, each
//! under the one id and with the one body that the stream has; nothing was told that did not happen.

use super::receiver::Receiver;
use super::round::Strike;
use super::{Args, PROGRAM};
use crate::api::{self, Client, Shop};
use crate::databases::Databases;
use crate::dice::Dice;
use crate::server::{Installation, Server};
use crate::shell::{self, Outcome, Profile};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

const WRITERS: usize = 4;
const MEMBERS: u64 = 12;
/// Between these two the server lives in a round: long enough to have told something, and to be telling.
const LIFE_LEAST: u64 = 100;
const LIFE_MORE: u64 = 900;
/// A dead server's work is taken over after six seconds; a machine may be busy with other things too.
const TOLD_WITHIN: Duration = Duration::from_secs(90);
/// What waits for its next try is asked for at once so often, as an operator would.
const HURRY_EVERY: Duration = Duration::from_millis(250);
const AWAY: Duration = Duration::from_millis(200);

/// All that goes through the rounds of one run. Fields are dropped in order: servers before their database.
struct Trial {
    servers: Vec<Server>,
    databases: Databases,
    installation: Installation,
    key: String,
    members: Vec<String>,
    endpoint: String,
    receiver: Receiver,
    dice: Dice,
    /// Where the stream was read up to, and what it has told: ids by member, bodies by id.
    after: String,
    told: HashMap<String, Vec<String>>,
    bodies: HashMap<String, Value>,
    /// Entries of answered writes.
    answered: HashSet<String>,
}

pub fn run(args: &Args) -> Outcome {
    let folder = tempfile::tempdir().map_err(|e| format!("a folder for the database: {e}"))?;
    let binary = shell::build("kopilka", Profile::Ci)?;
    let databases = Databases::start(args.database)?;
    databases.allow(args.servers)?;
    let installation = databases.installation(&binary, folder.path().join("data"))?;
    let mut trial = Trial::open(args, databases, installation)?;
    let mut failed = 0;
    for number in 1..=args.rounds {
        let strike = trial.strike(number);
        let wrong = trial.round(number, strike)?;
        let book = trial.receiver.book();
        println!(
            "round {number}, {strike}: {} events taken so far in {} requests, {} refused, {} told again, {} wrong",
            book.taken_count(),
            book.requests,
            book.refused,
            book.again,
            wrong.len()
        );
        wrong.iter().take(5).for_each(|wrong| println!("  {wrong}"));
        failed += u64::from(!wrong.is_empty());
    }
    trial.servers.drain(..).try_for_each(Server::stop)?;
    trial.installation.verify()?;
    println!("{} passed, {failed} failed", args.rounds - failed);
    Ok(failed == 0)
}

impl Trial {
    fn open(args: &Args, databases: Databases, installation: Installation) -> Result<Trial, String> {
        let shop = Shop::open(&installation, PROGRAM, "trial")?;
        let receiver = Receiver::start(args.seed)?;
        let members = shop.fill(MEMBERS, "1000")?;
        let body = json!({ "url": receiver.url });
        let made = api::accepted(shop.client().post("/v1/webhook-endpoints", "endpoint", &body)?)?;
        let (endpoint, after) = (api::text_at(&made, "/id")?, api::text_at(&made, "/reached")?);
        let Shop { server, key } = shop;
        let mut servers = vec![server];
        for _ in 1..args.servers {
            servers.push(installation.serve()?);
        }
        Ok(Trial {
            servers,
            databases,
            installation,
            key,
            members,
            endpoint,
            receiver,
            dice: Dice::new(args.seed),
            after,
            told: HashMap::new(),
            bodies: HashMap::new(),
            answered: HashSet::new(),
        })
    }

    fn strike(&mut self, round: u64) -> Strike {
        let servers = self.servers.len() as u64;
        match self.databases.server() {
            Some(_) if round.is_multiple_of(2) => Strike::Database,
            _ => Strike::Server((round / 2 % servers) as usize),
        }
    }

    /// Writes, kills in the middle of the telling, and waits until all is told. What was wrong.
    fn round(&mut self, number: u64, strike: Strike) -> Result<Vec<String>, String> {
        self.write_and_strike(number, strike)?;
        if let Strike::Server(at) = strike {
            self.servers.insert(at, self.installation.serve()?);
        }
        let mut wrong = Vec::new();
        if let Err(message) = self.wait_until_told() {
            wrong.push(message);
        }
        wrong.extend(self.differences());
        Ok(wrong)
    }

    fn write_and_strike(&mut self, number: u64, strike: Strike) -> Result<(), String> {
        let life = Duration::from_millis(LIFE_LEAST + self.dice.below(LIFE_MORE));
        let over = AtomicBool::new(false);
        let hosts: Vec<String> = self.servers.iter().map(|server| server.host.clone()).collect();
        let (key, members) = (self.key.clone(), self.members.clone());
        let (struck, entries) = thread::scope(|scope| {
            let write = |writer: usize| {
                let (host, key, members, over) = (&hosts[writer % hosts.len()], &key, &members, &over);
                move || write_until_over(&mut Client::new(host, key), members, number, writer, over)
            };
            let threads: Vec<_> = (0..WRITERS).map(|writer| scope.spawn(write(writer))).collect();
            thread::sleep(life);
            let struck = self.strike_now(strike);
            over.store(true, Ordering::Relaxed);
            let entries: Vec<Vec<String>> =
                threads.into_iter().map(|t| t.join().unwrap_or_default()).collect();
            (struck, entries)
        });
        self.answered.extend(entries.into_iter().flatten());
        struck
    }

    fn strike_now(&mut self, strike: Strike) -> Result<(), String> {
        if let Strike::Server(at) = strike {
            return self.servers.remove(at).kill();
        }
        let database = self.databases.server().ok_or("there is no database server to kill")?;
        database.kill()?;
        thread::sleep(AWAY);
        database.start_again()
    }

    fn wait_until_told(&mut self) -> Result<(), String> {
        let end = Instant::now() + TOLD_WITHIN;
        let path = format!("/v1/webhook-endpoints/{}", self.endpoint);
        let mut last = String::new();
        while Instant::now() < end {
            let host = self.servers.first().ok_or("no server is left")?.host.clone();
            let mut client = Client::new(&host, &self.key);
            // A database that comes back needs a moment; the next look tells.
            let hurried = client.patch(&path, "hurry", &json!({ "enabled": true })).and_then(api::accepted);
            match hurried.and_then(|_| self.read_stream(&mut client)) {
                Ok(()) if self.is_all_told() => return Ok(()),
                Ok(()) => {
                    last = format!("{} of {} events", self.receiver.book().taken_count(), self.bodies.len())
                }
                Err(message) => last = message,
            }
            thread::sleep(HURRY_EVERY);
        }
        Err(format!("not all was told in time: {last}"))
    }

    fn read_stream(&mut self, client: &mut Client) -> Result<(), String> {
        loop {
            let path = format!("/v1/events/stream?limit=500&after={}", self.after);
            let page = api::accepted(client.get(&path)?)?;
            for event in page["data"].as_array().into_iter().flatten() {
                let (id, member) = (api::text_at(event, "/id")?, api::text_at(event, "/data/member")?);
                self.told.entry(member).or_default().push(id.clone());
                self.answered.remove(event["data"]["entry"].as_str().unwrap_or_default());
                self.bodies.insert(id, event.clone());
            }
            self.after = api::text_at(&page, "/next")?;
            if page["more"] != true {
                return Ok(());
            }
        }
    }

    fn is_all_told(&self) -> bool {
        self.answered.is_empty() && self.receiver.book().taken_count() >= self.bodies.len()
    }

    /// What the receiver has taken against what the journal has.
    fn differences(&self) -> Vec<String> {
        let book = self.receiver.book();
        let mut wrong = book.wrong.clone();
        wrong.extend(
            self.answered.iter().map(|entry| format!("{entry} was answered and is not in the stream")),
        );
        for (member, told) in &self.told {
            let taken = book.taken.get(member).cloned().unwrap_or_default();
            if taken != *told {
                let at = taken.iter().zip(told).take_while(|(taken, told)| taken == told).count();
                wrong.push(format!(
                    "{member}: after {at} events {:?} was taken, not {:?}",
                    taken.get(at),
                    told.get(at)
                ));
            }
        }
        for (id, body) in &book.heard {
            match self.bodies.get(id) {
                None => wrong.push(format!("{id} was told and is not in the stream")),
                Some(known) if serde_json::from_str(body).ok().as_ref() != Some(known) => {
                    wrong.push(format!("{id} was told as {body}"))
                }
                Some(_) => {}
            }
        }
        wrong
    }
}

/// Gives points until it is over or the server is away; the entries of what was answered.
fn write_until_over(
    client: &mut Client,
    members: &[String],
    round: u64,
    writer: usize,
    over: &AtomicBool,
) -> Vec<String> {
    let mut dice = Dice::new(round * 1_009 + writer as u64);
    let mut entries = Vec::new();
    for number in 0.. {
        if over.load(Ordering::Relaxed) {
            break;
        }
        let member = &members[dice.below(members.len() as u64) as usize];
        let points = (1 + dice.below(9)).to_string();
        let key = format!("delivery-{round}-{writer}-{number}");
        match client.credit(member, &points, &key) {
            Ok(answer) => entries.extend(answer["entry"].as_str().map(str::to_owned)),
            // Killed, or without its database: nothing more is answered in this round.
            Err(_) => thread::sleep(HURRY_EVERY / 10),
        }
    }
    entries
}
