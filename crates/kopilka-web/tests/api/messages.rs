//! Members are written to through the API, and take their consent back by a link without a key.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// A gateway on this machine that takes everything: its address, and the bodies it was sent.
async fn gateway() -> (String, Arc<Mutex<Vec<Value>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let taken: Arc<Mutex<Vec<Value>>> = Arc::default();
    let all = taken.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let all = all.clone();
            tokio::spawn(async move {
                let mut heard = Vec::new();
                let mut part = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut part).await {
                    heard.extend_from_slice(&part[..count]);
                    let text = String::from_utf8_lossy(&heard).into_owned();
                    let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
                    if let Ok(body) = serde_json::from_str(body) {
                        all.lock().unwrap().push(body);
                        heard.clear();
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{\"id\":\"g-17\"}";
                        stream.write_all(answer).await.unwrap();
                    }
                }
            });
        }
    });
    (url, taken)
}

async fn wait_for(taken: &Arc<Mutex<Vec<Value>>>, count: usize) -> Vec<Value> {
    for _ in 0..400 {
        let now = taken.lock().unwrap().clone();
        if now.len() >= count {
            return now;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("only {:?}", taken.lock().unwrap());
}

fn sender(url: &str) -> Value {
    let body = r#"{"to": {{ digits }}, "text": {{ text }}, "key": {{ secret.key }}}"#;
    json!({ "request": { "url": url, "body": body, "receipt": "/id" }, "secrets": { "key": "k\"1" } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_is_written_to_and_says_no_by_a_link() {
    let app = TestApp::new().await;
    let (url, taken) = gateway().await;
    let put = app.put("/v1/senders/sms", &sender(&url)).await.ok();
    assert_eq!(put.text_at("/request/method"), "POST");
    assert!(!put.text.contains("k\\\"1"), "a secret is not told again");
    assert_eq!(app.get("/v1/senders").await.ok().body["senders"][0], put.body);
    let to = json!({ "to": "8 (912) 345-67-89" });
    let tested = app.post("/v1/senders/sms/test", &to).await.ok();
    assert_eq!((&tested.body["sent"], tested.text_at("/receipt")), (&json!(true), "g-17"));
    assert_eq!(wait_for(&taken, 1).await[0]["key"], "k\"1");

    let words = json!({ "text": "{{ points }} {{ unsubscribe or '' }}" });
    app.put("/v1/templates/points_accrued/sms/en", &words).await.ok();
    let settings = json!({ "base_url": "https://loyalty.example", "quiet_hours": null,
        "marketing_cap": { "messages": 5, "days": 7 },
        "events": { "points_accrued": { "channels": ["sms"], "class": "marketing" } } });
    let told = app.put("/v1/messaging", &settings).await.ok();
    assert_eq!(app.get("/v1/messaging").await.ok().body, told.body);
    let consent = json!([{ "purpose": "marketing", "channel": "sms" }]);
    let person = json!({ "ext": "42", "phones": ["+79123456789"], "consents": consent, "telegram": 77 });
    let member = app.post("/v1/members", &person).await.ok().text_at("/member").to_owned();
    assert_eq!(app.get("/v1/members/ext:42").await.ok().body["telegram"], 77);
    let sent = wait_for(&taken, 2).await[1].clone();
    assert_eq!(sent["to"], "79123456789");
    let (points, link) = sent["text"].as_str().unwrap().rsplit_once(' ').unwrap();
    assert_eq!(points, "500\u{a0}bonuses");
    let path = link.strip_prefix("https://loyalty.example").unwrap();

    // Looking changes nothing, in either language; the button does, without a key.
    let look = app.ask(Method::GET, path).no_key().header("accept-language", "ru").send().await.ok();
    assert!(look.text.contains("Отписаться") && look.text.contains("Спортивный бонус"), "{}", look.text);
    assert!(look.headers["content-type"].to_str().unwrap().starts_with("text/html"));
    assert!(look.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self'"));
    assert_eq!(app.get("/v1/members/ext:42").await.ok().body["subscribed"], json!(["sms"]));
    for _ in 0..2 {
        let one_click = app.ask(Method::POST, path).no_key();
        let one_click = one_click.header("content-type", "application/x-www-form-urlencoded");
        let done = one_click.raw("List-Unsubscribe=One-Click").send().await.ok();
        assert!(done.text.contains("You are unsubscribed"), "{}", done.text);
    }
    assert_eq!(app.get("/v1/members/ext:42").await.ok().body.get("subscribed"), None);
    let consents = app.get("/v1/members/ext:42/consents").await.ok();
    assert!(consents.text.contains("unsubscribe link"), "{}", consents.text);
    for wrong in
        ["/unsubscribe/x".to_owned(), format!("{path}x"), path.replacen("/unsubscribe/", "/unsubscribe/B", 1)]
    {
        for method in [Method::GET, Method::POST] {
            let answer = app.ask(method, &wrong).no_key().send().await;
            assert_eq!(answer.status, 404, "{wrong}");
        }
    }

    let log = app.get(&format!("/v1/messages?member={member}")).await.ok();
    let row = &log.body["messages"][0];
    assert_eq!(
        (&row["state"], &row["receipt"], &row["class"]),
        (&json!("sent"), &json!("g-17"), &json!("marketing"))
    );
    assert!(!log.text.contains("79123456789"), "{}", log.text);
    assert_eq!(app.get(&format!("/v1/messages/{}", row["id"].as_str().unwrap())).await.ok().body, *row);
    app.ask(Method::DELETE, "/v1/senders/sms").send().await.ok();
    app.get("/v1/senders/sms").await.refused(404, "sender_unknown");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_where_it_stands() {
    let app = TestApp::new().await;
    let mail = json!({ "host": "mail.example", "port": 587, "from": "shop@shop.example" });
    let with = |name: &str, value: Value| {
        let mut body = mail.clone();
        body[name] = value;
        body
    };
    for (path, body, code, pointer) in [
        ("/v1/senders/email", with("from", json!("nobody")), "sender_invalid", "/from"),
        ("/v1/senders/email", with("encryption", json!("ssl")), "sender_invalid", "/encryption"),
        ("/v1/senders/email", with("language", json!("de")), "sender_invalid", "/language"),
        ("/v1/senders/email", with("host", json!("10.0.0.1")), "sender_url_refused", ""),
        ("/v1/senders/email", with("login", json!("x")), "sender_secret_missing", ""),
        ("/v1/senders/email", with("pasword", json!("x")), "unknown_field", "/pasword"),
        ("/v1/senders/sms", json!({ "preset": "other" }), "preset_unknown", "/preset"),
        ("/v1/senders/sms", json!({ "preset": "smsru" }), "sender_secret_missing", ""),
        ("/v1/senders/sms", json!({}), "sender_invalid", "/request"),
        (
            "/v1/senders/sms",
            json!({ "request": { "url": "https://gateway.example/", "body": "{{ x" } }),
            "sender_template_invalid",
            "/request/body",
        ),
        ("/v1/senders/telegram", json!({ "token": "a b" }), "sender_invalid", "/token"),
        (
            "/v1/messaging",
            json!({ "quiet_hours": { "from": "9:00", "to": "10:00" } }),
            "messaging_invalid",
            "/quiet_hours",
        ),
        ("/v1/messaging", json!({ "warn_days": [400] }), "messaging_invalid", "/warn_days"),
        (
            "/v1/messaging",
            json!({ "events": { "order_paid": { "channels": ["push"], "class": "service" } } }),
            "messaging_invalid",
            "/events",
        ),
        (
            "/v1/messaging",
            json!({ "events": { "order_paid": { "channels": ["sms"], "class": "marketing" } } }),
            "messaging_invalid",
            "/base_url",
        ),
        ("/v1/templates/order_paid/sms/en", json!({ "text": "a\n{{ x }}" }), "template_invalid", "/text"),
    ] {
        let refused = app.put(path, &body).await.refused(422, code);
        let at = refused.body.get("pointer").and_then(Value::as_str).unwrap_or_default();
        assert_eq!(at, pointer, "{path} {body}: {}", refused.text);
    }
    app.put("/v1/senders/push", &mail).await.refused(404, "sender_unknown");
    app.put("/v1/templates/nothing/sms/en", &json!({ "text": "x" })).await.refused(404, "template_unknown");
    app.post("/v1/senders/sms/test", &json!({ "to": "+79123456789" })).await.refused(404, "sender_unknown");
    app.get("/v1/messages/msg_0000000000001").await.refused(404, "message_unknown");
    app.get("/v1/messages?state=lost").await.refused(400, "query_invalid");
    let preview = app.post("/v1/templates/order_paid/email/ru/preview", &json!({})).await.ok();
    assert_eq!(preview.text_at("/subject"), "Заказ A-17 оплачен");
    assert!(preview.text_at("/html").contains("<p>Анна, здравствуйте.</p>"), "{}", preview.text);
    let events = app.get("/v1/templates").await.ok();
    assert_eq!(events.text_at("/events/0/event"), "points_accrued");
}
