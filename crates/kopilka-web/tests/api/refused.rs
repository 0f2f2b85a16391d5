//! One row per refusal of the server, and the bad inputs that a shop's program may send.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use kopilka_service::Publish;
use serde_json::{Value, json};

const ORDER: &str = "/v1/orders/o1";

fn order(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = json!({
        "status": "placed",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "100.00" }],
    });
    change(&mut body);
    body
}

/// A body that is refused: status, code, and where the pointer leads.
type Row = (Value, u16, &'static str, Option<&'static str>);

/// The order with one value put at a pointer.
fn set(pointer: &'static str, value: Value) -> Value {
    order(|body| match body.pointer_mut(pointer) {
        Some(place) => *place = value,
        None => {
            let (parent, name) = pointer.rsplit_once('/').unwrap();
            body.pointer_mut(parent).unwrap()[name] = value;
        }
    })
}

fn refused_lines() -> Vec<Row> {
    vec![
        (set("/lines/0/prise", json!("1")), 422, "unknown_field", Some("/lines/0/prise")),
        (set("/gift", json!([])), 422, "unknown_field", Some("/gift")),
        (set("/coupons", json!(["CODE", 5])), 422, "wrong_type", Some("/coupons/1")),
        (set("/coupons", json!(vec!["CODE"; 9])), 422, "too_many_coupons", None),
        (json!({ "status": "placed" }), 422, "missing_field", Some("/lines")),
        (set("/lines/0/price", json!(100.0)), 422, "decimal_as_number", Some("/lines/0/price")),
        (set("/lines/0/quantity", json!(1)), 422, "decimal_as_number", Some("/lines/0/quantity")),
        (set("/lines/0/price", json!("100.005")), 422, "too_many_decimals", Some("/lines/0/price")),
        (set("/lines/0/quantity", json!("0.0001")), 422, "too_many_decimals", Some("/lines/0/quantity")),
        (set("/lines/0/price", json!("1e3")), 422, "not_a_decimal", Some("/lines/0/price")),
        (set("/lines/0/price", json!("9".repeat(30))), 422, "out_of_range", Some("/lines/0/price")),
        (set("/lines/0/price", json!("100000000000.01")), 422, "out_of_range", Some("/lines/0/price")),
        (set("/lines/0/price", json!("-1.00")), 422, "amount_out_of_range", Some("/lines/0")),
        (set("/lines/0/quantity", json!("0")), 422, "quantity_out_of_range", Some("/lines/0")),
        (set("/lines/0/quantity", json!("-1")), 422, "quantity_out_of_range", Some("/lines/0")),
        (set("/lines/0/quantity", json!("1000001")), 422, "quantity_out_of_range", Some("/lines/0")),
        (set("/lines/0/shop_discount", json!("100.01")), 422, "discount_above_amount", Some("/lines/0")),
        (set("/lines", json!([])), 422, "no_lines", None),
        (set("/lines/0/id", json!("")), 422, "invalid_text", Some("/lines/0/id")),
        (set("/lines/0/sku", json!("x".repeat(201))), 422, "invalid_text", Some("/lines/0/sku")),
    ]
}

fn refused_orders() -> Vec<Row> {
    vec![
        (set("/status", json!("done")), 422, "wrong_type", Some("/status")),
        (set("/revision", json!("1")), 422, "wrong_type", Some("/revision")),
        (set("/occurred_at", json!("yesterday")), 422, "invalid_time", Some("/occurred_at")),
        (set("/occurred_at", json!("2027-01-01T00:00:00Z")), 422, "occurred_in_future", None),
        (set("/currency", json!("EUR")), 422, "currency_mismatch", Some("/currency")),
        (set("/order_id", json!("o2")), 422, "order_id_mismatch", Some("/order_id")),
        (set("/shop", json!("other")), 403, "shop_of_another_key", None),
        (set("/member", json!("ext:nobody")), 404, "member_unknown", None),
        (set("/member", json!("nonsense")), 404, "member_unknown", Some("/member")),
        (set("/member", json!({})), 422, "member_reference_invalid", Some("/member")),
        (
            set("/member", json!({ "ext": "1", "card": "2" })),
            422,
            "member_reference_invalid",
            Some("/member"),
        ),
        (set("/member", json!({ "tel": "1" })), 422, "unknown_field", Some("/member/tel")),
        (set("/points", json!({ "mode": "exact" })), 422, "points_amount_invalid", Some("/points/amount")),
        (
            set("/points", json!({ "mode": "max", "amount": "1" })),
            422,
            "points_amount_invalid",
            Some("/points/amount"),
        ),
        (
            set("/points", json!({ "mode": "exact", "amount": "-1" })),
            422,
            "points_amount_invalid",
            Some("/points/amount"),
        ),
        (
            set("/lines/0/tax", json!({ "rate": "120", "mode": "added" })),
            422,
            "out_of_range",
            Some("/lines/0/tax/rate"),
        ),
        (
            set("/payments", json!([{ "amount": "1.001" }])),
            422,
            "too_many_decimals",
            Some("/payments/0/amount"),
        ),
        (set("/payments", json!([{ "amount": "-1.00" }])), 422, "out_of_range", Some("/payments/0/amount")),
        (set("/delivery", json!({ "price": 300 })), 422, "decimal_as_number", Some("/delivery/price")),
    ]
}

