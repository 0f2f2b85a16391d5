//! Expected figures of orders and quotes: sums, lines, and the points in them.

use super::Story;
use crate::cases::figures::{sum, text_of};
use crate::cases::stage::Stage;
use crate::cases::steps::{About, Done};
use crate::cases::words::{Trouble, Words, plain};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const WORDS: [&str; 39] = [
    "gift",
    "gift_price",
    "coupon_discount",
    "unit_price_after",
    "unit_discount_auto",
    "shipping_discounts",
    "discount_with_tax",
    "paid_by_gift",
    "gift_left",
    "gift_balance",
    "used",
    "uses",
    "applied",
    "eligible",
    "shipping_discount",
    "unit_discount",
    "points_earned",
    "points_used",
    "by_rule",
    "taken",
    "total",
    "totals",
    "net",
    "nets",
    "tax",
    "tax_included",
    "to_pay",
    "money_to_pay",
    "discount_total",
    "discounts",
    "line_discounts",
    "line_discounts_by_promotion",
    "line_discounts_sum",
    "line_totals",
    "goods_discount",
    "redeem_money",
    "items_total",
    "items_after",
    "rows",
];

/// `points_used_o2` is `points_used` of order o2.
fn split(word: &str) -> Option<(&str, Option<&str>)> {
    if WORDS.contains(&word) {
        return Some((word, None));
    }
    WORDS.iter().find_map(|known| {
        let order = word.strip_prefix(known)?.strip_prefix('_')?;
        (!order.is_empty()).then_some((*known, Some(order)))
    })
}

pub fn is_known(word: &str) -> bool {
    split(word).is_some()
}

/// An order or a quote, seen alike.
struct Sight {
    /// The order as it stands now, or the quote's answer.
    view: Value,
    /// The answer when it was put: it holds the trace.
    told: Value,
    is_quote: bool,
}

pub fn actual(stage: &mut Stage, story: &Story, word: &str, expected: &Value) -> Result<Value, Trouble> {
    let Some((figure, order)) = split(word) else { return Err(Trouble::unknown(format!("expect.{word}"))) };
    let one = match figure {
        "totals" => Some("total"),
        "nets" => Some("net"),
        "discounts" => Some("discount_total"),
        "items_after" if expected.is_array() => Some("items_after"),
        _ => None,
    };
    if let Some(one) = one {
        return many(stage, story, one, expected);
    }
    if matches!(figure, "gift_left" | "gift_balance") {
        return gift_left(stage);
    }
    if figure == "uses" {
        return uses(stage);
    }
    if let Some(at) = order.and_then(of_a_quote) {
        let quote = story.quotes().nth(at).map(quoted);
        let quote = quote.ok_or_else(|| Trouble::differs(format!("{word}: no such quote")))?;
        return figure_of(stage, &quote, figure, expected);
    }
    let sight = match order {
        Some(name) => sight_of(stage, story, name)?,
        None => match story.newest_order() {
            Some((done, Some(name))) => sight_of_order(stage, name, done)?,
            Some((done, None)) => quoted(done),
            None if figure == "points_earned" || figure == "points_used" => return Ok(json!("0")),
            None => return Err(Trouble::unknown(format!("expect.{word} without an order"))),
        },
    };
    figure_of(stage, &sight, figure, expected)
}

/// `coupon_discount_first_quote` is the figure of the first quote.
fn of_a_quote(which: &str) -> Option<usize> {
    ["first_quote", "second_quote", "third_quote"].iter().position(|word| *word == which)
}

/// Orders that have a coupon of the case's only campaign.
fn uses(stage: &mut Stage) -> Result<Value, Trouble> {
    let answer = stage.read("/v1/campaigns")?;
    match answer["campaigns"].as_array().map(Vec::as_slice) {
        Some([only]) => Ok(only["uses"].clone()),
        _ => Err(Trouble::unknown("expect.uses of several campaigns")),
    }
}

/// What is left on the cards of the case: on the only one, or on all together.
fn gift_left(stage: &mut Stage) -> Result<Value, Trouble> {
    let mut left = 0;
    for code in stage.gift_cards.clone() {
        let key = stage.fresh_key();
        let answer = stage.client.post("/v1/gift-cards/lookup", &key, &json!({ "code": code }))?;
        left += sum([&crate::api::accepted(answer)?["balance"]]);
    }
    Ok(json!(text_of(left)))
}

