//! One-time codes: sent, told, and what they confirm.

pub mod make;
pub mod verify;

use crate::problem::Problem;
use kopilka_core::ids::CodeId;
use kopilka_service::CodeProblem;

/// The id of a code where a body names one.
pub fn code_id(text: &str, pointer: &str) -> Result<CodeId, Problem> {
    CodeId::parse(text).ok_or_else(|| Problem::of("code_unknown").at(pointer))
}

pub fn problem(problem: CodeProblem) -> Problem {
    match problem {
        CodeProblem::NoSender => Problem::of("code_no_sender"),
        CodeProblem::NoAddress => Problem::of("code_no_address"),
        CodeProblem::TooSoon { seconds } => Problem::of("code_too_soon").with("seconds", seconds),
        CodeProblem::TooManyToAddress | CodeProblem::TooManyByCaller => Problem::of("code_too_many"),
        CodeProblem::Unknown => Problem::of("code_unknown"),
        CodeProblem::Wrong { left } => Problem::of("code_wrong").with("left", left),
        CodeProblem::Void => Problem::of("code_void"),
        CodeProblem::Expired => Problem::of("code_expired"),
    }
}
