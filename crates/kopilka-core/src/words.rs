//! Words for people, English and Russian: amounts, dates, refusals, steps of a decision, movements of points.
//!
//! Invariant: words are made from data only when somebody asks; nothing is ever decided by them.

mod guests;
mod holders;
mod merge;
mod movement;
mod plural;
mod quote;
mod refusal;
mod step;

use crate::decimal;
use crate::money::{Currency, Money};
use crate::points::Points;
use crate::program::{Program, Text};
use crate::time::{Day, Instant};
use serde::{Deserialize, Serialize};

pub use movement::movement;
pub use plural::{Form, plural};
pub use quote::{next_step, read_aloud};
pub use refusal::refusal;
pub use step::coupon::refusal as coupon_refusal;
pub use step::step;

/// The languages the engine speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Language {
    #[default]
    En,
    Ru,
}

pub const LANGUAGES: [Language; 2] = [Language::En, Language::Ru];

impl Language {
    pub fn tag(self) -> &'static str {
        match self {
            Language::En => "en",
            Language::Ru => "ru",
        }
    }
    pub fn of(self, text: &Text) -> &str {
        match self {
            Language::En => &text.en,
            Language::Ru => &text.ru,
        }
    }
    /// `value × 10^-scale`: digits in groups of three, with the language's own marks; decimals only where
    /// there are any.
    pub fn number(self, value: i64, scale: u32) -> String {
        let text = decimal::format_scaled(value.saturating_abs(), scale);
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
        let (group, point) = match self {
            Language::En => (',', '.'),
            Language::Ru => ('\u{a0}', ','),
        };
        let mut out = String::with_capacity(text.len() + 8);
        if value < 0 {
            out.push('−');
        }
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(group);
            }
            out.push(digit);
        }
        if decimals.bytes().any(|b| b != b'0') {
            out.push(point);
            out.push_str(decimals);
        }
        out
    }
    /// `9 March 2026`, `9 марта 2026`.
    pub fn day(self, day: Day) -> String {
        let months = match self {
            Language::En => &MONTHS_EN,
            Language::Ru => &MONTHS_RU,
        };
        let month = months.get((day.month() - 1).unsigned_abs() as usize).copied().unwrap_or_default();
        format!("{}\u{a0}{month} {}", day.day(), day.year())
    }
    /// `1,234.50 RUB` and `1 234,50 ₽`.
    pub fn money(self, amount: Money, currency: &Currency) -> String {
        let number = self.number(amount.0, currency.exponent);
        match (self, currency.code()) {
            (Language::Ru, "RUB") => format!("{number}\u{a0}₽"),
            (_, code) => format!("{number}\u{a0}{code}"),
        }
    }
    fn pick(self, en: &'static str, ru: &'static str) -> &'static str {
        match self {
            Language::En => en,
            Language::Ru => ru,
        }
    }
}

/// Says figures of one program in one language.
#[derive(Debug, Clone, Copy)]
pub struct Speaker<'a> {
    pub program: &'a Program,
    pub language: Language,
}

const MONTHS_EN: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
// Genitive: "9 марта".
const MONTHS_RU: [&str; 12] = [
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
];

