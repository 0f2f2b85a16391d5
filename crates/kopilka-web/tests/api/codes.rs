//! One-time codes and member tokens as callers see them.

use crate::support::{Answer, SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

async fn app() -> TestApp {
    TestApp::with(&SPORTS.replace("spending: { ", "spending: { confirm_with_code: always, ")).await
}

async fn anna(app: &TestApp) -> String {
    let person = json!({ "ext": "1", "phones": ["+79123456789"], "emails": ["anna@example.com"] });
    app.post("/v1/members", &person).await.ok().text_at("/member").to_owned()
}

fn cart(member: &str, points: Value) -> Value {
    json!({
        "status": "placed", "member": member, "pricing": "engine", "points": points,
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "2000.00" }],
    })
}

async fn send(app: &TestApp, key: &str, method: Method, path: &str, body: &Value) -> Answer {
    app.ask(method, path).key(key).json(body).idempotent(&app.fresh_key()).send().await
}

#[tokio::test]
async fn points_are_spent_after_the_code_was_told() {
    let app = app().await;
    let member = anna(&app).await;
    let points = json!({ "mode": "exact", "amount": "300" });
    let mut quoted = cart(&member, points.clone());
    quoted.as_object_mut().unwrap().remove("status");
    let quote = app.post("/v1/quote", &quoted).await.ok();
    assert_eq!((quote.text_at("/points_used"), &quote.body["code_required"]), ("300", &json!(true)));
    let ask =
        app.ask(Method::PUT, "/v1/orders/A").json(&cart(&member, points)).header("accept-language", "ru");
    let refused = ask.send().await.refused(409, "code_required");
    assert_eq!(refused.text_at("/points"), "300");
    assert!(refused.text_at("/detail").contains("300\u{a0}бонусов"), "{}", refused.text);

    let wanted = json!({ "member": member, "order_id": "A", "points": "300", "send": false });
    let made = app.post("/v1/codes", &wanted).await.ok();
    assert_eq!((made.text_at("/channel"), made.text_at("/to")), ("sms", "···6789"));
    assert_eq!((made.text_at("/address"), made.text_at("/code").len()), ("+79123456789", 6));
    app.post("/v1/codes", &wanted).await.refused(429, "code_too_soon");
    let (id, code) = (made.text_at("/id").to_owned(), made.text_at("/code").to_owned());
    let wrong = json!({ "id": id, "code": "wrong" });
    let left = app.post("/v1/codes/verify", &wrong).await.refused(422, "code_wrong");
    assert_eq!(left.text_at("/left"), "4");
    let told = app.post("/v1/codes/verify", &json!({ "id": id, "code": code })).await.ok();
    assert_eq!((told.text_at("/member"), told.text_at("/points")), (member.as_str(), "300"));
    let body = cart(&member, json!({ "mode": "exact", "amount": "300", "code": id }));
    let placed = app.put("/v1/orders/A", &body).await.ok();
    assert_eq!(placed.balance(), ["200", "0", "300", "0"]);
    assert_eq!(app.put("/v1/orders/A", &body).await.ok().body["unchanged"], json!(true));
}

#[tokio::test]
async fn whoever_cannot_see_a_code_cannot_have_it_shown() {
    let app = app().await;
    let member = anna(&app).await;
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let wanted = json!({ "member": member, "order_id": "A", "points": "300" });
    let shown = json!({ "member": member, "order_id": "A", "points": "300", "send": false });
    let codes = "/v1/codes";
    let refused = send(&app, &till, Method::POST, codes, &shown).await.refused(403, "scope_missing");
    assert_eq!(refused.text_at("/scope"), "codes:reveal");
    send(&app, &till, Method::POST, codes, &wanted).await.refused(409, "code_no_sender");
    for (body, status, code) in [
        (json!({ "send": false }), 422, "code_form_invalid"),
        (json!({ "phone": "+79123456789", "email": "a@b.c", "send": false }), 422, "code_form_invalid"),
        (json!({ "member": member, "points": "5", "send": false }), 422, "code_form_invalid"),
        (json!({ "member": member, "order_id": "A", "points": "0", "send": false }), 422, "out_of_range"),
        (json!({ "member": "ext:9", "order_id": "A", "points": "5", "send": false }), 404, "member_unknown"),
        (json!({ "phone": "911", "send": false }), 422, "invalid_identifier"),
    ] {
        app.post("/v1/codes", &body).await.refused(status, code);
    }
    app.post("/v1/codes/verify", &json!({ "id": "c_1", "code": "1" })).await.refused(404, "code_unknown");
    app.post("/v1/codes/verify", &json!({ "id": "1", "code": "1" })).await.refused(404, "code_unknown");
    let with = cart(&member, json!({ "mode": "max", "code": "x" }));
    let refused = app.put("/v1/orders/A", &with).await.refused(404, "code_unknown");
    assert_eq!(refused.text_at("/pointer"), "/points/code");
}

