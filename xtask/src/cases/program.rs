//! The case's program in the words of our program document.
//!
//! Invariant: every word is either translated with its meaning or refused as unknown; none is dropped.

mod earning;
mod network;
mod promotions;
mod tiers;

use super::matches;
use super::words::{Trouble, Words, plain};
use kopilka_core::decimal;
use kopilka_core::time::Zone;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

pub use network::OwnedCode;
pub use promotions::Taxes;

/// The name of the only program of a case's database.
pub const SLUG: &str = "case";
/// The attribute that stands for the group of customers of a case.
pub const GROUP: &str = "group";

/// A program document and how the case's rules are called in it.
#[derive(Debug)]
pub struct Translated {
    pub document: Value,
    /// Our rule id → the case's.
    pub rules: BTreeMap<String, String>,
    /// Our discount id → the case's.
    pub discounts: BTreeMap<String, String>,
    /// Our level → the case's.
    pub tiers: BTreeMap<String, String>,
    /// No rule gives points for orders.
    pub earns_nothing: bool,
    pub currency_scale: u32,
    /// The case's own words, for what it changes while it is played.
    pub case: Value,
    pub taxes: Taxes,
    /// What one point pays, in money.
    pub point_value: String,
    /// Rules that fire when an order is placed in the case, when it is paid in ours.
    pub earns_when_placed: bool,
    /// Codes that belong to one member.
    pub owned: Vec<OwnedCode>,
    /// There are rules that give to referrers.
    pub to_referrers: bool,
}

/// The document of a case; how its lines bear tax decides whether its amounts mean what ours do.
pub fn translate(program: &Value, taxes: Taxes) -> Result<Translated, Trouble> {
    let mut words = Words::of("program", program)?;
    let currency = words.text("currency")?.unwrap_or_else(|| "USD".to_owned());
    let currency_scale = currency_scale(&mut words, &currency)?;
    let (precision, rounding) = rounding(&mut words)?;
    let redemption = words.take("redemption");
    let given_value = words.text("point_value")?;
    let point_value = point_value(given_value, redemption)?;
    let mut points = Map::new();
    points.insert("value".into(), json!(point_value));
    points.insert("precision".into(), json!(precision));
    points.insert("rounding".into(), json!(rounding));
    points.insert("ends".into(), json!("exact"));
    if let Some(days) = expiry(&mut words, program.get("hold").is_some_and(|h| !h.is_null()))? {
        points.insert("expires".into(), json!(days));
    }
    let mut document = Map::new();
    document.insert("program".into(), json!(SLUG));
    document.insert("currency".into(), json!(currency));
    let zone_name = words.text("timezone")?.unwrap_or_else(|| "UTC".to_owned());
    let zone = Zone::by_name(&zone_name).ok_or_else(|| Trouble::unknown(format!("timezone: {zone_name}")))?;
    document.insert("timezone".into(), json!(zone_name));
    document.insert("points".into(), Value::Object(points));
    document.insert("attributes".into(), json!([{ "id": GROUP, "kind": "text" }]));
    document.insert("accrual".into(), accrual(&mut words)?);
    document.insert("spending".into(), spending(redemption)?);
    document.insert("returns".into(), returns(&mut words)?);
    let promoted = promotions::discounts(words.take("promotions"), &zone, taxes)?;
    add_promoted(&mut document, promoted.discounts, promoted.campaigns);
    document.insert("gift_cards".into(), json!({ "expires": "never" }));
    // A case that names its tax rates states its amounts without them.
    let net = program.get("taxes").is_some();
    document.insert("amounts".into(), json!(if net { "net" } else { "gross" }));
    document.insert("groups".into(), Value::Object(promoted.groups));
    let units = earning::Units { points: precision, money: currency_scale, zone };
    let tiers = tiers::Tiers::read(&mut words)?;
    let earned = earning::rules(words.take("earning"), &units, &tiers)?;
    if let Some(block) = tiers.block(&earned.of_tier) {
        document.insert("tiers".into(), block);
    }
    clawback_of_referrers(&mut document, earned.to_referrers);
    let earns_nothing = earned.rules.is_empty();
    add_earned(&mut document, earned.achievements, &earned.events, earned.rules);
    let reward = words.take("reward").map(reward_of).transpose()?;
    if let Some(reward) = &reward {
        document.insert("rewards".into(), json!([reward]));
        add_campaign(&mut document);
    }
    if let Some(fraud) = words.take("fraud") {
        document.insert("fraud".into(), fraud_limits(fraud)?);
    }
    without_effect(&mut words)?;
    words.end()?;
    Ok(Translated {
        document: Value::Object(document),
        rules: earned.names,
        discounts: promoted.names,
        tiers: tiers.names(),
        earns_nothing,
        currency_scale,
        case: program.clone(),
        taxes,
        point_value,
        earns_when_placed: earned.when_placed,
        owned: promoted.owned,
        to_referrers: earned.to_referrers,
    })
}

