//! Levels and achievements of a document.
//!
//! Invariant: levels come out ascending from a first one that everybody has, and what a level says of a rule
//! or a discount has its place in the program.

use super::node::{Data, shortened};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{EFFECTS_MAX, Fields, Node, Units};
use crate::ShortText;
use crate::money::{MONEY_MAX, Rate};
use crate::points::POINTS_MAX;
use crate::product::LineMatch;
use crate::program::diagnostics::{Findings, Place};
use crate::program::{
    Achievement, CalendarPeriod, Condition, CreditAmount, CustomEvent, Discount, Down, Effect, ForOrder,
    Level, Off, On, Over, Rule, Text, Tiers,
};
use crate::standing::Counted;
use crate::time::Period;
use std::collections::HashMap;

/// Nobody keeps more levels apart, and each that is held stands in the member's row.
pub const LEVELS_MAX: usize = 12;
/// Each has its progress in the member's row.
pub const ACHIEVEMENTS_MAX: usize = 16;
/// Orders or pieces beyond a million are a slip of the pen.
const GOAL_COUNT_MAX: i64 = 1_000_000;
/// Sums of older days would burden the member's row for nothing that buyers remember.
const ROLLING_MONTHS_MAX: i32 = 36;
const ROLLING_DAYS_MAX: i32 = 1_096;
const HOLD: Period = Period::Months(12);

/// What could be read, with the places that rules and discounts are held against later.
#[derive(Default)]
pub(super) struct StandingRead {
    pub tiers: Option<Tiers>,
    pub achievements: Vec<Achievement>,
    /// Level, rule, and where the rule is named.
    rates: Vec<(ShortText, Place)>,
    /// Ids of levels, for their discounts.
    places: Vec<Place>,
}

impl StandingRead {
    pub fn levels(&self) -> &[Level] {
        self.tiers.as_ref().map_or(&[], |t| &t.levels)
    }
}

pub(super) fn read(document: &Fields<'_>, units: &Units, events: &[CustomEvent]) -> StandingRead {
    let mut read = StandingRead::default();
    if let Some(fields) = document.map("tiers", Block::Tiers) {
        read.tiers = tiers(&fields, units, &mut read);
    }
    read.achievements = achievements(document, units, events);
    read
}

fn tiers(fields: &Fields<'_>, units: &Units, read: &mut StandingRead) -> Option<Tiers> {
    let by = fields.required("by").and_then(|n| choice(fields.findings, n, Block::CountedBy)).map(counted);
    let over = fields.required("over").and_then(|n| window(fields.findings, n));
    let for_order = match fields.read("for_order", |f, n| choice(f, n, Block::ForOrder)) {
        Some("including") => ForOrder::Including,
        _ => ForOrder::Before,
    };
    if by == Some(Counted::PointsEarned) && for_order == ForOrder::Including {
        // What the order earns would depend on what it earns.
        let arguments = [("first", Text::both("points_earned")), ("second", Text::both("including"))];
        let place = fields.place_of("for_order").unwrap_or(fields.place);
        fields.findings.report("words_conflict", place, &arguments);
    }
    let down = down(fields, over);
    // Levels are read whatever else is wrong: conditions name them.
    let levels = fields.required("levels").map(|n| levels(fields.findings, n, units, by, read));
    Some(Tiers {
        by: by.unwrap_or(Counted::MoneyPaid),
        over: over.unwrap_or(Over::ForEver),
        for_order,
        down,
        levels: levels.unwrap_or_default(),
    })
}

fn counted(word: &str) -> Counted {
    match word {
        "orders" => Counted::Orders,
        "points_earned" => Counted::PointsEarned,
        "pieces" => Counted::Pieces,
        _ => Counted::MoneyPaid,
    }
}

/// `rolling 12 months`, `calendar year`, `for_ever`.
fn window(findings: &Findings, node: &Node) -> Option<Over> {
    let text = scalar(findings, node, Kind::Window)?;
    let over = match text.split_once(' ') {
        None if text == "for_ever" => Some(Over::ForEver),
        Some(("calendar", "year")) => Some(Over::Calendar(CalendarPeriod::Year)),
        Some(("calendar", "quarter")) => Some(Over::Calendar(CalendarPeriod::Quarter)),
        Some(("calendar", "month")) => Some(Over::Calendar(CalendarPeriod::Month)),
        Some(("rolling", period)) => Period::parse(period).filter(is_rolling).map(Over::Rolling),
        _ => None,
    };
    if over.is_none() {
        findings.report("bad_window", node.place, &[("text", Text::both(shortened(text)))]);
    }
    over
}

/// Windows go by whole local days.
fn is_rolling(period: &Period) -> bool {
    match period {
        Period::Days(n) => (1..=ROLLING_DAYS_MAX).contains(n),
        Period::Months(n) => (1..=ROLLING_MONTHS_MAX).contains(n),
        Period::Hours(_) | Period::Minutes(_) => false,
    }
}

