//! The cabinet: coming in by a code or a token, what a member sees, and what nobody else may.

use crate::support::{Browser, House, SPORTS, empty_house, house, house_with_gateways};
use axum::body::Body;
use axum::http::header;
use kopilka_core::ids::MemberId;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, Pricing, Quantity};
use kopilka_pages::{Entry, gates};
use kopilka_service::{Change, MemberRef, NewKey, PersonPatch, Registration};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const HOME: &str = "/cabinet/sports-store";

async fn member(house: &House, phone: &str, name: &str) -> MemberId {
    let registration = Registration {
        phones: vec![phone.to_owned()],
        name: Some(name.to_owned()),
        ..Registration::default()
    };
    house.write(Change::Register(registration)).await.member
}

async fn anna(house: &House) -> MemberId {
    member(house, "+79123456789", "Анна").await
}

/// A paid order of so much money.
async fn buys(house: &House, member: MemberId, order: &str, money: i64) {
    let key = OrderKey { shop: "main".into(), order: order.into() };
    let lines = vec![LineBody::goods("1", "ball", Quantity::ONE, Money(money * 100))];
    let body = OrderBody { pricing: Some(Pricing::Engine), ..OrderBody::plain(key, BodyStatus::Paid, lines) };
    house.write(Change::PutOrder { member: Some(MemberRef::Id(member)), body }).await;
}

/// A browser in the member's cabinet.
async fn inside(house: &House, member: MemberId) -> Browser {
    let mut browser = house.browser();
    let token = house.member_token(member, None).await;
    let seen = browser.post_raw(&format!("{HOME}/open"), &[("member_token", &token)]).await;
    assert_eq!(seen.goal(), HOME);
    browser.get(HOME).await.ok();
    browser
}

/// The key of the shop's own server.
async fn shop_key(house: &House) -> String {
    let shop = NewKey {
        program: house.program(),
        shop: "main".to_owned(),
        name: "shop".to_owned(),
        scopes: vec!["all".to_owned()],
    };
    house.service().create_key(shop).await.unwrap().1
}

/// A gateway for SMS on this machine: the bodies it was sent.
async fn gateway(house: &House) -> Arc<Mutex<Vec<String>>> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/send", listener.local_addr().unwrap());
    let taken: Arc<Mutex<Vec<String>>> = Arc::default();
    let all = taken.clone();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let all = all.clone();
            tokio::spawn(async move {
                let mut heard = String::new();
                let mut part = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut part).await {
                    heard.push_str(&String::from_utf8_lossy(&part[..count]));
                    if let Some((_, body)) =
                        heard.split_once("\r\n\r\n").filter(|(_, body)| body.ends_with('}'))
                    {
                        all.lock().unwrap().push(body.to_owned());
                        heard.clear();
                        let answer = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{\"id\":\"1\"}";
                        stream.write_all(answer).await.unwrap();
                    }
                }
            });
        }
    });
    let body = r#"{"to": {{ digits }}, "text": {{ text }}}"#;
    let settings = serde_json::json!({ "request": { "url": url, "body": body, "receipt": "/id" } });
    let mut shop = house.browser();
    let request = shop.request("PUT", "/v1/senders/sms").header(header::CONTENT_TYPE, "application/json");
    let request = request.header(header::AUTHORIZATION, format!("Bearer {}", shop_key(house).await));
    shop.send(request.body(Body::from(settings.to_string())).unwrap()).await.ok();
    taken
}

