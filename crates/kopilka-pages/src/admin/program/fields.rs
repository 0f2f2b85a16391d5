//! A part of a document as fields of a form, by the vocabulary of documents.
//!
//! Invariant: every value of the part is in some field; what no field of its own fits stands as the text it
//! is, so nothing is lost and nothing is hidden.

use super::known::Known;
use super::problems::Said;
use kopilka_core::program::document::vocabulary::{self, Block, Kind};
use kopilka_core::program::source::{Form, Part, Source, shown};
use kopilka_core::program::terms::capital;
use kopilka_core::words::Language;

/// One thing of a form. Fields of a map stand between its opening and its close.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub field: Field,
    /// JSON pointer of the value, without the slash it begins with.
    pub at: String,
    pub label: String,
    /// The word of the document.
    pub word: String,
    pub hint: String,
    pub removable: bool,
    /// What its own button takes away: itself, or the item that it is the whole of.
    pub removes: String,
    pub problems: Vec<Said>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Field {
    Open,
    Close,
    Text {
        value: String,
        kind: &'static str,
        list: &'static str,
    },
    /// `name` tells how a choice is written: `w` where it may be a map.
    Choice {
        name: &'static str,
        options: Vec<Choice>,
    },
    Many {
        options: Vec<Choice>,
        list: &'static str,
        open: bool,
    },
    Both {
        en: String,
        ru: String,
    },
    Raw {
        text: String,
        lines: usize,
    },
    /// What can be added here: `act` is how.
    Add {
        act: &'static str,
        options: Vec<Choice>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    pub chosen: bool,
}

/// What a value is called in the form.
#[derive(Clone, Copy)]
struct Title<'a> {
    block: Block,
    word: &'a str,
    label: &'a str,
    removable: bool,
}

/// Maps that have exactly one word: it is chosen, then filled in.
const OF_ONE_WORD: &[Block] = &[Block::WhenMap];

pub struct Fields<'a> {
    pub source: &'a Source,
    pub known: &'a Known,
    pub language: Language,
    pub rows: Vec<Row>,
    /// Words that fields of a list of conditions are added by.
    pub add_condition: String,
    pub add_item: String,
    pub add_word: String,
}

