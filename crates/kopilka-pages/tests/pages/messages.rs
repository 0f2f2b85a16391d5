//! What members are told: the table of events, words of one's own, the log.

use crate::support::{House, SPORTS, empty_house, house, house_with_gateways};
use kopilka_core::consent::Channel;
use kopilka_service::messages::senders::{Encryption, SenderSecrets, Settings, Smtp};
use kopilka_service::messages::{NewMessage, Recipient};
use kopilka_service::{Change, Class, Clock, Registration, Role};
use std::collections::BTreeMap;

const LETTER: &str = "/admin/messages/points_accrued/email/en";

/// A mail server that is never reached: nobody listens at the port.
pub async fn sender(house: &House) {
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port: 9,
        encryption: Encryption::None,
        from: "Shop <shop@shop.example>".to_owned(),
        reply_to: None,
        language: kopilka_core::words::Language::En,
    };
    let secrets = SenderSecrets(BTreeMap::new());
    house.service().put_sender(house.program(), Settings::Email(smtp), secrets).await.unwrap();
}

#[tokio::test]
async fn every_event_is_listed_with_its_words_and_what_is_off() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get("/admin/messages").await.ok();
    let seen = seen.says("no channel is set up").says("/admin/settings/senders").says("default text");
    for event in ["points_accrued", "points_expiring", "tier_changed", "one_time_code"] {
        for channel in ["email", "sms", "telegram"] {
            for language in ["en", "ru"] {
                assert!(
                    seen.text.contains(&format!("href=\"/admin/messages/{event}/{channel}/{language}\""))
                );
            }
        }
    }
    marketer.get("/admin/messages/no_such/email/en").await.is(404);
    marketer.get("/admin/messages/points_accrued/push/en").await.is(404);
    marketer.get("/admin/messages/points_accrued/email/de").await.is(404);
}

#[tokio::test]
async fn a_message_of_a_rule_is_listed_and_said_to_be_without_words() {
    let house = empty_house();
    let rule = "  - id: letter\n    when: member.registered\n    then: [{ message: hello }]\n";
    house.publish(&SPORTS.replace("rules:\n", &format!("rules:\n{rule}"))).await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get("/admin/messages").await.ok();
    seen.says("own.hello").says("no text yet").says("nobody would get them");
    let path = "/admin/messages/own.hello/sms/en";
    marketer.get(path).await.ok().says("There is nothing to show yet").never_says("Back to the default");
    marketer.post(path, &[("act", "save"), ("text", "{{ name }}: {{ points }}")]).await.is(303);
    marketer.get(path).await.ok().says("Anna: 25 bonuses").says("Delete these words");
    marketer.get("/admin/messages").await.ok().says("custom text");
    marketer.post(path, &[("act", "builtin")]).await.is(303);
    marketer.get(path).await.ok().says("There is nothing to show yet");
}

#[tokio::test]
async fn own_words_are_kept_shown_with_the_sample_and_taken_back() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get(LETTER).await.ok().says("srcdoc=").says("sandbox").says("{{ until }}");
    let policy = seen.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("script-src 'self';") && policy.contains("default-src 'none'"), "{policy}");
    let fields =
        [("act", "save"), ("subject", "Yours: {{ points }}"), ("text", "a\r\n{{ order }}"), ("html", "")];
    assert_eq!(marketer.post(LETTER, &fields).await.goal(), format!("{LETTER}?done=saved"));
    let seen = marketer.get(LETTER).await.ok().says("Yours: 25 bonuses").says("A-17").says("custom text");
    seen.never_says("srcdoc");
    // Sent twice, it is gone once.
    for _ in 0..2 {
        marketer.post(LETTER, &[("act", "builtin")]).await.is(303);
    }
    marketer.get(LETTER).await.ok().says(">default text<").says("srcdoc=");
}

#[tokio::test]
async fn words_that_do_not_come_together_come_back_with_their_line_and_are_not_kept() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get(LETTER).await.ok();
    for (text, said) in [
        ("a\n{{ nmae }}", "Line 2: there is no such value"),
        ("{% if %}", "Line 1: this cannot be read"),
        (" ", "it says nothing"),
        ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", "too many steps"),
    ] {
        let fields = [("act", "save"), ("subject", "kept <b>"), ("text", text), ("html", "")];
        let seen = marketer.post(LETTER, &fields).await.is(422).says(said);
        seen.says("aria-describedby=\"text-wrong\"").says("kept &#60;b&#62;");
    }
    marketer.get(LETTER).await.ok().says(">default text<");
    marketer
        .post("/admin/messages/points_accrued/sms/en", &[("act", "save"), ("text", &"x".repeat(700))])
        .await
        .is(422)
        .says("it is too long");
    marketer.post(LETTER, &[("act", "nonsense")]).await.is(400);
}

