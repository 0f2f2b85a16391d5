//! A member links a chat through the bot: what the bot hears comes in without a key, by the bot's own secret.

use crate::support::{Answer, TestApp};
use axum::http::Method;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const UPDATES: &str = "/telegram/sports";

/// A server of bots on this machine: its address, and the secret it was told last.
async fn bots() -> (String, Arc<Mutex<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let told: Arc<Mutex<String>> = Arc::default();
    let secret = told.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let secret = secret.clone();
            tokio::spawn(async move {
                let mut heard = Vec::new();
                let mut part = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut part).await {
                    heard.extend_from_slice(&part[..count]);
                    let text = String::from_utf8_lossy(&heard).into_owned();
                    let Some((_, body)) = text.split_once("\r\n\r\n") else { continue };
                    let Ok(body) = serde_json::from_str::<Value>(body) else { continue };
                    if let Some(told) = body["secret_token"].as_str() {
                        told.clone_into(&mut secret.lock().unwrap());
                    }
                    heard.clear();
                    let said = r#"{"ok":true,"result":{"username":"shop_bot"}}"#;
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{said}", said.len());
                    stream.write_all(answer.as_bytes()).await.unwrap();
                }
            });
        }
    });
    (url, told)
}

async fn hears(app: &TestApp, secret: &str, update: &Value) -> Answer {
    let ask = app.ask(Method::POST, UPDATES).no_key().header("x-telegram-bot-api-secret-token", secret);
    ask.json(update).send().await
}

fn says(text: &str, kind: &str) -> Value {
    let from = json!({ "id": 55, "language_code": "ru" });
    json!({ "update_id": 1, "message": { "chat": { "id": 55, "type": kind }, "from": from, "text": text } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_links_a_chat_by_starting_the_bot() {
    let app = TestApp::new().await;
    let (url, secret) = bots().await;
    let member = app.member("42").await;
    let links = format!("/v1/members/{member}/telegram-links");
    app.post(&links, &json!({})).await.refused(404, "sender_unknown");
    app.put("/v1/senders/telegram", &json!({ "token": "77:AA", "api": url })).await.ok();
    app.post(&links, &json!({})).await.refused(409, "telegram_not_connected");
    app.post("/v1/senders/telegram/webhook", &json!({})).await.refused(422, "messaging_invalid");
    app.put("/v1/messaging", &json!({ "base_url": "https://loyalty.example" })).await.ok();
    let bot = app.post("/v1/senders/telegram/webhook", &json!({})).await.ok();
    assert_eq!(bot.body, json!({ "name": "shop_bot", "url": "https://loyalty.example/telegram/sports" }));
    assert_eq!(app.get("/v1/senders/telegram").await.ok().body["name"], "shop_bot");
    let secret = secret.lock().unwrap().clone();

    // The member's own page asks for the link, and for nobody else's.
    let token = app.post(&format!("/v1/members/{member}/tokens"), &json!({})).await.ok();
    let token = token.text_at("/token").to_owned();
    let made = app.ask(Method::POST, &links).key(&token).json(&json!({})).send().await.ok();
    let start = made.text_at("/link").strip_prefix("https://t.me/shop_bot?start=").unwrap().to_owned();
    let other = app.member("43").await;
    let others = format!("/v1/members/{other}/telegram-links");
    let refused = app.ask(Method::POST, &others).key(&token).json(&json!({})).send().await;
    refused.refused(403, "member_of_another_token");

    let start = says(&format!("/start {start}"), "private");
    for wrong in ["", "wrong", &secret[1..]] {
        hears(&app, wrong, &start).await.refused(404, "route_unknown");
    }
    for ignored in
        [says("hello", "private"), says("/start x", "group"), json!({ "update_id": 2 }), json!([1])]
    {
        let answer = hears(&app, &secret, &ignored).await;
        assert_eq!((answer.status.as_u16(), answer.text.as_str()), (200, ""), "{ignored}");
    }
    let said = async |update: Value| {
        let answer = hears(&app, &secret, &update).await.ok();
        assert_eq!((answer.text_at("/method"), &answer.body["chat_id"]), ("sendMessage", &json!(55)));
        answer.text_at("/text").to_owned()
    };
    assert!(said(says("/start", "private")).await.starts_with("Чтобы получать здесь сообщения"));
    assert!(said(says("/start guess", "private")).await.starts_with("Ссылка не подходит"));
    let telegram = async || app.get(&format!("/v1/members/{member}")).await.ok().body["telegram"].clone();
    assert_eq!(telegram().await, Value::Null);
    assert!(said(start.clone()).await.starts_with("Чат привязан"));
    assert_eq!(telegram().await, json!(55));
    assert!(said(start).await.contains("уже приходят сюда"));
}
