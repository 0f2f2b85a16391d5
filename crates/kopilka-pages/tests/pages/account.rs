//! From the first start to a session, and out again.

use crate::support::{PASSWORD, empty_house, house};
use kopilka_service::{Grant, Invite, Role};

#[tokio::test]
async fn the_first_owner_comes_in_by_a_link_that_works_once() {
    let house = empty_house();
    let mut browser = house.browser();
    browser.visit("/admin").await.ok().says("Nobody is here yet");
    let grants = vec![Grant { program: None, role: Role::Owner }];
    let invite = Invite { name: "Анна".to_owned(), grants, by: None, operator: None };
    let (link, _) = house.service().invite(invite).await.unwrap().unwrap();
    let address = format!("/admin/start/{link}");
    browser.get(&address).await.ok().says("You come as: Owner").says("Анна");

    let short =
        [("name", "Анна"), ("login", "anna@shop.example"), ("password", "коротко"), ("again", "коротко")];
    browser.post(&address, &short).await.is(422).says("10 characters at least").says("anna@shop.example");
    let differs =
        [("name", "Анна"), ("login", "anna@shop.example"), ("password", PASSWORD), ("again", "другое")];
    browser.post(&address, &differs).await.is(422).says("differ");
    let right =
        [("name", "Анна"), ("login", "anna@shop.example"), ("password", PASSWORD), ("again", PASSWORD)];
    let seen = browser.post(&address, &right).await;
    assert_eq!(seen.goal(), "/admin");
    browser.get("/admin").await.ok().says("Анна").says("No program is published yet");
    house.browser().get(&address).await.is(422).says("does not lead anywhere");
}

#[tokio::test]
async fn a_session_begins_with_the_right_password_and_ends_when_asked() {
    let house = house().await;
    house.signed_in(Role::Owner).await;
    let mut browser = house.browser();
    let seen = browser.get("/admin/team").await;
    assert_eq!(seen.goal(), "/admin/sign-in?back=%2Fadmin%2Fteam");
    browser.get("/admin/sign-in?back=%2Fadmin%2Fteam").await.ok();
    let wrong = [("login", "owner@shop.example"), ("password", "не тот пароль"), ("back", "/admin/team")];
    let known = browser.post("/admin/sign-in", &wrong).await.is(422);
    let unknown = [("login", "nobody@shop.example"), ("password", "не тот пароль"), ("back", "/admin/team")];
    let other = browser.post("/admin/sign-in", &unknown).await.is(422);
    let without_login = |text: &str| text.replace("owner@", "").replace("nobody@", "");
    assert_eq!(without_login(&known.text), without_login(&other.text), "one answer for both");

    let right = [("login", "owner@shop.example"), ("password", PASSWORD), ("back", "/admin/team")];
    let seen = browser.post("/admin/sign-in", &right).await;
    assert_eq!(seen.goal(), "/admin/team");
    browser.get("/admin/team").await.ok().says("owner@shop.example");
    let old = browser.clone();
    let seen = browser.post("/admin/sign-out", &[]).await;
    assert_eq!(seen.goal(), "/admin/sign-in");
    assert!(!browser.cookies.contains_key("kopilka_session"));
    let mut stolen = old;
    assert_eq!(stolen.get("/admin/team").await.status.as_u16(), 303, "the token is nobody's any more");
}

#[tokio::test]
async fn language_and_theme_are_kept_by_the_browser() {
    let house = house().await;
    let mut browser = house.signed_in(Role::Owner).await;
    let seen = browser.post("/look", &[("language", "ru"), ("theme", "dark"), ("back", "/admin/team")]).await;
    assert_eq!(seen.goal(), "/admin/team");
    browser.get("/admin/team").await.ok().says("Команда").says("data-theme=\"dark\"");
}

#[tokio::test]
async fn a_code_of_an_app_is_set_up_by_whoever_knows_the_password() {
    let house = house().await;
    let mut browser = house.signed_in(Role::Owner).await;
    for wrong in ["", "не тот пароль"] {
        let asked = [("step", "begin"), ("password", wrong)];
        browser.post("/admin/account/code", &asked).await.is(422).never_says("name=\"code\"");
    }
    let asked = [("step", "begin"), ("password", PASSWORD)];
    browser.post("/admin/account/code", &asked).await.ok().says("<svg").says("name=\"code\"");
}
