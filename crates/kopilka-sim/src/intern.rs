//! Texts as small numbers: every customer, order and article is stored once, in order of first appearance.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

/// A fast hash for short keys. The keys come from a file its owner replays, so flooding is no concern.
#[derive(Debug, Default, Clone, Copy)]
pub(crate) struct ShortHasher(u64);

const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

impl ShortHasher {
    fn mix(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(23) ^ word).wrapping_mul(SPREAD);
    }
}

impl Hasher for ShortHasher {
    fn write(&mut self, bytes: &[u8]) {
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            self.mix(u64::from_le_bytes(chunk.try_into().unwrap_or_default()));
        }
        let mut tail = [0_u8; 8];
        let rest = chunks.remainder();
        tail[..rest.len()].copy_from_slice(rest);
        self.mix(u64::from_le_bytes(tail) ^ (bytes.len() as u64) << 56);
    }
    fn write_u32(&mut self, value: u32) {
        self.mix(u64::from(value));
    }
    fn write_usize(&mut self, value: usize) {
        self.mix(value as u64);
    }
    fn finish(&self) -> u64 {
        self.0 ^ (self.0 >> 29)
    }
}

pub(crate) type ShortMap<K, V> = HashMap<K, V, BuildHasherDefault<ShortHasher>>;

/// Texts numbered from 0.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    numbers: ShortMap<Box<[u8]>, u32>,
    arena: Vec<u8>,
    ends: Vec<usize>,
    /// Rows of one order or customer mostly follow each other.
    last: u32,
}

impl Texts {
    /// The number of a text; `None` only after four billion different ones.
    pub fn number(&mut self, text: &[u8]) -> Option<u32> {
        if !self.ends.is_empty() && self.bytes(self.last) == text {
            return Some(self.last);
        }
        if let Some(&known) = self.numbers.get(text) {
            self.last = known;
            return Some(known);
        }
        let number = u32::try_from(self.ends.len()).ok()?;
        self.numbers.insert(text.into(), number);
        self.arena.extend_from_slice(text);
        self.ends.push(self.arena.len());
        self.last = number;
        Some(number)
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    fn bytes(&self, number: u32) -> &[u8] {
        let at = number as usize;
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.arena[start..self.ends[at]]
    }
    /// The text as it was read; bytes that are no UTF-8 are shown as replacement characters.
    pub fn text(&self, number: u32) -> std::borrow::Cow<'_, str> {
        String::from_utf8_lossy(self.bytes(number))
    }
    /// Gives back the memory of the look-up once everything is read.
    pub fn seal(&mut self) {
        self.numbers = ShortMap::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_texts_have_equal_numbers() {
        let mut texts = Texts::default();
        let numbers: Vec<_> =
            ["a", "b", "a", "", "long text of some words", ""].map(|t| texts.number(t.as_bytes())).into();
        assert_eq!(numbers, [0, 1, 0, 2, 3, 2].map(Some));
        assert_eq!(texts.text(3), "long text of some words");
        assert_eq!(texts.len(), 4);
    }
}
