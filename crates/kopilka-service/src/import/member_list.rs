//! A list of members with their balances, as another system wrote it.
//!
//! Invariant: a row is taken whole or told with its reason; several rows of one member are several lots. What
//! a row is known by is whom it is about and the dates of its points, never its place in the file.

use super::{Why, why};
use crate::identifiers;
use crate::sheet::{
    Columns, Field, RefusedRow, Rows, Sheet, SheetError, both, plain_number, plain_points, refused, unfit,
    when,
};
use crate::write::{Brought, Registration};
use kopilka_core::ShortText;
use kopilka_core::attribute::{AttributeKind, AttributeValue, Attributes};
use kopilka_core::decide::{BroughtPurchases, Imported, ImportedLot, LotEnd};
use kopilka_core::money::Money;
use kopilka_core::points::Points;
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;
use kopilka_core::time::{Day, Instant};
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

/// What a column can hold, and the headings it is known by; a mapping names others.
pub(super) const FIELDS: [Field; 20] = [
    ("ext", &["id", "ext", "external id", "customer id", "client id", "код", "код клиента", "внешний код"]),
    ("phone", &["phone", "phone number", "mobile", "телефон", "номер телефона", "мобильный телефон"]),
    ("email", &["email", "e-mail", "mail", "почта", "эл. почта", "электронная почта"]),
    ("card", &["card", "card number", "карта", "номер карты", "штрихкод карты", "штрихкод"]),
    ("name", &["name", "full name", "first name", "имя", "фио", "клиент", "покупатель", "наименование"]),
    ("last_name", &["last name", "surname", "фамилия"]),
    ("middle_name", &["middle name", "отчество"]),
    ("birth_date", &["birth date", "birthday", "date of birth", "дата рождения", "день рождения"]),
    ("language", &["language", "язык"]),
    ("region", &["region", "city", "регион", "город"]),
    ("tags", &["tags", "метки", "теги"]),
    (
        "registered_at",
        &["registered at", "registered", "registration date", "created at", "дата регистрации"],
    ),
    ("orders", &["orders", "purchases", "заказы", "заказов", "покупок", "количество покупок"]),
    ("spent", &["spent", "total spent", "оборот", "сумма покупок", "сумма заказов"]),
    ("last_order_at", &["last order at", "last order", "последняя покупка", "дата последней покупки"]),
    ("tier", &["tier", "level", "уровень"]),
    ("tier_until", &["tier until", "level until", "уровень до"]),
    ("points", &["points", "balance", "bonuses", "баллы", "баланс", "бонусы", "остаток", "остаток баллов"]),
    ("active_at", &["active at", "active from", "accrued at", "начислены", "дата начисления", "действуют с"]),
    ("expires_at", &["expires at", "expires", "valid until", "сгорают", "дата сгорания", "действуют до"]),
];
/// What names a member; the first that a row gives is what the row is known by.
const IDENTIFIERS: [&str; 4] = ["ext", "card", "phone", "email"];
/// Before the id of an attribute of the program.
const ATTRIBUTE: &str = "attribute.";
/// Points that end on no day say one of these.
pub const NO_DATE: [&str; 4] = ["never", "бессрочно", "никогда", "-"];
/// Texts of one cell are separated by these.
const LIST_SIGNS: [char; 3] = [';', '|', ','];
/// As over HTTP: a name, not a story.
const TEXT_CHARS_MAX: usize = 200;

/// How a list is read.
#[derive(Debug, Clone, Default)]
pub struct MemberListOptions {
    /// Which column holds which field, where headings do not tell.
    pub map: Vec<(String, String)>,
    /// The rules of a registration fire for who is new.
    pub welcome: bool,
    /// Points that have ended already are left out, and their row is taken without them.
    pub drop_expired: bool,
}

/// A list that can be read, as often as one likes.
pub struct MemberList {
    pub sheet: Sheet,
    columns: Columns,
    program: Arc<Program>,
    options: MemberListOptions,
    now: Instant,
}

