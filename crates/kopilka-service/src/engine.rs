//! The writers: each a thread with a connection of its own, up to 256 commands a transaction. A file has one.
//!
//! Invariant: an answer is given after COMMIT; a group that fails as a whole is run again one by one, so
//! that no command suffers from its neighbour; a lost connection is made anew and the commands run again
//! under their keys, for the commit that was under way may have been done.

pub(crate) mod accruals;
mod addresses;
mod agreement;
mod cards;
pub(crate) mod due;
pub(crate) mod erasure;
mod finish;
mod gift_cards;
mod guests;
mod holders;
mod imports;
mod merge;
mod network;
mod orders;
mod people;
mod points;
mod queue;
mod transfers;
mod turn;
mod uses;
mod wanted;

use crate::answer;
use crate::error::ServiceError;
use crate::faults::Step;
use crate::identifiers::Who;
use crate::overlay::{Overlay, Seat};
use crate::prepare::{Prepared, Ready};
use crate::relay::CAUSES;
use crate::shared::Shared;
use crate::write::{Done, WriteResult};
use kopilka_core::book::{self, Execution};
use kopilka_core::decide::{self, Command};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::refusal::Refusal;
use kopilka_store::rows::Hash16;
use kopilka_store::{Ahead, StoreError, Writer};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::oneshot;

pub(crate) use agreement::shows_card;
use erasure::ERASED;
pub(crate) use imports::of_a_holder;
pub(crate) use people::declared_by;
pub(crate) use queue::JobQueue;
pub(crate) use turn::Turn;

/// More in one transaction gains nothing: the cost of a commit is shared well before.
pub(crate) const GROUP_MAX: usize = 256;
/// Commands that may wait: sixteen full groups, a second's work of a slow disk. More are told `Busy`.
pub(crate) const QUEUE_MAX: usize = 4096;
/// A command that met others so often will not get through by itself.
const TRIES_MAX: u32 = 6;
/// A database that is started again, or a host that takes over, is there by then; callers wait no longer.
const RECONNECT_WITHIN: Duration = Duration::from_secs(3);
const RECONNECT_EVERY: Duration = Duration::from_millis(100);

pub(crate) type AlongWork = Box<dyn FnOnce(&Writer) -> Result<(), StoreError> + Send>;
type AloneWork = Box<dyn FnOnce(&mut Engine) + Send>;
type Asked = Vec<(Prepared, oneshot::Sender<WriteResult>)>;
type Alongside = Vec<(AlongWork, std::sync::mpsc::Sender<Result<(), StoreError>>)>;

/// A piece of work for the writer's thread.
pub(crate) enum Job {
    Write(Box<Prepared>, oneshot::Sender<WriteResult>),
    /// Written at the end of a group's transaction: projections cost no commit of their own.
    Along(AlongWork, std::sync::mpsc::Sender<Result<(), StoreError>>),
    /// Runs between groups and opens its own transactions.
    Alone(AloneWork),
    Stop,
}

/// Why a command stops: with an answer of its own, or because the group cannot go on.
pub(crate) enum Stop {
    Answer(ServiceError),
    Group(StoreError),
}

impl From<Refusal> for Stop {
    fn from(refusal: Refusal) -> Stop {
        Stop::Answer(ServiceError::Refused(refusal))
    }
}
impl From<StoreError> for Stop {
    fn from(error: StoreError) -> Stop {
        Stop::Group(error)
    }
}
impl From<ServiceError> for Stop {
    fn from(error: ServiceError) -> Stop {
        Stop::Answer(error)
    }
}

pub(crate) struct Engine {
    pub writer: Writer,
    pub shared: Arc<Shared>,
    /// Its place among the writers of this process.
    number: usize,
}

impl Engine {
    pub fn new(writer: Writer, shared: Arc<Shared>, number: usize) -> Engine {
        Engine { writer, shared, number }
    }

