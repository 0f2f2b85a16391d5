//! Promotions of a case as discounts and coupon campaigns of our document.
//!
//! Invariant: what neither an automatic discount nor a coupon says (a gift, a limit of a promotion without a
//! code) is told as unknown.

use super::GROUP;
use super::earning::{dates, our_id, range};
use super::network::{self, OwnedCode};
use crate::cases::matches;
use crate::cases::words::{Trouble, Words, plain};
use kopilka_core::time::Zone;
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The group of promotions of which the best one acts.
const BEST: &str = "best";

#[derive(Debug, Default)]
pub struct Promoted {
    pub discounts: Vec<Value>,
    /// Those with a code.
    pub campaigns: Vec<Value>,
    /// Our discount or campaign id → the case's.
    pub names: BTreeMap<String, String>,
    pub groups: Map<String, Value>,
    /// Codes that belong to one member.
    pub owned: Vec<OwnedCode>,
}

/// How the amounts of a case's lines must stand for its own amounts to mean the same as ours.
#[derive(Debug, Clone, Copy)]
pub struct Taxes {
    pub added: bool,
}

pub fn discounts(value: Option<&Value>, zone: &Zone, taxes: Taxes) -> Result<Promoted, Trouble> {
    let mut out = Promoted::default();
    let Some(value) = value else { return Ok(out) };
    let list = value.as_array().ok_or_else(|| Trouble::unknown(format!("promotions: {value}")))?;
    for (number, promotion) in list.iter().enumerate() {
        promotion_of(promotion, number + 1, zone, taxes, &mut out)?;
    }
    Ok(out)
}

fn promotion_of(
    value: &Value,
    number: usize,
    zone: &Zone,
    taxes: Taxes,
    out: &mut Promoted,
) -> Result<(), Trouble> {
    let mut words = Words::of("promotions", value)?;
    let name = words.text("id")?.unwrap_or_else(|| format!("discount-{number}"));
    let code = words.text("code")?;
    if words.flag("auto")?.unwrap_or(code.is_none()) == code.is_some() {
        return Err(Trouble::unknown("promotions that are neither automatic nor have a code"));
    }
    let owner = network::owner(&mut words)?;
    let id = our_id(&name, "discount", number);
    let discount = words.take("discount").ok_or_else(|| Trouble::unknown("promotions without a discount"))?;
    let mut common = Map::new();
    if let Some(order) = words.text("order")? {
        // Theirs count up, our priorities down.
        common.insert("priority".into(), json!(format!("-{order}")));
    }
    match words.text("stacking")?.as_deref() {
        None => {}
        Some("best") => {
            out.groups.insert(BEST.into(), json!("best"));
            common.insert("group".into(), json!(BEST));
        }
        Some(other) => return Err(Trouble::unknown(format!("promotions.stacking: {other}"))),
    }
    let (bought, when) = bought_of(words.take("when"))?;
    let mut conditions = conditions(when.as_ref())?;
    let gift = words.take("gift").map(|gift| gift_of(gift, bought.as_ref())).transpose()?;
    if gift.is_none() {
        conditions.extend(bought.map(|(of, pieces)| bought_condition(of, &pieces)));
    }
    if let Some(window) = words.take("window") {
        window_of(window, zone, code.is_some(), &mut conditions, &mut common)?;
    }
    if !conditions.is_empty() {
        common.insert("if".into(), json!({ "all": conditions }));
    }
    let limits = words.take("limits");
    if code.is_some() || gift.is_some() || limits.is_some() || owner.is_some() {
        let off = if is_free_item(discount)? { None } else { Some(discount) };
        common.extend(gift.map(|gift| ("gift".to_owned(), gift)));
        let mut campaign = campaign((id.as_str(), code.as_deref()), off, (common, limits), taxes)?;
        words.end()?;
        let owned = owner.map(|owner| network::owned(owner, &mut campaign)).transpose()?;
        out.owned.extend(owned);
        out.campaigns.push(campaign);
        out.names.insert(id, name);
        return Ok(());
    }
    words.end()?;
    for (part, mut discount) in discount_of(discount, taxes)?.into_iter().enumerate() {
        let id = if part == 0 { id.clone() } else { format!("{id}-{}", part + 1) };
        discount.insert("id".into(), json!(id));
        discount.extend(common.clone());
        out.discounts.push(Value::Object(discount));
        out.names.insert(id, name.clone());
    }
    Ok(())
}

/// A coupon has its window itself, so that it is refused for its time and not for a condition.
fn window_of(
    window: &Value,
    zone: &Zone,
    has_code: bool,
    conditions: &mut Vec<Value>,
    common: &mut Map<String, Value>,
) -> Result<(), Trouble> {
    let dates = dates(window, zone)?;
    if has_code {
        common.extend(dates);
    } else {
        conditions.push(json!({ "date": dates }));
    }
    Ok(())
}

