//! Which column of a list holds what: guessed from its heading, chosen by a person.
//!
//! Invariant: a column that is chosen to hold nothing is read by nothing, whatever its heading says.

use super::history;
use super::job::{Job, Kind};
use crate::posted::Posted;
use crate::words::Words;
use kopilka_core::program::{Program, Text};
use kopilka_core::words::Language;
use kopilka_service::import::ListKind;
use kopilka_service::sheet::{NO_FIELD, Sheet, SheetError};
use std::path::Path;

/// A field with the headings it is known by.
pub type Known = (&'static str, &'static [&'static str]);

/// Rows that are shown of a file before anything is decided.
const ROWS_SHOWN: usize = 5;
/// Of a cell so much is shown.
const CELL_CHARS: usize = 60;

/// The beginning of a file.
pub struct Head {
    pub heading: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

pub fn head(path: &Path) -> Result<Head, SheetError> {
    let sheet = Sheet::open(path)?;
    let cut = |cell: &str| cell.chars().take(CELL_CHARS).collect::<String>();
    let cells = |row: csv::StringRecord| row.iter().map(cut).collect();
    let rows = sheet.rows()?.filter_map(Result::ok).take(ROWS_SHOWN).map(|(_, row)| cells(row)).collect();
    Ok(Head { heading: sheet.heading, rows })
}

fn list(kind: Kind) -> Option<ListKind> {
    match kind {
        Kind::Members => Some(ListKind::Members),
        Kind::Products => Some(ListKind::Products),
        Kind::Orders => None,
    }
}

pub fn fields(kind: Kind, program: &Program) -> Vec<String> {
    match list(kind) {
        Some(list) => list.fields(program),
        None => history::FIELDS.iter().map(|(name, _)| (*name).to_owned()).collect(),
    }
}

/// What each column is taken for, by its place; empty where nobody knows.
pub fn guessed(kind: Kind, heading: &[String], program: &Program) -> Vec<String> {
    let mut out = vec![String::new(); heading.len()];
    let found = match list(kind) {
        Some(list) => list.guess(heading, program),
        None => guess_history(heading),
    };
    for (field, at) in found {
        out[at] = field;
    }
    out
}

fn guess_history(heading: &[String]) -> Vec<(String, usize)> {
    let plain = |text: &str| text.trim().to_lowercase().replace(['_', '-'], " ").replace('ё', "е");
    let mut found: Vec<(String, usize)> = Vec::new();
    for (field, known) in history::FIELDS {
        // One of the two: a sum beside a price is the line's, and only one may be read.
        if field == "amount" && found.iter().any(|(other, _)| other == "price") {
            continue;
        }
        let fits = |at: &usize| known.iter().any(|name| plain(name) == plain(&heading[*at]));
        let free = |at: &usize| found.iter().all(|(_, taken)| taken != at);
        if let Some(at) = (0..heading.len()).filter(free).find(fits) {
            found.push((field.to_owned(), at));
        }
    }
    found
}

/// What each column was chosen to hold before.
pub fn chosen(job: &Job, heading: &[String]) -> Vec<String> {
    let field = |column: &String| {
        let found = job.map.iter().find(|(_, named)| named == column).map(|(field, _)| field.as_str());
        found.filter(|field| *field != NO_FIELD).unwrap_or_default().to_owned()
    };
    heading.iter().map(field).collect()
}

/// Why the choice of columns cannot be meant: the key of what is said, and its value.
pub type Wrong = (&'static str, String);

/// The mapping that a form makes: every column with a heading is named, those for nothing too.
pub fn read(
    posted: &Posted,
    kind: Kind,
    heading: &[String],
    program: &Program,
) -> Result<Vec<(String, String)>, Wrong> {
    let known = fields(kind, program);
    let mut map: Vec<(String, String)> = Vec::new();
    for (at, column) in heading.iter().enumerate().filter(|(_, column)| !column.is_empty()) {
        let field = posted.text(&format!("c{at}"));
        if field.is_empty() {
            continue;
        }
        if !known.iter().any(|name| name == field) {
            return Err(("sheet-field-unknown", field.to_owned()));
        }
        if map.iter().any(|(taken, _)| taken == field) {
            return Err(("import-field-twice", field.to_owned()));
        }
        if heading.iter().filter(|other| other.to_lowercase() == column.to_lowercase()).count() > 1 {
            return Err(("import-heading-twice", column.clone()));
        }
        map.push((field.to_owned(), column.clone()));
    }
    let has = |field: &str| map.iter().any(|(name, _)| name == field);
    let missing = match kind {
        Kind::Members => (!["ext", "card", "phone", "email"].iter().any(|field| has(field)))
            .then_some("sheet-no-identifier"),
        Kind::Products => (!has("sku")).then_some("import-no-sku"),
        Kind::Orders if !has("customer") || !has("time") => Some("import-no-customer"),
        Kind::Orders => (has("price") == has("amount")).then_some("import-price-or-amount"),
    };
    if let Some(key) = missing {
        return Err((key, String::new()));
    }
    if kind != Kind::Orders {
        let named: Vec<String> = map.iter().map(|(_, column)| column.clone()).collect();
        let rest = heading.iter().filter(|column| !column.is_empty() && !named.contains(column));
        map.extend(rest.map(|column| (NO_FIELD.to_owned(), column.clone())));
    }
    Ok(map)
}

/// What a field is called.
pub fn field_name(words: Words, field: &str) -> String {
    match field.strip_prefix("attribute.") {
        Some(attribute) => words.say_with("field-attribute", &[("value", attribute)]),
        None => words.say(&format!("field-{}", field.replace('_', "-"))),
    }
}

/// Why a list cannot be read, in the words of a page.
pub fn sheet_words(words: Words, error: &SheetError) -> String {
    match error {
        SheetError::NoHeading => words.say("sheet-no-heading"),
        SheetError::ColumnUnknown(column) => words.say_with("sheet-column-unknown", &[("value", column)]),
        SheetError::FieldUnknown { field, .. } => words.say_with("sheet-field-unknown", &[("value", field)]),
        SheetError::ColumnMissing(field) => {
            words.say_with("sheet-column-missing", &[("value", &field_name(words, field))])
        }
        SheetError::NoIdentifier => words.say("sheet-no-identifier"),
        SheetError::TooLong { most } => {
            words.say_n("sheet-too-long", i64::try_from(*most).unwrap_or(i64::MAX))
        }
        SheetError::Utf16 => words.say("sheet-utf16"),
        SheetError::Unreadable(why) => words.say_with("sheet-unreadable", &[("value", why)]),
    }
}

/// The same in both languages, for what is kept.
pub fn sheet_text(error: &SheetError) -> Text {
    let said = |language| sheet_words(Words(language), error);
    Text { en: said(Language::En), ru: said(Language::Ru) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program() -> Program {
        let text = "program: p\ncurrency: RUB\ntimezone: UTC\nrules: []\n";
        kopilka_core::program::compile(text).program.unwrap()
    }
    fn heading(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn every_field_has_a_name_in_both_languages() {
        for kind in Kind::ALL {
            for field in fields(kind, &program()) {
                for language in [Language::En, Language::Ru] {
                    assert_ne!(field_name(Words(language), &field), "", "{field}");
                }
            }
        }
    }

    #[test]
    fn a_choice_that_cannot_be_meant_is_told() {
        let names = heading(&["id", "points", "ID", "", "other"]);
        let read = |kind, fields: &[(&str, &str)]| read(&Posted::of(fields), kind, &names, &program());
        for (kind, fields, wrong) in [
            (Kind::Members, &[("c1", "points")][..], "sheet-no-identifier"),
            (Kind::Members, &[("c1", "ext"), ("c4", "ext")], "import-field-twice"),
            (Kind::Members, &[("c0", "ext")], "import-heading-twice"),
            (Kind::Members, &[("c1", "<b>")], "sheet-field-unknown"),
            (Kind::Products, &[("c1", "name")], "import-no-sku"),
            (Kind::Orders, &[("c1", "customer")], "import-no-customer"),
            (Kind::Orders, &[("c1", "customer"), ("c4", "time")], "import-price-or-amount"),
        ] {
            assert_eq!(read(kind, fields).unwrap_err().0, wrong, "{fields:?}");
        }
        let map = read(Kind::Members, &[("c1", "ext"), ("c3", "phone")]).unwrap();
        assert_eq!(map[0], ("ext".to_owned(), "points".to_owned()));
        assert!(map[1..].iter().all(|(field, _)| field == NO_FIELD), "what is not chosen is read by nothing");
    }

    #[test]
    fn headings_of_a_history_are_known_in_both_languages() {
        let names = heading(&["Номер чека", "Клиент", "Дата", "Артикул", "Количество", "Цена", "Сумма"]);
        let guessed = guessed(Kind::Orders, &names, &program());
        assert_eq!(guessed, ["order", "customer", "time", "sku", "quantity", "price", ""]);
    }
}
