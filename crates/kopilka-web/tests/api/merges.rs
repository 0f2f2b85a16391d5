//! Two accounts of one person, as an operator merges them.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

async fn app() -> TestApp {
    let app = TestApp::with(&format!("{SPORTS}approval: {{ merge_above: 1000 }}\n")).await;
    for (ext, phone) in [("1", "+79123456789"), ("2", "+79123456780")] {
        app.post("/v1/members", &json!({ "ext": ext, "phones": [phone] })).await.ok();
    }
    app
}

fn merge(into: &str, operator: &str) -> Value {
    json!({ "into": into, "operator": operator, "reason": "the same person" })
}

const PATH: &str = "/v1/members/ext:1/merge";

#[tokio::test]
async fn a_preview_and_the_merge_say_the_same() {
    let app = app().await;
    let [one, two] = [app.get("/v1/members/ext:1").await.ok(), app.get("/v1/members/ext:2").await.ok()];
    app.order("A", one.text_at("/id"), "paid", "1000.00").await.ok();
    let ask = app.ask(Method::POST, "/v1/members/ext:1/merge/preview").json(&json!({ "into": "ext:2" }));
    let told = ask.header("accept-language", "ru").send().await.ok();
    assert_eq!((told.text_at("/member"), told.text_at("/into")), (one.text_at("/id"), two.text_at("/id")));
    assert_eq!((told.text_at("/taken_back"), told.body["orders"].as_u64()), ("500", Some(1)));
    assert_eq!(told.text_at("/balance/available"), "500");
    assert_eq!(told.body["second_person"], false);
    let first = told.text_at("/words/0").replace('\u{a0}', " ");
    assert!(first.starts_with("Принят счёт") && first.contains("550 бонусов"), "{first}");
    assert_eq!(app.get("/v1/members/ext:1").await.ok().text_at("/id"), one.text_at("/id"));

    let done = app.ask(Method::POST, PATH).idempotent("m").json(&merge("ext:2", "olga")).send().await.ok();
    assert_eq!((done.text_at("/state"), done.text_at("/points")), ("merged", "550"));
    let again = app.ask(Method::POST, PATH).idempotent("m").json(&merge("ext:2", "olga")).send().await.ok();
    assert_eq!((&again.text, &again.headers["idempotent-replayed"]), (&done.text, &"true".parse().unwrap()));
    let member = app.get(&format!("/v1/members/{}", one.text_at("/id"))).await.ok();
    assert_eq!(member.text_at("/id"), two.text_at("/id"));
    assert_eq!((member.text_at("/ext"), &member.body["other_exts"]), ("2", &json!(["1"])));
    assert_eq!(member.body["merged"], json!([one.text_at("/id")]));
    assert_eq!(member.text_at("/balance/available"), told.text_at("/balance/available"));
    assert_eq!(member.text_at("/balance/pending"), told.text_at("/balance/pending"));
    // The order is the other's by now, with its whole history; the journal goes on with the old account's.
    let order = app.get("/v1/orders/A").await.ok();
    assert_eq!(order.text_at("/member"), two.text_at("/id"), "{}", order.text);
    let entries = app.get("/v1/members/ext:1/entries?limit=2").await.ok();
    let next = format!("/v1/members/ext:1/entries?limit=50&cursor={}", entries.text_at("/next"));
    let rest = app.get(&next).await.ok();
    let causes = |answer: &Value| {
        let all = answer["entries"].as_array().unwrap().iter();
        all.map(|entry| entry["cause"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(causes(&entries.body), ["account_joined", "register"]);
    assert_eq!(causes(&rest.body), ["merge_settled", "account_left", "order", "register"]);
    let returned = json!({ "all": true });
    let back = app.post("/v1/orders/A/returns", &returned).await.ok();
    assert_eq!(back.text_at("/taken_back"), "50", "{}", back.text);
}

#[tokio::test]
async fn much_is_merged_by_a_second_person_with_another_key() {
    let app = app().await;
    let given = json!({ "points": "600", "reason": "r", "operator": "o" });
    app.post("/v1/members/ext:1/adjustments", &given).await.ok();
    let asked = app.post(PATH, &merge("ext:2", "olga")).await.ok();
    assert_eq!((asked.text_at("/state"), asked.text_at("/points")), ("second_person", "1100"));
    app.post(PATH, &merge("ext:2", "petr")).await.refused(403, "second_person_needed");
    let other = app.key_for(app.program, "main", &["all"]).await;
    let ask = |operator| app.ask(Method::POST, PATH).key(&other).json(&merge("ext:2", operator));
    ask("olga").idempotent("s1").send().await.refused(403, "second_person_needed");
    let done = ask("petr").idempotent("s2").send().await.ok();
    assert_eq!((done.text_at("/state"), done.text_at("/points")), ("merged", "1100"));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let app = app().await;
    let rows = [
        (merge("ext:1", "o"), 409, "merge_with_self"),
        (merge("ext:9", "o"), 404, "member_unknown"),
        (json!({ "into": "ext:2", "operator": "o" }), 422, "missing_field"),
        (json!({ "into": "ext:2", "operator": "o", "reason": "" }), 422, "invalid_text"),
        (json!({ "into": 2, "operator": "o", "reason": "r" }), 422, "wrong_type"),
        (json!({ "into": "ext:2", "operator": "o", "reason": "r", "x": 1 }), 422, "unknown_field"),
    ];
    for (body, status, code) in rows {
        app.post(PATH, &body).await.refused(status, code);
    }
    let unkeyed = app.ask(Method::POST, PATH).json(&merge("ext:2", "o")).send().await;
    unkeyed.refused(400, "idempotency_key_required");
    app.post("/v1/members/ext:9/merge", &merge("ext:2", "o")).await.refused(404, "member_unknown");
    let till = app.key_for(app.program, "main", &["pos"]).await;
    let ask = app.ask(Method::POST, PATH).key(&till).idempotent("t").json(&merge("ext:2", "o"));
    ask.send().await.refused(403, "scope_missing");
}
