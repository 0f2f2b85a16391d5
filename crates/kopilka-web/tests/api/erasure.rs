//! A person is told everything, and erased.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn an_export_tells_all_that_is_known_and_masks_the_others() {
    let own = "coupons: { campaigns: [{ id: gift, codes: made, discount: { percent: 10 } }] }\n\
        offers: [{ id: week, name: Week, for: 7 days }]\n";
    let app = TestApp::with(&format!("{SPORTS}{own}")).await;
    let person = json!({ "ext": "42", "name": "Anna", "phones": ["+79123456789"], "emails": ["a@b.example"],
        "birth_date": "1990-05-10", "cards": ["2000000000008"] });
    let anna = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    let friend = json!({ "ext": "43", "name": "Boris", "phones": ["+79990000001"],
        "referral": anna.trim_start_matches("m_") });
    app.post("/v1/members", &friend).await.ok();
    app.relayed().await;
    app.order("A", &anna, "paid", "1000.00").await.ok();
    let given = json!({ "points": "7", "reason": "sorry for the delay", "operator": "olga" });
    app.post("/v1/members/ext:42/adjustments", &given).await.ok();
    app.post("/v1/members/ext:42/offers", &json!({ "offer": "week" })).await.ok();
    app.post("/v1/campaigns/gift/codes", &json!({ "count": 1, "member": "ext:42" })).await.ok();

    let told = app.get("/v1/members/ext:42/export").await.ok();
    assert_eq!((told.text_at("/member/name"), told.text_at("/member/birth_date")), ("Anna", "1990-05-10"));
    assert_eq!(told.body["member"]["phones"], json!(["+79123456789"]));
    assert_eq!(told.body["member"]["cards"], json!(["2000000000008"]));
    assert_eq!((told.text_at("/orders/0/order_id"), told.text_at("/orders/0/to_pay")), ("A", "1000.00"));
    assert_eq!((told.text_at("/offers/0/offer"), told.text_at("/coupons/0/campaign")), ("week", "gift"));
    assert_eq!(told.body["points"]["lots"].as_array().unwrap().len(), 3, "welcome, cashback, adjustment");
    let entries = told.body["entries"].as_array().unwrap();
    assert!(entries.iter().any(|entry| entry["reason"] == "sorry for the delay"), "{}", told.text);
    assert!(entries.iter().all(|entry| entry["movements"].is_array()));
    assert_eq!(entries.last().unwrap()["cause"], "register");
    assert!(!told.text.contains("Boris") && !told.text.contains("79990000001"), "a friend is masked");
    assert_eq!(told.body["more_orders"], false);
    assert!(told.body.get("entries_next").is_none());
    app.get("/v1/members/ext:44/export").await.refused(404, "member_unknown");
}

#[tokio::test]
async fn an_erased_person_is_gone_and_the_account_is_closed() {
    let app = TestApp::new().await;
    let person = json!({ "ext": "42", "name": "Anna", "phones": ["+79123456789"] });
    let anna = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    app.order("A", &anna, "placed", "1000.00").await.ok();
    let erase = |id: &str, key: &str| {
        app.ask(Method::DELETE, &format!("/v1/members/{id}")).idempotent(key).json(&json!({
            "reason": "asked by letter", "operator": "olga"
        }))
    };
    let unkeyed =
        app.ask(Method::DELETE, "/v1/members/ext:42").json(&json!({ "reason": "r", "operator": "o" }));
    unkeyed.send().await.refused(400, "idempotency_key_required");
    let erased = erase("ext:42", "e1").send().await.ok();
    assert_eq!((erased.text_at("/member"), erased.text_at("/points")), (anna.as_str(), "500"));
    assert_eq!(erased.text_at("/debt_written_off"), "0");
    let again = erase("ext:42", "e1").send().await.ok();
    assert_eq!(again.text, erased.text);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    let member = app.get(&format!("/v1/members/{anna}")).await.ok();
    assert_eq!((member.text_at("/status"), &member.body["phones"]), ("anonymized", &json!([])));
    assert!(member.body.get("name").is_none() && member.body.get("ext").is_none());
    app.get("/v1/members/ext:42").await.refused(404, "member_unknown");
    app.post("/v1/members/lookup", &json!({ "phone": "+79123456789" })).await.refused(404, "member_unknown");
    let given = json!({ "points": "7", "reason": "r", "operator": "o" });
    app.post(&format!("/v1/members/{anna}/adjustments"), &given).await.refused(410, "member_anonymized");
    erase(&anna, "e2").send().await.refused(410, "member_anonymized");
    let paid = app.order("A", &anna, "paid", "1000.00").await.ok();
    assert_eq!((paid.text_at("/order/status"), paid.text_at("/order/points/earned")), ("paid", "0"));
    // The same phone is a new member, who has been welcomed before.
    assert_eq!(app.post("/v1/members", &person).await.ok().text_at("/points"), "0");
}

#[tokio::test]
async fn whoever_holds_points_in_an_order_is_told_what_to_do_first() {
    let app = TestApp::new().await;
    app.member("1").await;
    let body = json!({
        "status": "placed", "member": "ext:1", "points": { "mode": "exact", "amount": "100" },
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }],
    });
    app.put("/v1/orders/B", &body).await.ok();
    let erase = app.ask(Method::DELETE, "/v1/members/ext:1").idempotent("e").json(&json!({
        "reason": "r", "operator": "o"
    }));
    let held = erase.send().await.refused(409, "points_held");
    assert_eq!(held.text_at("/points"), "100");
}