/// When levels are judged again. A period that does not fit the window is refused.
fn down(fields: &Fields<'_>, over: Option<Over>) -> Down {
    let for_ever = fields
        .optional("hold")
        .is_some_and(|n| matches!(&n.data, Data::Scalar { text, .. } if text == "for_ever"));
    let hold = fields.read("hold", |f, n| match for_ever {
        true => Some(HOLD),
        false => period_of_some_length(f, n, "hold"),
    });
    let grace = fields.read("grace", period).unwrap_or(Period::Days(0));
    let conflict = |word: &'static str, over: &'static str| {
        if let Some(place) = fields.place_of(word) {
            let arguments = [("first", Text::both(over)), ("second", Text::both(word))];
            fields.findings.report("words_conflict", place, &arguments);
        }
    };
    match over {
        Some(Over::Rolling(_)) => conflict("grace", "rolling"),
        Some(Over::Calendar(_)) if !for_ever => conflict("hold", "calendar"),
        Some(Over::Calendar(_)) => fields.not_both("hold", "grace"),
        Some(Over::ForEver) => {
            conflict("hold", "for_ever");
            conflict("grace", "for_ever");
        }
        None => {}
    }
    match over {
        _ if for_ever => Down::Never,
        Some(Over::Rolling(_)) => Down::After(hold.unwrap_or(HOLD)),
        Some(Over::Calendar(_)) => Down::AfterPeriod(grace),
        Some(Over::ForEver) | None => Down::Never,
    }
}

/// An amount of what is counted, at least one unit of it.
fn amount(findings: &Findings, node: &Node, units: &Units, by: Counted, least: i64) -> Option<i64> {
    let (scale, most) = match by {
        Counted::MoneyPaid => (units.currency.exponent, MONEY_MAX),
        Counted::PointsEarned => (units.points.precision, POINTS_MAX),
        Counted::Orders | Counted::Pieces | Counted::Events => (0, GOAL_COUNT_MAX),
    };
    let amount = number(findings, node, Kind::Decimal, scale, (least, most))?;
    Some(if by == Counted::Pieces { amount * 1_000 } else { amount })
}

fn levels(
    findings: &Findings,
    node: &Node,
    units: &Units,
    by: Option<Counted>,
    read: &mut StandingRead,
) -> Vec<Level> {
    let kind = Kind::List(&Kind::Map(Block::Level));
    let items = findings.items(node, kind, LEVELS_MAX, Text::of("levels", "уровней"));
    if items.is_empty() && matches!(node.data, Data::List(_)) {
        findings.report("empty_list", node.place, &[]);
    }
    let mut levels: Vec<Level> = Vec::new();
    let mut seen: HashMap<String, u32> = HashMap::new();
    for (at, item) in items.iter().enumerate() {
        let Some(fields) = findings.fields(item, Block::Level) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        // Where `by` is missing, `from` cannot be judged: money has the most decimals.
        let from = |f: &Findings, n: &Node| amount(f, n, units, by.unwrap_or(Counted::MoneyPaid), 0);
        let from = match at {
            0 => first_from(&fields, from),
            _ => fields.required("from").and_then(|n| from(findings, n)),
        };
        let rates = fields.read("rates", |f, n| rates(f, n, read)).unwrap_or_default();
        let discount = fields.read("discount", |f, n| percent(f, n, false));
        let name = fields.read("name", localized);
        let Some(id) = fields.required("id").and_then(|n| id(findings, n)) else { continue };
        once(findings, &mut seen, &id, (place, "duplicate_tier"));
        let before = levels.last().map_or(-1, |l| l.from);
        if from.is_some_and(|from| from <= before) {
            let place = fields.optional("from").map_or(item.place, |n| n.place);
            findings.report("tiers_not_rising", place, &[("tier", Text::both(id.clone()))]);
        }
        let name = name.unwrap_or_else(|| Text::both(id.clone()));
        read.places.push(place);
        levels.push(Level { id: id.into(), name, from: from.unwrap_or(before + 1), rates, discount });
    }
    levels
}

fn first_from(fields: &Fields<'_>, from: impl Fn(&Findings, &Node) -> Option<i64>) -> Option<i64> {
    let told = fields.read("from", from).unwrap_or(0);
    if told != 0 {
        let place = fields.optional("from").map_or(fields.place, |n| n.place);
        fields.findings.report("first_tier_from", place, &[]);
    }
    Some(0)
}

