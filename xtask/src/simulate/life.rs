//! One seed's run: what is sent, what goes wrong, and what the answers must be.
//!
//! Invariant: with one server everything follows from the seed; each write that got no answer is sent again
//! under its key until it has one.

mod answers;
mod undo;

use super::books;
use super::counts::Counts;
use super::documents::{self, Units};
use super::place::{Place, TASKS, Task};
use super::town::{Town, order_told};
use crate::dice::{Dice, scramble};
use kopilka_core::ids::ProgramId;
use kopilka_core::order::OrderKey;
use kopilka_core::time::Instant;
use kopilka_service::{Change, Done, ServiceError, Step, Write, WriteResult};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Long enough for orders to be placed, paid, returned and to lapse; two hundred seeds take minutes.
const STEPS: (i64, i64) = (25, 60);
const BURST_MAX: u64 = 10;
/// A server that dies again and again at the same place would never answer.
const SENDINGS_MAX: usize = 8;
/// From then on nobody dies any more, so that it does.
const DEADLY_SENDINGS: usize = 4;

/// Enough rounds for every task of a dead server to have a new holder and every effect to be delivered.
const ROUNDS_MAX: usize = 60;
const A_MOMENT: Duration = Duration::from_millis(100);

/// The proof computes due times by the versions in force at the machine's own time, so a life ends before.
const BEGINS: &str = "2011-01-15T09:00:00Z";
const ENDS: &str = "2025-01-01T00:00:00Z";

/// A write that was sent, and its answer.
pub struct Sent {
    number: usize,
    /// The command it repeats, or its own number.
    original: usize,
    pub write: Write,
    pub answer: Option<WriteResult>,
    /// It got no answer at first.
    pub cut_off: bool,
    expect: Expect,
}

/// What a duplicate must be answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expect {
    Anything,
    /// The first answer of that write, if it was accepted.
    AnswerOf(usize),
    Conflict,
    Unchanged,
}

impl Sent {
    pub fn name(&self) -> String {
        format!("command {}", self.number)
    }
    /// How its entry is found in the journal.
    pub fn deed(&self) -> String {
        format!("deed-{}", self.original)
    }
    pub fn done(&self) -> Option<&Done> {
        self.answer.as_ref().and_then(|answer| answer.as_ref().ok())
    }
}

pub struct Life {
    dice: Dice,
    place: Place,
    town: Town,
    units: Units,
    program: ProgramId,
    now: Instant,
    sent: Vec<Sent>,
    /// The newest body each order took, by the number of its write.
    told: BTreeMap<OrderKey, usize>,
    counts: Counts,
    published_again: bool,
    /// Prints each step.
    aloud: bool,
}

/// Where a seed's life takes place.
pub struct Stage {
    pub database: Option<String>,
    pub servers: usize,
    pub aloud: bool,
}

/// Lives one seed from the beginning to the last proof.
pub fn live(seed: u64, stage: Stage) -> Result<Counts, String> {
    let mut life = Life::begin(seed, stage)?;
    life.go_on()?;
    Ok(life.counts)
}

fn instant(text: &str) -> Result<Instant, String> {
    Instant::parse(text).ok_or_else(|| format!("{text} is no instant"))
}

impl Life {
    fn begin(seed: u64, stage: Stage) -> Result<Life, String> {
        let mut dice = Dice::new(scramble(seed));
        let now = instant(BEGINS)?;
        let mut place = Place::new(stage.database, stage.servers, now)?;
        let units = Units::draw(&mut dice);
        let document = documents::draw(&mut dice, units);
        if stage.aloud {
            println!("{document}");
        }
        let program = place.publish(&document, None)?;
        Ok(Life {
            town: Town::new(units.scale()),
            dice,
            place,
            units,
            program,
            now,
            sent: Vec::new(),
            told: BTreeMap::new(),
            counts: Counts::default(),
            published_again: false,
            aloud: stage.aloud,
        })
    }

    fn go_on(&mut self) -> Result<(), String> {
        let steps = self.dice.between(STEPS.0, STEPS.1);
        for number in 0..steps {
            self.step().map_err(|what| format!("step {number} of {steps}: {what}"))?;
        }
        self.end()
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if self.aloud {
            println!("{} {}", self.now, what());
        }
    }