/// A row that can be meant.
#[derive(Debug, Clone)]
pub struct MemberRow {
    pub line: u64,
    pub cells: csv::StringRecord,
    /// Whom it is about, in one spelling.
    pub about: String,
    /// `about`, the dates of its points, and which of several rows with the same it is.
    pub identity: String,
    pub input_hash: [u8; 16],
    pub brought: Brought,
    /// Points that have ended already and were left out.
    pub dropped: Points,
}

/// A row that cannot be read, and the points in it as far as they can be.
#[derive(Debug, Clone)]
pub struct UnreadRow {
    pub row: RefusedRow,
    pub points: Points,
}

/// The attributes of the program as fields, with the headings they are known by.
pub(super) fn own_fields(program: &Program) -> Vec<(String, String)> {
    program.attributes.iter().map(|a| (format!("{ATTRIBUTE}{}", a.id), a.id.to_string())).collect()
}

impl MemberList {
    /// `now` is the program's time: points that have ended by then are no more.
    pub fn open(
        path: &Path,
        (program, now): (Arc<Program>, Instant),
        options: MemberListOptions,
    ) -> Result<MemberList, SheetError> {
        let sheet = Sheet::open(path)?;
        let columns = Columns::find(&sheet.heading, &options.map, &FIELDS, &own_fields(&program))?;
        match IDENTIFIERS.iter().any(|field| columns.has(field)) {
            true => Ok(MemberList { sheet, columns, program, options, now }),
            false => Err(SheetError::NoIdentifier),
        }
    }

    /// Which column holds what, for people.
    pub fn columns(&self) -> Vec<(String, String)> {
        self.columns.named(&self.sheet.heading)
    }

    /// Columns that nothing is read from.
    pub fn unread(&self) -> Vec<String> {
        self.columns.unread(&self.sheet.heading)
    }

    pub fn rows(self: &Arc<Self>) -> Result<MemberRows, SheetError> {
        Ok(MemberRows { list: self.clone(), rows: self.sheet.rows()?, seen: HashMap::new() })
    }

    fn with_its_points(&self, row: RefusedRow) -> UnreadRow {
        let record = csv::StringRecord::from(row.cells.clone());
        UnreadRow { points: self.points(&record).unwrap_or_default(), row }
    }

    fn points(&self, record: &csv::StringRecord) -> Result<Points, Why> {
        let Some(text) = self.columns.cell(record, "points") else { return Ok(Points::ZERO) };
        plain_points(&self.program, text).ok_or_else(|| ("points_invalid", unfit("points", text)))
    }

    fn row(&self, line: u64, record: &csv::StringRecord) -> Result<MemberRow, Why> {
        let cell = |field| self.columns.cell(record, field);
        let when = |field| {
            let Some(text) = cell(field) else { return Ok(None) };
            let read = when(text, &self.program).map(Some);
            read.ok_or_else(|| ("date_invalid", unfit(field, text)))
        };
        let zone = &self.program.zone;
        let registration = self.registration(record)?;
        let about = about(&self.program, &registration)?;
        let (active_at, expires_at) = (when("active_at")?, self.end(record)?);
        let points = self.points(record)?;
        let ended = matches!(expires_at, LotEnd::At(end) if end <= self.now) && self.options.drop_expired;
        let active_at = active_at.map(|w| w.since(zone));
        let lot = ImportedLot { points, active_at, end: expires_at };
        let imported = Imported {
            registered_at: when("registered_at")?.map(|w| w.since(zone)),
            welcome: self.options.welcome,
            former: false,
            lot: (!points.is_zero() && !ended).then_some(lot),
            bought: self.bought(record, when("last_order_at")?.map(|w| w.since(zone)))?,
            tier: cell("tier").map(|text| self.tier(text)),
            tier_until: when("tier_until")?.map(|w| w.until(zone)),
            tags: self.list(record, "tags").iter().map(|tag| tag.as_str().into()).collect(),
        };
        let dates = format!("{active_at:?}|{expires_at:?}");
        Ok(MemberRow {
            line,
            cells: record.clone(),
            identity: format!("{about}|{dates}"),
            about,
            input_hash: self.hash(record),
            brought: Brought { registration, imported },
            dropped: if ended { points } else { Points::ZERO },
        })
    }

