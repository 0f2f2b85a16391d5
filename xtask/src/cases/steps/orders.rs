//! Steps about orders, quotes and carts.

use super::{About, Prepared};
use crate::cases::order;
use crate::cases::program::GROUP;
use crate::cases::stage::{ANYONE, Stage, Told, moment, order_path};
use crate::cases::words::{Trouble, Words};
use kopilka_core::decimal;
use serde_json::{Value, json};

/// Who buys: a customer of the case, nobody (`null`), or anyone when the case does not say.
pub fn buyer(stage: &mut Stage, words: &mut Words<'_>) -> Result<Option<String>, Trouble> {
    let name = match words.take_even_null("customer") {
        Some(Value::Null) => return Ok(None),
        None => ANYONE.to_owned(),
        Some(Value::String(name)) => name.clone(),
        Some(other) => return one_of_group(stage, other).map(Some),
    };
    stage.subject = Some(name.clone());
    stage.existing_member(&name).map(Some)
}

/// Somebody of a group: `{group: VIP}`.
fn one_of_group(stage: &mut Stage, customer: &Value) -> Result<String, Trouble> {
    let mut words = Words::of("customer", customer)?;
    let group = words.needed("group")?;
    words.end()?;
    let name = format!("one of {group}");
    stage.subject = Some(name.clone());
    stage.existing_with(&name, json!({ GROUP: group }))
}

pub fn quote(stage: &mut Stage, action: &str, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let cart = if action == "quote" { None } else { Some(words.needed("cart")?) };
    let mut told = cart.as_ref().and_then(|name| stage.carts.get(name).cloned()).unwrap_or_default();
    let is_new = matches!(action, "quote" | "open_cart");
    if is_new || action == "set_customer" {
        match buyer(stage, words)? {
            Some(member) => told.body.insert("member".into(), json!(member)),
            None => told.body.remove("member"),
        };
    }
    if is_new || action == "set_items" {
        let items = words.take("items").ok_or_else(|| Trouble::unknown(format!("{action} without items")))?;
        told.cart = order::cart(items, words.take("shipping"))?;
        told.cart.put_into(&mut told.body);
    }
    order::without_features(words)?;
    order::gift_cards(words, &mut told.body)?;
    order::codes(words, &mut told.body, &stage.made_codes)?;
    if let Some(ask) = order::points_ask(words)? {
        told.body.insert("points".into(), ask);
    }
    let body = Value::Object(told.body.clone());
    if let Some(name) = &cart {
        stage.carts.insert(name.clone(), told);
    }
    let about = About::Quote(cart);
    Ok(Prepared { method: "POST", path: "/v1/quote".into(), key: stage.fresh_key(), body, about })
}

/// A code that is entered into a cart, or taken out again.
pub fn code(stage: &mut Stage, words: &mut Words<'_>, applies: bool) -> Result<Prepared, Trouble> {
    let (name, code) = (words.needed("cart")?, words.needed("code")?);
    let code = stage.made_codes.get(&code).cloned().unwrap_or(code);
    let told = stage.carts.get_mut(&name).ok_or_else(|| Trouble::unknown(format!("no cart {name}")))?;
    let coupons = told.body.entry("coupons").or_insert_with(|| json!([]));
    if let Some(list) = coupons.as_array_mut() {
        list.retain(|known| *known != json!(code));
        list.extend(applies.then(|| json!(code)));
    }
    let body = Value::Object(told.body.clone());
    let (key, about) = (stage.fresh_key(), About::Quote(Some(name)));
    Ok(Prepared { method: "POST", path: "/v1/quote".into(), key, body, about })
}

pub fn place(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let paid = words.flag("paid")?.unwrap_or(false);
    if !paid && stage.program.earns_when_placed {
        return Err(Trouble::unknown("earning on an order that is not paid"));
    }
    let mut told = Told::default();
    if let Some(member) = buyer(stage, words)? {
        told.body.insert("member".into(), json!(member));
    }
    let items = words.take("items").ok_or_else(|| Trouble::unknown("place_order without items"))?;
    told.cart = order::cart(items, words.take("shipping"))?;
    told.cart.put_into(&mut told.body);
    order::without_features(words)?;
    order::gift_cards(words, &mut told.body)?;
    order::codes(words, &mut told.body, &stage.made_codes)?;
    if let Some(ask) = order::points_ask(words)? {
        told.body.insert("points".into(), ask);
    }
    told.shop = words.text("shop")?;
    if let Some(cashier) = words.text("cashier")? {
        told.body.insert("cashier".into(), json!(cashier));
    }
    // An order is its own key: the case's second sending of the same order is the same body again.
    words.ignore("key");
    Ok(put(stage, &name, told, paid, late))
}

