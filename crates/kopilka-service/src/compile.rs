//! From a document's text to the program that runs.

use kopilka_core::program::Program;
use kopilka_core::program::diagnostics::Diagnostic;
use kopilka_core::program::document;

/// For publishing: the document's own tests must pass too.
pub fn check(text: &str) -> Result<Program, Vec<Diagnostic>> {
    let compiled = document::check(text);
    compiled.program.ok_or(compiled.diagnostics)
}

/// For a stored version, which passed its tests when it was published.
pub fn compile(text: &str) -> Result<Program, Vec<Diagnostic>> {
    let compiled = document::compile(text);
    compiled.program.ok_or(compiled.diagnostics)
}
