//! The vocabulary of a program document: each word, where it stands, what may follow it, what it means.
//!
//! Invariant: suggestions, `not_supported_yet`, the JSON Schema and the reference all come from [`words`];
//! a reader that asks for a word the table does not have fails its first test.

mod codes;
mod dates;
mod grants;
mod lives;
mod network;
mod offers;
mod segments;
mod standing;
mod tables;

use crate::program::Text;
pub use tables::LATER;

/// Where a word stands. Each block becomes a definition of the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Block {
    /// In every map of words.
    Everywhere,
    Document,
    Localized,
    Amounts,
    Points,
    Rounding,
    Ends,
    Never,
    OwnExpires,
    Expires,
    CalendarUnit,
    BirthdayName,
    Accrual,
    AccrualFrom,
    BaseName,
    Base,
    BaseLines,
    BaseAmount,
    BaseTax,
    Spending,
    ShareOf,
    ConfirmName,
    Confirm,
    Match,
    Holds,
    Shortfall,
    Returns,
    OnRefundName,
    OnRefund,
    Clawback,
    ThresholdBroken,
    BrokenEarning,
    BrokenDiscount,
    Transfers,
    GuestOrdersName,
    GuestOrders,
    GuestClaim,
    UnclaimedCards,
    Fraud,
    Approval,
    Birthday,
    Receipt,
    ReceiptPoints,
    GroupMode,
    Rule,
    When,
    WhenMap,
    BirthdayWhen,
    AroundBirthday,
    Condition,
    MoneyRange,
    QuantityRange,
    CountRange,
    LineCondition,
    Earlier,
    InactiveWhen,
    ScheduleWhen,
    ScheduleEvery,
    CountedEvent,
    KnownPart,
    Dates,
    Weekday,
    Hours,
    Effect,
    Credit,
    MatchName,
    Each,
    CategoryRate,
    TableRow,
    Multiply,
    Multipliers,
    Overflow,
    Limits,
    MemberLimit,
    TotalLimit,
    Span,
    Discount,
    /// What a discount takes off, whatever brings it.
    Off,
    DiscountOn,
    DiscountOnMap,
    Bought,
    DiscountRow,
    DiscountBase,
    DiscountLimits,
    Coupons,
    Together,
    Campaign,
    Codes,
    CouponLimits,
    CouponOnReturn,
    CouponRefusal,
    Gift,
    Reward,
    RewardGives,
    Offer,
    OfferActivate,
    CouponGiven,
    TierGiven,
    WebhookTold,
    Referral,
    Touch,
    CreditTo,
    ReferralClawback,
    GiftCards,
    GiftAsk,
    Tiers,
    CountedBy,
    ForOrder,
    HoldName,
    Level,
    Attribute,
    AttributeKind,
    CustomEvent,
    Achievement,
    AchievementCounts,
    TierWhen,
    TierWay,
    Test,
    Segment,
    ControlGroup,
    Channel,
    Member,
    Person,
    Step,
    StepStatus,
    TestLine,
    OwnPoints,
    LineKind,
    AskName,
    Ask,
    ReturnedLine,
    Expect,
}

/// What may follow a word.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    Text,
    /// A text, or one per language.
    Localized,
    /// `[a-z0-9-]{1,64}`
    Id,
    Currency,
    Zone,
    /// An amount of the program's currency.
    Money,
    Points,
    Percent,
    Decimal,
    /// A whole number; both bounds included.
    Whole {
        from: i64,
        to: i64,
    },
    Quantity,
    Period,
    Day,
    Moment,
    TimeOfDay,
    /// `ru`: a language without its country.
    Language,
    /// `true` or `false`.
    Truth,
    /// A code of `docs/reference/refusals.md`.
    Refusal,
    /// One of the block's values.
    Words(Block),
    Map(Block),
    List(&'static Kind),
    /// One alone, or a list.
    OneOrMany(&'static Kind),
    Either(&'static [Kind]),
    /// A map of ids of the author's own to group modes.
    Groups,
    /// A map of rules' ids to percents.
    Rates,
    /// A map of attributes to what must hold of them.
    AttributeTests,
    /// A map of attributes to values.
    AttributeValues,
    /// A map of ids of the author's own to texts, numbers and truths.
    Constants,
    /// `rolling` and a period, `calendar` and its unit, or `for_ever`.
    Window,
    /// The word is itself a value: nothing follows it.
    Value,
}

/// One word.
#[derive(Debug, Clone, Copy)]
pub struct Word {
    pub block: Block,
    pub word: &'static str,
    pub kind: Kind,
    pub required: bool,
    pub en: &'static str,
    pub ru: &'static str,
}

impl Word {
    pub fn meaning(&self) -> Text {
        Text::of(self.en, self.ru)
    }
}

/// Every word that is understood now.
pub fn words() -> impl Iterator<Item = &'static Word> {
    tables::WORDS.iter().flat_map(|table| table.iter())
}

/// The words of one block, those that stand everywhere excepted.
pub fn words_of(block: Block) -> impl Iterator<Item = &'static Word> {
    let within = (block == Block::Discount).then_some(Block::Off);
    words().filter(move |w| w.block == block || Some(w.block) == within)
}