#[tokio::test]
async fn a_body_that_cannot_be_meant_is_refused_with_its_place() {
    let app = TestApp::new().await;
    for (body, status, code, pointer) in refused_lines().into_iter().chain(refused_orders()) {
        let answer = app.put(ORDER, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{body} {}", answer.text);
        assert_eq!(answer.body["pointer"].as_str(), pointer, "{body} {}", answer.text);
        assert_eq!(answer.headers["content-type"], "application/problem+json");
    }
    app.get(ORDER).await.refused(404, "order_unknown");
}

#[tokio::test]
async fn a_body_is_refused_before_it_is_read() {
    let app = TestApp::new().await;
    let put = |body: String| app.ask(Method::PUT, ORDER).raw(body);
    let json = "application/json";
    put("{".into()).header("content-type", json).send().await.refused(400, "malformed_json");
    let broken = put("{\n \"lines\": oops}".into()).header("content-type", json).send().await;
    let broken = broken.refused(400, "malformed_json");
    assert_eq!((broken.text_at("/line"), broken.text_at("/column")), ("2", "11"));
    put("{}".into()).send().await.refused(415, "unsupported_media_type");
    put("{}".into()).header("content-type", "text/plain").send().await.refused(415, "unsupported_media_type");
    let large = "x".repeat(1024 * 1024 + 1);
    put(large).header("content-type", json).send().await.refused(413, "body_too_large");
    // A body that only claims to be large is refused by its claim.
    let claimed = put("{}".into()).header("content-type", json).header("content-length", "2000000");
    claimed.send().await.refused(413, "body_too_large");
    put("[".repeat(100)).header("content-type", json).send().await.refused(400, "too_deep");
}

#[tokio::test]
async fn a_thousand_lines_are_taken_and_one_more_is_not() {
    let app = TestApp::new().await;
    let lines = |count: usize| {
        let line = |i: usize| json!({ "id": i.to_string(), "sku": "ball", "quantity": "1", "price": "1.00" });
        json!({ "status": "placed", "lines": (0..count).map(line).collect::<Vec<_>>() })
    };
    app.put(ORDER, &lines(1_001)).await.refused(422, "too_many_lines");
    let answer = app.put(ORDER, &lines(1_000)).await.ok();
    assert_eq!(answer.text_at("/order/to_pay"), "1000.00");
}

#[tokio::test]
async fn addresses_queries_and_keys_are_refused_in_their_own_words() {
    let app = TestApp::new().await;
    app.get("/v2/orders").await.refused(404, "route_unknown");
    app.ask(Method::DELETE, "/v1/products").send().await.refused(405, "method_not_allowed");
    app.get("/v1/products?sort=name").await.refused(400, "query_invalid");
    app.get("/v1/products?limit=0").await.refused(400, "query_invalid");
    app.get("/v1/products?limit=501").await.refused(400, "query_invalid");
    let member = app.member("1").await;
    app.get(&format!("/v1/members/{member}/entries?cursor=x")).await.refused(400, "cursor_invalid");
    app.get("/v1/members/ext:2").await.refused(404, "member_unknown");
    app.get("/v1/members/m_0000000000000").await.refused(404, "member_unknown");
    app.get("/v1/entries/e_0000000000000/explain").await.refused(404, "entry_unknown");
    app.get("/v1/entries/rubbish/explain").await.refused(404, "entry_unknown");
    app.get("/v1/orders/none/explain").await.refused(404, "order_unknown");
    app.get("/v1/orders/o?shop=other").await.refused(403, "shop_of_another_key");
}

#[tokio::test]
async fn a_post_that_writes_needs_an_idempotency_key() {
    let app = TestApp::new().await;
    let bare = app.ask(Method::POST, "/v1/members").json(&json!({ "ext": "1" })).send().await;
    bare.refused(400, "idempotency_key_required");
    let long = "k".repeat(129);
    let long = app.ask(Method::POST, "/v1/members").json(&json!({ "ext": "1" })).idempotent(&long);
    long.send().await.refused(400, "idempotency_key_invalid");
    let one =
        |ext: &str| app.ask(Method::POST, "/v1/members").json(&json!({ "ext": ext })).idempotent("k").send();
    let first = one("1").await.ok();
    let again = one("1").await.ok();
    assert_eq!(first.text, again.text);
    assert_eq!(
        (first.status, again.status),
        (axum::http::StatusCode::CREATED, axum::http::StatusCode::CREATED)
    );
    assert!(!first.headers.contains_key("idempotent-replayed"));
    assert_eq!(again.headers["idempotent-replayed"], "true");
    one("2").await.refused(422, "idempotency_conflict");
}

#[tokio::test]
async fn forms_that_say_two_things_at_once_are_refused() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let adjust = format!("/v1/members/{member}/adjustments");
    let both = json!({ "points": "1", "reverses": "e_1", "reason": "r", "operator": "o" });
    app.post(&adjust, &both).await.refused(422, "adjustment_form_invalid");
    app.post(&adjust, &json!({ "points": "1", "operator": "o" })).await.refused(422, "missing_field");
    let zero = json!({ "points": "0", "reason": "r", "operator": "o" });
    app.post(&adjust, &zero).await.refused(422, "points_out_of_range");
    let half = json!({ "points": "0.5", "reason": "r", "operator": "o" });
    app.post(&adjust, &half).await.refused(422, "too_many_decimals");
    let unknown = json!({ "reverses": "e_0000000000000", "reason": "r", "operator": "o" });
    app.post(&adjust, &unknown).await.refused(404, "entry_unknown");
    let returns = "/v1/orders/o1/returns";
    app.post(returns, &json!({})).await.refused(422, "return_form_invalid");
    app.post(returns, &json!({ "all": true, "lines": [] })).await.refused(422, "return_form_invalid");
    app.post(returns, &json!({ "all": true })).await.refused(404, "order_unknown");
    let exchange = json!({ "return": { "all": true }, "order": { "lines": [] } });
    app.post("/v1/orders/o1/exchange", &exchange).await.refused(422, "missing_field");
    let many: Vec<_> = (0..21).map(|i| format!("+7912345{i:04}")).collect();
    app.post("/v1/members", &json!({ "phones": many })).await.refused(422, "too_many_identifiers");
    let products: Vec<_> = (0..1_001).map(|i| json!({ "sku": i.to_string(), "name": "x" })).collect();
    app.put("/v1/products", &json!({ "products": products })).await.refused(422, "too_many_products");
}

