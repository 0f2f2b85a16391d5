//! Whom the sample shop tells apart, and what it means to give to many at once.
//!
//! Invariant: nobody of the demo gets anything by it: the accrual waits for somebody to let it run.

use kopilka_core::ids::ProgramId;
use kopilka_core::points::Points;
use kopilka_service::{AccrualAsked, Acting, Recipients, Service, ServiceError};

/// What the example has not, before its tests.
const SEGMENTS: &str = "
segments:
  - { id: quiet, name: { en: Gone quiet, ru: Давно не были }, if: { days_since_last_order: { at_least: 45 } } }
  - { id: regulars, name: { en: With us for three months, ru: С нами три месяца }, if: { days_since_registration: { at_least: 90 } } }
";
const WAITS: &str = "come-back";
const EACH: Points = Points(200);

/// The program with its segments; its tests stay the last of it.
pub fn with_segments(text: &str) -> String {
    match text.split_once("\ntests:") {
        Some((rules, tests)) => format!("{rules}\n{SEGMENTS}\ntests:{tests}"),
        None => format!("{text}\n{SEGMENTS}"),
    }
}

pub async fn ask(service: &Service, program: ProgramId) -> Result<(), ServiceError> {
    let asked = AccrualAsked {
        name: WAITS.to_owned(),
        recipients: Recipients::Segment { segment: "quiet".to_owned(), points: EACH },
        active_at: None,
        expires_at: None,
        gift: true,
        reason: "Скучаем: 200 бонусов на следующую покупку".to_owned(),
        input: WAITS.to_owned(),
    };
    let acting = Acting { operator: "marketing".to_owned(), key: "demo".to_owned() };
    // A demo that is there already has it.
    service.put_accrual(program, asked, acting).await.map(drop)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segments_are_part_of_a_program_whose_tests_hold() {
        let text = with_segments(&crate::cli::demo::program::text());
        let compiled = kopilka_core::program::check(&text);
        let program = compiled.program;
        let program = program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        assert_eq!(program.segments.len(), 2);
    }
}
