//! Tables as spreadsheets and accounting programs write them: CSV, plain or gzip, in UTF-8 or Windows-1251.
//!
//! Invariant: a file is read in bounded memory, whatever its size, and a figure is never rounded or guessed.

use encoding_rs::WINDOWS_1251;
use flate2::read::MultiGzDecoder;
use kopilka_core::points::Points;
use kopilka_core::program::{Program, Text};
use kopilka_core::time::{Day, Instant, Zone};
use std::borrow::Cow;
use std::fs::File;
use std::io::{Cursor, ErrorKind, Read};
use std::path::{Path, PathBuf};
use thiserror::Error;

/// What a column can hold, and the headings it is known by.
pub(crate) type Field = (&'static str, &'static [&'static str]);

/// A mapping names this for a column that is to be read as nothing, whatever its heading says.
pub const NO_FIELD: &str = "-";
/// Bytes that are looked at or turned into text at a time.
const CHUNK: usize = 64 * 1024;
/// A longer line is no row of a table: whoever reads it as one would hold all of it, cell by cell.
const LINE_MAX: usize = 1 << 20;
/// Of a value that does not fit so much is shown.
const SHOWN_CHARS: usize = 40;
/// What a file of refused rows has before the columns of the list itself.
pub const ERROR_COLUMNS: [&str; 3] = ["line", "code", "error"];

/// Why a table cannot be read at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum SheetError {
    #[error("the list has no heading")]
    NoHeading,
    #[error("no column is called {0}")]
    ColumnUnknown(String),
    #[error("{field} is not a field: {known}")]
    FieldUnknown { field: String, known: String },
    #[error("no column holds the {0}: name it with --map {0}=COLUMN")]
    ColumnMissing(&'static str),
    #[error("no column tells one member from another: map ext, card, phone or email")]
    NoIdentifier,
    #[error("the list has more than {most} members")]
    TooLong { most: usize },
    #[error("the file is UTF-16: save it as CSV in UTF-8 or Windows-1251")]
    Utf16,
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
}

impl From<std::io::Error> for SheetError {
    fn from(error: std::io::Error) -> SheetError {
        SheetError::Unreadable(match error.kind() {
            std::io::ErrorKind::UnexpectedEof => "the compressed file ends too early".to_owned(),
            _ => error.to_string(),
        })
    }
}

/// A row that is not taken: nothing of it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefusedRow {
    /// In the file, the heading being the first.
    pub line: u64,
    /// Stable, as of any refusal.
    pub code: &'static str,
    pub why: Text,
    pub cells: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Coding {
    Utf8,
    Windows1251,
}

/// A file with a heading; its rows may be read as often as one likes.
#[derive(Debug, Clone)]
pub struct Sheet {
    path: PathBuf,
    coding: Coding,
    delimiter: u8,
    pub heading: Vec<String>,
}

impl Sheet {
    /// Looks through the whole file for what it is written in: UTF-8 where all of it is that, with or without
    /// its mark, else Windows-1251, which cannot be wrong and only odd.
    pub fn open(path: &Path) -> Result<Sheet, SheetError> {
        let coding = coding_of(unpacked(path)?)?;
        let mut beginning = Vec::new();
        text_of(unpacked(path)?, coding).take(CHUNK as u64).read_to_end(&mut beginning)?;
        let delimiter = delimiter_of(&String::from_utf8_lossy(&beginning));
        let mut sheet = Sheet { path: path.to_owned(), coding, delimiter, heading: Vec::new() };
        let mut reader = sheet.reader()?;
        let heading = reader.headers().map_err(|_| SheetError::NoHeading)?;
        sheet.heading = heading.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect();
        match sheet.heading.iter().all(String::is_empty) {
            true => Err(SheetError::NoHeading),
            false => Ok(sheet),
        }
    }

    /// What stands between its cells.
    pub fn delimiter(&self) -> char {
        char::from(self.delimiter)
    }

    /// All of it as UTF-8 text.
    pub fn text(&self) -> Result<Box<dyn Read + Send>, SheetError> {
        let source = text_of(unpacked(&self.path)?, self.coding);
        Ok(Box::new(Lines { source, since: 0 }))
    }

    fn reader(&self) -> Result<csv::Reader<Box<dyn Read + Send>>, SheetError> {
        let mut builder = csv::ReaderBuilder::new();
        Ok(builder.delimiter(self.delimiter).flexible(true).trim(csv::Trim::All).from_reader(self.text()?))
    }

    /// The rows, each with the number of its line; one whose cells are not those of the heading is refused.
    pub fn rows(&self) -> Result<Rows, SheetError> {
        Ok(Rows { reader: self.reader()?, cells: self.heading.len(), broken: false })
    }
}

/// The rows of a sheet, one after another.
pub struct Rows {
    reader: csv::Reader<Box<dyn Read + Send>>,
    cells: usize,
    /// What is broken in the file itself is broken for all that follows.
    broken: bool,
}

impl Iterator for Rows {
    type Item = Result<(u64, csv::StringRecord), RefusedRow>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.broken {
            return None;
        }
        let mut record = csv::StringRecord::new();
        match self.reader.read_record(&mut record) {
            Ok(false) => None,
            Ok(true) => {
                let line = record.position().map_or(0, csv::Position::line);
                // An unquoted decimal comma would move every cell after it.
                if record.len() == self.cells {
                    return Some(Ok((line, record)));
                }
                let (has, needs) = (record.len(), self.cells);
                let why = both(
                    format!("the row has {has} cells, the heading has {needs}"),
                    format!("в строке ячеек: {has}, в заголовке: {needs}"),
                );
                Some(Err(refused(line, &record, ("cells_count", why))))
            }
            Err(error) => {
                let line = error.position().map_or(0, csv::Position::line);
                let why = both("the row cannot be read", "строка не читается");
                self.broken = true;
                Some(Err(RefusedRow { line, code: "row_unreadable", why, cells: Vec::new() }))
            }
        }
    }
}

pub(crate) fn refused(
    line: u64,
    record: &csv::StringRecord,
    (code, why): (&'static str, Text),
) -> RefusedRow {
    RefusedRow { line, code, why, cells: record.iter().map(str::to_owned).collect() }
}

/// A row of a file of refused rows.
pub fn error_row(refused: &RefusedRow, russian: bool) -> Vec<String> {
    let why = if russian { &refused.why.ru } else { &refused.why.en };
    let mut row = vec![refused.line.to_string(), refused.code.to_owned(), why.clone()];
    row.extend(refused.cells.iter().cloned());
    row
}

/// A whole file as UTF-8 text, whatever it is written in.
pub fn text(path: &Path) -> Result<Box<dyn Read + Send>, SheetError> {
    let coding = coding_of(unpacked(path)?)?;
    Ok(text_of(unpacked(path)?, coding))
}

/// A compressed file is told by its first bytes, not by its name.
fn unpacked(path: &Path) -> Result<Box<dyn Read + Send>, SheetError> {
    let mut file = File::open(path)?;
    let mut magic = Vec::with_capacity(2);
    file.by_ref().take(2).read_to_end(&mut magic)?;
    let packed = magic == [0x1f, 0x8b];
    let whole = Cursor::new(magic).chain(std::io::BufReader::with_capacity(CHUNK, file));
    Ok(if packed { Box::new(MultiGzDecoder::new(whole)) } else { Box::new(whole) })
}

fn coding_of(mut source: impl Read) -> Result<Coding, SheetError> {
    let mut bytes: Vec<u8> = Vec::with_capacity(2 * CHUNK);
    let mut first = true;
    loop {
        let rest = bytes.len();
        source.by_ref().take(CHUNK as u64).read_to_end(&mut bytes)?;
        if first && (bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])) {
            return Err(SheetError::Utf16);
        }
        first = false;
        if bytes.len() == rest {
            // A letter that is cut off at the very end is none.
            return Ok(if rest == 0 { Coding::Utf8 } else { Coding::Windows1251 });
        }
        match std::str::from_utf8(&bytes) {
            Ok(_) => bytes.clear(),
            Err(error) if error.error_len().is_some() => return Ok(Coding::Windows1251),
            Err(error) => drop(bytes.drain(..error.valid_up_to())),
        }
    }
}

