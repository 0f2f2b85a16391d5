//! What can be wrong with an order history or its mapping, told with the row where it is.

/// Rows are counted as a spreadsheet counts them: the header is row 1.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    #[error("cannot be opened: {0}")]
    Open(std::io::Error),
    #[error("the file is empty: a header row is needed")]
    Empty,
    #[error("the header is of no known log ({header}); describe the columns with --map FILE")]
    UnknownHeader { header: String },
    #[error("the mapping file is wrong: {0}")]
    Map(String),
    #[error("the header has no column `{column}` (it has: {header})")]
    ColumnMissing { column: String, header: String },
    #[error("row {row}: {what}")]
    Row { row: u64, what: String },
    #[error("the log has no order of an identified customer: there is nothing to replay")]
    NothingToReplay,
}

impl SimError {
    pub(crate) fn row(row: u64, what: impl Into<String>) -> SimError {
        SimError::Row { row, what: what.into() }
    }
}
