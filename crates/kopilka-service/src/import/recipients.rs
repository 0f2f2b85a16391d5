//! A list of members who are to get points: one row a member, each with its own points or the same for all.
//!
//! Invariant: a list is taken whole or not at all; every row that does not fit is told.

use super::Why;
use crate::error::ServiceError;
use crate::identifiers;
use crate::service::{LIST_OF_FILE_MAX, Service, find};
use crate::sheet::{Columns, Field, RefusedRow, Sheet, SheetError, both, plain_points, refused, unfit};
use crate::write::MemberRef;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What a column can hold, and the headings it is known by; a mapping names others.
pub(super) const FIELDS: [Field; 6] = [
    ("member", &["member", "участник"]),
    ("ext", &["id", "ext", "external id", "customer id", "client id", "код", "код клиента", "внешний код"]),
    ("card", &["card", "card number", "карта", "номер карты"]),
    ("phone", &["phone", "phone number", "телефон", "номер телефона"]),
    ("email", &["email", "e-mail", "почта", "эл. почта"]),
    ("points", &["points", "bonuses", "баллы", "бонусы"]),
];
/// Members that are looked up at once.
const PAGE: usize = 1_000;

/// What a list came to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RecipientList {
    pub heading: Vec<String>,
    /// Which column holds what, for people.
    pub columns: Vec<(String, String)>,
    pub recipients: Vec<(MemberId, Points)>,
    pub refused: Vec<RefusedRow>,
}

impl RecipientList {
    /// Tells the list, with what else is asked, from another one.
    pub fn input(&self, words: &str) -> String {
        let mut digest = Sha256::new();
        digest.update(words.as_bytes());
        for (member, points) in &self.recipients {
            digest.update(member.0.to_be_bytes());
            digest.update(points.0.to_be_bytes());
        }
        digest.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

type Named = (u64, csv::StringRecord, MemberRef, Points);

impl Service {
    /// Reads a list and looks its members up. `each`: what a row without points of its own gets.
    pub async fn read_recipients(
        &self,
        program: ProgramId,
        path: &Path,
        (map, each): (&[(String, String)], Option<Points>),
    ) -> Result<Result<RecipientList, SheetError>, ServiceError> {
        let state = self.shared.program(program)?;
        let in_force = state.versions.at(self.shared.now_of(&state)).cloned();
        let in_force = in_force.ok_or(ServiceError::ProgramUnknown)?;
        let (sheet, columns) = match open(path, map) {
            Ok(opened) => opened,
            Err(error) => return Ok(Err(error)),
        };
        let mut list = RecipientList {
            heading: sheet.heading.clone(),
            columns: columns.named(&sheet.heading),
            ..RecipientList::default()
        };
        let mut seen = HashMap::new();
        let mut page: Vec<Named> = Vec::with_capacity(PAGE);
        let mut rows = match sheet.rows() {
            Ok(rows) => rows,
            Err(error) => return Ok(Err(error)),
        };
        loop {
            let next = rows.next();
            let ended = next.is_none();
            match next {
                Some(Ok((line, record))) => match row(&columns, &record, (&in_force, each)) {
                    Ok((who, points)) => page.push((line, record, who, points)),
                    Err(why) => list.refused.push(refused(line, &record, why)),
                },
                Some(Err(row)) => list.refused.push(row),
                None => {}
            }
            if page.len() == PAGE || ended {
                self.look_up(program, &in_force, std::mem::take(&mut page), (&mut list, &mut seen)).await?;
            }
            if list.recipients.len() + list.refused.len() > LIST_OF_FILE_MAX {
                return Ok(Err(SheetError::TooLong { most: LIST_OF_FILE_MAX }));
            }
            if ended {
                list.refused.sort_by_key(|row| row.line);
                return Ok(Ok(list));
            }
        }
    }

    async fn look_up(
        &self,
        program: ProgramId,
        in_force: &Arc<Program>,
        page: Vec<Named>,
        (list, seen): (&mut RecipientList, &mut HashMap<MemberId, u64>),
    ) -> Result<(), ServiceError> {
        let names: Vec<MemberRef> = page.iter().map(|(_, _, who, _)| who.clone()).collect();
        let shared = self.shared.clone();
        let found = self
            .read(move |reader| {
                let look = |name: &MemberRef| {
                    let who = identifiers::who(&shared.secret, name).map_err(ServiceError::from)?;
                    find(reader, program, &who)
                };
                Ok(names.iter().map(look).collect::<Vec<_>>())
            })
            .await?;
        for ((line, record, _, points), found) in page.into_iter().zip(found) {
            match super::judged(in_force, found)? {
                Ok(member) => match seen.insert(member, line) {
                    None => list.recipients.push((member, points)),
                    Some(first) => {
                        let why = both(
                            format!("the member stands in line {first} too"),
                            format!("этот участник уже есть в строке {first}"),
                        );
                        list.refused.push(refused(line, &record, ("listed_twice", why)));
                    }
                },
                Err(why) => list.refused.push(refused(line, &record, why)),
            }
        }
        Ok(())
    }
}

fn open(path: &Path, map: &[(String, String)]) -> Result<(Sheet, Columns), SheetError> {
    let sheet = Sheet::open(path)?;
    let columns = Columns::find(&sheet.heading, map, &FIELDS, &[])?;
    match FIELDS[..5].iter().any(|(field, _)| columns.has(field)) {
        true => Ok((sheet, columns)),
        false => Err(SheetError::NoIdentifier),
    }
}

fn row(
    columns: &Columns,
    record: &csv::StringRecord,
    (program, each): (&Program, Option<Points>),
) -> Result<(MemberRef, Points), Why> {
    let cell = |field| columns.cell(record, field);
    let named = |field: &'static str, make: fn(String) -> MemberRef| cell(field).map(|t| make(t.to_owned()));
    let who = match cell("member") {
        Some(text) => {
            let id = MemberId::parse(text);
            Some(MemberRef::Id(id.ok_or_else(|| ("identifier_missing", unfit("member", text)))?))
        }
        None => named("ext", MemberRef::Ext)
            .or_else(|| named("card", MemberRef::Card))
            .or_else(|| named("phone", MemberRef::Phone))
            .or_else(|| named("email", MemberRef::Email)),
    };
    let nobody =
        || ("identifier_missing", both("the row names nobody", "в строке нет ни одного идентификатора"));
    let who = who.ok_or_else(nobody)?;
    let points = match (cell("points"), each) {
        (Some(text), _) => {
            let read = plain_points(program, text).filter(|points| points.0 > 0);
            read.ok_or_else(|| ("points_invalid", unfit("points", text)))?
        }
        (None, Some(each)) => each,
        (None, None) => {
            return Err(("points_invalid", both("the row has no points", "в строке нет баллов")));
        }
    };
    Ok((who, points))
}
