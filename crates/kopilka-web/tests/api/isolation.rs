//! A key of one program finds nothing of another one, whatever it asks.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use kopilka_web::scopes;
use serde_json::{Value, json};

const CAMPAIGN: &str = "coupons: { campaigns: [{ id: gift, codes: made, discount: { percent: 10 } }] }\n\
    gift_cards: { expires: never }\nfraud: { max_purchases_per_day: 1 }\n";

#[tokio::test]
async fn no_endpoint_tells_or_changes_another_programs_rows() {
    let app = TestApp::with(&format!("{SPORTS}{CAMPAIGN}")).await;
    let person = json!({ "ext": "42", "phones": ["+79123456789"], "cards": ["2000000000008"] });
    let member = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    app.order("A0", &member, "paid", "1000.00").await.ok();
    let order = app.order("A", &member, "paid", "1000.00").await.ok();
    let entry = order.text_at("/entry").to_owned();
    app.put("/v1/products", &json!({ "products": [{ "sku": "secret", "name": "Secret" }] })).await.ok();
    let made = app.post("/v1/campaigns/gift/codes", &json!({ "count": 1 })).await.ok();
    let coupon = made.text_at("/codes/0").to_owned();
    app.post("/v1/gift-cards", &json!({ "code": "G1", "amount": "9.00" })).await.ok();
    let card = json!({ "code": "G1" });
    let sorry = json!({ "members": [{ "member": "ext:42", "points": "1" }], "reason": "r", "operator": "o" });
    app.put("/v1/accruals/sorry", &sorry).await.ok();
    let hook = json!({ "url": "https://shop.example/hook" });
    let hook = app.post("/v1/webhook-endpoints", &hook).await.ok().text_at("/id").to_owned();
    writes_to_members(&app).await;
    let before = app.get("/v1/members/ext:42").await.ok().text;

    let other = app.publish(&SPORTS.replace("program: sports", "program: other")).await;
    let key = app.key_for(other, "main", &["all"]).await;
    for (method, route, _) in scopes::TABLE {
        let path = match *route {
            "/v1/entries/{id}/explain" => route.replace("{id}", &entry),
            route if route.starts_with("/v1/webhook-endpoints") => {
                let event = entry.replace("e_", "evt_");
                route.replace("{id}", &hook).replace("{event}", &format!("{event}_0"))
            }
            route => route.replace("{id}", &member).replace("{code}", &coupon),
        };
        let path = named(path);
        let Some(body) = body_of(method.as_str(), route, &member) else { continue };
        let ask = app.ask(method.clone(), &path).key(&key).idempotent("k1").json(&body);
        let answer = ask.send().await;
        assert_eq!(answer.status.as_u16(), 404, "{method} {path}: {}", answer.text);
        assert!(answer.code().ends_with("_unknown"), "{method} {path}: {}", answer.text);
    }

    names_nobody(&app, &key).await;
    names_no_event(&app, &key).await;
    for list in ["campaigns", "products", "accruals", "segments", "senders", "messages"] {
        let answer = app.ask(Method::GET, &format!("/v1/{list}")).key(&key).send().await.ok();
        assert_eq!(answer.body[list], json!([]));
    }
    reports_name_nobody(&app, &key).await;
    has_no_money(&app, &key).await;
    // The same names are free in the other program, and its orders are its own.
    let ask = app.ask(Method::POST, "/v1/members").key(&key).idempotent("k2").json(&person);
    let twin = ask.send().await.ok();
    assert_eq!(twin.status.as_u16(), 201);
    assert_ne!(twin.text_at("/member"), member);
    let cancel = app.ask(Method::POST, "/v1/orders/A/cancel").key(&key).idempotent("k3").json(&json!({}));
    cancel.send().await.ok();
    let mut foreign = body_of("POST", "/v1/quote", &member).unwrap();
    foreign["status"] = json!("paid");
    let put = app.ask(Method::PUT, "/v1/orders/C").key(&key).json(&foreign).send().await;
    put.refused(404, "member_unknown");

    assert_eq!(app.post("/v1/gift-cards/lookup", &card).await.ok().body["blocked"], false);
    assert_eq!(app.get("/v1/orders/A").await.ok().text_at("/order/status"), "paid");
    assert_eq!(app.get("/v1/members/ext:42").await.ok().text, before);
    writes_to_nobody(&app, &key).await;
    assert_eq!(app.get(&format!("/v1/webhook-endpoints/{hook}")).await.ok().body["state"], "enabled");
}

