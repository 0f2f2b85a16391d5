//! The sample shop: its page, its tokens and its checkout.

use crate::support::{Browser, House, SPORTS, empty_house};
use axum::Router;
use axum::body::Body;
use axum::http::header;
use kopilka_core::money::Money;
use kopilka_core::product::Product;
use kopilka_pages::{Demo, demo_shop, routes};
use kopilka_service::{Change, MemberRef, NewKey, Registration};
use kopilka_web::router_with;
use serde_json::{Value, json};

const SHOP: &str = "/demo/shop";

async fn sample() -> House {
    let mut house = empty_house();
    house.publish(SPORTS).await;
    let product = |sku: &str, name: &str, roubles: i64| Product {
        sku: sku.to_owned(),
        name: name.to_owned(),
        price: Some(Money(roubles * 100)),
        ..Product::default()
    };
    let goods = vec![product("RUN-001", "Кроссовки", 7_990), product("X", "<script>alert(1)</script>", 100)];
    house.service().put_products(house.program(), goods).await.unwrap();
    let anna =
        Registration {
            ext: Some("c1".to_owned()), name: Some("Анна".to_owned()), ..Registration::default()
        };
    house.write(Change::Register(anna)).await;
    let key = |scopes: &[&str]| NewKey {
        program: house.program(),
        shop: "main".to_owned(),
        name: "demo".to_owned(),
        scopes: scopes.iter().map(|scope| (*scope).to_owned()).collect(),
    };
    let (_, secret) = house.service().create_key(key(&["all"])).await.unwrap();
    let (public, _) = house.service().create_key(key(&["widget"])).await.unwrap();
    let demo = Demo {
        key: secret,
        public: kopilka_pages::public_name(&public).unwrap(),
        skus: vec!["RUN-001".to_owned(), "X".to_owned()],
        shoppers: vec!["c1".to_owned()],
    };
    let pages: Router<_> = routes(&house.app).merge(demo_shop(demo));
    house.router = router_with(house.app.clone(), pages);
    house
}

async fn order(browser: &mut Browser, body: &Value) -> crate::support::Seen {
    let request =
        browser.request("POST", "/demo/shop/order").header(header::CONTENT_TYPE, "application/json");
    browser.send(request.body(Body::from(body.to_string())).unwrap()).await
}

#[tokio::test]
async fn a_shopper_signs_in_asks_with_a_token_and_checks_out() {
    let house = sample().await;
    let mut browser = house.browser();
    let seen = browser.get(SHOP).await.ok().says("Sample shop").says("data-key=\"pk_").says("Кроссовки");
    seen.never_says("kop_test_").never_says("<script>alert");
    browser.post_raw("/demo/shop/token", &[]).await.is(204);
    browser.post_raw("/demo/shop/as", &[("shopper", "c1")]).await.is(303);
    browser.get("/demo/shop?language=ru").await.ok().says("Пробный магазин").says("value=\"c1\" selected");
    let told = browser.post_raw("/demo/shop/token", &[]).await.ok();
    let told: Value = serde_json::from_str(&told.text).unwrap();
    let member = told["member"].as_str().unwrap();
    let request = browser.request("GET", &format!("/v1/members/{member}/balance"));
    let request =
        request.header(header::AUTHORIZATION, format!("Bearer {}", told["token"].as_str().unwrap()));
    browser.send(request.body(Body::empty()).unwrap()).await.ok().says("\"available\":\"500\"");

    let cart = json!({ "lines": [{ "sku": "RUN-001", "quantity": 1 }], "points": "500" });
    let done = order(&mut browser, &cart).await.ok();
    let done: Value = serde_json::from_str(&done.text).unwrap();
    assert_eq!(done["to_pay"], "7,490\u{a0}RUB");
    assert_eq!(
        (&done["points_used"], &done["earned"]),
        (&json!("500\u{a0}bonuses"), &json!("374\u{a0}bonuses"))
    );
    let id = house.service().find_member(house.program(), MemberRef::Ext("c1".to_owned())).await.unwrap();
    assert_eq!(id.to_string(), member);
}

#[tokio::test]
async fn the_checkout_takes_its_own_goods_at_its_own_prices_from_its_own_page() {
    let house = sample().await;
    let mut browser = house.browser();
    browser.cookies.insert("kopilka_demo_shopper".to_owned(), "somebody-else".to_owned());
    browser.post_raw("/demo/shop/token", &[]).await.is(204);
    for body in [
        json!({ "lines": [] }),
        json!({ "lines": [{ "sku": "RUN-001", "quantity": 0 }] }),
        json!({ "lines": [{ "sku": "RUN-001", "quantity": -1 }] }),
        json!({ "lines": [{ "sku": "RUN-001", "quantity": 1000 }] }),
        json!({ "lines": [{ "sku": "no-such", "quantity": 1 }] }),
        json!({ "lines": [{ "sku": "RUN-001", "quantity": 1 }], "points": "many" }),
    ] {
        let seen = order(&mut browser, &body).await;
        assert!(seen.status.is_client_error(), "{body}");
    }
    let priced = json!({ "lines": [{ "sku": "RUN-001", "quantity": 1, "price": "1.00" }] });
    order(&mut browser, &priced).await.ok().says("7,990");
    for path in ["/demo/shop/token", "/demo/shop/as", "/demo/shop/order"] {
        let request = browser.request("POST", path).header("sec-fetch-site", "cross-site");
        let kind =
            if path.ends_with("order") { "application/json" } else { "application/x-www-form-urlencoded" };
        let request = request.header(header::CONTENT_TYPE, kind);
        let body = r#"{"lines":[{"sku":"RUN-001","quantity":1}]}"#;
        browser.send(request.body(Body::from(body)).unwrap()).await.is(403);
    }
}
