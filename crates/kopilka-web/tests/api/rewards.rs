//! Rewards as a caller sees them, and the program's versions.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const REWARDS: &str = r#"
coupons: { campaigns: [{ id: thanks, codes: made, discount: { percent: 10 } }, { id: known, code: ALL, discount: { percent: 1 } }] }
rewards:
  - { id: mug, name: { en: Mug, ru: Кружка }, cost: 300, stock: 2, per_member: 1 }
  - { id: code, cost: 150, gives: { coupon: thanks } }
"#;

#[tokio::test]
async fn a_reward_is_shown_claimed_handed_over_and_taken_back() {
    let app = TestApp::with(&format!("{SPORTS}{REWARDS}")).await;
    app.post("/v1/members", &json!({ "ext": "1" })).await.ok();
    let ask = app.ask(Method::GET, "/v1/rewards?member=ext:1").header("accept-language", "ru");
    let list = ask.send().await.ok();
    let mug = &list.body["rewards"][0];
    assert_eq!((&mug["name"], &mug["left"], &mug["can_claim"]), (&json!("Кружка"), &json!(2), &json!(true)));

    let claimed = app.post("/v1/members/ext:1/claims", &json!({ "reward": "mug" })).await.ok();
    assert_eq!((claimed.status.as_u16(), claimed.text_at("/state")), (201, "claimed"));
    assert_eq!((claimed.text_at("/points"), claimed.balance()[0]), ("300", "200"));
    let open = app.get("/v1/members/ext:1/claims").await.ok();
    assert_eq!((&open.body["claims"][0]["claim"], open.text_at("/claims/0/points")), (&json!(1), "300"));
    let again = app.post("/v1/members/ext:1/claims", &json!({ "reward": "mug" })).await;
    assert_eq!(again.refused(409, "reward_limit").text_at("/reward"), "mug");
    let settle =
        json!({ "claim": 1, "handed_over": false, "operator": "anna", "reason": "none in the shop" });
    let back = app.post("/v1/members/ext:1/claims/settle", &settle).await.ok();
    assert_eq!(
        (back.text_at("/state"), back.text_at("/points"), back.balance()[0]),
        ("taken_back", "300", "500")
    );
    app.post("/v1/members/ext:1/claims/settle", &settle).await.refused(404, "claim_unknown");

    let coupon = app.post("/v1/members/ext:1/claims", &json!({ "reward": "code" })).await.ok();
    assert_eq!(coupon.text_at("/state"), "handed_over");
    let own = app.get("/v1/members/ext:1/coupons").await.ok();
    assert_eq!(own.text_at("/coupons/0/code"), coupon.text_at("/code"));
    let order = json!({ "member": "ext:1", "status": "placed", "coupons": [coupon.text_at("/code")],
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "500.00" }] });
    assert_eq!(app.put("/v1/orders/A", &order).await.ok().text_at("/order/to_pay"), "450.00");
    for (body, status, code) in
        [(json!({ "reward": "car" }), 404, "reward_unknown"), (json!({}), 422, "missing_field")]
    {
        app.post("/v1/members/ext:1/claims", &body).await.refused(status, code);
    }
    let poor = app.get("/v1/rewards?member=ext:1").await.ok();
    assert_eq!(
        (&poor.body["rewards"][1]["can_claim"], poor.text_at("/rewards/0/cost")),
        (&json!(true), "300")
    );
}

fn publish(document: &str) -> Value {
    json!({ "document": document, "author": "anna", "note": "spring" })
}

