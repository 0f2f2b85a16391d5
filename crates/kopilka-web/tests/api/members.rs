//! Members by every name they have, and what operators do to them.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::json;

#[tokio::test]
async fn a_member_is_found_by_every_identifier_in_any_spelling() {
    let app = TestApp::new().await;
    let person = json!({
        "ext": "42", "phones": ["8 (912) 345-67-89"], "emails": ["Anna@Example.COM"], "cards": ["2000000000008"],
        "name": "Анна", "birth_date": "1990-05-10", "language": "ru",
    });
    let id = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    for identifier in [
        json!({ "phone": "+79123456789" }),
        json!({ "phone": "9123456789" }),
        json!({ "phone": "8-912-345-67-89" }),
        json!({ "email": "anna@example.com" }),
        json!({ "card": "2000000000008" }),
        json!({ "ext": "42" }),
        json!({ "id": id }),
    ] {
        let found = app.ask(Method::POST, "/v1/members/lookup").json(&identifier).send().await.ok();
        assert_eq!(found.text_at("/member/id"), id, "{identifier}");
    }
    let read = app.get("/v1/members/ext:42").await.ok();
    assert_eq!(read.text_at("/phones/0"), "+79123456789");
    assert_eq!(read.text_at("/name"), "Анна");
    let look = |body| app.ask(Method::POST, "/v1/members/lookup").json(&body).send();
    look(json!({ "phone": "+79990000000" })).await.refused(404, "member_unknown");
    look(json!({ "phone": "12" })).await.refused(422, "invalid_identifier");
    look(json!({})).await.refused(422, "member_reference_invalid");
    look(json!({ "ext": "42", "card": "1" })).await.refused(422, "member_reference_invalid");
}

#[tokio::test]
async fn a_known_identifier_answers_with_its_member_and_gives_nothing() {
    let app = TestApp::new().await;
    let first = app.post("/v1/members", &json!({ "phones": ["+79123456789"] })).await.ok();
    let again = app.post("/v1/members", &json!({ "phones": ["89123456789"], "ext": "7" })).await.ok();
    assert_eq!((first.status.as_u16(), again.status.as_u16()), (201, 200));
    assert_eq!(first.text_at("/member"), again.text_at("/member"));
    assert_eq!((again.text_at("/points"), again.body["existed"].as_bool()), ("0", Some(true)));
    assert_eq!(again.balance(), ["500", "0", "0", "0"]);
}

#[tokio::test]
async fn a_patch_changes_what_it_names_and_nothing_else() {
    let app = TestApp::new().await;
    let person = json!({ "ext": "1", "phones": ["+79123456789"], "name": "Anna" });
    app.post("/v1/members", &person).await.ok();
    let patch = |path: &'static str, body| app.ask(Method::PATCH, path).json(&body).send();
    let answer =
        patch("/v1/members/ext:1", json!({ "phones": ["+79990000001"], "birth_date": "1990-05-10" }))
            .await
            .ok();
    assert_eq!((answer.text_at("/name"), answer.text_at("/phones/0")), ("Anna", "+79990000001"));
    let answer = patch("/v1/members/ext:1", json!({ "name": null })).await.ok();
    assert!(answer.body.get("name").is_none(), "{}", answer.text);
    assert_eq!(answer.text_at("/birth_date"), "1990-05-10");
    app.post("/v1/members", &json!({ "ext": "2", "phones": ["+79990000002"] })).await.ok();
    patch("/v1/members/ext:2", json!({ "phones": ["+79990000001"] })).await.refused(409, "identifier_taken");
    patch("/v1/members/ext:2", json!({ "birth_date": "2199-01-01" }))
        .await
        .refused(422, "birth_date_impossible");
    patch("/v1/members/ext:2", json!({ "birthdate": "1990-01-01" })).await.refused(422, "unknown_field");
    patch("/v1/members/ext:2", json!({ "birth_date": "10.05.1990" })).await.refused(422, "invalid_date");
    patch("/v1/members/ext:2", json!({ "attributes": { "group": "vip" } }))
        .await
        .refused(422, "attribute_unknown");
    patch("/v1/members/ext:2", json!({ "attributes": { "group": 1.5 } })).await.refused(422, "wrong_type");
    patch("/v1/members/ext:3", json!({ "name": "x" })).await.refused(404, "member_unknown");
}

