//! The owner's reports as a caller sees them.

use crate::support::{Answer, SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const FRAUD: &str = "/v1/reports/fraud?day=2026-03-01";

async fn credit(app: &TestApp, member: &str, points: &str, expires_at: &str) {
    let body = json!({ "points": points, "expires_at": expires_at, "reason": "r", "operator": "o" });
    app.post(&format!("/v1/members/{member}/adjustments"), &body).await.ok();
}

/// A paid order of one line for 1,000.00.
async fn bought(app: &TestApp, key: &str, id: &str, more: Value) -> Answer {
    let mut body = json!({
        "status": "paid", "pricing": "engine",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }],
    });
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    app.ask(Method::PUT, &format!("/v1/orders/{id}")).key(key).json(&body).send().await.ok()
}

#[tokio::test]
async fn the_report_tells_who_loses_what_and_when_page_by_page() {
    let app = TestApp::new().await;
    let (anna, boris) = (app.member("1").await, app.member("2").await);
    credit(&app, &anna, "500", "2026-03-05T00:00:00+03:00").await;
    credit(&app, &boris, "20", "2026-03-05T00:00:00+03:00").await;
    credit(&app, &boris, "5", "2026-03-09T00:00:00+03:00").await;
    let report = app.report("/v1/reports/expiring").await;
    assert_eq!(report.text_at("/as_of/now"), "2026-03-01T09:00:00Z");
    assert!(report.text_at("/as_of/entry").starts_with("e_"), "{}", report.text);
    assert_eq!(report.text_at("/until"), "2026-03-08T09:00:00Z");
    let first = json!({
        "member": anna, "points": "500", "expires_at": "2026-03-04T21:00:00Z", "last_day": "2026-03-04",
        "balance": { "balance": "1000", "available": "1000", "pending": "0", "held": "0", "debt": "0" },
    });
    assert_eq!(report.body["members"][0], first, "the welcome never burns");
    assert_eq!(report.body["members"].as_array().unwrap().len(), 2);
    assert_eq!(report.body["next"], Value::Null);

    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = app.report(&format!("/v1/reports/expiring?within_days=8&limit=1{query}")).await;
        let row = &page.body["members"][0];
        seen.push((row["member"].as_str().unwrap().to_owned(), row["points"].as_str().unwrap().to_owned()));
        match page.body["next"].as_str() {
            Some(next) => query = format!("&cursor={next}"),
            None => break,
        }
    }
    let row = |member: &String, points: &str| (member.clone(), points.to_owned());
    assert_eq!(seen, [row(&anna, "500"), row(&boris, "20"), row(&boris, "5")]);
}

#[tokio::test]
async fn one_card_at_one_till_all_day_is_shown_to_the_owner() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let everywhere = app.key_for(app.program, "", &["all"]).await;
    let told = |n: usize, till: &str| {
        let time = format!("2026-03-01T0{n}:00:00+03:00");
        json!({ "member": member, "shop": till, "cashier": "k1", "occurred_at": time })
    };
    for n in 0..6 {
        bought(&app, &everywhere, &format!("a{n}"), told(n, "till-7")).await;
        bought(&app, &everywhere, &format!("b{n}"), told(n, "main")).await;
        bought(&app, &everywhere, &format!("g{n}"), json!({ "shop": "till-7", "cashier": "k1" })).await;
    }
    let mut nobody = told(7, "main");
    nobody.as_object_mut().unwrap().remove("cashier");
    bought(&app, &everywhere, "c", nobody).await;
    app.post("/v1/orders/b5/cancel", &json!({})).await.ok();
    // A key of one shop sees that shop alone: five are usual.
    assert_eq!(app.report(FRAUD).await.body["flagged"], json!([]));
    let report = app.ask(Method::GET, FRAUD).key(&everywhere).send().await.ok();
    assert_eq!((report.text_at("/day"), &report.body["max_purchases_per_day"]), ("2026-03-01", &json!(5)));
    // Nothing of the points can be spent yet.
    let expected = json!([{
        "member": member, "purchases": 6, "shop": "till-7", "cashier": "k1", "money": "6000.00", "points": "300",
        "first_at": "2026-02-28T21:00:00Z", "last_at": "2026-03-01T02:00:00Z",
    }]);
    assert_eq!(report.body["flagged"], expected);
    let before = app.ask(Method::GET, "/v1/reports/fraud?day=2026-02-28").key(&everywhere).send().await.ok();
    assert_eq!(before.body["flagged"], json!([]), "the day is one of the program's zone");
}

