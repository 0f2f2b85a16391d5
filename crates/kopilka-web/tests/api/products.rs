//! The product table and what a listing would bring.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

#[tokio::test]
async fn products_keep_their_own_terms_and_a_listing_tells_what_each_would_bring() {
    let app = TestApp::with(SPORTS).await;
    let member = app.member("1").await;
    let products = json!({ "products": [
        { "sku": "ball", "name": "Ball", "price": "1000.00", "also_in": ["sale"], "cost": "600.00" },
        { "sku": "boots", "name": "Boots", "price": "2000.00", "points": { "per_piece": "300" },
          "spend_share": "10", "recommended_price": "1900.00" },
        { "sku": "card", "name": "Nothing", "price": "500.00", "points": { "percent": "0" } },
        { "sku": "free", "name": "No price" },
    ] });
    app.put("/v1/products", &products).await.ok();
    let listed = app.get("/v1/products").await.ok();
    assert_eq!(listed.body["products"][1], products["products"][1]);

    let items = json!([
        { "sku": "ball" }, { "sku": "ball", "price": "100.00" }, { "sku": "boots" }, { "sku": "card" },
        { "sku": "free" }, { "sku": "nobody", "price": "60.00" },
    ]);
    let told = |answer: &Value| -> Vec<Option<String>> {
        let list = answer["earnings"].as_array().unwrap();
        list.iter().map(|e| e["points"].as_str().map(str::to_owned)).collect()
    };
    let expected = ["50", "5", "300", "0", "-", "3"].map(|p| (p != "-").then(|| p.to_owned()));
    for who in [json!(member), Value::Null] {
        let mut body = json!({ "items": items });
        if !who.is_null() {
            body["member"] = who;
        }
        let ask = app.ask(Method::POST, "/v1/earnings").json(&body);
        assert_eq!(told(&ask.send().await.ok().body), expected);
    }
    // An order of it takes the same terms from the table.
    let order = json!({ "member": member, "status": "paid", "points": { "mode": "max" },
        "lines": [{ "id": "1", "sku": "boots", "quantity": "1", "price": "2000.00" }] });
    let paid = app.put("/v1/orders/A", &order).await.ok();
    assert_eq!((paid.text_at("/order/points/used"), paid.text_at("/order/points/earned")), ("100", "300"));
}

#[tokio::test]
async fn what_cannot_be_a_product_or_a_listing_is_refused() {
    let app = TestApp::with(SPORTS).await;
    let product = |more: Value| {
        let mut product = json!({ "sku": "a", "name": "A" });
        product.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({ "products": [product] })
    };
    let rows = [
        (json!({ "points": {} }), "own_points_form", "/products/0/points"),
        (json!({ "points": { "percent": "1", "per_piece": "1" } }), "own_points_form", "/products/0/points"),
        (json!({ "points": { "per_piece": "0" } }), "out_of_range", "/products/0/points"),
        (json!({ "spend_share": "101" }), "out_of_range", "/products/0/spend_share"),
        (json!({ "recommended_price": "-1" }), "out_of_range", "/products/0/recommended_price"),
        (json!({ "cost": "x" }), "not_a_decimal", "/products/0/cost"),
    ];
    for (more, code, pointer) in rows {
        let refused = app.put("/v1/products", &product(more)).await.refused(422, code);
        assert_eq!(refused.text_at("/pointer"), pointer);
    }
    let many: Vec<Value> = (0..201).map(|n| json!({ "sku": format!("s{n}") })).collect();
    for (items, status, code) in [
        (json!([]), 422, "too_many_items"),
        (json!(many), 422, "too_many_items"),
        (json!([{ "sku": "a", "price": "-1" }]), 422, "out_of_range"),
    ] {
        let ask = app.ask(Method::POST, "/v1/earnings").json(&json!({ "items": items }));
        ask.send().await.refused(status, code);
    }
    let unknown = json!({ "member": "ext:9", "items": [{ "sku": "a", "price": "1" }] });
    let ask = app.ask(Method::POST, "/v1/earnings").json(&unknown);
    ask.send().await.refused(404, "member_unknown");
}

#[tokio::test]
async fn the_largest_page_tells_of_the_next_one_too() {
    let app = TestApp::new().await;
    let product = |n: usize| json!({ "sku": format!("{n:03}"), "name": "x" });
    let products: Vec<Value> = (0..501).map(product).collect();
    app.put("/v1/products", &json!({ "products": products })).await.ok();
    let page = app.get("/v1/products?limit=500").await.ok();
    assert_eq!((page.body["products"].as_array().unwrap().len(), page.text_at("/next")), (500, "499"));
    let last = app.get("/v1/products?limit=500&cursor=499").await.ok();
    assert_eq!((&last.body["products"][0]["sku"], &last.body["next"]), (&json!("500"), &Value::Null));
}