fn add_promoted(document: &mut Map<String, Value>, discounts: Vec<Value>, campaigns: Vec<Value>) {
    if !discounts.is_empty() {
        document.insert("discounts".into(), Value::Array(discounts));
    }
    if !campaigns.is_empty() {
        document.insert("coupons".into(), json!({ "campaigns": campaigns }));
    }
}

fn add_earned(
    document: &mut Map<String, Value>,
    achievements: Vec<Value>,
    events: &BTreeSet<String>,
    rules: Vec<Value>,
) {
    if !achievements.is_empty() {
        document.insert("achievements".into(), Value::Array(achievements));
    }
    if !events.is_empty() {
        let events: Vec<Value> = events.iter().map(|id| json!({ "id": id })).collect();
        document.insert("events".into(), Value::Array(events));
    }
    document.insert("rules".into(), Value::Array(rules));
}

/// A card is a member's: what one does with all of his cards is counted together.
fn fraud_limits(value: &Value) -> Result<Value, Trouble> {
    let mut words = Words::of("fraud", value)?;
    let most = words.needed("max_purchases_per_card_per_day")?;
    words.end()?;
    Ok(json!({ "max_purchases_per_day": most }))
}

/// The name of the case's only reward, and of the campaign of its codes.
pub const REWARD: &str = "reward";

/// A reward that gives a coupon: as many as there are codes, or as its limit says.
fn reward_of(value: &Value) -> Result<Value, Trouble> {
    let mut words = Words::of("reward", value)?;
    let kind = words.needed("kind")?;
    if kind != "coupon" {
        return Err(Trouble::unknown(format!("reward.kind: {kind}")));
    }
    let mut out =
        json!({ "id": REWARD, "cost": words.needed("cost_points")?, "gives": { "coupon": REWARD } });
    let codes = words.texts("codes")?.map(|codes| codes.len() as u64);
    let limit = words.take_even_null("limit").and_then(plain).and_then(|text| text.parse::<u64>().ok());
    if let Some(stock) = codes.into_iter().chain(limit).min() {
        out["stock"] = json!(stock);
    }
    if let Some(most) = words.text("limit_per_customer")? {
        out["per_member"] = json!(most);
    }
    words.end()?;
    Ok(out)
}

/// Codes of a reward are made one by one.
fn add_campaign(document: &mut Map<String, Value>) {
    let campaign = json!({ "id": REWARD, "codes": "made" });
    let coupons = document.entry("coupons").or_insert_with(|| json!({ "campaigns": [] }));
    if let Some(list) = coupons["campaigns"].as_array_mut() {
        list.push(campaign);
    }
}

fn currency_scale(words: &mut Words<'_>, currency: &str) -> Result<u32, Trouble> {
    let scale = match currency {
        "JPY" | "KRW" | "VND" | "CLP" | "ISK" => 0,
        "KWD" | "BHD" | "TND" | "JOD" | "OMR" => 3,
        _ => 2,
    };
    match words.text("money_scale")? {
        Some(given) if given != scale.to_string() => Err(Trouble::unknown(format!("money_scale: {given}"))),
        _ => Ok(scale),
    }
}

/// Decimals of a point and how a credit is rounded to them.
fn rounding(words: &mut Words<'_>) -> Result<(u32, String), Trouble> {
    let Some(value) = words.take("rounding") else { return Ok((0, "floor".to_owned())) };
    let mut inner = Words::of("rounding", value)?;
    let scale = inner.text("scale")?.unwrap_or_else(|| "0".to_owned());
    let mode = match inner.text("points")?.as_deref() {
        // "None" means that the case's figures need no rounding at this scale.
        None | Some("floor" | "down" | "none") => "floor",
        Some("half_up") => "half_up",
        Some("half_even") => "half_even",
        Some("ceil" | "up") => "ceil",
        Some(other) => return Err(Trouble::unknown(format!("rounding.points: {other}"))),
    };
    inner.end()?;
    match scale.parse() {
        Ok(scale @ 0..=2) => Ok((scale, mode.to_owned())),
        _ => Err(Trouble::unknown(format!("rounding.scale: {scale}"))),
    }
}

