//! A group's reads and writes in few round trips: one flight a step, many rows a statement.
//!
//! Invariant: members are locked in order of id before anything of theirs is read; what was loaded ahead is
//! used once and only inside its transaction.

use super::errors::first;
use super::link::{Link, all};
use crate::codec::{self, to_json};
use crate::conn::Conn;
use crate::error::StoreError;
use crate::group::{Changes, Wanted, conflict};
use crate::rows::*;
use crate::sql::{batch, servers, session};
use crate::value::{Columns, Param, exactly};
use crate::writer::{Seal, put_person};
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::PersonFacts;
use kopilka_core::order::{OrderKey, OrderState};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

/// Rows that a group was given ahead; `None` means that there is none.
#[derive(Default)]
pub(crate) struct Loaded {
    names: HashMap<(ProgramId, Name), Option<Target>>,
    members: BTreeMap<MemberId, Option<MemberRow>>,
    programs: BTreeMap<MemberId, ProgramId>,
    orders: HashMap<(MemberId, OrderKey), Option<OrderState>>,
    facts: HashMap<MemberId, PersonFacts>,
    old_keys: HashMap<(MemberId, Hash16), Option<EntryId>>,
}

impl Loaded {
    pub fn clear(&mut self) {
        *self = Loaded::default();
    }
    pub fn name(&self, program: ProgramId, name: &Name) -> Option<Option<Target>> {
        if self.names.is_empty() { None } else { self.names.get(&(program, name.clone())).copied() }
    }
    /// Each row is handed over once: from then on the caller has it.
    pub fn take_member(&mut self, program: ProgramId, id: MemberId) -> Option<Option<MemberRow>> {
        if self.programs.get(&id) != Some(&program) {
            return None;
        }
        self.members.remove(&id)
    }
    pub fn take_order(&mut self, member: MemberId, key: &OrderKey) -> Option<Option<OrderState>> {
        if self.orders.is_empty() { None } else { self.orders.remove(&(member, key.clone())) }
    }
    pub fn facts(&self, member: MemberId) -> Option<PersonFacts> {
        self.facts.get(&member).copied()
    }
    pub fn old_key(&self, member: MemberId, hash: Hash16) -> Option<Option<EntryId>> {
        self.old_keys.get(&(member, hash)).copied()
    }

    /// The members of a command: the one it names, and those its names lead to.
    fn members_of(&self, wanted: &Wanted) -> BTreeSet<MemberId> {
        let named = wanted.names.iter().filter_map(|name| {
            self.names.get(&(wanted.program, name.clone())).copied().flatten().map(|t| t.member)
        });
        named.chain(wanted.member).collect()
    }
}

/// Begins, and proves that the others have not taken this server for dead.
pub(crate) fn begin(link: &Link, fence: Option<Seal>) -> Result<(), StoreError> {
    let Some(seal) = fence else { return link.run(session::POSTGRES_BEGIN) };
    let statement = link.prepared(servers::SERVER_FENCE)?;
    let params = [Param::Int(seal.server), Param::Int(seal.token)];
    let params: Vec<&(dyn ToSql + Sync)> = params.iter().map(|p| p as &(dyn ToSql + Sync)).collect();
    let (begun, fenced) = link.drive(async {
        tokio::join!(link.client().batch_execute(session::POSTGRES_BEGIN), async {
            link.client().query(&statement, &params).await
        })
    });
    begun.map_err(super::errors::error)?;
    match fenced.map_err(super::errors::error)?.len() {
        1 => Ok(()),
        _ => Err(StoreError::Fenced),
    }
}

/// Loads names, then the members they lead to (locked, in order of id), then what hangs on those.
pub(crate) fn load(link: &Link, wanted: &[Wanted], loaded: &mut Loaded) -> Result<(), StoreError> {
    load_names(link, wanted, loaded)?;
    load_members(link, wanted, loaded)?;
    load_beside(link, wanted, loaded)
}

