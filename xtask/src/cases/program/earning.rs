//! Earning rules of a case as *when – if – then* of our document.

use super::network::{self, Addressed, addressed};
use super::period;
use super::tiers::Tiers;
use crate::cases::matches;
use crate::cases::stage::moment;
use crate::cases::words::{Trouble, Words, plain, texts_of};
use kopilka_core::decimal;
use kopilka_core::time::Zone;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Decimals of a point and of the money, and whose days count.
#[derive(Debug)]
pub struct Units {
    pub points: u32,
    pub money: u32,
    pub zone: Zone,
}

#[derive(Debug, Default)]
pub struct Earned {
    pub rules: Vec<Value>,
    pub names: BTreeMap<String, String>,
    pub when_placed: bool,
    /// There are rules that give to referrers.
    pub to_referrers: bool,
    /// Rules that give the percent of the member's level.
    pub of_tier: Vec<String>,
    pub achievements: Vec<Value>,
    /// Events that rules hear of.
    pub events: BTreeSet<String>,
}

pub fn rules(value: Option<&Value>, units: &Units, tiers: &Tiers) -> Result<Earned, Trouble> {
    let mut out = Earned::default();
    let Some(value) = value else { return Ok(out) };
    let list = value.as_array().ok_or_else(|| Trouble::unknown(format!("earning: {value}")))?;
    for (number, rule) in list.iter().enumerate() {
        rule_of(rule, number + 1, (units, tiers), &mut out)?;
    }
    Ok(out)
}

fn multiplying(id: &str, when: &str, multiplier: &Map<String, Value>, conditions: &[Value]) -> Value {
    let mut rule = json!({ "id": id, "when": when, "then": [{ "multiply": multiplier }] });
    if !conditions.is_empty() {
        rule["if"] = json!({ "all": conditions });
    }
    rule
}

fn rule_of(
    value: &Value,
    number: usize,
    (units, tiers): (&Units, &Tiers),
    out: &mut Earned,
) -> Result<(), Trouble> {
    let mut words = Words::of("earning", value)?;
    if words.flag("enabled")? == Some(false) {
        return Ok(());
    }
    let name = words.text("id")?.unwrap_or_else(|| format!("rule-{number}"));
    let trigger = words.needed("on")?;
    let event = trigger.strip_prefix("event:").map(|name| our_id(name, "event", number));
    let when = if event.is_some() { "event" } else { our_trigger(&trigger)? };
    let Addressed { when, of_referred, level } = addressed(&mut words, value, when)?;
    out.when_placed |= trigger == "order";
    out.to_referrers |= level.is_some();
    let for_order = matches!(when, "order.paid" | "referral.ordered");
    // With one kind of rule and all of them added up, the order of rules changes nothing.
    words.ignore("priority");
    if words.flag("stackable")? == Some(false) {
        return Err(Trouble::unknown("earning.stackable: false"));
    }
    // A registration happens once in a member's life anyway, and an achievement is reached once.
    if words.flag("once")? == Some(true) && !matches!(when, "member.registered" | "achievement.reached") {
        return Err(Trouble::unknown("earning.once"));
    }
    let mut conditions = conditions(&mut words, &units.zone)?;
    conditions.extend(of_referred.then(|| json!({ "referred": true })));
    if when == "achievement.reached" {
        conditions.push(spent(&mut words, &our_id(&name, "rule", number), out)?);
    }
    if is_of_tier(value) {
        out.of_tier.push(our_id(&name, "rule", number));
    }
    let (mut credit, line) = match amount(&mut words, for_order, (units, tiers))? {
        Given::Credit(credit, line) => (credit, line),
        Given::Multiplier(multiplier) => {
            let id = our_id(&name, "rule", number);
            out.rules.push(multiplying(&id, when, &multiplier, &conditions));
            out.names.insert(id, name);
            return words.end();
        }
    };
    credit.extend(level.into_iter().flat_map(network::to_referrer));
    conditions.extend(line.map(|line| json!({ "line": line })));
    if let Some(expires) = words.take_even_null("expires") {
        let validity =
            if expires.is_null() { "never".to_owned() } else { period("earning.expires", expires)? };
        credit.insert("expires".into(), json!(validity));
    }
    let mut rule = Map::new();
    let id = our_id(&name, "rule", number);
    rule.insert("id".into(), json!(id));
    let heard = event.as_ref().map_or_else(|| json!(when), |event| json!({ "event": event }));
    rule.insert("when".into(), heard);
    out.events.extend(event);
    if !conditions.is_empty() {
        rule.insert("if".into(), json!({ "all": conditions }));
    }
    let basis = words.text("basis")?;
    if for_order && basis.is_some() {
        rule.insert("base".into(), base(basis.as_deref(), None)?);
    }
    rule.insert("then".into(), json!([{ "credit": credit }]));
    words.end()?;
    out.rules.push(Value::Object(rule));
    out.names.insert(id, name);
    Ok(())
}

