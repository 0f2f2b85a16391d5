//! The widget: its size, what a publishable key tells, and which sites a browser lets ask.

use crate::support::{House, house};
use axum::body::Body;
use axum::http::header;
use flate2::Compression;
use flate2::write::GzEncoder;
use kopilka_pages::public_name;
use kopilka_service::{Change, NewKey, Registration};
use std::io::Write;

const SITE: &str = "https://shop.example";
/// What a page of a shop loads for points at most.
const BYTES_MAX: usize = 15_000;

/// A publishable key of the site: its public name, and the id by which it is revoked.
async fn key(house: &House) -> (String, String) {
    let new = NewKey {
        program: house.program(),
        shop: "main".to_owned(),
        name: "site".to_owned(),
        scopes: vec!["widget".to_owned(), format!("origin:{SITE}")],
    };
    let (info, _) = house.service().create_key(new).await.unwrap();
    (public_name(&info).unwrap(), info.id)
}

fn compressed(text: &str) -> usize {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap().len()
}

#[tokio::test]
async fn the_script_is_small_and_writes_no_styles_or_handlers_into_the_page() {
    let house = house().await;
    let seen = house.browser().get("/widget.js").await.ok();
    assert!(seen.headers[header::CONTENT_TYPE].to_str().unwrap().starts_with("text/javascript"));
    let size = compressed(&seen.text);
    assert!(size <= BYTES_MAX, "{size} bytes");
    for refused in ["innerHTML", "eval(", "new Function", ".style", "<style", "document.write", "onclick"] {
        assert!(!seen.text.contains(refused), "{refused}: a strict policy refuses it");
    }
}

#[tokio::test]
async fn a_publishable_key_tells_what_the_program_is_called_and_nothing_else() {
    let house = house().await;
    let (name, id) = key(&house).await;
    assert!(name.starts_with("pk_"), "{name}");
    let seen = house.browser().get(&format!("/widget/{name}")).await.ok();
    let told: serde_json::Value = serde_json::from_str(&seen.text).unwrap();
    assert_eq!(told["program"], "Sports bonus");
    assert_eq!(told["points"], serde_json::json!(["bonus", "bonuses", "bonuses"]));
    assert_eq!(told["cabinet"], "/cabinet/sports-store");
    assert_eq!(told.as_object().unwrap().len(), 5, "{told}");
    // As a key of the API it opens nothing.
    let mut browser = house.browser();
    let request =
        browser.request("GET", "/v1/program").header(header::AUTHORIZATION, format!("Bearer {name}"));
    browser.send(request.body(Body::empty()).unwrap()).await.is(401);
    // A secret key has no public name, and a revoked one is nobody's.
    let secret = NewKey {
        program: house.program(),
        shop: "main".to_owned(),
        name: "server".to_owned(),
        scopes: vec!["all".to_owned()],
    };
    let (info, _) = house.service().create_key(secret).await.unwrap();
    assert_eq!(public_name(&info), None);
    house.browser().get(&format!("/widget/{}", info.id.replacen("k_", "pk_", 1))).await.is(401);
    house.service().revoke_key(&id).await.unwrap();
    house.browser().get(&format!("/widget/{name}")).await.is(401);
}

#[tokio::test]
async fn only_pages_of_named_sites_may_ask_and_only_what_a_members_token_opens() {
    let house = house().await;
    let (name, id) = key(&house).await;
    let registration = Registration { ext: Some("1".to_owned()), ..Registration::default() };
    let member = house.write(Change::Register(registration)).await.member;
    let token = house.member_token(member, None).await;
    let balance = format!("/v1/members/{member}/balance");
    let allowed = |seen: &crate::support::Seen| {
        let header = seen.headers.get(header::ACCESS_CONTROL_ALLOW_ORIGIN);
        header.map(|value| value.to_str().unwrap().to_owned())
    };
    let ask = async |method: &str, path: &str, origin: &str, wanted: &str, bearer: &str| {
        let mut browser = house.browser();
        let request = browser.request(method, path).header(header::ORIGIN, origin);
        let request = request.header(header::ACCESS_CONTROL_REQUEST_METHOD, wanted);
        let request = match bearer.is_empty() {
            true => request,
            false => request.header(header::AUTHORIZATION, format!("Bearer {bearer}")),
        };
        browser.send(request.body(Body::empty()).unwrap()).await
    };
    let seen = ask("OPTIONS", &balance, SITE, "GET", "").await.is(204);
    assert_eq!(allowed(&seen).as_deref(), Some(SITE));
    assert!(seen.headers[header::ACCESS_CONTROL_ALLOW_HEADERS].to_str().unwrap().contains("authorization"));
    let seen = ask("GET", &balance, SITE, "GET", &token).await.ok().says("\"available\":\"500\"");
    assert_eq!(allowed(&seen).as_deref(), Some(SITE));
    // Without a token nothing is told, but the page may read that.
    assert_eq!(allowed(&ask("GET", &balance, SITE, "GET", "").await.is(401)).as_deref(), Some(SITE));
    for (path, origin, wanted) in [
        (balance.as_str(), "https://evil.example", "GET"),
        (&balance, "https://shop.example.evil.example", "GET"),
        (&balance, "http://shop.example", "GET"),
        (&balance, "null", "GET"),
        (&balance, SITE, "DELETE"),
        ("/v1/members", SITE, "POST"),
        ("/v1/members/lookup", SITE, "POST"),
        ("/v1/orders/1", SITE, "PUT"),
    ] {
        let seen = ask("OPTIONS", path, origin, wanted, "").await;
        assert!(allowed(&seen).is_none() && seen.status.is_client_error(), "{path} {origin} {wanted}");
    }
    let words = format!("/widget/{name}");
    assert_eq!(allowed(&ask("GET", &words, SITE, "GET", "").await.ok()).as_deref(), Some(SITE));
    assert_eq!(allowed(&ask("GET", &words, "https://evil.example", "GET", "").await.ok()), None);

    // The cabinet is shown within the site's pages and no others.
    let policy = |seen: &crate::support::Seen| {
        seen.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
    };
    let seen = house.browser().get("/cabinet/sports-store").await.ok();
    assert!(policy(&seen).ends_with("frame-ancestors 'self' https://shop.example"), "{}", policy(&seen));
    assert!(!seen.headers.contains_key(header::X_FRAME_OPTIONS));
    let admin = house.browser().get("/admin/sign-in").await.ok();
    assert_eq!(admin.headers[header::X_FRAME_OPTIONS], "DENY");
    house.service().revoke_key(&id).await.unwrap();
    let seen = house.browser().get("/cabinet/sports-store").await.ok();
    assert!(policy(&seen).ends_with("frame-ancestors 'none'"));
    assert_eq!(seen.headers[header::X_FRAME_OPTIONS], "DENY");
    assert_eq!(allowed(&ask("GET", &balance, SITE, "GET", &token).await.ok()), None);
}
