//! Consents and segments as a caller sees them.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
control_group: { share: 10 }
attributes: [{ id: group, kind: text }]
segments:
  - { id: near, name: { en: Neighbours, ru: Соседи }, if: { any: [{ region: [Тверь] }, { language: en }] } }
rules:
  - { id: heard, when: member.subscribed, then: [{ credit: { points: 100 } }] }
"#;

async fn app() -> TestApp {
    let app = TestApp::with(SHOP).await;
    app.post("/v1/members", &json!({ "ext": "1", "region": "Тверь", "language": "ru" })).await.ok();
    app
}

fn consent(channel: &str) -> Value {
    json!({ "purpose": "marketing", "channel": channel, "text_version": "2026-02", "source": "checkout",
        "ip": "192.0.2.7", "user_agent": "a".repeat(400), "proof": "code-17" })
}

#[tokio::test]
async fn a_consent_is_kept_with_its_proof_until_it_is_taken_back() {
    let app = app().await;
    let path = "/v1/members/ext:1/consents";
    let personal = json!({ "purpose": "personal_data", "at": "2026-02-01T10:00:00Z" });
    let asked = json!({ "consents": [consent("email"), consent("sms"), personal] });
    let given = app.post(path, &asked).await.ok();
    assert_eq!((given.text_at("/points"), given.balance()), ("100", ["100", "0", "0", "0"]));
    let member = app.get("/v1/members/ext:1").await.ok();
    assert_eq!(member.body["subscribed"], json!(["email", "sms"]));
    let kept = app.get(path).await.ok();
    assert_eq!(kept.body["live"].as_array().unwrap().len(), 3);
    assert_eq!(kept.text_at("/records/0/proof"), "code-17");
    assert_eq!(kept.text_at("/records/0/user_agent").len(), 300);
    assert_eq!(kept.text_at("/records/2/at"), "2026-02-01T10:00:00Z");

    let gone =
        app.post(&format!("{path}/withdraw"), &json!({ "channel": "sms", "source": "STOP" })).await.ok();
    let channels: Vec<&Value> =
        gone.body["live"].as_array().unwrap().iter().filter_map(|c| c.get("channel")).collect();
    assert_eq!(channels, [&json!("email")]);
    assert_eq!(gone.body["records"][3]["given"], json!(false));
    assert_eq!(gone.text_at("/records/3/source"), "STOP");
    // Nothing holds by that channel any longer: nothing more is recorded.
    let again = app.post(&format!("{path}/withdraw"), &json!({ "channel": "sms" })).await.ok();
    assert_eq!(again.body["records"].as_array().unwrap().len(), 4);
    let all = app.post(&format!("{path}/withdraw"), &json!({})).await.ok();
    assert_eq!(all.body["live"], json!([]));
    assert!(app.get("/v1/members/ext:1").await.ok().body.get("subscribed").is_none());
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert!(!entries.text.contains("192.0.2.7") && entries.text.contains("Subscribed to email."));
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let app = app().await;
    let path = "/v1/members/ext:1/consents";
    let one = |consent: Value| json!({ "consents": [consent] });
    app.post(path, &one(json!({ "purpose": "marketing" }))).await.refused(422, "consent_channel");
    let channel = json!({ "purpose": "profiling", "channel": "email" });
    app.post(path, &one(channel)).await.refused(422, "consent_channel");
    let future = json!({ "purpose": "profiling", "at": "2199-01-01T00:00:00Z" });
    app.post(path, &one(future)).await.refused(422, "consent_time");
    app.post(path, &one(json!({ "purpose": "fun" }))).await.refused(422, "wrong_type");
    let many = json!({ "consents": vec![consent("sms"); 201] });
    let full = app.post(path, &many).await.refused(409, "too_many_consents");
    assert_eq!(full.text_at("/consents"), "0");
    app.post("/v1/members/ext:9/consents", &one(consent("sms"))).await.refused(404, "member_unknown");
}

#[tokio::test]
async fn segments_are_told_in_words_and_listed_by_pages() {
    let app = app().await;
    for ext in ["2", "3"] {
        app.post("/v1/members", &json!({ "ext": ext })).await.ok();
    }
    app.ask(Method::PATCH, "/v1/members/ext:3").json(&json!({ "language": "en-GB" })).send().await.ok();
    let list = app.get("/v1/segments").await.ok();
    assert_eq!(list.text_at("/segments/0/name"), "Neighbours");
    assert_eq!(
        list.text_at("/segments/0/words"),
        "the member's region is Тверь or the member's language is en"
    );
    assert_eq!(list.text_at("/control_group/share"), "10");
    let belongs = app.get("/v1/members/ext:1/segments").await.ok();
    assert_eq!(belongs.body["segments"], json!(["near"]));
    assert!(belongs.body["control_group"].is_boolean());
    let mut found = Vec::new();
    let mut address = "/v1/segments/near/members?limit=1".to_owned();
    loop {
        let page = app.get(&address).await.ok();
        found.extend(page.body["members"].as_array().unwrap().clone());
        let Some(next) = page.body.get("next") else { break };
        address = format!("/v1/segments/near/members?limit=1&cursor={}", next.as_str().unwrap());
    }
    let id = |ext: &str| format!("/v1/members/ext:{ext}");
    let mut wanted = Vec::new();
    for ext in ["1", "3"] {
        wanted.push(app.get(&id(ext)).await.ok().body["id"].clone());
    }
    assert_eq!(found, wanted);
    app.get("/v1/segments/far/members").await.refused(404, "segment_unknown");
    app.get("/v1/segments/near/members?cursor=1").await.refused(400, "cursor_invalid");
}

#[tokio::test]
async fn a_key_needs_the_scope_of_each_part() {
    let app = app().await;
    let key = app.key_for(app.program, "", &["members:write", "members:read"]).await;
    let ask = |method: Method, path: &str| app.ask(method, path).key(&key);
    let region = json!({ "region": "Тверь" });
    let refused = ask(Method::PATCH, "/v1/members/ext:1").json(&region).send().await;
    assert_eq!(refused.refused(403, "scope_missing").text_at("/scope"), "attributes:write");
    let joined = json!({ "ext": "5", "consents": [consent("sms")] });
    let refused = ask(Method::POST, "/v1/members").idempotent("j").json(&joined).send().await;
    assert_eq!(refused.refused(403, "scope_missing").text_at("/scope"), "consents:write");
    let give = json!({ "consents": [consent("sms")] });
    let refused = ask(Method::POST, "/v1/members/ext:1/consents").idempotent("k").json(&give).send().await;
    refused.refused(403, "scope_missing");
}