fn our_trigger(on: &str) -> Result<&'static str, Trouble> {
    Ok(match on {
        "order" | "order_paid" | "receipt" => "order.paid",
        "registration" => "member.registered",
        "birthday" => "member.birthday",
        "total_spent_reached" => "achievement.reached",
        "referred_order_paid" => network::REFERRED_ORDER,
        other => return Err(Trouble::unknown(format!("earning.on: {other}"))),
    })
}

/// The case's name where our documents allow it, else a number.
pub fn our_id(name: &str, kind: &str, number: usize) -> String {
    let fits = name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.len() <= 64
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
    if fits { name.to_owned() } else { format!("{kind}-{number}") }
}

/// What a rule gives: points, perhaps only when the order has such lines, or a multiplier.
enum Given {
    Credit(Map<String, Value>, Option<Value>),
    Multiplier(Map<String, Value>),
}

/// The condition on an achievement that stands for a total that was spent.
fn spent(words: &mut Words<'_>, id: &str, out: &mut Earned) -> Result<Value, Trouble> {
    let goal = words.needed("threshold")?;
    out.achievements.push(json!({ "id": id, "counts": "money_paid", "goal": goal }));
    Ok(json!({ "achievement": id }))
}

fn is_of_tier(rule: &Value) -> bool {
    rule["amount"]["kind"] == "percent_of_tier"
}

fn amount(
    words: &mut Words<'_>,
    for_order: bool,
    (units, tiers): (&Units, &Tiers),
) -> Result<Given, Trouble> {
    let value = words.take("amount").ok_or_else(|| Trouble::unknown("earning without amount"))?;
    let mut inner = Words::of("earning.amount", value)?;
    let kind = inner.needed("kind")?;
    let mut credit = Map::new();
    match kind.as_str() {
        "fixed" => {
            credit.insert("points".into(), json!(inner.needed("points")?));
        }
        "percent" if for_order => {
            credit.insert("percent".into(), json!(inner.needed("value")?));
        }
        "percent_of_tier" if for_order => {
            credit.insert("percent".into(), json!(tiers.first_percent()?));
        }
        "per_step" if for_order => {
            credit.insert("points".into(), json!(inner.needed("points")?));
            credit.insert("per".into(), json!(inner.needed("per")?));
        }
        "per_unit" if for_order => {
            credit.insert("points".into(), json!(inner.needed("points")?));
            credit.insert("each".into(), json!("piece"));
        }
        "percent_by_order_total" if for_order => {
            let table = inner.take("table").ok_or_else(|| Trouble::unknown("a table without rows"))?;
            credit.insert("by_table".into(), rows(table)?);
        }
        "multiplier" if for_order => {
            credit.insert("by".into(), json!(inner.needed("factor")?));
        }
        "per_unit_of_money" if for_order => per_unit_of_money(&inner.needed("points")?, units, &mut credit)?,
        _ => return Err(Trouble::unknown(format!("earning.amount.kind: {kind}"))),
    }
    inner.end()?;
    let lines = words.take("where").or(words.take("of"));
    let excluded = words.take("exclude");
    let mut only = matches::lines_where("earning.where", lines)?;
    if let Some(excluded) = excluded {
        let only = only.get_or_insert_with(|| json!({}));
        if only.get("except").is_some() {
            return Err(Trouble::unknown("earning.exclude beside a where that excludes"));
        }
        only["except"] = matches::lines_without("earning.exclude", excluded)?;
    }
    match only {
        // A fixed bonus is for an order that holds such an article.
        Some(only) if kind == "fixed" && for_order => return Ok(Given::Credit(credit, Some(only))),
        Some(only) => {
            credit.insert("of".into(), only);
        }
        None => {}
    }
    Ok(if kind == "multiplier" { Given::Multiplier(credit) } else { Given::Credit(credit, None) })
}