#[tokio::test]
async fn operators_adjust_with_a_reason_and_can_take_it_back_once() {
    let app = TestApp::new().await;
    app.member("1").await;
    let path = "/v1/members/ext:1/adjustments";
    let give = json!({ "points": "300", "reason": "sorry", "operator": "olga", "expires_at": "2026-06-01T00:00:00Z" });
    let given = app.post(path, &give).await.ok();
    assert_eq!((given.status.as_u16(), given.text_at("/points")), (201, "300"));
    assert_eq!(given.balance(), ["800", "0", "0", "0"]);
    let entry = given.text_at("/entry").to_owned();
    let why = app.get(&format!("/v1/entries/{entry}/explain")).await.ok();
    assert_eq!((why.text_at("/operator"), why.text_at("/reason")), ("olga", "sorry"));
    let back = json!({ "reverses": entry, "reason": "mistake", "operator": "olga" });
    app.member("2").await;
    app.post("/v1/members/ext:2/adjustments", &back).await.refused(404, "entry_unknown");
    assert_eq!(app.post(path, &back).await.ok().balance(), ["500", "0", "0", "0"]);
    app.post(path, &back).await.refused(409, "not_reversible");
    let take = |points: &str| json!({ "points": points, "reason": "r", "operator": "o" });
    let short = app.post(path, &take("-501")).await.refused(409, "insufficient_points");
    assert_eq!((short.text_at("/available"), short.text_at("/wanted")), ("500", "501"));
    let mut force = take("-501");
    force["allow_debt"] = json!(true);
    assert_eq!(app.post(path, &force).await.ok().balance(), ["0", "0", "0", "1"]);
}

#[tokio::test]
async fn a_blocked_member_neither_earns_nor_spends() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let set = |status: &str| json!({ "status": status, "reason": "fraud", "operator": "olga" });
    let answer = app.post("/v1/members/ext:1/status", &set("blocked")).await.ok();
    assert_eq!(answer.text_at("/status"), "blocked");
    let order = app.order("A", &member, "paid", "1000.00").await.ok();
    assert_eq!(order.text_at("/order/points/earned"), "0");
    let body = json!({
        "status": "placed", "member": member, "points": { "mode": "exact", "amount": "100" },
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }],
    });
    app.put("/v1/orders/B", &body).await.refused(403, "member_blocked");
    app.post("/v1/members/ext:1/status", &set("frozen")).await.ok();
    app.put("/v1/orders/B", &body).await.refused(403, "member_frozen");
    app.post("/v1/members/ext:1/status", &set("active")).await.ok();
    app.put("/v1/orders/B", &body).await.ok();
}

#[tokio::test]
async fn the_journal_comes_by_pages_newest_first() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    for i in 0..4 {
        app.order(&format!("o{i}"), &member, "paid", "1000.00").await.ok();
    }
    let mut path = "/v1/members/ext:1/entries?limit=2".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = app.get(&path).await.ok();
        let rows = page.body["entries"].as_array().unwrap();
        seen.extend(rows.iter().map(|e| e["seq"].as_i64().unwrap()));
        match page.body["next"].as_str() {
            Some(next) => path = format!("/v1/members/ext:1/entries?limit=2&cursor={next}"),
            None => break,
        }
    }
    assert_eq!(seen, [5, 4, 3, 2, 1]);
}

#[tokio::test]
async fn a_read_waits_for_the_entry_it_asks_for() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let seq = app.order("A", &member, "paid", "1000.00").await.ok().body["seq"].as_i64().unwrap();
    let read = app.get(&format!("/v1/members/ext:1/balance?at_least_seq={seq}")).await.ok();
    assert_eq!(read.body["seq"], seq);
    app.get(&format!("/v1/orders/A?at_least_seq={seq}")).await.ok();
}

