//! A case's cart as the body of an order or a quote.

use super::matches;
use super::words::{Trouble, Words, texts_of};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The part of an order body that a cart decides, and which sku stands on which line.
#[derive(Debug, Clone, Default)]
pub struct Cart {
    pub lines: Vec<Value>,
    pub delivery: Option<Value>,
    /// Line id → sku and pieces.
    pub skus: BTreeMap<String, String>,
}

pub fn cart(items: &Value, shipping: Option<&Value>) -> Result<Cart, Trouble> {
    let list = items.as_array().ok_or_else(|| Trouble::unknown(format!("items: {items}")))?;
    let mut cart = Cart::default();
    for item in list {
        let (line, is_delivery) = line(item, &cart)?;
        if is_delivery {
            cart.set_delivery(json!({ "price": line["price"] }))?;
            continue;
        }
        let text = |key: &str| line[key].as_str().unwrap_or_default().to_owned();
        cart.skus.insert(text("id"), text("sku"));
        cart.lines.push(line);
    }
    if let Some(shipping) = shipping {
        let price =
            super::words::plain(shipping).ok_or_else(|| Trouble::unknown("several ways of shipping"))?;
        cart.set_delivery(json!({ "price": price }))?;
    }
    Ok(cart)
}

impl Cart {
    fn set_delivery(&mut self, delivery: Value) -> Result<(), Trouble> {
        match self.delivery.replace(delivery) {
            None => Ok(()),
            Some(_) => Err(Trouble::unknown("several ways of shipping")),
        }
    }

    /// The lines of a sku, in order.
    pub fn lines_of<'a>(&'a self, sku: &'a str) -> impl Iterator<Item = &'a str> {
        self.lines.iter().filter(move |l| l["sku"] == sku).filter_map(|l| l["id"].as_str())
    }

    pub fn put_into(&self, body: &mut Map<String, Value>) {
        body.insert("lines".into(), Value::Array(self.lines.clone()));
        if let Some(delivery) = &self.delivery {
            body.insert("delivery".into(), delivery.clone());
        }
    }
}

fn line(item: &Value, cart: &Cart) -> Result<(Value, bool), Trouble> {
    let mut words = Words::of("items", item)?;
    let mut line = Map::new();
    let sku = words.needed("sku")?;
    let same = cart.lines_of(&sku).count();
    let id = if same == 0 { sku.clone() } else { format!("{sku}#{}", same + 1) };
    line.insert("id".into(), json!(id));
    line.insert("sku".into(), json!(sku));
    line.insert("quantity".into(), json!(words.text("qty")?.unwrap_or_else(|| "1".to_owned())));
    line.insert("price".into(), json!(words.needed("price")?));
    let is_delivery = match words.text("kind")?.as_deref() {
        None | Some("goods") => false,
        Some("delivery" | "shipping") => true,
        Some("gift_card") => {
            line.insert("kind".into(), json!("gift_card"));
            false
        }
        Some(other) => return Err(Trouble::unknown(format!("items.kind: {other}"))),
    };
    for (theirs, ours) in [("category", "category"), ("brand", "brand")] {
        if let Some(text) = words.text(theirs)? {
            line.insert(ours.into(), json!(text));
        }
    }
    if let Some(list) = words.texts("categories")? {
        match list.as_slice() {
            [] => {}
            [one] => {
                line.insert("category".into(), json!(one));
            }
            [first, others @ ..] => {
                line.insert("category".into(), json!(first));
                line.insert("also_in".into(), json!(others));
            }
        }
    }
    let tags = tags(&mut words)?;
    if !tags.is_empty() {
        line.insert("tags".into(), json!(tags));
    }
    if let Some(tax) = words.text("tax")? {
        line.insert("tax".into(), tax_of(&tax)?);
    }
    words.end()?;
    Ok((Value::Object(line), is_delivery))
}

fn tags(words: &mut Words<'_>) -> Result<Vec<String>, Trouble> {
    let mut tags = Vec::new();
    for key in ["tag", "tags", "sku_group"] {
        if let Some(value) = words.take(key) {
            tags.extend(texts_of(value).ok_or_else(|| words.odd(key, value))?);
        }
    }
    if let Some(labels) = words.take("labels") {
        tags.extend(matches::label_tags("items", labels)?);
    }
    Ok(tags)
}

/// `20% included` → `{"rate": "20", "mode": "included"}`.
fn tax_of(text: &str) -> Result<Value, Trouble> {
    let odd = || Trouble::unknown(format!("tax: {text}"));
    let (rate, mode) = text.split_once('%').ok_or_else(odd)?;
    match mode.trim() {
        mode @ ("included" | "added") => Ok(json!({ "rate": rate.trim(), "mode": mode })),
        _ => Err(odd()),
    }
}

