//! Members with their balances: looked at, then given, a page of rows at a time.
//!
//! Invariant: what was given is added up from the answers of the engine, never from the file, so that the two
//! sums can be held against each other.

use super::ahead::ReadAhead;
use super::{Handed, Hands, ImportAsked, MemberRow, UnreadRow, Why, judged, why};
use crate::engine::{declared_by, of_a_holder};
use crate::error::ServiceError;
use crate::identifiers::IdentifierKey;
use crate::prepare::{Prepared, Ready, prepare};
use crate::service::Service;
use crate::sheet::RefusedRow;
use crate::write::{Change, Done, Write, WriteResult};
use kopilka_core::decide::{Context, ImportedLot, LotEnd, Outcome, judge_import};
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

    /// Goes over all rows, in the order of the file: gives them, or only tells how each would fare if it were
    /// given now; then what the rows before it will have changed is not seen. `each` is told of every page:
    /// the sums so far and what was refused, in the order of the file. Its error ends the pass, as does what
    /// is no answer to one row alone; what was given until then is given.
    pub async fn pass<E: From<ServiceError>>(
        &mut self,
        rows: impl Iterator<Item = Result<MemberRow, UnreadRow>> + Send + 'static,
        gives: bool,
        mut each: impl FnMut(&MemberTally, &[RefusedRow]) -> Result<(), E>,
    ) -> Result<(), E> {
        let (to, secret) = (self.command(), self.service.shared.clone());
        let make_ready = move |row| to.ready(&secret.secret, row);
        let mut hands = Hands::new(&self.service);
        let mut pages = ReadAhead::start(hands.page(), rows, make_ready)?;
        let mut before: Option<(Told, Handed)> = None;
        while let Some(page) = pages.next().await? {
            let told = Told { rows: page.rows, unread: page.unread };
            if !gives {
                let looked = self.look(page.ready).await?;
                let refused = self.looked(told, looked);
                each(&self.tally, &refused)?;
                continue;
            }
            if !hands.may_go_ahead()
                && let Some((told, handed)) = before.take()
            {
                let refused = self.given(told, hands.answers(handed).await?)?;
                each(&self.tally, &refused)?;
            }
            let handed = hands.hand_over(page.ready, waves).await?;
            if let Some((told, handed)) = before.replace((told, handed)) {
                let refused = self.given(told, hands.answers(handed).await?)?;
                each(&self.tally, &refused)?;
            }
        }
        if let Some((told, handed)) = before {
            let refused = self.given(told, hands.answers(handed).await?)?;
            each(&self.tally, &refused)?;
        }
        Ok(())
    }

    fn command(&self) -> RowCommand {
        let ImportAsked { name, operator } = self.asked.clone();
        RowCommand { program: self.program, name, operator }
    }

    async fn look(
        &self,
        ready: Vec<Result<Prepared, Refusal>>,
    ) -> Result<Vec<Result<Looked, Why>>, ServiceError> {
        let state = self.service.shared.program(self.program)?;
        let now = self.service.shared.now_of(&state);
        let (program, in_force) = (self.program, self.in_force.clone());
        let judged = move |ready| possible(Context { versions: &state.versions, now }, &in_force, ready);
        let in_force = self.in_force.clone();
        self.service
            .read(move |reader| {
                let each = ready.into_iter().map(|ready| match judged(ready) {
                    Ok(prepared) => look_at(reader, program, &in_force, &prepared),
                    Err(why) => Ok(Err(why)),
                });
                each.collect()
            })
            .await
    }

    fn looked(&mut self, told: Told, looked: Vec<Result<Looked, Why>>) -> Vec<RefusedRow> {
        let mut refused = self.unread(told.unread);
        for (row, looked) in told.rows.into_iter().zip(looked) {
            match looked {
                Ok(Looked::Before) => {
                    self.tally.all.add(row.points() + row.dropped);
                    self.tally.before.add(row.points() + row.dropped);
                }
                Ok(Looked::New) => self.count(&row, false),
                Ok(Looked::Known) => self.count(&row, true),
                Err(why) => refused.push(self.refuse(row, why)),
            }
        }
        refused.sort_by_key(|row| row.line);
        refused
    }

    fn given(&mut self, told: Told, answers: Vec<WriteResult>) -> Result<Vec<RefusedRow>, ServiceError> {
        let mut refused = self.unread(told.unread);
        for (row, answer) in told.rows.into_iter().zip(answers) {
            match judged(&self.in_force, answer)? {
                Ok(done) => self.count_given(&row, &done),
                Err(why) => refused.push(self.refuse(row, why)),
            }
        }
        refused.sort_by_key(|row| row.line);
        Ok(refused)
    }

    fn count_given(&mut self, row: &Row, done: &Done) {
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

    fn count(&mut self, row: &Row, known: bool) {
        let tally = &mut self.tally;
        tally.all.add(row.points() + row.dropped);
        if self.met.insert(row.about) {
            *(if known { &mut tally.known } else { &mut tally.new }) += 1;
        }
        if row.dropped.0 > 0 {
            tally.dropped.add(row.dropped);
        }
        if let Some(lot) = row.lot {
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

    fn unread(&mut self, unread: Vec<UnreadRow>) -> Vec<RefusedRow> {
        unread.iter().for_each(|unread| self.tally.refuse(unread.row.code, unread.points));
        unread.into_iter().map(|unread| unread.row).collect()
    }

    fn refuse(&mut self, row: Row, (code, why): Why) -> RefusedRow {
        self.tally.refuse(code, row.points() + row.dropped);
        let cells = row.cells.iter().map(str::to_owned).collect();
        RefusedRow { line: row.line, code, why, cells }
    }
}

/// What rows of one import are made commands with.
struct RowCommand {
    program: ProgramId,
    name: String,
    operator: String,
}

impl RowCommand {
    fn ready(&self, secret: &IdentifierKey, row: MemberRow) -> (Row, Result<Prepared, Refusal>) {
        let (lot, dropped) = (row.brought.imported.lot, row.dropped);
        let told = Row { line: row.line, cells: row.cells, about: hash_of(&row.about), lot, dropped };
        let write = Write {
            program: self.program,
            scope: SCOPE.to_owned(),
            key: Some(format!("{}|{}", self.name, row.identity)),
            input_hash: row.input_hash,
            operator: Some(self.operator.clone()),
            reason: Some(format!("import {}", self.name)),
            change: Change::Import(Box::new(row.brought)),
        };
        (told, prepare(secret, write))
    }
}

/// What is kept of a row until its answer is there.
pub(super) struct Row {
    line: u64,
    cells: csv::StringRecord,
    /// Whom it is about, by a hash.
    about: u64,
    lot: Option<ImportedLot>,
    /// Points that have ended already and were left out.
    dropped: Points,
}

impl Row {
    fn points(&self) -> Points {
        self.lot.map_or(Points::ZERO, |lot| lot.points)
    }
}

/// The rows of a page, and those between them that cannot be read.
struct Told {
    rows: Vec<Row>,
    unread: Vec<UnreadRow>,
}

fn hash_of(text: &str) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// What can be judged of a row without what is stored.
fn possible(ctx: Context<'_>, program: &Program, ready: Result<Prepared, Refusal>) -> Result<Prepared, Why> {
    let told = |refusal| why(program, &refusal);
    let prepared = ready.map_err(told)?;
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

/// Where rows are written beside one another: a row waits for those before it that name somebody by the same
/// identifier, so that it comes out as the file has it, however many writers there are.
fn waves(rows: &[Result<Prepared, Refusal>]) -> Vec<usize> {
    let mut named: HashMap<&Name, usize> = HashMap::new();
    let each = rows.iter().map(|row| {
        let Ok(Prepared { change: Ready::Import { names, .. }, .. }) = row else { return 0 };
        let wave = names.iter().filter_map(|name| named.get(name)).max().map_or(0, |before| before + 1);
        named.extend(names.iter().map(|name| (name, wave)));
        wave
    });
    each.collect()
}
