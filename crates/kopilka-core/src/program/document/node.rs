//! The tree of a document: maps, lists and texts with their places. Scalars stay texts: `1.00` is no float.
//!
//! Invariant: a tree is at most [`DEPTH_MAX`] deep, has no repeated keys, and shares no nodes: anchors are
//! refused, so a small text can never unfold into a large tree.

mod surrogates;

use super::{DEPTH_MAX, DOCUMENT_BYTES_MAX};
use crate::program::Text;
use crate::program::diagnostics::{Diagnostic, Findings, Place};
use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError};
use std::collections::HashMap;
use surrogates::Rewritten;

/// A value with its place in the source.
#[derive(Debug)]
pub struct Node {
    pub place: Place,
    pub data: Data,
}

#[derive(Debug)]
pub enum Data {
    /// `plain`: not in quotes, so that `null`, `true` and `false` can be told from texts.
    Scalar {
        text: String,
        plain: bool,
    },
    List(Vec<Node>),
    Map(Vec<Field>),
}

/// A key with its value.
#[derive(Debug)]
pub struct Field {
    pub word: String,
    /// Of the key itself; carries the value's number.
    pub place: Place,
    pub value: Node,
}

impl Node {
    pub fn is_nothing(&self) -> bool {
        matches!(&self.data, Data::Scalar { text, plain: true }
            if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }
    /// What stands here, for people.
    pub fn description(&self) -> Text {
        match &self.data {
            _ if self.is_nothing() => Text::of("nothing", "пусто"),
            Data::Scalar { text, .. } => Text::both(format!("`{}`", shortened(text))),
            Data::List(_) => Text::of("a list", "список"),
            Data::Map(_) => Text::of("a map of words", "набор слов"),
        }
    }
    pub fn to_json(&self) -> serde_json::Value {
        use serde_json::Value;
        match &self.data {
            _ if self.is_nothing() => Value::Null,
            Data::Scalar { text, plain: true } if text == "true" => Value::Bool(true),
            Data::Scalar { text, plain: true } if text == "false" => Value::Bool(false),
            Data::Scalar { text, .. } => Value::String(text.clone()),
            Data::List(items) => Value::Array(items.iter().map(Node::to_json).collect()),
            Data::Map(fields) => {
                Value::Object(fields.iter().map(|f| (f.word.clone(), f.value.to_json())).collect())
            }
        }
    }
}

/// The beginning of a text: what is shown of it in a diagnostic.
pub(super) fn shortened(text: &str) -> String {
    const SHOWN: usize = 40;
    let mut shown: String = text.chars().take(SHOWN).collect();
    if text.chars().nth(SHOWN).is_some() {
        shown.push('…');
    }
    shown
}

/// Reads the text into a tree; `None` when there is none to go on with.
pub(super) fn read(text: &str, findings: &Findings) -> Option<Node> {
    if text.len() > DOCUMENT_BYTES_MAX {
        let limit = Text::of("1 MiB", "1 МиБ");
        findings.report("document_too_large", Place { line: 1, column: 1, node: 0 }, &[("limit", limit)]);
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let text = Rewritten::new(text);
    let mut parser = Parser::new_from_str(&text.text);
    let mut builder = Builder { findings, text: &text, open: Vec::new(), root: None, nodes: 0, documents: 0 };
    while let Some(next) = parser.next_event() {
        let go_on = match next {
            Ok((event, span)) => builder.take(event, span.start),
            Err(error) => {
                builder.syntax_error(&error);
                false
            }
        };
        if !go_on {
            return None;
        }
    }
    let root = builder.root.filter(|r| !r.is_nothing());
    if root.is_none() {
        findings.report("empty_document", Place { line: 1, column: 1, node: 0 }, &[]);
    }
    root
}

/// A collection that is still being read.
struct Open {
    place: Place,
    data: Data,
    /// The key whose value comes next.
    key: Option<(String, Place)>,
    /// Words of this map and the lines they stand on.
    seen: HashMap<String, u32>,
}

struct Builder<'a> {
    findings: &'a Findings,
    text: &'a Rewritten<'a>,
    open: Vec<Open>,
    root: Option<Node>,
    nodes: u32,
    documents: u32,
}

impl Builder<'_> {
    /// Takes one event; `false` when reading cannot go on.
    fn take(&mut self, event: Event<'_>, mark: Marker) -> bool {
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => true,
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents > 1 {
                    self.findings.report("several_documents", self.place(mark, 0), &[]);
                }
                self.documents == 1
            }
            Event::Alias(_) => {
                self.findings.report("anchor_refused", self.place(mark, 0), &[]);
                false
            }
            Event::Scalar(text, style, anchor, tag) => {
                self.bare(anchor, tag.is_some(), mark) && self.scalar(text.into_owned(), style, mark)
            }
            Event::SequenceStart(anchor, tag) => {
                self.bare(anchor, tag.is_some(), mark) && self.begin(Data::List(Vec::new()), mark)
            }
            Event::MappingStart(anchor, tag) => {
                self.bare(anchor, tag.is_some(), mark) && self.begin(Data::Map(Vec::new()), mark)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Open { place, data, .. }) = self.open.pop() {
                    self.place_node(Node { place, data });
                }
                true
            }
        }
    }

    fn place(&self, mark: Marker, node: u32) -> Place {
        let small = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let (line, column) = (small(mark.line()), small(mark.col()).saturating_add(1));
        Place { line, column: self.text.column(line, column), node }
    }

    fn bare(&self, anchor: usize, tagged: bool, mark: Marker) -> bool {
        if anchor > 0 {
            self.findings.report("anchor_refused", self.place(mark, 0), &[]);
        } else if tagged {
            self.findings.report("tag_refused", self.place(mark, 0), &[]);
        }
        anchor == 0 && !tagged
    }

    /// The number of the next node; a value takes over the number of its key.
    fn number(&mut self) -> u32 {
        if let Some((_, place)) = self.open.last().and_then(|o| o.key.as_ref()) {
            return place.node;
        }
        self.nodes += 1;
        self.nodes
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, mark: Marker) -> bool {
        let number = self.number();
        let place = self.place(mark, number);
        match self.open.last_mut() {
            Some(Open { data: Data::Map(_), key: key @ None, .. }) => *key = Some((text, place)),
            _ => {
                let plain = style == ScalarStyle::Plain;
                self.place_node(Node { place, data: Data::Scalar { text, plain } });
            }
        }
        true
    }

    fn begin(&mut self, data: Data, mark: Marker) -> bool {
        let number = self.number();
        let place = self.place(mark, number);
        if let Some(Open { data: Data::Map(_), key: None, .. }) = self.open.last() {
            let arguments = [
                ("expected", Text::of("a word as the key", "слово в качестве ключа")),
                ("found", Node { place, data }.description()),
            ];
            self.findings.report("wrong_kind", place, &arguments);
            return false;
        }
        if self.open.len() >= DEPTH_MAX {
            self.findings.report("too_deep", place, &[("limit", Text::both(DEPTH_MAX.to_string()))]);
            return false;
        }
        self.open.push(Open { place, data, key: None, seen: HashMap::new() });
        true
    }

    fn place_node(&mut self, node: Node) {
        let Some(open) = self.open.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut open.data {
            Data::List(items) => items.push(node),
            Data::Map(fields) => {
                let Some((word, place)) = open.key.take() else { return };
                match open.seen.get(&word) {
                    Some(line) => {
                        let arguments =
                            [("word", Text::both(shortened(&word))), ("line", Text::both(line.to_string()))];
                        self.findings.report("duplicate_word", place, &arguments);
                    }
                    None => {
                        open.seen.insert(word.clone(), place.line);
                        fields.push(Field { word, place, value: node });
                    }
                }
            }
            Data::Scalar { .. } => {}
        }
    }

    fn syntax_error(&self, error: &ScanError) {
        let place = self.place(*error.marker(), 0);
        // The parser's own bound on nesting lies beyond ours; its lookahead may meet it first.
        if error.info() == "recursion limit exceeded" {
            self.findings.report("too_deep", place, &[("limit", Text::both(DEPTH_MAX.to_string()))]);
        } else {
            self.findings.report("syntax_error", place, &[("info", what_of(error.info()))]);
        }
    }
}

