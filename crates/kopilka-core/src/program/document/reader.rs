//! The typed layer over the tree: maps of known words, and complaints where a word is not known.
//!
//! Invariant: opening a map judges every word in it, so a reader cannot leave one unread.

use super::node::{Data, Field, Node, shortened};
use super::vocabulary::{self, Block, Kind, meant, nearest_of};
use crate::program::Text;
use crate::program::diagnostics::{Findings, Place};

/// A map whose words have been judged.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    pub findings: &'a Findings,
    pub place: Place,
    block: Block,
    fields: &'a [Field],
}

impl Findings {
    /// The node as a map of the block's words; complains of other nodes and of words it does not know.
    pub fn fields<'a>(&'a self, node: &'a Node, block: Block) -> Option<Fields<'a>> {
        let Data::Map(fields) = &node.data else {
            self.wrong_kind(node, Kind::Map(block));
            return None;
        };
        for field in fields {
            self.judge(field, block);
        }
        Some(Fields { findings: self, place: node.place, block, fields })
    }

    fn judge(&self, field: &Field, block: Block) {
        if vocabulary::find(block, &field.word).is_none() {
            self.unknown_word(&field.word, field.place, block);
        }
    }

    /// Complains of a word that the block does not have: planned, misspelt, or from elsewhere.
    pub fn unknown_word(&self, word: &str, place: Place, block: Block) {
        let argument = [("word", Text::both(shortened(word)))];
        if vocabulary::is_later(block, word) {
            self.report("not_supported_yet", place, &argument);
        } else if self.is_full() {
            // Counted, not shown: no advice is needed.
            self.report("unknown_word", place, &argument);
        } else {
            self.report_with_fix("unknown_word", place, &argument, advice(word, block));
        }
    }
    /// Whether a name is among the known ones; one that is not is told with the nearest. `code` has one
    /// argument, the name.
    pub fn knows<'k>(
        &self,
        name: &str,
        place: Place,
        known: impl Iterator<Item = &'k str> + Clone,
        (code, argument): (&'static str, &'static str),
    ) -> bool {
        if known.clone().any(|k| k == name) {
            return true;
        }
        let argument = [(argument, Text::both(name))];
        match nearest_of(name, known) {
            Some(near) => self.report_with_fix(code, place, &argument, meant(near)),
            None => self.report(code, place, &argument),
        }
        false
    }

    pub fn wrong_kind(&self, node: &Node, expected: Kind) {
        let name = vocabulary::kind_name(expected);
        if let (Kind::List(Kind::Map(_)), Data::Map(_)) = (expected, &node.data) {
            let arguments = [("expected", name), ("found", node.description())];
            let fix = Text::of("begin each item with `- `", "начинайте каждый пункт с `- `");
            return self.report_with_fix("wrong_kind", node.place, &arguments, fix);
        }
        self.wrong(node, name);
    }
    pub fn wrong(&self, node: &Node, expected: Text) {
        let arguments = [("expected", expected), ("found", node.description())];
        self.report("wrong_kind", node.place, &arguments);
    }

    /// The items of a list; complains of anything else. At most `most`, named `what` in the complaint.
    pub fn items<'a>(&self, node: &'a Node, kind: Kind, most: usize, what: Text) -> &'a [Node] {
        let Data::List(items) = &node.data else {
            self.wrong_kind(node, kind);
            return &[];
        };
        self.at_most(node.place, items, most, what)
    }
    /// The first `most` of the items; complains when there are more.
    pub fn at_most<'a>(&self, place: Place, items: &'a [Node], most: usize, what: Text) -> &'a [Node] {
        if items.len() <= most {
            return items;
        }
        self.report("too_many", place, &[("limit", Text::both(most.to_string())), ("what", what)]);
        &items[..most]
    }
}

fn advice(word: &str, block: Block) -> Text {
    if let Some(near) = vocabulary::nearest(block, word) {
        return vocabulary::meant(near);
    }
    if let Some(way) = vocabulary::way_to(block, word) {
        let way: Vec<String> = way.iter().map(|word| format!("`{word}`")).collect();
        let way = way.join(" → ");
        return Text::of(format!("it belongs into {way}"), format!("его место в {way}"));
    }
    known_here(block)
}

/// How several words of this block are written, or which one may stand here.
fn one_word_of(block: Block, count: usize) -> Text {
    match block {
        Block::Condition if count > 1 => {
            Text::of("put several conditions into `all: [ … ]`", "несколько условий пишут в `all: [ … ]`")
        }
        Block::Effect if count > 1 => Text::of(
            "write several effects as separate items of the list",
            "несколько действий пишут отдельными пунктами списка",
        ),
        _ => known_here(block),
    }
}

