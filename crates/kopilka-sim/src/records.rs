//! The rows of a comma-separated file as slices of one buffer: RFC 4180 quoting, no allocation per row.
//!
//! Invariant: a row is handed out whole or not at all; a file cut inside quotes or a stream cut inside its
//! compression is an error with the number of the row, never a shorter log.

use crate::error::SimError;
use std::borrow::Cow;
use std::io::Read;

/// Read at once: large enough that refilling does not show, small enough for the cache.
const CHUNK: usize = 1 << 18;
/// A row beyond this is a lost quote, not a row.
const ROW_MAX: usize = 1 << 20;

#[derive(Debug, Clone, Copy, Default)]
struct Field {
    start: usize,
    end: usize,
    /// Holds doubled quotes that must be made single.
    doubled: bool,
}

/// A reader of rows.
pub(crate) struct Records<R> {
    source: R,
    buffer: Vec<u8>,
    start: usize,
    filled: usize,
    ended: bool,
    delimiter: u8,
    fields: Vec<Field>,
    row: u64,
    /// The last row handed out ended with a line end.
    closed: bool,
}

enum Scan {
    Row { next: usize, closed: bool },
    NeedMore,
}

impl<R: Read> Records<R> {
    pub fn new(source: R, delimiter: u8) -> Records<R> {
        Records {
            source,
            buffer: vec![0; CHUNK],
            start: 0,
            filled: 0,
            ended: false,
            delimiter,
            fields: Vec::with_capacity(16),
            row: 0,
            closed: true,
        }
    }
    /// The number of the row handed out last; the header is row 1.
    pub fn row(&self) -> u64 {
        self.row
    }
    pub fn ended_with_line_end(&self) -> bool {
        self.closed
    }
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Goes to the next row; `false` at the end. Empty lines are skipped and counted.
    pub fn advance(&mut self) -> Result<bool, SimError> {
        loop {
            match self.scan()? {
                Scan::Row { next, closed } => {
                    self.row += 1;
                    self.start = next;
                    self.closed = closed;
                    let blank = self.fields.len() == 1 && self.fields[0].start == self.fields[0].end;
                    if !blank {
                        return Ok(true);
                    }
                }
                Scan::NeedMore if self.ended => return Ok(false),
                Scan::NeedMore => self.refill()?,
            }
        }
    }

    /// The bytes of a field of the present row.
    pub fn field(&self, at: usize) -> Cow<'_, [u8]> {
        let field = self.fields[at];
        let raw = &self.buffer[field.start..field.end];
        if !field.doubled {
            return Cow::Borrowed(raw);
        }
        let mut single = Vec::with_capacity(raw.len());
        let mut bytes = raw.iter();
        while let Some(&byte) = bytes.next() {
            single.push(byte);
            if byte == b'"' {
                bytes.next();
            }
        }
        Cow::Owned(single)
    }

    fn refill(&mut self) -> Result<(), SimError> {
        self.buffer.copy_within(self.start..self.filled, 0);
        self.filled -= self.start;
        self.start = 0;
        if self.filled >= ROW_MAX {
            return Err(SimError::row(self.row + 1, "longer than a megabyte: a quote is not closed"));
        }
        if self.buffer.len() - self.filled < CHUNK / 2 {
            self.buffer.resize(self.buffer.len() + CHUNK, 0);
        }
        while self.filled < self.buffer.len() {
            match self.source.read(&mut self.buffer[self.filled..]) {
                Ok(0) => {
                    self.ended = true;
                    return Ok(());
                }
                Ok(count) => self.filled += count,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let what = match error.kind() {
                        std::io::ErrorKind::UnexpectedEof => "the compressed file ends too early".to_owned(),
                        _ => format!("cannot be read: {error}"),
                    };
                    return Err(SimError::row(self.row + 1, what));
                }
            }
        }
        Ok(())
    }

    /// Finds the fields of the row at `start`.
    fn scan(&mut self) -> Result<Scan, SimError> {
        self.fields.clear();
        let bytes = &self.buffer[..self.filled];
        let mut at = self.start;
        if at == bytes.len() {
            return Ok(Scan::NeedMore);
        }
        loop {
            let start = at;
            if bytes.get(at) == Some(&b'"') {
                let Some((end, doubled)) = end_of_quoted(bytes, at + 1) else {
                    return self.cut_in_quotes();
                };
                self.fields.push(Field { start: start + 1, end, doubled });
                at = end + 1;
            } else {
                at = end_of_plain(bytes, at, self.delimiter);
                let end = if at > start && at < bytes.len() && bytes[at] == b'\n' && bytes[at - 1] == b'\r' {
                    at - 1
                } else {
                    at
                };
                self.fields.push(Field { start, end, doubled: false });
            }
            match bytes.get(at) {
                Some(&b) if b == self.delimiter => at += 1,
                Some(b'\n') => return Ok(Scan::Row { next: at + 1, closed: true }),
                Some(b'\r') if bytes.get(at + 1) == Some(&b'\n') => {
                    return Ok(Scan::Row { next: at + 2, closed: true });
                }
                None if self.ended => return Ok(Scan::Row { next: at, closed: false }),
                None => return Ok(Scan::NeedMore),
                Some(b'\r') if at + 1 == bytes.len() && !self.ended => return Ok(Scan::NeedMore),
                Some(_) => {
                    return Err(SimError::row(self.row + 1, "text after a closing quote"));
                }
            }
        }
    }

    fn cut_in_quotes(&self) -> Result<Scan, SimError> {
        if self.ended {
            return Err(SimError::row(self.row + 1, "a quote is not closed: the file may be cut off"));
        }
        Ok(Scan::NeedMore)
    }
}