async fn code_of(taken: &Arc<Mutex<Vec<String>>>, count: usize) -> String {
    for _ in 0..400 {
        let all = taken.lock().unwrap().clone();
        if let Some(body) = all.get(count - 1) {
            let text = body.split("\"text\"").nth(1).unwrap();
            let digits = text.split(|c: char| !c.is_ascii_digit()).find(|word| word.len() == 6);
            return digits.unwrap_or_else(|| panic!("no code in {body}")).to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("no message came");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_comes_in_by_a_code_and_a_stranger_learns_nothing() {
    let house = house_with_gateways().await;
    let member = anna(&house).await;
    let taken = gateway(&house).await;
    let mut known = house.browser();
    known.get(HOME).await.ok().says("Open your account").never_says("Анна");
    let ask = format!("{HOME}/code");
    let seen = known.post_raw(&ask, &[("address", "8 (912) 345-67-89")]).await.ok();
    let mut stranger = house.browser();
    let other = stranger.post_raw(&ask, &[("address", "8 (912) 345-67-90")]).await.ok();
    let plain = |text: &str, pending: &str| {
        text.replace(pending, "P")
            .replace("67-89", "N")
            .replace("67-90", "N")
            .replace("6789", "N")
            .replace("6790", "N")
    };
    let (mine, theirs) = (seen.field("pending"), other.field("pending"));
    assert_eq!(plain(&seen.text, &mine), plain(&other.text, &theirs), "one page for both");
    assert_eq!(mine.len(), theirs.len());

    let code = code_of(&taken, 1).await;
    let enter = format!("{HOME}/enter");
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let first =
        known.post_raw(&enter, &[("pending", &mine), ("code", wrong), ("address", "+79123456789")]).await;
    let told = [("pending", theirs.as_str()), ("code", &code), ("address", "+79123456790")];
    let (first, second) = (first.is(422), stranger.post_raw(&enter, &told).await.is(422));
    let plain = |seen: &str, pending: &str| plain(seen, pending).replace("+7912345N", "A");
    assert_eq!(plain(&first.text, &mine), plain(&second.text, &theirs), "one refusal for both");
    assert!(!stranger.cookies.contains_key("kopilka_member"));

    let seen = known.post_raw(&enter, &[("pending", &mine), ("code", &code)]).await;
    assert_eq!(seen.goal(), HOME);
    let set = seen.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax") && set.contains(HOME), "{set}");
    known.get(HOME).await.ok().says("Hello, Анна").says("500\u{a0}bonuses");
    assert_eq!(taken.lock().unwrap().len(), 1, "strangers are sent nothing");

    // Whoever has the lost phone has come in by it; support takes the number off.
    let phones = Some(vec!["+79123456780".to_owned()]);
    let patch = PersonPatch { phones, ..PersonPatch::default() };
    house.write(Change::PatchMember { member: MemberRef::Id(member), patch }).await;
    known.get(HOME).await.ok().says("Open your account").never_says("Анна");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_is_guessed_five_times_and_no_more() {
    let house = house_with_gateways().await;
    anna(&house).await;
    let taken = gateway(&house).await;
    let mut browser = house.browser();
    let seen = browser.post_raw(&format!("{HOME}/code"), &[("address", "+79123456789")]).await.ok();
    let pending = seen.field("pending");
    let code = code_of(&taken, 1).await;
    let enter = format!("{HOME}/enter");
    for n in 0..5 {
        let wrong = format!("{:06}", (code.parse::<u32>().unwrap() + n + 1) % 1_000_000);
        browser.post_raw(&enter, &[("pending", &pending), ("code", &wrong)]).await.is(422);
    }
    browser.post_raw(&enter, &[("pending", &pending), ("code", &code)]).await.is(422);
    // Asked again at once nothing goes out, and the page is the same.
    let again = [("address", "+79123456789"), ("pending", &pending)];
    browser.post_raw(&format!("{HOME}/code"), &again).await.ok();
    assert_eq!(taken.lock().unwrap().len(), 1);
    // What was not sealed here is no code, whatever it says.
    for forged in ["", "0", &pending[1..], &"0".repeat(pending.len())] {
        browser.post_raw(&enter, &[("pending", forged), ("code", &code)]).await.is(422);
    }
}

#[tokio::test]
async fn without_a_sender_and_for_what_is_no_address_the_page_says_so() {
    let house = house().await;
    let mut browser = house.browser();
    let ask = format!("{HOME}/code");
    for (address, says) in [
        ("+79123456789", "sends no messages to phones"),
        ("anna@shop.example", "sends no e-mails"),
        ("911", "neither a phone nor an e-mail"),
        ("\"><script>alert(1)</script>", "neither a phone nor an e-mail"),
    ] {
        browser.post_raw(&ask, &[("address", address)]).await.is(422).says(says).never_says("<script>alert");
    }
    browser.get("/cabinet/no-such").await.is(404);
}

#[tokio::test]
async fn a_member_sees_what_they_have_what_waits_and_what_burns() {
    let house = house().await;
    let member = anna(&house).await;
    buys(&house, member, "1042", 10_000).await;
    let mut browser = inside(&house, member).await;
    let seen = browser.get(HOME).await.ok();
    let seen = seen.says("500\u{a0}bonuses").says("pays 500\u{a0}RUB").says("to be spent from");
    seen.never_says("Nothing expires").says("<svg").says(&member.to_string());
    let seen = browser.get(&format!("{HOME}/history")).await.ok();
    seen.says("order 1042").says("+500").says("5 % of 10,000\u{a0}RUB");
    browser.get(&format!("{HOME}/friends")).await.ok().says(member.to_string().trim_start_matches("m_"));
    browser.get(&format!("{HOME}/gifts")).await.ok().says("No coupons or rewards yet");
    let file = browser.get(&format!("{HOME}/me/export")).await.ok();
    assert!(file.headers[header::CONTENT_DISPOSITION].to_str().unwrap().contains("attachment"));
    file.says("\"1042\"").says("+79123456789");
    let seen = browser.get("/cabinet/sports-store/history?before=e_0000000000001").await.ok();
    seen.never_says("order 1042");
}

#[tokio::test]
async fn consents_are_given_and_taken_back_with_what_proves_them() {
    let house = house().await;
    let member = anna(&house).await;
    let mut browser = inside(&house, member).await;
    let address = format!("{HOME}/me/consents");
    browser.get(&format!("{HOME}/me")).await.ok().says("News and offers by SMS").never_says("by e-mail");
    let give = [("once", "a"), ("purpose", "marketing"), ("channel", "sms"), ("act", "give")];
    for _ in 0..2 {
        browser.post(&address, &give).await.ok().says("Take back");
    }
    let back = [("once", "b"), ("purpose", "marketing"), ("channel", "sms"), ("act", "withdraw")];
    browser.post(&address, &back).await.ok().never_says("Take back");
    let program = house.program();
    let person = house.service().read(move |r| r.person(program, member)).await.unwrap().unwrap();
    let told: Vec<bool> = person.consents.iter().map(|consent| consent.given).collect();
    assert_eq!(told, [true, false]);
    assert_eq!(person.consents[0].proof.source.as_deref(), Some("cabinet"));
    for (purpose, channel) in [("marketing", "pigeon"), ("everything", ""), ("", "")] {
        let fields = [("once", "c"), ("purpose", purpose), ("channel", channel), ("act", "give")];
        browser.post(&address, &fields).await.is(422);
    }
    let seen = browser.post(&address, &[("purpose", "profiling"), ("act", "give")]).await;
    seen.is(422).says("notice bad");
}

#[tokio::test]
async fn a_reward_is_claimed_once_for_a_form_and_is_paid_by_the_members_own_points() {
    let house = empty_house();
    let rewards = "rewards:\n  - { id: mug, name: { en: Mug, ru: Кружка }, cost: 300 }\n\nrules:";
    house.publish(&SPORTS.replacen("rules:", rewards, 1)).await;
    let (member, other) = (anna(&house).await, self::member(&house, "+79990001122", "Пётр").await);
    let mut browser = inside(&house, member).await;
    let seen = browser.get(&format!("{HOME}/gifts")).await.ok().says("Mug").says("300\u{a0}bonuses");
    let once = seen.field("once");
    let claim = format!("{HOME}/gifts/claim");
    let named = other.to_string();
    let fields = [("once", once.as_str()), ("reward", "mug"), ("member", &named)];
    for _ in 0..2 {
        browser.post(&claim, &fields).await.ok().says("The reward is yours").says("200\u{a0}bonuses");
    }
    browser.post(&claim, &[("once", "b"), ("reward", "mug")]).await.is(422).says("notice bad");
    browser.post(&claim, &[("once", "c"), ("reward", "car")]).await.is(422).says("notice bad");
    let mut theirs = inside(&house, other).await;
    theirs.get(HOME).await.ok().says("500\u{a0}bonuses");
}

#[tokio::test]
async fn nobody_comes_in_without_a_session_of_this_program() {
    let house = house().await;
    let member = anna(&house).await;
    let browser = inside(&house, member).await;
    let cookie = browser.cookies["kopilka_member"].clone();
    let changed = format!("{}{}", &cookie[..cookie.len() - 1], if cookie.ends_with('0') { "1" } else { "0" });
    let mine = gates(&house.app).list.into_iter().filter(|(_, _, entry)| *entry != Entry::Anybody);
    for (method, path, _) in mine {
        let path = path.replace("{slug}", "sports-store");
        for cookie in ["", "0", &changed] {
            let mut stranger = house.browser();
            if !cookie.is_empty() {
                stranger.cookies.insert("kopilka_member".to_owned(), cookie.to_owned());
            }
            let seen = match method.as_str() {
                "GET" => stranger.get(&path).await,
                _ => stranger.post_raw(&path, &[]).await,
            };
            assert_eq!(seen.goal(), HOME, "{method} {path}");
        }
        // And a form of the member's own session needs its token.
        if method.as_str() == "POST" {
            for token in ["", "x"] {
                let mut own = browser.clone();
                own.post_raw(&path, &[("token", token)]).await.is(403);
            }
        }
    }
    // An operator's session opens no cabinet, and a member's no admin.
    let mut owner = house.signed_in(kopilka_service::Role::Owner).await;
    owner.get(HOME).await.ok().says("Open your account");
    let mut own = browser.clone();
    assert!(own.get("/admin/account").await.goal().starts_with("/admin/sign-in"));
    own.cookies.insert("kopilka_session".to_owned(), cookie);
    assert!(own.get("/till").await.goal().starts_with("/admin/sign-in"));
}

#[tokio::test]
async fn tokens_and_forms_of_others_open_nothing() {
    let house = house().await;
    let member = anna(&house).await;
    let open = format!("{HOME}/open");
    let token = house.member_token(member, None).await;
    let key = shop_key(&house).await;
    for wrong in ["", "x", "kmt_x", &token[1..], &token[..token.len() - 2], &key] {
        let mut browser = house.browser();
        browser.post_raw(&open, &[("member_token", wrong)]).await.is(422).says("The shop’s link is over");
        assert!(browser.cookies.is_empty());
    }
    // In an address it is not read.
    let mut browser = house.browser();
    browser.get(&format!("{HOME}?member_token={token}")).await.ok().says("Open your account");
    // The shop's page sends it from elsewhere; every other form of elsewhere is turned away.
    let mut browser = inside(&house, member).await;
    for (_, path, _) in gates(&house.app).list.into_iter().filter(|(method, _, _)| method.as_str() == "POST")
    {
        let path = path.replace("{slug}", "sports-store");
        let request = browser.request("POST", &path).header("sec-fetch-site", "cross-site");
        let request = request.header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        let body = format!("token={}&member_token={token}", browser.token);
        let seen = browser.send(request.body(Body::from(body)).unwrap()).await;
        let expected = if path.ends_with("/open") { 303 } else { 403 };
        assert_eq!(seen.status.as_u16(), expected, "{path}");
    }
}

#[tokio::test]
async fn what_a_member_is_called_stays_text_and_an_erased_one_is_out() {
    let house = house().await;
    let member = self::member(&house, "+79990001122", "<script>alert(1)</script>").await;
    let mut browser = inside(&house, member).await;
    for page in ["", "/me", "/history", "/gifts", "/friends"] {
        let seen = browser.get(&format!("{HOME}{page}")).await.ok().never_says("<script>alert");
        let policy = seen.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"), "{policy}");
        assert_eq!(seen.headers[header::CACHE_CONTROL], "no-store");
    }
    let back = [("language", "ru"), ("theme", "dark"), ("back", "https://evil.example/cabinet/sports-store")];
    assert_eq!(browser.post(&format!("{HOME}/look"), &back).await.goal(), HOME);
    browser.get(HOME).await.ok().says("Здравствуйте").says("data-theme=\"dark\"");
    house.write(Change::Erase { member: MemberRef::Id(member) }).await;
    browser.get(HOME).await.ok().says("Войти в кабинет");
}

#[tokio::test]
async fn leaving_takes_the_session_away() {
    let house = house().await;
    let member = anna(&house).await;
    let mut browser = inside(&house, member).await;
    assert_eq!(browser.post(&format!("{HOME}/leave"), &[]).await.goal(), HOME);
    assert!(!browser.cookies.contains_key("kopilka_member"));
    browser.get(HOME).await.ok().says("Open your account");
}
