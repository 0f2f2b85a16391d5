//! The house rules that no compiler checks. A file or function that is too long may stand in the ratchet file
//! with its size: it may shrink, never grow.

mod house;
mod size;
mod words;

use crate::shell::{self, Outcome};
use std::fs;
use std::path::{Path, PathBuf};

/// A file of the repository, its path relative to the root.
#[derive(Debug)]
pub struct Source {
    pub path: String,
    pub text: String,
}

impl Source {
    pub fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }
    /// `crates/kopilka-core/src/money.rs` → `kopilka-core`; `xtask` for this crate; else empty.
    pub fn package(&self) -> &str {
        match self.path.strip_prefix("crates/") {
            Some(rest) => rest.split('/').next().unwrap_or_default(),
            None if self.path.starts_with("xtask/") => "xtask",
            None => "",
        }
    }
}

pub fn run() -> Outcome {
    let complaints = complaints(&shell::root())?;
    for complaint in &complaints {
        println!("tidy: {complaint}");
    }
    println!("tidy: {} complaints", complaints.len());
    Ok(complaints.is_empty())
}

/// Everything that is wrong in the tree, one line each.
fn complaints(root: &Path) -> Result<Vec<String>, String> {
    let sources = sources(root)?;
    let ratchet = fs::read_to_string(root.join("xtask/tidy-ratchet.txt")).unwrap_or_default();
    let mut out = size::complaints(&sources, &ratchet);
    out.extend(house::complaints(&sources));
    out.extend(words::complaints(&sources));
    Ok(out)
}

/// Every text file of the tree but what is built or generated.
fn sources(root: &Path) -> Result<Vec<Source>, String> {
    let mut out = Vec::new();
    let mut folders: Vec<PathBuf> = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let entries = fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if path.is_dir() {
                let built = matches!(name.to_str(), Some("target" | ".git" | "kopilka-data"));
                if !built {
                    folders.push(path);
                }
            } else if name == ".git" {
                // In a linked worktree it is a file that names a folder of the machine.
            } else if let (Ok(text), Ok(short)) = (fs::read_to_string(&path), path.strip_prefix(root)) {
                out.push(Source { path: short.to_string_lossy().replace('\\', "/"), text });
            }
        }
    }
    out.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        let found = complaints(&shell::root()).expect("the tree can be read");
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
}