/// `step: {points: 100, money: 5.00}` also says what a point is worth.
fn point_value(given: Option<String>, redemption: Option<&Value>) -> Result<String, Trouble> {
    let step = redemption.and_then(|r| r.get("step")).filter(|s| s.is_object());
    let Some(step) = step else { return Ok(given.unwrap_or_else(|| "1.00".to_owned())) };
    let odd = || Trouble::unknown(format!("redemption.step: {step}"));
    let number = |key: &str, scale| {
        let text = step.get(key).and_then(plain).ok_or_else(odd)?;
        decimal::parse_scaled(&text, scale).map_err(|_| odd())
    };
    let (points, money) = (number("points", 0)?, number("money", 6)?);
    if points <= 0 || money % points != 0 {
        return Err(odd());
    }
    let worth = decimal::format_trimmed(money / points, 6);
    match given {
        Some(given) if decimal::parse_scaled(&given, 6) != Ok(money / points) => Err(odd()),
        _ => Ok(worth),
    }
}

fn expiry(words: &mut Words<'_>, has_delay: bool) -> Result<Option<String>, Trouble> {
    let value = words.take("expiry").map(|v| period("expiry", v)).transpose()?;
    match words.text("expiry_counted_from")?.as_deref() {
        None | Some("available" | "activation" | "active") => Ok(value),
        // A validity starts when the points become available; without a delay that is when they are earned.
        Some("earned" | "earning" | "credit" | "credited" | "accrual" | "issued") if !has_delay => Ok(value),
        Some(other) => Err(Trouble::unknown(format!("expiry_counted_from: {other}"))),
    }
}

/// `{"days": 10}`, `{"after_months": 1}` and the like as our period.
pub fn period(place: &str, value: &Value) -> Result<String, Trouble> {
    let mut words = Words::of(place, value)?;
    for unit in ["hours", "days", "weeks", "months", "years"] {
        for key in [unit.to_owned(), format!("after_{unit}")] {
            if let Some(number) = words.text(&key)? {
                words.end()?;
                return Ok(format!("{number} {unit}"));
            }
        }
    }
    Err(Trouble::unknown(format!("{place}: {value}")))
}

fn accrual(words: &mut Words<'_>) -> Result<Value, Trouble> {
    let mut out = Map::new();
    out.insert("active_after".into(), json!("0 days"));
    if let Some(hold) = words.take("hold") {
        let mut inner = Words::of("hold", hold)?;
        if let Some(from) = inner.text("from")?
            && from != "paid"
        {
            return Err(Trouble::unknown(format!("hold.from: {from}")));
        }
        for unit in ["hours", "days", "months"] {
            if let Some(number) = inner.text(unit)? {
                out.insert("active_after".into(), json!(format!("{number} {unit}")));
            }
        }
        inner.end()?;
    }
    let includes_tax = words.flag("basis_includes_tax")?;
    let basis = words.text("earning_basis")?;
    out.insert("base".into(), earning::base(basis.as_deref(), includes_tax)?);
    Ok(Value::Object(out))
}

/// What may be paid with points. A case without the block has no limit.
fn spending(redemption: Option<&Value>) -> Result<Value, Trouble> {
    let mut out = Map::new();
    out.insert("allowed".into(), json!(true));
    let Some(value) = redemption else { return Ok(Value::Object(out)) };
    let mut words = Words::of("redemption", value)?;
    if let Some(share) = words.text("max_percent_of_order")? {
        out.insert("max_share".into(), json!(share));
    }
    if let Some(least) = words.text("min_points")? {
        out.insert("min_points".into(), json!(least));
    }
    if let Some(step) = words.take("step") {
        let points = step.get("points").unwrap_or(step);
        let points = plain(points).ok_or_else(|| words.odd("step", step))?;
        out.insert("step".into(), json!(points));
    }
    if let Some(least) = words.text("min_order")? {
        out.insert("min_order".into(), json!(least));
    }
    if let Some(lines) = words.take("exclude") {
        out.insert("exclude".into(), matches::lines_without("redemption.exclude", lines)?);
    }
    words.end()?;
    Ok(Value::Object(out))
}

