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

/// One text in the table: those of at most eight bytes lie here whole, so that finding one of a million
/// customers touches one line of memory.
#[derive(Debug, Clone, Copy, Default)]
struct Slot {
    /// The bytes of a short text, the hash of a longer one.
    word: u64,
    length: u32,
    /// One more than the number; 0 is an empty slot.
    number: u32,
}

/// Up to this many bytes a text lies in its slot.
const IN_PLACE: usize = 8;

/// Texts numbered from 0.
#[derive(Debug, Default)]
pub(crate) struct Texts {
    /// A power of two of slots, at most half of them full; the next free slot is taken.
    slots: Vec<Slot>,
    arena: Vec<u8>,
    ends: Vec<usize>,
    /// Rows of one order or customer mostly follow each other. A copy of its slot, so that looking costs no
    /// memory that nobody else needs.
    last: Slot,
}

impl Texts {
    /// The number of a text; `None` only after four billion different ones.
    pub fn number(&mut self, text: &[u8]) -> Option<u32> {
        let wanted = slot_of(text)?;
        if self.is_at(self.last, wanted, text) {
            return Some(self.last.number - 1);
        }
        if self.ends.len() * 2 >= self.slots.len() {
            self.grow();
        }
        let mut at = self.place(wanted.word);
        loop {
            let slot = self.slots[at];
            if slot.number == 0 {
                break;
            }
            if self.is_at(slot, wanted, text) {
                self.last = slot;
                return Some(slot.number - 1);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
        let number = u32::try_from(self.ends.len()).ok().filter(|n| *n < u32::MAX)?;
        self.last = Slot { number: number + 1, ..wanted };
        self.slots[at] = self.last;
        self.arena.extend_from_slice(text);
        self.ends.push(self.arena.len());
        Some(number)
    }
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    fn is_at(&self, slot: Slot, wanted: Slot, text: &[u8]) -> bool {
        slot.number > 0
            && slot.word == wanted.word
            && slot.length == wanted.length
            && (text.len() <= IN_PLACE || self.bytes(slot.number - 1) == text)
    }
    fn place(&self, word: u64) -> usize {
        // The high bits of a product depend on all bits of the word.
        (word.wrapping_mul(SPREAD) >> 32) as usize & (self.slots.len() - 1)
    }
    fn grow(&mut self) {
        let larger = (self.slots.len() * 2).max(64);
        let old = std::mem::replace(&mut self.slots, vec![Slot::default(); larger]);
        for slot in old.into_iter().filter(|slot| slot.number > 0) {
            let mut at = self.place(slot.word);
            while self.slots[at].number > 0 {
                at = (at + 1) & (larger - 1);
            }
            self.slots[at] = slot;
        }
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
        self.slots = Vec::new();
    }
}

fn slot_of(text: &[u8]) -> Option<Slot> {
    let mut bytes = [0_u8; IN_PLACE];
    let word = if text.len() <= IN_PLACE {
        bytes[..text.len()].copy_from_slice(text);
        u64::from_le_bytes(bytes)
    } else {
        let mut hasher = ShortHasher::default();
        hasher.write(text);
        hasher.finish()
    };
    Some(Slot { word, length: u32::try_from(text.len()).ok()?, number: 0 })
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

    #[test]
    fn many_texts_of_all_lengths_are_found_again() {
        let mut texts = Texts::default();
        let text = |i: u32| format!("{}{i}", "x".repeat(i as usize % 13));
        for round in 0..2 {
            for i in 0..5_000 {
                assert_eq!(texts.number(text(i).as_bytes()), Some(i), "{round}");
            }
        }
        assert_eq!(texts.number(b"x\0"), Some(5_000), "a zero byte is a byte");
        assert_eq!(texts.text(4_999), text(4_999));
    }
}
