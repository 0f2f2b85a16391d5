//! Points for many members, as an operator's page would ask for them.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};
use std::time::Duration;

const SHOP: &str = r#"
program: shop
currency: RUB
points: { value: 0.50 }
approval: { accruals_above: 100 }
segments: [{ id: near, if: { region: Тверь } }]
rules: [{ id: all, when: order.paid, then: [{ credit: { percent: 1 } }] }]
"#;

async fn app() -> TestApp {
    let app = TestApp::with(SHOP).await;
    for ext in ["1", "2"] {
        app.post("/v1/members", &json!({ "ext": ext, "region": "Тверь" })).await.ok();
    }
    app.post("/v1/members", &json!({ "ext": "3", "phones": ["+79990000003"] })).await.ok();
    app
}

/// All there is to do in the background.
async fn work(app: &TestApp) {
    let program = app.program;
    let active = async || app.service.read(move |r| r.accruals_active(program)).await.unwrap();
    while !active().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

fn near() -> Value {
    json!({ "segment": "near", "points": "60", "reason": "sorry", "operator": "olga",
        "expires_at": "2026-06-01T00:00:00Z" })
}

#[tokio::test]
async fn a_segment_is_previewed_approved_given_and_taken_back() {
    let app = app().await;
    let path = "/v1/accruals/sorry";
    assert_eq!(app.put(path, &near()).await.ok().text_at("/state"), "preparing");
    work(&app).await;
    let ready = app.get(path).await.ok();
    assert_eq!((ready.text_at("/state"), ready.text_at("/points")), ("ready", "120"));
    assert_eq!((&ready.body["members"], ready.text_at("/liability")), (&json!(2), "60.00"));
    assert_eq!(ready.body["second_person"], json!(true));
    assert_eq!(app.put(path, &near()).await.ok().body, ready.body, "the same request is once");
    app.put(path, &json!({ "segment": "near", "points": "1", "reason": "r", "operator": "o" }))
        .await
        .refused(409, "accrual_taken");

    let start = format!("{path}/start");
    app.post(&start, &json!({ "operator": "petr" })).await.refused(403, "second_person_needed");
    let other = app.key_for(app.program, "main", &["points:accrue"]).await;
    let ask = |who: &str| app.ask(Method::POST, &start).key(&other).json(&json!({ "operator": who }));
    ask("olga").send().await.refused(403, "second_person_needed");
    assert_eq!(ask("petr").send().await.ok().text_at("/state"), "running");
    work(&app).await;
    let done = app.get(path).await.ok();
    assert_eq!((done.text_at("/state"), &done.body["given"]), ("done", &json!(2)));
    assert_eq!(done.text_at("/acts/0/operator"), "petr");
    assert_eq!(app.get("/v1/members/ext:1/balance").await.ok().text_at("/available"), "60");
    let lots = app.get("/v1/members/ext:1/lots").await.ok();
    assert!(lots.text.contains("2026-06-01T00:00:00Z"), "{}", lots.text);
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert!(entries.text.contains("sorry") && entries.text.contains("petr"), "{}", entries.text);

    let first = app.get(&format!("{path}/members?limit=1&state=given")).await.ok();
    assert_eq!(first.text_at("/members/0/state"), "given");
    let next = first.text_at("/next");
    let second = app.get(&format!("{path}/members?limit=1&cursor={next}")).await.ok();
    assert_ne!(second.text_at("/members/0/member"), first.text_at("/members/0/member"));
    assert!(second.body.get("next").is_none());

    app.post(&format!("{path}/stop"), &json!({ "operator": "o" })).await.refused(409, "accrual_not_now");
    app.post(&format!("{path}/undo"), &json!({ "operator": "olga" })).await.ok();
    work(&app).await;
    let undone = app.get(path).await.ok();
    assert_eq!((undone.text_at("/state"), &undone.body["undone"]), ("undone", &json!(2)));
    assert_eq!(app.get("/v1/members/ext:1/balance").await.ok().text_at("/available"), "0");
    let list = app.get("/v1/accruals").await.ok();
    assert_eq!(list.body["accruals"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_list_names_members_as_orders_do_and_is_taken_whole_or_not_at_all() {
    let app = app().await;
    let path = "/v1/accruals/prize";
    let list = |members: Value| json!({ "members": members, "reason": "r", "operator": "o" });
    let one = |member: Value, points: &str| json!({ "member": member, "points": points });
    let phone = json!({ "phone": "8 (999) 000-00-03" });
    let unknown = list(json!([one(json!("ext:1"), "5"), one(json!("ext:9"), "5")]));
    let refused = app.put(path, &unknown).await.refused(404, "member_unknown");
    assert_eq!(refused.text_at("/pointer"), "/members/1/member");
    app.get(path).await.refused(404, "accrual_unknown");
    let twice = list(json!([one(json!("ext:1"), "5"), one(json!("ext:1"), "6")]));
    app.put(path, &twice).await.refused(422, "accrual_member_twice");
    app.put(path, &list(json!([one(json!("ext:1"), "-5")]))).await.refused(422, "points_out_of_range");
    app.put(path, &list(json!([]))).await.refused(422, "too_many_items");
    app.put(path, &json!({ "reason": "r", "operator": "o" })).await.refused(422, "accrual_form_invalid");
    app.put("/v1/accruals/Prize!", &near()).await.refused(422, "invalid_text");
    let gone = json!({ "segment": "far", "points": "1", "reason": "r", "operator": "o" });
    app.put(path, &gone).await.refused(404, "segment_unknown");
    app.get(&format!("{path}/members")).await.refused(404, "accrual_unknown");

    let good = list(json!([one(json!("ext:1"), "5"), one(phone, "7")]));
    let ready = app.put(path, &good).await.ok();
    assert_eq!((ready.text_at("/state"), ready.text_at("/points")), ("ready", "12"));
    app.get(&format!("{path}/members?state=lost")).await.refused(400, "query_invalid");
    app.post(&format!("{path}/start"), &json!({ "operator": "o" })).await.ok();
    work(&app).await;
    assert_eq!(app.get("/v1/members/ext:3/balance").await.ok().text_at("/available"), "7");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let refused = app.ask(Method::GET, path).key(&till).send().await;
    refused.refused(403, "scope_missing");
}
