//! An order through its whole life, and what remains of it when everything came back.

use crate::support::TestApp;
use axum::http::Method;
use serde_json::{Value, json};

fn pieces(count: &str) -> Value {
    json!([{ "id": "1", "sku": "ball", "quantity": count, "price": "2500.00" }])
}

#[tokio::test]
async fn register_quote_place_change_pay_return_exchange_cancel() {
    let app = TestApp::new().await;
    let joined = app.post("/v1/members", &json!({ "phones": ["+7 912 345-67-89"] })).await.ok();
    assert_eq!((joined.status.as_u16(), joined.text_at("/points")), (201, "500"));
    let member = joined.text_at("/member").to_owned();

    let cart = json!({ "member": member, "lines": pieces("4"), "points": { "mode": "max" } });
    let quote = app.ask(Method::POST, "/v1/quote?explain=true").json(&cart).send().await.ok();
    assert_eq!(quote.text_at("/to_pay"), "9500.00");
    assert_eq!(quote.text_at("/spending/limit"), "500");
    assert_eq!(quote.text_at("/spending/bound_by"), "available");
    assert_eq!(quote.text_at("/spending/by_share"), "2000");
    assert_eq!((quote.text_at("/earn/0/rule"), quote.text_at("/earn/0/points")), ("cashback", "475"));
    assert_eq!(quote.text_at("/earn/0/active_at"), "2026-03-15T09:00:00Z");
    assert!(quote.text_at("/read_aloud").contains("9,500"), "{}", quote.text);
    assert!(!quote.body["trace"].as_array().unwrap().is_empty());

    let paid = place_change_and_pay(&app, &member).await;
    return_and_exchange(&app, &member).await;

    // Everything comes back, and nothing but the welcome is left.
    app.post("/v1/orders/B/cancel", &json!({})).await.ok();
    let rest = app.post("/v1/orders/A/returns", &json!({ "all": true })).await.ok();
    assert_eq!(rest.text_at("/refund"), "2375.00");
    assert_eq!(rest.balance(), ["500", "0", "0", "0"]);
    assert_eq!(app.get("/v1/orders/A").await.ok().text_at("/order/status"), "returned");
    // The payment's message once more changes nothing of what came back.
    let late = app.put("/v1/orders/A", &paid).await.ok();
    assert_eq!((late.text_at("/order/status"), &late.body["unchanged"]), ("returned", &json!(true)));
    app.post("/v1/orders/A/returns", &json!({ "all": true })).await.refused(409, "nothing_to_return");

    let why = app.get("/v1/orders/A/explain").await.ok();
    let causes: Vec<_> = why.body["entries"].as_array().unwrap().iter().map(|e| e["cause"].clone()).collect();
    assert_eq!(causes.first(), Some(&json!("order")));
    assert!(causes.contains(&json!("return")) && causes.contains(&json!("exchange")), "{causes:?}");
    let entry = why.text_at("/entries/0/id");
    app.get(&format!("/v1/entries/{entry}/explain")).await.ok();
}

