//! One writer: adjustments, transfers, orders and returns with keys, and what each was answered.
//!
//! Invariant: a write is remembered before it is sent, so that after a crash it can be sent again as it was.

use crate::api::{self, Client};
use crate::dice::Dice;
use crate::http::Answer;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// A server without its database says so at once; asking again sooner would only heat the machine.
const PAUSE: Duration = Duration::from_millis(20);

/// A write and its answer, if there was one.
#[derive(Debug)]
struct Write {
    kind: Kind,
    member: String,
    path: String,
    key: String,
    body: Value,
    answered: Option<Answer>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Adjustment,
    Order,
    Return,
    Transfer,
}

/// What writers at work and the one who kills know of each other.
#[derive(Debug)]
pub struct Load {
    pub over: AtomicBool,
    /// Answers by writer: a success or a refusal, not a server's failure.
    answered: Vec<AtomicU64>,
}

impl Load {
    pub fn of(writers: usize) -> Load {
        Load { over: AtomicBool::new(false), answered: (0..writers).map(|_| AtomicU64::new(0)).collect() }
    }
    pub fn answered(&self) -> Vec<u64> {
        self.answered.iter().map(|n| n.load(Ordering::Relaxed)).collect()
    }
    fn is_over(&self) -> bool {
        self.over.load(Ordering::Relaxed)
    }
}

/// What sending again has shown.
#[derive(Debug, Default)]
pub struct Tally {
    pub answered: usize,
    pub cut_off: usize,
    /// Of those cut off, the ones that were on disk all the same.
    pub cut_off_done: usize,
    pub wrong: Vec<String>,
    /// Points by member that the writes moved.
    pub moved: Vec<(String, i64)>,
}

#[derive(Debug)]
pub struct Writer {
    name: String,
    members: Vec<String>,
    key: String,
    dice: Dice,
    writes: Vec<Write>,
    /// Orders that were accepted and not returned yet, with their members.
    open_orders: Vec<(String, String)>,
}

impl Writer {
    pub fn new(members: &[String], seed: u64, round: u64, number: u64, key: &str) -> Writer {
        Writer {
            name: format!("{round}-{number}"),
            members: members.to_vec(),
            key: key.to_owned(),
            dice: Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(round * 1_009 + number)),
            writes: Vec::new(),
            open_orders: Vec::new(),
        }
    }

    /// Writes until it is over; an error when the server went away before. The last write may be left
    /// without an answer.
    pub fn write_until_over(&mut self, host: &str, load: &Load, number: usize) -> Result<(), String> {
        let mut client = Client::new(host, &self.key);
        while !load.is_over() {
            let write = self.next_write();
            self.writes.push(write);
            let Some(write) = self.writes.last_mut() else { return Ok(()) };
            let Some(answer) = send_until_answered(&mut client, write, load)? else { return Ok(()) };
            load.answered[number].fetch_add(1, Ordering::Relaxed);
            if write.kind == Kind::Order && answer.is_success() {
                self.open_orders.push((write.path.clone(), write.member.clone()));
            }
            write.answered = Some(answer);
        }
        Ok(())
    }

    fn next_write(&mut self) -> Write {
        let number = self.writes.len();
        let key = format!("kill-{}-{number}", self.name);
        let member = self.members[self.dice.below(self.members.len() as u64) as usize].clone();
        match self.dice.below(12) {
            0..5 => {
                let points = self.dice.below(61) as i64 - 30;
                let points = if points == 0 { 1 } else { points };
                let path = format!("/v1/members/{member}/adjustments");
                let body = api::adjustment(&points.to_string());
                Write { kind: Kind::Adjustment, member, path, key, body, answered: None }
            }
            5..7 if !self.open_orders.is_empty() => {
                let at = self.dice.below(self.open_orders.len() as u64) as usize;
                let (order, member) = self.open_orders.swap_remove(at);
                let body = json!({ "all": true });
                let path = format!("{order}/returns");
                Write { kind: Kind::Return, member, path, key, body, answered: None }
            }
            10.. => self.transfer(member, key),
            _ => {
                let price = format!("{}.00", 100 + self.dice.below(5_000));
                let points = self.dice.below(50).to_string();
                let path = format!("/v1/orders/order-{}-{number}", self.name);
                let body = api::order_paid_with(&member, &price, &points);
                Write { kind: Kind::Order, member, path, key, body, answered: None }
            }
        }
    }

    fn transfer(&mut self, from: String, key: String) -> Write {
        let others: Vec<&String> = self.members.iter().filter(|m| **m != from).collect();
        let to = others[self.dice.below(others.len() as u64) as usize];
        let points = (1 + self.dice.below(40)).to_string();
        let body = json!({ "from": from, "to": to, "points": points });
        let path = "/v1/transfers".to_owned();
        Write { kind: Kind::Transfer, member: from, path, key, body, answered: None }
    }

    /// Sends every write again, in order, to the restarted server.
    pub fn send_again(&mut self, host: &str) -> Result<Tally, String> {
        let mut client = Client::new(host, &self.key);
        let mut tally = Tally::default();
        for write in &self.writes {
            // Refusals are not stored: with other points about, the same wish may now be granted.
            if write.answered.as_ref().is_some_and(|a| !a.is_success()) {
                continue;
            }
            let again = send(&mut client, write)?;
            match &write.answered {
                Some(first) => {
                    tally.answered += 1;
                    if let Err(message) = check_same(write, first, &again) {
                        tally.wrong.push(format!("{}: {message}", write.path));
                    }
                }
                None => {
                    tally.cut_off += 1;
                    tally.cut_off_done += usize::from(was_done(write, &again)?);
                }
            }
            if again.is_success() {
                tally.moved.extend(moved(write, &again.json()?)?);
            }
        }
        Ok(tally)
    }
}

