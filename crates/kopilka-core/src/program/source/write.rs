//! How values are written.

use super::{Form, Part};

/// A text as a scalar that reads back as the same text, with quotes where it needs them.
pub fn scalar(text: &str) -> String {
    if is_plain(text) {
        return text.to_owned();
    }
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// It means itself without quotes, in braces too.
fn is_plain(text: &str) -> bool {
    let mut chars = text.chars();
    let begins = chars.next().is_some_and(|c| c.is_alphanumeric() || ("-_.".contains(c) && text.len() > 1));
    let lone_dash = text.starts_with("- ") || text.starts_with("--");
    let means_other = matches!(text.to_ascii_lowercase().as_str(), "null" | "true" | "false" | "~");
    let time_like = text.contains(':');
    let inside = |c: char| c.is_alphanumeric() || " -_./+%…–—«»“”’!?()№₽".contains(c);
    begins
        && !lone_dash
        && !means_other
        && !time_like
        && text.chars().all(inside)
        && text.trim_end() == text
        && !text.contains(" #")
}

/// A part in one line, with braces and brackets.
pub fn flow(part: &Part) -> String {
    match &part.form {
        // Words of the language stay bare, whatever they mean.
        Form::Scalar { text, plain: true } if !text.contains(['\n', ':', ',', '{', '}', '[', ']']) => {
            text.clone()
        }
        Form::Scalar { text, .. } => scalar(text),
        Form::List(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Form::Map(entries) if entries.is_empty() => "{}".to_owned(),
        Form::Map(entries) => {
            let entry = |entry: &super::Entry| format!("{}: {}", scalar(&entry.word), flow(&entry.value));
            format!("{{ {} }}", entries.iter().map(entry).collect::<Vec<_>>().join(", "))
        }
    }
}

/// A part for people who fill in a field: a scalar alone, all else in one line.
pub fn shown(part: &Part) -> String {
    match &part.form {
        Form::Scalar { text, .. } => text.clone(),
        _ => flow(part),
    }
}
