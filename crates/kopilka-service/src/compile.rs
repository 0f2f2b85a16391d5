//! From a document's text to the program that runs.

use crate::error::Diagnostic;
use kopilka_core::program::Program;

/// The program, or why there is none.
pub fn compile(_text: &str) -> Result<Program, Vec<Diagnostic>> {
    Err(vec![])
}