#[tokio::test]
async fn lots_stand_in_the_order_they_would_be_spent() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    app.order("A", &member, "paid", "1000.00").await.ok();
    let lots = app.get("/v1/members/ext:1/lots").await.ok();
    let told: Vec<_> = lots.body["lots"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| (l["source"].clone(), l["state"].clone()))
        .collect();
    assert_eq!(told, [(json!("cashback"), json!("pending")), (json!("welcome"), json!("active"))]);
    assert_eq!((lots.text_at("/lifetime/issued"), lots.text_at("/lots/0/order_id")), ("550", "A"));
    assert_eq!(lots.text_at("/lots/0/expires_at"), "2026-04-15T21:00:00Z");
}

#[tokio::test]
async fn a_member_is_told_the_level_and_what_is_missing() {
    let levels = "tiers: { by: money_paid, over: rolling 12 months, levels: [{ id: base }, \
        { id: silver, from: 1000.00, rates: { cashback: 7 } }, { id: gold, from: 5000.00, discount: 10 }] }\n\
        achievements: [{ id: dozen, counts: pieces, goal: 12, repeat: true }]\n";
    let app = TestApp::with(&format!("{levels}{}", crate::support::SPORTS)).await;
    app.member("42").await;
    let told = app.get("/v1/members/ext:42").await.ok();
    assert_eq!((told.text_at("/tier/tier"), told.text_at("/tier/next/missing")), ("base", "1000.00"));
    app.order("o1", "ext:42", "paid", "1200.00").await.ok();
    let told = app.get("/v1/members/ext:42").await.ok();
    assert_eq!((told.text_at("/tier/tier"), told.text_at("/tier/by")), ("silver", "money_paid"));
    assert_eq!((told.text_at("/tier/counted"), told.text_at("/tier/next/missing")), ("1200.00", "3800.00"));
    // From noon to noon of the next year, and to the end of that day.
    assert_eq!(told.text_at("/tier/since"), "2026-03-01T09:00:00Z");
    assert_eq!(told.text_at("/tier/until"), "2027-03-01T21:00:00Z");
    let dozen = &told.body["achievements"][0];
    assert_eq!((dozen["progress"].as_str(), dozen["goal"].as_str()), (Some("1"), Some("12")));
    let order = app.order("o2", "ext:42", "paid", "100.00").await.ok();
    assert_eq!(order.text_at("/order/tier"), "silver");
    let told = app.get("/v1/orders/o2/explain").await.ok();
    assert!(told.text.contains("Level “silver”: rule “cashback” gives 7 %."), "{}", told.text);
}

#[tokio::test]
async fn a_lost_card_is_blocked_and_replaced() {
    let app = TestApp::new().await;
    app.post("/v1/members", &json!({ "ext": "1", "cards": ["2000000000008"] })).await.ok();
    let lost = json!({ "card": "2000000000008", "blocked": true, "replacement": "4006381333931",
        "reason": "lost", "operator": "olga" });
    let told = app.post("/v1/members/ext:1/cards", &lost).await.ok();
    assert_eq!(
        (&told.body["cards"], &told.body["blocked_cards"]),
        (&json!(["4006381333931"]), &json!(["2000000000008"]))
    );
    let by = |card: &str| json!({ "card": card });
    let refused = app.post("/v1/members/lookup", &by("2000000000008")).await.refused(403, "card_blocked");
    assert!(refused.text_at("/detail").contains("blocked"));
    app.post("/v1/members/lookup", &by("4006381333931")).await.ok();
    let cart = json!({ "member": { "card": "2000000000008" },
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1.00" }] });
    app.post("/v1/quote", &cart).await.refused(403, "card_blocked");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let ask = app.ask(axum::http::Method::POST, "/v1/members/ext:1/cards").key(&till).idempotent("k");
    ask.json(&lost).send().await.refused(403, "scope_missing");
    let unknown = json!({ "card": "2000000000015", "blocked": true, "reason": "r", "operator": "o" });
    app.post("/v1/members/ext:1/cards", &unknown).await.refused(404, "card_unknown");
}
