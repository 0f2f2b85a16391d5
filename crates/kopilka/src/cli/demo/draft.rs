//! A change of the rules that somebody has begun and not published.
//!
//! Invariant: the draft is the published document with one rule more, and could be published as it stands.

use super::owner::LOGIN;
use super::{many, program};
use kopilka_core::ids::ProgramId;
use kopilka_core::program::source::Source;
use kopilka_core::time::Instant;
use kopilka_service::Service;
use kopilka_service::rows::DraftRow;

/// What it would have done with last month's orders is what the page is for.
const RULE: &str = "id: big-basket\nwhen: order.paid\nif: { order_total: { from: 15000.00 } }\n\
                    then: [{ credit: { points: 300, expires: 1 month } }]";

fn text() -> Option<String> {
    Source::read(&many::with_segments(&program::text()))?.with_item_of("rules", RULE)
}

pub async fn begin(service: &Service, program: ProgramId) -> Result<(), String> {
    let Some(text) = text() else { return Ok(()) };
    let draft = DraftRow {
        name: kopilka_pages::DRAFT.to_owned(),
        revision: 0,
        author: LOGIN.to_owned(),
        note: String::new(),
        updated_at: Instant(0),
        text,
    };
    service.put_draft(program, draft).await.map_err(|error| error.to_string())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::program::check;
    use kopilka_core::program::diagnostics::Severity;

    #[test]
    fn the_draft_could_be_published_as_it_stands() {
        let checked = check(&text().unwrap());
        let errors: Vec<_> = checked.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        assert!(checked.program.unwrap().rules.iter().any(|rule| rule.id == "big-basket"));
    }
}