    fn step(&mut self) -> Result<(), String> {
        let seconds = self.dice.between(1, 900);
        self.pass(seconds);
        match self.dice.below(24) {
            0..=13 => self.burst(),
            14..=15 => self.jump(),
            16..=20 => {
                let task = self.dice.pick(&TASKS);
                self.work(task)
            }
            21 => self.restart(),
            22 => self.publish_again(),
            _ => self.prove().map(drop),
        }
    }

    fn pass(&mut self, seconds: i64) {
        self.now = self.now.plus_seconds(seconds);
        self.place.clock.turn_to(self.now);
    }

    fn jump(&mut self) -> Result<(), String> {
        let hours = match self.dice.below(6) {
            0..=2 => self.dice.between(1, 48),
            3..=4 => self.dice.between(24, 24 * 40),
            _ => self.dice.between(24 * 30, 24 * 366),
        };
        let to = self.now.plus_seconds(hours * 3600);
        if to < instant(ENDS)? {
            self.counts.clock_jumps += 1;
            self.tell(|| format!("the clock jumps {hours} hours"));
            self.pass(hours * 3600);
        }
        Ok(())
    }

    fn restart(&mut self) -> Result<(), String> {
        let at = self.dice.below(self.place.servers.len() as u64) as usize;
        self.tell(|| "an orderly restart".to_owned());
        self.counts.restarts += 1;
        self.place.restart(at)
    }

    /// A second version, at once or in a while.
    fn publish_again(&mut self) -> Result<(), String> {
        if std::mem::replace(&mut self.published_again, true) {
            return Ok(());
        }
        let document = documents::draw(&mut self.dice, self.units);
        let from = self.dice.one_in(2).then(|| self.now.plus_seconds(86_400));
        self.tell(|| format!("a new version from {from:?}: {document}"));
        self.place.publish(&document, from).map(drop)
    }

    /// Lets a server die, most often not.
    fn arm(&mut self, steps: &[Step]) {
        if self.dice.one_in(4) {
            let at = self.dice.below(self.place.servers.len() as u64) as usize;
            let (step, passes) = (self.dice.pick(steps), self.dice.below(2));
            // How the relay's effects are grouped is up to the threads: only the first step is certain.
            let passes = if steps.contains(&Step::Relayed) { 0 } else { passes };
            self.tell(|| format!("armed: {step:?} after {passes}"));
            self.place.servers[at].trap.arm(step, passes);
        }
    }
    /// Opens again whoever died. Whether anybody did.
    fn revive(&mut self) -> Result<bool, String> {
        self.place.servers.iter().for_each(|server| server.trap.disarm());
        let died = self.place.revive()?;
        for step in &died {
            self.tell(|| format!("died at {step:?}"));
            *self.counts.crashes.entry(format!("{step:?}").to_lowercase()).or_default() += 1;
        }
        Ok(!died.is_empty())
    }

    fn work(&mut self, task: Task) -> Result<(), String> {
        const WRITES: [Step; 5] = [Step::Begun, Step::Loaded, Step::Decided, Step::Written, Step::Committed];
        const DUE: [Step; 3] = [Step::Begun, Step::Written, Step::Committed];
        const PAGES: [Step; 4] = [Step::Projected, Step::Projected, Step::Written, Step::Committed];
        // Not what a commit of its first group leaves on disk, which chance decides; a page that was
        // delivered whole is as good.
        const RELAY: [Step; 6] = [Step::Relayed, Step::Relayed, WRITES[0], WRITES[1], WRITES[2], WRITES[3]];
        self.arm(match task {
            Task::Due => &DUE,
            Task::Projections => &PAGES,
            Task::Relay => &RELAY,
        });
        let at = self.dice.below(self.place.servers.len() as u64) as usize;
        self.tell(|| format!("{task:?}"));
        self.place.work(at, task)?;
        self.revive()?;
        Ok(())
    }

    fn burst(&mut self) -> Result<(), String> {
        let first = self.sent.len();
        let mut told = BTreeSet::new();
        for _ in 0..1 + self.dice.below(BURST_MAX) {
            self.compose(first, &mut told);
        }
        self.send_and_look(first)
    }

    fn send_and_look(&mut self, first: usize) -> Result<(), String> {
        self.send(first)?;
        for at in first..self.sent.len() {
            self.look_at(at, first)?;
        }
        Ok(())
    }