/// Where the delimiter or the line end after `at` stands, or the end of the bytes. Eight bytes are looked
/// at in one word: a byte that is zero after the comparison borrows from the bit above it.
fn end_of_plain(bytes: &[u8], mut at: usize, delimiter: u8) -> usize {
    const ONES: u64 = u64::from_le_bytes([0x01; 8]);
    const HIGHS: u64 = u64::from_le_bytes([0x80; 8]);
    let zeroes = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let (delimiters, ends) = (ONES * u64::from(delimiter), ONES * u64::from(b'\n'));
    while let Some(chunk) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*chunk);
        let found = zeroes(word ^ delimiters) | zeroes(word ^ ends);
        if found != 0 {
            // The lowest mark is exact; only those above a found byte may be false.
            return at + found.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let tail = bytes[at..].iter().position(|&b| b == delimiter || b == b'\n');
    tail.map_or(bytes.len(), |found| at + found)
}

/// The closing quote of a field whose text starts at `at`, and whether it holds doubled quotes. `None` when
/// more bytes are needed to know.
fn end_of_quoted(bytes: &[u8], mut at: usize) -> Option<(usize, bool)> {
    let mut doubled = false;
    loop {
        at += bytes.get(at..)?.iter().position(|&b| b == b'"')?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some((at, doubled));
        }
        doubled = true;
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Result<Vec<Vec<String>>, SimError> {
        let mut records = Records::new(text.as_bytes(), b',');
        let mut out = Vec::new();
        while records.advance()? {
            out.push(
                (0..records.len()).map(|i| String::from_utf8_lossy(&records.field(i)).into_owned()).collect(),
            );
        }
        Ok(out)
    }

    #[test]
    fn quotes_line_ends_and_empty_fields_are_read() {
        let text = "a,b,c\r\n1,\"x, \"\"y\"\"\nz\",\r\n\n,,\n\"\",2,\"3\"";
        let expected: Vec<Vec<&str>> =
            vec![vec!["a", "b", "c"], vec!["1", "x, \"y\"\nz", ""], vec!["", "", ""], vec!["", "2", "3"]];
        assert_eq!(rows(text).unwrap(), expected);
    }

    #[test]
    fn a_quote_never_closed_is_an_error_with_its_row() {
        assert!(rows("a,b\n1,\"x").unwrap_err().to_string().starts_with("row 2: a quote is not closed"));
        assert!(rows("a,b\n1,\"x\"y\n").unwrap_err().to_string().starts_with("row 2: text after"));
    }

    #[test]
    fn the_end_of_a_field_is_where_the_first_delimiter_stands() {
        for text in [
            "",
            "a",
            ",",
            "ab\u{1}\u{b}\u{2c}-\u{2d},x",
            "0123456789abcdef\n,",
            "-,-\n0123456789",
            "é\u{ac}€,",
        ] {
            for start in 0..text.len() {
                let bytes = text.as_bytes();
                let slow = bytes[start..].iter().position(|&b| b == b',' || b == b'\n');
                let expected = slow.map_or(bytes.len(), |found| start + found);
                assert_eq!(end_of_plain(bytes, start, b','), expected, "{text} from {start}");
            }
        }
    }

    #[test]
    fn rows_across_chunks_are_whole() {
        let line = format!("{},\"{}\"\n", "k".repeat(70), "v\"\"".repeat(50));
        let text = line.repeat(5_000);
        let all = rows(&text).unwrap();
        assert_eq!(all.len(), 5_000);
        assert!(all.iter().all(|r| r.len() == 2 && r[0].len() == 70 && r[1].len() == 100));
    }
}