/// A server whose database is away answers with a failure, and the same write is sent again, as a shop
/// would. Nothing when it was over before there was an answer.
fn send_until_answered(client: &mut Client, write: &Write, load: &Load) -> Result<Option<Answer>, String> {
    loop {
        let answer = send(client, write)?;
        if answer.status < 500 {
            return Ok(Some(answer));
        }
        if load.is_over() {
            return Ok(None);
        }
        thread::sleep(PAUSE);
    }
}

fn send(client: &mut Client, write: &Write) -> Result<Answer, String> {
    match write.kind {
        Kind::Order => client.put(&write.path, &write.body),
        _ => client.post(&write.path, &write.key, &write.body),
    }
}

/// Whether this answer tells of a write that had been done before.
fn was_done(write: &Write, again: &Answer) -> Result<bool, String> {
    match write.kind {
        Kind::Order => Ok(again.json()?["unchanged"] == true),
        _ => Ok(again.header("idempotent-replayed") == Some("true")),
    }
}

/// A POST's first answer comes back for ever; a PUT of the same body changes nothing.
fn check_same(write: &Write, first: &Answer, again: &Answer) -> Result<(), String> {
    if !again.is_success() {
        return Err(format!("was answered {}, now {}: {}", first.status, again.status, again.body));
    }
    match write.kind {
        Kind::Order => {
            let (first, again) = (first.json()?, again.json()?);
            let sums = ["to_pay", "paid_by_points", "goods_total"].map(|f| format!("/order/{f}"));
            let changed = sums.iter().find(|f| first.pointer(f) != again.pointer(f));
            match (again["unchanged"].as_bool(), changed) {
                (Some(true), None) => Ok(()),
                (Some(true), Some(field)) => Err(format!("{field} is another one after the restart")),
                _ => Err("the answered order was not there after the restart".to_owned()),
            }
        }
        _ if !was_done(write, again)? => Err("the answered write was not there after the restart".to_owned()),
        _ if again.body != first.body => Err(format!("answered {}, now {}", first.body, again.body)),
        _ => Ok(()),
    }
}

/// Points a write brought to whom, pending and owed ones too.
fn moved(write: &Write, answer: &Value) -> Result<Vec<(String, i64)>, String> {
    let points = match write.kind {
        Kind::Adjustment => points_at(answer, "/points")?,
        Kind::Return => points_at(answer, "/points_back")? - points_at(answer, "/taken_back")?,
        Kind::Order => {
            let credits = answer["order"]["points"]["credits"].as_array().into_iter().flatten();
            let issued: Result<i64, String> = credits.map(|c| points_at(c, "/issued")).sum();
            issued? - points_at(answer, "/order/points/used")?
        }
        Kind::Transfer => {
            let points = points_at(&write.body, "/points")?;
            let to = api::text_at(&write.body, "/to")?;
            return Ok(vec![(write.member.clone(), -points), (to, points)]);
        }
    };
    Ok(vec![(write.member.clone(), points)])
}

/// Whole points at a place of an answer.
pub fn points_at(value: &Value, pointer: &str) -> Result<i64, String> {
    let text = api::text_at(value, pointer)?;
    text.parse().map_err(|_| format!("{pointer} is {text}, not whole points"))
}
