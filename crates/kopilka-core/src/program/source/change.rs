//! Changes of a text, each by the bytes of the parts it names.

use super::{Form, Part, Source, flow};
use std::ops::Range;

/// Bytes to be replaced, and by what.
pub type Splice = (Range<usize>, String);

impl Source {
    /// All of them at once; of two that overlap the outer one holds.
    pub fn spliced(&self, mut splices: Vec<Splice>) -> String {
        splices.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
        let mut text = String::with_capacity(self.text.len());
        let mut at = 0;
        for (range, by) in splices {
            if range.start < at {
                continue;
            }
            text.push_str(self.text.get(at..range.start).unwrap_or(""));
            text.push_str(&by);
            at = range.end;
        }
        text.push_str(self.text.get(at..).unwrap_or(""));
        text
    }

    /// Another value in the place of a part. Lines of the value move to the column the part stands at.
    pub fn replacement(&self, part: &Part, value: &str) -> Splice {
        let margin = " ".repeat(self.column(part.span.start));
        let value = value.trim_end().replace('\n', &format!("\n{margin}"));
        match part.span.is_empty() {
            true => (part.span.clone(), format!(" {value}")),
            false => (part.span.clone(), value),
        }
    }
    pub fn replaced(&self, pointer: &str, value: &str) -> Option<String> {
        let part = self.part(pointer)?;
        Some(self.spliced(vec![self.replacement(part, value)]))
    }

    /// A word more at the end of a map; the value is written in one line.
    pub fn with_entry(&self, pointer: &str, word: &str, value: &str) -> Option<String> {
        let map = self.part(pointer)?;
        let Form::Map(entries) = &map.form else { return None };
        let key = super::scalar(word);
        let splice = match entries.last() {
            None => (map.span.clone(), format!("{{ {key}: {value} }}")),
            Some(last) if map.flow => {
                let at = last.value.span.end.max(last.key.end);
                (at..at, format!(", {key}: {value}"))
            }
            Some(last) => {
                let at = self.line_end(last.value.span.end.max(last.key.end));
                let margin = " ".repeat(self.column(map.span.start));
                (at..at, format!("\n{margin}{key}: {value}"))
            }
        };
        Some(self.spliced(vec![splice]))
    }

    /// An item more at the end of a list. `value` may have several lines where the list has lines itself.
    pub fn with_item(&self, pointer: &str, value: &str) -> Option<String> {
        let list = self.part(pointer)?;
        let Form::List(items) = &list.form else { return None };
        let in_line = || Source::read(&format!("v:\n  {}", value.replace('\n', "\n  ")));
        let splice = match items.last() {
            Some(last) if !list.flow => {
                let at = self.line_end(last.span.end);
                let margin = " ".repeat(self.column(list.span.start));
                let value = value.trim_end().replace('\n', &format!("\n{margin}  "));
                (at..at, format!("\n{margin}- {value}"))
            }
            last => {
                let value = in_line().and_then(|read| read.root.get("v").map(flow))?;
                match last {
                    Some(last) => (last.span.end..last.span.end, format!(", {value}")),
                    None => (list.span.clone(), format!("[{value}]")),
                }
            }
        };
        Some(self.spliced(vec![splice]))
    }

    /// An item at the end of a list of the document, which is begun where there is none.
    pub fn with_item_of(&self, word: &str, value: &str) -> Option<String> {
        if self.root.get(word).is_some_and(|list| !list.items().is_empty()) {
            return self.with_item(&format!("/{word}"), value);
        }
        if self.root.flow {
            let value = Source::read(&format!("v:\n  {}", value.replace('\n', "\n  ")))?;
            let items = format!("[{}]", value.root.get("v").map(flow)?);
            return match self.root.get(word) {
                Some(list) => Some(self.spliced(vec![self.replacement(list, &items)])),
                None => self.with_entry("", word, &items),
            };
        }
        if let Some(list) = self.root.get(word) {
            // A word with nothing behind it, or an empty list.
            let value = value.trim_end().replace('\n', "\n    ");
            return Some(self.spliced(vec![(list.span.clone(), format!("\n  - {value}"))]));
        }
        let value = value.trim_end().replace('\n', "\n    ");
        let text = format!("{word}:\n  - {value}\n\n");
        // The document's own tests close it.
        match self.root.entries().iter().find(|entry| entry.word == "tests") {
            Some(tests) => {
                let at = self.lead(self.line_start(tests.key.start));
                Some(self.spliced(vec![(at..at, text)]))
            }
            None => Some(format!("{}\n\n{}", self.text.trim_end(), text.trim_end()) + "\n"),
        }
    }