/// Leaves order A of three pieces paid, with 375 points; answers the body that paid it.
async fn place_change_and_pay(app: &TestApp, member: &str) -> Value {
    // Placed: the points are held, and the body that says the same again changes nothing.
    let placed = json!({
        "status": "placed", "member": member, "revision": 1, "lines": pieces("4"),
        "points": { "mode": "exact", "amount": "500" }, "expect": { "to_pay": "9500.00", "points": "500" },
    });
    let answer = app.put("/v1/orders/A", &placed).await.ok();
    assert_eq!(answer.text_at("/order/status"), "placed");
    assert_eq!(answer.balance(), ["0", "0", "500", "0"]);
    let again = app.put("/v1/orders/A", &placed).await.ok();
    assert_eq!(again.body["unchanged"], true);
    assert_eq!(again.body["seq"], answer.body["seq"]);

    // One piece fewer before payment: a quarter of the points comes back.
    let changed = json!({
        "status": "placed", "member": member, "revision": 2, "lines": pieces("3"),
        "points": { "mode": "exact", "amount": "500" },
    });
    let answer = app.put("/v1/orders/A", &changed).await.ok();
    assert_eq!(answer.text_at("/order/to_pay_remaining"), "7125.00");
    assert_eq!(answer.balance(), ["125", "0", "375", "0"]);
    // The older message arrives once more and changes nothing.
    let late = app.put("/v1/orders/A", &placed).await.ok();
    assert_eq!(late.text_at("/order/to_pay_remaining"), "7125.00");

    let mut paid = changed.clone();
    paid["status"] = json!("paid");
    paid["revision"] = json!(3);
    let answer = app.ask(Method::PUT, "/v1/orders/A?explain=true").json(&paid).send().await.ok();
    assert_eq!(answer.text_at("/order/status"), "paid");
    assert_eq!(answer.balance(), ["125", "356", "0", "0"]);
    assert_eq!(answer.text_at("/order/points/used"), "375");
    let words = answer.text_at("/trace/0/words").to_owned();
    assert!(!words.is_empty());

    // Lines of a paid order do not go by a body.
    let fewer = json!({ "status": "paid", "member": member, "revision": 4, "lines": pieces("2") });
    app.put("/v1/orders/A", &fewer).await.refused(409, "use_returns");
    paid
}

/// Returns one piece of A and exchanges another for order B.
async fn return_and_exchange(app: &TestApp, member: &str) {
    let one = json!({ "lines": [{ "id": "1", "quantity": "1" }] });
    let back = app.post("/v1/orders/A/returns", &one).await.ok();
    assert_eq!(back.text_at("/refund"), "2375.00");
    assert_eq!((back.text_at("/points_back"), back.text_at("/taken_back")), ("125", "119"));
    assert_eq!(back.balance(), ["250", "237", "0", "0"]);
    let excess = json!({ "lines": [{ "id": "1", "quantity": "3" }] });
    let refused = app.post("/v1/orders/A/returns", &excess).await.refused(409, "return_exceeds");
    assert_eq!((refused.text_at("/remaining"), refused.text_at("/pointer")), ("2", "/lines/0"));

    // Another piece goes for a new order that points help to pay.
    let exchange = json!({
        "return": one,
        "order": {
            "order_id": "B", "status": "paid", "member": member, "pricing": "engine",
            "lines": [{ "id": "1", "sku": "net", "quantity": "1", "price": "3000.00" }],
            "points": { "mode": "exact", "amount": "250" },
        },
    });
    let answer = app.post("/v1/orders/A/exchange", &exchange).await.ok();
    assert_eq!(answer.text_at("/return/refund"), "2375.00");
    assert_eq!(answer.text_at("/order_id"), "B");
    let new = app.get("/v1/orders/B").await.ok();
    assert_eq!((new.text_at("/order/to_pay"), new.text_at("/order/points/earned")), ("2750.00", "137"));
}

#[tokio::test]
async fn time_brings_points_to_life_and_takes_them() {
    let app = TestApp::new().await;
    let member = app.member("42").await;
    let answer = app.order("A", &member, "paid", "10000.00").await.ok();
    assert_eq!(answer.balance(), ["500", "500", "0", "0"]);
    app.at("2026-03-15T11:59:59+03:00").await;
    let balance = async || {
        let answer = app.get("/v1/members/ext:42/balance").await.ok();
        (answer.text_at("/available").to_owned(), answer.text_at("/pending").to_owned())
    };
    assert_eq!(balance().await, ("500".into(), "500".into()));
    app.at("2026-03-15T12:00:00+03:00").await;
    assert_eq!(balance().await, ("1000".into(), "0".into()));
    // A month, to the end of its last day.
    app.at("2026-04-15T23:59:59+03:00").await;
    assert_eq!(balance().await.0, "1000");
    app.at("2026-04-16T00:00:00+03:00").await;
    assert_eq!(balance().await.0, "500");
    let entries = app.ask(Method::GET, "/v1/members/ext:42/entries").header("accept-language", "ru");
    let entries = entries.send().await.ok();
    assert_eq!(entries.text_at("/entries/0/movements/0/kind"), "lot_expired");
    let words = entries.text_at("/entries/0/movements/0/words").replace('\u{a0}', " ");
    assert_eq!(words, "Сгорело: 500 бонусов.");
    let posting = &entries.body["entries"][0]["movements"][0]["postings"][0];
    assert_eq!(posting, &json!({ "from": "available", "to": "expired", "points": "500" }));
}

