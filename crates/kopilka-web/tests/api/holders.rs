//! Accounts that several people use, as a shop sets them up and a till and a page meet them.

use crate::support::{SPORTS, TestApp};
use axum::http::Method;
use serde_json::{Value, json};

const HOLDER: &str = "/v1/members/ext:1/holders/2";

async fn app() -> TestApp {
    let app = TestApp::with(SPORTS).await;
    app.post("/v1/members", &json!({ "ext": "1", "phones": ["+79120000001"] })).await.ok();
    app
}

fn son(rights: &[&str]) -> Value {
    json!({ "name": "Сын", "rights": rights, "phones": ["8 912 000-00-02"] })
}

#[tokio::test]
async fn a_holder_is_set_found_at_a_till_and_taken_off() {
    let app = app().await;
    let set = app.put(HOLDER, &son(&["earn", "see"])).await.ok();
    let shown = json!([{ "holder": 2, "name": "Сын", "rights": ["earn", "see"],
        "phones": ["+79120000002"], "emails": [], "cards": [] }]);
    assert_eq!(set.body["holders"], shown);
    assert_eq!(app.put(HOLDER, &son(&["earn", "see"])).await.ok().body["holders"], shown);
    assert_eq!(app.get("/v1/members/ext:1/holders").await.ok().body["holders"], shown);
    let found = app.post("/v1/members/lookup", &json!({ "phone": "+79120000002" })).await.ok();
    assert_eq!(found.body["holder"]["rights"], json!(["earn", "see"]));
    let owner = app.post("/v1/members/lookup", &json!({ "phone": "+79120000001" })).await.ok();
    assert_eq!(owner.body.get("holder"), None);

    let mut order = json!({ "member": { "phone": "+79120000002" }, "status": "paid", "pricing": "engine",
        "lines": [{ "id": "1", "sku": "ball", "quantity": "1", "price": "1000.00" }] });
    app.put("/v1/orders/A", &order).await.ok();
    order["points"] = json!({ "mode": "exact", "amount": "10" });
    app.put("/v1/orders/B", &order).await.refused(403, "holder_spends_nothing");
    let entries = app.get("/v1/members/ext:1/entries").await.ok();
    assert!(
        entries.text.contains("Holder no. 2 of the account may earn, see the balance."),
        "{}",
        entries.text
    );
    assert!(!entries.text.contains("Сын"), "the journal names nobody");

    app.put(HOLDER, &son(&[])).await.ok();
    order.as_object_mut().unwrap().remove("points");
    let silent = app.put("/v1/orders/C?explain=true", &order).await.ok();
    assert!(silent.text.contains("holder_earns_nothing"), "{}", silent.text);
    let gone = app.ask(Method::DELETE, HOLDER).send().await.ok();
    assert_eq!(gone.body["holders"], json!([]));
    app.post("/v1/members/lookup", &json!({ "phone": "+79120000002" })).await.refused(404, "member_unknown");
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused_at_its_place() {
    let app = app().await;
    for (path, body, status, code) in [
        (HOLDER, json!({ "rights": ["fly"] }), 422, "holder_right_unknown"),
        ("/v1/members/ext:1/holders/0", son(&[]), 404, "holder_unknown"),
        ("/v1/members/ext:1/holders/100", son(&[]), 404, "holder_unknown"),
        ("/v1/members/ext:1/holders/x", son(&[]), 404, "holder_unknown"),
        ("/v1/members/ext:9/holders/1", son(&[]), 404, "member_unknown"),
        (HOLDER, json!({ "rights": [], "phones": ["12"] }), 422, "invalid_identifier"),
        (HOLDER, json!({ "rights": [], "name": "a\u{7}" }), 422, "invalid_text"),
        (HOLDER, json!({ "name": "no rights" }), 422, "missing_field"),
    ] {
        let answer = app.put(path, &body).await;
        assert_eq!((answer.status.as_u16(), answer.code()), (status, code), "{path} {body}: {}", answer.text);
    }
    app.ask(Method::DELETE, HOLDER).send().await.refused(404, "holder_unknown");
    // A till registers members and does not say by whose phone points are spent.
    let till = app.key_for(app.program, "main", &["point_of_sale"]).await;
    let ask = app.ask(Method::PUT, HOLDER).key(&till).json(&son(&["spend"]));
    ask.send().await.refused(403, "scope_missing");
}

#[tokio::test]
async fn a_holders_token_opens_what_the_rights_say() {
    let app = app().await;
    app.put(HOLDER, &son(&["see"])).await.ok();
    let made = app.post("/v1/members/ext:1/tokens", &json!({ "holder": 2 })).await.ok();
    let (token, member) = (made.text_at("/token").to_owned(), made.text_at("/member").to_owned());
    let get = async |tail: &str| {
        app.ask(Method::GET, &format!("/v1/members/{member}{tail}")).key(&token).send().await
    };
    for open in ["/balance", "/lots", "/offers", "/claims"] {
        get(open).await.ok();
    }
    for shut in ["", "/coupons", "/entries", "/export", "/network", "/consents", "/sites", "/guest-orders"] {
        get(shut).await.refused(403, "holder_right_missing");
    }
    let claim = app.ask(Method::POST, &format!("/v1/members/{member}/claims")).key(&token).idempotent("c");
    claim.json(&json!({ "reward": "mug" })).send().await.refused(403, "holder_right_missing");
    app.post("/v1/members/ext:1/tokens", &json!({ "holder": 3 })).await.refused(404, "holder_unknown");
    app.post("/v1/members/ext:1/tokens", &json!({ "holder": 0 })).await.refused(404, "holder_unknown");

    app.put(HOLDER, &son(&["statement"])).await.ok();
    let made = app.post("/v1/members/ext:1/tokens", &json!({ "holder": 2 })).await.ok();
    let token = made.text_at("/token").to_owned();
    let get = async |tail: &str| {
        app.ask(Method::GET, &format!("/v1/members/{member}{tail}")).key(&token).send().await
    };
    get("/entries").await.ok();
    get("/balance").await.refused(403, "holder_right_missing");
}