    /// One more write of the burst: something new, or something again.
    fn compose(&mut self, first: usize, told: &mut BTreeSet<OrderKey>) {
        let again = self.dice.below(12);
        let composed = match again {
            0 => self.same_again(self.sent.len()),
            1 => self.other_content(first),
            2 => self.same_body(told),
            _ => None,
        };
        if let Some(sent) = composed {
            self.counts.duplicates += 1;
            self.sent.push(sent);
            return;
        }
        let wish = self.town.wish(&mut self.dice, self.now);
        // Two words about one order at once may come in any order: an answer lost, they would come again.
        if let Some(key) = order_told(&wish.change)
            && !told.insert(key.clone())
        {
            return;
        }
        self.counts.reorderings += u64::from(wish.late);
        self.ask(wish.change);
    }

    /// A write of its own, with a key where the command is not its own key.
    fn ask(&mut self, change: Change) {
        let number = self.sent.len();
        let put = matches!(change, Change::PutOrder { .. });
        let mut input_hash = [0; 16];
        input_hash[..8].copy_from_slice(&(number as u64 + 1).to_be_bytes());
        let write = Write {
            program: self.program,
            scope: "simulated/till".to_owned(),
            key: (!put).then(|| format!("key-{number}")),
            input_hash,
            operator: Some(format!("deed-{number}")),
            reason: Some("a simulation".to_owned()),
            change,
        };
        self.push(number, write, Expect::Anything);
    }

    fn push(&mut self, original: usize, write: Write, expect: Expect) {
        let number = self.sent.len();
        self.sent.push(Sent { number, original, write, answer: None, cut_off: false, expect });
    }

    /// An earlier write with a key, of this burst too.
    fn keyed(&mut self, before: usize) -> Option<usize> {
        if before == 0 {
            return None;
        }
        let back = self.dice.below(before as u64).min(self.dice.below(before as u64));
        let at = self.sent[before - 1 - back as usize].original;
        self.sent[at].write.key.is_some().then_some(at)
    }
    fn same_again(&mut self, before: usize) -> Option<Sent> {
        let original = self.keyed(before)?;
        let write = self.sent[original].write.clone();
        let expect = Expect::AnswerOf(original);
        Some(Sent { number: self.sent.len(), original, write, answer: None, cut_off: false, expect })
    }
    fn other_content(&mut self, before: usize) -> Option<Sent> {
        let first = self.keyed(before)?;
        self.sent[first].done()?;
        let number = self.sent.len();
        let mut write = self.sent[first].write.clone();
        write.input_hash[15] ^= 0xff;
        write.operator = Some(format!("deed-{number}"));
        let expect = Expect::Conflict;
        Some(Sent { number, original: number, write, answer: None, cut_off: false, expect })
    }
    fn same_body(&mut self, told: &mut BTreeSet<OrderKey>) -> Option<Sent> {
        let known: Vec<usize> = self.told.values().copied().collect();
        if known.is_empty() || self.place.is_shared() {
            return None;
        }
        let number = self.sent.len();
        let mut write = self.sent[self.dice.pick(&known)].write.clone();
        write.operator = Some(format!("deed-{number}"));
        if !told.insert(order_told(&write.change)?.clone()) {
            return None;
        }
        let expect = Expect::Unchanged;
        Some(Sent { number, original: number, write, answer: None, cut_off: false, expect })
    }

    /// Sends the burst until every write of it has its answer.
    fn send(&mut self, first: usize) -> Result<(), String> {
        const STEPS: [Step; 5] = [Step::Begun, Step::Loaded, Step::Decided, Step::Written, Step::Committed];
        let mut waiting: Vec<usize> = (first..self.sent.len()).collect();
        for sending in 0..SENDINGS_MAX {
            if waiting.is_empty() {
                return Ok(());
            }
            if sending < DEADLY_SENDINGS {
                self.arm(&STEPS);
            }
            let writes: Vec<Write> = waiting.iter().map(|at| self.sent[*at].write.clone()).collect();
            let answers = self.place.submit(&writes)?;
            let mut left = Vec::new();
            for (at, answer) in waiting.into_iter().zip(answers) {
                match answer {
                    Err(ServiceError::Stopping | ServiceError::Busy | ServiceError::Unavailable) => {
                        self.sent[at].cut_off = true;
                        left.push(at);
                    }
                    answer => self.sent[at].answer = Some(answer),
                }
            }
            waiting = left;
            if !self.revive()? && !waiting.is_empty() && !self.place.is_shared() {
                return Err(format!("{} writes got no answer, and nobody died", waiting.len()));
            }
        }
        if waiting.is_empty() { Ok(()) } else { Err(format!("{} writes never got an answer", waiting.len())) }
    }