/// `[["0", "3"], ["3000", "5"]]`: from an amount on, so many percent.
fn rows(table: &Value) -> Result<Value, Trouble> {
    let odd = || Trouble::unknown(format!("table: {table}"));
    let row = |row: &Value| match row.as_array().map(Vec::as_slice) {
        Some([from, percent]) => {
            Ok(json!({ "from": plain(from).ok_or_else(odd)?, "percent": plain(percent).ok_or_else(odd)? }))
        }
        _ => Err(odd()),
    };
    let rows: Result<Vec<Value>, Trouble> = table.as_array().ok_or_else(odd)?.iter().map(row).collect();
    rows.map(Value::Array)
}

/// `{"gte": "50"}` → `{"from": "50"}`.
pub fn range(place: &str, bounds: &Value) -> Result<Value, Trouble> {
    let mut words = Words::of(place, bounds)?;
    let mut out = Map::new();
    for (theirs, ours) in [("gte", "from"), ("gt", "above"), ("lte", "to"), ("lt", "below")] {
        if let Some(bound) = words.text(theirs)? {
            out.insert(ours.to_owned(), json!(bound));
        }
    }
    words.end()?;
    Ok(Value::Object(out))
}

/// N points per unit of money is N × 100 percent; above 100 it is said in the smallest steps there are.
fn per_unit_of_money(points: &str, units: &Units, credit: &mut Map<String, Value>) -> Result<(), Trouble> {
    let odd = || Trouble::unknown(format!("per_unit_of_money: {points} points"));
    // Rates have six decimals, percents four.
    let rate = decimal::parse_scaled(points, 6).map_err(|_| odd())?;
    if rate <= 1_000_000 {
        credit.insert("percent".into(), json!(decimal::format_trimmed(rate, 4)));
        return Ok(());
    }
    let minor = 10_i64.pow(units.money);
    let smallest = decimal::parse_scaled(points, units.points).map_err(|_| odd())?;
    if smallest % minor != 0 {
        return Err(odd());
    }
    credit.insert("points".into(), json!(decimal::format_trimmed(smallest / minor, units.points)));
    credit.insert("per".into(), json!(decimal::format_scaled(1, units.money)));
    Ok(())
}

/// What earning is counted on. A case that does not say counts everything that is paid, delivery too.
pub fn base(basis: Option<&str>, includes_tax: Option<bool>) -> Result<Value, Trouble> {
    let (lines, amount) = match basis {
        None => ("all", "paid"),
        Some("money_paid" | "paid_goods") => ("goods", "paid"),
        Some("order_total" | "grand_total minus the part paid with points") => ("all", "paid"),
        Some("after_discounts_before_payment_means") => ("all", "before_points"),
        Some(other) => return Err(Trouble::unknown(format!("basis: {other}"))),
    };
    let tax = if includes_tax == Some(false) { "excluded" } else { "included" };
    Ok(json!({ "lines": lines, "amount": amount, "tax": tax }))
}

/// The moment and the place: `when` and `window` of a rule.
fn conditions(words: &mut Words<'_>, zone: &Zone) -> Result<Vec<Value>, Trouble> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let mut out = Vec::new();
    if let Some(value) = words.take("when") {
        let mut inner = Words::of("earning.when", value)?;
        if let Some(days) = inner.texts("iso_days")? {
            let named: Option<Vec<&str>> =
                days.iter().map(|d| DAYS.get(d.parse::<usize>().ok()?.checked_sub(1)?).copied()).collect();
            let named = named.ok_or_else(|| Trouble::unknown(format!("iso_days: {days:?}")))?;
            out.push(json!({ "weekday": named }));
        }
        for (theirs, ours) in [
            ("shop", "shop"),
            ("shops", "shop"),
            ("channel", "channel"),
            ("channels", "channel"),
            ("cashier", "cashier"),
        ] {
            if let Some(list) = inner.take(theirs) {
                let list = texts_of(list).ok_or_else(|| inner.odd(theirs, list))?;
                out.push(json!({ ours: list }));
            }
        }
        if let Some(least) = inner.text("min_order_total")? {
            out.push(json!({ "order_total": { "from": least } }));
        }
        if let Some(hours) = inner.take("hours") {
            let mut span = Words::of("earning.when.hours", hours)?;
            out.push(json!({ "hours": { "from": span.needed("from")?, "to": span.needed("to")? } }));
            span.end()?;
        }
        inner.end()?;
    }
    if let Some(window) = words.take("window") {
        out.push(json!({ "date": dates(window, zone)? }));
    }
    Ok(out)
}