/// Which lines, and how many pieces of them.
type Bought = (Value, String);

/// What must be bought for the promotion, and the other conditions.
fn bought_of(when: Option<&Value>) -> Result<(Option<Bought>, Option<Value>), Trouble> {
    let Some(Value::Object(when)) = when else { return Ok((None, when.cloned())) };
    let mut rest = when.clone();
    let Some(bought) = rest.remove("buy") else { return Ok((None, Some(Value::Object(rest)))) };
    let mut lines = bought.as_object().cloned().unwrap_or_default();
    let pieces = lines.remove("qty").as_ref().and_then(plain);
    let pieces = pieces.ok_or_else(|| Trouble::unknown(format!("promotions.when.buy: {bought}")))?;
    let of = matches::lines_where("promotions.when.buy", Some(&Value::Object(lines)))?;
    Ok((Some((of.unwrap_or_else(|| json!({})), pieces)), Some(Value::Object(rest))))
}

fn bought_condition(of: Value, pieces: &str) -> Value {
    let mut line = of.as_object().cloned().unwrap_or_default();
    line.insert("quantity".into(), json!({ "from": pieces }));
    json!({ "line": line })
}

/// Goods in addition: once, or for each so many bought.
fn gift_of(value: &Value, bought: Option<&Bought>) -> Result<Value, Trouble> {
    let mut words = Words::of("promotions.gift", value)?;
    let sku = words.needed("sku")?;
    let (once, per_buy) = (words.text("qty")?, words.text("qty_per_buy")?);
    // What it would cost if it were bought.
    words.ignore("price");
    words.end()?;
    match (once, per_buy, bought) {
        (pieces, None, None) => Ok(json!({ "sku": sku, "pieces": pieces.unwrap_or_else(|| "1".to_owned()) })),
        (None, Some(gives), Some((of, pieces))) => {
            let mut each = Map::from_iter([("pieces".to_owned(), json!(pieces))]);
            if of.as_object().is_some_and(|of| !of.is_empty()) {
                each.insert("of".into(), of.clone());
            }
            Ok(json!({ "sku": sku, "pieces": gives, "for_each": each }))
        }
        _ => Err(Trouble::unknown(format!("promotions.gift: {value}"))),
    }
}

/// A gift of this order, which is no discount of its lines.
fn is_free_item(discount: &Value) -> Result<bool, Trouble> {
    if discount["kind"] != "free_item" {
        return Ok(false);
    }
    match discount["on"].as_str() {
        None | Some("order") => Ok(true),
        Some(on) => Err(Trouble::unknown(format!("promotions.discount.on: free_item on {on}"))),
    }
}

/// A promotion with a code that everybody may know, or one that gives goods or is limited.
fn campaign(
    (id, code): (&str, Option<&str>),
    discount: Option<&Value>,
    (mut common, limits): (Map<String, Value>, Option<&Value>),
    taxes: Taxes,
) -> Result<Value, Trouble> {
    // Codes come one after another as they were entered: an order of their own says nothing.
    common.remove("priority");
    let group = common.remove("group");
    if let Some(discount) = discount {
        let mut parts = discount_of(discount, taxes)?;
        let (Some(mut off), true) = (parts.pop(), parts.is_empty()) else {
            return Err(Trouble::unknown("a code that lowers goods and shipping"));
        };
        off.extend(group.map(|group| ("group".to_owned(), group)));
        common.insert("discount".into(), Value::Object(off));
    }
    common.insert("id".into(), json!(id));
    match code {
        Some(code) => common.insert("code".into(), json!(code)),
        None => common.insert("codes".into(), json!("none")),
    };
    if let Some(limits) = limits {
        let mut inner = Words::of("promotions.limits", limits)?;
        let mut ours = Map::new();
        for (theirs, word) in [
            ("total", "total"),
            ("per_code", "per_code"),
            ("per_customer", "per_member"),
            ("budget", "budget"),
        ] {
            if let Some(most) = inner.text(theirs)? {
                ours.insert(word.into(), json!(most));
            }
        }
        inner.end()?;
        common.insert("limits".into(), Value::Object(ours));
    }
    Ok(Value::Object(common))
}