/// What was spent before the case begins: an order of that amount, where orders bring nothing else.
pub fn spent(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let Some(member) = buyer(stage, words)? else {
        return Err(Trouble::unknown("set_amount_spent of nobody"));
    };
    let amount = words.needed("amount")?;
    let name = format!("spent-by-{member}");
    if !stage.program.earns_nothing || stage.orders.contains_key(&name) {
        return Err(Trouble::unknown("set_amount_spent beside other orders"));
    }
    let mut told = Told::default();
    told.body.insert("member".into(), json!(member));
    let items = json!([{ "sku": "before", "qty": 1, "price": amount }]);
    told.cart = order::cart(&items, None)?;
    told.cart.put_into(&mut told.body);
    Ok(put(stage, &name, told, true, None))
}

pub fn put(stage: &mut Stage, name: &str, mut told: Told, paid: bool, late: Option<&str>) -> Prepared {
    told.body.insert("status".into(), json!(if paid { "paid" } else { "placed" }));
    told.body.insert("pricing".into(), json!("engine"));
    if let Some(shop) = &told.shop {
        told.body.insert("shop".into(), json!(shop));
    }
    match late {
        Some(at) => told.body.insert("occurred_at".into(), json!(at)),
        None => told.body.remove("occurred_at"),
    };
    let body = Value::Object(told.body.clone());
    let path = format!("{}?explain=true", order_path(name, "", None));
    stage.orders.insert(name.to_owned(), told);
    Prepared { method: "PUT", path, key: String::new(), body, about: About::Order(name.to_owned()) }
}

pub fn checkout(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("cart")?;
    let told = stage.carts.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("checkout of {name}")))?;
    Ok(put(stage, &name, told, true, None))
}

pub fn pay(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let told = stage.orders.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("pay_order of {name}")))?;
    Ok(put(stage, &name, told, true, late))
}

/// Points used for an order the case says nothing else of: one article that costs just what they are worth.
pub fn redeem(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let points = words.needed("points")?;
    let mode = words.text("mode")?.unwrap_or_else(|| "exact".to_owned());
    let member = buyer(stage, words)?;
    let ask = match mode.as_str() {
        "exact" | "up_to" => json!({ "mode": mode, "amount": points }),
        other => return Err(Trouble::unknown(format!("redeem.mode: {other}"))),
    };
    let mut told = match stage.orders.get(&name) {
        Some(told) => told.clone(),
        None => {
            let worth = worth_of(&points, &stage.program.point_value, stage.program.currency_scale)?;
            let items = json!([{ "sku": "article", "qty": 1, "price": worth }]);
            let mut told = Told { cart: order::cart(&items, None)?, ..Told::default() };
            told.cart.put_into(&mut told.body);
            told
        }
    };
    if let Some(member) = member {
        told.body.insert("member".into(), json!(member));
    }
    told.body.insert("points".into(), ask);
    let paid = told.body.get("status").is_some_and(|s| s == "paid");
    Ok(put(stage, &name, told, paid, None))
}

/// Points × value, which must come out in whole minor units.
fn worth_of(points: &str, value: &str, scale: u32) -> Result<String, Trouble> {
    let odd = || Trouble::unknown(format!("redeem of {points} points worth {value}"));
    let points = decimal::parse_scaled(points, 2).map_err(|_| odd())?;
    let value = decimal::parse_scaled(value, 6).map_err(|_| odd())?;
    let exact = i128::from(points) * i128::from(value);
    let unit = 10_i128.pow(8 - scale);
    if exact % unit != 0 {
        return Err(odd());
    }
    let minor = i64::try_from(exact / unit).map_err(|_| odd())?;
    Ok(decimal::format_scaled(minor, scale))
}

pub fn returned(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let told = stage.orders.get(&name).cloned();
    let told = told.ok_or_else(|| Trouble::unknown(format!("return_items of {name}")))?;
    let mut body = match words.take("items") {
        None => json!({ "all": true }),
        Some(items) => json!({ "lines": returned_lines(items, &told)? }),
    };
    if let Some(at) = late {
        body["occurred_at"] = json!(at);
    }
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = order_path(&name, "/returns", told.shop.as_deref());
    Ok(Prepared { method: "POST", path, key, body, about: About::Return })
}

/// Pieces of a sku come off its lines in order.
fn returned_lines(items: &Value, told: &Told) -> Result<Vec<Value>, Trouble> {
    let list = items.as_array().ok_or_else(|| Trouble::unknown(format!("items: {items}")))?;
    let mut lines = Vec::new();
    for item in list {
        let mut words = Words::of("items", item)?;
        let sku = words.needed("sku")?;
        let quantity = words.text("qty")?.unwrap_or_else(|| "1".to_owned());
        words.end()?;
        let ids: Vec<&str> = told.cart.lines_of(&sku).collect();
        match ids.as_slice() {
            [id] => lines.push(json!({ "id": id, "quantity": quantity })),
            [] => lines.push(json!({ "id": sku, "quantity": quantity })),
            _ => return Err(Trouble::unknown("a return of a sku that stands on several lines")),
        }
    }
    Ok(lines)
}

