//! Events of the shop's own, as its developers tell of them.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

/// The sports shop with its two rules, and one for a review: once a day for each member.
async fn app() -> TestApp {
    let review = "  - id: review
    when: { event: review }
    then: [{ credit: { points: 50 } }]
    limits: { per_member: { times: 1, per: day } }
";
    let text = SPORTS.replacen(
        "rules:\n",
        &format!("events: [{{ id: review, name: {{ en: a review, ru: отзыв }} }}]\nrules:\n{review}"),
        1,
    );
    let app = TestApp::with(&text).await;
    app.member("1").await;
    app
}

fn told(event: &str) -> Value {
    json!({ "member": "ext:1", "event": event })
}

#[tokio::test]
async fn an_event_gives_what_its_rules_say_once_for_each_key() {
    let app = app().await;
    let tell = |key: &'static str| {
        app.ask(Method::POST, "/v1/events?explain=true").json(&told("review")).idempotent(key).send()
    };
    let first = tell("r1").await.ok();
    assert_eq!((first.status.as_u16(), first.text_at("/points")), (201, "50"));
    assert_eq!((first.text_at("/event"), first.balance()), ("review", ["550", "0", "0", "0"]));
    // Told again under its key it is the same event; another one the same day is over the limit.
    assert_eq!(tell("r1").await.ok().balance(), ["550", "0", "0", "0"]);
    let second = tell("r2").await.ok();
    assert_eq!((second.text_at("/points"), second.balance()), ("0", ["550", "0", "0", "0"]));
    let silent = second.body["trace"].as_array().unwrap().iter().any(|step| step["step"] == "rule_silent");
    assert!(silent, "{}", second.text);
    app.at("2026-03-02T12:00:00+03:00").await.ok();
    assert_eq!(tell("r3").await.ok().balance(), ["600", "0", "0", "0"]);

    let entry = first.text_at("/entry").to_owned();
    let why = app.ask(Method::GET, &format!("/v1/entries/{entry}/explain")).header("accept-language", "ru");
    let why = why.send().await.ok();
    assert_eq!((why.text_at("/cause"), why.text_at("/movements/0/kind")), ("event", "happened"));
    assert_eq!(why.text_at("/movements/0/words"), "Событие «отзыв».");
}

#[tokio::test]
async fn what_nobody_declared_or_nobody_is_a_refusal() {
    let app = app().await;
    let refused = app.post("/v1/events", &told("visit")).await.refused(422, "event_unknown");
    assert_eq!(refused.text_at("/event"), "visit");
    let nobody = json!({ "member": "ext:2", "event": "review" });
    app.post("/v1/events", &nobody).await.refused(404, "member_unknown");
    app.post("/v1/events", &json!({ "member": "ext:1" })).await.refused(422, "missing_field");
    let block = json!({ "status": "blocked", "reason": "r", "operator": "o" });
    app.post("/v1/members/ext:1/status", &block).await.ok();
    app.post("/v1/events", &told("review")).await.refused(403, "member_blocked");
    assert_eq!(app.get("/v1/members/ext:1/balance").await.ok().text_at("/available"), "500");
}

#[tokio::test]
async fn what_is_told_with_an_event_decides_and_is_declared() {
    let text = SPORTS.replacen(
        "rules:\n",
        "events: [{ id: review, data: [{ id: stars, kind: number }, { id: source, kind: text, values: [vk] }] }]
achievements: [{ id: critic, counts: { event: review }, goal: 2 }]
profile: [phone, birthday]
rules:
  - { id: good, when: { event: review }, if: { event: { stars: { from: 4 } } }, then: [{ credit: { points: 7 } }] }
  - { id: complete, when: member.profile_completed, then: [{ credit: { points: 3 } }] }
",
        1,
    );
    let app = TestApp::with(&text).await;
    app.member("1").await;
    let tell = |data: Value| json!({ "member": "ext:1", "event": "review", "data": data });
    for (data, points) in [(json!({ "stars": 5, "source": "vk" }), "7"), (json!({ "stars": 3 }), "0")] {
        let told = app.post("/v1/events", &tell(data)).await.ok();
        assert_eq!(told.text_at("/points"), points);
    }
    for wrong in [json!({ "stars": "5" }), json!({ "source": "ok" }), json!({ "colour": 1 })] {
        let refused = app.post("/v1/events", &tell(wrong)).await.refused(422, "event_data_invalid");
        assert_eq!(refused.text_at("/event"), "review");
    }
    let member = app.get("/v1/members/ext:1").await.ok();
    let critic = &member.body["achievements"][0];
    assert_eq!((critic["event"].as_str(), critic["reached"].as_u64()), (Some("review"), Some(1)));
    // The profile: one part is told at first, the other later, and it is rewarded once.
    let change = |body: Value| app.ask(Method::PATCH, "/v1/members/ext:1").json(&body);
    change(json!({ "phones": ["89123456789"] })).idempotent("p1").send().await.ok();
    assert_eq!(app.get("/v1/members/ext:1/balance").await.ok().text_at("/available"), "507");
    change(json!({ "birth_date": "1990-05-10" })).idempotent("p2").send().await.ok();
    change(json!({ "phones": [] })).idempotent("p3").send().await.ok();
    change(json!({ "phones": ["89123456789"] })).idempotent("p4").send().await.ok();
    assert_eq!(app.get("/v1/members/ext:1/balance").await.ok().text_at("/available"), "510");
}