/// The slips that people make, in words of theirs; what is rare keeps the parser's own.
fn what_of(info: &str) -> Text {
    let (en, ru) = if info.starts_with("mapping values are not allowed") {
        (
            "a `:` where none can stand; a text with a colon in it belongs in quotes",
            "двоеточие там, где его быть не может; текст с двоеточием берут в кавычки",
        )
    } else if info.contains("tab") {
        ("a tab among the spaces at the beginning of a line", "знак табуляции в отступе; нужны пробелы")
    } else if info.contains("quoted scalar") {
        ("quotes that are not closed", "кавычки не закрыты")
    } else if info.contains("',' or ']'") {
        ("brackets `[` that are not closed, or a comma is missing", "скобка `[` не закрыта или нет запятой")
    } else if info.contains("',' or '}'") {
        ("braces `{` that are not closed, or a comma is missing", "скобка `{` не закрыта или нет запятой")
    } else {
        return Text::both(info);
    };
    Text::of(en, ru)
}

/// Gives each diagnostic the JSON pointer of its node.
pub(super) fn fill_paths(root: Option<&Node>, diagnostics: &mut [Diagnostic]) {
    let mut wanted: HashMap<u32, String> =
        diagnostics.iter().filter(|d| d.node > 0).map(|d| (d.node, String::new())).collect();
    if let Some(root) = root {
        walk(root, &mut String::new(), &mut wanted);
    }
    for diagnostic in diagnostics {
        if let Some(path) = wanted.get(&diagnostic.node) {
            diagnostic.path.clone_from(path);
        }
    }
}

fn walk(node: &Node, path: &mut String, wanted: &mut HashMap<u32, String>) {
    if let Some(found) = wanted.get_mut(&node.place.node) {
        found.clone_from(path);
    }
    let length = path.len();
    let mut step = |name: &str, child: &Node| {
        path.push('/');
        path.push_str(name);
        walk(child, path, wanted);
        path.truncate(length);
    };
    match &node.data {
        Data::Scalar { .. } => {}
        Data::List(items) => {
            for (i, item) in items.iter().enumerate() {
                step(&i.to_string(), item);
            }
        }
        Data::Map(fields) => {
            for field in fields {
                step(&field.word.replace('~', "~0").replace('/', "~1"), &field.value);
            }
        }
    }
}