    fn run_group(&mut self, mut group: Asked, along: Alongside) {
        if group.is_empty() && along.is_empty() {
            return;
        }
        metrics::histogram!("kopilka_group_commands").record(group.len() as f64);
        let began = std::time::Instant::now();
        let (works, waiting): (Vec<_>, Vec<_>) = along.into_iter().unzip();
        let mut writes: Vec<&mut Prepared> = group.iter_mut().map(|(write, _)| write).collect();
        let tried = if self.shared.store.is_shared() {
            // Rows of projections are locked by themselves, or two writers would wait for each other.
            let done =
                if writes.is_empty() { Ok(Vec::new()) } else { self.try_group(&mut writes, Vec::new()) };
            self.answer_along(works, waiting);
            done
        } else {
            let tried = self.try_group(&mut writes, works);
            for reply in waiting {
                let _ = reply.send(tried.as_ref().map(|_| ()).map_err(StoreError::clone));
            }
            tried
        };
        let results = match tried {
            Ok(results) => results,
            // Whoever asked is left without an answer, as if the process had died.
            Err(StoreError::Died) => return,
            Err(error) => self.one_by_one(writes, error),
        };
        metrics::histogram!("kopilka_group_seconds").record(began.elapsed().as_secs_f64());
        self.shared.served.fetch_add(results.len() as u64, Ordering::Relaxed);
        for ((_, reply), result) in group.into_iter().zip(results) {
            // Who asked may have gone away; the write stands all the same.
            let _ = reply.send(result);
        }
    }

    /// Work beside the commands, in a transaction of its own.
    fn answer_along(
        &mut self,
        works: Vec<AlongWork>,
        waiting: Vec<std::sync::mpsc::Sender<Result<(), StoreError>>>,
    ) {
        if works.is_empty() {
            return;
        }
        let done = self.transaction(|engine| works.into_iter().try_for_each(|work| work(&engine.writer)));
        if let Err(error) = &done {
            self.recover(error);
        }
        for reply in waiting {
            let _ = reply.send(done.clone());
        }
    }

    /// What becomes of the commands of a group that failed as a whole.
    fn one_by_one(&mut self, writes: Vec<&mut Prepared>, error: StoreError) -> Vec<WriteResult> {
        // Each failed for the same outer reason, and each would fail again.
        if !self.recover(&error) {
            return writes.iter().map(|_| Err(error.clone().into())).collect();
        }
        tracing::debug!(%error, commands = writes.len(), "a group failed; its commands run one by one");
        writes.into_iter().map(|write| self.run_single(write)).collect()
    }

    /// Whether going on makes sense: the storage takes writes, and there is a connection (again).
    fn recover(&mut self, error: &StoreError) -> bool {
        match error {
            StoreError::Full | StoreError::Fenced | StoreError::Died => return false,
            StoreError::Lost(text) => tracing::warn!(error = %text, "the connection to the database is lost"),
            _ => return true,
        }
        let began = std::time::Instant::now();
        loop {
            match self.writer.reconnect() {
                Ok(()) => return true,
                Err(_) if began.elapsed() < RECONNECT_WITHIN => std::thread::sleep(RECONNECT_EVERY),
                Err(error) => {
                    tracing::error!(%error, "the database cannot be reached");
                    return false;
                }
            }
        }
    }

    /// Runs a command by itself until it gets through; its key makes the tries one.
    fn run_single(&mut self, write: &mut Prepared) -> WriteResult {
        let mut tries = 0;
        loop {
            match self.try_group(&mut [write], Vec::new()) {
                Ok(mut results) => return results.pop().unwrap_or(Err(ServiceError::Stopping)),
                Err(error) => {
                    tries += 1;
                    let again = error.may_be_run_again() && tries < TRIES_MAX;
                    if !again || !self.recover(&error) {
                        return Err(error.into());
                    }
                    std::thread::sleep(Duration::from_millis(1 << tries));
                }
            }
        }
    }

