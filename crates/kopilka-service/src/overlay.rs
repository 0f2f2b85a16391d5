//! The rows that a group of commands has read and changed, in memory until the one commit.
//!
//! Invariant: a second command of the same member, order or name sees what the first left; a refused
//! command leaves nothing.

use crate::draws::Draw;
use kopilka_core::ShortText;
use kopilka_core::book::{Book, EntryDraft};
use kopilka_core::counters::Counters;
use kopilka_core::coupon::{CouponCode, MadeCode};
use kopilka_core::decide;
use kopilka_core::gift::code_row;
use kopilka_core::guest::GuestEvent;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::merge::MergeEvent;
use kopilka_core::order::{Gave, OrderKey};
use kopilka_core::program::{HISTORY_ORDERS, Program};
use kopilka_core::time::Instant;
use kopilka_store::read::orders_touched;
use kopilka_store::rows::*;
use kopilka_store::{Changes, StoreError, Writer};
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A row remembers this many keys at most; older ones go to the table of old keys ahead of the projection,
/// so that one busy member's row stays small.
const RECENT_KEYS_MAX: usize = 32;

/// A member in the group.
pub(crate) struct Seat {
    pub program: ProgramId,
    pub book: Book,
    pub seq: i64,
    pub head: EntryId,
    pub next_due: Option<Instant>,
    pub keys: Vec<RecentKey>,
    /// The number the row was read with; `None` for a member made in this group.
    read_at: Option<i64>,
    facts_read: bool,
    history_read: bool,
    changed: bool,
    due_changed: bool,
    orders_read: BTreeSet<OrderKey>,
    orders_changed: BTreeSet<OrderKey>,
    /// They went over to another account.
    orders_left: Vec<OrderKey>,
    keys_out: Vec<RecentKey>,
}

/// All that a group has touched.
pub(crate) struct Overlay {
    seats: BTreeMap<MemberId, Seat>,
    entries: Vec<EntryRow>,
    persons: BTreeMap<(ProgramId, MemberId), Person>,
    /// `None`: taken away in this group.
    names: HashMap<(ProgramId, Name), Option<Target>>,
    names_removed: Vec<(ProgramId, Name, MemberId)>,
    names_added: Vec<(ProgramId, Name, Target)>,
    reasons_erased: Vec<(ProgramId, MemberId, EntryId)>,
    unwritten: Vec<(ProgramId, MemberId, Instant)>,
    codes_forgotten: Vec<(ProgramId, MemberId, Vec<[u8; 32]>)>,
    /// Hashes of identifiers of erased persons, and until when they are kept.
    former: Vec<(ProgramId, Hash16, Instant)>,
    /// Counters across members, and by how much this group has changed each.
    counters: BTreeMap<(ProgramId, ShortText), i64>,
    /// Rows of codes as this group has left them.
    codes: BTreeMap<(ProgramId, CouponCode), (MadeCode, Instant)>,
    /// Due times of all seats are written at once: the scheduler must not meet the same row again.
    settle_due: bool,
    /// What codes of members' own are made of: anew for each group.
    draw: Draw,
}

/// What the shell adds to a draft: who asked, why, under which key, and the first answer.
#[derive(Default)]
pub(crate) struct Meta {
    pub key_hash: Option<Hash16>,
    pub input_hash: Option<Hash16>,
    pub operator: Option<String>,
    pub reason: Option<String>,
    pub answer: Option<String>,
}

impl Overlay {
    /// For what the scheduler runs: see `settle_due`.
    pub fn settling_due(draw: Draw) -> Overlay {
        Overlay { settle_due: true, ..Overlay::new(draw) }
    }
    pub fn new(draw: Draw) -> Overlay {
        Overlay {
            seats: BTreeMap::new(),
            entries: Vec::new(),
            persons: BTreeMap::new(),
            names: HashMap::new(),
            names_removed: Vec::new(),
            names_added: Vec::new(),
            reasons_erased: Vec::new(),
            unwritten: Vec::new(),
            codes_forgotten: Vec::new(),
            former: Vec::new(),
            counters: BTreeMap::new(),
            codes: BTreeMap::new(),
            settle_due: false,
            draw,
        }
    }