fn load_names(link: &Link, wanted: &[Wanted], loaded: &mut Loaded) -> Result<(), StoreError> {
    for one in wanted {
        for name in one.names.iter().chain(&one.names_only) {
            loaded.names.insert((one.program, name.clone()), None);
        }
    }
    if loaded.names.is_empty() {
        return Ok(());
    }
    let asked = loaded.names.keys();
    let programs: Vec<i64> = asked.clone().map(|(program, _)| program.0).collect();
    let kinds: Vec<&str> = asked.clone().map(|(_, name)| name.kind.name()).collect();
    let values: Vec<&[u8]> = asked.map(|(_, name)| name.value.as_slice()).collect();
    let statement = link.prepared(batch::NAMES)?;
    let rows = link.drive(link.client().query(&statement, &[&programs, &kinds, &values]));
    for row in rows.map_err(super::errors::error)? {
        let kind = Kind::by_name(row.text(1)?);
        let kind = kind.ok_or_else(|| StoreError::Malformed("a kind of name".to_owned()))?;
        let name = Name::new(kind, row.bytes(2)?);
        loaded.names.insert((ProgramId(row.int(0)?), name), Some(codec::target(&row, 3)?));
    }
    Ok(())
}

fn load_members(link: &Link, wanted: &[Wanted], loaded: &mut Loaded) -> Result<(), StoreError> {
    for one in wanted {
        for member in loaded.members_of(one) {
            loaded.programs.insert(member, one.program);
            loaded.members.insert(member, None);
        }
    }
    if loaded.members.is_empty() {
        return Ok(());
    }
    let ids: Vec<i64> = loaded.members.keys().map(|id| id.0).collect();
    let programs: BTreeSet<i64> = loaded.programs.values().map(|p| p.0).collect();
    let programs: Vec<i64> = programs.into_iter().collect();
    let statement = link.prepared(batch::MEMBERS_LOCKED)?;
    let rows = link.drive(link.client().query(&statement, &[&ids, &programs]));
    for row in rows.map_err(super::errors::error)? {
        let member = codec::member(&row)?;
        let id = member.member.id;
        loaded.programs.insert(id, member.program);
        loaded.members.insert(id, Some(member));
    }
    Ok(())
}

/// Orders, facts and old keys in one flight: their members are locked.
fn load_beside(link: &Link, wanted: &[Wanted], loaded: &mut Loaded) -> Result<(), StoreError> {
    let mut orders = Vec::new();
    let mut facts = BTreeMap::new();
    let mut keys = BTreeMap::new();
    for one in wanted {
        for member in loaded.members_of(one) {
            for key in &one.orders {
                if loaded.orders.insert((member, key.clone()), None).is_none() {
                    orders.push((member.0, key, one.program.0));
                }
            }
            if one.facts {
                loaded.facts.insert(member, PersonFacts::default());
                facts.insert(member.0, one.program.0);
            }
            if let Some(hash) = one.key {
                loaded.old_keys.insert((member, hash), None);
                keys.insert((member.0, hash), one.program.0);
            }
        }
    }
    let order_columns = (
        orders.iter().map(|(m, ..)| *m).collect::<Vec<i64>>(),
        orders.iter().map(|(_, k, _)| k.shop.as_str()).collect::<Vec<&str>>(),
        orders.iter().map(|(_, k, _)| k.order.as_str()).collect::<Vec<&str>>(),
        orders.iter().map(|(.., p)| *p).collect::<Vec<i64>>(),
    );
    let fact_columns: (Vec<i64>, Vec<i64>) = facts.into_iter().unzip();
    let key_columns = (
        keys.keys().map(|(m, _)| *m).collect::<Vec<i64>>(),
        keys.keys().map(|(_, h)| h.as_slice()).collect::<Vec<&[u8]>>(),
        keys.values().copied().collect::<Vec<i64>>(),
    );
    let mut flight = Flight::default();
    flight.add(
        link,
        batch::ORDERS,
        orders.len(),
        &[&order_columns.0, &order_columns.1, &order_columns.2, &order_columns.3],
    )?;
    flight.add(link, batch::PERSON_FACTS, fact_columns.0.len(), &[&fact_columns.0, &fact_columns.1])?;
    flight.add(
        link,
        batch::OLD_KEYS,
        key_columns.0.len(),
        &[&key_columns.0, &key_columns.1, &key_columns.2],
    )?;
    let mut rows = flight.ask(link)?.into_iter();
    for row in rows.next().into_iter().flatten() {
        let state = codec::order(&row)?;
        loaded.orders.insert((MemberId(row.int(2)?), state.key.clone()), Some(state));
    }
    for row in rows.next().into_iter().flatten() {
        loaded.facts.insert(MemberId(row.int(2)?), codec::person_facts(&row)?);
    }
    for row in rows.next().into_iter().flatten() {
        let key = (MemberId(row.int(0)?), exactly(row.bytes(1)?)?);
        loaded.old_keys.insert(key, Some(EntryId(row.int(2)?)));
    }
    Ok(())
}