    /// Commands of one who waits for them all, at best in one transaction.
    pub fn run_page(&mut self, mut commands: Vec<Prepared>) -> Vec<WriteResult> {
        let mut group: Vec<&mut Prepared> = commands.iter_mut().collect();
        match self.try_group(&mut group, Vec::new()) {
            Ok(results) => results,
            Err(error) => self.one_by_one(group, error),
        }
    }

    /// One transaction. On an error nothing of it is left.
    fn try_group(
        &mut self,
        writes: &mut [&mut Prepared],
        along: Vec<AlongWork>,
    ) -> Result<Vec<WriteResult>, StoreError> {
        self.group_with(writes, Vec::new(), |engine, _| {
            along.into_iter().try_for_each(|work| work(&engine.writer))
        })
    }

    /// The same with rows that were read ahead, and with what is written at its end by what became of the
    /// commands.
    fn group_with(
        &mut self,
        writes: &mut [&mut Prepared],
        ahead: Vec<Ahead>,
        also: impl FnOnce(&Engine, &[WriteResult]) -> Result<(), StoreError>,
    ) -> Result<Vec<WriteResult>, StoreError> {
        let (results, newest, relays, erased) = self.transaction(|engine| {
            engine.writer.take_over(ahead);
            engine.load_for(writes)?;
            engine.die_at(Step::Loaded)?;
            let mut overlay = Overlay::new(engine.shared.draws.next());
            let mut results = Vec::with_capacity(writes.len());
            for write in writes {
                match engine.decide(&mut overlay, write) {
                    Ok(done) => results.push(Ok(done)),
                    Err(Stop::Answer(error)) => results.push(Err(error)),
                    Err(Stop::Group(error)) => return Err(error),
                }
            }
            engine.die_at(Step::Decided)?;
            let changes = overlay.into_changes();
            engine.writer.write(&changes)?;
            also(engine, &results)?;
            let relays = changes.entries.iter().any(|e| CAUSES.contains(&e.cause.as_str()));
            let erased = changes.entries.iter().any(|e| e.cause == ERASED);
            Ok((results, changes.newest(), relays, erased))
        })?;
        self.note_newest(newest);
        if relays {
            self.shared.hurry_relay();
        }
        if erased {
            self.shared.log_holds_erased.store(true, Ordering::Release);
        }
        Ok(results)
    }

    fn die_at(&self, step: Step) -> Result<(), StoreError> {
        if self.shared.dies_at(step) { Err(StoreError::Died) } else { Ok(()) }
    }

