//! Everything of a program but its rules: units, accrual, spending, holds, returns, birthday, receipt.
//!
//! Invariant: a word that is absent has one default, named here; a value with an error takes the default so
//! that the rest of the document can still be judged, and the program as a whole is refused.

use super::effects::takes_all_of;
use super::node::{Data, shortened};
use super::scalars::*;
use super::vocabulary::{Block, Kind};
use super::{Fields, Node, Units, checks, confirm, discounts, guests, moments, network, ranges, rules};
use crate::discounts::Index;
use crate::gift::GiftCards;
use crate::money::{Currency, MONEY_MAX, Money, Rate, Rounding};
use crate::order::{BaseAmount, ReceiptPoints};
use crate::points::{PointUnit, Points};
use crate::product::LineMatch;
use crate::program::diagnostics::{Findings, Place};
use crate::program::{
    AccrualFrom, Approval, Base, BaseLines, BirthdayPolicy, CalendarPeriod, Clawback, Combine,
    ConfirmSpending, Fraud, Holds, LateShortfall, Moments, OnRefund, PURCHASES_PER_DAY_MAX, Program, Returns,
    Rule, Spending, Text, Transfers, Validity,
};
use crate::time::{Day, Ends, INSTANT_MIN, Period, Zone};

/// What one point may pay at most, in minor units: 10^12 points of it still fit in 63 bits.
const POINT_VALUE_MAX: i64 = 1_000_000;
/// A step of spending beyond a million points is a slip of the pen.
const SPENDING_STEP_MAX: i64 = 1_000_000;

/// Within a month goods have arrived and come back, if they do.
const COMPLETE_AFTER: Period = Period::Days(30);
const HOLD_LAPSE: Period = Period::Days(30);
const RESERVE_LAPSE: Period = Period::Minutes(30);
const SHIPPED_LAPSE: Period = Period::Days(90);
const DEBT_WRITE_OFF: Period = Period::Months(12);

/// A program with what else was learnt in reading it.
pub(super) struct ProgramRead {
    pub program: Program,
    pub units: Units,
    pub places: Vec<rules::RulePlaces>,
}

/// Reads the whole program and its units, which serve its tests too. What could not be read stands at its
/// default: the caller throws the program away when anything was an error.
pub(super) fn read_program(document: &Fields<'_>) -> Option<ProgramRead> {
    let slug = document.required("program").and_then(|n| id(document.findings, n)).unwrap_or_default();
    let (points, accrual) = (document.map("points", Block::Points), document.map("accrual", Block::Accrual));
    let units = units(document, points)?;
    let from = accrual.and_then(|a| a.read("from", |f, n| choice(f, n, Block::AccrualFrom)));
    let rules = rules::read(document, &units);
    let completion = |f: &Findings, n: &Node| period_of_some_length(f, n, "complete_after");
    let own_life = points.and_then(|p| p.read("expires", own_life));
    let program = Program {
        version: 0,
        name: document.read("name", localized).unwrap_or_else(|| Text::both(slug.clone())),
        slug,
        currency: units.currency,
        zone: units.zone.clone(),
        points: units.points,
        points_name: points
            .and_then(|p| p.read("name", localized))
            .unwrap_or_else(|| Text::of("point", "балл")),
        rounding: points.and_then(|p| p.read("rounding", rounding)).unwrap_or_default(),
        ends: points.and_then(|p| p.read("ends", ends)).unwrap_or_default(),
        active_after: accrual.and_then(|a| a.read("active_after", period)).unwrap_or(Period::Hours(0)),
        accrual_from: if from == Some("completed") { AccrualFrom::Completed } else { AccrualFrom::Paid },
        complete_after: accrual.and_then(|a| a.read("complete_after", completion)).unwrap_or(COMPLETE_AFTER),
        expires: own_life.and_then(for_period),
        renewed_by_orders: matches!(own_life, Some(Validity::AfterLastOrder(_))),
        base: accrual.and_then(|a| a.read("base", base)).unwrap_or_default(),
        multipliers: accrual.and_then(|a| a.read("multipliers", multipliers)).unwrap_or_default(),
        spending: spending(document, &units),
        holds: holds(document),
        returns: returns(document),
        transfers: transfers(document, &units),
        guest_orders: guests::read(document),
        unclaimed_cards: guests::unclaimed_cards(document),
        fraud: fraud(document),
        approval: approval(document, &units),
        birthday: birthday(document),
        groups: rules.groups,
        rules: rules.rules,
        own_points: Rule::of_own_points(),
        discounts: rules.discounts,
        coupons: rules.coupons,
        gift_cards: gift_cards(document, &units),
        rewards: rules.rewards,
        offers: rules.offers,
        tiers: rules.tiers,
        achievements: rules.achievements,
        events: rules.events,
        profile: moments::profile(document, &rules.attributes),
        moments: Moments::default(),
        attributes: rules.attributes,
        tags: rules.tags,
        segments: rules.segments,
        control_group: rules.control_group,
        referral: network::read(document),
        discount_index: Index::default(),
        discount_limits: discounts::limits(document, &units),
        amounts_net: document.read("amounts", |f, n| choice(f, n, Block::Amounts)) == Some("net"),
        money_rounding: document.read("money_rounding", rounding).unwrap_or(Rounding::HalfUp),
        receipt_points: receipt_points(document),
        birthday_since: INSTANT_MIN,
    };
    judge_completion(document, (&program, accrual), from);
    checks::judge(document, &program, &rules.places);
    Some(ProgramRead { program, units, places: rules.places })
}

