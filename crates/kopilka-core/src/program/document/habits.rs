//! Warnings that only an order history can give: terms that suit nobody's way of buying.
//!
//! Invariant: nothing is judged by a history too small to tell, and no date is computed here but by the
//! functions that decide when points end.

use super::Fields;
use super::checks::{Credit, credits_of, of_orders};
use super::rules::RulePlaces;
use crate::program::diagnostics::{Findings, Place};
use crate::program::habits::{
    BOUGHT_AGAIN_LEAST, HISTORY_DAYS_LEAST, Habits, LATE_MOST, SHARE_LEAST, Terms, days, gives_points,
    percent_text, share,
};
use crate::program::{Program, Text};

pub(super) fn judge(
    findings: &Findings,
    document: &Fields<'_>,
    program: &Program,
    places: &[RulePlaces],
    habits: &Habits,
) {
    let foreign = habits.currency.as_deref().filter(|currency| *currency != program.currency.code());
    if let Some(currency) = foreign {
        let place = document.place_of("currency").unwrap_or(document.place);
        let arguments = [("history", Text::both(currency)), ("program", Text::both(program.currency.code()))];
        findings.report("history_in_another_currency", place, &arguments);
    }
    if !habits.suffice() {
        let arguments = [
            ("again", Text::both(habits.counts.bought_again.to_string())),
            ("days", days(habits.counts.days)),
            ("least", Text::both(BOUGHT_AGAIN_LEAST.to_string())),
            ("span", days(HISTORY_DAYS_LEAST)),
        ];
        return findings.report("too_few_orders", document.place, &arguments);
    }
    let credits: Vec<Credit<'_>> = program.rules.iter().zip(places).flat_map(credits_of).collect();
    lives(findings, document, program, &credits, habits);
    if foreign.is_none() {
        spenders(findings, document, program, habits);
    }
}

/// Points of orders that most next purchases come too late for: told once for the program's own validity.
fn lives(
    findings: &Findings,
    document: &Fields<'_>,
    program: &Program,
    credits: &[Credit<'_>],
    habits: &Habits,
) {
    let (Some(gap), Some(most)) = (habits.median_gap(), habits.gap_of_three_quarters()) else { return };
    let of_program = document.peek("points", "expires").map(|node| node.place);
    let mut told: Vec<Place> = Vec::new();
    for credit in of_orders(credits) {
        let Some(terms) = Terms::of(program, credit.effect) else { continue };
        let place = match credit.effect.expires {
            None => of_program.unwrap_or(credit.place),
            Some(_) => credit.place,
        };
        let late = terms.late(program, habits).filter(|late| *late > LATE_MOST && !told.contains(&place));
        let Some(late) = late else { continue };
        told.push(place);
        let arguments = [
            ("terms", terms.told()),
            ("share", Text::both(percent_text(late))),
            ("gap", days(i64::from(gap))),
            ("most", days(i64::from(most))),
        ];
        findings.report("expires_before_next_order", place, &arguments);
    }
}

/// Members who came back and still never had points to pay with. Judged by those alone: no terms help who
/// buys once. A catalogue is another way to spend, which a replay of orders does not walk.
fn spenders(findings: &Findings, document: &Fields<'_>, program: &Program, habits: &Habits) {
    let counts = habits.counts;
    if !gives_points(program, counts.welcome) {
        return;
    }
    let tell = |code, word, part| {
        let Some(share) = share(part, counts.bought_again).filter(|share| *share < SHARE_LEAST) else {
            return false;
        };
        let place = document.place_of(word).unwrap_or(document.place);
        let members = Text::both(counts.bought_again.to_string());
        findings.report(code, place, &[("members", members), ("share", Text::both(percent_text(share)))]);
        true
    };
    // Who got nothing has nothing to spend: told once, where the reason is.
    if !tell("few_ever_earn", "rules", counts.earners_again) && program.rewards.is_empty() {
        tell("few_ever_spend", "spending", counts.spenders_again);
    }
}