#[tokio::test]
async fn the_clock_goes_forward_and_only_in_a_sandbox() {
    let app = TestApp::new().await;
    app.member("1").await;
    let set = |time: &str| {
        let body = json!({ "now": time });
        app.ask(Method::POST, "/v1/clock").json(&body).send()
    };
    let back = set("2026-02-28T12:00:00+03:00").await.refused(409, "clock_backwards");
    assert_eq!(back.text_at("/now"), "2026-03-01T09:00:00Z");
    set("noon").await.refused(422, "invalid_time");
    set("2026-03-02T12:00:00+03:00").await.ok();
    assert_eq!(app.get("/v1/clock").await.ok().text_at("/now"), "2026-03-02T09:00:00Z");
}

#[tokio::test]
async fn the_clock_of_a_live_program_cannot_be_set() {
    let app = TestApp::new().await;
    let publish = Publish {
        text: SPORTS.replace("program: sports", "program: live"),
        author: "test".into(),
        note: String::new(),
        sandbox: false,
        effective_from: None,
    };
    let live = app.service.publish(publish).await.unwrap().program;
    let key = app.key_for(live, "main", &["all"]).await;
    let now = app.ask(Method::GET, "/v1/clock").key(&key).send().await.ok();
    assert_eq!(now.body["movable"], false);
    let body = json!({ "now": "2030-01-01T00:00:00Z" });
    let set = app.ask(Method::POST, "/v1/clock").key(&key).json(&body).send().await;
    set.refused(409, "clock_of_live_program");
}

#[tokio::test]
async fn an_entry_that_is_not_there_yet_is_worth_another_try() {
    let app = TestApp::new().await;
    app.member("1").await;
    let answer = app.get("/v1/members/ext:1?at_least_seq=99").await.refused(503, "seq_not_reached");
    assert_eq!(answer.headers["retry-after"], "1");
    app.get("/v1/members/ext:1?at_least_seq=x").await.refused(400, "query_invalid");
}

#[tokio::test]
async fn a_stopping_server_asks_to_come_back() {
    let app = TestApp::new().await;
    app.service.stop();
    let answer = app.post("/v1/members", &json!({ "ext": "1" })).await.refused(503, "busy");
    assert_eq!(answer.headers["retry-after"], "1");
}

#[tokio::test]
async fn refusals_speak_the_callers_language() {
    let app = TestApp::new().await;
    app.member("1").await;
    let body = json!({
        "member": "ext:1", "points": { "mode": "exact", "amount": "900" },
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "10000.00" }],
    });
    let ask = |language: &'static str| {
        app.ask(Method::POST, "/v1/quote").header("accept-language", language).json(&body).send()
    };
    let ru = ask("ru-RU,ru;q=0.9").await.refused(409, "insufficient_points");
    assert_eq!(ru.text_at("/detail").replace('\u{a0}', " "), "Нужно: 900 бонусов; доступно: 500 бонусов.");
    assert_eq!((ru.text_at("/available"), ru.text_at("/wanted")), ("500", "900"));
    assert_eq!(ru.headers["content-language"], "ru");
    let en = ask("de, en;q=0.5").await.refused(409, "insufficient_points");
    assert_eq!(en.text_at("/detail").replace('\u{a0}', " "), "Wanted: 900 bonuses; available: 500 bonuses.");
    let ru = app.ask(Method::GET, "/v1/nowhere").header("accept-language", "ru").send().await;
    assert_eq!(ru.text_at("/detail"), "Такого адреса нет.");
}