/// What the customer wants to pay with points: `redeem` and `mode`. A number that is not said to be exact is
/// the most that is wanted.
pub fn points_ask(words: &mut Words<'_>) -> Result<Option<Value>, Trouble> {
    let mode = words.text("mode")?;
    let claims = words.take("claims");
    let Some(redeem) = words.text("redeem")? else { return claims.map_or(Ok(None), claimed) };
    if claims.is_some() {
        return Err(Trouble::unknown("claims beside redeem"));
    }
    match (redeem.as_str(), mode.as_deref()) {
        ("max" | "all", None | Some("up_to")) => Ok(Some(json!({ "mode": "max" }))),
        ("max" | "all", Some(other)) => Err(Trouble::unknown(format!("mode: {other} of {redeem}"))),
        (amount, None | Some("up_to")) => Ok(Some(json!({ "mode": "up_to", "amount": amount }))),
        (amount, Some("exact")) => Ok(Some(json!({ "mode": "exact", "amount": amount }))),
        (_, Some(other)) => Err(Trouble::unknown(format!("mode: {other}"))),
    }
}

/// Points that a claim at an order costs: spent with the order, so they come back with it.
fn claimed(claims: &Value) -> Result<Option<Value>, Trouble> {
    let odd = || Trouble::unknown(format!("claims: {claims}"));
    match claims.as_array().map(Vec::as_slice) {
        Some([]) => Ok(None),
        Some([only]) => {
            let mut words = Words::of("claims", only)?;
            let points = words.needed("points")?;
            words.end()?;
            Ok(Some(json!({ "mode": "exact", "amount": points })))
        }
        _ => Err(odd()),
    }
}

/// Gift cards that pay.
pub fn gift_cards(words: &mut Words<'_>, body: &mut Map<String, Value>) -> Result<(), Trouble> {
    if let Some(codes) = words.texts("gift_cards")? {
        let cards: Vec<Value> = codes.iter().map(|code| json!({ "code": code })).collect();
        body.insert("gift_cards".into(), Value::Array(cards));
    }
    Ok(())
}

/// The words of other features: a case that gives them something asks for what is not there yet.
pub fn without_features(words: &mut Words<'_>) -> Result<(), Trouble> {
    for key in ["wallet", "reward_points"] {
        if let Some(value) = words.take(key)
            && value.as_array().is_none_or(|list| !list.is_empty())
        {
            return Err(Trouble::unknown(key));
        }
    }
    Ok(())
}

/// Coupon codes, and whether the order stands or falls with them; `made` has those that are called otherwise
/// here.
pub fn codes(
    words: &mut Words<'_>,
    body: &mut Map<String, Value>,
    made: &BTreeMap<String, String>,
) -> Result<(), Trouble> {
    let mode = words.text("codes_mode")?;
    let Some(codes) = words.texts("codes")?.filter(|codes| !codes.is_empty()) else { return Ok(()) };
    match mode.as_deref() {
        None | Some("up_to") => {}
        Some("exact") => {
            body.insert("coupons_required".into(), json!(true));
        }
        Some(other) => return Err(Trouble::unknown(format!("codes_mode: {other}"))),
    }
    let codes: Vec<&String> = codes.iter().map(|code| made.get(code).unwrap_or(code)).collect();
    body.insert("coupons".into(), json!(codes));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cart_becomes_lines_and_a_delivery() {
        let items = json!([
            {"sku": "a", "qty": 2, "price": "10.00", "tag": "rrp", "tax": "20% included"},
            {"sku": "a", "qty": 1, "price": "9.00"},
            {"sku": "post", "qty": 1, "price": "40.00", "kind": "delivery"},
        ]);
        let cart = cart(&items, None).expect("known words");
        assert_eq!(cart.lines.len(), 2);
        assert_eq!(cart.lines[0]["tags"], json!(["rrp"]));
        assert_eq!(cart.lines[0]["tax"], json!({"rate": "20", "mode": "included"}));
        assert_eq!(cart.lines_of("a").collect::<Vec<_>>(), ["a", "a#2"]);
        assert_eq!(cart.delivery, Some(json!({"price": "40.00"})));
    }

    #[test]
    fn two_taxes_on_a_line_are_unknown() {
        let items = json!([{"sku": "a", "price": "1", "tax": "35% included + 50% added"}]);
        assert!(matches!(cart(&items, None), Err(Trouble::Unknown(_))));
    }

    #[test]
    fn a_wish_for_points_is_exact_only_when_said() {
        let ask = |value: Value| points_ask(&mut Words::of("x", &value).expect("object")).expect("known");
        assert_eq!(ask(json!({"redeem": "100"})), Some(json!({"mode": "up_to", "amount": "100"})));
        assert_eq!(ask(json!({"redeem": "max"})), Some(json!({"mode": "max"})));
        assert_eq!(ask(json!({"redeem": 5, "mode": "exact"})), Some(json!({"mode": "exact", "amount": "5"})));
    }
}