    /// Counts an answer, learns from it, and holds it against what it must be.
    fn look_at(&mut self, at: usize, first: usize) -> Result<(), String> {
        let sent = &self.sent[at];
        let Some(answer) = &sent.answer else { return Ok(()) };
        self.tell(|| format!("{} {:?} => {answer:?}", sent.deed(), sent.write.change));
        self.counts.commands += 1;
        match answer {
            Ok(done) if done.replayed => self.counts.replayed += 1,
            Ok(_) => self.counts.accepted += 1,
            Err(ServiceError::Refused(refusal)) => {
                *self.counts.refused.entry(refusal.code()).or_default() += 1;
            }
            Err(ServiceError::IdempotencyConflict) => {
                *self.counts.refused.entry("idempotency_conflict").or_default() += 1;
            }
            Err(other) => return Err(format!("{} was answered {other}", sent.name())),
        }
        self.expected(at, first)?;
        let sent = &self.sent[at];
        if let Some(Ok(done)) = &sent.answer {
            self.town.learn(&sent.write.change, done);
            if let (Change::PutOrder { body, .. }, Some(_)) = (&sent.write.change, done.entry) {
                self.told.insert(body.key.clone(), at);
            } else if let Change::PutOrder { body, .. } = &sent.write.change
                && sent.cut_off
            {
                // Which of the tellings was the newest is not known any more.
                self.told.remove(&body.key);
            }
        }
        Ok(())
    }

    fn prove(&mut self) -> Result<Vec<super::model::Purse>, String> {
        self.counts.proofs += 1;
        let all = books::read_all(&self.place, self.program)?;
        let alone = !self.place.is_shared();
        let known = books::Known { sent: &self.sent, scale: self.units.scale(), alone };
        let purses = books::prove(&all, known)?;
        books::directory(&self.place, self.program, &all)?;
        let verified = self.place.verify()?;
        if verified.differences > 0 {
            return Err(format!("verify: {:?}", verified.told));
        }
        self.counts.members = all.members.len() as u64;
        self.counts.take_entries(all.members.iter().flat_map(|kept| &kept.entries));
        Ok(purses)
    }

    /// Everything that waits comes to its end; then nothing may be left over.
    fn end(&mut self) -> Result<(), String> {
        self.nothing_left_over().map_err(|what| format!("at the end: {what}"))?;
        self.undo().map_err(|what| format!("everything taken back: {what}"))
    }

    fn nothing_left_over(&mut self) -> Result<(), String> {
        self.settle()?;
        let purses = self.prove()?;
        let on_the_way: i64 = purses.iter().map(|purse| purse.account("transferred")).sum();
        if on_the_way != 0 {
            return Err(format!("{on_the_way} points are still on their way"));
        }
        books::projections(&self.place, self.program, &purses, self.now)
    }
}

impl Life {
    fn settle(&mut self) -> Result<(), String> {
        for _ in 0..ROUNDS_MAX {
            // What a server wrote is settled for the others when their clocks have passed it.
            self.pass(1);
            if self.place.settle(self.program, self.now)? {
                return Ok(());
            }
            if self.place.is_shared() {
                std::thread::sleep(A_MOMENT);
            }
        }
        Err("what is due, on its way or to be projected does not come to an end".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What one seed sent and was answered, word by word.
    fn life_of(seed: u64) -> Vec<String> {
        let mut life = Life::begin(seed, Stage { database: None, servers: 1, aloud: false }).unwrap();
        life.go_on().unwrap();
        life.sent.iter().map(|one| format!("{:?} {:?}", one.write, one.answer)).collect()
    }

    #[test]
    fn the_same_seed_lives_the_same_life() {
        let lives = [life_of(3), life_of(3), life_of(4)];
        for (one, again) in lives[0].iter().zip(&lives[1]) {
            assert_eq!(one, again, "one seed, two lives");
        }
        assert_eq!(lives[0].len(), lives[1].len());
        assert!(lives[0] != lives[2], "two seeds, one life");
    }
}