/// The word in its block, or among those that stand in every map.
pub fn find(block: Block, word: &str) -> Option<&'static Word> {
    words_of(block).chain(words_of(Block::Everywhere)).find(|w| w.word == word)
}

/// The word is planned for this block.
pub fn is_later(block: Block, word: &str) -> bool {
    LATER.iter().any(|(b, words)| *b == block && words.contains(&word))
}

/// The block's values or words as a list for people: `a`, `b`, `c`.
pub fn listed(block: Block) -> String {
    let quoted: Vec<String> = words_of(block).map(|w| format!("`{}`", w.word)).collect();
    quoted.join(", ")
}

/// What a kind is called, for people: accusative in Russian has the same form for all of these.
pub fn kind_name(kind: Kind) -> Text {
    let (en, ru) = match kind {
        Kind::Text | Kind::Zone | Kind::Currency => ("a text", "текст"),
        Kind::Localized => ("a text, or { en: …, ru: … }", "текст или { en: …, ru: … }"),
        Kind::Id => ("an id of a–z, 0–9 and `-`", "имя из a–z, 0–9 и `-`"),
        Kind::Money => ("an amount of money such as 1000.00", "сумма денег, например 1000.00"),
        Kind::Points => ("a number of points", "число баллов"),
        Kind::Percent => ("a percentage such as 5", "процент, например 5"),
        Kind::Decimal => ("a number", "число"),
        Kind::Whole { .. } => ("a whole number", "целое число"),
        Kind::Quantity => ("a quantity", "количество"),
        Kind::Period => ("a period such as 14 days", "срок, например 14 days"),
        Kind::Day => ("a day such as 2026-12-31", "день, например 2026-12-31"),
        Kind::Moment => ("a moment such as 2026-03-01", "момент, например 2026-03-01"),
        Kind::TimeOfDay => ("a time such as \"10:00\"", "время, например \"10:00\""),
        Kind::Language => ("a language such as ru", "язык, например ru"),
        Kind::Truth => ("true or false", "true или false"),
        Kind::Refusal => ("the code of a refusal", "код отказа"),
        Kind::Value => ("nothing", "ничего"),
        Kind::Groups => ("a map of groups", "набор групп"),
        Kind::AttributeTests => {
            ("a map of attributes to values or bounds", "набор признаков со значениями или границами")
        }
        Kind::AttributeValues => ("a map of attributes to values", "набор признаков со значениями"),
        Kind::Constants => (
            "a map of names to texts, numbers, true or false",
            "набор имён с текстами, числами, true или false",
        ),
        Kind::Rates => ("a map of rules to percents", "набор правил с процентами"),
        Kind::Window => ("a window such as rolling 12 months", "срок, например rolling 12 months"),
        Kind::Words(block) => return one_of(block),
        Kind::Map(block) => {
            let words = listed(block);
            return Text::of(format!("a map with {words}"), format!("набор из {words}"));
        }
        Kind::List(inner) => return join("a list of: ", "список: ", &[*inner]),
        Kind::OneOrMany(inner) => return join("one or a list of: ", "одно или список: ", &[*inner]),
        Kind::Either(kinds) => return join("", "", kinds),
    };
    Text::of(en, ru)
}