#[tokio::test]
async fn a_preview_keeps_nothing_and_no_script_of_it_stands_in_the_page() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get(LETTER).await.ok();
    let script = "<script>alert(1)</script>";
    let html = format!("\" onload=\"alert(1)\"></iframe>{script}{{{{ points }}}}");
    let fields = [("subject", script), ("text", script), ("html", html.as_str())];
    let path = format!("{LETTER}/preview");
    let seen = marketer.post(&path, &fields).await.ok().says("sandbox srcdoc=").says("25 bonuses");
    seen.never_says(script).never_says("</iframe>&").never_says("onload=\"");
    let token = marketer.token.clone();
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(fields).append_pair("token", &token);
    let part = marketer
        .request("POST", &path)
        .header("x-part", "1")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(axum::body::Body::from(body.finish()))
        .unwrap();
    marketer.send(part).await.ok().never_says("<html").never_says(script).says("srcdoc=");
    marketer.get(LETTER).await.ok().says(">default text<").never_says("onload");
}

#[tokio::test]
async fn a_test_says_what_came_back_and_a_wrong_address_is_told() {
    let house = house_with_gateways().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get(LETTER).await.ok();
    let path = format!("{LETTER}/test");
    marketer.post(&path, &[("to", "me@shop.example")]).await.is(422).says("there is no sender");
    sender(&house).await;
    marketer.get(LETTER).await.ok();
    marketer.post(&path, &[("to", "nobody")]).await.is(422).says("no address of the channel");
    let seen = marketer.post(&path, &[("to", "me@shop.example")]).await.is(422);
    seen.says("It was not taken").says("value=\"me@shop.example\"");
}

#[tokio::test]
async fn the_log_tells_what_became_of_each_message_and_nothing_of_its_words() {
    let house = house_with_gateways().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get("/admin/messages/log").await.ok();
    seen.says("Nothing was sent yet").says("/admin/settings");
    sender(&house).await;
    let registration = Registration {
        ext: Some("A-1".to_owned()),
        emails: vec!["anna@shop.example".to_owned()],
        name: Some("Анна Ёлкина".to_owned()),
        ..Registration::default()
    };
    let member = house.write(Change::Register(registration)).await.member;
    let data = serde_json::json!({ "points": "SECRET", "active_on": null, "until": null, "order": null });
    let new = NewMessage {
        to: Recipient::Member(member),
        channel: Channel::Email,
        event: "points_accrued".to_owned(),
        class: Class::Service,
        language: None,
        data: data.as_object().unwrap().clone(),
        expires_at: Clock::System.now().plus_seconds(600),
    };
    house.service().queue_message(house.program(), new).await.unwrap();
    let seen = marketer.get("/admin/messages/log").await.ok().says("Points were given").says("waiting");
    let seen = seen.says(&format!("/admin/members/{member}")).says("Анна Ёлкина");
    seen.never_says("SECRET").never_says("anna@shop");
    marketer.get("/admin/messages/log?state=dropped").await.ok().says("No message is like that");
    house.service().delete_sender(house.program(), Channel::Email).await.unwrap();
    let seen = marketer.get(&format!("/admin/messages/log?state=dropped&member={member}")).await.ok();
    seen.says("not sent").says("is no longer set up");
    marketer.get("/admin/messages/log?channel=sms").await.ok().says("No message is like that");
    marketer.get("/admin/messages/log?state=%3Cscript%3E&member=x").await.ok().never_says("<script>");
}

#[tokio::test]
async fn support_and_accountants_neither_read_nor_write_what_members_are_told() {
    let house = house().await;
    for role in [Role::Support, Role::Accountant, Role::Cashier] {
        let mut browser = house.signed_in(role).await;
        for path in ["/admin/messages", "/admin/messages/log", LETTER, "/admin/settings"] {
            browser.get(path).await.is(403);
        }
        browser.post(LETTER, &[("act", "save"), ("text", "x")]).await.is(403);
        browser.post(&format!("{LETTER}/test"), &[("to", "me@shop.example")]).await.is(403);
    }
}