    fn bought(
        &self,
        record: &csv::StringRecord,
        last_at: Option<Instant>,
    ) -> Result<Option<BroughtPurchases>, Why> {
        let number = |field: &'static str, text: &str| ("number_invalid", unfit(field, text));
        let orders = match self.columns.cell(record, "orders") {
            Some(text) => plain_number(text).parse().map_err(|_| number("orders", text))?,
            None => 0,
        };
        let paid = match self.columns.cell(record, "spent") {
            Some(text) => {
                let read = self.program.currency.parse(&plain_number(text)).ok();
                read.filter(|paid| paid.0 >= 0).ok_or_else(|| number("spent", text))?
            }
            None => Money::ZERO,
        };
        let bought = BroughtPurchases { orders, paid, last_at };
        Ok((bought != BroughtPurchases::default()).then_some(bought))
    }

    fn registration(&self, record: &csv::StringRecord) -> Result<Registration, Why> {
        let text = |field| self.text(record, field);
        let parts = [text("last_name")?, text("name")?, text("middle_name")?];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let birth_date = match self.columns.cell(record, "birth_date") {
            Some(cell) => Some(day(cell).ok_or_else(|| ("date_invalid", unfit("birth_date", cell)))?),
            None => None,
        };
        Ok(Registration {
            ext: text("ext")?,
            phones: self.list(record, "phone"),
            emails: self.list(record, "email"),
            cards: self.list(record, "card"),
            name: (!name.is_empty()).then_some(name),
            birth_date,
            language: text("language")?,
            region: text("region")?,
            attributes: self.attributes(record)?,
            ..Registration::default()
        })
    }

    fn text(&self, record: &csv::StringRecord, field: &str) -> Result<Option<String>, Why> {
        let Some(text) = self.columns.cell(record, field) else { return Ok(None) };
        match text.chars().count() <= TEXT_CHARS_MAX && !text.chars().any(char::is_control) {
            true => Ok(Some(text.to_owned())),
            false => Err(("text_invalid", unfit(field, text))),
        }
    }

    fn list(&self, record: &csv::StringRecord, field: &str) -> Vec<String> {
        let cell = self.columns.cell(record, field).unwrap_or_default();
        let each = cell.split(LIST_SIGNS).map(str::trim).filter(|text| !text.is_empty());
        each.map(str::to_owned).collect()
    }

    /// By its id, or by its name in either language.
    fn tier(&self, text: &str) -> ShortText {
        let levels = self.program.tiers.iter().flat_map(|tiers| &tiers.levels);
        let same = |name: &str| name.to_lowercase() == text.to_lowercase();
        let mut fits = levels.filter(|l| same(&l.id) || same(&l.name.en) || same(&l.name.ru));
        fits.next().map_or_else(|| text.into(), |level| level.id.clone())
    }

    fn end(&self, record: &csv::StringRecord) -> Result<LotEnd, Why> {
        let Some(text) = self.columns.cell(record, "expires_at") else { return Ok(LotEnd::Program) };
        if NO_DATE.contains(&text.to_lowercase().as_str()) {
            return Ok(LotEnd::Never);
        }
        let read = when(text, &self.program).map(|w| LotEnd::At(w.until(&self.program.zone)));
        read.ok_or_else(|| ("date_invalid", unfit("expires_at", text)))
    }

