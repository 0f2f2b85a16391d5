//! A document's text with the place of each of its parts, and changes that leave the rest as it is.
//!
//! Invariant: a change replaces the bytes of the parts it names; comments, spaces and the order of all else
//! stay byte for byte. What a change comes to is judged by `compile`, never here.

mod change;
mod write;

pub use write::{flow, scalar, shown};

use super::document::{DEPTH_MAX, DOCUMENT_BYTES_MAX};
use saphyr_parser::{Event, Parser, ScalarStyle};
use std::ops::Range;

/// A text that has a tree.
#[derive(Debug, Clone)]
pub struct Source {
    pub text: String,
    pub root: Part,
}

/// One value of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its bytes in the text; empty where a key has no value.
    pub span: Range<usize>,
    /// Written with brackets or braces.
    pub flow: bool,
    pub form: Form,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    Scalar { text: String, plain: bool },
    List(Vec<Part>),
    Map(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub word: String,
    pub key: Range<usize>,
    pub value: Part,
}

impl Part {
    pub fn scalar(&self) -> Option<&str> {
        match &self.form {
            Form::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }
    pub fn items(&self) -> &[Part] {
        match &self.form {
            Form::List(items) => items,
            _ => &[],
        }
    }
    pub fn entries(&self) -> &[Entry] {
        match &self.form {
            Form::Map(entries) => entries,
            _ => &[],
        }
    }
    pub fn get(&self, word: &str) -> Option<&Part> {
        self.entries().iter().find(|entry| entry.word == word).map(|entry| &entry.value)
    }
    /// The scalar of a map's word; empty where there is none.
    pub fn said(&self, word: &str) -> &str {
        self.get(word).and_then(Part::scalar).unwrap_or("")
    }
    fn step(&self, name: &str) -> Option<&Part> {
        match &self.form {
            Form::Scalar { .. } => None,
            Form::List(items) => items.get(name.parse::<usize>().ok()?),
            Form::Map(_) => self.get(&name.replace("~1", "/").replace("~0", "~")),
        }
    }
}

impl Source {
    /// `None` where the text has no tree, or one that no document may have.
    pub fn read(text: &str) -> Option<Source> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        if text.len() > DOCUMENT_BYTES_MAX {
            return None;
        }
        let mut builder = Builder { bytes: byte_places(text), text, open: Vec::new(), root: None };
        let mut parser = Parser::new_from_str(text);
        while let Some(next) = parser.next_event() {
            let (event, span) = next.ok()?;
            builder.take(event, span.start.index()..span.end.index())?;
        }
        let root = builder.root.filter(|root| matches!(root.form, Form::Map(_)))?;
        Some(Source { text: text.to_owned(), root })
    }

    /// The part at a JSON pointer; the whole document at an empty one.
    pub fn part(&self, pointer: &str) -> Option<&Part> {
        let mut part = &self.root;
        for name in pointer.split('/').skip(1) {
            part = part.step(name)?;
        }
        Some(part)
    }
    /// The bytes of a part as they stand in the text.
    pub fn raw(&self, part: &Part) -> &str {
        self.text.get(part.span.clone()).unwrap_or("")
    }
    /// The part's text as if it stood alone: its lines moved to the left.
    pub fn alone(&self, part: &Part) -> String {
        let margin = self.column(part.span.start);
        let cut = |line: &str| {
            let blank = line.len() - line.trim_start_matches(' ').len();
            line.get(blank.min(margin)..).unwrap_or("").to_owned()
        };
        let mut lines = self.raw(part).lines();
        let first = lines.next().unwrap_or("").to_owned();
        std::iter::once(first).chain(lines.map(cut)).collect::<Vec<_>>().join("\n")
    }

    /// Spaces and dashes before a byte, in its line.
    fn column(&self, at: usize) -> usize {
        self.text.get(self.line_start(at)..at).map_or(0, |before| before.chars().count())
    }
    fn line_start(&self, at: usize) -> usize {
        self.text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1)
    }
    /// Where the line of a byte ends, without its newline.
    fn line_end(&self, at: usize) -> usize {
        self.text.get(at..).and_then(|rest| rest.find('\n')).map_or(self.text.len(), |newline| at + newline)
    }
}