fn text_of(source: Box<dyn Read + Send>, coding: Coding) -> Box<dyn Read + Send> {
    match coding {
        Coding::Utf8 => source,
        Coding::Windows1251 => Box::new(Decoded { source, text: Cursor::new(Vec::new()) }),
    }
}

/// A text whose lines are no longer than [`LINE_MAX`]; a longer one ends it.
struct Lines {
    source: Box<dyn Read + Send>,
    /// Bytes since the last end of a line.
    since: usize,
}

impl Read for Lines {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let read = self.source.read(buffer)?;
        self.since = match buffer[..read].iter().rposition(|byte| *byte == b'\n') {
            Some(at) => read - at - 1,
            None => self.since + read,
        };
        match self.since > LINE_MAX {
            true => Err(std::io::Error::new(ErrorKind::InvalidData, "a line is too long")),
            false => Ok(read),
        }
    }
}

/// Windows-1251 as UTF-8: each byte is a letter by itself, so it can be cut anywhere.
struct Decoded {
    source: Box<dyn Read + Send>,
    text: Cursor<Vec<u8>>,
}

impl Read for Decoded {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if self.text.position() == self.text.get_ref().len() as u64 {
            let mut bytes = vec![0; CHUNK];
            let count = self.source.read(&mut bytes)?;
            let text = WINDOWS_1251.decode_without_bom_handling(&bytes[..count]).0;
            self.text = Cursor::new(text.into_owned().into_bytes());
        }
        self.text.read(buffer)
    }
}