fn known_here(block: Block) -> Text {
    let listed = vocabulary::listed(block);
    Text::of(format!("known here: {listed}"), format!("здесь известны: {listed}"))
}

impl<'a> Fields<'a> {
    /// What follows a word, if it stands here.
    pub fn optional(&self, word: &'static str) -> Option<&'a Node> {
        self.field(word).map(|f| &f.value)
    }
    /// What follows a word that must stand here.
    pub fn required(&self, word: &'static str) -> Option<&'a Node> {
        let found = self.optional(word);
        if found.is_none() {
            self.missing(word);
        }
        found
    }
    /// Complains that a word is not there; not when it stands here misspelt, which has been told already.
    pub fn missing(&self, word: &'static str) {
        let misspelt = |f: &Field| vocabulary::nearest(self.block, &f.word) == Some(word);
        if self.present().any(misspelt) {
            return;
        }
        let meaning = vocabulary::find(self.block, word).map_or_else(Text::default, |w| w.meaning());
        self.findings.report("missing_word", self.place, &[("word", Text::both(word)), ("meaning", meaning)]);
    }
    /// Complains that none of these words is there; not when one stands here misspelt.
    pub fn missing_one_of(&self, words: &[&'static str]) {
        let misspelt =
            |f: &Field| vocabulary::nearest(self.block, &f.word).is_some_and(|near| words.contains(&near));
        if !self.present().any(misspelt) {
            let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
            self.findings.report("missing_one_of", self.place, &[("words", Text::both(quoted.join(", ")))]);
        }
    }
    /// The place of the word itself.
    pub fn place_of(&self, word: &'static str) -> Option<Place> {
        self.field(word).map(|f| f.place)
    }
    pub fn has(&self, word: &'static str) -> bool {
        self.field(word).is_some()
    }
    /// What stands two words deep, without judging it again.
    pub fn peek(&self, word: &'static str, inner: &str) -> Option<&'a Node> {
        let Data::Map(fields) = &self.optional(word)?.data else { return None };
        fields.iter().find(|f| f.word == inner).map(|f| &f.value)
    }
    /// The words that stand here, `note` excepted.
    pub fn present(&self) -> impl Iterator<Item = &'a Field> {
        let fields = self.fields;
        fields.iter().filter(|f| f.word != "note")
    }
    /// Reads what follows a word, if it stands here.
    pub fn read<T>(
        &self,
        word: &'static str,
        read: impl FnOnce(&Findings, &'a Node) -> Option<T>,
    ) -> Option<T> {
        read(self.findings, self.optional(word)?)
    }
    /// The map that follows a word, if it stands here.
    pub fn map(&self, word: &'static str, block: Block) -> Option<Fields<'a>> {
        self.findings.fields(self.optional(word)?, block)
    }
    /// Complains when both words stand here; the second is the one in the wrong place.
    pub fn not_both(&self, first: &'static str, second: &'static str) {
        if let (Some(_), Some(place)) = (self.place_of(first), self.place_of(second)) {
            let arguments = [("first", Text::both(first)), ("second", Text::both(second))];
            self.findings.report("words_conflict", place, &arguments);
        }
    }
    /// Complains of every one of the words but the first that stands here.
    pub fn only_one_of(&self, words: &[&'static str]) {
        let mut standing = words.iter().filter(|word| self.has(word));
        let Some(first) = standing.next() else { return };
        standing.for_each(|word| self.not_both(first, word));
    }
    /// Complains when `word` stands here without `companion`.
    pub fn needs(&self, word: &'static str, companion: &'static str) {
        if let (Some(place), false) = (self.place_of(word), self.has(companion)) {
            let arguments = [("word", Text::both(word)), ("companion", Text::both(companion))];
            self.findings.report("word_without_companion", place, &arguments);
        }
    }
    /// The one word that stands here; complains of none or several. Unknown words have been told already.
    pub fn only_word(&self) -> Option<&'a Field> {
        let mut present = self.present();
        match (present.next(), self.present().count()) {
            (Some(field), 1) => vocabulary::find(self.block, &field.word).is_some().then_some(field),
            (_, count) => {
                let arguments = [("count", Text::both(count.to_string()))];
                let fix = one_word_of(self.block, count);
                self.findings.report_with_fix("one_word_expected", self.place, &arguments, fix);
                None
            }
        }
    }

    fn field(&self, word: &'static str) -> Option<&'a Field> {
        debug_assert!(
            vocabulary::find(self.block, word).is_some(),
            "{word} is not a word of {:?}",
            self.block
        );
        self.fields.iter().find(|f| f.word == word)
    }
}
