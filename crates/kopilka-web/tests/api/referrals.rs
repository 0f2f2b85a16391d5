//! The network as a caller sees it: visits, registrations, rewards, people masked.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
accrual: { active_after: 14 days }
rules:
  - { id: friend, when: referral.ordered, then: [{ credit: { to: referrer, points: 50, per: 1000.00 } }] }
  - { id: second, when: referral.ordered, then: [{ credit: { to: referrer, level: 2, points: 9 } }] }
"#;

async fn code(app: &TestApp, ext: &str) -> String {
    app.get(&format!("/v1/members/ext:{ext}")).await.ok().text_at("/referral_code").to_owned()
}

fn order(member: &str, price: &str) -> Value {
    json!({ "member": format!("ext:{member}"), "status": "paid",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": price }] })
}

#[tokio::test]
async fn a_friend_comes_by_a_link_buys_and_is_told_masked() {
    let app = TestApp::with(SHOP).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    let link = code(&app, "1").await;
    let visit = json!({ "referral": link, "visitor": "cookie-7" });
    let (first, again) =
        (app.post("/v1/referrals/visits", &visit).await, app.post("/v1/referrals/visits", &visit).await);
    assert_eq!((&first.ok().body["counted"], &again.ok().body["counted"]), (&json!(true), &json!(false)));

    let friend =
        json!({ "ext": "2", "name": "Анна Петрова", "phones": ["8 912 345-67-89"], "visitor": "cookie-7" });
    app.post("/v1/members", &friend).await.ok();
    let second = code(&app, "2").await;
    app.post("/v1/members", &json!({ "ext": "3", "phones": ["9123456700"], "referral": second })).await.ok();
    let paid = app.put("/v1/orders/A?explain=true", &order("3", "2500.00")).await.ok();
    let steps = paid.body["trace"].as_array().unwrap();
    let reward = steps.iter().find(|step| step["step"] == "referrer_rewarded").unwrap();
    assert_eq!((&reward["level"], &reward["points"]), (&json!(1), &json!("100")));
    app.relayed().await;

    let network = app.get("/v1/members/ext:2/network").await.ok();
    assert_eq!((network.text_at("/levels/0/pending"), network.text_at("/levels/0/paid")), ("100", "0"));
    assert_eq!((network.text_at("/people/0/name"), network.text_at("/referrer/how")), ("***00", "link"));
    let above = app.get("/v1/members/ext:1/network").await.ok();
    assert_eq!(
        (&above.body["visits"], &above.body["registered"], &above.body["orders"]),
        (&json!(1), &json!(1), &json!(0))
    );
    assert_eq!((above.text_at("/levels/1/pending"), &above.body["levels"][1]["orders"]), ("9", &json!(1)));
    assert!(above.text.contains("А***") && !above.text.contains("Петрова"), "{}", above.text);
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert!(!entries.text.contains("Петрова"));
    assert_eq!(app.get("/v1/members/ext:3").await.ok().text_at("/referrer").len(), 15);
}

#[tokio::test]
async fn what_cannot_be_a_link_or_a_visit_is_refused() {
    let app = TestApp::with(SHOP).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    let link = code(&app, "1").await;
    for referral in ["nobody's", "0000000000001", "!"] {
        let registration = json!({ "ext": "9", "referral": referral });
        app.post("/v1/members", &registration).await.refused(404, "referrer_unknown");
    }
    let path = "/v1/referrals/visits";
    app.post(path, &json!({ "referral": "!", "visitor": "v" })).await.refused(404, "referrer_unknown");
    app.post(path, &json!({ "referral": "0000000000001", "visitor": "v" }))
        .await
        .refused(404, "referrer_unknown");
    app.post(path, &json!({ "referral": link, "visitor": " " })).await.refused(422, "invalid_text");
    app.post(path, &json!({ "referral": link })).await.refused(422, "missing_field");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let own = app
        .ask(Method::POST, path)
        .key(&till)
        .idempotent("t")
        .json(&json!({ "referral": link, "visitor": "v" }));
    own.send().await.refused(403, "scope_missing");
    app.get("/v1/members/ext:2/network").await.refused(404, "member_unknown");
}

#[tokio::test]
async fn a_site_is_claimed_listed_and_let_go_and_brings_nobody_before_it_is_confirmed() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let sites = format!("/v1/members/{member}/sites");
    let claimed = app.post(&sites, &json!({ "site": "https://www.Blog.example/about" })).await.ok();
    assert_eq!(claimed.text_at("/sites/0/site"), "blog.example");
    let token = claimed.text_at("/sites/0/token");
    assert_eq!(claimed.text_at("/sites/0/file"), "https://blog.example/.well-known/kopilka-site.txt");
    assert_eq!(claimed.text_at("/sites/0/meta"), format!("<meta name=\"kopilka-site\" content=\"{token}\">"));
    assert_eq!(app.get(&sites).await.ok().body["sites"], claimed.body["sites"]);
    let export = app.get(&format!("/v1/members/{member}/export")).await.ok();
    assert_eq!(export.body["sites"], claimed.body["sites"]);
    let visit = json!({ "site": "blog.example", "visitor": "cookie" });
    app.post("/v1/referrals/visits", &visit).await.refused(404, "site_unknown");
    app.post("/v1/referrals/visits", &json!({ "visitor": "c" })).await.refused(422, "visit_form_invalid");
    let both = json!({ "site": "blog.example", "referral": "1", "visitor": "c" });
    app.post("/v1/referrals/visits", &both).await.refused(422, "visit_form_invalid");
    let confirm = format!("{sites}/confirm");
    let other = json!({ "site": "other.example", "by": "meta" });
    app.post(&confirm, &other).await.refused(404, "site_unknown");
    let wrong = app.post(&confirm, &json!({ "site": "127.0.0.1", "by": "meta" })).await;
    assert_eq!(wrong.refused(422, "invalid_identifier").text_at("/pointer"), "/site");
    app.post(&sites, &json!({ "site": "localhost" })).await.refused(422, "invalid_identifier");
    let removed = app.post(&format!("{sites}/remove"), &json!({ "site": "blog.example" })).await.ok();
    assert_eq!(removed.body["sites"], json!([]));
}
