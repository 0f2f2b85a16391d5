//! Words that belong to one machine or one person, not to the project.

use super::Source;

/// Folders of somebody's machine. Written in two halves, so that this file passes its own check.
const MACHINE_PATHS: [&str; 5] = [
    concat!("/ho", "me/"),
    concat!("/Us", "ers/"),
    concat!("/ro", "ot/"),
    concat!("/wo", "rk/"),
    concat!("C:", "\\"),
];

/// Remarks of the one who wrote it at the moment of writing.
const PERSONAL: [&str; 8] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X:"),
    concat!("ha", "ck:"),
    concat!("as an ", "AI"),
    concat!("cla", "ude"),
    concat!("chat", "gpt"),
    concat!(" I", "'m "),
];

/// Texts wider than this are not read in a diff; tables of documents and generated files are exempt.
const LINE_CHARACTERS_MAX: usize = 110;

pub fn complaints(sources: &[Source]) -> Vec<String> {
    let mut out = Vec::new();
    for source in sources.iter().filter(|s| !is_foreign(&s.path)) {
        for (number, line) in source.text.lines().enumerate() {
            let mut tell = |what: &str| out.push(format!("{}:{}: {what}", source.path, number + 1));
            if let Some(path) = MACHINE_PATHS.iter().find(|p| line.contains(*p)) {
                tell(&format!("a path of one machine ({path})"));
            }
            let small = line.to_lowercase();
            if let Some(word) = PERSONAL.iter().find(|w| small.contains(&w.to_lowercase())) {
                tell(&format!("a personal remark ({word})"));
            }
            let comment = source.is_rust() && line.trim_start().starts_with("//");
            if comment && line.chars().count() > LINE_CHARACTERS_MAX {
                tell("a comment wider than 110 characters");
            }
        }
    }
    out
}

/// Texts that are not ours to word.
fn is_foreign(path: &str) -> bool {
    path == "Cargo.lock" || path.starts_with("LICENSE") || path.ends_with(".csv") || path.ends_with(".svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn machine_paths_and_remarks_are_told() {
        let text = format!("// see {}me/x\n// {}: later\n// fine\n", "/ho", concat!("TO", "DO"));
        let found = complaints(&[Source { path: "a.rs".into(), text }]);
        assert_eq!(found.len(), 2, "{found:?}");
    }
}
