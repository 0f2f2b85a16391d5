//! A server of its own for each test, and requests to it in one line.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Method, Request, StatusCode};
use kopilka_core::ids::ProgramId;
use kopilka_service::outside::OutsideOptions;
use kopilka_service::{Background, NewKey, OpenOptions, Publish, Service};
use kopilka_web::{App, Metrics, router};
use serde_json::Value;
use std::sync::atomic::{AtomicU64, Ordering};
use tempfile::TempDir;
use tower::ServiceExt;

/// The shop of the source material: welcome 500, birthday 1,000 for three days, 5 % for a month after two
/// weeks, at most a fifth of an order paid with points.
pub const SPORTS: &str = r#"
program: sports
name: { en: Sports bonus, ru: Спортивный бонус }
currency: RUB
timezone: Europe/Moscow
points: { name: { en: bonus, ru: бонус }, value: "1.00", precision: 0, rounding: floor }
accrual: { active_after: 14 days, base: paid_goods }
spending: { max_share: 20, exclude: { category: gift-cards } }
rules:
  - id: welcome
    when: member.registered
    then: [{ credit: { points: 500, active_after: 0 days } }]
  - id: birthday
    when: member.birthday
    then: [{ credit: { points: 1000, expires: 3 days, active_after: 0 days } }]
  - id: cashback
    when: order.paid
    then: [{ credit: { percent: 5, expires: 1 month } }]
"#;

/// When the tests begin.
pub const START: &str = "2026-03-01T12:00:00+03:00";

pub struct TestApp {
    pub service: Service,
    router: Router,
    /// A key of the first program, shop `main`, with every scope.
    pub key: String,
    pub program: ProgramId,
    keys: AtomicU64,
    /// The projections follow as on a real server.
    background: Option<Background>,
    _dir: TempDir,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Value,
    pub text: String,
}

impl Answer {
    /// A field by JSON pointer, as text; panics with the whole answer when it is not there.
    pub fn text_at(&self, pointer: &str) -> &str {
        let found = self.body.pointer(pointer).and_then(Value::as_str);
        found.unwrap_or_else(|| panic!("no text at {pointer} in {} {}", self.status, self.text))
    }
    pub fn code(&self) -> &str {
        self.body.pointer("/code").and_then(Value::as_str).unwrap_or("")
    }
    #[track_caller]
    pub fn ok(self) -> Answer {
        assert!(self.status.is_success(), "{} {}", self.status, self.text);
        self
    }
    #[track_caller]
    pub fn refused(self, status: u16, code: &str) -> Answer {
        assert_eq!((self.status.as_u16(), self.code()), (status, code), "{}", self.text);
        self
    }
    /// available, pending, held, debt.
    pub fn balance(&self) -> [&str; 4] {
        ["available", "pending", "held", "debt"].map(|name| self.text_at(&format!("/balance/{name}")))
    }
}

impl TestApp {
    /// Hands on what entries mean for other members until nothing new follows.
    pub async fn relayed(&self) {
        let (from, all) = (kopilka_core::ids::EntryId(0), kopilka_core::ids::EntryId(i64::MAX));
        let mut before = usize::MAX;
        loop {
            let page = self.service.read(move |r| r.relayed(from, all, u8::MAX, 10_000)).await.unwrap();
            if page.len() == before {
                return;
            }
            before = page.len();
            for write in page.iter().filter_map(kopilka_service::relay::relayed) {
                self.service.write(write).await.unwrap();
            }
        }
    }
    pub async fn new() -> TestApp {
        TestApp::with(SPORTS).await
    }

    pub async fn with(program: &str) -> TestApp {
        let dir = TempDir::new().unwrap();
        // Receivers of events listen on this machine.
        let outside =
            OutsideOptions { allowed: vec!["127.0.0.0/8".parse().unwrap()], ..OutsideOptions::default() };
        let service = Service::open(OpenOptions { outside, ..OpenOptions::in_dir(dir.path()) }).unwrap();
        let router = router(App {
            service: service.clone(),
            metrics: Metrics::install(),
            guesses: Default::default(),
        });
        let keys = AtomicU64::new(1);
        let background = Some(service.start_background());
        let mut app = TestApp {
            service,
            router,
            key: String::new(),
            program: ProgramId(0),
            keys,
            background,
            _dir: dir,
        };
        app.program = app.publish(program).await;
        app.key = app.key_for(app.program, "main", &["all"]).await;
        app.at(START).await;
        app
    }