/// One discount, or two where goods and shipping are lowered alike.
fn discount_of(value: &Value, taxes: Taxes) -> Result<Vec<Map<String, Value>>, Trouble> {
    let mut words = Words::of("promotions.discount", value)?;
    let kind = words.needed("kind")?;
    if kind == "buy_get" {
        return buy_get(words, taxes).map(|discount| vec![discount]);
    }
    let mut discount = off(&mut words, &kind)?;
    let on = words.needed("on")?;
    let ours = match on.as_str() {
        "order" | "specific" | "across_lines" => "order",
        "each_line" => "each_line",
        "each_unit" => "each_piece",
        "cheapest" => "cheapest",
        "shipping" => "delivery",
        "goods_and_shipping" if kind == "percent" => "order",
        "goods_and_shipping" => "order_with_delivery",
        other => return Err(Trouble::unknown(format!("promotions.discount.on: {kind} on {other}"))),
    };
    discount.insert("on".into(), json!(ours));
    if let Some(lines) = matches::lines_where("promotions.discount.items", words.take("items"))? {
        discount.insert("of".into(), lines);
    }
    if let Some(size) = words.text("group_size")? {
        discount.insert("in_groups_of".into(), json!(size));
    }
    if let Some(most) = words.text("max_units")? {
        discount.insert("max_pieces".into(), json!(most));
    }
    if let Some(cap) = words.text("cap")? {
        discount.insert("cap".into(), json!(cap));
    }
    words.end()?;
    let mut parts = vec![discount];
    if on == "goods_and_shipping" && kind == "percent" {
        let delivery = Map::from_iter([
            ("percent".to_owned(), parts[0]["percent"].clone()),
            ("on".to_owned(), json!("delivery")),
        ]);
        parts.push(delivery);
    }
    Ok(parts)
}

/// For each so many bought, an amount off so many others.
fn buy_get(mut words: Words<'_>, taxes: Taxes) -> Result<Map<String, Value>, Trouble> {
    refuse_added(taxes, "buy_get")?;
    let part = |words: &mut Words<'_>, word: &'static str| {
        let value = words.take(word).ok_or_else(|| Trouble::unknown(format!("buy_get without {word}")))?;
        let mut inner = Words::of("promotions.discount", value)?;
        let of = matches::lines_where("promotions.discount.items", inner.take("items"))?;
        let pieces = inner.needed("qty")?;
        inner.end()?;
        Ok::<_, Trouble>((of, pieces))
    };
    let (buy, get) = (part(&mut words, "buy")?, part(&mut words, "get")?);
    let mut bought = Map::from_iter([("pieces".to_owned(), json!(buy.1))]);
    bought.extend(buy.0.map(|of| ("of".to_owned(), of)));
    let mut discount = Map::new();
    match words.text("value_each")? {
        Some(amount) => discount.insert("amount".into(), json!(amount)),
        None => discount.insert("percent".into(), json!(words.needed("percent_each")?)),
    };
    discount.extend(get.0.map(|of| ("of".to_owned(), of)));
    discount.insert("on".into(), json!({ "bought": bought, "gives": get.1 }));
    words.end()?;
    Ok(discount)
}

/// How much: the words of percent, amount, price or table.
fn off(words: &mut Words<'_>, kind: &str) -> Result<Map<String, Value>, Trouble> {
    let value = words.text("value")?.filter(|v| !v.is_empty());
    let needed = || value.clone().ok_or_else(|| Trouble::unknown(format!("promotions.discount: {kind}")));
    let mut discount = Map::new();
    match kind {
        "percent" => {
            discount.insert("percent".into(), json!(needed()?));
        }
        "fixed" => {
            discount.insert("amount".into(), json!(needed()?));
        }
        "flexi" => {
            discount.insert("amount".into(), json!(words.needed("first")?));
            discount.insert("next".into(), json!(words.needed("next")?));
        }
        "set_total" => {
            discount.insert("price".into(), json!(needed()?));
        }
        "tiered_percent" | "tiered_fixed" => {
            let gives = if kind == "tiered_percent" { "percent" } else { "amount" };
            discount.insert("by_table".into(), rows(words, gives)?);
        }
        other => return Err(Trouble::unknown(format!("promotions.discount.kind: {other}"))),
    }
    Ok(discount)
}

/// `base` from nothing on, then `tiers` by the amount where each begins.
fn rows(words: &mut Words<'_>, gives: &str) -> Result<Value, Trouble> {
    let mut rows = vec![json!({ "from": "0", gives: words.needed("base")? })];
    let tiers = words.take("tiers").and_then(Value::as_object);
    let tiers = tiers.ok_or_else(|| Trouble::unknown("promotions.discount without tiers"))?;
    let mut named: Vec<(i64, &str, String)> = Vec::new();
    for (from, value) in tiers {
        let odd = || Trouble::unknown(format!("promotions.discount.tiers: {from}"));
        let at = kopilka_core::decimal::parse_scaled(from, 6).map_err(|_| odd())?;
        named.push((at, from, plain(value).ok_or_else(odd)?));
    }
    named.sort();
    rows.extend(named.into_iter().map(|(_, from, value)| json!({ "from": from, gives: value })));
    Ok(Value::Array(rows))
}