fn one_of(block: Block) -> Text {
    let mut values = words_of(block).map(|w| format!("`{}`", w.word));
    match (values.next(), words_of(block).nth(1)) {
        (Some(only), None) => Text::both(only),
        _ => Text::of(format!("one of {}", listed(block)), format!("одно из {}", listed(block))),
    }
}

fn join(en: &str, ru: &str, kinds: &[Kind]) -> Text {
    let names: Vec<Text> = kinds.iter().map(|k| kind_name(*k)).collect();
    let joined = |of: fn(&Text) -> &str, or: &str| names.iter().map(of).collect::<Vec<_>>().join(or);
    Text::of(format!("{en}{}", joined(|t| &t.en, ", or ")), format!("{ru}{}", joined(|t| &t.ru, " или ")))
}

/// The words that lead from a block to another one that knows `word`, the shortest way: from a rule to
/// `percent` it is `then`, `credit`.
pub fn way_to(block: Block, word: &str) -> Option<Vec<&'static str>> {
    /// Further away it is another word that is only spelt alike.
    const STEPS_MAX: usize = 2;
    let mut ways: Vec<(Block, Vec<&'static str>)> = vec![(block, Vec::new())];
    for _ in 0..STEPS_MAX {
        let mut longer = Vec::new();
        for (from, way) in &ways {
            for step in words_of(*from) {
                for to in blocks_of(step.kind) {
                    let way: Vec<&'static str> = way.iter().copied().chain([step.word]).collect();
                    if words_of(to).any(|w| w.word == word && !matches!(w.kind, Kind::Value)) {
                        return Some(way);
                    }
                    longer.push((to, way));
                }
            }
        }
        ways = longer;
    }
    None
}

/// The blocks of words that may follow.
fn blocks_of(kind: Kind) -> Vec<Block> {
    match kind {
        Kind::Map(block) => vec![block],
        Kind::List(inner) | Kind::OneOrMany(inner) => blocks_of(*inner),
        Kind::Either(kinds) => kinds.iter().flat_map(|k| blocks_of(*k)).collect(),
        _ => Vec::new(),
    }
}

/// The known word nearest to one that is not: a slip of the pen is at most a third of the word.
pub fn nearest(block: Block, written: &str) -> Option<&'static str> {
    nearest_of(written, words_of(block).map(|w| w.word))
}

/// The candidate nearest to what is written, if any is near.
pub fn nearest_of<'a>(written: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    const LONGEST: usize = 64;
    if written.len() > LONGEST {
        return None;
    }
    candidates
        .map(|candidate| (distance(written, candidate), candidate))
        .filter(|(d, candidate)| *d <= (candidate.len().max(written.len()) / 3).max(1))
        .min_by_key(|(d, _)| *d)
        .map(|(_, candidate)| candidate)
}

/// The advice that goes with a near word.
pub fn meant(near: &str) -> Text {
    Text::of(format!("did you mean `{near}`?"), format!("может быть, `{near}`?"))
}

/// Edits between two words; letters exchanged with their neighbour count once, case counts nothing.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().flat_map(char::to_lowercase).collect();
    let b: Vec<char> = b.chars().flat_map(char::to_lowercase).collect();
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    for (j, cell) in rows[0].iter_mut().enumerate() {
        *cell = j;
    }
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let swap = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut best = swap.min(rows[i - 1][j] + 1).min(rows[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = best;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_pen_finds_its_word() {
        assert_eq!(nearest(Block::Document, "currencty"), Some("currency"));
        assert_eq!(nearest(Block::Match, "categories"), Some("category"));
        assert_eq!(nearest(Block::Credit, "precent"), Some("percent"));
        assert_eq!(nearest(Block::Document, "weather"), None);
    }

    #[test]
    fn no_word_stands_twice_in_a_block() {
        let mut seen = std::collections::BTreeSet::new();
        let later = LATER.iter().flat_map(|(b, words)| words.iter().map(move |w| (*b, *w)));
        for (block, word) in words().map(|w| (w.block, w.word)).chain(later) {
            assert!(seen.insert((block, word)), "{word} stands twice in {block:?}");
        }
    }
}
