//! The figures of a report, computed from the totals.

use super::*;
use crate::Spend;
use crate::reasons::{Reason, Tally, Used};
use crate::replay::Replay;
use crate::totals::{Check, outstanding_by_month};
use crate::words::{Lang, assumptions, reason_text};
use kopilka_core::money::{Currency, Money, Rounding};
use kopilka_core::points::{PointUnit, Points};

impl Replay<'_> {
    /// The report in a language.
    pub fn report(&self, lang: Lang) -> Report {
        Writer { replay: self, lang }.report()
    }
}

struct Writer<'a> {
    replay: &'a Replay<'a>,
    lang: Lang,
}

impl Writer<'_> {
    fn currency(&self) -> Currency {
        self.replay.options.program.currency
    }
    fn unit(&self) -> PointUnit {
        self.replay.options.program.points
    }
    fn points(&self, points: Points) -> String {
        self.unit().format(points)
    }
    fn money(&self, minor: i128) -> String {
        self.currency().format(Money(minor.clamp(i128::from(i64::MIN), i128::from(i64::MAX)) as i64))
    }
    fn worth(&self, points: Points) -> i128 {
        i128::from(self.unit().worth(points).0)
    }

    fn report(&self) -> Report {
        let Replay { log, options, totals, .. } = self.replay;
        let program = &options.program;
        let classes = &log.classes;
        let exact = |tally: Tally| exact_text(tally.amount, log_exponent(&log.map.currency));
        let counted = |tally: Tally| Counted { rows: tally.rows, amount: exact(tally) };
        let spend = match options.spend {
            Spend::Never => "never",
            Spend::Max => "max",
            Spend::Half => "half",
        };
        Report {
            log: self.log_facts(),
            program: ProgramFacts {
                id: program.slug.clone(),
                name: self.lang.of(&program.name).to_owned(),
                currency: program.currency.code().to_owned(),
                timezone: program.zone.name().to_owned(),
                points_name: self.lang.of(&program.points_name).to_owned(),
            },
            spend,
            welcome: options.welcome,
            assumptions: assumptions(self.lang, log, options),
            rows: Rows {
                total: classes.identified.rows
                    + classes.returns.rows
                    + classes.unidentified.rows
                    + classes.other.rows,
                identified: classes.identified.rows,
                returns: classes.returns.rows,
                unidentified: classes.unidentified.rows,
                other: classes.other.rows,
            },
            identified: Identified {
                rows: classes.identified.rows,
                orders: classes.identified_orders,
                amount: exact(classes.identified),
            },
            returns: ReturnedRows {
                rows: classes.returns.rows,
                amount: exact(classes.returns),
                covered_in_full: totals.matched.in_full,
                covered_in_part: totals.matched.in_part,
                without_purchase: totals.matched.not_at_all,
            },
            unidentified: counted(classes.unidentified),
            other: counted(classes.other),
            reasons: self.reasons(),
            members: totals.members,
            members_who_spent: totals.members_who_spent,
            orders: totals.orders,
            orders_without_goods: totals.orders_without_goods,
            orders_refused: totals.orders_refused,
            returns_replayed: totals.returns,
            revenue: self.revenue(),
            points: self.point_sums(),
            cost: self.cost(),
            months: self.months(),
            identity: self.check(&totals.identity),
            returned_everything: self.emptied(),
            money_unit: 10_i64.pow(program.currency.exponent),
            point_unit: self.unit().scale(),
        }
    }

    fn log_facts(&self) -> LogFacts {
        let log = self.replay.log;
        LogFacts {
            name: log.map.name.clone(),
            currency: log.map.currency.clone().unwrap_or_default(),
            timezone: log.map.timezone.clone(),
            order_id: self.lang.order_id(&log.map),
            first: log.first.to_string(),
            last: log.last.to_string(),
        }
    }

    fn reasons(&self) -> Vec<ReasonRow> {
        let log = self.replay.log;
        let decimals = log_exponent(&log.map.currency);
        let row = |(reason, tally): (&Reason, &Tally)| ReasonRow {
            reason: reason.code(),
            detail: reason.detail(&log.map),
            used: match reason.used() {
                Used::No => "no",
                Used::InPart => "in_part",
                Used::Otherwise => "otherwise",
            },
            rows: tally.rows,
            amount: exact_text(tally.amount, decimals),
            text: reason_text(self.lang, *reason, &log.map),
        };
        self.replay.totals.reasons.0.iter().map(row).collect()
    }

    fn net(&self) -> i128 {
        let totals = &self.replay.totals;
        totals.charged() - self.worth(totals.sums().spent) - totals.refunded()
    }
    fn kept_spent(&self) -> Points {
        let sums = self.replay.totals.sums();
        sums.spent - sums.come_back
    }

    fn revenue(&self) -> Revenue {
        let totals = &self.replay.totals;
        let by_points = self.worth(self.kept_spent());
        Revenue {
            charged: self.money(totals.charged()),
            paid_by_points: self.money(by_points),
            refunded: self.money(totals.refunded()),
            returned_in_points: self.money(self.worth(totals.sums().spent) - by_points),
            net: self.money(self.net()),
            sales: self.money(self.net() + by_points),
        }
    }

    fn point_sums(&self) -> PointSums {
        let (sums, balance) = (self.replay.totals.sums(), self.replay.totals.balance);
        PointSums {
            issued: self.points(sums.issued),
            regranted: self.points(sums.regranted),
            written_off: self.points(sums.written_off),
            spent: self.points(sums.spent),
            come_back: self.points(sums.come_back),
            expired: self.points(sums.expired),
            revoked: self.points(sums.revoked),
            shop_loss: self.points(sums.shop_loss),
            pending: self.points(balance.pending),
            available: self.points(balance.available),
            held: self.points(balance.held),
            debt: self.points(balance.debt),
            outstanding: self.points(balance.outstanding()),
        }
    }

    fn cost(&self) -> Cost {
        let totals = &self.replay.totals;
        let sums = totals.sums();
        let by_points = self.worth(self.kept_spent());
        let liability = self.worth(totals.balance.outstanding());
        let sales = self.net() + by_points;
        let given = i128::from((sums.issued + sums.regranted - sums.revoked).0);
        Cost {
            paid_by_points: self.money(by_points),
            share_of_revenue_percent: percent(by_points, sales),
            liability: self.money(liability),
            liability_share_percent: percent(liability, sales),
            most_share_percent: percent(by_points + liability, sales),
            redemption_rate_percent: percent(i128::from(self.kept_spent().0), given),
            breakage_percent: percent(i128::from(sums.expired.0), given),
        }
    }

    fn months(&self) -> Vec<MonthRow> {
        let totals = &self.replay.totals;
        let outstanding = outstanding_by_month(&totals.months);
        let names = &self.replay.calendar.names;
        let rows = names.iter().zip(&totals.months).zip(outstanding);
        rows.map(|((name, month), outstanding)| {
            let sums = month.sums;
            let liability = self.worth(outstanding);
            MonthRow {
                month: format!("{:04}-{:02}", name.year, name.month),
                orders: month.orders,
                returns: month.returns,
                charged: self.money(month.charged),
                refunded: self.money(month.refunded),
                issued: self.points(sums.issued),
                regranted: self.points(sums.regranted),
                written_off: self.points(sums.written_off),
                spent: self.points(sums.spent),
                come_back: self.points(sums.come_back),
                expired: self.points(sums.expired),
                revoked: self.points(sums.revoked),
                shop_loss: self.points(sums.shop_loss),
                outstanding: self.points(outstanding),
                liability: self.money(liability),
                raw: RawMonth {
                    orders: month.orders as i64,
                    issued: sums.issued.0,
                    spent: sums.spent.0,
                    expired: sums.expired.0,
                    liability: liability as i64,
                },
            }
        })
        .collect()
    }

    fn first(&self, check: &Check) -> Option<String> {
        let name = |member: u32| self.replay.log.members.text(member).into_owned();
        check.first.as_ref().map(|(member, what)| format!("{}: {what}", name(*member)))
    }
    fn check(&self, check: &Check) -> CheckResult {
        CheckResult {
            members_checked: check.members,
            violations: check.violations,
            first_violation: self.first(check),
        }
    }
    fn emptied(&self) -> Emptied {
        let totals = &self.replay.totals;
        Emptied {
            members: totals.emptied.members,
            with_time: totals.emptied_with_time,
            violations: totals.emptied.violations,
            first_violation: self.first(&totals.emptied),
        }
    }
}

