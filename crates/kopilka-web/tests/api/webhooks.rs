//! Endpoints as a shop's developer sets them up, and what they are told.

use crate::support::TestApp;
use axum::http::Method;
use kopilka_service::outgoing;
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;

/// Hears everything and answers with one status.
struct Receiver {
    url: String,
    heard: Arc<Mutex<Vec<Value>>>,
    status: Arc<Mutex<u16>>,
}

impl Receiver {
    async fn start() -> Receiver {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook", listener.local_addr().unwrap());
        let (heard, status) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Mutex::new(200)));
        let (all, says): (Arc<Mutex<Vec<Value>>>, _) = (heard.clone(), status.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let mut stream = BufReader::new(stream);
                let (mut length, mut line) = (0, String::new());
                while stream.read_line(&mut line).await.unwrap() > 2 {
                    let lower = line.to_lowercase();
                    length =
                        lower.strip_prefix("content-length: ").map_or(length, |n| n.trim().parse().unwrap());
                    line.clear();
                }
                let mut body = vec![0; length];
                stream.read_exact(&mut body).await.unwrap();
                all.lock().unwrap().push(serde_json::from_slice(&body).unwrap());
                let status = *says.lock().unwrap();
                let answer = format!("HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
                stream.get_mut().write_all(answer.as_bytes()).await.unwrap();
            }
        });
        Receiver { url, heard, status }
    }
    fn heard(&self) -> Vec<Value> {
        self.heard.lock().unwrap().clone()
    }
    async fn until(&self, count: usize) -> Vec<Value> {
        for _ in 0..400 {
            if self.heard().len() >= count {
                return self.heard();
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{count} events did not arrive: {:?}", self.heard());
    }
}

const ENDPOINTS: &str = "/v1/webhook-endpoints";

async fn patch(app: &TestApp, path: &str, body: &Value) -> crate::support::Answer {
    app.ask(Method::PATCH, path).json(body).send().await
}

#[tokio::test]
async fn an_endpoint_is_set_up_told_and_looked_after() {
    let app = TestApp::new().await;
    let receiver = Receiver::start().await;
    let wire =
        json!({ "url": receiver.url, "events": ["points.accrued", "points.accrued"], "description": "CRM" });
    let made = app.post(ENDPOINTS, &wire).await.ok();
    assert_eq!((made.status.as_u16(), &made.body["events"]), (201, &json!(["points.accrued"])));
    let (id, secret) = (made.text_at("/id"), made.text_at("/secret"));
    assert!(id.starts_with("wh_") && secret.starts_with("whsec_") && secret.len() > 40, "{}", made.text);
    let path = format!("{ENDPOINTS}/{id}");
    for shown in [app.get(ENDPOINTS).await.ok(), app.get(&path).await.ok()] {
        assert!(shown.text.contains(id) && !shown.text.contains("whsec_"), "{}", shown.text);
    }

    let test = app.post(&format!("{path}/test"), &json!({})).await.ok();
    assert_eq!((&test.body["delivered"], &test.body["status"]), (&json!(true), &json!(200)));
    assert_eq!(receiver.until(1).await[0]["type"], "webhook.test");
    let member = app.member("42").await;
    let told = receiver.until(2).await[1].clone();
    assert_eq!((&told["type"], &told["data"]["member"]), (&json!("points.accrued"), &json!(member)));
    assert_eq!((&told["data"]["points"], &told["data"]["program"]), (&json!("500"), &json!("sports")));

    let event = told["id"].as_str().unwrap().to_owned();
    let log = delivered(&app, &path, 1).await;
    assert_eq!((&log["deliveries"][0]["event"], &log["deliveries"][0]["tries"]), (&told["id"], &json!(1)));
    app.post(&format!("{path}/deliveries/{event}/retry"), &json!({})).await.ok();
    assert_eq!(receiver.until(3).await[2], told);
    app.post(&format!("{path}/replay"), &json!({ "since": "2020-01-01T00:00:00Z" })).await.ok();
    assert_eq!(receiver.until(4).await[3], told);

    let rotated = app.post(&format!("{path}/rotate"), &json!({})).await.ok();
    assert_ne!(rotated.text_at("/secret"), secret);
    assert!(rotated.body["old_secret_until"].is_string());
    let changed = patch(&app, &path, &json!({ "enabled": false, "events": [] })).await.ok();
    assert_eq!((&changed.body["state"], &changed.body["events"]), (&json!("disabled"), &json!([])));
    app.ask(Method::DELETE, &path).send().await.ok();
    app.get(&path).await.refused(404, "webhook_unknown");
    assert_eq!(app.get(ENDPOINTS).await.ok().body["endpoints"], json!([]));
}

/// The log, once so many were delivered.
async fn delivered(app: &TestApp, path: &str, count: usize) -> Value {
    for _ in 0..400 {
        let log = app.get(&format!("{path}/deliveries?state=delivered")).await.ok();
        if log.body["deliveries"].as_array().unwrap().len() >= count {
            return log.body;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{path}: nothing is delivered");
}

#[tokio::test]
async fn the_log_is_paged_and_says_what_waits_and_why() {
    let app = TestApp::new().await;
    let receiver = Receiver::start().await;
    *receiver.status.lock().unwrap() = 500;
    let made = app.post(ENDPOINTS, &json!({ "url": receiver.url })).await.ok();
    let path = format!("{ENDPOINTS}/{}", made.text_at("/id"));
    app.member("42").await;
    receiver.until(1).await;
    let mut log = Value::Null;
    for _ in 0..400 {
        log = app.get(&format!("{path}/deliveries")).await.ok().body;
        let rows = log["deliveries"].as_array().unwrap();
        if rows.len() > 1 && rows.iter().any(|row| row["tries"] == 1) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let rows = log["deliveries"].as_array().unwrap().clone();
    let first = rows.last().unwrap();
    assert_eq!(
        (&first["failure"], &first["status"], &first["state"]),
        (&json!("status"), &json!(500), &json!("waiting"))
    );
    assert!(first["next_at"].is_string());
    assert!(rows[0]["next_at"].is_null() && rows[0]["tries"] == 0, "it waits behind the first");
    let mut paged = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = app.get(&format!("{path}/deliveries?limit=1{cursor}")).await.ok();
        paged.extend(page.body["deliveries"].as_array().unwrap().clone());
        let Some(next) = page.body["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    let ids = |rows: &[Value]| rows.iter().map(|row| row["event"].clone()).collect::<Vec<_>>();
    assert_eq!(ids(&paged), ids(&rows));
    assert_eq!(
        app.get(&format!("{path}/deliveries?state=given_up")).await.ok().body["deliveries"],
        json!([])
    );
    assert!(app.get(&path).await.ok().body["failing_since"].is_string());
    app.post(&format!("{path}/replay"), &json!({ "skip": true })).await.ok();
    let skipped = app.get(&format!("{path}/deliveries?state=given_up")).await.ok();
    assert_eq!(skipped.body["deliveries"][0]["failure"], "skipped");
}

#[tokio::test]
async fn what_cannot_be_told_or_asked_is_refused_with_its_place() {
    let app = TestApp::new().await;
    let made = app.post(ENDPOINTS, &json!({ "url": "https://shop.example/hook" })).await.ok();
    let path = format!("{ENDPOINTS}/{}", made.text_at("/id"));
    let url = |url: &str| json!({ "url": url });
    let rows = [
        (ENDPOINTS.to_owned(), url("http://shop"), 201, ""),
        (ENDPOINTS.to_owned(), url("http://1.1.1.1/"), 422, "webhook_url_refused"),
        (ENDPOINTS.to_owned(), url("https://10.0.0.1/"), 422, "webhook_url_refused"),
        (ENDPOINTS.to_owned(), url("https://[::1]/"), 422, "webhook_url_refused"),
        (ENDPOINTS.to_owned(), url("https://a@shop.example/"), 422, "webhook_url_refused"),
        (ENDPOINTS.to_owned(), url("hook"), 422, "webhook_url_refused"),
        (
            ENDPOINTS.to_owned(),
            json!({ "url": "https://a.example", "events": ["x"] }),
            422,
            "event_type_unknown",
        ),
        (ENDPOINTS.to_owned(), json!({ "url": "https://a.example", "secret": "x" }), 422, "unknown_field"),
        (ENDPOINTS.to_owned(), json!({}), 422, "missing_field"),
        (format!("{path}/replay"), json!({}), 422, "replay_form_invalid"),
        (format!("{path}/replay"), json!({ "after": "e_1", "skip": true }), 422, "replay_form_invalid"),
        (format!("{path}/replay"), json!({ "after": "x" }), 400, "cursor_invalid"),
        (format!("{path}/replay"), json!({ "since": "monday" }), 422, "invalid_time"),
        (format!("{path}/deliveries/evt_1_0/retry"), json!({}), 404, "delivery_unknown"),
        (format!("{path}/deliveries/x/retry"), json!({}), 404, "delivery_unknown"),
        (format!("{ENDPOINTS}/wh_1/rotate"), json!({}), 404, "webhook_unknown"),
        (format!("{ENDPOINTS}/x/test"), json!({}), 404, "webhook_unknown"),
    ];
    for (path, body, status, code) in rows {
        let answer = app.post(&path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{path} {body}: {}", answer.text);
    }
    let refused = app.post(ENDPOINTS, &url("https://127.0.0.1.nip.example@10.0.0.1/")).await;
    assert_eq!(refused.text_at("/pointer"), "/url");
    app.get(&format!("{path}/deliveries?state=lost")).await.refused(400, "query_invalid");
    app.get(&format!("{path}/deliveries?cursor=x")).await.refused(400, "cursor_invalid");
    app.get(&format!("{path}/deliveries?limit=501")).await.refused(400, "query_invalid");
    app.get("/v1/events/stream?after=x").await.refused(400, "cursor_invalid");
    app.get("/v1/events/stream?limit=0").await.refused(400, "query_invalid");
    patch(&app, &path, &json!({ "events": ["x"] })).await.refused(422, "event_type_unknown");
}

#[tokio::test]
async fn the_stream_has_what_happened_from_a_cursor_on() {
    let app = TestApp::new().await;
    let member = app.member("42").await;
    app.order("A", &member, "paid", "1000.00").await.ok();
    let all = app.get("/v1/events/stream").await.ok();
    let kinds: Vec<&str> =
        all.body["data"].as_array().unwrap().iter().map(|event| event["type"].as_str().unwrap()).collect();
    assert_eq!(kinds[0], "member.registered");
    assert!(kinds.contains(&"order.placed") && kinds.contains(&"order.paid"), "{kinds:?}");
    assert_eq!(all.body["more"], false);
    let first = app.get("/v1/events/stream?limit=1").await.ok();
    assert_eq!((&first.body["more"], &first.body["data"][0]), (&json!(true), &all.body["data"][0]));
    let path = format!("/v1/events/stream?after={}", first.text_at("/next"));
    let rest = app.get(&path).await.ok();
    let both: Vec<Value> =
        [&first, &rest].iter().flat_map(|p| p.body["data"].as_array().unwrap().clone()).collect();
    assert_eq!(json!(both), all.body["data"]);
    assert!(all.text.contains("\"to_pay\":\"1000.00\""), "{}", all.text);
}

#[test]
fn every_type_of_event_stands_in_the_reference_and_nothing_else_does() {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/reference/events.md");
    let page = std::fs::read_to_string(page).unwrap();
    let rows = page.lines().filter_map(|line| line.strip_prefix("| `"));
    let told: Vec<&str> =
        rows.filter_map(|line| line.split('`').next()).filter(|w| w.contains('.')).collect();
    assert_eq!(told, outgoing::TYPES);
}
