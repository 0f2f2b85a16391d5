//! Points between members, as a caller sees them.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use kopilka_core::ids::EntryId;
use kopilka_service::relay::relayed;
use serde_json::{Value, json};

const TRANSFERS: &str = "/v1/transfers";

/// The sports shop, which lets its buyers give points to each other; two of them with their welcome.
async fn app() -> TestApp {
    let app = TestApp::with(&format!("{SPORTS}transfers: {{ min_points: 10, max_points: 1000 }}\n")).await;
    for (ext, phone) in [("1", "+79123456789"), ("2", "+79123456780")] {
        app.post("/v1/members", &json!({ "ext": ext, "phones": [phone] })).await.ok();
    }
    app
}

fn transfer(points: &str) -> Value {
    json!({ "from": "ext:1", "to": { "phone": "8 912 345 67 80" }, "points": points })
}

/// Hands over what the entry brings about; answers the other member's entry.
async fn hand_over(app: &TestApp, entry: &str) -> String {
    let (program, id) = (app.program, EntryId::parse(entry).unwrap());
    let row = app.service.read(move |r| r.entry(program, id)).await.unwrap().unwrap();
    let done = app.service.write(relayed(&row).unwrap()).await.unwrap();
    done.entry.unwrap().to_string()
}

#[tokio::test]
async fn points_sent_leave_the_sender_and_both_sides_explain_themselves() {
    let app = app().await;
    let ask = app.ask(Method::POST, "/v1/transfers?explain=true").json(&transfer("300")).idempotent("t");
    let sent = ask.send().await.ok();
    assert_eq!(sent.status.as_u16(), 201);
    assert_eq!((sent.balance(), sent.text_at("/points")), (["200", "0", "0", "0"], "300"));
    let ids = ["ext:1", "ext:2"].map(|ext| format!("/v1/members/{ext}"));
    let [from, to] = [app.get(&ids[0]).await.ok(), app.get(&ids[1]).await.ok()];
    assert_eq!(sent.text_at("/from"), from.text_at("/id"));
    assert_eq!(sent.text_at("/to"), to.text_at("/id"));
    let steps: Vec<_> = sent.body["trace"].as_array().unwrap().iter().map(|s| s["step"].clone()).collect();
    assert_eq!(steps, ["transfer_limit", "points_taken"]);

    let entry = sent.text_at("/entry").to_owned();
    let why = app.get(&format!("/v1/entries/{entry}/explain")).await.ok();
    assert_eq!((why.text_at("/cause"), why.text_at("/movements/0/kind")), ("transfer", "transfer_sent"));
    let to_id = sent.text_at("/to");
    let told = format!("300 bonuses sent to member {to_id}.");
    assert_eq!(why.text_at("/movements/0/words").replace('\u{a0}', " "), told);
    let posting = json!([{ "from": "available", "to": "transferred", "points": "300" }]);
    assert_eq!(why.body["movements"][0]["postings"], posting);

    let received = hand_over(&app, &entry).await;
    let ask =
        app.ask(Method::GET, &format!("/v1/entries/{received}/explain")).header("accept-language", "ru");
    let why = ask.send().await.ok();
    assert_eq!(why.text_at("/cause"), "transfer_received");
    let told = format!("Получено от участника {}: 300 бонусов.", sent.text_at("/from"));
    assert_eq!(why.text_at("/movements/0/words").replace('\u{a0}', " "), told);
    let lots = app.get("/v1/members/ext:2/lots").await.ok();
    assert_eq!(lots.balance(), ["800", "0", "0", "0"]);
    let sources: Vec<_> = lots.body["lots"].as_array().unwrap().iter().map(|l| l["source"].clone()).collect();
    assert_eq!(sources, ["welcome", "transfer"]);
    let lifetimes = [app.get("/v1/members/ext:1/lots").await.ok(), lots];
    assert_eq!(
        lifetimes
            .map(|l| (l.text_at("/lifetime/sent").to_owned(), l.text_at("/lifetime/received").to_owned())),
        [("300".to_owned(), "0".to_owned()), ("0".to_owned(), "300".to_owned())]
    );
}

