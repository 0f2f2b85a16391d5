//! What goes into a statement and comes out of a row, the same for every engine.
//!
//! Invariant: an engine's own types stay in its folder; everything above speaks in these.

use crate::error::StoreError;
use kopilka_core::time::Instant;

/// A bound value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Param<'a> {
    Null,
    Int(i64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A value of a row that is carried from one database to another unread.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    Null,
    Int(i64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Cell {
    pub fn param(&self) -> Param<'_> {
        match self {
            Cell::Null => Param::Null,
            Cell::Int(number) => Param::Int(*number),
            Cell::Text(text) => Param::Text(text),
            Cell::Bytes(bytes) => Param::Bytes(bytes),
        }
    }
}

/// A row as its reader sees it; places are counted from 0.
pub trait Columns {
    fn int_or_null(&self, at: usize) -> Result<Option<i64>, StoreError>;
    fn text_or_null(&self, at: usize) -> Result<Option<&str>, StoreError>;
    fn bytes_or_null(&self, at: usize) -> Result<Option<&[u8]>, StoreError>;
    /// The value, whatever it is.
    fn cell(&self, at: usize) -> Result<Cell, StoreError>;

    fn int(&self, at: usize) -> Result<i64, StoreError> {
        self.int_or_null(at)?.ok_or_else(|| is_null(at))
    }
    fn text(&self, at: usize) -> Result<&str, StoreError> {
        self.text_or_null(at)?.ok_or_else(|| is_null(at))
    }
    fn bytes(&self, at: usize) -> Result<&[u8], StoreError> {
        self.bytes_or_null(at)?.ok_or_else(|| is_null(at))
    }
    fn flag(&self, at: usize) -> Result<bool, StoreError> {
        Ok(self.int(at)? != 0)
    }
    fn instant_or_null(&self, at: usize) -> Result<Option<Instant>, StoreError> {
        Ok(self.int_or_null(at)?.map(Instant))
    }
}

fn is_null(at: usize) -> StoreError {
    StoreError::Malformed(format!("column {at} has no value"))
}

/// Bytes of a known length, such as a hash.
pub fn exactly<const N: usize>(bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::Malformed(format!("{} bytes where {N} stand", bytes.len())))
}

impl From<i64> for Param<'_> {
    fn from(number: i64) -> Self {
        Param::Int(number)
    }
}
impl From<u32> for Param<'_> {
    fn from(number: u32) -> Self {
        Param::Int(i64::from(number))
    }
}
impl From<bool> for Param<'_> {
    fn from(flag: bool) -> Self {
        Param::Int(i64::from(flag))
    }
}
impl<'a> From<&'a str> for Param<'a> {
    fn from(text: &'a str) -> Self {
        Param::Text(text)
    }
}
impl<'a> From<&'a String> for Param<'a> {
    fn from(text: &'a String) -> Self {
        Param::Text(text)
    }
}
impl<'a> From<&'a [u8]> for Param<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        Param::Bytes(bytes)
    }
}
impl<'a> From<&'a Vec<u8>> for Param<'a> {
    fn from(bytes: &'a Vec<u8>) -> Self {
        Param::Bytes(bytes)
    }
}
impl<'a, const N: usize> From<&'a [u8; N]> for Param<'a> {
    fn from(bytes: &'a [u8; N]) -> Self {
        Param::Bytes(bytes)
    }
}
impl<'a, T: Into<Param<'a>>> From<Option<T>> for Param<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Param::Null, Into::into)
    }
}

/// Bound values in their order: `params![member.0, program.0, name]`.
macro_rules! params {
    ($($value:expr),* $(,)?) => { &[$($crate::value::Param::from($value)),*] };
}
pub(crate) use params;
