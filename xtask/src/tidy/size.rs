//! Sizes: a file fits in a sitting, a function on a screen.

use super::Source;
use std::collections::BTreeMap;

/// Longer files hide what belongs together and what does not.
const FILE_LINES_MAX: usize = 500;
/// Longer functions cannot be seen whole (after TigerStyle).
const FUNCTION_LINES_MAX: usize = 70;

pub fn complaints(sources: &[Source], ratchet: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut allowed = read_ratchet(ratchet, &mut out);
    for source in sources.iter().filter(|s| s.is_rust()) {
        let file = (source.path.clone(), source.text.lines().count(), FILE_LINES_MAX);
        let functions = functions(&source.text)
            .into_iter()
            .map(|(name, lines)| (format!("{}::{name}", source.path), lines, FUNCTION_LINES_MAX));
        for (what, lines, most) in std::iter::once(file).chain(functions) {
            if lines <= most {
                continue;
            }
            match allowed.remove(&what) {
                Some(noted) if noted == lines => {}
                Some(noted) if noted > lines => {
                    out.push(format!("{what} shrank from {noted} to {lines} lines: lower the ratchet"))
                }
                Some(noted) => out.push(format!("{what} grew from {noted} to {lines} lines")),
                None => out.push(format!("{what} has {lines} lines, at most {most}")),
            }
        }
    }
    out.extend(allowed.into_keys().map(|what| format!("{what} is short now: take it off the ratchet")));
    out
}

fn read_ratchet(text: &str, out: &mut Vec<String>) -> BTreeMap<String, usize> {
    let lines = text.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#'));
    let mut allowed = BTreeMap::new();
    for line in lines {
        match line.rsplit_once(' ').and_then(|(what, n)| Some((what, n.parse().ok()?))) {
            Some((what, count)) => {
                allowed.insert(what.to_owned(), count);
            }
            None => out.push(format!("tidy-ratchet.txt: not `<path> <lines>`: {line}")),
        }
    }
    allowed
}

/// Functions and their lengths. Relies on rustfmt: a body ends with a brace at the column of its `fn` line.
fn functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = &line[..line.len() - line.trim_start().len()];
        let end = lines[start..].iter().position(|l| ends_function(l, indent));
        found.push((name.to_owned(), end.map_or(1, |n| n + 1)));
    }
    found
}

fn ends_function(line: &str, indent: &str) -> bool {
    let Some(rest) = line.strip_prefix(indent) else { return false };
    let one_line = function_name(line).is_some() && (rest.ends_with('}') || rest.ends_with(';'));
    // In a macro the repetition ends where the function does.
    rest == "}" || rest == "})*" || rest == ");" || one_line || (rest.starts_with(')') && rest.ends_with(';'))
}

fn function_name(line: &str) -> Option<&str> {
    let mut rest = line.trim_start();
    for word in ["pub(crate) ", "pub(super) ", "pub ", "const ", "async "] {
        rest = rest.strip_prefix(word).unwrap_or(rest);
    }
    let name = rest.strip_prefix("fn ")?;
    name.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_measured_from_signature_to_brace() {
        let text = "fn a() {}\nimpl X {\n    pub fn b(\n        x: u8,\n    ) -> u8 {\n        x\n    }\n}\n";
        assert_eq!(functions(text), [("a".to_owned(), 1), ("b".to_owned(), 5)]);
    }

    #[test]
    fn the_ratchet_only_turns_one_way() {
        let source = |lines: usize| [Source { path: "a.rs".into(), text: "x\n".repeat(lines) }];
        assert_eq!(complaints(&source(501), "").len(), 1);
        assert_eq!(complaints(&source(501), "a.rs 501").len(), 0);
        assert_eq!(complaints(&source(502), "a.rs 501").len(), 1);
        assert_eq!(complaints(&source(501), "a.rs 600").len(), 1);
        assert_eq!(complaints(&source(10), "a.rs 600").len(), 1);
    }
}
