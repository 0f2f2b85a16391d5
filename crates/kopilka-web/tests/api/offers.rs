//! Personal offers as a caller sees them: given, activated at a till, used, withdrawn.

use crate::support::{Answer, SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const OFFERS: &str = r#"
attributes: [{ id: staff, kind: yes_no }]
offers:
  - id: come-back
    name: { en: Ten off, ru: Скидка десять }
    text: { en: We have missed you, ru: Мы скучали }
    for: 14 days
    times: 1
    activate: by_member
  - { id: week, for: 7 days }
  - { id: staff-only, for: 7 days, if: { attribute: { staff: true } } }
discounts: [{ id: tenth, percent: 10, if: { offer: [come-back, week, staff-only] } }]
"#;

async fn app() -> TestApp {
    let app = TestApp::with(&format!("{SPORTS}{OFFERS}")).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    app
}

fn give(offer: &str) -> Value {
    json!({ "offer": offer })
}

async fn order(app: &TestApp, id: &str) -> Answer {
    let body = json!({ "member": "ext:1", "status": "placed",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }] });
    app.put(&format!("/v1/orders/{id}?explain=true"), &body).await.ok()
}

#[tokio::test]
async fn an_offer_is_given_activated_used_and_withdrawn() {
    let app = app().await;
    let given = app.post("/v1/members/ext:1/offers", &give("come-back")).await.ok();
    assert_eq!((given.status.as_u16(), given.text_at("/state")), (201, "to_activate"));
    assert_eq!((given.body["left"].as_i64(), given.text_at("/ends_at")), (Some(1), "2026-03-15T21:00:00Z"));
    assert_eq!(order(&app, "A").await.text_at("/order/to_pay"), "1000.00");

    // A till activates what the shopper asks for, and gives nothing of its own.
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let own =
        app.ask(Method::POST, "/v1/members/ext:1/offers").key(&till).idempotent("g").json(&give("week"));
    own.send().await.refused(403, "scope_missing");
    let activate = "/v1/members/ext:1/offers/come-back/activate";
    let ask = || app.ask(Method::POST, activate).key(&till).idempotent("a").send();
    let (first, again) = (ask().await.ok(), ask().await.ok());
    assert_eq!((first.text_at("/state"), &first.text), ("active", &again.text));

    let lowered = order(&app, "B").await;
    assert_eq!(lowered.text_at("/order/to_pay"), "900.00");
    let steps = lowered.body["trace"].as_array().unwrap();
    let used = steps.iter().find(|s| s["step"] == "offer_used").unwrap_or_else(|| panic!("{}", lowered.text));
    assert_eq!((&used["offer"], &used["left"]), (&json!("come-back"), &json!(0)));
    let list = app.get("/v1/members/ext:1/offers").await.ok();
    assert_eq!((list.text_at("/offers/0/state"), &list.body["offers"][0]["used"]), ("used_up", &json!(1)));
    assert_eq!(list.text_at("/offers/0/name/ru"), "Скидка десять");
    assert_eq!(list.text_at("/offers/0/text/en"), "We have missed you");
    let late = app.ask(Method::POST, activate).idempotent("late").send().await;
    assert_eq!(late.refused(409, "offer_ended").text_at("/offer"), "come-back");
    app.post("/v1/orders/B/cancel", &json!({})).await.ok();
    assert_eq!(order(&app, "C").await.text_at("/order/to_pay"), "900.00");

    let withdraw = "/v1/members/ext:1/offers/come-back/withdraw";
    app.post(withdraw, &json!({ "operator": "anna" })).await.refused(422, "missing_field");
    app.post(withdraw, &json!({ "operator": "anna", "reason": " " })).await.refused(422, "reason_missing");
    let gone = app.post(withdraw, &json!({ "operator": "anna", "reason": "a mistake" })).await.ok();
    assert_eq!(gone.text_at("/state"), "withdrawn");
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert_eq!(entries.text_at("/entries/0/movements/0/words"), "The offer “Ten off” was withdrawn.");
    assert_eq!(entries.text_at("/entries/0/reason"), "a mistake");
    assert_eq!(app.get("/v1/members/ext:1/offers").await.ok().body["offers"], json!([]));
}

#[tokio::test]
async fn what_cannot_be_given_or_activated_is_refused_in_its_own_words() {
    let app = app().await;
    let rows = [
        ("/v1/members/ext:1/offers", give("none"), 404, "offer_unknown"),
        ("/v1/members/ext:1/offers", give("staff-only"), 409, "offer_not_for_member"),
        ("/v1/members/ext:1/offers", json!({}), 422, "missing_field"),
        ("/v1/members/ext:9/offers", give("week"), 404, "member_unknown"),
        ("/v1/members/ext:1/offers/none/activate", json!({}), 404, "offer_unknown"),
        ("/v1/members/ext:1/offers/week/activate", json!({}), 404, "offer_not_held"),
    ];
    for (path, body, status, code) in rows {
        app.post(path, &body).await.refused(status, code);
    }
    app.ask(Method::PATCH, "/v1/members/ext:1")
        .json(&json!({ "attributes": { "staff": true } }))
        .send()
        .await
        .ok();
    app.post("/v1/members/ext:1/offers", &give("staff-only")).await.ok();
    let block = json!({ "status": "blocked", "reason": "r", "operator": "o" });
    app.post("/v1/members/ext:1/status", &block).await.ok();
    app.post("/v1/members/ext:1/offers", &give("week")).await.refused(403, "member_blocked");
}