fn log_exponent(currency: &Option<String>) -> u32 {
    currency.as_deref().and_then(Currency::by_code).map_or(2, |c| c.exponent)
}

/// An amount in 10^-9 as a decimal text with at least `least` decimals and no other trailing zeros.
fn exact_text(amount: i128, least: u32) -> String {
    let unit = 1_000_000_000_u128;
    let magnitude = amount.unsigned_abs();
    let mut text = format!("{}.{:09}", magnitude / unit, magnitude % unit);
    let shortest = text.len() - 9 + least as usize;
    while text.len() > shortest && text.ends_with('0') {
        text.pop();
    }
    let text = text.trim_end_matches('.');
    if amount < 0 { format!("-{text}") } else { text.to_owned() }
}

/// `part / whole` in percent with two decimals, half up.
fn percent(part: i128, whole: i128) -> Option<String> {
    let hundredths = (whole > 0).then(|| Rounding::HalfUp.divide(part * 10_000, whole))?;
    let sign = if hundredths < 0 { "-" } else { "" };
    Some(format!("{sign}{}.{:02}", hundredths.abs() / 100, hundredths.abs() % 100))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_keep_every_digit_and_no_more() {
        assert_eq!(exact_text(8_911_407_904_000_000, 2), "8911407.904");
        assert_eq!(exact_text(-500_000_000, 2), "-0.50");
        assert_eq!(exact_text(2_500_315_630_000_000, 2), "2500315.63");
        assert_eq!(exact_text(7_000_000_000, 0), "7");
        assert_eq!(percent(1, 3), Some("33.33".to_owned()));
        assert_eq!(percent(-1, 200), Some("-0.50".to_owned()));
        assert_eq!(percent(1, 0), None);
    }
}