#[tokio::test]
async fn a_token_opens_what_is_the_members_own_and_ends() {
    let app = app().await;
    let (member, other) = (anna(&app).await, app.member("2").await);
    let made = app.post(&format!("/v1/members/{member}/tokens"), &json!({ "seconds": 120 })).await.ok();
    assert_eq!(
        (made.text_at("/member"), made.text_at("/expires_at")),
        (member.as_str(), "2026-03-01T09:02:00Z")
    );
    let token = made.text_at("/token").to_owned();
    let get = async |path: String| send(&app, &token, Method::GET, &path, &json!({})).await;
    for own in [
        "",
        "/balance",
        "/lots",
        "/entries",
        "/export",
        "/network",
        "/coupons",
        "/offers",
        "/claims",
        "/consents",
    ] {
        get(format!("/v1/members/{member}{own}")).await.ok();
        get(format!("/v1/members/{other}{own}")).await.refused(403, "member_of_another_token");
    }
    get("/v1/members/ext:1".to_owned()).await.refused(403, "member_of_another_token");
    get(format!("/v1/members/{member}/segments")).await.refused(403, "scope_missing");
    get("/v1/orders/A".to_owned()).await.refused(403, "scope_missing");
    let quote = "/v1/quote";
    let mut body = cart(&member, json!({ "mode": "max" }));
    body.as_object_mut().unwrap().remove("status");
    body.as_object_mut().unwrap().remove("member");
    let quoted = send(&app, &token, Method::POST, quote, &body).await.ok();
    assert_eq!((quoted.text_at("/member"), quoted.text_at("/points_used")), (member.as_str(), "400"));
    body["member"] = json!(other);
    send(&app, &token, Method::POST, quote, &body).await.refused(403, "member_of_another_token");
    let withdraw = format!("/v1/members/{member}/consents/withdraw");
    send(&app, &token, Method::POST, &withdraw, &json!({})).await.ok();
    for (method, path) in [
        (Method::PATCH, format!("/v1/members/{member}")),
        (Method::DELETE, format!("/v1/members/{member}")),
        (Method::POST, format!("/v1/members/{member}/adjustments")),
        (Method::POST, format!("/v1/members/{member}/tokens")),
        (Method::POST, "/v1/codes".to_owned()),
        (Method::PUT, "/v1/orders/A".to_owned()),
    ] {
        send(&app, &token, method, &path, &json!({})).await.refused(403, "scope_missing");
    }
    app.at("2026-03-01T12:02:00+03:00").await;
    get(format!("/v1/members/{member}/balance")).await.refused(401, "key_unknown");
    let changed = token.replace("kmt_A", "kmt_B");
    send(&app, &changed, Method::GET, "/v1/members/x", &json!({})).await.refused(401, "key_unknown");
    for seconds in [59, 3_601] {
        let body = json!({ "seconds": seconds });
        let refused = app.post(&format!("/v1/members/{member}/tokens"), &body).await;
        assert_eq!(refused.refused(422, "out_of_range").text_at("/pointer"), "/seconds");
    }
}

/// The id of a code that was told, by the shop's own key.
async fn confirmed(app: &TestApp, what: Value) -> String {
    let mut asked = what;
    asked["send"] = json!(false);
    let made = app.post("/v1/codes", &asked).await.ok();
    let told = json!({ "id": made.text_at("/id"), "code": made.text_at("/code") });
    app.post("/v1/codes/verify", &told).await.ok().text_at("/id").to_owned()
}

async fn token_of(app: &TestApp, member: &str) -> String {
    let made = app.post(&format!("/v1/members/{member}/tokens"), &json!({})).await.ok();
    made.text_at("/token").to_owned()
}

