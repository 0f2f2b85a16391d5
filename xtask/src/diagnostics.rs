//! `cargo xtask diagnostics`: every broken program document, beside the list of diagnostics it must answer.
//!
//! The comparison is the core's own test, so that neither can pass where the other fails.

use crate::shell::{self, Outcome};
use std::fs;

#[path = "../../crates/kopilka-core/tests/broken/compare.rs"]
mod compare;

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Write what the documents answer now as what is expected; read the difference before committing it.
    #[arg(long)]
    write: bool,
}

pub fn run(args: &Args) -> Outcome {
    let folder = shell::root().join("crates/kopilka-core/tests/broken");
    let (mut passed, mut failed) = (0, 0);
    for document in compare::compare_all(&folder)? {
        if document.is_right() {
            passed += 1;
            continue;
        }
        print!("{}", document.difference());
        if args.write && !document.answer.is_empty() {
            let written = fs::write(&document.file, &document.answer);
            written.map_err(|e| format!("{}: {e}", document.file.display()))?;
            passed += 1;
        } else {
            failed += 1;
        }
    }
    println!("{passed} passed, {failed} failed");
    Ok(failed == 0)
}
