//! The public HTTP API as trials and benchmarks use it: nothing here knows the engine but by its answers.

use crate::http::{Answer, Connection, Request};
use crate::server::{Installation, Server};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

/// A program without earning: what remains is the ledger itself.
pub const PLAIN_PROGRAM: &str = r#"{"program": "plain", "currency": "RUB", "timezone": "UTC"}"#;

/// What that program is called.
pub const PLAIN_SLUG: &str = "plain";

/// Connections that fill a database: enough to fill the writer's groups.
const FILLING_CONNECTIONS: u64 = 16;

/// A running server with one program and a key that may do everything in it.
#[derive(Debug)]
pub struct Shop {
    pub server: Server,
    pub key: String,
}

impl Shop {
    /// Publishes the document in an empty installation and starts the server.
    pub fn open(installation: &Installation, document: &str, program: &str) -> Result<Shop, String> {
        installation.publish(document)?;
        let key = installation.make_key(program)?;
        Ok(Shop { server: installation.serve()?, key })
    }

    pub fn client(&self) -> Client {
        Client { connection: Connection::new(&self.server.host), key: self.key.clone() }
    }

    /// Registers members `f0`, `f1` … with so many points each and tells their ids.
    pub fn fill(&self, members: u64, points: &str) -> Result<Vec<String>, String> {
        self.fill_lots(members, points, 1)
    }

    /// The same with several lots each, of so many points.
    pub fn fill_lots(&self, members: u64, points: &str, lots: u32) -> Result<Vec<String>, String> {
        let next = AtomicU64::new(0);
        let filled: Vec<Result<Vec<(u64, String)>, String>> = thread::scope(|scope| {
            let clients = (0..FILLING_CONNECTIONS).map(|_| self.client());
            let workers: Vec<_> = clients
                .map(|client| scope.spawn(|| fill_some(client, &next, members, points, lots)))
                .collect();
            workers
                .into_iter()
                .map(|w| w.join().unwrap_or_else(|_| Err("filling stopped".to_owned())))
                .collect()
        });
        let mut all = Vec::new();
        for some in filled {
            all.extend(some?);
        }
        all.sort();
        Ok(all.into_iter().map(|(_, id)| id).collect())
    }
}

fn fill_some(
    mut client: Client,
    next: &AtomicU64,
    members: u64,
    points: &str,
    lots: u32,
) -> Result<Vec<(u64, String)>, String> {
    let mut ids = Vec::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= members {
            return Ok(ids);
        }
        let id = client.register(&format!("f{n}"), json!({}))?;
        for lot in 0..lots {
            client.credit(&id, points, &format!("fill-{n}-{lot}"))?;
        }
        ids.push((n, id));
    }
}

/// One caller on one connection.
#[derive(Debug)]
pub struct Client {
    connection: Connection,
    key: String,
}

impl Client {
    pub fn new(host: &str, key: &str) -> Client {
        Client { connection: Connection::new(host), key: key.to_owned() }
    }

    /// Waits longer for answers than others do.
    pub fn patient(self, patience: Duration) -> Client {
        Client { connection: self.connection.patient(patience), ..self }
    }

    pub fn get(&mut self, path: &str) -> Result<Answer, String> {
        self.send("GET", path, None, None)
    }
    pub fn post(&mut self, path: &str, idempotency: &str, body: &Value) -> Result<Answer, String> {
        self.send("POST", path, Some(idempotency), Some(body))
    }
    pub fn patch(&mut self, path: &str, idempotency: &str, body: &Value) -> Result<Answer, String> {
        self.send("PATCH", path, Some(idempotency), Some(body))
    }
    pub fn put(&mut self, path: &str, body: &Value) -> Result<Answer, String> {
        self.send("PUT", path, None, Some(body))
    }

    fn send(
        &mut self,
        method: &str,
        path: &str,
        idempotency: Option<&str>,
        body: Option<&Value>,
    ) -> Result<Answer, String> {
        let text = body.map(Value::to_string);
        self.connection.send(Request { method, path, key: &self.key, idempotency, body: text.as_deref() })
    }

    /// Registers a member by the shop's own id; gives no welcome. Answers with our id.
    pub fn register(&mut self, ext: &str, attributes: Value) -> Result<String, String> {
        let body = json!({ "ext": ext, "welcome": false, "attributes": attributes });
        let answer = accepted(self.post("/v1/members", &format!("register-{ext}"), &body)?)?;
        text_at(&answer, "/member")
    }
    pub fn credit(&mut self, member: &str, points: &str, key: &str) -> Result<Value, String> {
        let path = format!("/v1/members/{member}/adjustments");
        accepted(self.post(&path, key, &adjustment(points))?)
    }
    /// The member's balance as the API tells it.
    pub fn balance(&mut self, member: &str) -> Result<Value, String> {
        accepted(self.get(&format!("/v1/members/{member}/balance"))?)
    }
}

/// Points given (or taken, when negative) by an operator.
pub fn adjustment(points: &str) -> Value {
    json!({ "points": points, "reason": "trial", "operator": "xtask" })
}

/// An order of one article at a whole price, paid at once, with so many points asked exactly.
pub fn order_paid_with(member: &str, price: &str, points: &str) -> Value {
    json!({
        "member": member,
        "status": "paid",
        "pricing": "engine",
        "lines": [{ "id": "1", "sku": "article", "quantity": "1", "price": price }],
        "points": { "mode": "exact", "amount": points },
    })
}

/// The body of an answer that must be a success.
pub fn accepted(answer: Answer) -> Result<Value, String> {
    if answer.is_success() {
        return answer.json();
    }
    Err(format!("{}: {}", answer.status, answer.body))
}

/// The stable code of a refusal.
pub fn code_of(answer: &Answer) -> String {
    let body: Option<Value> = serde_json::from_str(&answer.body).ok();
    let code = body.as_ref().and_then(|b| b.get("code")).and_then(Value::as_str);
    code.map_or_else(|| format!("status {}", answer.status), str::to_owned)
}

pub fn text_at(value: &Value, pointer: &str) -> Result<String, String> {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.map(str::to_owned).ok_or_else(|| format!("no {pointer} in {value}"))
}