/// A window by days, both included, or by instants that are midnights of the program's zone, half-open.
pub fn dates(window: &Value, zone: &Zone) -> Result<Map<String, Value>, Trouble> {
    let mut inner = Words::of("earning.window", window)?;
    let mut days = Map::new();
    for (theirs, ours) in [("from_day", "from"), ("to_day", "to")] {
        if let Some(day) = inner.text(theirs)? {
            days.insert(ours.to_owned(), json!(day));
        }
    }
    for (key, last) in [("from", 0), ("to", -1)] {
        if let Some(text) = inner.text(key)? {
            let at = moment(&text)?;
            let day = zone.day_of(at);
            if zone.start_of(day) != at {
                return Err(Trouble::unknown(format!("window.{key} within a day: {text}")));
            }
            days.insert(key.to_owned(), json!(day.plus_days(last).to_string()));
        }
    }
    inner.end()?;
    Ok(days)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn units(points: u32) -> Units {
        Units { points, money: 2, zone: Zone::by_name("Europe/Moscow").expect("a zone") }
    }

    #[test]
    fn a_window_between_midnights_is_a_window_of_days() {
        let rule = |window: Value| {
            let list = json!([{"on": "order", "amount": {"kind": "fixed", "points": "1"}, "window": window}]);
            rules(Some(&list), &units(0), &Tiers::default()).map(|e| e.rules[0]["if"].clone())
        };
        let window = json!({"from": "2026-03-01T00:00:00+03:00", "to": "2026-03-09T00:00:00+03:00"});
        let days = json!({"all": [{"date": {"from": "2026-03-01", "to": "2026-03-08"}}]});
        assert_eq!(rule(window), Ok(days));
        assert!(rule(json!({"from": "2026-03-01T00:00:00Z"})).is_err());
    }

    fn one(rule: Value) -> Result<Value, Trouble> {
        rules(Some(&json!([rule])), &units(0), &Tiers::default()).map(|e| e.rules[0].clone())
    }

    #[test]
    fn a_percent_of_what_was_paid() {
        let rule = json!({"id": "back5", "on": "order_paid", "amount": {"kind": "percent", "value": "5"},
            "basis": "money_paid", "expires": {"after_months": 1}, "where": {"not_sku": ["a"]}});
        assert_eq!(
            one(rule).expect("known words"),
            json!({"id": "back5", "when": "order.paid",
                "base": {"lines": "goods", "amount": "paid", "tax": "included"},
                "then": [{"credit": {"percent": "5", "expires": "1 months", "of": {"except": {"sku": ["a"]}}}}]})
        );
    }

    #[test]
    fn points_per_unit_of_money_keep_their_fractions() {
        let rule =
            |points: &str| json!({"on": "order", "amount": {"kind": "per_unit_of_money", "points": points}});
        assert_eq!(one(rule("0.5")).expect("known")["then"][0]["credit"], json!({"percent": "50"}));
        assert!(one(rule("4")).is_err(), "floor would drop the kopecks");
        let fine = rules(Some(&json!([rule("4")])), &units(2), &Tiers::default()).expect("known");
        assert_eq!(fine.rules[0]["then"][0]["credit"], json!({"points": "0.04", "per": "0.01"}));
    }

    #[test]
    fn what_a_referred_order_brings_goes_to_the_referrer() {
        let rule = json!({"id": "ref", "on": "referred_order_paid", "to": "referrer", "basis": "order_total",
            "amount": {"kind": "per_step", "points": "50", "per": "1000"}});
        assert_eq!(
            one(rule).expect("known words"),
            json!({"id": "ref", "when": "referral.ordered",
                "base": {"lines": "all", "amount": "paid", "tax": "included"},
                "then": [{"credit": {"points": "50", "per": "1000", "to": "referrer", "level": "1"}}]})
        );
        let times =
            json!({"on": "order_paid", "to": "referrer", "amount": {"kind": "multiplier", "factor": "2"}});
        assert!(one(times).is_err());
    }

    #[test]
    fn rules_for_others_are_unknown() {
        let rule = json!({"on": "order_paid", "to": "cashier", "amount": {"kind": "fixed", "points": "1"}});
        assert_eq!(one(rule), Err(Trouble::unknown("earning.to: cashier")));
        let rule = json!({"on": "campaign", "amount": {"kind": "fixed", "points": "1"}});
        assert!(one(rule).is_err());
    }

    #[test]
    fn a_disabled_rule_is_left_out() {
        let off = json!([{"on": "order", "enabled": false, "amount": {"kind": "fixed", "points": "1"}}]);
        assert!(rules(Some(&off), &units(0), &Tiers::default()).expect("known").rules.is_empty());
    }
}