#[tokio::test]
async fn a_changed_quote_comes_back_with_the_new_one_and_holds_nothing() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let body = json!({
        "status": "placed", "member": member, "lines": pieces("1"),
        "points": { "mode": "max" }, "expect": { "to_pay": "1.00", "points": "500" },
    });
    let refused = app.put("/v1/orders/A", &body).await.refused(409, "quote_changed");
    assert_eq!((refused.text_at("/to_pay"), refused.text_at("/quote/to_pay")), ("2000.00", "2000.00"));
    let member = app.get("/v1/members/ext:1").await.ok();
    assert_eq!(member.balance(), ["500", "0", "0", "0"]);
}

#[tokio::test]
async fn orders_refuse_what_no_longer_fits_their_life() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    app.order("A", &member, "placed", "100.00").await.ok();
    app.post("/v1/orders/A/returns", &json!({ "all": true })).await.refused(409, "order_not_paid");
    let other = app.member("2").await;
    app.order("A", &other, "paid", "100.00").await.refused(409, "order_of_another_member");
    app.post("/v1/orders/A/cancel", &json!({})).await.ok();
    app.at("2026-03-01T13:00:00+03:00").await;
    app.order("A", &member, "paid", "100.00").await.refused(409, "order_cancelled");
    // A cancel may come before the order it cancels.
    app.post("/v1/orders/B/cancel", &json!({})).await.ok();
    app.post("/v1/orders/C/returns", &json!({ "all": true })).await.refused(404, "order_unknown");
}

#[tokio::test]
async fn a_guests_order_earns_and_spends_nothing() {
    let app = TestApp::new().await;
    let body = json!({ "status": "paid", "lines": pieces("1") });
    let answer = app.put("/v1/orders/G", &body).await.ok();
    assert_eq!(answer.text_at("/order/points/earned"), "0");
    let read = app.get("/v1/orders/G").await.ok();
    assert!(read.body.get("member").is_none(), "{}", read.text);
    let quote = app.ask(Method::POST, "/v1/quote").json(&json!({ "lines": pieces("1") })).send().await.ok();
    assert!(quote.body.get("spending").is_none());
    assert_eq!(quote.text_at("/earn_total"), "0");
}

#[tokio::test]
async fn a_line_takes_its_category_from_the_product_table() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let products = json!({ "products": [
        { "sku": "gift", "name": "Gift card", "category": "gift-cards", "price": "1000.00" },
        { "sku": "ball", "name": "Ball", "category": "games/balls", "brand": "Northpeak" },
    ]});
    assert_eq!(app.put("/v1/products", &products).await.ok().body["count"], 2);
    let cart = |sku: &str| {
        json!({ "member": member, "points": { "mode": "max" },
            "lines": [{ "id": "1", "sku": sku, "quantity": "1", "price": "1000.00" }] })
    };
    let ask = |sku: &'static str| app.ask(Method::POST, "/v1/quote").json(&cart(sku)).send();
    assert_eq!(ask("gift").await.ok().text_at("/points_used"), "0");
    let ball = ask("ball").await.ok();
    assert_eq!((ball.text_at("/points_used"), ball.text_at("/lines/0/brand")), ("200", "Northpeak"));
    let page = app.get("/v1/products?limit=1").await.ok();
    assert_eq!((page.text_at("/products/0/sku"), page.text_at("/next")), ("ball", "ball"));
    let page = app.get("/v1/products?limit=1&cursor=ball").await.ok();
    assert_eq!(page.text_at("/products/0/sku"), "gift");
    assert!(page.body.get("next").is_none());
}

