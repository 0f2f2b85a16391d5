//! What is given beside points, as a caller sees it: codes in an order's answer, levels and marks by hand.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
tags: [vip, regular]
coupons: { campaigns: [{ id: thanks, codes: made, name: { en: Thanks, ru: Спасибо }, discount: { percent: 10 } }] }
tiers: { by: money_paid, over: for_ever, levels: [{ id: base }, { id: gold, from: 100000.00, discount: 3 }] }
rules:
  - { id: again, when: order.paid, then: [{ coupon: { campaign: thanks, for: 14 days } }, { tag: regular }] }
"#;

async fn app() -> TestApp {
    let app = TestApp::with(SHOP).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    app
}

fn order(coupons: &[&str]) -> Value {
    json!({ "member": "ext:1", "status": "paid", "pricing": "engine", "coupons": coupons,
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }] })
}

#[tokio::test]
async fn a_code_that_a_rule_gave_is_told_used_and_withdrawn() {
    let app = app().await;
    let bought = app.put("/v1/orders/A?explain=true", &order(&[])).await.ok();
    let code = bought.text_at("/order/coupons_given/0/code").to_owned();
    assert_eq!(bought.text_at("/order/coupons_given/0/campaign"), "thanks");
    assert_eq!(bought.text_at("/order/coupons_given/0/expires_at"), "2026-03-15T21:00:00Z");
    let steps = bought.body["trace"].as_array().unwrap();
    let given = steps.iter().find(|s| s["step"] == "coupon_given").unwrap();
    let words = "Rule “again” gave a coupon: Thanks, good through 15\u{a0}March 2026.";
    assert_eq!((&given["rule"], given["words"].as_str().unwrap()), (&json!("again"), words));
    assert!(steps.iter().any(|s| s["step"] == "tagged" && s["tag"] == "regular"));

    let coupons = app.get("/v1/members/ext:1/coupons").await.ok();
    assert_eq!(coupons.text_at("/coupons/0/campaign"), "thanks");
    let member = app.get("/v1/members/ext:1").await.ok();
    assert_eq!(member.body["tags"], json!(["regular"]));
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert!(entries.text.contains(&format!("The coupon {code} was given: Thanks")), "{}", entries.text);

    // A quote would give one too; it shows no code.
    let quote = json!({ "member": "ext:1", "coupons": [code], "lines": order(&[])["lines"] });
    let quoted = app.post("/v1/quote", &quote).await.ok();
    assert_eq!((quoted.text_at("/to_pay"), quoted.text.contains("coupons_given")), ("900.00", false));
    let lowered = app.put("/v1/orders/B", &order(&[&code])).await.ok();
    assert_eq!(lowered.text_at("/order/to_pay"), "900.00");

    let back = app.post("/v1/orders/A/returns?explain=true", &json!({ "all": true })).await.ok();
    assert!(back.text.contains("coupon_withdrawn"), "{}", back.text);
    let refused = app.put("/v1/orders/C", &order(&[&code])).await.ok();
    assert_eq!(refused.text_at("/order/coupons/0/why"), "blocked");
    let read = app.get("/v1/orders/A").await.ok();
    assert!(!read.text.contains("coupons_given"));
}

#[tokio::test]
async fn an_operator_gives_a_level_and_takes_it_back() {
    let app = app().await;
    let path = "/v1/members/ext:1/tier";
    let ask = |tier: Value| json!({ "tier": tier, "operator": "anna", "reason": "a friend of the house" });
    let given = app.post(&format!("{path}?explain=true"), &ask(json!("gold"))).await.ok();
    assert_eq!((given.text_at("/tier"), given.text_at("/trace/0/step")), ("gold", "tier_given"));
    assert_eq!(app.get("/v1/members/ext:1").await.ok().text_at("/tier/tier"), "gold");
    let lowered = app.put("/v1/orders/A", &order(&[])).await.ok();
    assert_eq!(lowered.text_at("/order/to_pay"), "970.00");
    let again = app.ask(Method::POST, path).idempotent("k").json(&ask(Value::Null));
    let first = again.send().await.ok();
    let again = app.ask(Method::POST, path).idempotent("k").json(&ask(Value::Null)).send().await.ok();
    assert_eq!((first.text_at("/tier"), &first.text), ("base", &again.text));

    app.post(path, &ask(json!("base"))).await.refused(404, "tier_unknown");
    app.post(path, &ask(json!("platinum"))).await.refused(404, "tier_unknown");
    let mut late = ask(json!("gold"));
    late["until"] = json!("2020-01-01T00:00:00Z");
    app.post(path, &late).await.refused(422, "until_passed");
    app.post(path, &json!({ "tier": "gold", "operator": "anna" })).await.refused(422, "missing_field");
    app.post("/v1/members/ext:2/tier", &ask(json!("gold"))).await.refused(404, "member_unknown");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let own = app.ask(Method::POST, path).key(&till).idempotent("t").json(&ask(json!("gold")));
    own.send().await.refused(403, "scope_missing");
}

#[tokio::test]
async fn a_shop_marks_members_with_what_the_program_declares() {
    let app = app().await;
    let path = "/v1/members/ext:1/tags";
    let marked = app.post(path, &json!({ "add": ["vip", "regular"], "remove": ["vip"] })).await.ok();
    assert_eq!(marked.body["tags"], json!(["vip", "regular"]));
    let fewer =
        app.post(path, &json!({ "remove": ["regular"], "operator": "anna", "reason": "moved" })).await;
    assert_eq!(fewer.ok().body["tags"], json!(["vip"]));
    let unknown = app.post(path, &json!({ "add": ["friend"] })).await;
    assert_eq!(unknown.refused(404, "tag_unknown").text_at("/tag"), "friend");
    app.post(path, &json!({ "tags": ["vip"] })).await.refused(422, "unknown_field");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let own = app.ask(Method::POST, path).key(&till).idempotent("t").json(&json!({ "add": ["vip"] }));
    own.send().await.refused(403, "scope_missing");
}