    /// The member's seat, read from the database on its first command in the group. Keys that the
    /// projection has taken over leave it.
    pub fn seat(
        &mut self,
        writer: &Writer,
        program: ProgramId,
        id: MemberId,
        projected: EntryId,
    ) -> Result<Option<&mut Seat>, StoreError> {
        let seat = match self.seats.entry(id) {
            Entry::Occupied(seat) => seat.into_mut(),
            Entry::Vacant(place) => match writer.member(program, id)? {
                Some(row) => {
                    let random = self.draw.of(id);
                    place.insert(Seat::read(row, projected, random))
                }
                None => return Ok(None),
            },
        };
        Ok(Some(seat).filter(|seat| seat.program == program))
    }
    /// Of a member whom this group has read or made.
    pub fn status_of(&self, program: ProgramId, id: MemberId) -> Option<MemberStatus> {
        let seat = self.seats.get(&id).filter(|seat| seat.program == program);
        seat.map(|seat| seat.book.member.status)
    }
    pub fn seated(&mut self, id: MemberId) -> Option<&mut Seat> {
        self.seats.get_mut(&id)
    }
    pub fn new_seat(&mut self, program: ProgramId, member: Member) -> &mut Seat {
        let (id, random) = (member.id, self.draw.of(member.id));
        self.seats.entry(id).or_insert_with(|| Seat::new(program, member, random))
    }
    /// Forgets a member whose first command was refused.
    pub fn drop_new_seat(&mut self, id: MemberId) {
        if self.seats.get(&id).is_some_and(|seat| seat.read_at.is_none() && seat.seq == 0) {
            self.seats.remove(&id);
        }
    }

    pub fn find(
        &self,
        writer: &Writer,
        program: ProgramId,
        name: &Name,
    ) -> Result<Option<Target>, StoreError> {
        if !self.names.is_empty()
            && let Some(known) = self.names.get(&(program, name.clone()))
        {
            return Ok(*known);
        }
        writer.find(program, name)
    }
    pub fn add_name(&mut self, program: ProgramId, name: Name, target: Target) {
        self.names.insert((program, name.clone()), Some(target));
        self.names_added.push((program, name, target));
    }
    pub fn remove_name(&mut self, program: ProgramId, name: Name, member: MemberId) {
        self.names.insert((program, name.clone()), None);
        self.names_added.retain(|(p, n, _)| (p, n) != (&program, &name));
        self.names_removed.push((program, name, member));
    }
    pub fn person(
        &self,
        writer: &Writer,
        program: ProgramId,
        member: MemberId,
    ) -> Result<Person, StoreError> {
        match self.persons.get(&(program, member)) {
            Some(person) => Ok(person.clone()),
            None => Ok(writer.reads().person(program, member)?.unwrap_or_default()),
        }
    }
    pub fn set_person(&mut self, program: ProgramId, member: MemberId, person: Person) {
        if let Some(seat) = self.seats.get_mut(&member) {
            seat.book.person = person.facts();
            seat.facts_read = true;
        }
        self.persons.insert((program, member), person);
    }
    pub fn keep_former(&mut self, program: ProgramId, hash: Hash16, until: Instant) {
        self.former.push((program, hash, until));
    }
    pub fn is_former(&self, program: ProgramId, hash: &Hash16) -> bool {
        self.former.iter().any(|(of, known, _)| (of, known) == (&program, hash))
    }
    /// What waits to be sent to the member is not sent.
    pub fn write_no_more(&mut self, program: ProgramId, member: MemberId, since: Instant) {
        self.unwritten.push((program, member, since));
    }
    /// One-time codes of the member, and those that went to these addresses.
    pub fn forget_codes(&mut self, program: ProgramId, member: MemberId, addresses: Vec<[u8; 32]>) {
        self.codes_forgotten.push((program, member, addresses));
    }
    pub fn erase_reasons(
        &mut self,
        program: ProgramId,
        member: MemberId,
        entries: impl Iterator<Item = EntryId>,
    ) {
        self.reasons_erased.extend(entries.map(|entry| (program, member, entry)));
    }
    /// All but the newest, which says why the person left.
    pub fn erase_reasons_of_group(&mut self, member: MemberId) {
        let mut own: Vec<&mut EntryRow> = self.entries.iter_mut().filter(|e| e.member == member).collect();
        own.pop();
        own.into_iter().for_each(|entry| entry.reason = None);
    }
    /// An entry of a member, of this group or older: a doubled command in one group gets the first's answer.
    pub fn entry(
        &self,
        writer: &Writer,
        program: ProgramId,
        member: MemberId,
        id: EntryId,
    ) -> Result<Option<EntryRow>, StoreError> {
        let own = |e: &&EntryRow| e.id == id && e.program == program && e.member == member;
        match self.entries.iter().find(own) {
            Some(entry) => Ok(Some(entry.clone())),
            None => writer.entry_of(program, member, id),
        }
    }

