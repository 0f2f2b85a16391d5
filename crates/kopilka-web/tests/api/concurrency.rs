//! What arrives at the same moment is decided one after the other.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::json;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_many_parallel_spends_only_as_many_succeed_as_there_are_points() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let spend = |i: usize| {
        let body = json!({
            "status": "paid", "member": member, "pricing": "engine",
            "points": { "mode": "exact", "amount": "70" },
            "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "350.00" }],
        });
        app.ask(Method::PUT, &format!("/v1/orders/o{i}")).json(&body).send()
    };
    let answers = futures(64, spend).await;
    let paid = answers.iter().filter(|a| a.status.is_success()).count();
    assert_eq!(paid, 7, "500 points are enough for seven times 70");
    assert!(answers.iter().all(|a| a.status.is_success() || a.code() == "insufficient_points"));
    let balance = app.get("/v1/members/ext:1/balance").await.ok();
    assert_eq!(balance.text_at("/available"), "10");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_same_request_at_the_same_moment_is_done_once() {
    let app = TestApp::new().await;
    app.member("1").await;
    let give = |_| {
        let body = json!({ "points": "10", "reason": "r", "operator": "o" });
        app.ask(Method::POST, "/v1/members/ext:1/adjustments").idempotent("same").json(&body).send()
    };
    let answers = futures(32, give).await;
    let first = &answers[0].text;
    assert!(answers.iter().all(|a| a.status.as_u16() == 201 && a.text == *first), "{answers:?}");
    assert_eq!(answers.iter().filter(|a| a.headers.contains_key("idempotent-replayed")).count(), 31);
    let balance = app.get("/v1/members/ext:1/balance").await.ok();
    assert_eq!(balance.text_at("/available"), "510");
}

/// Runs them all at once and waits for every answer.
async fn futures<F: Future>(count: usize, make: impl Fn(usize) -> F) -> Vec<F::Output> {
    let mut running: Vec<_> = (0..count).map(|i| Box::pin(make(i))).collect();
    let mut done: Vec<Option<F::Output>> = (0..count).map(|_| None).collect();
    std::future::poll_fn(|ctx| {
        for (future, done) in running.iter_mut().zip(&mut done) {
            if done.is_none()
                && let std::task::Poll::Ready(output) = future.as_mut().poll(ctx)
            {
                *done = Some(output);
            }
        }
        if done.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    done.into_iter().flatten().collect()
}