impl Fields<'_> {
    /// The words of a map, without a frame around them.
    pub fn words(&mut self, part: &Part, block: Block, at: &str) {
        for entry in part.entries() {
            let Some(word) = vocabulary::find(block, &entry.word) else {
                self.raw(&entry.value, &below(at, &entry.word), self.unknown(&entry.word, block));
                continue;
            };
            let label = self.meaning(word);
            let removable = !word.required;
            let title = Title { block, word: word.word, label: &label, removable };
            self.part(&entry.value, word.kind, &below(at, word.word), title);
        }
        self.adds(part, block, at);
    }

    /// Only these words of the document itself.
    pub fn settings(&mut self, part: &Part, wanted: impl Fn(&str) -> bool) {
        for entry in part.entries().iter().filter(|entry| wanted(&entry.word)) {
            let Some(word) = vocabulary::find(Block::Document, &entry.word) else { continue };
            let label = self.meaning(word);
            let title =
                Title { block: Block::Document, word: word.word, label: &label, removable: !word.required };
            self.part(&entry.value, word.kind, &below("", word.word), title);
        }
    }

    /// A value of a kind.
    pub fn of_kind(&mut self, part: &Part, kind: Kind, at: &str, (block, word): (Block, &str)) {
        let label = vocabulary::find(block, word).map_or_else(String::new, |word| self.meaning(word));
        self.part(part, kind, at, Title { block, word, label: &label, removable: false });
    }

    fn meaning(&self, word: &vocabulary::Word) -> String {
        // What stands when the word is absent is no part of its name.
        let meaning = word.meaning();
        let told = self.language.of(&meaning);
        capital(told.split_once("; ").map_or(told, |(name, _)| name)).replace('`', "")
    }
    fn unknown<'t>(&self, word: &'t str, block: Block) -> Title<'t> {
        Title { block, word, label: word, removable: true }
    }

    fn part(&mut self, part: &Part, kind: Kind, at: &str, title: Title<'_>) {
        match (kind, &part.form) {
            (Kind::Map(block), Form::Map(_)) => self.map(part, block, at, title),
            (Kind::List(Kind::Map(block)), Form::List(items)) => self.list(items, *block, at, title),
            (Kind::List(inner) | Kind::OneOrMany(inner), _) if is_names(part) => {
                self.many(part, *inner, at, title);
            }
            (Kind::Words(block), Form::Scalar { text, .. }) => {
                let options = self.options(&[block], text);
                self.push(Field::Choice { name: "v", options }, at, title, String::new());
            }
            (Kind::Truth, Form::Scalar { text, .. }) => {
                let options = self.truth(text);
                self.push(Field::Choice { name: "v", options }, at, title, String::new());
            }
            (Kind::Localized, _) if is_localized(part) => self.both(part, at, title),
            (Kind::Either(kinds), _) => self.either(part, kinds, at, title),
            (kind, Form::Scalar { .. }) => self.text(part, kind, at, title),
            _ => self.raw(part, at, title),
        }
    }

    /// A value of one of several kinds: as what it is now.
    fn either(&mut self, part: &Part, kinds: &'static [Kind], at: &str, title: Title<'_>) {
        if let [Kind::Words(words), Kind::Map(map)] = kinds
            && OF_ONE_WORD.contains(map)
        {
            let now = match (&part.form, part.entries().first()) {
                (Form::Scalar { text, .. }, _) => text.clone(),
                (_, Some(entry)) => format!("+{}", entry.word),
                _ => String::new(),
            };
            let mut options = self.options(&[*words], &now);
            for word in vocabulary::words_of(*map).filter(|w| vocabulary::find(*words, w.word).is_none()) {
                let value = format!("+{}", word.word);
                options.push(Choice { chosen: value == now, label: self.meaning(word), value });
            }
            if !options.iter().any(|option| option.chosen) {
                options.push(Choice {
                    chosen: true,
                    label: now.trim_start_matches('+').to_owned(),
                    value: now,
                });
            }
            self.push(Field::Choice { name: "w", options }, at, title, String::new());
            if let Form::Map(entries) = &part.form {
                for entry in entries {
                    let Some(word) = vocabulary::find(*map, &entry.word) else { continue };
                    let label = self.meaning(word);
                    let title = Title { block: *map, word: word.word, label: &label, removable: false };
                    self.part(&entry.value, word.kind, &below(at, &entry.word), title);
                }
            }
            return;
        }
        let fits = |kind: &&Kind| match (kind, &part.form) {
            (Kind::Map(_), Form::Map(_)) | (Kind::List(_) | Kind::OneOrMany(_), Form::List(_)) => true,
            (Kind::Words(block), Form::Scalar { text, .. }) => {
                // One of a few words, where nothing else than them could be written.
                kinds.iter().all(|k| matches!(k, Kind::Words(_) | Kind::Map(_)))
                    && vocabulary::find(*block, text).is_some()
            }
            (Kind::Words(_) | Kind::Map(_) | Kind::List(_), _) => false,
            (_, Form::Scalar { .. }) => true,
            _ => false,
        };
        match kinds.iter().find(fits) {
            Some(kind) => self.part(part, *kind, at, title),
            None if part.scalar().is_some() => self.text(part, Kind::Either(kinds), at, title),
            None => self.raw(part, at, title),
        }
    }

    fn map(&mut self, part: &Part, block: Block, at: &str, title: Title<'_>) {
        // A condition or an effect is one word: its own frame would say nothing more.
        if matches!(block, Block::Condition | Block::Effect)
            && let [entry] = part.entries()
            && let Some(word) = vocabulary::find(block, &entry.word)
        {
            let label = self.meaning(word);
            let title = Title { block, word: word.word, label: &label, removable: true };
            let first = self.rows.len();
            self.part(&entry.value, word.kind, &below(at, &entry.word), title);
            // What is taken away is the whole item, not the word in it.
            if let Some(row) = self.rows.get_mut(first) {
                row.removes = at.trim_start_matches('/').to_owned();
            }
            return;
        }
        self.push(Field::Open, at, title, String::new());
        self.words(part, block, at);
        self.push(Field::Close, at, title, String::new());
    }

    fn list(&mut self, items: &[Part], block: Block, at: &str, title: Title<'_>) {
        self.push(Field::Open, at, title, String::new());
        for (i, item) in items.iter().enumerate() {
            let label = match item.said("id") {
                "" => format!("{}.", i + 1),
                id => id.to_owned(),
            };
            let title = Title { block, word: "", label: &label, removable: true };
            self.part(item, Kind::Map(block), &format!("{at}/{i}"), title);
        }
        let options = match block {
            Block::Condition | Block::Effect => self.choices(block, |_| true),
            _ => Vec::new(),
        };
        let label = match block {
            Block::Condition => self.add_condition.clone(),
            _ => self.add_item.clone(),
        };
        let add = Title { block, word: "", label: &label, removable: false };
        self.push(Field::Add { act: "item", options }, at, add, String::new());
        self.push(Field::Close, at, title, String::new());
    }

    /// Names, of which some are known.
    fn many(&mut self, part: &Part, inner: Kind, at: &str, title: Title<'_>) {
        let now: Vec<&str> = match &part.form {
            Form::List(items) => items.iter().filter_map(Part::scalar).collect(),
            _ => part.scalar().into_iter().collect(),
        };
        let list = Known::for_word(title.block, title.word);
        let mut options: Vec<Choice> = match (inner, list) {
            (Kind::Words(block), _) => self.options(&[block], ""),
            (_, Some((list, true))) => self.known.list(list).iter().map(|name| own(name)).collect(),
            _ => Vec::new(),
        };
        for name in now {
            match options.iter_mut().find(|option| option.value == name) {
                Some(option) => option.chosen = true,
                None => options.push(Choice { chosen: true, ..own(name) }),
            }
        }
        let open = !matches!(inner, Kind::Words(_));
        let list = list.map_or("", |(list, _)| list);
        self.push(Field::Many { options, list, open }, at, title, String::new());
    }

    fn both(&mut self, part: &Part, at: &str, title: Title<'_>) {
        let (en, ru) = match part.scalar() {
            Some(text) => (text, text),
            None => (part.said("en"), part.said("ru")),
        };
        self.push(Field::Both { en: en.to_owned(), ru: ru.to_owned() }, at, title, String::new());
    }

    fn text(&mut self, part: &Part, kind: Kind, at: &str, title: Title<'_>) {
        let list = Known::for_word(title.block, title.word).map_or("", |(list, _)| list);
        let input = if matches!(kind, Kind::Day) { "date" } else { "text" };
        let hint = match kind {
            Kind::Text | Kind::Id | Kind::Day => String::new(),
            kind => capital(self.language.of(&vocabulary::kind_name(kind))).replace('`', ""),
        };
        self.push(Field::Text { value: shown(part), kind: input, list }, at, title, hint);
    }

    fn raw(&mut self, part: &Part, at: &str, title: Title<'_>) {
        let text = self.source.alone(part);
        let lines = text.lines().count().clamp(1, 20);
        self.push(Field::Raw { text, lines }, at, title, String::new());
    }

    /// Words of a map that are not there yet.
    fn adds(&mut self, part: &Part, block: Block, at: &str) {
        let has_conditions = vocabulary::find(block, "if").is_some();
        if has_conditions {
            let options = self.choices(Block::Condition, |_| true);
            let label = self.add_condition.clone();
            let title = Title { block, word: "", label: &label, removable: false };
            self.push(Field::Add { act: "cond", options }, at, title, String::new());
        }
        let options = self.choices(block, |word| part.get(word).is_none() && word != "if");
        if !options.is_empty() && !matches!(block, Block::Condition | Block::Effect) {
            let label = self.add_word.clone();
            let title = Title { block, word: "", label: &label, removable: false };
            self.push(Field::Add { act: "word", options }, at, title, String::new());
        }
    }

    fn choices(&self, block: Block, wanted: impl Fn(&str) -> bool) -> Vec<Choice> {
        let words = vocabulary::words_of(block).filter(|word| wanted(word.word));
        words.map(|w| Choice { value: w.word.to_owned(), label: self.meaning(w), chosen: false }).collect()
    }
    fn options(&self, blocks: &[Block], now: &str) -> Vec<Choice> {
        let words = blocks.iter().flat_map(|block| vocabulary::words_of(*block));
        let mut options: Vec<Choice> = words
            .map(|w| Choice { value: w.word.to_owned(), label: self.meaning(w), chosen: w.word == now })
            .collect();
        if !now.is_empty() && !now.starts_with('+') && !options.iter().any(|option| option.chosen) {
            options.push(Choice { chosen: true, ..own(now) });
        }
        options
    }
    fn truth(&self, now: &str) -> Vec<Choice> {
        let (yes, no) = match self.language {
            Language::En => ("yes", "no"),
            Language::Ru => ("да", "нет"),
        };
        let option = |value: &str, label: &str| Choice {
            value: value.to_owned(),
            label: label.to_owned(),
            chosen: value == now,
        };
        let mut options = vec![option("true", yes), option("false", no)];
        if !options.iter().any(|option| option.chosen) {
            options.push(Choice { chosen: true, ..own(now) });
        }
        options
    }

    fn push(&mut self, field: Field, at: &str, title: Title<'_>, hint: String) {
        let at = at.trim_start_matches('/').to_owned();
        self.rows.push(Row {
            field,
            removes: at.clone(),
            at,
            label: title.label.to_owned(),
            word: title.word.to_owned(),
            hint,
            removable: title.removable,
            problems: Vec::new(),
        });
    }
}