    /// Begins, works, commits; whatever goes wrong, also a panic, undoes it all.
    pub fn transaction<T>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        if self.shared.died.load(Ordering::Acquire) {
            return Err(StoreError::Died);
        }
        self.shared.flights.open(self.number, &self.shared.ids);
        let done = self.transaction_in_flight(work);
        self.shared.flights.close(self.number);
        done
    }

    fn transaction_in_flight<T>(
        &mut self,
        work: impl FnOnce(&mut Engine) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let begun = self.writer.begin().and_then(|()| self.die_at(Step::Begun));
        let done = begun.and_then(|()| {
            catch_unwind(AssertUnwindSafe(|| work(self))).unwrap_or_else(|panic| {
                let text = panic.downcast_ref::<String>().map_or("a decision panicked", |text| text);
                tracing::error!(panic = text, "a command stopped in the middle; nothing of it is written");
                Err(StoreError::Engine(text.to_owned()))
            })
        });
        let ended = done.and_then(|value| {
            self.die_at(Step::Written)?;
            self.writer.commit()?;
            self.die_at(Step::Committed).map(|()| value)
        });
        match &ended {
            Ok(_) => {}
            // A dead process undoes nothing: the database does, when the connection ends.
            Err(StoreError::Died) => {}
            Err(_) => {
                if let Err(error) = self.writer.rollback() {
                    tracing::error!(%error, "a transaction could not be undone");
                }
            }
        }
        ended
    }

    fn decide(&mut self, overlay: &mut Overlay, write: &mut Prepared) -> Result<Done, Stop> {
        let state = self.shared.program(write.program)?;
        let now = self.shared.now_of(&state);
        let program = state.versions.at(now).ok_or(ServiceError::ProgramUnknown)?;
        if let Ready::PutOrder { body, .. } | Ready::Exchange { order: body, .. } = &mut write.change {
            self.fill_lines(write.program, body)?;
        }
        Engine::cards_of_group(overlay, write);
        let turn = Turn { state: &state, program, now, write };
        match &write.change {
            Ready::Register { person, names, consents, welcome, inviter } => {
                let person = people::with_consents(person, consents, now)?;
                self.register(overlay, &turn, (&person, names), (*welcome, inviter.as_ref()))
            }
            Ready::Import { person, names, imported } => {
                self.import(overlay, &turn, (person, names), imported)
            }
            Ready::Visit { by, site, visitor } => self.visit(overlay, &turn, (by, *site), visitor),
            Ready::Patch { who, patch } => self.patch(overlay, &turn, who, patch),
            Ready::Adjust { who, adjustment } => {
                self.change_points(overlay, &turn, who, &Command::Adjust(adjustment.clone()))
            }
            Ready::SetStatus { who, status } => {
                self.change_points(overlay, &turn, who, &Command::SetStatus { status: *status })
            }
            Ready::Erase { who } => self.erase(overlay, &turn, who),
            Ready::Merge { who, into, api_key } => self.merge(overlay, &turn, (who, into), api_key),
            Ready::Merging { member, step } => self.merge_step(overlay, &turn, *member, step),
            Ready::SetHolder { who, change } => self.set_holder(overlay, &turn, who, change),
            Ready::SetCard { who, change } => self.set_card(overlay, &turn, who, change),
            Ready::Happen { who, event, data } => {
                let (event, data) = (event.as_str().into(), data.clone());
                self.change_points(overlay, &turn, who, &Command::Happen { event, data })
            }
            Ready::Plain { who, command } => self.change_points(overlay, &turn, who, command),
            Ready::IssueGiftCard { code, amount, expires_at } => {
                self.issue_gift_card(overlay, &turn, (code, *amount, *expires_at))
            }
            Ready::ChangeGiftCard { code, change } => self.change_gift_card(overlay, &turn, code, *change),
            Ready::Transfer { from, to, points } => self.transfer(overlay, &turn, (from, to), *points),
            Ready::Relayed { member, command } => self.relayed(overlay, &turn, *member, command),
            Ready::Reverse { member, entry } => self.reverse(overlay, &turn, *member, *entry),
            Ready::PutOrder { who, body, hash, contact } => {
                let owner = self.owner_of_put(overlay, &turn, who.as_ref(), &body.key)?;
                let command = Command::PutOrder { body: body.clone(), hash: *hash };
                let done = self.change_order(overlay, &turn, owner, &body.key, &command)?;
                self.keep_contact(overlay, &turn, (&done, contact))?;
                Ok(done)
            }
            Ready::HandOver { who, order, code } => self.hand_over(overlay, &turn, (who, order), *code),
            Ready::TakeOrder { member, from, entry, order } => {
                self.take_order(overlay, &turn, *member, (*from, *entry, order))
            }
            Ready::Return(back) => {
                let owner = self.bound(overlay, &turn, &back.key)?.ok_or(Refusal::OrderUnknown)?;
                let command = Command::ReturnPieces(back.clone());
                self.change_order(overlay, &turn, Some(owner), &back.key, &command)
            }
            Ready::Cancel { key, occurred_at } => {
                let owner = self.bound(overlay, &turn, key)?;
                let command = Command::CancelOrder { key: key.clone(), occurred_at: *occurred_at };
                self.change_order(overlay, &turn, owner, key, &command)
            }
            Ready::Exchange { back, order, hash } => {
                let owner = self.owner_of_exchange(overlay, &turn, &back.key, &order.key)?;
                let command = Command::Exchange { back: back.clone(), order: order.clone(), hash: *hash };
                self.change_order(overlay, &turn, Some(owner), &order.key, &command)
            }
        }
    }

    fn projected(&self) -> EntryId {
        *self.shared.projected.borrow()
    }

    /// The member's seat in the group, or `member_unknown`.
    fn seat<'o>(
        &self,
        overlay: &'o mut Overlay,
        program: ProgramId,
        member: MemberId,
    ) -> Result<&'o mut Seat, Stop> {
        let seat = overlay.seat(&self.writer, program, member, self.projected())?;
        seat.ok_or_else(|| Refusal::MemberUnknown.into())
    }

    /// Whose account takes the command: where it was merged, the one that it has become part of.
    fn member_of(&self, overlay: &mut Overlay, turn: &Turn<'_>, who: &Who) -> Result<MemberId, Stop> {
        let member = self.led_to(overlay, turn.id(), who)?;
        self.account_of(overlay, turn, member)
    }

    /// Where the name leads, whether or not that account still takes commands.
    fn led_to(&self, overlay: &Overlay, program: ProgramId, who: &Who) -> Result<MemberId, Stop> {
        match who {
            Who::Id(id) | Who::Holder(id, _) => Ok(*id),
            Who::Named(name) => {
                let Some(target) = overlay.find(&self.writer, program, name)? else {
                    self.not_blocked(overlay, program, name)?;
                    return Err(Refusal::MemberUnknown.into());
                };
                Ok(target.member)
            }
        }
    }

    /// The answer this key got from this member before, if it did.
    fn first_answer(
        &self,
        overlay: &mut Overlay,
        member: MemberId,
        write: &Prepared,
    ) -> Result<Option<Done>, Stop> {
        let Some(hash) = write.key_hash else { return Ok(None) };
        let seat = self.seat(overlay, write.program, member)?;
        let absorbed: Vec<MemberId> = seat.book.member.absorbed.iter().map(|one| one.member).collect();
        // An account that was merged keeps the answers it gave.
        for account in std::iter::once(member).chain(absorbed) {
            if let Some(entry) = self.seat(overlay, write.program, account)?.answered(&self.writer, hash)? {
                return self.replay(overlay, write.program, (account, entry), write.input_hash).map(Some);
            }
        }
        Ok(None)
    }

    fn replay(
        &self,
        overlay: &Overlay,
        program: ProgramId,
        (member, entry): (MemberId, EntryId),
        input: Option<Hash16>,
    ) -> Result<Done, Stop> {
        let row = overlay.entry(&self.writer, program, member, entry)?;
        let row = row.ok_or_else(|| StoreError::Malformed(format!("no entry {entry}")))?;
        match row.input_hash == input {
            true => Ok(answer::read(&row)?),
            false => Err(ServiceError::IdempotencyConflict.into()),
        }
    }

    /// Loads what the command needs, runs what is due, executes, and appends what came of it.
    fn execute(
        &mut self,
        overlay: &mut Overlay,
        turn: &Turn<'_>,
        member: MemberId,
        command: &Command,
    ) -> Result<Done, Stop> {
        let seat = self.seat(overlay, turn.id(), member)?;
        seat.need_facts(&self.writer, turn.needs_person())?;
        seat.need_history(&self.writer, turn.state.versions.need_history())?;
        seat.need_orders(&self.writer, decide::needs(&seat.book.member, command, turn.now))?;
        self.run_due(overlay, turn.state, turn.now, member)?;
        let holder = self.holder_of(overlay, turn, member)?;
        let agreement = self.agreement(overlay, turn, member, holder)?;
        let book = &mut self.seat(overlay, turn.id(), member)?.book;
        book.codes.clone_from(&turn.write.codes);
        book.agreement = agreement;
        book.holder = holder;
        self.load_uses(overlay, (turn.id(), turn.context()), member, Some(command))?;
        let seat = self.seat(overlay, turn.id(), member)?;
        let executed = book::execute(turn.context(), &mut seat.book, command);
        seat.forget_uses();
        let Execution { due, entry, outcome } = executed?;
        self.append_due(overlay, member, due, turn.now);
        self.finish(overlay, turn, member, entry, outcome)
    }
}