    fn attributes(&self, record: &csv::StringRecord) -> Result<Attributes, Why> {
        let mut attributes = Attributes::default();
        for attribute in &self.program.attributes {
            let field = format!("{ATTRIBUTE}{}", attribute.id);
            let Some(text) = self.columns.cell(record, &field) else { continue };
            let value = match attribute.kind {
                AttributeKind::Text(_) => Some(AttributeValue::Text(text.into())),
                AttributeKind::Number => plain_number(text).parse().ok().map(AttributeValue::Number),
                AttributeKind::YesNo => yes_or_no(text).map(AttributeValue::YesNo),
            };
            let value = value.filter(|value| attribute.kind.admits(value)).ok_or_else(|| {
                let refusal = Refusal::AttributeValueInvalid { attribute: attribute.id.to_string() };
                why(&self.program, &refusal)
            })?;
            attributes.0.insert(attribute.id.clone(), value);
        }
        Ok(attributes)
    }

    /// Tells the same row from another one under its key.
    fn hash(&self, record: &csv::StringRecord) -> [u8; 16] {
        let mut digest = Sha256::new();
        let mut told: Vec<(&str, &str)> = self.columns.all(record).collect();
        told.sort_unstable();
        for (field, text) in told.into_iter().filter(|(_, text)| !text.trim().is_empty()) {
            digest.update(field.as_bytes());
            digest.update([0]);
            digest.update(text.trim().as_bytes());
            digest.update([0]);
        }
        first_16(&digest.finalize())
    }
}

fn first_16(bytes: &[u8]) -> [u8; 16] {
    let mut first = [0; 16];
    first.copy_from_slice(&bytes[..16]);
    first
}

/// The first of its identifiers, in its one spelling.
fn about(program: &Program, registration: &Registration) -> Result<String, Why> {
    let first = |list: &[String]| list.first().cloned();
    let told = [
        registration.ext.clone().map(|text| (IDENTIFIERS[0], identifiers::ext(&text))),
        first(&registration.cards).map(|text| (IDENTIFIERS[1], identifiers::card(&text))),
        first(&registration.phones).map(|text| (IDENTIFIERS[2], identifiers::phone(&text))),
        first(&registration.emails).map(|text| (IDENTIFIERS[3], identifiers::email(&text))),
    ];
    match told.into_iter().flatten().next() {
        Some((kind, Ok(text))) => Ok(format!("{kind}:{text}")),
        Some((_, Err(refusal))) => Err(why(program, &refusal)),
        None => {
            let text = both("the row names nobody", "в строке нет ни одного идентификатора");
            Err(("identifier_missing", text))
        }
    }
}

/// A day, also where a time stands behind it.
fn day(text: &str) -> Option<Day> {
    let date = text.split([' ', 'T']).next().unwrap_or_default();
    Day::parse(date).or_else(|| crate::sheet::russian_day(date))
}

fn yes_or_no(text: &str) -> Option<bool> {
    match text.to_lowercase().as_str() {
        "yes" | "true" | "1" | "да" | "истина" => Some(true),
        "no" | "false" | "0" | "нет" | "ложь" => Some(false),
        _ => None,
    }
}

/// The rows of a list, one after another.
pub struct MemberRows {
    list: Arc<MemberList>,
    rows: Rows,
    /// How many rows with the same identity came before, by a hash of it.
    seen: HashMap<[u8; 16], u32>,
}

impl Iterator for MemberRows {
    type Item = Result<MemberRow, UnreadRow>;

    fn next(&mut self) -> Option<Self::Item> {
        let (line, record) = match self.rows.next()? {
            Ok(row) => row,
            Err(refused) => return Some(Err(self.list.with_its_points(refused))),
        };
        let read = self.list.row(line, &record);
        Some(match read {
            Ok(mut row) => {
                let count = self.seen.entry(first_16(&Sha256::digest(&row.identity))).or_default();
                *count += 1;
                row.identity = format!("{}|{count}", row.identity);
                Ok(row)
            }
            Err((code, why)) => Err(self.list.with_its_points(refused(line, &record, (code, why)))),
        })
    }
}
