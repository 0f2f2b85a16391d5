//! JSON writes a letter beyond 16 bits as two escapes, `\ud83c\udf81`; YAML knows only `\U0001F381`.
//!
//! Invariant: texts and places come out as if the parser understood both.

use std::borrow::Cow;

/// A pair is twelve characters long, what stands for it ten.
const SHIFT: u32 = 2;

/// The text with such pairs rewritten, and after which place columns of a line are to be moved back.
#[derive(Debug)]
pub(super) struct Rewritten<'a> {
    pub text: Cow<'a, str>,
    /// Line and column (from 1) in the rewritten text, in order.
    shifts: Vec<(u32, u32)>,
}

impl Rewritten<'_> {
    pub fn new(text: &str) -> Rewritten<'_> {
        // YAML by hand writes the letter itself; in its single quotes a backslash is no escape at all.
        let json = text.trim_start().starts_with('{');
        if !json || !(text.contains("\\ud") || text.contains("\\uD")) {
            return Rewritten { text: Cow::Borrowed(text), shifts: Vec::new() };
        }
        let (mut out, mut shifts) = (String::with_capacity(text.len()), Vec::new());
        let (mut line, mut column) = (1, 1);
        let mut rest = text;
        while let Some(letter) = rest.chars().next() {
            let taken = match pair(rest) {
                Some(whole) => {
                    shifts.push((line, column));
                    out.push_str(&format!("\\U{whole:08X}"));
                    column += 12 - SHIFT;
                    12
                }
                // An escaped backslash is one letter: what follows it is no escape.
                None if rest.starts_with("\\\\") => {
                    out.push_str("\\\\");
                    column += 2;
                    2
                }
                None => {
                    out.push(letter);
                    (line, column) = if letter == '\n' { (line + 1, 1) } else { (line, column + 1) };
                    letter.len_utf8()
                }
            };
            rest = &rest[taken..];
        }
        Rewritten { text: Cow::Owned(out), shifts }
    }

    /// The column in the text as it was given.
    pub fn column(&self, line: u32, column: u32) -> u32 {
        let up_to = |column| self.shifts.partition_point(|shift| *shift < (line, column));
        let before = up_to(column) - up_to(0);
        column.saturating_add(u32::try_from(before).unwrap_or(0).saturating_mul(SHIFT))
    }
}

/// The letter of two escapes at the beginning of the text.
fn pair(text: &str) -> Option<u32> {
    let escape = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok().filter(|_| digits.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    let (high, low) = (escape(0)?, escape(6)?);
    let whole = || 0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00);
    ((0xD800..0xDC00).contains(&high) && (0xDC00..0xE000).contains(&low)).then(whole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_become_one_letter_and_columns_stay() {
        let rewritten = Rewritten::new("{\n\"\\ud83c\\udf81\" b \"\\\\ud83c\"");
        assert_eq!(rewritten.text, "{\n\"\\U0001F381\" b \"\\\\ud83c\"");
        // `b` stands in column 16 of what was given, 14 of what is parsed.
        assert_eq!((rewritten.column(2, 14), rewritten.column(2, 2), rewritten.column(1, 1)), (16, 2, 1));
    }
}
