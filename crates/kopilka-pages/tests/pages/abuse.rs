//! What others may try: forms of other sites, doors of other roles, tokens of other sessions.

use crate::support::{House, PASSWORD, house};
use axum::body::Body;
use axum::http::header;
use kopilka_pages::{Need, scopes_of};
use kopilka_service::Role;
use kopilka_web::scopes::granted;

/// An address with something in each of its places.
fn filled(path: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { "x" } else { part }).collect::<Vec<_>>().join("/")
}

fn guarded(house: &House) -> Vec<(String, String, Need)> {
    let all = house.doors().into_iter().filter(|(_, _, need)| *need != Need::Anybody);
    all.map(|(method, path, need)| (method, filled(path), need)).collect()
}

#[tokio::test]
async fn nobody_comes_in_without_a_session() {
    let house = house().await;
    for (method, path, _) in guarded(&house) {
        let mut stranger = house.browser();
        let seen = match method.as_str() {
            "GET" => stranger.get(&path).await,
            _ => stranger.post_raw(&path, &[]).await,
        };
        assert!(seen.goal().starts_with("/admin/sign-in"), "{method} {path}");
        stranger.cookies.insert("kopilka_session".to_owned(), "0".repeat(32));
        assert!(stranger.get("/admin/account").await.goal().starts_with("/admin/sign-in"));
    }
}

#[tokio::test]
async fn no_form_is_read_without_the_token_of_its_session() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let other = house.signed_in(Role::Marketer).await;
    for (_, path, _) in guarded(&house).into_iter().filter(|(method, _, _)| method == "POST") {
        for token in ["", "x", &other.token] {
            owner.post_raw(&path, &[("token", token)]).await.is(403).says("form_expired");
        }
    }
}

#[tokio::test]
async fn no_form_of_another_site_is_read_even_with_a_token() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let foreign = [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")];
    for (_, path, _) in house.doors().into_iter().filter(|(method, _, _)| method == "POST") {
        for (name, value) in foreign {
            let request = owner
                .request("POST", &filled(path))
                .header(name, value)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
                .body(Body::from(format!("token={}", owner.token)))
                .unwrap();
            owner.send(request).await.is(403).says("form_foreign");
        }
    }
    let own = owner.request("POST", "/admin/account/sessions").header("origin", "http://kopilka.test");
    let own = own.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let own = own.body(Body::from(format!("token={}&session=x", owner.token))).unwrap();
    owner.send(own).await.is(303);
}

#[tokio::test]
async fn each_role_opens_its_own_doors_and_no_other() {
    let house = house().await;
    for role in Role::ALL {
        let mut browser = house.signed_in(role).await;
        for (method, path, need) in guarded(&house) {
            let seen = match method.as_str() {
                "GET" => browser.get(&path).await,
                // Without a token: a door that opens answers with that, and nothing happens.
                _ => browser.post_raw(&path, &[]).await,
            };
            let opens = match need {
                Need::Anybody | Need::SignedIn => true,
                Need::Owner => role == Role::Owner,
                Need::Scope(scope) => granted(&scopes_of(role), scope),
            };
            let closed = seen.text.contains("door_closed");
            assert_eq!(closed, !opens, "{} at {method} {path}: {}", role.name(), seen.status);
        }
    }
}

#[tokio::test]
async fn a_session_is_new_after_every_sign_in_and_no_planted_one_is_taken() {
    let house = house().await;
    house.signed_in(Role::Owner).await;
    let mut browser = house.browser();
    let planted = "planted0planted0planted0planted0";
    browser.cookies.insert("kopilka_session".to_owned(), planted.to_owned());
    browser.get("/admin/sign-in").await.ok();
    let right = [("login", "owner@shop.example"), ("password", PASSWORD)];
    assert_eq!(browser.post("/admin/sign-in", &right).await.goal(), "/admin");
    let first = browser.cookies["kopilka_session"].clone();
    assert_ne!(first, planted);
    let mut again = house.browser();
    again.get("/admin/sign-in").await.ok();
    again.post("/admin/sign-in", &right).await.is(303);
    assert_ne!(first, again.cookies["kopilka_session"]);
}

#[tokio::test]
async fn a_way_back_leads_nowhere_else() {
    let house = house().await;
    house.signed_in(Role::Owner).await;
    for back in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "/a\r\nb",
        "/\t/evil.example",
    ] {
        let mut browser = house.browser();
        browser.get("/admin/sign-in").await.ok();
        let right = [("login", "owner@shop.example"), ("password", PASSWORD), ("back", back)];
        assert_eq!(browser.post("/admin/sign-in", &right).await.goal(), "/admin", "{back}");
    }
}

#[tokio::test]
async fn pages_say_what_they_load_and_may_not_be_framed() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let mut cookie = house.browser();
    cookie.get("/admin/sign-in").await.ok();
    for path in ["/admin", "/admin/team", "/admin/no-such-page"] {
        let seen = owner.get(path).await;
        let policy = seen.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    }
    let right = [("login", "owner@shop.example"), ("password", PASSWORD)];
    let seen = cookie.post("/admin/sign-in", &right).await;
    let set = seen.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
}