/// A list answers the successive quotes, a map the named orders or carts.
fn many(stage: &mut Stage, story: &Story, figure: &str, expected: &Value) -> Result<Value, Trouble> {
    match expected {
        Value::Array(_) => {
            let quotes: Vec<Sight> = story.quotes().map(quoted).collect();
            quotes.iter().map(|s| figure_of(stage, s, figure, expected)).collect()
        }
        Value::Object(names) => {
            let mut out = Map::new();
            for name in names.keys() {
                let sight = sight_of(stage, story, name)?;
                out.insert(name.clone(), figure_of(stage, &sight, figure, expected)?);
            }
            Ok(Value::Object(out))
        }
        other => Err(Trouble::unknown(format!("expect.{figure}s: {other}"))),
    }
}

fn sight_of(stage: &mut Stage, story: &Story, name: &str) -> Result<Sight, Trouble> {
    match story.answer_about(name) {
        Some(done) if matches!(done.about, About::Order(_)) => sight_of_order(stage, name, done),
        Some(done) => Ok(quoted(done)),
        None => Err(Trouble::differs(format!("no order {name} was accepted"))),
    }
}

fn sight_of_order(stage: &mut Stage, name: &str, done: &Done) -> Result<Sight, Trouble> {
    let view = stage.read_order(name)?["order"].clone();
    Ok(Sight { view, told: done.answer.clone(), is_quote: false })
}

fn quoted(done: &Done) -> Sight {
    Sight { view: done.answer.clone(), told: Value::Null, is_quote: true }
}

impl Sight {
    fn lines(&self) -> &[Value] {
        self.view["lines"].as_array().map_or(&[], Vec::as_slice)
    }
    fn goods(&self) -> impl Iterator<Item = &Value> {
        self.lines().iter().filter(|l| l["kind"] != "delivery")
    }
    fn sum(&self, fields: &[&str]) -> i64 {
        sum(fields.iter().map(|field| &self.view[*field]))
    }
}

fn figure_of(stage: &Stage, sight: &Sight, figure: &str, expected: &Value) -> Result<Value, Trouble> {
    let view = &sight.view;
    let text = |value: i64| Ok(json!(text_of(value)));
    match figure {
        "to_pay" | "money_to_pay" => Ok(view["to_pay"].clone()),
        "gift" => Ok(gifts(sight)),
        "gift_price" => Ok(json!("0")),
        "coupon_discount" => {
            text(sum(sight.view["coupons"].as_array().into_iter().flatten().map(|c| &c["amount"])))
        }
        "unit_price_after" => {
            let (line, pieces) = only_line(sight, figure)?;
            text(sum([&line["to_pay"], &line["paid_by_points"]]) / pieces)
        }
        "unit_discount_auto" => unit_discount_auto(sight),
        "shipping_discounts" => Err(Trouble::unknown("expect.shipping_discounts")),
        "discount_with_tax" => text(discount_with_tax(sight)),
        // What an order has used of a gift balance, less what went back.
        "used" => text(by_gift(sight, true)),
        "paid_by_gift" => text(by_gift(sight, false)),
        "total" => text(total(sight)),
        "net" => text(total(sight) - sight.sum(&["tax_total"])),
        "tax" | "tax_included" => Ok(view["tax_total"].clone()),
        "discount_total" => Ok(view["discount_total"].clone()),
        "redeem_money" => Ok(view["paid_by_points"].clone()),
        "items_total" => Ok(view["goods_total"].clone()),
        "items_after" => text(sum(sight.goods().map(|l| &l["amount"])) - goods_discount(sight)),
        "goods_discount" => text(goods_discount(sight)),
        "shipping_discount" => {
            let delivery = sight.lines().iter().filter(|l| l["kind"] == "delivery");
            text(sum(delivery.map(|l| &l["discount"])))
        }
        "unit_discount" => unit_discount(sight),
        "applied" => Ok(applied(stage, sight)),
        "eligible" => eligible(stage, sight),
        "line_discounts_sum" => {
            text(sum(sight.lines().iter().flat_map(|l| [&l["discount"], &l["paid_by_points"]])))
        }
        "line_discounts_by_promotion" => Ok(by_promotion(stage, sight)),
        "line_discounts" => Ok(by_sku(sight, &["discount", "paid_by_points"])),
        "line_totals" => Ok(by_sku(sight, &["to_pay", "paid_by_points"])),
        "points_used" if sight.is_quote => Ok(view["points_used"].clone()),
        "points_used" => Ok(view["points"]["used"].clone()),
        "points_earned" => text(sum(credits(sight).iter().map(|(_, points)| points))),
        "by_rule" => Ok(by_rule(stage, sight, expected)),
        "taken" => taken(stage, sight),
        "rows" => rows(sight, expected),
        _ => Err(Trouble::unknown(format!("expect.{figure}"))),
    }
}

