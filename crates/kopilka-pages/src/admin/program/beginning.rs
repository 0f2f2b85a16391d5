//! What a word begins with when it is added: something that can be read, to be changed then.

use super::known::Known;
use kopilka_core::program::document::vocabulary::{self, Block, Kind};
use kopilka_core::program::source;
use kopilka_core::time::Day;

/// Deeper than any word needs.
const DEPTH: usize = 6;

pub struct Beginnings<'a> {
    pub known: &'a Known,
    pub today: Day,
}

impl Beginnings<'_> {
    /// The value of a word, in one line.
    pub fn of_word(&self, block: Block, word: &str) -> String {
        self.word(block, word, DEPTH)
    }
    /// A map of a block, as an item of a list.
    pub fn of_map(&self, block: Block) -> String {
        self.map(block, DEPTH)
    }

    fn word(&self, block: Block, word: &str, depth: usize) -> String {
        if let Some(own) = self.own(block, word) {
            return own;
        }
        let known = Known::for_word(block, word).and_then(|(list, _)| self.known.list(list).first());
        let kind = vocabulary::find(block, word).map(|word| word.kind);
        match (known, kind) {
            (Some(name), Some(Kind::OneOrMany(_))) => format!("[{}]", source::scalar(name)),
            (Some(name), _) => source::scalar(name),
            (None, Some(kind)) => self.kind(kind, depth),
            (None, None) => "\"\"".to_owned(),
        }
    }

    fn own(&self, block: Block, word: &str) -> Option<String> {
        let day = self.today;
        let text = match (block, word) {
            (_, "note") => "\"…\"",
            (Block::Condition, "all" | "any" | "none") => "[{ weekday: [sat, sun] }]",
            (Block::Condition, "weekday") => "[sat, sun]",
            (Block::Condition, "hours") => "{ from: \"10:00\", to: \"12:00\" }",
            (Block::Condition, "date") => {
                return Some(format!("{{ from: {day}, to: {} }}", day.plus_days(30)));
            }
            (Block::Condition, "birthday") => "{ days_before: 3, days_after: 3 }",
            (Block::Condition, "age") => "{ from: 18 }",
            (Block::Condition, "days_since_last_order") => "{ from: 60 }",
            (Block::Condition, "days_since_registration") => "{ to: 30 }",
            (Block::Condition, "order_number") => "1",
            (Block::Condition, "line") => "{ category: [shoes] }",
            (Block::Condition, "bought_before") => "{ category: [shoes], within: 6 months }",
            (Block::Condition | Block::Member, "attribute" | "event") => "{ city: Moscow }",
            (Block::Condition, "channel") => "[online]",
            (Block::Condition, "shop") => "[main]",
            (Block::Effect, "credit") => "{ percent: 5 }",
            (Block::Effect, "multiply") => "{ by: 2 }",
            (Block::Match | Block::LineCondition | Block::Earlier, "category")
                if self.known.list("categories").is_empty() =>
            {
                "[shoes]"
            }
            (Block::Credit, "of") | (Block::Multiply, "of") | (Block::Off, "of") => "{ category: [shoes] }",
            (Block::Spending, "only" | "exclude") | (_, "except") => "{ category: [gift-cards] }",
            (Block::Credit, "rates") => "[{ match: { category: [shoes] }, percent: 10 }]",
            (Block::Credit, "by_table") => "[{ from: 0, percent: 3 }, { from: 5000, percent: 5 }]",
            (Block::Off, "by_table") => "[{ from: 5000, percent: 5 }, { from: 10000, percent: 10 }]",
            (Block::Credit, "active_after") | (Block::Accrual, "active_after") => "14 days",
            (Block::Credit | Block::Points, "expires") => "6 months",
            (Block::Limits, "per_member") => "{ times: 1, per: month }",
            (Block::Limits, "total") => "{ points: 100000 }",
            (Block::Document, "tiers") => {
                "{ by: money_paid, over: rolling 12 months, levels: [{ id: base }, { id: silver, from: 30000 }] }"
            }
            (Block::Document, "coupons") => {
                "{ campaigns: [{ id: spring, code: SPRING, discount: { percent: 10 } }] }"
            }
            (Block::Document, "groups") => "{ best-of: best }",
            (Block::Document, "profile") => "[phone, email, birthday]",
            (Block::Document, "tags") => "[vip]",
            (Block::Document, "control_group") => "{ share: 10 }",
            (Block::Document, "transfers") => "{ allowed: true }",
            (Block::Returns, "on_threshold_broken") => "{ earning: reprice }",
            _ => return None,
        };
        Some(text.to_owned())
    }

    fn map(&self, block: Block, depth: usize) -> String {
        if depth == 0 {
            return "{}".to_owned();
        }
        let mut words: Vec<_> = vocabulary::words_of(block).filter(|word| word.required).collect();
        if words.is_empty() {
            words.extend(vocabulary::words_of(block).next());
        }
        let entry = |word: &&vocabulary::Word| {
            format!("{}: {}", source::scalar(word.word), self.word(block, word.word, depth - 1))
        };
        format!("{{ {} }}", words.iter().map(entry).collect::<Vec<_>>().join(", "))
    }

    fn kind(&self, kind: Kind, depth: usize) -> String {
        match kind {
            Kind::Text | Kind::Localized | Kind::Refusal => "…".to_owned(),
            Kind::Id => "new".to_owned(),
            Kind::Currency => "RUB".to_owned(),
            Kind::Zone => "Europe/Moscow".to_owned(),
            Kind::Money => "1000".to_owned(),
            Kind::Points => "100".to_owned(),
            Kind::Percent => "5".to_owned(),
            Kind::Decimal => "1".to_owned(),
            Kind::Whole { from, to } => from.max(1).min(to).to_string(),
            Kind::Quantity => "2".to_owned(),
            Kind::Period => "1 month".to_owned(),
            Kind::Day | Kind::Moment => self.today.to_string(),
            Kind::TimeOfDay => "\"10:00\"".to_owned(),
            Kind::Language => "ru".to_owned(),
            Kind::Truth => "true".to_owned(),
            Kind::Words(block) => {
                let first = vocabulary::words_of(block).next();
                first.map_or_else(|| "…".to_owned(), |word| source::scalar(word.word))
            }
            Kind::Map(block) => self.map(block, depth),
            Kind::List(inner) | Kind::OneOrMany(inner) => match depth {
                0 => "[]".to_owned(),
                _ => format!("[{}]", self.kind(*inner, depth - 1)),
            },
            // The last is the fullest: a period rather than `never`.
            Kind::Either(kinds) => {
                let chosen = kinds.iter().find(|kind| !matches!(kind, Kind::Words(_))).or(kinds.first());
                chosen.map_or_else(|| "…".to_owned(), |kind| self.kind(*kind, depth))
            }
            Kind::Groups | Kind::AttributeTests | Kind::AttributeValues | Kind::Rates | Kind::Constants => {
                "{}".to_owned()
            }
            Kind::Window => "rolling 12 months".to_owned(),
            Kind::Value => "\"\"".to_owned(),
        }
    }
}