    /// The text without a part: an item of a list, or a word with its value.
    pub fn without(&self, pointer: &str) -> Option<String> {
        let (above, name) = pointer.rsplit_once('/')?;
        let holder = self.part(above)?;
        let places: Vec<Range<usize>> = match &holder.form {
            Form::List(items) => items.iter().map(|item| item.span.clone()).collect(),
            Form::Map(entries) => {
                entries.iter().map(|e| e.key.start..e.value.span.end.max(e.key.end)).collect()
            }
            Form::Scalar { .. } => return None,
        };
        let at = match &holder.form {
            Form::List(_) => name.parse::<usize>().ok()?,
            _ => {
                holder.entries().iter().position(|e| e.word == name.replace("~1", "/").replace("~0", "~"))?
            }
        };
        let own = places.get(at)?.clone();
        if places.len() == 1 && !above.is_empty() {
            // Nothing is left of the holder but its brackets.
            let empty = if matches!(holder.form, Form::List(_)) { "[]" } else { "{}" };
            // A value at the very margin would be a line of its own.
            let margin = if self.column(holder.span.start) == 0 { " " } else { "" };
            return Some(self.spliced(vec![(holder.span.clone(), format!("{margin}{empty}"))]));
        }
        let cut = match (holder.flow, at) {
            (true, 0) => own.start..places.get(1).map_or(own.end, |next| next.start),
            (true, at) => places.get(at - 1).map_or(own.start, |before| before.end)..own.end,
            (false, 0) if matches!(holder.form, Form::Map(_)) && !above.is_empty() => {
                // The first word may stand behind the dash of its item.
                own.start..places.get(1).map_or(own.end, |next| next.start)
            }
            (false, _) => self.chunk(&own),
        };
        Some(self.spliced(vec![(cut, String::new())]))
    }

    /// An item of a list and the one after it change places.
    pub fn swapped(&self, pointer: &str, at: usize) -> Option<String> {
        let list = self.part(pointer)?;
        let (first, second) = (list.items().get(at)?, list.items().get(at + 1)?);
        let (a, b) = match list.flow {
            true => (first.span.clone(), second.span.clone()),
            false => (self.chunk(&first.span), self.chunk(&second.span)),
        };
        let mut first = self.text.get(a.clone())?.to_owned();
        let mut second = self.text.get(b.clone())?.to_owned();
        if !list.flow && !second.ends_with('\n') && first.ends_with('\n') {
            // The last line of a text may have no newline; the line that becomes the last one has none then.
            second.push('\n');
            first.pop();
        }
        Some(self.spliced(vec![(a, second), (b, first)]))
    }

    /// The lines of a part, with the comments that stand right above it.
    fn chunk(&self, own: &Range<usize>) -> Range<usize> {
        let end = self.line_end(own.end);
        let end = if self.text.as_bytes().get(end) == Some(&b'\n') { end + 1 } else { end };
        self.lead(self.line_start(own.start))..end
    }
    /// Where the comments above a line begin.
    fn lead(&self, line: usize) -> usize {
        let mut start = line;
        while start > 0 {
            let above = self.line_start(start - 1);
            let is_comment =
                self.text.get(above..start).is_some_and(|text| text.trim_start().starts_with('#'));
            if !is_comment {
                break;
            }
            start = above;
        }
        start
    }
}
