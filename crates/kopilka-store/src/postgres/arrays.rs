//! Rows of one statement, column by column: `unnest` makes rows of them again.

use crate::value::Param;
use tokio_postgres::types::ToSql;

enum Array<'a> {
    Ints(Vec<Option<i64>>),
    Texts(Vec<Option<&'a str>>),
    Bytes(Vec<Option<&'a [u8]>>),
}

/// Columns of equal length.
pub(super) struct Arrays<'a> {
    columns: Vec<Array<'a>>,
    rows: usize,
}

impl<'a> Arrays<'a> {
    /// A letter a column: `i` for numbers, `t` for texts, `b` for bytes.
    pub fn of(kinds: &str) -> Arrays<'a> {
        let column = |kind| match kind {
            'i' => Array::Ints(Vec::new()),
            't' => Array::Texts(Vec::new()),
            _ => Array::Bytes(Vec::new()),
        };
        Arrays { columns: kinds.chars().map(column).collect(), rows: 0 }
    }

    /// Adds a row; its values stand in the order of the columns.
    pub fn push(&mut self, row: &[Param<'a>]) {
        assert_eq!(row.len(), self.columns.len(), "a row has a value a column");
        self.rows += 1;
        for (column, value) in self.columns.iter_mut().zip(row) {
            match (column, *value) {
                (Array::Ints(ints), Param::Int(number)) => ints.push(Some(number)),
                (Array::Ints(ints), Param::Null) => ints.push(None),
                (Array::Texts(texts), Param::Text(text)) => texts.push(Some(text)),
                (Array::Texts(texts), Param::Null) => texts.push(None),
                (Array::Bytes(all), Param::Bytes(bytes)) => all.push(Some(bytes)),
                (Array::Bytes(all), Param::Null) => all.push(None),
                (_, value) => panic!("{value:?} does not fit its column"),
            }
        }
    }

    pub fn rows(&self) -> usize {
        self.rows
    }
    pub fn columns(&self) -> Vec<&(dyn ToSql + Sync)> {
        self.columns.iter().map(Array::column).collect()
    }
}

impl Array<'_> {
    fn column(&self) -> &(dyn ToSql + Sync) {
        match self {
            Array::Ints(column) => column,
            Array::Texts(column) => column,
            Array::Bytes(column) => column,
        }
    }
}