pub(super) fn once(
    findings: &Findings,
    seen: &mut HashMap<String, u32>,
    id: &str,
    (place, code): (Place, &'static str),
) {
    if let Some(line) = seen.insert(id.to_owned(), place.line) {
        let arguments = [("id", Text::both(id)), ("line", Text::both(line.to_string()))];
        findings.report(code, place, &arguments);
    }
}

/// A map of rules to percents; which rules there are is not known yet.
fn rates(findings: &Findings, node: &Node, read: &mut StandingRead) -> Option<Vec<(ShortText, Rate)>> {
    let Data::Map(fields) = &node.data else {
        findings.wrong_kind(node, Kind::Rates);
        return None;
    };
    if fields.len() > EFFECTS_MAX {
        let arguments =
            [("limit", Text::both(EFFECTS_MAX.to_string())), ("what", Text::of("rates", "ставок"))];
        findings.report("too_many", node.place, &arguments);
    }
    let mut rates = Vec::new();
    for field in fields.iter().take(EFFECTS_MAX) {
        let rule: ShortText = field.word.as_str().into();
        read.rates.push((rule.clone(), field.place));
        rates.extend(percent(findings, &field.value, true).map(|rate| (rule, rate)));
    }
    Some(rates)
}

fn achievements(document: &Fields<'_>, units: &Units, events: &[CustomEvent]) -> Vec<Achievement> {
    let findings = document.findings;
    let Some(node) = document.optional("achievements") else { return Vec::new() };
    let kind = Kind::List(&Kind::Map(Block::Achievement));
    let items = findings.items(node, kind, ACHIEVEMENTS_MAX, Text::of("achievements", "достижений"));
    let mut seen: HashMap<String, u32> = HashMap::new();
    let mut out = Vec::new();
    for item in items {
        let Some(fields) = findings.fields(item, Block::Achievement) else { continue };
        let place = fields.optional("id").map_or(item.place, |n| n.place);
        let counts = fields.required("counts").and_then(|n| achievement_counts(findings, n, events));
        let (counts, event) = counts.unwrap_or((Counted::MoneyPaid, None));
        let goal = fields.required("goal").and_then(|n| amount(findings, n, units, counts, 1)).unwrap_or(1);
        let repeat = fields.read("repeat", truth).unwrap_or(false);
        let name = fields.read("name", localized);
        let Some(id) = fields.required("id").and_then(|n| id(findings, n)) else { continue };
        once(findings, &mut seen, &id, (place, "duplicate_tier"));
        let name = name.unwrap_or_else(|| Text::both(id.clone()));
        out.push(Achievement { id: id.into(), name, counts, event, goal, repeat });
    }
    out
}

/// What orders bring, or one of the program's own events.
fn achievement_counts(
    findings: &Findings,
    node: &Node,
    events: &[CustomEvent],
) -> Option<(Counted, Option<ShortText>)> {
    if !matches!(node.data, Data::Map(_)) {
        return choice(findings, node, Block::AchievementCounts).map(|word| (counted(word), None));
    }
    let fields = findings.fields(node, Block::CountedEvent)?;
    let node = fields.required("event")?;
    let name = id(findings, node)?;
    let known = events.iter().map(|e| e.id.as_str());
    findings.knows(&name, node.place, known, ("unknown_event", "event"));
    Some((Counted::Events, Some(name.into())))
}

/// Ids of levels or achievements in a condition; `code` is told of one that is not known.
pub(super) fn known_ids(
    findings: &Findings,
    node: &Node,
    known: &[&str],
    code: (&'static str, &'static str),
) -> Option<Vec<String>> {
    one_or_many(findings, node, Text::of("ids", "имён"), |findings, node| {
        let name = id(findings, node)?;
        findings.knows(&name, node.place, known.iter().copied(), code).then_some(name)
    })
}

/// The rules that levels name must be there and give a percent.
pub(super) fn judge_rates(findings: &Findings, read: &StandingRead, rules: &[Rule], named: &[String]) {
    for (rule, place) in &read.rates {
        let argument = [("rule", Text::both(rule.as_str()))];
        let percent =
            |e: &Effect| matches!(e, Effect::Credit(c) if matches!(c.amount, CreditAmount::Percent { .. }));
        match rules.iter().find(|r| r.id == *rule) {
            Some(r) if r.when.is_of_order() && r.then.iter().any(percent) => {}
            Some(_) => findings.report("rate_without_percent", *place, &argument),
            // A rule that could not be read has been told of.
            None if named.iter().any(|id| rule == id) => {}
            None => {
                findings.knows(rule, *place, rules.iter().map(|r| r.id.as_str()), ("unknown_rule", "rule"));
            }
        }
    }
}

/// The automatic discounts of levels, which come after the document's own of the same priority.
pub(super) fn add_discounts(findings: &Findings, read: &StandingRead, discounts: &mut Vec<Discount>) {
    let mut added = Vec::new();
    for (level, place) in read.levels().iter().zip(&read.places) {
        let Some(rate) = level.discount else { continue };
        let id = level.discount_id();
        if discounts.iter().any(|d| d.id == id) {
            findings.report("tier_discount_taken", *place, &[("id", Text::both(id.as_str()))]);
        }
        added.push(Discount {
            id,
            only_if: Condition::Tiers(vec![level.id.to_string()]),
            of: LineMatch::default(),
            off: Off::Percent(rate),
            on: On::Order,
            max_pieces: None,
            groups_of: None,
            bought: None,
            cap: None,
            group: None,
            priority: 0,
            of_list: false,
        });
    }
    discounts.extend(added);
    discounts.sort_by_key(|d| std::cmp::Reverse(d.priority));
}