/// UTF-8 where it is that, else Windows-1251: for lists that are read whole.
pub(crate) fn whole_text(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => WINDOWS_1251.decode(bytes).0.into_owned(),
    }
}

/// The sign that the heading has most of.
pub(crate) fn delimiter_of(text: &str) -> u8 {
    let heading = text.lines().next().unwrap_or_default();
    let count = |sign: u8| heading.bytes().filter(|b| *b == sign).count();
    [b';', b',', b'\t'].into_iter().rev().max_by_key(|sign| count(*sign)).unwrap_or(b',')
}

pub(crate) fn both(en: impl Into<String>, ru: impl Into<String>) -> Text {
    Text { en: en.into(), ru: ru.into() }
}

pub(crate) fn unfit(field: &str, text: &str) -> Text {
    let shown: String = text.chars().take(SHOWN_CHARS).collect();
    both(format!("{field}: “{shown}” does not fit"), format!("{field}: «{shown}» не годится"))
}

/// `1 234,50` as spreadsheets write it is `1234.50`.
pub(crate) fn plain_number(text: &str) -> String {
    let signs = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}');
    signs.map(|c| if c == ',' { '.' } else { c }).collect()
}

/// Points as spreadsheets write them: zeros behind the point are no part of a point.
pub(crate) fn plain_points(program: &Program, text: &str) -> Option<Points> {
    let plain = plain_number(text);
    let plain = if plain.contains('.') { plain.trim_end_matches('0').trim_end_matches('.') } else { &plain };
    program.points.parse(plain).ok()
}

/// A day or a moment, as a cell tells it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    Day(Day),
    At(Instant),
}

impl When {
    /// The beginning of a day.
    pub fn since(self, zone: &Zone) -> Instant {
        match self {
            When::Day(day) => zone.start_of(day),
            When::At(at) => at,
        }
    }
    /// The end of a day: a day until which something is valid is in it.
    pub fn until(self, zone: &Zone) -> Instant {
        match self {
            When::Day(day) => zone.start_of(day.plus_days(1)),
            When::At(at) => at,
        }
    }
}

/// Reads `2026-12-31` and `31.12.2026`, alone or with a time of the program's zone or an offset. A midnight
/// after a Russian date is how accounting programs write a day.
pub(crate) fn when(text: &str, program: &Program) -> Option<When> {
    let text = text.trim();
    let (date, time) = match text.find([' ', 'T']) {
        Some(at) => (&text[..at], text[at + 1..].trim()),
        None => (text, ""),
    };
    let (day, russian) = match Day::parse(date) {
        Some(day) => (day, false),
        None => (russian_day(date)?, true),
    };
    let midnight = russian && ["0:00:00", "00:00:00", "0:00", "00:00"].contains(&time);
    if time.is_empty() || midnight {
        let at = program.zone.start_of(day);
        return (kopilka_core::time::INSTANT_MIN..kopilka_core::time::INSTANT_MAX)
            .contains(&at)
            .then_some(When::Day(day));
    }
    // An hour may have one digit.
    let zero = if time.find(':') == Some(1) { "0" } else { "" };
    program.zone.parse_local(&format!("{day}T{zero}{time}")).map(When::At)
}