/// What discounts took off, with the tax that lines add on top: each line's share as its price is to what it
/// costs.
fn discount_with_tax(sight: &Sight) -> i64 {
    let of_line = |line: &Value| {
        let off = i128::from(sum([&line["discount"]]));
        let price = i128::from(sum([&line["amount"]])) - off;
        let costs = i128::from(sum([&line["to_pay"], &line["paid_by_points"]]));
        if price == 0 { off } else { off * costs / price }
    };
    let total: i128 = sight.lines().iter().map(of_line).sum();
    i64::try_from(total).unwrap_or(i64::MAX)
}

/// What gift cards pay, less what went back where that is asked.
fn by_gift(sight: &Sight, less_back: bool) -> i64 {
    let cards = || sight.view["gift_cards"].as_array().into_iter().flatten();
    let back = if less_back { sum(cards().map(|card| &card["came_back"])) } else { 0 };
    sum(cards().map(|card| &card["amount"])) - back
}

/// What the order costs, whatever pays it.
fn total(sight: &Sight) -> i64 {
    sight.sum(&["to_pay", "paid_by_points"]) + by_gift(sight, false)
}

/// The case's names of the discounts that took something off, each once.
fn applied(stage: &Stage, sight: &Sight) -> Value {
    let mut names: Vec<&str> = Vec::new();
    for given in sight.view["discounts"].as_array().into_iter().flatten() {
        let ours = given["discount"].as_str().unwrap_or_default();
        let name = stage.program.discounts.get(ours).map_or(ours, String::as_str);
        if !names.contains(&name) {
            names.push(name);
        }
    }
    json!(names)
}

/// Whether the only promotion of the case acted.
fn eligible(stage: &Stage, sight: &Sight) -> Result<Value, Trouble> {
    match stage.program.discounts.len() {
        1 => Ok(json!(sight.view["discounts"].as_array().is_some_and(|list| !list.is_empty()))),
        _ => Err(Trouble::unknown("expect.eligible of several promotions")),
    }
}

/// Off each piece of the only line.
fn unit_discount(sight: &Sight) -> Result<Value, Trouble> {
    let (line, pieces) = only_line(sight, "unit_discount")?;
    Ok(json!(text_of(sum([&line["discount"]]) / pieces)))
}

/// Off each piece of the only line, by what needs no code.
fn unit_discount_auto(sight: &Sight) -> Result<Value, Trouble> {
    let (line, pieces) = only_line(sight, "unit_discount_auto")?;
    let coupons = || sight.view["coupons"].as_array().into_iter().flatten();
    let of_coupon = |d: &Value| coupons().any(|c| c["campaign"] == d["discount"]);
    let own = line["discounts"].as_array().into_iter().flatten().filter(|d| !of_coupon(d));
    Ok(json!(text_of(sum(own.map(|d| &d["amount"])) / pieces)))
}

/// The only line of goods, and its pieces.
fn only_line<'s>(sight: &'s Sight, figure: &str) -> Result<(&'s Value, i64), Trouble> {
    let goods: Vec<&Value> = sight.goods().collect();
    let [line] = goods.as_slice() else {
        return Err(Trouble::unknown(format!("expect.{figure} of several lines")));
    };
    Ok((line, (sum([&line["quantity"]]) / 1_000_000).max(1)))
}

/// Pieces given by article.
fn gifts(sight: &Sight) -> Value {
    let mut out: Map<String, Value> = Map::new();
    for gift in sight.view["gifts"].as_array().into_iter().flatten() {
        let sku = gift["sku"].as_str().unwrap_or_default().to_owned();
        let so_far = out.get(&sku).map_or(0, |v| sum([v]));
        out.insert(sku, json!(text_of(so_far + sum([&gift["quantity"]]))));
    }
    Value::Object(out)
}

fn goods_discount(sight: &Sight) -> i64 {
    sum(sight.goods().map(|l| &l["discount"]))
}

/// Sums of fields of the lines by sku; a delivery stands under its own.
fn by_sku(sight: &Sight, fields: &[&str]) -> Value {
    let mut out: Map<String, Value> = Map::new();
    for line in sight.goods() {
        let sku = line["sku"].as_str().unwrap_or_default().to_owned();
        let so_far = out.get(&sku).map_or(0, |v| sum([v]));
        out.insert(sku, json!(text_of(so_far + sum(fields.iter().map(|field| &line[*field])))));
    }
    Value::Object(out)
}

