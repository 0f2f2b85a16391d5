//! Members with their balances: looked at, then given, a page of rows at a time.
//!
//! Invariant: what was given is added up from the answers of the engine, never from the file, so that the two
//! sums can be held against each other.

use super::{ImportAsked, MemberRow, Why, judged, why};
use crate::engine::{declared_by, of_a_holder};
use crate::error::ServiceError;
use crate::identifiers::{self, IdentifierKey};
use crate::prepare::{Prepared, Ready, prepare};
use crate::service::Service;
use crate::sheet::RefusedRow;
use crate::write::{Change, Done, Write};
use kopilka_core::decide::{Context, LotEnd, Outcome, judge_import};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::Instant;
use kopilka_store::rows::Name;
use kopilka_store::{Reader, StoreError};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

/// The scope of the keys of such writes: no caller's scope, which always names a shop and an endpoint.
const SCOPE: &str = "import.members";

/// Rows and the points in them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Sum {
    pub rows: u64,
    pub points: Points,
}

impl Sum {
    pub fn add(&mut self, points: Points) {
        self.rows += 1;
        self.points += points;
    }
}

/// What rows come to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MemberTally {
    /// All rows of the file, and the points in them as far as they can be read.
    pub all: Sum,
    /// Members who are new, and those who were there before.
    pub new: u64,
    pub known: u64,
    /// Lots, looked at or given.
    pub lots: Sum,
    /// Rows that an earlier run of this import has dealt with.
    pub before: Sum,
    /// Left out because they have ended.
    pub dropped: Sum,
    /// By code.
    pub refused: BTreeMap<&'static str, Sum>,
    /// By the month of the last day, as year × 100 + month; `None` never ends, [`MONTH_OF_PROGRAM`] ends as
    /// the program has it.
    pub by_month: BTreeMap<Option<i32>, Sum>,
}

/// Lots whose end the program decides stand under this month.
pub const MONTH_OF_PROGRAM: i32 = 0;

impl MemberTally {
    pub fn refused_in_all(&self) -> Sum {
        let add = |a: Sum, b: &Sum| Sum { rows: a.rows + b.rows, points: a.points + b.points };
        self.refused.values().fold(Sum::default(), add)
    }
    /// What the file says less what became of it: nothing, or the books are not those of the file.
    pub fn difference(&self) -> Points {
        let accounted = self.lots.points + self.before.points + self.dropped.points;
        self.all.points - accounted - self.refused_in_all().points
    }
    /// What the points of the lots can pay: so much the liability grows.
    pub fn liability(&self, program: &Program) -> Money {
        program.points.worth(self.lots.points)
    }
    pub fn refuse(&mut self, code: &'static str, points: Points) {
        self.all.add(points);
        self.refused.entry(code).or_default().add(points);
    }
}

/// An import of members under way: what it looked at, and what it gave.
pub struct MemberImport {
    service: Service,
    program: ProgramId,
    in_force: Arc<Program>,
    asked: ImportAsked,
    /// Whom rows were about so far, and whether they were known before the import: by a hash.
    met: HashSet<u64>,
    pub tally: MemberTally,
}

/// How a row would fare.
enum Looked {
    New,
    Known,
    Before,
}

impl MemberImport {
    pub fn new(
        service: &Service,
        program: ProgramId,
        asked: ImportAsked,
    ) -> Result<MemberImport, ServiceError> {
        let now = service.now(program);
        let in_force = service.versions(program).and_then(|versions| versions.at(now).cloned());
        Ok(MemberImport {
            service: service.clone(),
            program,
            in_force: in_force.ok_or(ServiceError::ProgramUnknown)?,
            asked,
            met: HashSet::new(),
            tally: MemberTally::default(),
        })
    }

    fn write(&self, row: &MemberRow) -> Write {
        Write {
            program: self.program,
            scope: SCOPE.to_owned(),
            key: Some(format!("{}|{}", self.asked.name, row.identity)),
            input_hash: row.input_hash,
            operator: Some(self.asked.operator.clone()),
            reason: Some(format!("import {}", self.asked.name)),
            change: Change::Import(Box::new(row.brought.clone())),
        }
    }

    /// How these rows would fare if they were imported now. Nothing is written. What the rows before them in
    /// the file will have changed is not seen.
    pub async fn look(&mut self, rows: Vec<MemberRow>) -> Result<Vec<RefusedRow>, ServiceError> {
        let state = self.service.shared.program(self.program)?;
        let now = self.service.shared.now_of(&state);
        let (program, in_force) = (self.program, self.in_force.clone());
        let mut ready = Vec::with_capacity(rows.len());
        for row in &rows {
            let ctx = Context { versions: &state.versions, now };
            ready.push(prepared(&self.service, ctx, &in_force, self.write(row)));
        }
        let looked = self.service.read(move |reader| look_at(reader, program, &in_force, ready)).await?;
        let mut refused = Vec::new();
        for (row, looked) in rows.into_iter().zip(looked) {
            match looked {
                Ok(Looked::Before) => {
                    self.tally.all.add(row.points() + row.dropped);
                    self.tally.before.add(row.points() + row.dropped);
                }
                Ok(Looked::New) => self.count(&row, false),
                Ok(Looked::Known) => self.count(&row, true),
                Err(why) => refused.push(self.refuse(&row, why)),
            }
        }
        Ok(refused)
    }