#[tokio::test]
async fn a_member_changes_the_phone_by_codes_to_the_old_one_and_the_new() {
    let app = app().await;
    let member = anna(&app).await;
    app.post("/v1/members", &json!({ "ext": "2", "phones": ["+79120000002"] })).await.ok();
    let old = confirmed(&app, json!({ "member": member, "phone": "8 912 345-67-89" })).await;
    let new = confirmed(&app, json!({ "member": member, "phone": "+79999999999" })).await;
    let taken = confirmed(&app, json!({ "member": member, "phone": "+79120000002" })).await;
    let signed_in = confirmed(&app, json!({ "email": "anna@example.com" })).await;
    let token = token_of(&app, &member).await;
    let path = format!("/v1/members/{member}/addresses");
    let change = async |body: Value| send(&app, &token, Method::POST, &path, &body).await;
    let phone = "8 (999) 999-99-99";
    change(json!({ "phone": phone, "codes": [new] })).await.refused(403, "code_of_another");
    change(json!({ "phone": phone, "codes": [new, signed_in] })).await.refused(403, "code_of_another");
    change(json!({ "codes": [new, old] })).await.refused(422, "address_form_invalid");
    let many = vec![new.clone(); 5];
    change(json!({ "phone": phone, "codes": many })).await.refused(422, "too_many_items");
    let refused = change(json!({ "phone": phone, "codes": [new, "c_"] })).await.refused(404, "code_unknown");
    assert_eq!(refused.text_at("/pointer"), "/codes/1");
    let other = json!({ "phone": "+79120000002", "codes": [taken, old] });
    change(other).await.refused(409, "identifier_taken");
    for _ in 0..2 {
        let changed = change(json!({ "phone": phone, "codes": [new, old] })).await.ok();
        assert_eq!(changed.body["phones"], json!(["+79999999999"]), "{}", changed.text);
    }
    let gone = app.post("/v1/members/lookup", &json!({ "phone": "+79123456789" })).await;
    gone.refused(404, "member_unknown");
    for body in [
        json!({ "member": member, "phone": "+79123456789", "order_id": "A", "send": false }),
        json!({ "member": member, "phone": "+79123456789", "email": "a@b.c", "send": false }),
    ] {
        app.post("/v1/codes", &body).await.refused(422, "code_form_invalid");
    }
}

#[tokio::test]
async fn a_page_does_not_tell_the_card_that_shows_whose_an_email_is() {
    let app = app().await;
    let person = json!({ "emails": ["anna@example.com"], "cards": ["2000000000008"] });
    let member = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    let codes = [
        confirmed(&app, json!({ "member": member, "phone": "+79999999999" })).await,
        confirmed(&app, json!({ "member": member, "email": "anna@example.com" })).await,
    ];
    let token = token_of(&app, &member).await;
    let seen = send(&app, &token, Method::GET, &format!("/v1/members/{member}"), &json!({})).await.ok();
    assert_eq!(seen.body["cards"], json!(["···08"]));
    let path = format!("/v1/members/{member}/export");
    let told = send(&app, &token, Method::GET, &path, &json!({})).await.ok();
    assert!(!told.text.contains("2000000000008"), "{}", told.text);
    let by_key = app.get(&format!("/v1/members/{member}")).await.ok();
    assert_eq!(by_key.body["cards"], json!(["2000000000008"]));
    let path = format!("/v1/members/{member}/addresses");
    let change = async |card: &str| {
        let body = json!({ "phone": "+79999999999", "codes": codes, "card": card });
        send(&app, &token, Method::POST, &path, &body).await
    };
    // What is no card is no guess; five that are others' are enough.
    change("1").await.refused(422, "invalid_identifier");
    for _ in 0..5 {
        change("4006381333931").await.refused(403, "code_of_another");
    }
    change("2000000000008").await.refused(429, "too_many_guesses");
    let body = json!({ "phone": "+79999999999", "codes": codes, "card": "2000000000008" });
    app.post(&path, &body).await.refused(429, "too_many_guesses");
}

#[tokio::test]
async fn a_till_registers_members_and_changes_nobodys_phone() {
    let app = app().await;
    let member = anna(&app).await;
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let patch = async |key: &str, member: &str, body: Value| {
        app.ask(Method::PATCH, &format!("/v1/members/{member}")).key(key).json(&body).send().await
    };
    for body in [
        json!({ "phones": ["+79990000000"] }),
        json!({ "phones": ["+79123456789", "+79990000000"] }),
        json!({ "phones": [] }),
        json!({ "emails": ["other@example.com"] }),
        json!({ "cards": ["2000000000008"] }),
        json!({ "ext": "another" }),
        json!({ "ext": null }),
    ] {
        let refused = patch(&till, &member, body).await.refused(403, "scope_missing");
        assert_eq!(refused.text_at("/scope"), "members:identify");
    }
    // What it knows already may be told again, and what is no identifier is changed as before.
    patch(&till, &member, json!({ "phones": ["8 912 345-67-89"], "name": "Anna" })).await.ok();
    // Somebody claims a card: nobody's codes are gone round.
    let card = json!({ "cards": ["2000000000008"] });
    let claimed = send(&app, &till, Method::POST, "/v1/members", &card).await.ok();
    let claimed = claimed.text_at("/member").to_owned();
    let both = json!({ "phones": ["+79990000000"], "cards": ["4006381333931"] });
    patch(&till, &claimed, both).await.refused(403, "scope_missing");
    patch(&till, &claimed, json!({ "phones": ["+79990000000"] })).await.ok();
    patch(&till, &claimed, json!({ "emails": ["a@b.c"] })).await.refused(403, "scope_missing");
    let desk = app.key_for(app.program, "main", &["members:write", "members:identify"]).await;
    let changed = patch(&desk, &claimed, json!({ "phones": ["+79990000001"] })).await.ok();
    assert_eq!(changed.body["phones"], json!(["+79990000001"]));
}

