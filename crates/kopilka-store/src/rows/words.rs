//! The words of a name, by which a person is found.
//!
//! Invariant: a name and what is asked for are cut and folded alike, so a name is found by the beginning of
//! any of its words, in any order and whatever the case.

/// Names of more words than these are whole families; nobody asks for the ninth.
const WORDS_MAX: usize = 8;
/// Letters of a word that are kept: the longest surnames have some thirty.
const LETTERS_MAX: usize = 40;

/// Each once, in lower case; `ё` is written as `е`, as most people write it.
pub fn words_of_name(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        let folded = word.chars().flat_map(char::to_lowercase).map(|c| if c == 'ё' { 'е' } else { c });
        let folded: String = folded.take(LETTERS_MAX).collect();
        if !words.contains(&folded) {
            words.push(folded);
        }
        if words.len() == WORDS_MAX {
            break;
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_cut_at_whatever_is_no_letter() {
        for (name, words) in [
            ("Пётр  Иванов-Водкин", &["петр", "иванов", "водкин"][..]),
            ("O'Neil, ANNA anna", &["o", "neil", "anna"]),
            ("", &[]),
            (" \u{0}<>%_ ", &[]),
            ("a b c d e f g h i j", &["a", "b", "c", "d", "e", "f", "g", "h"]),
        ] {
            assert_eq!(words_of_name(name), words, "{name}");
        }
        assert_eq!(words_of_name(&"Я".repeat(300)), ["я".repeat(40)]);
    }
}