    /// What this group has appended to the member's journal, the newest first.
    pub fn entries_of(&self, member: MemberId) -> impl Iterator<Item = &EntryRow> {
        self.entries.iter().rev().filter(move |entry| entry.member == member)
    }

    /// A counter as this group has left it.
    pub fn counter(&self, writer: &Writer, program: ProgramId, what: &ShortText) -> Result<i64, StoreError> {
        let changed = self.counters.get(&(program, what.clone())).copied().unwrap_or_default();
        Ok(writer.counter(program, what)? + changed)
    }

    /// A code's row as this group has left it, where it has.
    pub fn code(&self, program: ProgramId, code: &CouponCode) -> Option<&MadeCode> {
        self.codes.get(&(program, code.clone())).map(|(row, _)| row)
    }
    pub fn has_codes(&self) -> bool {
        !self.codes.is_empty()
    }

    /// Appends a draft to the member's journal.
    pub fn append(&mut self, id: EntryId, member: MemberId, draft: EntryDraft, meta: Meta, now: Instant) {
        let Some(seat) = self.seats.get_mut(&member) else { return };
        for event in &draft.events {
            match event {
                Event::UseCounted { what, by } => {
                    *self.counters.entry((seat.program, what.clone())).or_default() += by;
                }
                Event::RewardClaimed { code: Some((code, campaign)), .. } => {
                    let (campaign, owner) = (campaign.clone(), Some(member));
                    let row =
                        MadeCode { code: code.clone(), campaign, owner, expires_at: None, blocked: false };
                    self.codes.insert((seat.program, code.clone()), (row, now));
                }
                Event::Granted { gave: Gave::Coupon(coupon), back, .. } => {
                    let row = coupon.made(member, *back);
                    self.codes.insert((seat.program, coupon.code.clone()), (row, now));
                }
                Event::GiftCardIssued { code, expires_at, .. } => {
                    let row = code_row(code.clone(), *expires_at, false);
                    self.codes.insert((seat.program, code.clone()), (row, now));
                }
                Event::GiftCardChanged { code, blocked, expires_at, .. } => {
                    let row = code_row(code.clone(), *expires_at, *blocked);
                    self.codes.insert((seat.program, code.clone()), (row, now));
                }
                Event::Merge(event @ MergeEvent::Left { .. }) => {
                    seat.orders_left.extend(event.orders().into_iter().cloned());
                }
                Event::Guest(GuestEvent::Left { order, .. }) => seat.orders_left.push(order.key.clone()),
                _ => {}
            }
        }
        seat.orders_changed.extend(orders_touched(&draft.events));
        seat.seq += 1;
        seat.changed = true;
        if let Some(hash) = meta.key_hash {
            seat.keys.push(RecentKey { hash, entry: id });
            seat.trim_keys();
        }
        self.entries.push(EntryRow {
            id,
            program: seat.program,
            member,
            seq: seat.seq,
            prev: std::mem::replace(&mut seat.head, id),
            cause: draft.cause.to_owned(),
            order: draft.order,
            version: draft.version,
            operator: meta.operator,
            reason: meta.reason,
            effective_at: draft.effective_at,
            recorded_at: now,
            key_hash: meta.key_hash,
            input_hash: meta.input_hash,
            answer: meta.answer,
            events: draft.events,
            trace: draft.trace,
        });
    }

    /// Everything that the group has changed.
    pub fn into_changes(self) -> Changes {
        let mut changes = Changes {
            entries: self.entries,
            names_removed: self.names_removed,
            names_added: self.names_added,
            reasons_erased: self.reasons_erased,
            unwritten: self.unwritten,
            codes_forgotten: self.codes_forgotten,
            former: self.former,
            ..Changes::default()
        };
        for ((program, what), by) in self.counters {
            if by != 0 {
                changes.counters.push((program, what, by));
            }
        }
        for ((program, _), (code, at)) in self.codes {
            changes.codes.push((program, code, at));
        }
        for ((program, member), person) in self.persons {
            changes.persons.push((program, member, person));
        }
        for (id, seat) in self.seats {
            if self.settle_due {
                changes.due.push((seat.program, id, seat.next_due));
            }
            seat.into_changes(id, self.settle_due, &mut changes);
        }
        changes
    }
}