#[tokio::test]
async fn a_declined_transfer_says_why_and_comes_back() {
    let app = app().await;
    let block = json!({ "status": "blocked", "reason": "fraud", "operator": "olga" });
    app.post("/v1/members/ext:2/status", &block).await.ok();
    let sent = app.post(TRANSFERS, &transfer("300")).await.ok();
    let declined = hand_over(&app, sent.text_at("/entry")).await;
    let why = app.get(&format!("/v1/entries/{declined}/explain")).await.ok();
    assert_eq!((why.text_at("/cause"), why.text_at("/trace/0/why")), ("transfer_declined", "blocked"));
    assert_eq!(why.body["movements"][0]["postings"], Value::Null, "nothing moved here");
    let back = hand_over(&app, &declined).await;
    let why = app.get(&format!("/v1/entries/{back}/explain")).await.ok();
    assert_eq!(why.text_at("/cause"), "transfer_returned");
    assert_eq!(app.get("/v1/members/ext:1/lots").await.ok().balance(), ["500", "0", "0", "0"]);
}

#[tokio::test]
async fn a_repeated_transfer_is_one() {
    let app = app().await;
    let bare = app.ask(Method::POST, TRANSFERS).json(&transfer("300")).send().await;
    bare.refused(400, "idempotency_key_required");
    let ask = |points: &'static str| {
        app.ask(Method::POST, TRANSFERS).json(&transfer(points)).idempotent("t").send()
    };
    let (first, again) = (ask("300").await.ok(), ask("300").await.ok());
    assert_eq!(first.text, again.text);
    assert_eq!(again.headers["idempotent-replayed"], "true");
    ask("301").await.refused(422, "idempotency_conflict");
    assert_eq!(app.get("/v1/members/ext:1/lots").await.ok().balance(), ["200", "0", "0", "0"]);
}

#[tokio::test]
async fn transfers_are_refused_in_their_own_words() {
    let app = app().await;
    let with = |name: &str, value: Value| {
        let mut body = transfer("300");
        body[name] = value;
        body
    };
    let other = app.publish(&SPORTS.replace("program: sports", "program: other")).await;
    let key = app.key_for(other, "main", &["all"]).await;
    let ask = app.ask(Method::POST, "/v1/members").key(&key).idempotent("m").json(&json!({ "ext": "1" }));
    let foreign = ask.send().await.ok().text_at("/member").to_owned();
    let rows: [(Value, u16, &str, &str); 11] = [
        (with("points", json!("0")), 422, "points_out_of_range", ""),
        (with("points", json!("-20")), 422, "points_out_of_range", ""),
        (with("points", json!(20)), 422, "decimal_as_number", "/points"),
        (with("points", json!("9")), 422, "transfer_below_minimum", ""),
        (with("points", json!("1001")), 422, "transfer_above_maximum", ""),
        (with("points", json!("501")), 409, "insufficient_points", ""),
        (with("to", json!("ext:1")), 422, "transfer_to_self", ""),
        (with("to", json!("ext:3")), 404, "member_unknown", "/to"),
        (with("to", json!(foreign)), 404, "member_unknown", "/to"),
        (with("from", json!("ext:3")), 404, "member_unknown", "/from"),
        (with("fee", json!("1")), 422, "unknown_field", "/fee"),
    ];
    for (body, status, code, pointer) in rows {
        let answer = app.post(TRANSFERS, &body).await.refused(status, code);
        assert_eq!(answer.body["pointer"].as_str().unwrap_or_default(), pointer, "{}", answer.text);
    }
    let below = app.post(TRANSFERS, &with("points", json!("9"))).await;
    assert_eq!(below.text_at("/minimum"), "10");
    let above = app.post(TRANSFERS, &with("points", json!("1001"))).await;
    assert_eq!(above.text_at("/maximum"), "1000");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let ask = app.ask(Method::POST, TRANSFERS).key(&till).idempotent("t").json(&transfer("300"));
    ask.send().await.refused(403, "scope_missing");
    // Transfers are off in a program that does not speak of them.
    let plain = TestApp::new().await;
    plain.member("1").await;
    plain.member("2").await;
    plain.post(TRANSFERS, &with("to", json!("ext:2"))).await.refused(422, "transfers_off");
}
