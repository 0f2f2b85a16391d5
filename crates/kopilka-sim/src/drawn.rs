//! The plots of a report by themselves, for a page with a frame of its own.
//!
//! Invariant: one report's plots are those of its HTML page; two are drawn over each other month by month.

use crate::page::grouped;
use crate::plot::{Frame, Series, bars, lines};
use crate::report::{MonthRow, RawMonth, Report};
use crate::words::Lang;

/// A plot, what its lines are, and what its axis counts.
pub struct Drawn {
    pub title: String,
    /// Empty where the title says it.
    pub unit: String,
    /// The style class of each line, and its name.
    pub legend: Vec<(&'static str, String)>,
    pub svg: String,
}

type Value = fn(&RawMonth) -> i64;
type Told = fn(&MonthRow) -> String;

fn series<'s>(
    report: &Report,
    lang: Lang,
    (name, class): (&'s str, &'s str),
    (value, told): (Value, Told),
) -> Series<'s> {
    let say = |month: &MonthRow| format!("{}: {}", month.month, grouped(&told(month), lang));
    let values = report.months.iter().map(|month| value(&month.raw)).collect();
    Series { name, class, values, told: report.months.iter().map(say).collect() }
}

const LIABILITY: (Value, Told) = (|m| m.liability, |m| m.liability.clone());
const ISSUED: (Value, Told) = (|m| m.issued, |m| m.issued.clone());
const SPENT: (Value, Told) = (|m| m.spent, |m| m.spent.clone());
const EXPIRED: (Value, Told) = (|m| m.expired, |m| m.expired.clone());
const ORDERS: (Value, Told) = (|m| m.orders, |m| m.orders.to_string());

fn labels(report: &Report) -> Vec<String> {
    report.months.iter().map(|month| month.month.clone()).collect()
}

impl Report {
    /// Liability, points and orders by month.
    pub fn drawn(&self, lang: Lang) -> Vec<Drawn> {
        let labels = labels(self);
        let say = |en: &'static str, ru: &'static str| lang.pick(en, ru);
        let bar = |title: &'static str, unit: String, scale: i64, what| {
            let frame = Frame { title, labels: &labels, unit: scale, language: lang.language() };
            let svg = bars(&frame, &series(self, lang, (title, "a"), what));
            Drawn { title: title.to_owned(), unit, legend: Vec::new(), svg }
        };
        let liability = say("Liability at the month's end", "Обязательства на конец месяца");
        let points = say("Points by month", "Баллы по месяцам");
        let names = [
            ("a", say("issued", "начислено"), ISSUED),
            ("b", say("spent", "потрачено"), SPENT),
            ("c", say("expired", "сгорело"), EXPIRED),
        ];
        let all = names.map(|(class, name, what)| series(self, lang, (name, class), what));
        let svg = lines(
            &Frame { title: points, labels: &labels, unit: self.point_unit, language: lang.language() },
            &all,
        );
        let legend = names.map(|(class, name, _)| (class, name.to_owned())).into();
        vec![
            bar(liability, self.program.currency.clone(), self.money_unit, LIABILITY),
            Drawn { title: points.to_owned(), unit: String::new(), legend, svg },
            bar(say("Orders by month", "Заказы по месяцам"), String::new(), 1, ORDERS),
        ]
    }

    /// What two programs made of the same log: liability, points issued and points spent, each as two lines.
    pub fn drawn_beside(&self, other: &Report, names: [&str; 2], lang: Lang) -> Vec<Drawn> {
        let labels = labels(self);
        let drawn = |(en, ru): (&str, &str), unit: String, scale: i64, what| {
            let title = lang.pick(en, ru);
            let both =
                [series(self, lang, (names[0], "a"), what), series(other, lang, (names[1], "b"), what)];
            let svg = lines(&Frame { title, labels: &labels, unit: scale, language: lang.language() }, &both);
            let legend = vec![("a", names[0].to_owned()), ("b", names[1].to_owned())];
            Drawn { title: title.to_owned(), unit, legend, svg }
        };
        let money = self.program.currency.clone();
        vec![
            drawn(
                ("Liability at the month's end", "Обязательства на конец месяца"),
                money,
                self.money_unit,
                LIABILITY,
            ),
            drawn(("Points issued", "Начислено баллов"), String::new(), self.point_unit, ISSUED),
            drawn(("Points spent", "Потрачено баллов"), String::new(), self.point_unit, SPENT),
        ]
    }
}
