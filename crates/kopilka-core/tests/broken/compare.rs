//! What the broken documents of this folder answer, beside what is written for each.
//!
//! Invariant: an expectation holds all that people see of a diagnostic: code, severity, every place, text
//! and remedy in both languages. The core's own tests and `cargo xtask diagnostics` compare by this one file.

use kopilka_core::program::check;
use kopilka_core::program::diagnostics::Diagnostic;
use std::fs;
use std::path::{Path, PathBuf};

/// A document with what it answers and what it must answer.
#[derive(Debug)]
pub struct Compared {
    pub name: String,
    pub answer: String,
    /// Where the expectation stands, and what it says; `None` when there is none.
    pub file: PathBuf,
    pub expected: Option<String>,
}

/// A name and what makes the text that would be too long for a file.
type MadeUp = (&'static str, fn() -> String);

/// Documents that are larger than a file of the repository should be.
const MADE_UP: [MadeUp; 2] = [
    ("document-too-large.made-up", || format!("program: shop\n# {}\n", "x".repeat(1 << 20))),
    ("too-many-names.made-up", || {
        let names: String = (0..=1_000).map(|n| format!(" s{n},")).collect();
        format!(
            "program: shop\ncurrency: RUB\nrules:\n  - id: a\n    when: order.paid\n    if: {{ shop: [{names} ] }}\n    \
             then: [{{ credit: {{ percent: 5 }} }}]\n"
        )
    }),
];

/// Every document of the folder and those made up, by name.
pub fn compare_all(folder: &Path) -> Result<Vec<Compared>, String> {
    let mut texts: Vec<(String, String)> =
        MADE_UP.iter().map(|(name, text)| ((*name).to_owned(), text())).collect();
    let mut expectations: Vec<String> = Vec::new();
    let told = |e: std::io::Error| format!("{}: {e}", folder.display());
    for entry in fs::read_dir(folder).map_err(told)? {
        let path = entry.map_err(told)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        match path.extension().and_then(|e| e.to_str()) {
            Some("yaml" | "json") => texts.push((name, fs::read_to_string(&path).map_err(told)?)),
            Some("expect") => expectations.push(name),
            _ => {}
        }
    }
    let file_of = |name: &str| folder.join(name).with_extension("expect");
    let mut all: Vec<Compared> = Vec::new();
    for (name, text) in texts {
        let file = file_of(&name);
        let expected = fs::read_to_string(&file).ok();
        all.push(Compared { answer: listing(&check(&text).diagnostics), name, file, expected });
    }
    // What is expected of a document that is gone would never be looked at again.
    for name in expectations {
        let file = folder.join(&name);
        if !all.iter().any(|c| c.file == file) {
            let expected = fs::read_to_string(&file).ok();
            all.push(Compared { name, answer: String::new(), file, expected });
        }
    }
    all.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(all)
}

impl Compared {
    /// A broken document that answers nothing is not right, whatever is expected.
    pub fn is_right(&self) -> bool {
        !self.answer.is_empty() && self.expected.as_ref() == Some(&self.answer)
    }

    /// What differs: `-` was expected, `+` was answered.
    pub fn difference(&self) -> String {
        if self.answer.is_empty() {
            return format!("{}: nothing is wrong with it\n", self.name);
        }
        let expected: Vec<&str> = self.expected.as_deref().unwrap_or_default().lines().collect();
        let answer: Vec<&str> = self.answer.lines().collect();
        let same =
            |pairs: &mut dyn Iterator<Item = (&&str, &&str)>| pairs.take_while(|(a, b)| a == b).count();
        let head = same(&mut expected.iter().zip(&answer));
        let tail = same(&mut expected[head..].iter().rev().zip(answer[head..].iter().rev()));
        let mut out = format!("{}, from line {} of what is expected:\n", self.name, head + 1);
        expected[head..expected.len() - tail].iter().for_each(|line| out.push_str(&format!("- {line}\n")));
        answer[head..answer.len() - tail].iter().for_each(|line| out.push_str(&format!("+ {line}\n")));
        out
    }
}

/// The diagnostics as an expectation writes them; neighbours that say the same share their words.
pub fn listing(diagnostics: &[Diagnostic]) -> String {
    let says = |d: &Diagnostic| (d.code, d.text.clone(), d.fix.clone());
    let mut out = String::new();
    for alike in diagnostics.chunk_by(|a, b| says(a) == says(b)) {
        let first = &alike[0];
        out.push_str(&format!("{} {}\n", first.severity.word(), first.code));
        for d in alike {
            out.push_str(format!("  at {}:{} {}", d.line, d.column, d.path).trim_end());
            out.push('\n');
        }
        out.push_str(&format!("  en {}\n  ru {}\n", first.text.en, first.text.ru));
        if let Some(fix) = &first.fix {
            out.push_str(&format!("  fix en {}\n  fix ru {}\n", fix.en, fix.ru));
        }
    }
    out
}