fn returns(words: &mut Words<'_>) -> Result<Value, Trouble> {
    let mut out = Map::new();
    let mut policy = words.text("clawback")?;
    if let Some(value) = words.take("returns") {
        let mut inner = Words::of("returns", value)?;
        policy = inner.text("clawback")?.or(policy);
        if let Some(expiry) = inner.take("expiry") {
            out.insert("on_refund".into(), on_refund(expiry)?);
        }
        // Returns always take achievements back.
        if inner.flag("recompute_achievements")? == Some(false) {
            return Err(Trouble::unknown("returns.recompute_achievements: false"));
        }
        inner.end()?;
    }
    if let Some(policy) = policy {
        let ours = match policy.as_str() {
            "allow_negative" | "debt" => "debt",
            "clamp_to_zero" | "floor_at_zero" => "floor_at_zero",
            "pending_only" => "pending_only",
            other => return Err(Trouble::unknown(format!("clawback: {other}"))),
        };
        out.insert("clawback".into(), json!(ours));
    }
    Ok(Value::Object(out))
}

/// A case that says how points are taken back says it of all points, a referrer's too.
fn clawback_of_referrers(document: &mut Map<String, Value>, to_referrers: bool) {
    if to_referrers
        && let Some(returns) = document.get_mut("returns").and_then(Value::as_object_mut)
        && returns.contains_key("clawback")
    {
        returns.insert("referral_clawback".into(), json!("debt"));
    }
}

fn on_refund(expiry: &Value) -> Result<Value, Trouble> {
    match expiry.as_str() {
        Some(word @ ("keep" | "resume")) => Ok(json!(word)),
        Some(_) => Err(Trouble::unknown(format!("returns.expiry: {expiry}"))),
        None => {
            let inner = expiry.get("regrant").unwrap_or(expiry);
            Ok(json!({ "regrant": period("returns.expiry", inner)? }))
        }
    }
}

/// Words that may stand in a program without changing anything we compute.
fn without_effect(words: &mut Words<'_>) -> Result<(), Trouble> {
    if let Some(day) = words.text("feb29")?
        && day != "28_february"
    {
        return Err(Trouble::unknown(format!("feb29: {day}")));
    }
    if let Some(order) = words.text("spend_order")?
        && !order.starts_with("earliest_expiry_first")
    {
        return Err(Trouble::unknown(format!("spend_order: {order}")));
    }
    // Named tax rates are written out on the lines that bear them.
    words.ignore("taxes");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    const NO_TAX: Taxes = Taxes { added: false };

    #[test]
    fn a_program_becomes_a_document() {
        let program = json!({
            "currency": "RUB", "timezone": "Europe/Moscow", "point_value": "1.00",
            "rounding": {"points": "floor", "scale": 0},
            "hold": {"days": 14, "from": "paid"},
            "redemption": {"max_percent_of_order": "20", "exclude": {"tag": "rrp"}},
            "returns": {"clawback": "allow_negative", "expiry": "keep"},
            "fraud": {"max_purchases_per_card_per_day": 5},
        });
        let out = translate(&program, NO_TAX).expect("known words").document;
        assert_eq!(out["accrual"]["active_after"], "14 days");
        assert_eq!(out["spending"], json!({"allowed": true, "max_share": "20", "exclude": {"tag": ["rrp"]}}));
        assert_eq!(out["returns"], json!({"clawback": "debt", "on_refund": "keep"}));
        assert_eq!(out["fraud"], json!({"max_purchases_per_day": "5"}));
        assert_eq!(out["points"]["ends"], "exact");
    }

    #[test]
    fn a_step_in_money_gives_the_worth_of_a_point() {
        let program = json!({"redemption": {"step": {"points": "100", "money": "5.00"}}});
        let out = translate(&program, NO_TAX).expect("known words").document;
        assert_eq!(out["points"]["value"], "0.05");
        assert_eq!(out["spending"]["step"], "100");
    }

    #[test]
    fn what_is_said_of_taking_points_back_holds_for_referrers() {
        let earning = json!([{"on": "referred_order_paid", "to": "referrer", "amount": {"kind": "percent", "value": "5"}}]);
        let returns =
            |program: Value| translate(&program, NO_TAX).expect("known words").document["returns"].clone();
        let said = returns(json!({"earning": earning, "returns": {"clawback": "allow_negative"}}));
        assert_eq!(said, json!({"clawback": "debt", "referral_clawback": "debt"}));
        assert_eq!(returns(json!({"earning": earning})), json!({}));
    }

    #[test]
    fn unknown_words_are_told() {
        let told = translate(&json!({"weather": {}}), NO_TAX).expect_err("unknown");
        assert_eq!(told, Trouble::unknown("program.weather"));
        assert!(translate(&json!({"fraud": {"max_refunds": 5}}), NO_TAX).is_err());
        assert!(translate(&json!({"promotions": [{"id": "P"}]}), NO_TAX).is_err());
        assert!(translate(&json!({"feb29": "1_march"}), NO_TAX).is_err());
    }
}