impl Seat {
    fn new(program: ProgramId, member: Member, random: u64) -> Seat {
        Seat {
            program,
            book: Book { random, ..Book::new(member) },
            seq: 0,
            head: EntryId(0),
            next_due: None,
            keys: Vec::new(),
            read_at: None,
            facts_read: true,
            history_read: true,
            changed: false,
            due_changed: false,
            orders_read: BTreeSet::new(),
            orders_changed: BTreeSet::new(),
            orders_left: Vec::new(),
            keys_out: Vec::new(),
        }
    }
    fn read(row: MemberRow, projected: EntryId, random: u64) -> Seat {
        let mut seat = Seat::new(row.program, row.member, random);
        seat.seq = row.seq;
        seat.head = row.head;
        seat.next_due = row.next_due;
        seat.keys = row.keys;
        seat.keys.retain(|key| key.entry > projected);
        seat.read_at = Some(row.seq);
        seat.facts_read = false;
        seat.history_read = false;
        seat
    }

    /// Adds what an entry counts to the counters that were read before it.
    pub fn count_ahead(&mut self, entry: Option<&EntryDraft>) {
        for event in entry.iter().flat_map(|entry| &entry.events) {
            if let Event::UseCounted { what, by } = event
                && self.book.counters.is_loaded(what)
            {
                self.book.counters.add(what, *by);
            }
        }
    }

    fn trim_keys(&mut self) {
        if self.keys.len() > RECENT_KEYS_MAX {
            self.keys_out.extend(self.keys.drain(..RECENT_KEYS_MAX / 2));
        }
    }
    /// The entry that answered a key, if this member has used it.
    pub fn answered(&self, writer: &Writer, hash: Hash16) -> Result<Option<EntryId>, StoreError> {
        let recent = self.keys.iter().chain(&self.keys_out).find(|key| key.hash == hash);
        match recent {
            Some(key) => Ok(Some(key.entry)),
            None if self.read_at.is_none() => Ok(None),
            None => writer.old_key(self.program, self.book.member.id, hash),
        }
    }

    /// Makes sure that the orders named are in the book if they exist.
    pub fn need_orders(&mut self, writer: &Writer, keys: Vec<OrderKey>) -> Result<(), StoreError> {
        for key in keys {
            if self.read_at.is_none() || !self.orders_read.insert(key.clone()) {
                continue;
            }
            if let Some(state) = writer.order_of(self.program, self.book.member.id, &key)? {
                self.book.orders.put(Box::new(state));
            }
        }
        Ok(())
    }
    /// Reads the newest paid orders where the program's conditions ask for them. One that this group has
    /// read already may have changed since.
    pub fn need_history(&mut self, writer: &Writer, needed: bool) -> Result<(), StoreError> {
        if self.history_read || !needed {
            return Ok(());
        }
        let member = self.book.member.id;
        for order in writer.reads().paid_orders(self.program, member, HISTORY_ORDERS)? {
            if self.orders_read.insert(order.key.clone()) {
                self.book.orders.put(Box::new(order));
            }
        }
        self.history_read = true;
        Ok(())
    }
    /// Reads the person's facts where the program's rules ask for them.
    pub fn need_facts(&mut self, writer: &Writer, needed: bool) -> Result<(), StoreError> {
        if !self.facts_read && needed {
            self.book.person = writer.person_facts(self.program, self.book.member.id)?;
            self.facts_read = true;
        }
        Ok(())
    }

    /// Counters and codes were for one command: the next may find other values.
    pub fn forget_uses(&mut self) {
        self.book.counters = Counters::default();
        self.book.codes.clear();
    }

    /// Computes when the member's next command is due; the facts must have been read.
    pub fn arm(&mut self, program: &Program) {
        let next = decide::next_due(program, &self.book.member, &self.book.person);
        if next != self.next_due {
            self.next_due = next;
            self.due_changed = true;
        }
    }

    fn into_changes(mut self, id: MemberId, due_listed: bool, changes: &mut Changes) {
        if !self.changed && !self.due_changed {
            return;
        }
        for key in &self.orders_changed {
            if let Some(state) = self.book.orders.remove(key) {
                changes.orders.push((self.program, id, *state));
            }
        }
        changes.orders_removed.extend(self.orders_left.drain(..).map(|key| (self.program, id, key)));
        let out = self.keys_out.drain(..).map(|key| (self.program, id, key));
        changes.keys_out.extend(out);
        if !self.changed {
            // No entry tells the projection of this change, so its row is written here.
            changes.next_due.push((self.program, id, self.next_due));
            if !due_listed {
                changes.due.push((self.program, id, self.next_due));
            }
            return;
        }
        let row = MemberRow {
            program: self.program,
            member: self.book.member,
            seq: self.seq,
            head: self.head,
            next_due: self.next_due,
            keys: self.keys,
        };
        match self.read_at {
            Some(before) => changes.members.push((row, before)),
            None => changes.members_new.push(row),
        }
    }
}
