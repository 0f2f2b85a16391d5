//! A table of figures that is a page, a CSV file and a spreadsheet.
//!
//! Invariant: all three come from the same cells, so no file says anything the page does not.

use crate::answer;
use axum::response::{IntoResponse, Response};
use kopilka_core::decimal;
use kopilka_web::problem::Problem;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

/// One figure: for people as it is said, for files as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell {
    Text(String),
    /// `value × 10^-scale`, and how it is said.
    Number {
        value: i64,
        scale: u32,
        shown: String,
    },
    /// Nothing to divide by.
    Empty,
}

impl Cell {
    pub fn shown(&self) -> &str {
        match self {
            Cell::Text(text) => text,
            Cell::Number { shown, .. } => shown,
            Cell::Empty => "–",
        }
    }
    pub fn is_number(&self) -> bool {
        !matches!(self, Cell::Text(_))
    }
}

/// Columns by name, rows of cells.
#[derive(Debug, Clone, Default)]
pub struct Sheet {
    pub name: &'static str,
    pub title: String,
    pub columns: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
    /// What the rows come to, for the page alone: files are summed by whoever reads them.
    pub total: Vec<Cell>,
}

/// Excel takes no longer name of a sheet.
const SHEET_NAME_MAX: usize = 31;

impl Sheet {
    /// A column of figures, as its first row has it.
    pub fn is_of_numbers(&self, column: &usize) -> bool {
        self.rows.first().and_then(|row| row.get(*column)).is_some_and(Cell::is_number)
    }

    pub fn csv(&self) -> Response {
        let mut out = csv::Writer::from_writer(Vec::new());
        let rows = self.rows.iter().map(|row| row.iter().map(plain).collect::<Vec<_>>());
        let written = out
            .write_record(&self.columns)
            .and_then(|()| rows.into_iter().try_for_each(|row| out.write_record(row)));
        if let Err(error) = written {
            tracing::error!(%error, "a report does not become CSV");
        }
        let bytes = out.into_inner().unwrap_or_default();
        answer::file(&format!("{}.csv", self.name), "text/csv; charset=utf-8", bytes)
    }

    pub fn xlsx(&self) -> Response {
        match self.workbook() {
            Ok(bytes) => answer::file(
                &format!("{}.xlsx", self.name),
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                bytes,
            ),
            Err(error) => {
                tracing::error!(%error, "a report does not become a spreadsheet");
                Problem::of("page_failed").into_response()
            }
        }
    }

    fn workbook(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let heading = Format::new().set_bold();
        let page = book.add_worksheet();
        let name: String =
            self.title.chars().filter(|c| !"[]:*?/\\'".contains(*c)).take(SHEET_NAME_MAX).collect();
        page.set_name(name)?;
        page.set_freeze_panes(1, 0)?;
        for (column, label) in (0..).zip(&self.columns) {
            page.write_string_with_format(0, column, label, &heading)?;
        }
        for (row, cells) in (1..).zip(&self.rows) {
            for (column, cell) in (0..).zip(cells) {
                match cell {
                    Cell::Text(text) => page.write_string(row, column, text)?,
                    // Spreadsheets know no other numbers; below 2^53 smallest units they are exact.
                    Cell::Number { .. } => {
                        page.write_number(row, column, plain(cell).parse::<f64>().unwrap_or_default())?
                    }
                    Cell::Empty => page,
                };
            }
        }
        page.autofit();
        book.save_to_buffer()
    }
}

/// As a file has it: a number with a point and without groups. A text that a spreadsheet would take for a
/// formula is marked as text.
fn plain(cell: &Cell) -> String {
    match cell {
        Cell::Text(text) if text.starts_with(['=', '+', '-', '@', '\t', '\r']) => format!("'{text}"),
        Cell::Text(text) => text.clone(),
        Cell::Number { value, scale, .. } => {
            let sign = if *value < 0 { "-" } else { "" };
            format!("{sign}{}", decimal::format_scaled(value.saturating_abs(), *scale))
        }
        Cell::Empty => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_have_numbers_and_no_formulas() {
        let number = Cell::Number { value: -123_450, scale: 2, shown: "−1 234,50 ₽".to_owned() };
        assert_eq!(plain(&number), "-1234.50");
        assert_eq!(plain(&Cell::Text("=HYPERLINK(1)".to_owned())), "'=HYPERLINK(1)");
        assert_eq!(plain(&Cell::Empty), "");
        let sheet = Sheet {
            name: "t",
            title: "Отчёт: за [год]".to_owned(),
            columns: vec!["месяц".to_owned(), "сумма".to_owned()],
            rows: vec![
                vec![Cell::Text("май".to_owned()), number],
                vec![Cell::Text(String::new()), Cell::Empty],
            ],
            ..Sheet::default()
        };
        assert!(sheet.workbook().unwrap().starts_with(b"PK"));
    }
}
