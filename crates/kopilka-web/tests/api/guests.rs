//! Guests' orders as callers see them: told with a contact, listed, claimed, bound.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const CLAIM: &str = "guest_orders: { claim: { within: 30 days } }\n";

fn receipt(more: Value) -> Value {
    let mut body = json!({
        "status": "paid", "cashier": "olga",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }],
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn confirmed(app: &TestApp, phone: &str) -> String {
    let made = app.post("/v1/codes", &json!({ "phone": phone, "send": false })).await.ok();
    let told = json!({ "id": made.text_at("/id"), "code": made.text_at("/code") });
    app.post("/v1/codes/verify", &told).await.ok();
    made.text_at("/id").to_owned()
}

#[tokio::test]
async fn whoever_confirms_the_phone_gets_what_the_order_earns() {
    let app = TestApp::with(&format!("{SPORTS}{CLAIM}")).await;
    let contact = json!({ "contact": { "phone": "8 912 345-67-89", "email": "a@example.com" } });
    app.put("/v1/orders/G", &receipt(contact)).await.ok();
    let member = app.member("1").await;
    let path = format!("/v1/members/{member}/guest-orders");
    let code = confirmed(&app, "+79123456789").await;
    let listed = app.get(&format!("{path}?code={code}")).await.ok();
    assert_eq!(listed.text_at("/orders/0/order/order_id"), "G");
    assert_eq!(listed.text_at("/orders/0/until"), "2026-03-31T09:00:00Z");
    app.get(&path).await.refused(400, "query_invalid");
    app.get(&format!("{path}?code=c_1")).await.refused(403, "contact_unconfirmed");

    let wanted = json!({ "order_id": "G", "code": code });
    let claimed = app.post(&path, &wanted).await.ok();
    assert_eq!((claimed.text_at("/member"), claimed.text_at("/points")), (member.as_str(), "50"));
    assert_eq!(claimed.balance(), ["500", "50", "0", "0"]);
    app.post(&path, &wanted).await.refused(409, "already_claimed");
    let unknown = json!({ "order_id": "H", "code": code });
    app.post(&path, &unknown).await.refused(404, "nothing_to_claim");
    assert_eq!(app.get(&format!("{path}?code={code}")).await.ok().body["orders"], json!([]));
    let entries = app.get(&format!("/v1/members/{member}/entries")).await.ok();
    assert!(entries.text.contains("made without a member"), "{}", entries.text);
    assert!(!entries.text.contains("9123456789") && !entries.text.contains("example.com"));
    // A member's own page may do it, a till may not say whose an order is.
    let made = app.post(&format!("/v1/members/{member}/tokens"), &json!({})).await.ok();
    let token = made.text_at("/token").to_owned();
    let by_token = |code: &str| app.ask(Method::GET, &format!("{path}?code={code}")).key(&token).send();
    by_token(&code).await.refused(403, "contact_unconfirmed");
    // A code that was asked for in the member's own name.
    app.at("2026-03-01T12:02:00+03:00").await;
    let made = app
        .post("/v1/codes", &json!({ "phone": "+79123456789", "member": member, "send": false }))
        .await
        .ok();
    let told = json!({ "id": made.text_at("/id"), "code": made.text_at("/code") });
    app.post("/v1/codes/verify", &told).await.ok();
    by_token(made.text_at("/id")).await.ok();
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let bind = json!({ "order_id": "T", "reason": "lost card", "operator": "ivan" });
    let ask = app.ask(Method::POST, &format!("{path}/bind")).key(&till).idempotent("b").json(&bind);
    assert_eq!(ask.send().await.refused(403, "scope_missing").text_at("/scope"), "orders:bind");
}

#[tokio::test]
async fn what_support_binds_stands_in_the_report() {
    let app = TestApp::with(&format!("{SPORTS}{CLAIM}")).await;
    app.put("/v1/orders/T", &receipt(json!({}))).await.ok();
    let member = app.member("1").await;
    let path = format!("/v1/members/{member}/guest-orders/bind");
    let bind = json!({ "order_id": "T", "reason": "lost card", "operator": "ivan" });
    assert_eq!(app.post(&path, &bind).await.ok().text_at("/points"), "50");
    app.post(&path, &json!({ "order_id": "T", "operator": "ivan" })).await.refused(422, "missing_field");
    let report = app.get("/v1/reports/fraud?day=2026-03-05").await.ok();
    let expected = json!([{ "shop": "main", "cashier": "olga", "operator": "ivan", "orders": 1 }]);
    assert_eq!(report.body["bound"], expected);
}

#[tokio::test]
async fn a_program_that_does_not_say_so_leaves_orders_to_guests() {
    let app = TestApp::new().await;
    app.put("/v1/orders/G", &receipt(json!({ "contact": { "phone": "+79123456789" } }))).await.ok();
    let member = app.member("1").await;
    let path = format!("/v1/members/{member}/guest-orders");
    let code = confirmed(&app, "+79123456789").await;
    let wanted = json!({ "order_id": "G", "code": code });
    app.post(&path, &wanted).await.refused(404, "nothing_to_claim");
    let bind = json!({ "order_id": "G", "reason": "lost card", "operator": "ivan" });
    app.post(&format!("{path}/bind"), &bind).await.refused(409, "guest_orders_off");
    let wrong = receipt(json!({ "contact": { "phone": "911" } }));
    app.put("/v1/orders/W", &wrong).await.refused(422, "invalid_identifier");
}