/// By whom and in which words members are written to.
async fn writes_to_members(app: &TestApp) {
    let sender = json!({ "preset": "smsru", "secrets": { "api_id": "secret" } });
    app.put("/v1/senders/sms", &sender).await.ok();
    app.put("/v1/templates/order_paid/sms/en", &json!({ "text": "Secret" })).await.ok();
    app.put("/v1/messaging", &json!({ "warn_days": [3] })).await.ok();
}

/// The other program has none of it, and what the first one has stays.
async fn writes_to_nobody(app: &TestApp, key: &str) {
    let told = app.ask(Method::GET, "/v1/messaging").key(key).send().await.ok();
    assert_eq!(told.body, json!({ "events": {} }));
    let words = app.ask(Method::GET, "/v1/templates/order_paid/sms/en").key(key).send().await.ok();
    assert_eq!(words.body["builtin"], true);
    assert_eq!(app.get("/v1/templates/order_paid/sms/en").await.ok().body["text"], "Secret");
    assert_eq!(app.get("/v1/senders/sms").await.ok().body["preset"], "smsru");
}

/// What the first program has, by its names.
fn named(path: String) -> String {
    let names = [
        ("{order_id}", "A"),
        ("{offer}", "x"),
        ("{segment}", "near"),
        ("{name}", "sorry"),
        ("{channel}", "sms"),
        ("{event}", "order_paid"),
        ("{language}", "en"),
        ("{holder}", "2"),
    ];
    names.iter().fold(path, |path, (place, name)| path.replace(place, name))
}

/// Bodies of what is done to members and given to many.
fn of_operators(method: &str, route: &str, member: &str) -> Option<Value> {
    let listed = json!({ "members": [{ "member": member, "points": "5" }], "reason": "r", "operator": "o" });
    Some(match (method, route) {
        ("DELETE", "/v1/members/{id}") => json!({ "reason": "r", "operator": "o" }),
        ("POST", "/v1/members/{id}/cards") => {
            json!({ "card": "2000000000008", "blocked": true, "reason": "r", "operator": "o" })
        }
        ("POST", "/v1/members/{id}/merge") => json!({ "into": member, "reason": "r", "operator": "o" }),
        ("POST", "/v1/members/{id}/merge/preview") => json!({ "into": member }),
        ("POST", "/v1/members/{id}/offers") => json!({ "offer": "x" }),
        ("POST", "/v1/members/{id}/tier") => json!({ "tier": "x", "operator": "o", "reason": "r" }),
        ("POST", "/v1/members/{id}/consents") => json!({ "consents": [{ "purpose": "personal_data" }] }),
        ("POST", "/v1/members/{id}/consents/withdraw") => json!({}),
        ("PUT", "/v1/accruals/{name}") => listed,
        ("POST", "/v1/accruals/{name}/start" | "/v1/accruals/{name}/stop" | "/v1/accruals/{name}/undo") => {
            json!({ "operator": "o" })
        }
        ("POST", "/v1/members/{id}/guest-orders") => json!({ "order_id": "A", "code": "c_1" }),
        ("POST", "/v1/members/{id}/guest-orders/bind") => {
            json!({ "order_id": "A", "reason": "r", "operator": "o" })
        }
        ("POST", "/v1/members/{id}/tokens" | "/v1/members/{id}/telegram-links") => json!({}),
        ("POST", "/v1/members/{id}/addresses") => json!({ "phone": "+79120000000", "codes": [] }),
        ("POST", "/v1/members/{id}/sites" | "/v1/members/{id}/sites/remove") => {
            json!({ "site": "blog.example" })
        }
        ("POST", "/v1/members/{id}/sites/confirm") => json!({ "site": "blog.example", "by": "file" }),
        ("POST", "/v1/codes") => {
            json!({ "member": member, "order_id": "A", "points": "1", "send": false })
        }
        ("POST", "/v1/codes/verify") => json!({ "id": "c_1", "code": "000000" }),
        ("PUT", "/v1/members/{id}/holders/{holder}") => json!({ "rights": ["earn"] }),
        ("POST", "/v1/members/{id}/tags") => json!({ "add": ["x"] }),
        _ => return None,
    })
}