/// A term of completion that nothing waits for.
fn judge_completion(
    document: &Fields<'_>,
    (program, accrual): (&Program, Option<Fields<'_>>),
    from: Option<&str>,
) {
    if let Some(place) = accrual.and_then(|a| a.place_of("complete_after"))
        && !program.speaks_of_completion()
        && accrual.is_some_and(|a| from.is_some() || !a.has("from"))
    {
        let arguments =
            [("word", Text::both("complete_after")), ("companion", Text::both("from: completed"))];
        document.findings.report("word_without_companion", place, &arguments);
    }
}

/// The units; roubles and UTC stand in for what cannot be read.
fn units(document: &Fields<'_>, points: Option<Fields<'_>>) -> Option<Units> {
    let currency = document.required("currency").and_then(|n| currency(document.findings, n));
    let currency = currency.or_else(|| Currency::by_code("RUB"))?;
    let precision =
        points.and_then(|p| p.read("precision", |f, n| number(f, n, Kind::Decimal, 0, (0, 2)))).unwrap_or(0);
    let most = POINT_VALUE_MAX * 1_000_000 / 10_i64.pow(currency.exponent);
    let value = points.and_then(|p| p.read("value", |f, n| number(f, n, Kind::Decimal, 6, (1, most))));
    Some(Units {
        points: PointUnit::new(u32::try_from(precision).unwrap_or(0), value.unwrap_or(1_000_000), currency),
        currency,
        zone: document.read("timezone", zone).unwrap_or_else(Zone::utc),
    })
}

fn currency(findings: &Findings, node: &Node) -> Option<Currency> {
    let code = scalar(findings, node, Kind::Currency)?;
    let currency = Currency::by_code(code);
    if currency.is_none() {
        findings.report("unknown_currency", node.place, &[("text", Text::both(shortened(code)))]);
    }
    currency
}

fn zone(findings: &Findings, node: &Node) -> Option<Zone> {
    let name = scalar(findings, node, Kind::Zone)?;
    let zone = Zone::by_name(name);
    if zone.is_none() {
        findings.report("unknown_timezone", node.place, &[("text", Text::both(shortened(name)))]);
    }
    zone
}

fn ends(findings: &Findings, node: &Node) -> Option<Ends> {
    Some(match choice(findings, node, Block::Ends)? {
        "exact" => Ends::Exact,
        _ => Ends::EndOfDay,
    })
}

/// Of a life that is a period, alone or since the last paid order.
fn for_period(validity: Validity) -> Option<Period> {
    match validity {
        Validity::For(period) | Validity::AfterLastOrder(period) => Some(period),
        _ => None,
    }
}

/// How long points live unless a rule says otherwise: a period, never, or since the last paid order.
fn own_life(findings: &Findings, node: &Node) -> Option<Validity> {
    let Data::Map(_) = node.data else { return validity(findings, node) };
    let fields = findings.fields(node, Block::OwnExpires)?;
    after_last_order(findings, &fields.only_word()?.value)
}

fn after_last_order(findings: &Findings, node: &Node) -> Option<Validity> {
    period_of_some_length(findings, node, "after_last_order").map(Validity::AfterLastOrder)
}

/// How long a credit lives: a period, never, to a day, or since the last paid order.
pub(super) fn life(findings: &Findings, node: &Node) -> Option<Validity> {
    let Data::Map(_) = node.data else { return validity(findings, node) };
    let fields = findings.fields(node, Block::Expires)?;
    let field = fields.only_word()?;
    match field.word.as_str() {
        "after_last_order" => after_last_order(findings, &field.value),
        "on" => day(findings, &field.value).map(Validity::On),
        "end_of" => Some(Validity::EndOf(match choice(findings, &field.value, Block::CalendarUnit)? {
            "month" => CalendarPeriod::Month,
            "quarter" => CalendarPeriod::Quarter,
            _ => CalendarPeriod::Year,
        })),
        "until" if matches!(&field.value.data, Data::Scalar { text, .. } if text == "birthday") => {
            Some(Validity::Birthday { included: true })
        }
        "until" => day_of_year(findings, &field.value),
        _ => {
            choice(findings, &field.value, Block::BirthdayName)?;
            Some(Validity::Birthday { included: false })
        }
    }
}

/// `12-31`: the month and the day.
pub(super) fn day_of_year(findings: &Findings, node: &Node) -> Option<Validity> {
    let text = scalar(findings, node, Kind::Text)?;
    let read = || {
        let (month, day) = text.split_once('-').filter(|(month, day)| month.len() == 2 && day.len() == 2)?;
        // 29 February is a day of leap years.
        let day = Day::new(2028, month.parse().ok()?, day.parse().ok()?)?;
        Some(Validity::Yearly { month: day.month(), day: day.day() })
    };
    let found = read();
    if found.is_none() {
        findings.wrong(
            node,
            Text::of("a day such as 12-31, or `birthday`", "день, например 12-31, или `birthday`"),
        );
    }
    found
}

pub(super) fn validity(findings: &Findings, node: &Node) -> Option<Validity> {
    let text = scalar(findings, node, Kind::Either(&[Kind::Words(Block::Never), Kind::Period]))?;
    if text == "never" {
        return Some(Validity::Never);
    }
    period_of_some_length(findings, node, "expires").map(Validity::For)
}

/// `paid_goods`, or lines, amount and tax one by one.
pub(super) fn base(findings: &Findings, node: &Node) -> Option<Base> {
    if let Data::Scalar { .. } = node.data {
        choice(findings, node, Block::BaseName)?;
        return Some(Base::default());
    }
    let fields = findings.fields(node, Block::Base)?;
    Some(Base {
        lines: match fields.read("lines", |f, n| choice(f, n, Block::BaseLines)) {
            Some("all") => BaseLines::All,
            _ => BaseLines::Goods,
        },
        amount: match fields.read("amount", |f, n| choice(f, n, Block::BaseAmount)) {
            Some("before_points") => BaseAmount::BeforePoints,
            Some("list") => BaseAmount::List,
            _ => BaseAmount::Paid,
        },
        net_of_tax: fields.read("tax", |f, n| choice(f, n, Block::BaseTax)) == Some("excluded"),
    })
}

/// Which lines: a map of lists, all of which must hold.
pub(super) fn line_match(findings: &Findings, node: &Node, units: &Units) -> Option<LineMatch> {
    let fields = findings.fields(node, Block::Match)?;
    if fields.present().next().is_none() {
        findings.report("empty_list", node.place, &[]);
    }
    Some(match_of(&fields, units))
}

/// The words of a match, in its own map or among others.
pub(super) fn match_of(fields: &Fields<'_>, units: &Units) -> LineMatch {
    let list = |word| fields.read(word, names).unwrap_or_default();
    let of = LineMatch {
        skus: list("sku"),
        categories: list("category"),
        brands: list("brand"),
        tags: list("tag"),
        price: fields.map("price", Block::MoneyRange).and_then(|f| ranges::money_range(&f, units)),
        on_sale: fields.read("on_sale", truth),
        except: fields.read("except", |f, n| line_match(f, n, units)).map(Box::new),
    };
    refuse_nothing(fields.findings, fields.place_of("except"), &of);
    of
}

/// What takes out every line again leaves a match that never matches.
fn refuse_nothing(findings: &Findings, place: Option<Place>, of: &LineMatch) {
    let (Some(place), Some(except)) = (place, &of.except) else { return };
    let named = LineMatch { except: None, ..of.clone() };
    if !except.is_everything() && takes_all_of(except, &named) {
        findings.report("match_takes_nothing", place, &[]);
    }
}

fn multipliers(findings: &Findings, node: &Node) -> Option<Combine> {
    Some(match choice(findings, node, Block::Multipliers)? {
        "product" => Combine::Product,
        "sum" => Combine::Sum,
        _ => Combine::Largest,
    })
}

fn spending(document: &Fields<'_>, units: &Units) -> Spending {
    let mut spending = Spending {
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
    };
    let Some(fields) = document.map("spending", Block::Spending) else { return spending };
    let amount = |word| fields.read(word, |f, n| money(f, n, units, 0)).unwrap_or(Money::ZERO);
    spending.allowed = fields.read("allowed", truth).unwrap_or(true);
    spending.max_share = fields.read("max_share", |f, n| percent(f, n, false)).unwrap_or(spending.max_share);
    spending.share_of_order = fields.read("of", |f, n| choice(f, n, Block::ShareOf)) == Some("order");
    spending.lines = fields.read("only", |f, n| line_match(f, n, units)).unwrap_or_default();
    spending.delivery = fields.read("delivery", truth).unwrap_or(false);
    spending.min_points =
        fields.read("min_points", |f, n| points(f, n, units, 0)).unwrap_or(spending.min_points);
    let scale = units.points.scale();
    let step = |f: &Findings, n: &Node| {
        number(f, n, Kind::Points, units.points.precision, (1, SPENDING_STEP_MAX * scale)).map(Points)
    };
    spending.step = fields.read("step", step).unwrap_or(spending.step);
    spending.min_order = amount("min_order");
    spending.leave_per_piece = amount("leave_per_piece");
    spending.contact_needed = fields.read("contact_needed", truth).unwrap_or(false);
    spending.confirm = confirm::confirm_with_code(&fields, units);
    if let Some(exclude) = fields.read("exclude", |f, n| line_match(f, n, units)) {
        // A match takes out one set of lines only: `only: { except }` and `exclude` would be two.
        if spending.lines.except.is_some() {
            let both = [("first", Text::both("except")), ("second", Text::both("exclude"))];
            fields.findings.report(
                "words_conflict",
                fields.place_of("exclude").unwrap_or(fields.place),
                &both,
            );
        }
        spending.lines.except = Some(Box::new(exclude));
        refuse_nothing(fields.findings, fields.place_of("exclude"), &spending.lines);
    }
    spending
}

fn holds(document: &Fields<'_>) -> Holds {
    let fields = document.map("holds", Block::Holds);
    let period = |word, default| {
        let read = |f: &Findings, n: &Node| period_of_some_length(f, n, word);
        fields.and_then(|h| h.read(word, read)).unwrap_or(default)
    };
    Holds {
        lapse_after: period("lapse_after", HOLD_LAPSE),
        reserve_lapse_after: period("reserve_lapse_after", RESERVE_LAPSE),
        shipped_max: period("shipped_lapse_after", SHIPPED_LAPSE),
        late_shortfall: match fields
            .and_then(|h| h.read("late_shortfall", |f, n| choice(f, n, Block::Shortfall)))
        {
            Some("shop_loss") => LateShortfall::ShopLoss,
            _ => LateShortfall::Debt,
        },
    }
}

fn returns(document: &Fields<'_>) -> Returns {
    let fields = document.map("returns", Block::Returns);
    let write_off = |f: &Findings, n: &Node| period_of_some_length(f, n, "debt_write_off");
    let broken = fields.and_then(|r| r.read("on_threshold_broken", on_threshold_broken));
    let (keep_broken, reprice_discounts) = broken.unwrap_or_default();
    Returns {
        on_refund: fields.and_then(|r| r.read("on_refund", on_refund)).unwrap_or_default(),
        clawback: match fields.and_then(|r| r.read("clawback", |f, n| choice(f, n, Block::Clawback))) {
            Some("floor_at_zero") => Clawback::FloorAtZero,
            Some("pending_only") => Clawback::PendingOnly,
            _ => Clawback::Debt,
        },
        keep_broken,
        reprice_discounts,
        referral: network::clawback(fields),
        debt_write_off: fields.and_then(|r| r.read("debt_write_off", write_off)).unwrap_or(DEBT_WRITE_OFF),
    }
}

/// Whether what was earned stays, and whether discounts are withheld.
fn on_threshold_broken(findings: &Findings, node: &Node) -> Option<(bool, bool)> {
    let fields = findings.fields(node, Block::ThresholdBroken)?;
    let discount = fields.read("discount", |f, n| choice(f, n, Block::BrokenDiscount));
    let earning = fields.read("earning", |f, n| choice(f, n, Block::BrokenEarning));
    Some((earning == Some("keep"), discount == Some("reprice")))
}

fn on_refund(findings: &Findings, node: &Node) -> Option<OnRefund> {
    if let Data::Scalar { .. } = node.data {
        return Some(match choice(findings, node, Block::OnRefundName)? {
            "resume" => OnRefund::Resume,
            _ => OnRefund::Keep,
        });
    }
    let fields = findings.fields(node, Block::OnRefund)?;
    let field = fields.only_word()?;
    period_of_some_length(findings, &field.value, "regrant").map(OnRefund::Regrant)
}

/// Off unless the block stands there.
fn transfers(document: &Fields<'_>, units: &Units) -> Transfers {
    let off = Transfers::default();
    let Some(fields) = document.map("transfers", Block::Transfers) else { return off };
    let min_points = fields.read("min_points", |f, n| points(f, n, units, 0)).unwrap_or(off.min_points);
    // A maximum below the minimum would refuse every transfer.
    let least = min_points.0.max(1);
    Transfers {
        allowed: fields.read("allowed", truth).unwrap_or(true),
        min_points,
        max_points: fields.read("max_points", |f, n| points(f, n, units, least)),
        order_points_after: fields.read("order_points_after", period).unwrap_or(off.order_points_after),
    }
}

/// Also without the block something is unusual.
fn fraud(document: &Fields<'_>) -> Fraud {
    let usual = Fraud::default();
    let Some(fields) = document.map("fraud", Block::Fraud) else { return usual };
    let kind = Kind::Whole { from: 1, to: PURCHASES_PER_DAY_MAX };
    let most = fields.read("max_purchases_per_day", |f, n| number(f, n, kind, 0, (1, PURCHASES_PER_DAY_MAX)));
    Fraud { max_purchases_per_day: most.unwrap_or(usual.max_purchases_per_day) }
}

/// No second person unless the block says so.
fn approval(document: &Fields<'_>, units: &Units) -> Approval {
    let Some(fields) = document.map("approval", Block::Approval) else { return Approval::default() };
    let above = |word| fields.read(word, |f, n| points(f, n, units, 0));
    Approval { accruals_above: above("accruals_above"), merges_above: above("merge_above") }
}

/// Off unless the block stands there.
fn gift_cards(document: &Fields<'_>, units: &Units) -> Option<GiftCards> {
    let fields = document.map("gift_cards", Block::GiftCards)?;
    let min = fields.read("min", |f, n| money(f, n, units, 1)).unwrap_or(Money(1));
    // A most below the least would refuse every card.
    let max = fields.read("max", |f, n| money(f, n, units, min.0)).unwrap_or(Money(MONEY_MAX));
    let expires = fields.read("expires", validity).and_then(for_period);
    Some(GiftCards { expires, min, max })
}

fn birthday(document: &Fields<'_>) -> BirthdayPolicy {
    let fields = document.map("birthday", Block::Birthday);
    BirthdayPolicy { known_for: fields.and_then(|b| b.read("known_for", period)).unwrap_or(Period::Days(0)) }
}

fn receipt_points(document: &Fields<'_>) -> ReceiptPoints {
    let fields = document.map("receipt", Block::Receipt);
    match fields.and_then(|r| r.read("points", |f, n| choice(f, n, Block::ReceiptPoints))) {
        Some("counter_provision") => ReceiptPoints::CounterProvision,
        _ => ReceiptPoints::Discount,
    }
}