/// Statements that go out together and are answered together. One without rows is left out.
#[derive(Default)]
pub(super) struct Flight<'a> {
    statements: Vec<Option<(Statement, Vec<&'a (dyn ToSql + Sync)>)>>,
    expected: Vec<Option<(u64, &'static str)>>,
}

impl<'a> Flight<'a> {
    pub fn add(
        &mut self,
        link: &Link,
        sql: &'static str,
        rows: usize,
        columns: &[&'a (dyn ToSql + Sync)],
    ) -> Result<(), StoreError> {
        let one = if rows == 0 { None } else { Some((link.prepared(sql)?, columns.to_vec())) };
        self.statements.push(one);
        self.expected.push(None);
        Ok(())
    }
    /// Fewer rows changed than were handed over are a conflict.
    pub fn add_checked(
        &mut self,
        link: &Link,
        sql: &'static str,
        rows: usize,
        columns: &[&'a (dyn ToSql + Sync)],
        what: &'static str,
    ) -> Result<(), StoreError> {
        self.add(link, sql, rows, columns)?;
        self.expected.pop();
        self.expected.push(Some((rows as u64, what)));
        Ok(())
    }

    /// The rows of each statement; none of one that was left out.
    pub fn ask(self, link: &Link) -> Result<Vec<Vec<Row>>, StoreError> {
        let asked = self.statements.iter().map(|one| async move {
            match one {
                Some((statement, params)) => link.client().query(statement, params).await,
                None => Ok(Vec::new()),
            }
        });
        first(link.drive(all(asked)))
    }
    /// Runs all; what was to be checked is.
    pub fn run(self, link: &Link) -> Result<(), StoreError> {
        let asked = self.statements.iter().map(|one| async move {
            match one {
                Some((statement, params)) => link.client().execute(statement, params).await,
                None => Ok(0),
            }
        });
        let counts = first(link.drive(all(asked)))?;
        for (count, expected) in counts.into_iter().zip(self.expected) {
            if let Some((rows, what)) = expected {
                conflict(count, rows as usize, what)?;
            }
        }
        Ok(())
    }
}

/// Columns of several rows of one table, each an array.
#[derive(Default)]
struct MemberColumns {
    numbers: [Vec<i64>; 19],
    next_due: Vec<Option<i64>>,
    status: Vec<&'static str>,
    keys: Vec<String>,
    body: Vec<String>,
    before: Vec<i64>,
}

impl MemberColumns {
    fn push(&mut self, row: &MemberRow, before: i64) -> Result<(), StoreError> {
        let balance = row.member.balance_booked();
        let life = &row.member.lifetime;
        let numbers = [
            row.member.id.0,
            row.program.0,
            FORMAT,
            row.seq,
            row.head.0,
            balance.pending.0,
            balance.available.0,
            balance.held.0,
            balance.debt.0,
            life.issued.0,
            life.regranted.0,
            life.written_off.0,
            life.spent.0,
            life.come_back.0,
            life.expired.0,
            life.revoked.0,
            life.shop_loss.0,
            life.sent.0,
            life.received.0,
        ];
        for (column, number) in self.numbers.iter_mut().zip(numbers) {
            column.push(number);
        }
        self.next_due.push(row.next_due.map(|at| at.0));
        self.status.push(codec::status(row.member.status));
        self.keys.push(codec::write_keys(&row.keys));
        self.body.push(to_json(&row.member)?);
        self.before.push(before);
        Ok(())
    }
    /// In the order of the statement; `seq_before` last.
    fn columns(&self) -> Vec<&(dyn ToSql + Sync)> {
        let mut out: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(24);
        out.extend(self.numbers[..3].iter().map(|c| c as &(dyn ToSql + Sync)));
        out.push(&self.status);
        out.extend(self.numbers[3..5].iter().map(|c| c as &(dyn ToSql + Sync)));
        out.push(&self.next_due);
        out.extend(self.numbers[5..].iter().map(|c| c as &(dyn ToSql + Sync)));
        out.extend([&self.keys as &(dyn ToSql + Sync), &self.body, &self.before]);
        out
    }
}

/// Writes everything inside the open transaction, in one flight.
pub(crate) fn write(conn: &Conn, link: &Link, changes: &Changes) -> Result<(), StoreError> {
    if changes.is_empty() {
        return Ok(());
    }
    let entries = EntryColumns::of(&changes.entries)?;
    let (mut added, mut updated) = (MemberColumns::default(), MemberColumns::default());
    changes.members_new.iter().try_for_each(|row| added.push(row, 0))?;
    changes.members.iter().try_for_each(|(row, before)| updated.push(row, *before))?;
    let orders = OrderColumns::of(&changes.orders)?;
    let beside = BesideColumns::of(changes);
    for (program, member, person) in &changes.persons {
        put_person(conn, (program.0, member.0), person)?;
    }
    let mut flight = Flight::default();
    flight.add(link, batch::ENTRY_INSERT, changes.entries.len(), &entries.columns())?;
    let mut columns = added.columns();
    columns.truncate(23);
    flight.add(link, batch::MEMBER_INSERT, changes.members_new.len(), &columns)?;
    flight.add_checked(link, batch::MEMBER_UPDATE, changes.members.len(), &updated.columns(), "members")?;
    flight.add(link, batch::ORDER_PUT, changes.orders.len(), &orders.columns())?;
    beside.fly(link, &mut flight)?;
    flight.run(link)
}

#[derive(Default)]
struct EntryColumns<'a> {
    numbers: [Vec<i64>; 9],
    cause: Vec<&'a str>,
    hashes: [Vec<Option<&'a [u8]>>; 2],
    texts: [Vec<Option<&'a str>>; 5],
    events: Vec<String>,
    trace: Vec<String>,
}

impl<'a> EntryColumns<'a> {
    fn of(rows: &'a [EntryRow]) -> Result<EntryColumns<'a>, StoreError> {
        let mut out = EntryColumns::default();
        for row in rows {
            let numbers = [
                row.id.0,
                row.program.0,
                row.member.0,
                FORMAT,
                row.seq,
                row.prev.0,
                i64::from(row.version),
                row.effective_at.0,
                row.recorded_at.0,
            ];
            for (column, number) in out.numbers.iter_mut().zip(numbers) {
                column.push(number);
            }
            out.cause.push(&row.cause);
            out.hashes[0].push(row.key_hash.as_ref().map(<[u8; 16]>::as_slice));
            out.hashes[1].push(row.input_hash.as_ref().map(<[u8; 16]>::as_slice));
            let texts = [
                row.order.as_ref().map(|o| o.shop.as_str()),
                row.order.as_ref().map(|o| o.order.as_str()),
                row.operator.as_deref(),
                row.reason.as_deref(),
                row.answer.as_deref(),
            ];
            for (column, text) in out.texts.iter_mut().zip(texts) {
                column.push(text);
            }
            out.events.push(to_json(&row.events)?);
            out.trace.push(to_json(&row.trace)?);
        }
        Ok(out)
    }
    fn columns(&self) -> Vec<&(dyn ToSql + Sync)> {
        let mut out: Vec<&(dyn ToSql + Sync)> = Vec::with_capacity(19);
        out.extend(self.numbers[..6].iter().map(|c| c as &(dyn ToSql + Sync)));
        out.push(&self.cause);
        out.extend(self.numbers[6..].iter().map(|c| c as &(dyn ToSql + Sync)));
        out.extend(self.hashes.iter().map(|c| c as &(dyn ToSql + Sync)));
        out.extend(self.texts.iter().map(|c| c as &(dyn ToSql + Sync)));
        out.extend([&self.events as &(dyn ToSql + Sync), &self.trace]);
        out
    }
}

#[derive(Default)]
struct OrderColumns<'a> {
    members: Vec<i64>,
    shops: Vec<&'a str>,
    orders: Vec<&'a str>,
    programs: Vec<i64>,
    formats: Vec<i64>,
    statuses: Vec<&'static str>,
    bodies: Vec<String>,
}

impl<'a> OrderColumns<'a> {
    fn of(rows: &'a [(ProgramId, MemberId, OrderState)]) -> Result<OrderColumns<'a>, StoreError> {
        let mut out = OrderColumns::default();
        for (program, member, state) in rows {
            out.members.push(member.0);
            out.shops.push(state.key.shop.as_str());
            out.orders.push(state.key.order.as_str());
            out.programs.push(program.0);
            out.formats.push(FORMAT);
            out.statuses.push(codec::order_status(state.status));
            out.bodies.push(to_json(state)?);
        }
        Ok(out)
    }
    fn columns(&self) -> [&(dyn ToSql + Sync); 7] {
        [
            &self.members,
            &self.shops,
            &self.orders,
            &self.programs,
            &self.formats,
            &self.statuses,
            &self.bodies,
        ]
    }
}

/// What stands beside members, entries and orders.
struct BesideColumns<'a> {
    keys: (Vec<i64>, Vec<&'a [u8]>, Vec<i64>, Vec<i64>),
    next_due: (Vec<i64>, Vec<i64>, Vec<Option<i64>>),
    due: (Vec<i64>, Vec<i64>, Vec<i64>),
    due_gone: (Vec<i64>, Vec<i64>),
    names: (Vec<i64>, Vec<&'a str>, Vec<&'a [u8]>, Vec<i64>, Vec<Option<i64>>),
    names_gone: (Vec<i64>, Vec<&'a str>, Vec<&'a [u8]>, Vec<i64>),
}

impl<'a> BesideColumns<'a> {
    fn of(changes: &'a Changes) -> BesideColumns<'a> {
        let keys = &changes.keys_out;
        let added = &changes.names_added;
        let removed = &changes.names_removed;
        let listed = changes.due.iter().filter_map(|(p, m, at)| at.map(|at| (m.0, p.0, at.0)));
        let listed: Vec<(i64, i64, i64)> = listed.collect();
        BesideColumns {
            keys: (
                keys.iter().map(|(_, m, _)| m.0).collect(),
                keys.iter().map(|(.., k)| k.hash.as_slice()).collect(),
                keys.iter().map(|(p, ..)| p.0).collect(),
                keys.iter().map(|(.., k)| k.entry.0).collect(),
            ),
            next_due: (
                changes.next_due.iter().map(|(_, m, _)| m.0).collect(),
                changes.next_due.iter().map(|(p, ..)| p.0).collect(),
                changes.next_due.iter().map(|(.., at)| at.map(|at| at.0)).collect(),
            ),
            due: (
                listed.iter().map(|l| l.0).collect(),
                listed.iter().map(|l| l.1).collect(),
                listed.iter().map(|l| l.2).collect(),
            ),
            due_gone: changes.due.iter().filter(|(.., at)| at.is_none()).map(|(p, m, _)| (m.0, p.0)).unzip(),
            names: (
                added.iter().map(|(p, ..)| p.0).collect(),
                added.iter().map(|(_, n, _)| n.kind.name()).collect(),
                added.iter().map(|(_, n, _)| n.value.as_slice()).collect(),
                added.iter().map(|(.., t)| t.member.0).collect(),
                added.iter().map(|(.., t)| t.entry.map(|e| e.0)).collect(),
            ),
            names_gone: (
                removed.iter().map(|(p, ..)| p.0).collect(),
                removed.iter().map(|(_, n, _)| n.kind.name()).collect(),
                removed.iter().map(|(_, n, _)| n.value.as_slice()).collect(),
                removed.iter().map(|(.., m)| m.0).collect(),
            ),
        }
    }

    fn fly<'s>(&'s self, link: &Link, flight: &mut Flight<'s>) -> Result<(), StoreError> {
        let k = &self.keys;
        flight.add(link, batch::OLD_KEY_INSERT, k.0.len(), &[&k.0, &k.1, &k.2, &k.3])?;
        let n = &self.next_due;
        flight.add_checked(link, batch::MEMBER_NEXT_DUE, n.0.len(), &[&n.0, &n.1, &n.2], "due times")?;
        let d = &self.due;
        flight.add(link, batch::DUE_PUT, d.0.len(), &[&d.0, &d.1, &d.2])?;
        let g = &self.due_gone;
        flight.add(link, batch::DUE_DELETE, g.0.len(), &[&g.0, &g.1])?;
        let r = &self.names_gone;
        flight.add(link, batch::NAME_DELETE, r.0.len(), &[&r.0, &r.1, &r.2, &r.3])?;
        let a = &self.names;
        flight.add_checked(link, batch::NAME_INSERT, a.0.len(), &[&a.0, &a.1, &a.2, &a.3, &a.4], "names")
    }
}