/// What names nobody of those who are written to, or what each program has of its own: looked at by itself.
fn is_of_messages(method: &str, route: &str) -> bool {
    match method {
        "GET" if ["/v1/senders", "/v1/messages", "/v1/messaging"].contains(&route) => true,
        "PUT" if ["/v1/senders/{channel}", "/v1/messaging"].contains(&route) => true,
        // Words are the engine's own where the program has none.
        "GET" | "PUT" | "POST" => route.starts_with("/v1/templates"),
        _ => false,
    }
}

/// A body that the endpoint understands; none for those that name nobody or are looked at by themselves.
fn body_of(method: &str, route: &str, member: &str) -> Option<Value> {
    let reason = json!({ "points": "1", "reason": "r", "operator": "o" });
    let status = json!({ "status": "blocked", "reason": "r", "operator": "o" });
    let cart =
        json!({ "member": member, "lines": [{ "id": "1", "sku": "b", "quantity": "1", "price": "1.00" }] });
    let exchange = json!({ "return": { "all": true }, "order": { "order_id": "B", "lines": cart["lines"] } });
    let all = json!({ "all": true });
    let change = json!({ "code": "G1", "blocked": true, "reason": "r", "operator": "o" });
    if is_of_messages(method, route) {
        return None;
    }
    if let Some(body) = of_operators(method, route, member) {
        return Some(body);
    }
    Some(match (method, route) {
        // These name nobody: what they answer is looked at below.
        (
            "GET",
            "/v1/rewards"
            | "/v1/program/versions"
            | "/v1/program/versions/{number}"
            | "/v1/program/difference"
            | "/v1/program/drafts"
            | "/v1/segments"
            | "/v1/accruals"
            | "/v1/program/drafts/{name}"
            | "/v1/program/drafts/{name}/difference",
        )
        | ("PUT" | "DELETE", "/v1/program/drafts/{name}") => {
            return None;
        }
        ("POST", "/v1/program/check" | "/v1/program/versions") => return None,
        ("POST", "/v1/senders/{channel}/test") => json!({ "to": "+79123456789" }),
        ("GET", "/v1/events/stream") | ("GET" | "POST", "/v1/webhook-endpoints") => return None,
        ("POST", "/v1/webhook-endpoints/{id}/replay") => json!({ "skip": true }),
        ("PATCH", "/v1/webhook-endpoints/{id}") => json!({ "enabled": false }),
        ("POST", "/v1/referrals/visits") => {
            json!({ "referral": member.trim_start_matches("m_"), "visitor": "v" })
        }
        ("POST", "/v1/members/{id}/offers/{offer}/withdraw") => json!({ "operator": "o", "reason": "r" }),
        ("POST", "/v1/members/{id}/claims") => json!({ "reward": "mug" }),
        ("POST", "/v1/members/{id}/claims/settle") => {
            json!({ "claim": 1, "handed_over": true, "operator": "o" })
        }
        ("GET", "/v1/reports/expiring" | "/v1/reports/fraud") => return None,
        ("GET", "/v1/program" | "/v1/clock" | "/v1/products" | "/v1/campaigns" | "/v1/gift-cards/left") => {
            return None;
        }
        // The other program has none to issue.
        ("POST", "/v1/gift-cards") => return None,
        ("POST", "/v1/gift-cards/lookup") => json!({ "code": "G1" }),
        ("POST", "/v1/gift-cards/change") => change,
        ("POST", "/v1/clock" | "/v1/members") | ("PUT", "/v1/products") => return None,
        // The same order id in another program is another order.
        ("PUT" | "POST", "/v1/orders/{order_id}" | "/v1/orders/{order_id}/cancel") => return None,
        ("POST", "/v1/members/lookup") => json!({ "id": member }),
        ("PATCH", "/v1/coupons/{code}") => json!({ "blocked": true }),
        ("POST", "/v1/campaigns/{id}/codes") => json!({ "count": 1 }),
        ("PATCH", _) => json!({ "name": "x" }),
        ("POST", "/v1/members/{id}/adjustments") => reason,
        ("POST", "/v1/members/{id}/status") => status,
        ("POST", "/v1/transfers") => json!({ "from": member, "to": member, "points": "1" }),
        ("POST", "/v1/events") => json!({ "member": member, "event": "review" }),
        ("POST", "/v1/earnings") => json!({ "member": member, "items": [{ "sku": "secret" }] }),
        ("POST", "/v1/quote") => cart,
        ("POST", "/v1/orders/{order_id}/exchange") => exchange,
        ("POST", _) => all,
        _ => json!({}),
    })
}