#[tokio::test]
async fn a_code_is_unknown_to_every_key_but_its_own() {
    let app = app().await;
    let member = anna(&app).await;
    let wanted = json!({ "member": member, "order_id": "A", "points": "300", "send": false });
    let made = app.post("/v1/codes", &wanted).await.ok();
    let told = json!({ "id": made.text_at("/id"), "code": made.text_at("/code") });
    let other = app.key_for(app.program, "main", &["all"]).await;
    let verify = "/v1/codes/verify";
    send(&app, &other, Method::POST, verify, &told).await.refused(404, "code_unknown");
    app.post(verify, &told).await.ok();
}

#[tokio::test]
async fn a_token_ends_with_its_account_and_opens_no_other() {
    let app = app().await;
    let (one, two) = (anna(&app).await, app.member("2").await);
    let token = token_of(&app, &one).await;
    let path = format!("/v1/members/{one}/balance");
    send(&app, &token, Method::GET, &path, &json!({})).await.ok();
    let merge = json!({ "into": two, "operator": "olga", "reason": "one person" });
    app.post(&format!("/v1/members/{one}/merge"), &merge).await.ok();
    let quote = json!({ "lines": [{ "id": "1", "sku": "b", "quantity": "1", "price": "1.00" }] });
    for (method, path, body) in [(Method::GET, path.as_str(), json!({})), (Method::POST, "/v1/quote", quote)]
    {
        send(&app, &token, method, path, &body).await.refused(401, "key_unknown");
    }
    // The old id leads to the account that stays, and so does a new token of it.
    let token = token_of(&app, &one).await;
    send(&app, &token, Method::GET, &format!("/v1/members/{two}/balance"), &json!({})).await.ok();
}

#[tokio::test]
async fn a_page_does_not_learn_which_orders_there_are() {
    let app = app().await;
    let (member, other) = (anna(&app).await, app.member("2").await);
    app.order("theirs", &other, "placed", "1000.00").await.ok();
    let token = token_of(&app, &member).await;
    let mut body = cart(&member, json!({ "mode": "max" }));
    body.as_object_mut().unwrap().remove("status");
    let mut quoted = async |id: &str, key: &str| {
        body["order_id"] = json!(id);
        send(&app, key, Method::POST, "/v1/quote", &body).await
    };
    let (theirs, nobodys) = (quoted("theirs", &token).await.ok(), quoted("nobodys", &token).await.ok());
    assert_eq!(theirs.text.replace("theirs", "nobodys"), nobodys.text);
    quoted("theirs", &app.key).await.refused(409, "order_of_another_member");
}

#[tokio::test]
async fn a_card_that_nobody_has_claimed_earns_and_does_not_spend() {
    let app = TestApp::with(&SPORTS.replace("spending: { ", "spending: { contact_needed: true, ")).await;
    let card = json!({ "card": "2000000000008" });
    app.post("/v1/members", &json!({ "cards": ["2000000000008"] })).await.ok();
    let mut exact = cart("", json!({ "mode": "exact", "amount": "300" }));
    exact["member"] = card.clone();
    app.put("/v1/orders/A", &exact).await.refused(409, "contact_needed");
    let mut quoted = exact.clone();
    quoted.as_object_mut().unwrap().remove("status");
    quoted["points"] = json!({ "mode": "max" });
    let quote = app.post("/v1/quote", &quoted).await.ok();
    assert_eq!((quote.text_at("/points_used"), &quote.body["contact_needed"]), ("0", &json!(true)));
    assert_eq!((quote.text_at("/spending/limit"), quote.text_at("/earn_total")), ("0", "100"));
    let found = app.post("/v1/members/lookup", &card).await.ok();
    let path = format!("/v1/members/{}", found.text_at("/member/id"));
    app.ask(Method::PATCH, &path).json(&json!({ "phones": ["+79123456789"] })).send().await.ok();
    let quote = app.post("/v1/quote", &quoted).await.ok();
    assert_eq!((quote.text_at("/points_used"), quote.body.get("contact_needed")), ("400", None));
    assert_eq!(app.put("/v1/orders/A", &exact).await.ok().balance(), ["200", "0", "300", "0"]);
}