pub fn cancel(stage: &mut Stage, words: &mut Words<'_>, late: Option<&str>) -> Result<Prepared, Trouble> {
    let name = words.needed("order")?;
    let shop = stage.orders.get(&name).and_then(|told| told.shop.clone());
    let body = late.map_or_else(|| json!({}), |at| json!({ "occurred_at": at }));
    let key = words.text("key")?.map_or_else(|| stage.fresh_key(), |key| format!("named-{key}"));
    let path = order_path(&name, "/cancel", shop.as_deref());
    Ok(Prepared { method: "POST", path, key, body, about: About::Return })
}

/// Points held without an order of the case: pieces that cost one point each, so that any part can be
/// captured.
pub fn hold(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("key").or_else(|_| Ok::<_, Trouble>(stage.fresh_key()))?;
    let amount = words.text("points")?.or(words.text("amount")?);
    let amount = amount.ok_or_else(|| Trouble::unknown("hold without points"))?;
    if let Some(card) = words.text("id")? {
        return hold_on_card(stage, &name, &card, &amount);
    }
    let member = buyer(stage, words)?;
    let worth = worth_of("1", &stage.program.point_value, stage.program.currency_scale)?;
    let items = json!([{ "sku": "held", "qty": amount, "price": worth }]);
    let mut told = Told { cart: order::cart(&items, None)?, ..Told::default() };
    told.cart.put_into(&mut told.body);
    if let Some(member) = member {
        told.body.insert("member".into(), json!(member));
    }
    // Money must remain to be paid, or the order would be paid with its placing.
    told.body.insert("delivery".into(), json!({ "price": worth }));
    told.body.insert("points".into(), json!({ "mode": "exact", "amount": amount }));
    Ok(put(stage, &name, told, false, None))
}

/// The same of a gift balance: an article of that price, paid with the card. Money must remain here too.
fn hold_on_card(stage: &mut Stage, name: &str, card: &str, amount: &str) -> Result<Prepared, Trouble> {
    let items = json!([{ "sku": "held", "qty": amount, "price": "1" }]);
    let mut told = Told { cart: order::cart(&items, None)?, ..Told::default() };
    told.cart.put_into(&mut told.body);
    told.body.insert("delivery".into(), json!({ "price": "1" }));
    told.body.insert("gift_cards".into(), json!([{ "code": card, "amount": amount }]));
    Ok(put(stage, name, told, false, None))
}

/// A gift card with money on it.
pub fn issue_gift_card(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let code = match words.text("code")? {
        Some(code) => code,
        None => words.needed("id")?,
    };
    let mut body = json!({ "code": code, "amount": words.needed("amount")? });
    if let Some(expires) = words.text("expires")? {
        body["expires_at"] = json!(moment(&expires)?.to_string());
    }
    stage.gift_cards.push(code);
    let key = stage.fresh_key();
    Ok(Prepared { method: "POST", path: "/v1/gift-cards".into(), key, body, about: About::Other })
}

/// A hold becomes a payment, whole or in part; the rest is free again.
pub fn capture(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("key")?;
    let told = stage.orders.get(&name).cloned();
    let mut told = told.ok_or_else(|| Trouble::unknown(format!("capture of {name}")))?;
    if let Some(amount) = words.text("points")?.or(words.text("amount")?) {
        match told.body.get_mut("gift_cards") {
            Some(cards) => cards[0]["amount"] = json!(amount),
            None => {
                told.body.insert("points".into(), json!({ "mode": "exact", "amount": amount }));
            }
        }
        if let Some(line) = told.cart.lines.first_mut() {
            line["quantity"] = json!(amount);
        }
        told.body.insert("lines".into(), Value::Array(told.cart.lines.clone()));
    }
    Ok(put(stage, &name, told, true, None))
}

/// Captured points go back, whole or in part.
pub fn give_back(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("key")?;
    if !stage.orders.contains_key(&name) {
        return Err(Trouble::unknown(format!("give_back of {name}")));
    }
    let body = match words.text("points")?.or(words.text("amount")?) {
        Some(amount) => json!({ "lines": [{ "id": "held", "quantity": amount }] }),
        None => json!({ "all": true }),
    };
    let path = order_path(&name, "/returns", None);
    Ok(Prepared { method: "POST", path, key: stage.fresh_key(), body, about: About::Return })
}

/// A hold is given up.
pub fn void(stage: &mut Stage, words: &mut Words<'_>) -> Result<Prepared, Trouble> {
    let name = words.needed("key")?;
    if !stage.orders.contains_key(&name) {
        return Err(Trouble::unknown(format!("void of {name}")));
    }
    let path = order_path(&name, "/cancel", None);
    Ok(Prepared { method: "POST", path, key: stage.fresh_key(), body: json!({}), about: About::Return })
}