    /// Imports these rows; those that are refused come back, in the order of the file.
    pub async fn give(&mut self, rows: Vec<MemberRow>) -> Result<Vec<RefusedRow>, ServiceError> {
        let mut refused = Vec::new();
        for wave in waves(&self.service.shared.secret, rows) {
            let writes = wave.iter().map(|row| self.write(row)).collect();
            let answers = self.service.write_all(writes).await?;
            for (row, answer) in wave.into_iter().zip(answers) {
                match judged(&self.in_force, answer)? {
                    Ok(done) => self.given(&row, &done),
                    Err(why) => refused.push(self.refuse(&row, why)),
                }
            }
        }
        refused.sort_by_key(|row| row.line);
        Ok(refused)
    }

    fn given(&mut self, row: &MemberRow, done: &Done) {
        let points = match done.outcome {
            Outcome::Imported { points } => points,
            _ => Points::ZERO,
        };
        if done.replayed {
            self.tally.all.add(row.points() + row.dropped);
            self.tally.before.add(points + row.dropped);
            return;
        }
        self.count(row, done.existed);
        // What the engine answers is what counts.
        self.tally.lots.points += points - row.points();
    }

    fn count(&mut self, row: &MemberRow, known: bool) {
        let tally = &mut self.tally;
        tally.all.add(row.points() + row.dropped);
        if self.met.insert(hash_of(&row.about)) {
            *(if known { &mut tally.known } else { &mut tally.new }) += 1;
        }
        if row.dropped.0 > 0 {
            tally.dropped.add(row.dropped);
        }
        if let Some(lot) = row.brought.imported.lot {
            tally.lots.add(lot.points);
            let month = match lot.end {
                LotEnd::Never => None,
                LotEnd::Program => Some(MONTH_OF_PROGRAM),
                LotEnd::At(end) => {
                    let last = self.in_force.zone.day_of(Instant(end.0 - 1));
                    Some(i32::from(last.year()) * 100 + i32::from(last.month()))
                }
            };
            tally.by_month.entry(month).or_default().add(lot.points);
        }
    }

    fn refuse(&mut self, row: &MemberRow, (code, text): Why) -> RefusedRow {
        self.tally.refuse(code, row.points() + row.dropped);
        row.refused((code, text))
    }
}

fn hash_of(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What can be judged of a row without what is stored.
fn prepared(service: &Service, ctx: Context<'_>, program: &Program, write: Write) -> Result<Prepared, Why> {
    let told = |refusal| why(program, &refusal);
    let prepared = prepare(&service.shared.secret, write).map_err(told)?;
    if let Ready::Import { person, imported, .. } = &prepared.change {
        judge_import(ctx, imported).map_err(told)?;
        declared_by(program, &person.attributes).map_err(told)?;
        if person.birth_date.is_some_and(|born| born > program.zone.day_of(ctx.now)) {
            return Err(told(Refusal::BirthDateImpossible));
        }
    }
    Ok(prepared)
}

fn look_at(
    reader: &Reader,
    program: ProgramId,
    in_force: &Program,
    rows: Vec<Result<Prepared, Why>>,
) -> Result<Vec<Result<Looked, Why>>, StoreError> {
    let mut looked = Vec::with_capacity(rows.len());
    for row in rows {
        looked.push(match row {
            Ok(prepared) => look_at_one(reader, program, in_force, &prepared)?,
            Err(why) => Err(why),
        });
    }
    Ok(looked)
}

fn look_at_one(
    reader: &Reader,
    program: ProgramId,
    in_force: &Program,
    prepared: &Prepared,
) -> Result<Result<Looked, Why>, StoreError> {
    let Ready::Import { person, names, .. } = &prepared.change else { return Ok(Ok(Looked::New)) };
    if let Some(key) = prepared.key_hash.map(Name::key)
        && let Some(target) = reader.find(program, &key)?
        && let Some(entry) = target.entry
    {
        let same = reader.entry(program, entry)?.is_some_and(|e| e.input_hash == prepared.input_hash);
        return Ok(if same {
            Ok(Looked::Before)
        } else {
            judged(in_force, Err::<Looked, _>(ServiceError::IdempotencyConflict))
                .unwrap_or(Ok(Looked::Before))
        });
    }
    let mut found: Option<MemberId> = None;
    for name in names {
        match reader.find(program, name)? {
            Some(target) if found.is_some_and(|member| member != target.member) => {
                let refusal = Refusal::IdentifierTaken { kind: name.kind.name() };
                return Ok(Err(why(in_force, &refusal)));
            }
            Some(target) => found = Some(target.member),
            None => {}
        }
    }
    let Some(member) = found else { return Ok(Ok(Looked::New)) };
    let shared = reader.member(program, member)?.is_some_and(|row| !row.member.holders.is_empty());
    if shared
        && let Some(known) = reader.person(program, member)?
        && let Some(kind) = of_a_holder(&known, person)
    {
        return Ok(Err(why(in_force, &Refusal::IdentifierTaken { kind: kind.name() })));
    }
    Ok(Ok(Looked::Known))
}

/// Rows that may be written at once: a row waits for those before it that name somebody by the same
/// identifier, so that it comes out as the file has it, however many writers there are.
fn waves(key: &IdentifierKey, rows: Vec<MemberRow>) -> Vec<Vec<MemberRow>> {
    let mut named: HashMap<Name, usize> = HashMap::new();
    let mut waves: Vec<Vec<MemberRow>> = Vec::new();
    for row in rows {
        // One that cannot be read is refused whenever it is written.
        let person = identifiers::person(&row.brought.registration);
        let names = person.map_or(Vec::new(), |person| key.names(&person));
        let wave = names.iter().filter_map(|name| named.get(name)).max().map_or(0, |before| before + 1);
        named.extend(names.into_iter().map(|name| (name, wave)));
        if wave == waves.len() {
            waves.push(Vec::new());
        }
        waves[wave].push(row);
    }
    waves
}