#[tokio::test]
async fn a_document_is_checked_published_listed_and_compared() {
    let app = TestApp::with(SPORTS).await;
    app.member("1").await;
    let wrong = SPORTS.replace("percent: 5", "precent: 5");
    let check = |text: &str| json!({ "document": text });
    let ask = app.ask(Method::POST, "/v1/program/check").json(&check(&wrong)).header("accept-language", "ru");
    let checked = ask.send().await.ok();
    assert_eq!(
        (&checked.body["errors"], checked.text_at("/diagnostics/0/code")),
        (&json!(1), "unknown_word")
    );
    assert!(checked.text_at("/diagnostics/0/fix").contains("может быть"), "{}", checked.text);
    let refused = app.post("/v1/program/versions", &publish(&wrong)).await.refused(422, "document_invalid");
    assert_eq!(refused.body["diagnostics"][0]["line"], checked.body["diagnostics"][0]["line"]);

    let next = SPORTS.replace("percent: 5", "percent: 7");
    let published = app.post("/v1/program/versions", &publish(&next)).await.ok();
    assert_eq!((published.status.as_u16(), &published.body["version"]), (201, &json!(2)));
    let again = app.post("/v1/program/versions", &publish(&next)).await.ok();
    assert_eq!(again.body["version"], 2, "the same text is the same version");
    let list = app.get("/v1/program/versions").await.ok();
    assert_eq!((&list.body["in_force"], list.text_at("/versions/0/author")), (&json!(2), "anna"));
    assert_eq!(app.get("/v1/program/versions/2").await.ok().text_at("/document"), next);
    let told = app.get("/v1/program/difference?from=1&to=2").await.ok();
    assert!(told.text_at("/words").contains("7 %"), "{}", told.text);

    let rows = [
        (publish(&SPORTS.replace("program: sports", "program: other")), 422, "program_mismatch"),
        (publish(&SPORTS.replace("currency: RUB", "currency: EUR")), 409, "units_changed"),
    ];
    for (body, status, code) in rows {
        app.post("/v1/program/versions", &body).await.refused(status, code);
    }
    let mut late = publish(&SPORTS.replace("percent: 5", "percent: 8"));
    late["from"] = json!("2025-01-01T00:00:00Z");
    app.post("/v1/program/versions", &late).await.refused(409, "version_before_newest");
    for path in ["/v1/program/versions/9", "/v1/program/versions/x", "/v1/program/difference?from=1&to=9"] {
        app.get(path).await.refused(404, "version_unknown");
    }
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let ask = app.ask(Method::POST, "/v1/program/versions").key(&till).json(&publish(SPORTS)).idempotent("x");
    ask.send().await.refused(403, "scope_missing");
}

#[tokio::test]
async fn a_draft_is_kept_compared_and_published() {
    let app = TestApp::with(SPORTS).await;
    app.member("1").await;
    let put = |body: Value| app.ask(Method::PUT, "/v1/program/drafts/summer").json(&body);
    let draft = |text: &str, revision: u32| {
        let mut body = json!({ "document": text, "author": "anna" });
        if revision > 0 {
            body["revision"] = json!(revision);
        }
        body
    };
    let kept = put(draft("program: sports\nrules: nonsense", 0)).send().await.ok();
    assert_eq!((&kept.body["revision"], kept.body["errors"].as_u64() > Some(0)), (&json!(1), true));
    put(draft("x", 0)).send().await.refused(409, "draft_changed");
    app.get("/v1/program/drafts/summer/difference").await.refused(422, "document_invalid");
    let publish = json!({ "draft": "summer", "author": "anna" });
    app.post("/v1/program/versions", &publish).await.refused(422, "document_invalid");
    let next = SPORTS.replace("percent: 5", "percent: 7");
    assert_eq!(put(draft(&next, 1)).send().await.ok().body["revision"], 2);
    let refused = put(draft(&next, 1)).send().await.refused(409, "draft_changed");
    assert_eq!(refused.text_at("/revision"), "2");
    let list = app.get("/v1/program/drafts").await.ok();
    assert_eq!((list.text_at("/drafts/0/name"), list.text_at("/drafts/0/author")), ("summer", "anna"));
    assert_eq!(app.get("/v1/program/drafts/summer").await.ok().text_at("/document"), next);
    let told = app.get("/v1/program/drafts/summer/difference").await.ok();
    assert!(told.text_at("/words").contains("7 %"), "{}", told.text);
    let both = json!({ "draft": "summer", "document": next, "author": "anna" });
    app.post("/v1/program/versions", &both).await.refused(422, "unknown_field");
    app.post("/v1/program/versions", &json!({ "author": "anna" })).await.refused(422, "missing_field");
    assert_eq!(app.post("/v1/program/versions", &publish).await.ok().body["version"], 2);
    // What is published is no draft any more.
    app.get("/v1/program/drafts/summer").await.refused(404, "draft_unknown");
    put(draft(&next, 3)).send().await.refused(404, "draft_unknown");
    app.ask(Method::DELETE, "/v1/program/drafts/summer").send().await.refused(404, "draft_unknown");
    put(draft("x", 0)).send().await.ok();
    let gone = app.ask(Method::DELETE, "/v1/program/drafts/summer").send().await;
    assert_eq!(gone.status.as_u16(), 204);
    let till = app.key_for(app.program, "main", &["pos"]).await;
    put(draft("x", 0)).key(&till).send().await.refused(403, "scope_missing");
}