    /// Publishes a sandbox program.
    pub async fn publish(&self, text: &str) -> ProgramId {
        let publish = Publish {
            text: text.to_owned(),
            author: "test".into(),
            note: String::new(),
            sandbox: true,
            effective_from: None,
        };
        self.service.publish(publish).await.unwrap().program
    }
    pub async fn key_for(&self, program: ProgramId, shop: &str, scopes: &[&str]) -> String {
        let scopes = scopes.iter().map(|s| (*s).to_owned()).collect();
        let key = NewKey { program, shop: shop.to_owned(), name: "test".into(), scopes };
        self.service.create_key(key).await.unwrap().1
    }

    /// Moves the clock.
    pub async fn at(&self, time: &str) -> Answer {
        let body = serde_json::json!({ "now": time });
        self.ask(Method::POST, "/v1/clock").json(&body).send().await.ok()
    }

    pub fn ask<'a>(&'a self, method: Method, path: &str) -> Ask<'a> {
        let request = Request::builder().method(method).uri(path);
        Ask { app: self, request, key: Some(self.key.clone()), body: Body::empty() }
    }
    pub async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path).send().await
    }
    /// A report that has seen all that was written before.
    pub async fn report(&self, path: &str) -> Answer {
        for _ in 0..400 {
            let answer = self.get(path).await.ok();
            if answer.body["as_of"]["behind"] == false {
                return answer;
            }
            tokio::time::sleep(std::time::Duration::from_millis(25)).await;
        }
        panic!("{path} stays behind");
    }
    pub async fn put(&self, path: &str, body: &Value) -> Answer {
        self.ask(Method::PUT, path).json(body).send().await
    }
    /// With a fresh idempotency key.
    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        let key = self.fresh_key();
        self.ask(Method::POST, path).json(body).idempotent(&key).send().await
    }
    pub fn fresh_key(&self) -> String {
        format!("key-{}", self.keys.fetch_add(1, Ordering::Relaxed))
    }

    /// A member with a phone and the shop's own id; answers our id.
    pub async fn member(&self, ext: &str) -> String {
        let body = serde_json::json!({ "ext": ext });
        self.post("/v1/members", &body).await.ok().text_at("/member").to_owned()
    }
    /// An order of one line.
    pub async fn order(&self, id: &str, member: &str, status: &str, price: &str) -> Answer {
        let body = serde_json::json!({
            "status": status, "member": member, "pricing": "engine",
            "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": price }],
        });
        self.put(&format!("/v1/orders/{id}"), &body).await
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        if let Some(background) = self.background.take() {
            background.stop();
        }
        self.service.stop();
    }
}

/// A request in the making.
pub struct Ask<'a> {
    app: &'a TestApp,
    request: axum::http::request::Builder,
    key: Option<String>,
    body: Body,
}

impl Ask<'_> {
    pub fn key(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }
    pub fn no_key(mut self) -> Self {
        self.key = None;
        self
    }
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.request = self.request.header(name, value);
        self
    }
    pub fn idempotent(self, key: &str) -> Self {
        self.header("idempotency-key", key)
    }
    pub fn json(self, body: &Value) -> Self {
        self.raw(body.to_string()).header("content-type", "application/json")
    }
    pub fn raw(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }
    pub async fn send(self) -> Answer {
        let mut request = self.request;
        if let Some(key) = &self.key {
            request = request.header("authorization", format!("Bearer {key}"));
        }
        let response = self.app.router.clone().oneshot(request.body(self.body).unwrap()).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let bytes = axum::body::to_bytes(response.into_body(), 64 << 20).await.unwrap();
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Answer { status, headers, body, text }
    }
}