#[tokio::test]
async fn a_key_of_one_shop_reaches_no_order_of_another() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    app.order("A", &member, "paid", "1000.00").await.ok();
    let north = app.key_for(app.program, "north", &["all"]).await;
    app.ask(Method::GET, "/v1/orders/A").key(&north).send().await.refused(404, "order_unknown");
    let answer = app.ask(Method::GET, "/v1/orders/A?shop=main").key(&north).send().await;
    answer.refused(403, "shop_of_another_key");
    // The members are the program's.
    app.ask(Method::GET, "/v1/members/ext:1").key(&north).send().await.ok();
}

/// The one program has a gift card.
async fn has_no_money(app: &TestApp, key: &str) {
    let left = app.ask(Method::GET, "/v1/gift-cards/left").key(key).send().await.ok();
    assert_eq!(left.text_at("/balance"), "0.00");
}

/// Identifiers of the one program are unknown in the other.
async fn names_nobody(app: &TestApp, key: &str) {
    for identifier in
        [json!({ "ext": "42" }), json!({ "phone": "+79123456789" }), json!({ "card": "2000000000008" })]
    {
        let ask = app.ask(Method::POST, "/v1/members/lookup").key(key).json(&identifier);
        ask.send().await.refused(404, "member_unknown");
    }
}

/// The one program has an endpoint and events, the other has neither.
async fn names_no_event(app: &TestApp, key: &str) {
    assert!(app.get("/v1/events/stream").await.ok().body["data"].as_array().unwrap().len() > 1);
    let answer = app.ask(Method::GET, "/v1/events/stream").key(key).send().await.ok();
    assert_eq!(answer.body["data"], json!([]), "{}", answer.text);
    let answer = app.ask(Method::GET, "/v1/webhook-endpoints").key(key).send().await.ok();
    assert_eq!(answer.body["endpoints"], json!([]), "{}", answer.text);
}

/// Each report has a row of the one program and none of the other.
async fn reports_name_nobody(app: &TestApp, key: &str) {
    for (report, list) in [("expiring?within_days=366", "members"), ("fraud?day=2026-03-01", "flagged")] {
        let path = format!("/v1/reports/{report}");
        let own = app.report(&path).await;
        assert_eq!(own.body[list].as_array().unwrap().len(), 1, "{}", own.text);
        let answer = app.ask(Method::GET, &path).key(key).send().await.ok();
        assert_eq!((&answer.body[list], &answer.body["next"]), (&json!([]), &Value::Null));
    }
}
