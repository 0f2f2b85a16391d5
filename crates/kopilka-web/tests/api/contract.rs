//! The description, the table of scopes and the reference documentation say what the server does.

use crate::support::TestApp;
use axum::http::Method;
use kopilka_web::{openapi, problem, scopes};
use std::collections::BTreeSet;
use std::path::PathBuf;

fn in_docs(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference").join(name)
}

/// Every endpoint of the description, as `METHOD /path`.
fn described() -> BTreeSet<(String, String)> {
    let document = serde_json::to_value(openapi()).unwrap();
    let mut out = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|k| *k != "parameters") {
            out.insert((method.to_uppercase(), path.clone()));
        }
    }
    out
}

#[test]
fn the_committed_description_is_the_one_of_the_code() {
    let text = format!("{}\n", openapi().to_pretty_json().unwrap());
    let path = in_docs("openapi.json");
    if std::env::var_os("KOPILKA_BLESS").is_some() {
        std::fs::write(&path, &text).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == text, "docs/reference/openapi.json is old: run this test with KOPILKA_BLESS=1");
}

#[test]
fn every_endpoint_has_exactly_one_scope() {
    let table: Vec<_> = scopes::TABLE.iter().map(|(m, p, _)| (m.to_string(), (*p).to_owned())).collect();
    let set: BTreeSet<_> = table.iter().cloned().collect();
    assert_eq!(table.len(), set.len(), "an endpoint stands twice");
    assert_eq!(set, described());
}

#[tokio::test]
async fn every_endpoint_asks_for_a_key_and_its_scope() {
    let app = TestApp::new().await;
    let bare = app.key_for(app.program, "main", &[]).await;
    for (method, path, scope) in scopes::TABLE {
        let path = path.replace("{id}", "ext:1").replace("{order_id}", "o1");
        let ask = || app.ask(method.clone(), &path);
        ask().no_key().send().await.refused(401, "key_missing");
        ask().key("kp_nobody").send().await.refused(401, "key_unknown");
        let refused = ask().key(&bare).send().await.refused(403, "scope_missing");
        assert_eq!(refused.text_at("/scope"), scope.name());
        // With its own scope and no other the request gets past the door, whatever it then comes to.
        let own = app.key_for(app.program, "main", &[scope.name()]).await;
        let answer = ask().key(&own).send().await;
        assert!(
            ![401, 403, 404, 405].contains(&answer.status.as_u16()) || answer.code().ends_with("_unknown")
        );
        assert_ne!(answer.code(), "route_unknown", "{method} {path}");
    }
}

#[test]
fn every_code_has_its_line_in_the_reference() {
    let page = std::fs::read_to_string(in_docs("refusals.md")).unwrap();
    let told: BTreeSet<&str> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `"))
        .filter_map(|line| line.split('`').next())
        .collect();
    let web = problem::CODES.iter().map(|c| c.code);
    let codes: BTreeSet<&str> = web.chain(kopilka_core::refusal::CODES.iter().copied()).collect();
    assert_eq!(codes, told, "docs/reference/refusals.md and the code list different codes");
    for line in page.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<_> = line.trim_matches('|').split(" | ").collect();
        assert_eq!(cells.len(), 4, "{line}");
        assert!(cells[3].chars().any(|c| ('а'..='я').contains(&c)), "no Russian: {line}");
    }
}

#[test]
fn the_reference_tells_the_status_of_every_code_of_the_server() {
    let page = std::fs::read_to_string(in_docs("refusals.md")).unwrap();
    for code in problem::CODES {
        let row = format!("| `{}` | {} |", code.code, code.status);
        assert!(page.contains(&row), "{row}");
    }
}

#[tokio::test]
async fn operations_are_served_without_a_key_and_without_people() {
    let app = TestApp::new().await;
    app.member("42").await;
    for (path, kind) in [
        ("/healthz", "text/plain"),
        ("/readyz", "text/plain"),
        ("/metrics", "text/plain"),
        ("/openapi.json", "application/json"),
        ("/docs/", "text/html"),
        ("/docs/swagger-ui.css", "text/css"),
    ] {
        let answer = app.ask(Method::GET, path).no_key().send().await.ok();
        let told = answer.headers["content-type"].to_str().unwrap();
        assert!(told.starts_with(kind), "{path}: {told}");
        assert_eq!(answer.headers["x-content-type-options"], "nosniff");
        assert!(answer.headers.contains_key("x-request-id"));
    }
    let metrics = app.ask(Method::GET, "/metrics").no_key().send().await.text;
    assert!(metrics.contains(r#"route="/v1/members""#), "{metrics}");
    assert!(!metrics.contains("ext:"), "an address with an id in it reached a label");
}

#[tokio::test]
async fn the_viewer_loads_nothing_from_elsewhere() {
    let app = TestApp::new().await;
    let page = app.ask(Method::GET, "/docs/").no_key().send().await.ok();
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("script-src 'self'") && !policy.contains("unsafe-eval"), "{policy}");
    assert!(!page.text.contains("http://") && !page.text.contains("https://"), "{}", page.text);
    // The policy lets no inline script run, so the page must have none.
    for script in page.text.split("<script").skip(1) {
        assert!(script.contains("src="), "an inline script: {script}");
    }
    let api = app.get("/v1/program").await.ok();
    assert!(api.headers["content-security-policy"].to_str().unwrap().starts_with("default-src 'none'"));
}

#[tokio::test]
async fn a_callers_request_id_comes_back_and_a_strange_one_does_not() {
    let app = TestApp::new().await;
    let ask = |id: &'static str| app.ask(Method::GET, "/healthz").header("x-request-id", id).send();
    assert_eq!(ask("till-7.42").await.headers["x-request-id"], "till-7.42");
    assert_ne!(ask("a b").await.headers["x-request-id"], "a b");
}