impl Row {
    pub fn has_wrong(&self) -> bool {
        self.problems.iter().any(|said| said.tone == "bad")
    }
}

/// Puts each problem beside the innermost field it is about; gives back those that no field holds.
pub fn put_problems(rows: &mut [Row], problems: Vec<Said>) -> Vec<Said> {
    let mut left = Vec::new();
    for said in problems {
        let place = rows
            .iter()
            .enumerate()
            .filter(|(_, row)| !matches!(row.field, Field::Close | Field::Add { .. }))
            .filter(|(_, row)| super::problems::is_within(&said, &format!("/{}", row.at)))
            .max_by_key(|(i, row)| (row.at.len(), std::cmp::Reverse(*i)))
            .map(|(i, _)| i);
        match place.and_then(|place| rows.get_mut(place)) {
            Some(row) => row.problems.push(said),
            None => left.push(said),
        }
    }
    left
}

fn own(name: &str) -> Choice {
    Choice { value: name.to_owned(), label: name.to_owned(), chosen: false }
}

fn below(at: &str, word: &str) -> String {
    format!("{at}/{}", word.replace('~', "~0").replace('/', "~1"))
}

/// One name or a list of names.
fn is_names(part: &Part) -> bool {
    match &part.form {
        Form::Scalar { .. } => true,
        Form::List(items) => items.iter().all(|item| item.scalar().is_some()),
        Form::Map(_) => false,
    }
}

fn is_localized(part: &Part) -> bool {
    let of_two = |word: &str| word == "en" || word == "ru";
    part.scalar().is_some()
        || part.entries().iter().all(|e| of_two(&e.word) && e.value.scalar().is_some())
            && !part.entries().is_empty()
}