impl<'a> Speaker<'a> {
    pub fn new(program: &'a Program, language: Language) -> Speaker<'a> {
        Speaker { program, language }
    }

    /// One text or the other.
    fn either(&self, en: impl Into<String>, ru: impl Into<String>) -> String {
        match self.language {
            Language::En => en.into(),
            Language::Ru => ru.into(),
        }
    }

    /// `1,234.50 RUB` and `1 234,50 ₽`.
    pub fn money(&self, amount: Money) -> String {
        self.language.money(amount, &self.program.currency)
    }

    /// `1 bonus`, `5 bonuses`; `1 бонус`, `5 бонусов`.
    pub fn points(&self, points: Points) -> String {
        let scale = self.program.points.precision;
        let name = self.language.of(&self.program.points_name);
        let form = plural(self.language, points.0, scale);
        format!("{}\u{a0}{}", self.number(points.0, scale), plural::points_name(self.language, name, form))
    }

    /// The number of points alone.
    pub fn amount(&self, points: Points) -> String {
        self.number(points.0, self.program.points.precision)
    }

    fn number(&self, value: i64, scale: u32) -> String {
        self.language.number(value, scale)
    }

    pub fn day(&self, day: Day) -> String {
        self.language.day(day)
    }

    /// A moment: `9 March 2026` at local midnight, else with the time of day.
    pub fn moment(&self, at: Instant) -> String {
        let day = self.day(self.program.zone.day_of(at));
        match self.program.zone.minute_of_day(at) {
            0 => day,
            minute => format!("{day}, {:02}:{:02}", minute / 60, minute % 60),
        }
    }

    /// The end of a half-open validity, as people say it: the last day that counts, or the exact time.
    pub fn until(&self, end: Instant) -> String {
        let zone = &self.program.zone;
        let day = zone.day_of(end);
        if zone.start_of(day) == end {
            let last = self.day(day.plus_days(-1));
            return match self.language {
                Language::En => format!("through {last}"),
                Language::Ru => format!("по {last} включительно"),
            };
        }
        match self.language {
            Language::En => format!("until {}", self.moment(end)),
            Language::Ru => format!("до {}", self.moment(end)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_said_as_people_write_them() {
        let program = testing::program();
        let en = Speaker::new(&program, Language::En);
        let ru = Speaker::new(&program, Language::Ru);
        assert_eq!(en.money(Money(123_450)), "1,234.50\u{a0}RUB");
        assert_eq!(ru.money(Money(123_450)), "1\u{a0}234,50\u{a0}₽");
        assert_eq!(ru.money(Money(-100_000_000)), "−1\u{a0}000\u{a0}000\u{a0}₽");
        assert_eq!(en.points(Points(1)), "1\u{a0}bonus");
        assert_eq!(en.points(Points(1_500)), "1,500\u{a0}bonuses");
        assert_eq!(ru.points(Points(1_501)), "1\u{a0}501\u{a0}бонус");
        assert_eq!(ru.points(Points(112)), "112\u{a0}бонусов");
    }

    #[test]
    fn a_validity_ends_with_its_last_day() {
        let program = testing::program();
        let midnight = Instant::parse("2026-05-13T00:00:00+03:00").unwrap();
        let (en, ru) = (Speaker::new(&program, Language::En), Speaker::new(&program, Language::Ru));
        assert_eq!(en.until(midnight), "through 12\u{a0}May 2026");
        assert_eq!(ru.until(midnight), "по 12\u{a0}мая 2026 включительно");
        let exact = Instant::parse("2026-05-13T00:05:00+03:00").unwrap();
        assert_eq!(ru.until(exact), "до 13\u{a0}мая 2026, 00:05");
    }
}

#[cfg(test)]
pub(crate) mod testing {
    use crate::money::{Currency, Money, Rate, Rounding};
    use crate::order::ReceiptPoints;
    use crate::points::{PointUnit, Points};
    use crate::product::LineMatch;
    use crate::program::*;
    use crate::time::{Ends, Instant, Period, Zone};

    /// A program of the shortest document.
    fn plain() -> Program {
        let compiled = document::compile("program: words\ncurrency: RUB\n");
        compiled.program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics))
    }

    /// A program with figures and no rules.
    pub(crate) fn program() -> Program {
        let currency = Currency::by_code("RUB").unwrap();
        Program {
            slug: "words".into(),
            version: 1,
            name: Text { en: "Words".into(), ru: "Слова".into() },
            currency,
            zone: Zone::by_name("Europe/Moscow").unwrap(),
            points: PointUnit::new(0, 1_000_000, currency),
            points_name: Text { en: "bonus".into(), ru: "бонус".into() },
            rounding: Rounding::Floor,
            ends: Ends::EndOfDay,
            active_after: Period::Days(14),
            accrual_from: AccrualFrom::Paid,
            complete_after: Period::Days(30),
            expires: None,
            renewed_by_orders: false,
            base: Base::default(),
            multipliers: Combine::default(),
            spending: Spending {
                allowed: true,
                max_share: Rate(Rate::ONE),
                share_of_order: false,
                lines: LineMatch::default(),
                delivery: false,
                min_points: Points::ZERO,
                step: Points(1),
                min_order: Money::ZERO,
                leave_per_piece: Money::ZERO,
                confirm: ConfirmSpending::Never,
                contact_needed: false,
            },
            holds: Holds {
                lapse_after: Period::Days(30),
                reserve_lapse_after: Period::Hours(1),
                shipped_max: Period::Days(90),
                late_shortfall: LateShortfall::Debt,
            },
            returns: Returns {
                on_refund: OnRefund::Keep,
                clawback: Clawback::Debt,
                keep_broken: false,
                reprice_discounts: false,
                referral: Default::default(),
                debt_write_off: Period::Months(12),
            },
            birthday: BirthdayPolicy { known_for: Period::Days(0) },
            transfers: Transfers::default(),
            guest_orders: None,
            unclaimed_cards: None,
            fraud: Fraud::default(),
            groups: Vec::new(),
            rules: Vec::new(),
            own_points: Rule::of_own_points(),
            discounts: Vec::new(),
            coupons: Default::default(),
            referral: Default::default(),
            discount_index: Default::default(),
            discount_limits: DiscountLimits::default(),
            amounts_net: false,
            money_rounding: Rounding::HalfUp,
            receipt_points: ReceiptPoints::Discount,
            birthday_since: Instant(0),
            ..plain()
        }
    }
}