#[tokio::test]
async fn the_limit_is_that_of_the_document_and_pages_go_on_where_they_ended() {
    let app = TestApp::with(&format!("{SPORTS}fraud: {{ max_purchases_per_day: 1 }}\n")).await;
    let mut expected = Vec::new();
    for name in ["1", "2", "3"] {
        let member = app.member(name).await;
        for n in 0..2 {
            bought(&app, &app.key, &format!("{name}-{n}"), json!({ "member": member })).await;
        }
        expected.push(member);
    }
    let (mut seen, mut query) = (Vec::new(), String::new());
    loop {
        let page = app.report(&format!("{FRAUD}&limit=2{query}")).await;
        for row in page.body["flagged"].as_array().unwrap() {
            assert_eq!(row.get("cashier"), None, "nobody named one");
            seen.push(row["member"].as_str().unwrap().to_owned());
        }
        match page.body["next"].as_str() {
            Some(next) => query = format!("&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn a_report_refuses_what_it_cannot_mean() {
    let app = TestApp::new().await;
    for (path, code) in [
        ("/v1/reports/expiring?within_days=0", "query_invalid"),
        ("/v1/reports/expiring?within_days=367", "query_invalid"),
        ("/v1/reports/expiring?within_days=-1", "query_invalid"),
        ("/v1/reports/expiring?within_days=soon", "query_invalid"),
        ("/v1/reports/expiring?days=7", "query_invalid"),
        ("/v1/reports/expiring?limit=0", "query_invalid"),
        ("/v1/reports/expiring?limit=501", "query_invalid"),
        ("/v1/reports/expiring?cursor=x", "cursor_invalid"),
        ("/v1/reports/expiring?cursor=8.m_0000000000001.61.62", "cursor_invalid"),
        ("/v1/reports/fraud", "query_invalid"),
        ("/v1/reports/fraud?day=", "query_invalid"),
        ("/v1/reports/fraud?day=today", "query_invalid"),
        ("/v1/reports/fraud?day=2026-02-30", "query_invalid"),
        ("/v1/reports/fraud?day=01.03.2026", "query_invalid"),
        ("/v1/reports/fraud?day=1899-12-31", "query_invalid"),
        ("/v1/reports/fraud?day=2200-01-01", "query_invalid"),
        ("/v1/reports/fraud?day=2026-03-01&shop=main", "query_invalid"),
        ("/v1/reports/fraud?day=2026-03-01&limit=501", "query_invalid"),
        ("/v1/reports/fraud?day=2026-03-01&cursor=1.m_0000000000001", "cursor_invalid"),
        ("/v1/reports/fraud?day=2026-03-01&cursor=8.m_0000000000001.00.62", "cursor_invalid"),
    ] {
        let answer = app.get(path).await.refused(400, code);
        assert!(!answer.text_at("/detail").is_empty(), "{path}");
    }
    let many = app.get("/v1/reports/expiring?within_days=367").await;
    assert_eq!(many.text_at("/why"), "within_days is 1 to 366");
    app.get("/v1/reports/expiring?within_days=366&limit=500").await.ok();
    let till = app.key_for(app.program, "main", &["pos"]).await;
    for path in ["/v1/reports/expiring", FRAUD] {
        let refused = app.ask(Method::GET, path).key(&till).send().await.refused(403, "scope_missing");
        assert_eq!(refused.text_at("/scope"), "reports:read");
    }
}
