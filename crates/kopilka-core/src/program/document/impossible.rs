//! Rules that can never fire: conditions that exclude each other, as far as the outermost `all` shows it.

use crate::program::diagnostics::{Findings, Place};
use crate::program::{Condition, Text};
use crate::range::Range;

/// Refuses a rule whose conditions exclude each other, as far as its outermost `all` shows it.
pub(super) fn refuse_impossible(findings: &Findings, place: Place, rule: &str, condition: &Condition) {
    let together = condition.together();
    let apart = [windows_apart, weekdays_apart, names_apart, ranges_apart, denied];
    if apart.iter().any(|apart| apart(&together)) {
        findings.report("rule_never_fires", place, &[("rule", Text::both(rule))]);
    }
}

fn windows_apart(together: &[&Condition]) -> bool {
    let windows = || {
        together.iter().filter_map(|c| match c {
            Condition::Date { from, to } => Some((*from, *to)),
            _ => None,
        })
    };
    let first = windows().filter_map(|(from, _)| from).max();
    let last = windows().filter_map(|(_, to)| to).min();
    matches!((first, last), (Some(first), Some(last)) if last < first)
}

fn weekdays_apart(together: &[&Condition]) -> bool {
    let mut lists = together.iter().filter_map(|c| match c {
        Condition::Weekdays(days) => Some(days),
        _ => None,
    });
    let Some(first) = lists.next() else { return false };
    let rest: Vec<&Vec<i8>> = lists.collect();
    !first.iter().any(|day| rest.iter().all(|days| days.contains(day)))
}

fn names_apart(together: &[&Condition]) -> bool {
    type Names = fn(&Condition) -> Option<&Vec<String>>;
    let kinds: [Names; 4] = [
        |c| if let Condition::Shops(names) = c { Some(names) } else { None },
        |c| if let Condition::Channels(names) = c { Some(names) } else { None },
        |c| if let Condition::Cashiers(names) = c { Some(names) } else { None },
        |c| if let Condition::Tiers(names) = c { Some(names) } else { None },
    ];
    kinds.iter().any(|kind| {
        let mut lists = together.iter().filter_map(|c| kind(c));
        let Some(first) = lists.next() else { return false };
        let rest: Vec<&Vec<String>> = lists.collect();
        !first.iter().any(|name| rest.iter().all(|names| names.contains(name)))
    })
}

/// One of the conditions is also under a `none`.
fn denied(together: &[&Condition]) -> bool {
    let none = together.iter().filter_map(|c| if let Condition::None(list) = c { Some(list) } else { None });
    none.flatten().any(|denied| together.contains(&denied))
}

/// Bounds on one figure that leave nothing between them.
fn ranges_apart(together: &[&Condition]) -> bool {
    type Bounds = fn(&Condition) -> Option<Range>;
    let figures: [Bounds; 8] = [
        |c| if let Condition::OrderTotal(range) = c { Some(*range) } else { None },
        |c| if let Condition::OrderTotalList(range) = c { Some(*range) } else { None },
        |c| if let Condition::Quantity(range) = c { Some(*range) } else { None },
        |c| if let Condition::OrderNumber(range) = c { Some(*range) } else { None },
        |c| if let Condition::MoneyPaid(range) = c { Some(*range) } else { None },
        |c| if let Condition::Age(range) = c { Some(*range) } else { None },
        |c| if let Condition::DaysSinceRegistration(range) = c { Some(*range) } else { None },
        |c| if let Condition::DaysSinceLastOrder(range) = c { Some(*range) } else { None },
    ];
    figures
        .iter()
        .any(|bounds| together.iter().filter_map(|c| bounds(c)).fold(Range::default(), Range::and).is_empty())
}