pub(crate) fn russian_day(text: &str) -> Option<Day> {
    let mut parts = text.split('.');
    let (day, month, year) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, least: usize, most: usize| {
        (least..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
    };
    let fits = digits(day, 1, 2) && digits(month, 1, 2) && digits(year, 4, 4) && parts.next().is_none();
    fits.then(|| Day::new(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)).flatten()
}

/// Which column holds which field.
#[derive(Debug, Clone)]
pub(crate) struct Columns(Vec<(Cow<'static, str>, usize)>);

impl Columns {
    /// `map` names columns for fields; others are found by their headings. `more` are fields that the program
    /// declares, found by their own names. A column that is mapped to [`NO_FIELD`] is not guessed at.
    pub fn find(
        heading: &[String],
        map: &[(String, String)],
        fields: &[Field],
        more: &[(String, String)],
    ) -> Result<Columns, SheetError> {
        let plain = |text: &str| text.trim().to_lowercase().replace(['_', '-'], " ").replace('ё', "е");
        let place = |column: &String| {
            let at = heading.iter().position(|h| plain(h) == plain(column));
            at.ok_or_else(|| SheetError::ColumnUnknown(column.clone()))
        };
        let mut columns: Vec<(Cow<'static, str>, usize)> = Vec::new();
        let mut passed_over: Vec<usize> = Vec::new();
        for (field, column) in map {
            if field == NO_FIELD {
                passed_over.push(place(column)?);
                continue;
            }
            let known = fields.iter().find(|(name, _)| name == field).map(|(name, _)| Cow::Borrowed(*name));
            let own =
                || more.iter().find(|(name, _)| name == field).map(|(name, _)| Cow::Owned(name.clone()));
            let name = known.or_else(own).ok_or_else(|| {
                let names = fields.iter().map(|(name, _)| *name).chain(more.iter().map(|(name, _)| &**name));
                let known = names.collect::<Vec<_>>().join(", ");
                SheetError::FieldUnknown { field: field.clone(), known }
            })?;
            columns.push((name, place(column)?));
        }
        let mut guess = |name: Cow<'static, str>, fits: &dyn Fn(&str) -> bool| {
            let known = columns.iter().any(|(known, _)| *known == name);
            let free = |at: &usize| !passed_over.contains(at) && columns.iter().all(|(_, taken)| taken != at);
            let places = (0..heading.len()).filter(free);
            let at = places.filter(|_| !known).find(|at| fits(&plain(&heading[*at])));
            columns.extend(at.map(|at| (name, at)));
        };
        for (name, headings) in fields {
            guess(Cow::Borrowed(*name), &|h| headings.iter().any(|known| plain(known) == h));
        }
        for (name, heading) in more {
            guess(Cow::Owned(name.clone()), &|h| h == plain(heading));
        }
        Ok(Columns(columns))
    }

    pub fn has(&self, field: &str) -> bool {
        self.0.iter().any(|(name, _)| *name == field)
    }

    /// Which field is read from the column at which place.
    pub fn places(self) -> Vec<(String, usize)> {
        self.0.into_iter().map(|(field, at)| (field.into_owned(), at)).collect()
    }

    /// Which column holds what, for people.
    pub fn named(&self, heading: &[String]) -> Vec<(String, String)> {
        self.0.iter().map(|(field, at)| (field.to_string(), heading[*at].clone())).collect()
    }

    /// Columns that nothing is read from.
    pub fn unread(&self, heading: &[String]) -> Vec<String> {
        let read = |at: &usize| self.0.iter().any(|(_, taken)| taken == at);
        let unread = (0..heading.len()).filter(|at| !read(at)).map(|at| heading[at].clone());
        unread.filter(|name| !name.is_empty() && !ERROR_COLUMNS.contains(&name.as_str())).collect()
    }

    /// A cell that is not empty.
    pub fn cell<'r>(&self, record: &'r csv::StringRecord, field: &str) -> Option<&'r str> {
        let (_, at) = self.0.iter().find(|(name, _)| *name == field)?;
        record.get(*at).map(str::trim).filter(|text| !text.is_empty())
    }

    /// What the row says in all columns that are read, one after another.
    pub fn all<'r>(&'r self, record: &'r csv::StringRecord) -> impl Iterator<Item = (&'r str, &'r str)> {
        self.0.iter().map(|(field, at)| (&**field, record.get(*at).unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_without_end_is_no_row_and_is_not_held() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = dir.path().join(name);
            std::fs::write(&path, text).unwrap();
            path
        };
        let long = ",".repeat(2 * LINE_MAX);
        assert!(Sheet::open(&file("heading.csv", &long)).is_err());
        let sheet = Sheet::open(&file("row.csv", &format!("a,b\n1,2\n{long}\n3,4\n"))).unwrap();
        let rows: Vec<_> = sheet.rows().unwrap().collect();
        assert_eq!(rows.len(), 2);
        assert!(rows[0].is_ok());
        assert_eq!(rows[1].as_ref().unwrap_err().code, "row_unreadable");
        assert_eq!(rows[1].as_ref().unwrap_err().cells.len(), 0);
    }
}