/// The byte of each character, and of the end.
fn byte_places(text: &str) -> Vec<usize> {
    text.char_indices().map(|(at, _)| at).chain([text.len()]).collect()
}

/// A collection that is still being read.
struct Open {
    start: usize,
    flow: bool,
    form: Form,
    key: Option<(String, Range<usize>)>,
}

struct Builder<'a> {
    text: &'a str,
    bytes: Vec<usize>,
    open: Vec<Open>,
    root: Option<Part>,
}

impl Builder<'_> {
    fn take(&mut self, event: Event<'_>, chars: Range<usize>) -> Option<()> {
        let last = self.text.len();
        let place = |at: usize| self.bytes.get(at).copied().unwrap_or(last);
        let span = place(chars.start)..place(chars.end);
        match event {
            Event::Alias(_) => None,
            Event::Scalar(text, style, 0, None) => self.scalar(text.into_owned(), style, span),
            Event::SequenceStart(0, None) => self.begin(Form::List(Vec::new()), span.start),
            Event::MappingStart(0, None) => self.begin(Form::Map(Vec::new()), span.start),
            Event::SequenceEnd | Event::MappingEnd => self.end(span.end),
            Event::Scalar(..) | Event::SequenceStart(..) | Event::MappingStart(..) => None,
            _ => Some(()),
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, span: Range<usize>) -> Option<()> {
        let raw = self.text.get(span.clone())?;
        // A block text reaches to the next line; what follows its last letter is not its own.
        let span = span.start..span.start + raw.trim_end().len();
        match self.open.last_mut() {
            Some(Open { form: Form::Map(_), key: key @ None, .. }) => *key = Some((text, span)),
            _ => {
                let plain = style == ScalarStyle::Plain;
                self.place(Part { span, flow: false, form: Form::Scalar { text, plain } });
            }
        }
        Some(())
    }

    fn begin(&mut self, form: Form, start: usize) -> Option<()> {
        let is_key = matches!(self.open.last(), Some(Open { form: Form::Map(_), key: None, .. }));
        if is_key || self.open.len() >= DEPTH_MAX {
            return None;
        }
        let flow = matches!(self.text.as_bytes().get(start), Some(b'{' | b'['));
        self.open.push(Open { start, flow, form, key: None });
        Some(())
    }

    fn end(&mut self, end: usize) -> Option<()> {
        let Open { start, flow, form, .. } = self.open.pop()?;
        // What has no brackets ends with its last part, and a list begins with its first dash.
        let (start, last) = match &form {
            Form::List(items) if !flow => {
                let first = items.first().map_or(start, |item| item.span.start);
                let dash = self.text.get(..first).and_then(|before| before.rfind('-'));
                (dash.unwrap_or(start), items.last().map(|item| item.span.end))
            }
            Form::List(_) | Form::Scalar { .. } => (start, None),
            Form::Map(entries) => (start, entries.last().map(|e| e.value.span.end.max(e.key.end))),
        };
        let end = if flow { end } else { last.unwrap_or(start) };
        self.place(Part { span: start..end, flow, form });
        Some(())
    }

    fn place(&mut self, mut part: Part) {
        let Some(open) = self.open.last_mut() else {
            self.root.get_or_insert(part);
            return;
        };
        match &mut open.form {
            Form::List(items) => items.push(part),
            Form::Map(entries) => {
                let Some((word, key)) = open.key.take() else { return };
                if part.span.is_empty() {
                    // Nothing follows the key: a value would stand behind its colon.
                    let colon = self.text.get(key.end..).and_then(|rest| rest.find(':'));
                    let at = colon.map_or(key.end, |colon| key.end + colon + 1);
                    part.span = at..at;
                }
                entries.push(Entry { word, key, value: part });
            }
            Form::Scalar { .. } => {}
        }
    }
}