/// What each promotion took off each article, by the case's own names.
fn by_promotion(stage: &Stage, sight: &Sight) -> Value {
    let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
    for line in sight.goods() {
        let sku = line["sku"].as_str().unwrap_or_default();
        for discount in line["discounts"].as_array().into_iter().flatten() {
            let ours = discount["discount"].as_str().unwrap_or_default();
            let name = stage.program.discounts.get(ours).map_or(ours, String::as_str);
            *sums.entry((name.to_owned(), sku.to_owned())).or_default() += sum([&discount["amount"]]);
        }
    }
    let mut out: Map<String, Value> = Map::new();
    for ((promotion, sku), amount) in sums {
        let of = out.entry(promotion).or_insert_with(|| Value::Object(Map::new()));
        of[sku] = json!(text_of(amount));
    }
    Value::Object(out)
}

/// What each rule gives or gave.
fn credits(sight: &Sight) -> Vec<(String, Value)> {
    let (list, points) = match sight.is_quote {
        true => (&sight.view["earn"], "points"),
        false => (&sight.view["points"]["credits"], "issued"),
    };
    let list = list.as_array().into_iter().flatten();
    list.map(|c| (c["rule"].as_str().unwrap_or_default().to_owned(), c[points].clone())).collect()
}

/// By the case's own names; a rule that gave nothing stands where the case expects it.
fn by_rule(stage: &Stage, sight: &Sight, expected: &Value) -> Value {
    let mut out: Map<String, Value> = Map::new();
    for (rule, points) in credits(sight) {
        let name = stage.program.rules.get(&rule).cloned().unwrap_or(rule);
        let so_far = out.get(&name).map_or(0, |v| sum([v]));
        out.insert(name, json!(text_of(so_far + sum([&points]))));
    }
    for name in expected.as_object().into_iter().flat_map(Map::keys) {
        out.entry(name.clone()).or_insert(json!("0"));
    }
    Value::Object(out)
}

/// Which lots paid, by the rule that gave them.
fn taken(stage: &Stage, sight: &Sight) -> Result<Value, Trouble> {
    let trace = sight.told["trace"].as_array();
    let trace = trace.ok_or_else(|| Trouble::unknown("expect.taken of a quote"))?;
    let mut out: Map<String, Value> = Map::new();
    for step in trace.iter().filter(|s| s["step"] == "points_taken") {
        let source = step["source"].as_str().unwrap_or_default();
        let name = stage.program.rules.get(source).cloned().unwrap_or_else(|| source.to_owned());
        let so_far = out.get(&name).map_or(0, |v| sum([v]));
        out.insert(name, json!(text_of(so_far + sum([&step["points"]]))));
    }
    Ok(Value::Object(out))
}

/// Rows of the receipt, with the columns that the case names.
fn rows(sight: &Sight, expected: &Value) -> Result<Value, Trouble> {
    let odd = || Trouble::unknown(format!("rows: {expected}"));
    let first = expected.as_array().and_then(|rows| rows.first()).ok_or_else(odd)?;
    let mut columns = Vec::new();
    let mut words = Words::of("rows", first)?;
    for (theirs, ours) in [
        ("sku", "sku"),
        ("qty", "quantity"),
        ("quantity", "quantity"),
        ("price", "price"),
        ("amount", "amount"),
        ("sum", "amount"),
        ("total", "amount"),
    ] {
        if words.take(theirs).is_some() {
            columns.push((theirs, ours));
        }
    }
    words.end()?;
    let receipt = sight.view["receipt"].as_array().into_iter().flatten();
    let row = |row: &Value| -> Value {
        let cells = columns.iter().map(|(theirs, ours)| ((*theirs).to_owned(), row[*ours].clone()));
        Value::Object(cells.collect())
    };
    let mut rows: Vec<Value> = receipt.map(row).collect();
    // The order of rows means nothing: they are put as the case has them, as far as they agree.
    let place = |row: &Value| expected.as_array().and_then(|list| list.iter().position(|e| agrees(e, row)));
    rows.sort_by_key(|row| place(row).unwrap_or(usize::MAX));
    Ok(Value::Array(rows))
}

fn agrees(expected: &Value, row: &Value) -> bool {
    let fields = expected.as_object().into_iter().flatten();
    fields
        .into_iter()
        .all(|(key, value)| plain(value).is_some() && crate::cases::figures::same(value, &row[key]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_figure_may_name_its_order() {
        assert_eq!(split("points_used_o2"), Some(("points_used", Some("o2"))));
        assert_eq!(split("line_discounts_sum"), Some(("line_discounts_sum", None)));
        let whole = "line_discounts_by_promotion";
        assert_eq!(split(whole), Some((whole, None)));
        assert_eq!(split("tier"), None);
    }
}