#[tokio::test]
async fn receipt_rows_multiply_out() {
    let app = TestApp::new().await;
    let member = app.member("1").await;
    let body = json!({
        "status": "paid", "member": member, "pricing": "engine",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "3", "price": "199.99" }],
        "delivery": { "price": "300.00", "tax": { "rate": "20", "mode": "included" } },
        "points": { "mode": "exact", "amount": "50" },
    });
    let answer = app.put("/v1/orders/A", &body).await.ok();
    let rows = answer.body["order"]["receipt"].as_array().unwrap();
    let told: Vec<_> =
        rows.iter().map(|r| (r["quantity"].clone(), r["price"].clone(), r["amount"].clone())).collect();
    assert_eq!(
        told,
        [
            (json!("2"), json!("183.32"), json!("366.64")),
            (json!("1"), json!("183.33"), json!("183.33")),
            (json!("1"), json!("300.00"), json!("300.00")),
        ]
    );
    assert_eq!(answer.text_at("/order/to_pay"), "849.97");
    assert_eq!(answer.text_at("/order/tax_total"), "50.00");
}

#[tokio::test]
async fn every_write_says_why_when_it_is_asked() {
    let app = TestApp::new().await;
    let ask = |path: &str, key: &'static str, body: Value| {
        let path = format!("{path}?explain=true");
        app.ask(Method::POST, &path).idempotent(key).header("accept-language", "ru").json(&body).send()
    };
    let joined = ask("/v1/members", "k1", json!({ "ext": "1" })).await.ok();
    assert_eq!(joined.text_at("/trace/0/rule"), "welcome");
    assert!(joined.text_at("/trace/0/words").starts_with("Правило «welcome» даёт"), "{}", joined.text);
    app.order("A", "ext:1", "paid", "1000.00").await.ok();
    let back = ask("/v1/orders/A/returns", "k2", json!({ "all": true })).await.ok();
    assert_eq!((back.text_at("/trace/0/step"), back.text_at("/trace/0/points")), ("credit_taken_back", "50"));
    let again = ask("/v1/orders/A/returns", "k2", json!({ "all": true })).await.ok();
    assert_eq!(again.text, back.text);
    let adjust = json!({ "points": "1", "reason": "r", "operator": "o" });
    assert!(ask("/v1/members/ext:1/adjustments", "k3", adjust).await.ok().body["trace"].is_array());
}

/// Points promised by a placing, earned by a payment and due with the completion.
const COMPLETED: &str = "
program: completed
currency: RUB
timezone: Europe/Moscow
points: { expires: { after_last_order: 90 days } }
accrual: { from: completed, complete_after: 20 days }
rules:
  - { id: early, when: order.placed, then: [{ credit: { points: 10 } }] }
  - { id: cashback, when: order.paid, then: [{ credit: { percent: 10 } }] }
  - { id: kept, when: order.completed, then: [{ credit: { points: 7 } }] }
";

#[tokio::test]
async fn an_order_is_completed_once_and_by_its_term_where_nobody_says_so() {
    let app = TestApp::with(COMPLETED).await;
    let member = app.member("m").await;
    let placed = app.order("A", &member, "placed", "1000.00").await.ok();
    assert_eq!(placed.balance(), ["0", "10", "0", "0"]);
    let paid = app.order("A", &member, "paid", "1000.00").await.ok();
    assert_eq!((paid.text_at("/order/status"), paid.balance()), ("paid", ["0", "110", "0", "0"]));
    let completed = app.order("A", &member, "completed", "1000.00").await.ok();
    assert_eq!(completed.text_at("/order/status"), "completed");
    assert_eq!(completed.text_at("/order/completed_at"), "2026-03-01T09:00:00Z");
    assert_eq!(completed.balance(), ["117", "0", "0", "0"]);
    let again = app.order("A", &member, "completed", "1000.00").await.ok();
    assert_eq!(again.body["unchanged"], json!(true));

    app.order("B", &member, "paid", "1000.00").await.ok();
    app.at("2026-03-21T12:00:00+03:00").await;
    // Whether or not a job has been by: what is due runs before the member's next command.
    let back = app.post("/v1/orders/B/returns", &json!({ "all": true })).await.ok();
    assert_eq!(back.balance(), ["117", "0", "0", "0"]);
    let why = app.get("/v1/orders/B/explain").await.ok();
    let causes: Vec<_> = why.body["entries"].as_array().unwrap().iter().map(|e| e["cause"].clone()).collect();
    assert!(causes.contains(&json!("completion")), "{causes:?}");
}
