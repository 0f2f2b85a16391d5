//! Coupons as a caller sees them: quoted, used, made, withdrawn.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const CAMPAIGNS: &str = r#"
coupons:
  campaigns:
    - id: march
      name: { en: Spring, ru: Весна }
      code: MARCH
      discount: { amount: 300.00 }
      limits: { per_member: 1, total: 5, budget: 1000.00 }
    - { id: gift, codes: made, discount: { percent: 50 } }
"#;

async fn app() -> TestApp {
    let app = TestApp::with(&format!("{SPORTS}{CAMPAIGNS}")).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    app
}

fn order(status: &str, codes: &[&str]) -> Value {
    json!({
        "member": "ext:1", "status": status, "pricing": "engine", "coupons": codes,
        "lines": [{ "id": "1", "sku": "ball", "quantity": "2", "price": "500.00" }],
    })
}

#[tokio::test]
async fn a_coupon_is_quoted_used_and_told_of() {
    let app = app().await;
    let mut cart = order("placed", &["mаrсh", "nobody"]);
    cart.as_object_mut().unwrap().remove("status");
    let ask = app.ask(Method::POST, "/v1/quote?explain=true").json(&cart).header("accept-language", "ru");
    let quote = ask.send().await.ok();
    assert_eq!((quote.text_at("/to_pay"), quote.text_at("/discounts/0/discount")), ("700.00", "march"));
    assert_eq!(quote.body["coupons"][0]["accepted"], true);
    assert_eq!((quote.text_at("/coupons/0/code"), quote.text_at("/coupons/0/amount")), ("MARCH", "300.00"));
    assert_eq!(
        (quote.text_at("/coupons/1/why"), quote.text_at("/coupons/1/words")),
        ("unknown", "такого кода нет")
    );
    let steps: Vec<&Value> =
        quote.body["trace"].as_array().unwrap().iter().filter(|s| s["coupon"].is_string()).collect();
    assert_eq!(steps.len(), 2);

    let paid = app.put("/v1/orders/A", &order("paid", &["MARCH"])).await.ok();
    assert_eq!(paid.text_at("/order/to_pay"), "700.00");
    let again = app.put("/v1/orders/B", &order("placed", &["MARCH"])).await.ok();
    assert_eq!(again.text_at("/order/coupons/0/why"), "limit_per_member");
    assert_eq!(again.text_at("/order/to_pay"), "1000.00");
    let mut strict = order("placed", &["MARCH"]);
    strict["coupons_required"] = json!(true);
    let refused = app.put("/v1/orders/C", &strict).await.refused(409, "coupon_refused");
    assert_eq!((refused.text_at("/coupon"), refused.text_at("/why")), ("MARCH", "limit_per_member"));

    let list = app.get("/v1/campaigns").await.ok();
    let march = &list.body["campaigns"][0];
    assert_eq!(
        (&march["uses"], &march["total"], &march["budget_used"]),
        (&json!(1), &json!(5), &json!("300.00"))
    );
    assert_eq!(march["name"], "Spring");
}

#[tokio::test]
async fn codes_are_made_shown_and_withdrawn() {
    let app = app().await;
    let own = json!({ "count": 2, "prefix": "VIP", "member": "ext:1", "expires_at": "2030-01-01T00:00:00Z" });
    let made = app.post("/v1/campaigns/gift/codes", &own).await.ok();
    assert_eq!(made.status.as_u16(), 201);
    let code = made.text_at("/codes/0").to_owned();
    assert!(code.starts_with("V1P"), "{code}");
    let path = format!("/v1/coupons/{}", code.to_lowercase());
    let shown = app.get(&path).await.ok();
    assert_eq!((shown.text_at("/campaign"), &shown.body["uses"]), ("gift", &json!(0)));
    assert_eq!(app.get("/v1/members/ext:1/coupons").await.ok().body["coupons"].as_array().unwrap().len(), 2);

    let block = app.ask(Method::PATCH, &path).json(&json!({ "blocked": true })).idempotent("b");
    assert_eq!(block.send().await.ok().body["blocked"], true);
    let order_with = app.put("/v1/orders/A", &order("paid", &[&code])).await.ok();
    assert_eq!(order_with.text_at("/order/coupons/0/why"), "blocked");
    let order_with = app.put("/v1/orders/B", &order("paid", &[made.text_at("/codes/1")])).await.ok();
    assert_eq!(order_with.text_at("/order/to_pay"), "500.00");
}

#[tokio::test]
async fn what_cannot_be_made_or_found_is_refused() {
    let app = app().await;
    let rows = [
        ("march", json!({ "count": 1 }), 409, "campaign_has_codes"),
        ("none", json!({ "count": 1 }), 404, "campaign_unknown"),
        ("gift", json!({ "count": 0 }), 422, "too_many_codes"),
        ("gift", json!({ "count": 10_001 }), 422, "too_many_codes"),
        ("gift", json!({ "count": 1, "prefix": "привет" }), 422, "code_prefix"),
        ("gift", json!({ "count": 1, "member": "ext:9" }), 404, "member_unknown"),
    ];
    for (campaign, body, status, code) in rows {
        app.post(&format!("/v1/campaigns/{campaign}/codes"), &body).await.refused(status, code);
    }
    app.get("/v1/coupons/NOBODY").await.refused(404, "coupon_unknown");
    let block = app.ask(Method::PATCH, "/v1/coupons/MARCH").json(&json!({ "blocked": true })).idempotent("b");
    block.send().await.refused(404, "coupon_unknown");
}

#[tokio::test]
async fn going_through_codes_is_stopped() {
    let app = app().await;
    let mut cart = order("placed", &["march"]);
    cart.as_object_mut().unwrap().remove("status");
    for n in 0..20 {
        cart["coupons"] = json!([format!("try-{n}")]);
        app.post("/v1/quote", &cart).await.ok();
    }
    let refused = app.post("/v1/quote", &cart).await.refused(429, "too_many_guesses");
    assert!(refused.text_at("/seconds").parse::<u32>().unwrap() <= 600);
    let put = app.ask(Method::PUT, "/v1/orders/A").json(&order("placed", &["MARCH"]));
    put.send().await.refused(429, "too_many_guesses");
    // Without codes everything goes on, and so do others.
    app.ask(Method::PUT, "/v1/orders/A").json(&order("placed", &[])).send().await.ok();
    cart["member"] = Value::Null;
    app.post("/v1/quote", &cart).await.ok();
}