/// Our amounts are those of the lines; where tax comes on top, peers mean the sum with it.
fn refuse_added(taxes: Taxes, what: &str) -> Result<(), Trouble> {
    match taxes.added {
        true => Err(Trouble::unknown(format!("{what} where tax is added"))),
        false => Ok(()),
    }
}

/// What must hold for the order.
fn conditions(value: Option<&Value>) -> Result<Vec<Value>, Trouble> {
    let mut out = Vec::new();
    let Some(value) = value else { return Ok(out) };
    let mut words = Words::of("promotions.when", value)?;
    if let Some(least) = words.text("min_order_total")? {
        out.push(json!({ "order_total_list": { "from": least } }));
    }
    if let Some(least) = words.text("min_net_total")? {
        out.push(json!({ "order_total_net": { "from": least } }));
    }
    if let Some(least) = words.text("min_discounted_total")? {
        out.push(json!({ "order_total": { "from": least } }));
    }
    if let Some(groups) = words.take("customer_group_in") {
        out.push(json!({ "attribute": { GROUP: groups } }));
    }
    for key in ["cart_total", "order_total"] {
        if let Some(bounds) = words.take(key) {
            out.push(json!({ "order_total_list": range(key, bounds)? }));
        }
    }
    if let Some(least) = words.text("min_qty")? {
        out.push(json!({ "quantity": { "from": least } }));
    }
    if let Some(of) = words.take("qty_of") {
        let mut inner = Words::of("promotions.when.qty_of", of)?;
        let (skus, least) = (inner.texts("sku")?.unwrap_or_default(), inner.needed("min")?);
        inner.end()?;
        out.push(json!({ "line": { "sku": skus, "quantity": { "from": least } } }));
    }
    if let Some(of) = words.take("category_total") {
        out.push(category_total(of)?);
    }
    if let Some(bounds) = words.take("days_since_last_order") {
        out.push(json!({ "days_since_last_order": range("days_since_last_order", bounds)? }));
    }
    words.end()?;
    Ok(out)
}

fn category_total(value: &Value) -> Result<Value, Trouble> {
    let object = value.as_object().ok_or_else(|| Trouble::unknown(format!("category_total: {value}")))?;
    let mut bounds = object.clone();
    let mut words = Words::of("category_total", value)?;
    let categories = words.texts("categories")?.unwrap_or_default();
    let of = match words.needed("mode")?.as_str() {
        "include" => json!({ "category": categories }),
        "exclude" => json!({ "except": { "category": categories } }),
        other => return Err(Trouble::unknown(format!("category_total.mode: {other}"))),
    };
    bounds.remove("categories");
    bounds.remove("mode");
    let mut line = of.as_object().cloned().unwrap_or_default();
    line.insert("total".into(), range("category_total", &Value::Object(bounds))?);
    Ok(json!({ "line": line }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(promotion: Value) -> Result<Value, Trouble> {
        let taxes = Taxes { added: false };
        let list = json!([promotion]);
        discounts(Some(&list), &Zone::utc(), taxes).map(|p| p.discounts[0].clone())
    }

    #[test]
    fn an_automatic_promotion_is_a_discount() {
        let promotion = json!({"id": "ten", "auto": true, "order": 2, "when": {"min_qty": 2, "cart_total": {"gt": "50"}},
            "discount": {"kind": "percent", "value": "10", "on": "specific", "items": {"sku": ["a"]}, "cap": "9"}});
        assert_eq!(
            one(promotion),
            Ok(
                json!({"id": "ten", "percent": "10", "on": "order", "of": {"sku": ["a"]}, "cap": "9", "priority": "-2",
                "if": {"all": [{"order_total_list": {"above": "50"}}, {"quantity": {"from": "2"}}]}})
            )
        );
        let table = json!({"auto": true, "discount": {"kind": "tiered_percent", "value": "", "on": "each_line",
            "base": "10", "tiers": {"30": "20", "20": "15"}}});
        let rows = json!([{"from": "0", "percent": "10"}, {"from": "20", "percent": "15"}, {"from": "30", "percent": "20"}]);
        assert_eq!(one(table).expect("known words")["by_table"], rows);
    }

    #[test]
    fn what_is_not_a_plain_discount_is_told() {
        let promotion = |more: Value| {
            let mut value = json!({"auto": true, "discount": {"kind": "fixed", "value": "5", "on": "order"}});
            value.as_object_mut().expect("a map").extend(more.as_object().expect("a map").clone());
            one(value)
        };
        assert!(promotion(json!({})).is_ok());
        for more in [
            json!({"limits": {"colour": 1}}),
            json!({"gift": {"sku": "a", "qty_per_buy": 1}}),
            json!({"auto": false}),
            json!({"stacking": "one_order_discount"}),
            json!({"when": {"customer_age": 18}}),
        ] {
            assert!(promotion(more.clone()).is_err(), "{more}");
        }
    }
}
