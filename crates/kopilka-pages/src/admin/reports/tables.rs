//! The reports by name, each a table.

use super::figures::Figures;
use super::sheet::{Cell, Sheet};
use kopilka_core::measures::{Customers, DaySums, Month, OFTEN, RECENT_DAYS, month_of};
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use std::collections::BTreeMap;

/// Every report, by the last part of its address.
pub const NAMES: [&str; 5] = ["activity", "points", "liability", "cohorts", "customers"];
/// Months of cohorts that are told after the first, at most.
const COHORT_MONTHS: usize = 12;

fn columns(f: &Figures, keys: &[&str]) -> Vec<String> {
    keys.iter().map(|key| f.words.say(key)).collect()
}

fn sheet(f: &Figures, name: &'static str, keys: &[&str], rows: Vec<Vec<Cell>>) -> Sheet {
    let title = f.words.say(&format!("report-{name}"));
    Sheet { name, title, columns: columns(f, keys), rows, total: Vec::new() }
}

/// By month, the newest first: who bought and how.
pub fn activity(f: &Figures, customers: &Customers) -> Sheet {
    let keys = [
        "report-month",
        "report-buyers",
        "report-new",
        "report-repeat",
        "report-repeat-share",
        "report-orders",
        "report-frequency",
        "report-money",
        "report-average",
    ];
    let row = |(month, of): (&Month, &kopilka_core::measures::MonthBought)| {
        let bought = of.bought;
        vec![
            f.month(*month),
            f.count(bought.buyers),
            f.count(of.new),
            f.count(of.repeat),
            f.share(of.repeat.into(), bought.buyers.into()),
            f.count(bought.orders),
            f.mean(bought.orders, bought.buyers),
            f.money(bought.money),
            f.mean_money(bought.money, bought.orders),
        ]
    };
    sheet(f, "activity", &keys, customers.months.iter().rev().map(row).collect())
}

/// Sums of days, by month.
pub fn by_month(days: &BTreeMap<i32, DaySums>) -> BTreeMap<Month, DaySums> {
    let mut months: BTreeMap<Month, DaySums> = BTreeMap::new();
    for (day, sums) in days {
        months.entry(month_of(Day::of_number(*day))).or_default().join(sums);
    }
    months
}

/// By month, the newest first: where points came from and went.
pub fn points(f: &Figures, days: &BTreeMap<i32, DaySums>) -> Sheet {
    let keys = [
        "report-month",
        "report-issued",
        "report-spent",
        "report-burnt",
        "report-revoked",
        "report-redemption",
        "report-breakage",
        "report-with-points",
        "report-registered",
    ];
    let row = |(month, sums): (Month, DaySums)| {
        let p = sums.points;
        let (spent, burnt) = (p.spent - p.come_back, p.expired - p.regranted);
        vec![
            f.month(month),
            f.points(p.issued),
            f.points(spent),
            f.points(burnt),
            f.points(p.revoked),
            f.share(spent.0, p.issued.0),
            f.share(burnt.0, p.issued.0),
            f.share(sums.orders_with_points, sums.orders),
            f.count(sums.members),
        ]
    };
    sheet(f, "points", &keys, by_month(days).into_iter().rev().map(row).collect())
}

/// What is owed, by the month in which it ends.
pub fn liability(f: &Figures, months: &[(i64, Points)]) -> Sheet {
    let total: i64 = months.iter().map(|(_, points)| points.0).sum();
    let row = |(month, points): &(i64, Points)| {
        let name = match *month {
            0 => Cell::Text(f.words.say("report-never")),
            month => f.month(i32::try_from(month / 100 * 12 + month % 100 - 1).unwrap_or_default()),
        };
        let worth = f.shown.program.points.worth(*points);
        vec![name, f.points(*points), f.money(worth), f.share(points.0, total)]
    };
    let keys = ["report-ends", "report-owed", "report-worth", "report-share"];
    let all = Points(total);
    let worth = f.money(f.shown.program.points.worth(all));
    let total = vec![Cell::Text(f.words.say("report-total")), f.points(all), worth, Cell::Empty];
    Sheet { total, ..sheet(f, "liability", &keys, months.iter().map(row).collect()) }
}

/// Of those who bought first in a month, how many bought again in each month since.
pub fn cohorts(f: &Figures, customers: &Customers) -> Sheet {
    let longest = customers.cohorts.iter().map(|cohort| cohort.buyers.len()).max().unwrap_or_default();
    let months = longest.saturating_sub(1).min(COHORT_MONTHS);
    let mut titles = columns(f, &["report-first", "report-buyers"]);
    titles.extend((1..=months).map(|n| f.words.say_n("report-after", n as i64)));
    let row = |cohort: &kopilka_core::measures::Cohort| {
        let first = cohort.buyers.first().copied().unwrap_or_default();
        let mut cells = vec![f.month(cohort.month), f.count(first)];
        cells.extend((1..=months).map(|n| match cohort.buyers.get(n) {
            Some(buyers) => f.share((*buyers).into(), first.into()),
            None => Cell::Empty,
        }));
        cells
    };
    let rows = customers.cohorts.iter().rev().map(row).collect();
    Sheet { columns: titles, ..sheet(f, "cohorts", &[], rows) }
}

/// How lately and how often, with what they spent.
pub fn customers(f: &Figures, customers: &Customers) -> Sheet {
    let mut rows = Vec::new();
    for (lately, row) in customers.alike.iter().enumerate() {
        for (often, alike) in row.iter().enumerate().filter(|(_, alike)| alike.members > 0) {
            rows.push(vec![
                Cell::Text(lately_words(f, lately)),
                Cell::Text(often_words(f, often)),
                f.count(alike.members),
                f.share(alike.members.into(), customers.members.into()),
                f.money(alike.money),
                f.mean_money(alike.money, alike.members),
            ]);
        }
    }
    let keys =
        ["report-lately", "report-often", "report-buyers", "report-share", "report-money", "report-each"];
    sheet(f, "customers", &keys, rows)
}

fn lately_words(f: &Figures, place: usize) -> String {
    let before = place.checked_sub(1).and_then(|before| RECENT_DAYS.get(before));
    match (RECENT_DAYS.get(place), RECENT_DAYS.last()) {
        (Some(days), _) if before.is_some() => {
            let from = f.words.whole(i64::from(before.copied().unwrap_or_default()) + 1);
            f.words.say_with("report-between", &[("from", &from), ("to", &f.words.whole(i64::from(*days)))])
        }
        (Some(days), _) => f.words.say_n("report-within", i64::from(*days)),
        (None, last) => f.words.say_n("report-longer", i64::from(last.copied().unwrap_or_default())),
    }
}

fn often_words(f: &Figures, place: usize) -> String {
    match (place.checked_sub(1).and_then(|before| OFTEN.get(before)), OFTEN.get(place)) {
        (None, Some(to)) => f.words.whole(i64::from(*to)),
        (Some(before), Some(to)) if before + 1 == *to => f.words.whole(i64::from(*to)),
        (Some(before), Some(to)) => format!("{}–{to}", before + 1),
        (Some(before), None) => f.words.say_n("report-more", i64::from(*before)),
        (None, None) => String::new(),
    }
}
