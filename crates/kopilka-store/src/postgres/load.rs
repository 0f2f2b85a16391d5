//! A group's reads in few round trips: one flight a step, many rows a statement.
//!
//! Invariant: members are locked in order of id before anything of theirs is read; what was loaded ahead is
//! used once and only inside its transaction.

use super::arrays::Arrays;
use super::errors::error;
use super::flight::Flight;
use super::link::Link;
use crate::codec;
use crate::error::StoreError;
use crate::group::{Ahead, Wanted};
use crate::rows::*;
use crate::sql::{batch, servers, session};
use crate::value::{Columns, Param, exactly, params};
use crate::writer::Seal;
use kopilka_core::ShortText;
use kopilka_core::ids::{EntryId, MemberId, ProgramId};
use kopilka_core::member::PersonFacts;
use kopilka_core::order::{OrderKey, OrderState};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use tokio_postgres::types::ToSql;

/// Rows that a group was given ahead; `None` means that there is none.
#[derive(Default)]
pub(crate) struct Loaded {
    names: HashMap<(ProgramId, Name), Option<Target>>,
    members: BTreeMap<MemberId, Option<MemberRow>>,
    programs: BTreeMap<MemberId, ProgramId>,
    orders: HashMap<(MemberId, OrderKey), Option<OrderState>>,
    facts: HashMap<MemberId, PersonFacts>,
    old_keys: HashMap<(MemberId, Hash16), Option<EntryId>>,
    counters: BTreeMap<(ProgramId, ShortText), i64>,
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
    /// What somebody has read of a member before the transaction.
    pub fn give(&mut self, Ahead { row, unused }: Ahead) {
        let id = row.member.id;
        if let Some(hash) = unused {
            self.old_keys.insert((id, hash), None);
        }
        self.programs.insert(id, row.program);
        self.members.insert(id, Some(row));
    }
    pub fn take_order(&mut self, member: MemberId, key: &OrderKey) -> Option<Option<OrderState>> {
        if self.orders.is_empty() { None } else { self.orders.remove(&(member, key.clone())) }
    }
    pub fn facts(&self, member: MemberId) -> Option<PersonFacts> {
        self.facts.get(&member).cloned()
    }
    pub fn counter(&self, program: ProgramId, what: &ShortText) -> Option<i64> {
        if self.counters.is_empty() { None } else { self.counters.get(&(program, what.clone())).copied() }
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
    begun.map_err(error)?;
    match fenced.map_err(error)?.len() {
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
    for row in rows.map_err(error)? {
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
    for row in rows.map_err(error)? {
        let member = codec::member(&row)?;
        let id = member.member.id;
        loaded.programs.insert(id, member.program);
        loaded.members.insert(id, Some(member));
    }
    Ok(())
}

/// Makes, locks and reads counters, in order of their keys.
pub(crate) fn lock_counters(
    link: &Link,
    wanted: &BTreeSet<(ProgramId, ShortText)>,
    loaded: &mut Loaded,
) -> Result<(), StoreError> {
    let programs: Vec<i64> = wanted.iter().map(|(program, _)| program.0).collect();
    let whats: Vec<&str> = wanted.iter().map(|(_, what)| what.as_str()).collect();
    let nothing = vec![0_i64; whats.len()];
    let make = link.prepared(batch::COUNTER_MAKE)?;
    link.drive(link.client().execute(&make, &[&programs, &whats, &nothing])).map_err(error)?;
    let lock = link.prepared(batch::COUNTERS_LOCKED)?;
    for row in link.drive(link.client().query(&lock, &[&programs, &whats])).map_err(error)? {
        let key = (ProgramId(row.int(0)?), row.text(1)?.into());
        loaded.counters.insert(key, row.int(2)?);
    }
    Ok(())
}

/// Orders, facts and old keys in one flight: their members are locked.
fn load_beside(link: &Link, wanted: &[Wanted], loaded: &mut Loaded) -> Result<(), StoreError> {
    let (mut orders, mut facts, mut keys) = (Arrays::of("itti"), Arrays::of("ii"), Arrays::of("ibi"));
    for one in wanted {
        for member in loaded.members_of(one) {
            for key in &one.orders {
                if loaded.orders.insert((member, key.clone()), None).is_none() {
                    orders.push(params![member.0, key.shop.as_str(), key.order.as_str(), one.program.0]);
                }
            }
            if one.facts && loaded.facts.insert(member, PersonFacts::default()).is_none() {
                facts.push(params![member.0, one.program.0]);
            }
            if let Some(hash) = &one.key
                && loaded.old_keys.insert((member, *hash), None).is_none()
            {
                keys.push(params![member.0, hash, one.program.0]);
            }
        }
    }
    let mut flight = Flight::default();
    flight.add(link, batch::ORDERS, &orders)?;
    flight.add(link, batch::PERSON_FACTS, &facts)?;
    flight.add(link, batch::OLD_KEYS, &keys)?;
    let mut rows = flight.ask(link)?.into_iter();
    for row in rows.next().into_iter().flatten() {
        let state = codec::order(&row)?;
        loaded.orders.insert((MemberId(row.int(2)?), state.key.clone()), Some(state));
    }
    for row in rows.next().into_iter().flatten() {
        loaded.facts.insert(MemberId(row.int(7)?), codec::person_facts(&row)?);
    }
    for row in rows.next().into_iter().flatten() {
        let key = (MemberId(row.int(0)?), exactly(row.bytes(1)?)?);
        loaded.old_keys.insert(key, Some(EntryId(row.int(2)?)));
    }
    Ok(())
}
