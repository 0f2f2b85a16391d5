//! Gift cards as a caller sees them: issued, looked up, paid with, given back.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

async fn app() -> TestApp {
    TestApp::with(&format!("{SPORTS}\ngift_cards: {{ expires: 12 months, max: 5000.00 }}\n")).await
}

fn order(status: &str, cards: Value) -> Value {
    json!({
        "status": status, "pricing": "engine", "gift_cards": cards,
        "lines": [{ "id": "1", "sku": "ball", "quantity": "2", "price": "500.00" }],
    })
}

#[tokio::test]
async fn a_card_is_issued_quoted_spent_and_given_back() {
    let app = app().await;
    let issue = json!({ "amount": "700.00", "prefix": "GIFT" });
    let ask = || app.ask(Method::POST, "/v1/gift-cards").json(&issue).idempotent("k");
    let issued = ask().send().await.ok();
    assert_eq!((issued.status.as_u16(), issued.text_at("/balance")), (201, "700.00"));
    assert!(issued.text_at("/expires_at").starts_with("2027-03-01T21:00:00"), "{}", issued.text);
    let code = issued.text_at("/code").to_owned();
    assert!(code.starts_with("G1FT"), "{code}");
    assert_eq!(ask().send().await.ok().text_at("/code"), code, "the same key, the same card");

    let cards = json!([{ "code": code.to_lowercase() }]);
    let mut cart = order("placed", cards.clone());
    cart.as_object_mut().unwrap().remove("status");
    let ask = app.ask(Method::POST, "/v1/quote?explain=true").json(&cart).header("accept-language", "ru");
    let quote = ask.send().await.ok();
    assert_eq!((quote.text_at("/to_pay"), quote.text_at("/gift_cards/0/amount")), ("300.00", "700.00"));
    assert!(quote.text_at("/read_aloud").contains("с подарочной карты 700"), "{}", quote.text);
    let step = quote.body["trace"].as_array().unwrap().iter().find(|s| s["step"] == "gift_card_pays");
    let plain = code.replace('-', "");
    assert!(step.unwrap()["words"].as_str().unwrap().contains(&plain[plain.len() - 4..]));
    assert!(!quote.text.contains(&plain), "a code is money: no answer shows it whole");

    let mut wrong = order("placed", cards.clone());
    wrong["expect"] = json!({ "to_pay": "1000.00", "points": "0" });
    app.put("/v1/orders/A", &wrong).await.refused(409, "quote_changed");
    let placed = app.put("/v1/orders/A", &order("placed", cards.clone())).await.ok();
    assert_eq!((placed.text_at("/order/status"), placed.text_at("/order/to_pay")), ("placed", "300.00"));
    let look = json!({ "code": code });
    assert_eq!(app.post("/v1/gift-cards/lookup", &look).await.ok().text_at("/balance"), "0.00");
    let paid = app.put("/v1/orders/A", &order("paid", cards)).await.ok();
    assert_eq!(paid.text_at("/order/status"), "paid");

    let back = json!({ "lines": [{ "id": "1", "quantity": "1" }] });
    let back = app.post("/v1/orders/A/returns", &back).await.ok();
    assert_eq!((back.text_at("/refund"), back.text_at("/to_gift_cards")), ("150.00", "350.00"));
    let read = app.get("/v1/orders/A").await.ok();
    assert_eq!(
        (read.text_at("/order/refunded"), read.text_at("/order/gift_cards/0/came_back")),
        ("150.00", "350.00")
    );
    assert_eq!(app.post("/v1/gift-cards/lookup", &look).await.ok().text_at("/balance"), "350.00");
    let left = app.get("/v1/gift-cards/left").await.ok();
    assert_eq!((left.text_at("/balance"), &left.body["cards"]), ("350.00", &json!(1)));
}

#[tokio::test]
async fn an_operator_changes_a_card_and_what_cannot_be_is_refused() {
    let app = app().await;
    app.post("/v1/gift-cards", &json!({ "amount": "700.00", "code": "2000-0001" })).await.ok();
    let change = |more: Value| {
        let mut body = json!({ "code": "20000001", "reason": "complaint 17", "operator": "anna" });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let changed = app.post("/v1/gift-cards/change", &change(json!({ "by": "-200.00" }))).await.ok();
    assert_eq!(changed.text_at("/balance"), "500.00");
    let blocked = app.post("/v1/gift-cards/change", &change(json!({ "blocked": true }))).await.ok();
    assert_eq!((blocked.text_at("/balance"), &blocked.body["blocked"]), ("500.00", &json!(true)));
    let named = |code: &str| order("placed", json!([{ "code": code }]));
    app.put("/v1/orders/A", &named("2000-0001")).await.refused(409, "gift_card_blocked");
    let refused = app.put("/v1/orders/A", &named("nobody")).await.refused(404, "gift_card_unknown");
    assert_eq!(refused.text_at("/card"), "…ody");
    let rows = [
        (json!({ "amount": "5000.01" }), 422, "gift_card_amount"),
        (json!({ "amount": "1.00", "code": "2000 0001" }), 409, "gift_card_taken"),
        (json!({ "amount": "1.00", "code": "!!" }), 404, "gift_card_unknown"),
        (json!({ "amount": "1.00", "prefix": "привет" }), 422, "code_prefix"),
        (json!({ "amount": "1.00", "code": "A", "prefix": "B" }), 422, "code_prefix"),
        (json!({ "amount": "1.001" }), 422, "too_many_decimals"),
    ];
    for (body, status, code) in rows {
        app.post("/v1/gift-cards", &body).await.refused(status, code);
    }
    let too_much = app.post("/v1/gift-cards/change", &change(json!({ "by": "-500.01" }))).await;
    let too_much = too_much.refused(409, "gift_card_insufficient");
    assert_eq!((too_much.text_at("/available"), too_much.text_at("/wanted")), ("500.00", "500.01"));
    let five: Vec<Value> = (0..5).map(|n| json!({ "code": format!("c{n}") })).collect();
    app.put("/v1/orders/A", &order("placed", json!(five))).await.refused(422, "too_many_gift_cards");
}
