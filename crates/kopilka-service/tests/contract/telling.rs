//! Members are told what happens and what comes near: once each, as they agreed to, when they may be.

use crate::mail_server::{MailServer, Mode, Taken};
use crate::messages::Post;
use crate::receiver::Receiver;
use crate::world::*;
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::MemberId;
use kopilka_core::order::BodyStatus;
use kopilka_core::points::Points;
use kopilka_core::time::Day;
use kopilka_service::messages::settings::{Cap, Messaging, Quiet, Telling};
use kopilka_service::messages::templates::Template;
use kopilka_service::messages::{NewMessage, Recipient};
use kopilka_service::rows::Proof;
use kopilka_service::*;

on_both_engines!(
    what_happens_is_told_once_in_the_members_language,
    a_message_goes_by_the_first_channel_that_reaches_the_member,
    marketing_needs_a_consent_and_ends_with_it,
    a_link_of_before_a_merge_takes_the_consent_back_where_it_went,
    in_quiet_hours_nothing_is_sent_but_what_was_asked_for,
    a_member_gets_no_more_marketing_than_the_cap,
    a_member_is_warned_once_a_day_of_all_that_burns,
    a_birthday_gift_is_told_as_one,
    a_shops_own_words_go_before_the_engines,
);

const CLUB: &str = "https://loyalty.example/club/";

fn telling(event: &str, channels: &[Channel], class: Class) -> (String, Telling) {
    (event.to_owned(), Telling { channels: channels.to_vec(), class })
}

fn by_letter(events: &[(&str, Class)]) -> Messaging {
    let events = events.iter().map(|(event, class)| telling(event, &[Channel::Email], *class));
    Messaging { base_url: Some(CLUB.to_owned()), events: events.collect(), ..Messaging::default() }
}

async fn told(server: &MailServer, settings: Messaging) -> Post {
    let post = Post::new(server).await;
    post.world.service.put_messaging(post.world.program, settings).await.unwrap();
    post
}

fn letters(server: &MailServer) -> Vec<(String, String)> {
    let letter = |letter: &Taken| (letter.read().subject().unwrap().to_owned(), letter.text());
    server.taken().iter().map(letter).collect()
}

fn subjects(server: &MailServer) -> Vec<String> {
    letters(server).into_iter().map(|(subject, _)| subject.replace('\u{a0}', " ")).collect()
}

/// What goes out at once comes in any order.
fn letter_about(server: &MailServer, about: &str) -> Taken {
    let at = subjects(server).iter().position(|subject| subject.contains(about));
    server.taken().swap_remove(at.unwrap_or_else(|| panic!("no {about} in {:?}", subjects(server))))
}

async fn agree(post: &Post, member: MemberId, channel: Channel) {
    let (purpose, channel) = (Purpose::Marketing, Some(channel));
    let consents = vec![ConsentTold { purpose, channel, at: None, proof: Proof::default() }];
    let patch = PersonPatch { consents, ..PersonPatch::default() };
    let change = Change::PatchMember { member: MemberRef::Id(member), patch };
    post.world.service.write(post.world.ask(None, change)).await.unwrap();
}

async fn reasons(post: &Post) -> Vec<Option<String>> {
    post.log().await.into_iter().map(|row| row.reason).collect()
}

async fn what_happens_is_told_once_in_the_members_language() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    post.member("1", Some("ru")).await;
    post.deliver();
    assert!(server.taken().is_empty(), "nobody has said that anything is told");
    let service = post.world.service.clone();
    let events = by_letter(&[("points_accrued", Class::Service), ("order_paid", Class::Service)]);
    service.put_messaging(post.world.program, events.clone()).await.unwrap();
    let russian = post.member("42", Some("ru")).await;
    let english = post.member("43", Some("en")).await;
    post.deliver();
    assert_eq!(subjects(&server).len(), 2);
    assert_eq!(letter_about(&server, "Начислено: 500 бонусов").to, ["m42@person.example"]);
    assert_eq!(letter_about(&server, "You have got 500 bonuses").to, ["m43@person.example"]);
    let paid = order("A-17", BodyStatus::Paid, 100_000);
    post.world.put(Some(russian), paid).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), 4, "{:?}", subjects(&server));
    let order = letter_about(&server, "Заказ A-17 оплачен");
    let points = letter_about(&server, "Начислено: 100 бонусов");
    assert_eq!(order.to, ["m42@person.example"]);
    assert!(order.text().contains("Ваш заказ A-17 оплачен."), "{}", order.text());
    let text = points.text().replace('\u{a0}', " ");
    assert!(text.contains("Вам начислено: 100 бонусов за заказ A-17."), "{text}");
    assert!(text.contains("Потратить их можно с 15 марта 2026."), "{text}");
    assert!(text.contains("Сейчас можно потратить: 500 бонусов."), "{text}");
    let html = points.read().body_html(0).unwrap().replace("&nbsp;", " ").replace('\u{a0}', " ");
    assert!(html.contains("<p>Вам начислено: 100 бонусов за заказ A-17."), "{html}");
    assert!(!html.contains("Отписаться"), "what is no marketing needs no consent");
    // Put again it goes on where it was, and what was told is not told again.
    service.put_messaging(post.world.program, events).await.unwrap();
    post.world.adjust("a", english, 7).await.unwrap();
    post.pass(60);
    assert_eq!(subjects(&server)[4..], ["You have got 7 bonuses"]);
    assert!(post.log().await.iter().all(|row| row.state == MessageState::Sent));
    post.world.prove().await;
}

async fn a_message_goes_by_the_first_channel_that_reaches_the_member() {
    let server = MailServer::start(Mode::Plain).await;
    let chat = Receiver::start().await;
    chat.says(r#"{"ok":true,"result":{"message_id":5}}"#);
    let both = [Channel::Telegram, Channel::Sms, Channel::Email];
    let events = [telling("points_accrued", &both, Class::Service)].into();
    let mut post = told(&server, Messaging { events, ..Messaging::default() }).await;
    post.put(crate::messages::bot(&chat), &[("token", "77:AA")]).await;
    post.member("42", None).await;
    let registration =
        Registration { emails: vec!["b@person.example".to_owned()], ..Registration::default() };
    post.world.register("b", registration).await;
    post.world.member("nowhere").await;
    post.deliver();
    assert_eq!((chat.heard().len(), server.taken().len()), (1, 1));
    let text = chat.heard()[0].object()["text"].as_str().unwrap().replace('\u{a0}', " ");
    assert!(text.contains("you have got 500 bonuses. You can spend now: 500 bonuses."), "{text}");
    assert_eq!(post.log().await.len(), 2, "who is reached nowhere costs no row");
}

async fn marketing_needs_a_consent_and_ends_with_it() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = told(&server, by_letter(&[("points_accrued", Class::Marketing)])).await;
    let member = post.member("42", None).await;
    post.deliver();
    assert!(server.taken().is_empty(), "nobody agreed");
    agree(&post, member, Channel::Sms).await;
    post.world.adjust("a", member, 1).await.unwrap();
    post.deliver();
    assert!(server.taken().is_empty(), "a consent is of its channel");
    agree(&post, member, Channel::Email).await;
    post.world.adjust("b", member, 2).await.unwrap();
    post.deliver();
    let letter = server.taken().pop().unwrap();
    let raw = String::from_utf8(letter.bytes.clone()).unwrap();
    assert!(raw.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"), "{raw}");
    let line = raw.lines().find_map(|line| line.strip_prefix("List-Unsubscribe: <")).unwrap();
    let url = line.strip_suffix('>').unwrap();
    assert!(letter.text().contains(&format!("Unsubscribe: {url}")), "{}", letter.text());
    let token = url.strip_prefix("https://loyalty.example/club/unsubscribe/").unwrap();
    let service = post.world.service.clone();
    for at in 0..token.len() {
        let other = if token.as_bytes()[at] == b'A' { "B" } else { "A" };
        let changed = format!("{}{other}{}", &token[..at], &token[at + 1..]);
        // The last letter of base64 has bits that mean nothing.
        assert!(service.unsubscribing(&changed).is_none(), "{at}");
    }
    let (of, _) = service.unsubscribing(token).unwrap();
    assert_eq!((of.member, of.channel), (member, Channel::Email));
    let waits =
        NewMessage { class: Class::Marketing, ..post.code(Recipient::Member(member), Channel::Email) };
    let waits = post.queue(waits).await.unwrap();
    let proof = Proof { source: Some("unsubscribe link".to_owned()), ..Proof::default() };
    service.unsubscribe(of, proof.clone()).await.unwrap();
    service.unsubscribe(of, proof.clone()).await.unwrap();
    let program = post.world.program;
    let person = service.read(move |r| r.person(program, member)).await.unwrap().unwrap();
    let taken_back: Vec<_> = person.consents.iter().filter(|consent| !consent.given).collect();
    assert_eq!(taken_back.len(), 1, "once");
    assert_eq!((taken_back[0].channel, &taken_back[0].proof), (Some(Channel::Email), &proof));
    post.world.adjust("c", member, 3).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), 1);
    assert_eq!(post.row(waits).await.reason.as_deref(), Some("no_consent"));
    post.world.prove().await;
}

async fn a_link_of_before_a_merge_takes_the_consent_back_where_it_went() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = told(&server, by_letter(&[("points_accrued", Class::Marketing)])).await;
    let (anna, boris) = (post.member("42", None).await, post.member("43", None).await);
    agree(&post, anna, Channel::Email).await;
    post.world.adjust("a", anna, 1).await.unwrap();
    post.deliver();
    let letter = server.taken().pop().unwrap();
    let text = letter.text();
    let (_, token) = text.rsplit_once("/club/unsubscribe/").unwrap();
    let (service, program) = (post.world.service.clone(), post.world.program);
    let (member, into) = (MemberRef::Id(anna), MemberRef::Id(boris));
    let merged =
        post.world.write("m", Change::Merge { member, into, api_key: "k".to_owned() }).await.unwrap();
    service.carry(program, &merged).await;
    post.world.adjust("b", boris, 2).await.unwrap();
    post.deliver();
    let before = server.taken().len();
    assert!(before > 1, "the consent has come over");
    let (of, _) = service.unsubscribing(token.trim()).unwrap();
    assert_eq!(of.member, anna, "the letter was hers");
    service.unsubscribe(of, Proof::default()).await.unwrap();
    for (member, taken_back) in [(anna, 0), (boris, 1)] {
        let person = service.read(move |r| r.person(program, member)).await.unwrap().unwrap_or_default();
        let found = person.consents.iter().filter(|consent| !consent.given).count();
        assert_eq!(found, taken_back, "{member}");
    }
    post.world.adjust("c", boris, 3).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), before);
    post.world.prove().await;
}

async fn in_quiet_hours_nothing_is_sent_but_what_was_asked_for() {
    let server = MailServer::start(Mode::Plain).await;
    let quiet = Some(Quiet { from: 21 * 60, to: 10 * 60 });
    let settings = Messaging { quiet, ..by_letter(&[("points_accrued", Class::Service)]) };
    let mut post = told(&server, settings).await;
    post.clock.turn_to(at("2026-03-01T22:00:00+03:00"));
    let member = post.member("42", None).await;
    post.deliver();
    assert!(server.taken().is_empty());
    let row = post.log().await.pop().unwrap();
    let morning = at("2026-03-02T10:00:00+03:00");
    assert_eq!((row.state, row.at, row.tries), (MessageState::Waiting, morning, 0));
    post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.deliver();
    assert_eq!(subjects(&server), ["902417 is your code"]);
    post.clock.turn_to(morning);
    post.deliver();
    assert_eq!(subjects(&server)[1..], ["You have got 500 bonuses"]);
}

async fn a_member_gets_no_more_marketing_than_the_cap() {
    let server = MailServer::start(Mode::Plain).await;
    let cap = Some(Cap { messages: 1, days: 7 });
    let events = [("points_accrued", Class::Marketing), ("order_paid", Class::Service)];
    let mut post = told(&server, Messaging { cap, ..by_letter(&events) }).await;
    let member = post.member("42", None).await;
    agree(&post, member, Channel::Email).await;
    post.deliver();
    assert_eq!(server.taken().len(), 1, "the welcome: the consent was there when it was sent");
    post.world.adjust("a", member, 1).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), 1);
    assert_eq!(reasons(&post).await[0].as_deref(), Some("cap"));
    let paid = order("A", BodyStatus::Paid, 0);
    post.world.put(Some(member), paid).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), 2, "what is no marketing is not counted");
    post.pass(7 * 86_400 + 1);
    post.world.adjust("b", member, 1).await.unwrap();
    post.deliver();
    assert_eq!(server.taken().len(), 3);
}

async fn a_member_is_warned_once_a_day_of_all_that_burns() {
    let server = MailServer::start(Mode::Plain).await;
    let events = by_letter(&[("points_expiring", Class::Service)]);
    let mut post = told(&server, Messaging { warn_days: vec![7, 1], ..events }).await;
    let member = post.member("42", Some("ru")).await;
    for (key, points, end) in [
        ("a", 10, "2026-03-09T00:00:00+03:00"),
        ("b", 15, "2026-03-05T12:00:00+03:00"),
        ("c", 99, "2026-03-20T00:00:00+03:00"),
    ] {
        let adjustment = Adjustment {
            points: Points(points),
            active_at: None,
            expires_at: Some(at(end)),
            gift: false,
            allow_debt: false,
        };
        post.world.write(key, Change::Adjust { member: MemberRef::Id(member), adjustment }).await.unwrap();
    }
    let projected = |post: &Post| {
        let service = post.world.service.clone();
        tokio::task::block_in_place(|| Projector::new(service).run()).unwrap();
    };
    projected(&post);
    post.deliver();
    // The tenth's last day is the eighth, a week away; what burns before it is told along.
    assert_eq!(subjects(&server), ["Скоро сгорит: 25 бонусов"]);
    let text = server.taken()[0].text().replace('\u{a0}', " ");
    assert!(text.contains("- 15 бонусов: последний день — 5 марта 2026"), "{text}");
    assert!(text.contains("- 10 бонусов: последний день — 8 марта 2026"), "{text}");
    post.deliver();
    post.world.clock("2026-03-02T12:00:00+03:00").await;
    post.deliver();
    assert_eq!(server.taken().len(), 1, "no distance is reached on the second day");
    // Days on which nobody worked: one message for all that was missed, without what has burnt.
    post.world.clock("2026-03-14T09:59:00+03:00").await;
    projected(&post);
    post.deliver();
    assert_eq!(server.taken().len(), 1, "not before ten");
    post.world.clock("2026-03-14T10:00:00+03:00").await;
    projected(&post);
    post.deliver();
    assert_eq!(subjects(&server)[1..], ["Скоро сгорит: 99 бонусов"]);
    post.world.clock("2026-03-18T11:00:00+03:00").await;
    post.deliver();
    post.deliver();
    assert_eq!(subjects(&server)[2..], ["Скоро сгорит: 99 бонусов"], "a day before, again");
    post.world.prove().await;
}

async fn a_birthday_gift_is_told_as_one() {
    let server = MailServer::start(Mode::Plain).await;
    let events = [("points_accrued", Class::Service), ("birthday_gift", Class::Service)];
    let mut post = told(&server, by_letter(&events)).await;
    let registration = Registration {
        emails: vec!["anna@person.example".to_owned()],
        birth_date: Day::parse("1990-03-10"),
        name: Some("Анна <b>".to_owned()),
        language: Some("ru".to_owned()),
        ..Registration::default()
    };
    let member = post.world.register("anna", registration).await.member;
    post.world.clock("2026-03-10T09:00:00+03:00").await;
    post.world.adjust("after", member, 1).await.unwrap();
    post.deliver();
    assert_eq!(subjects(&server).len(), 3);
    let letter = letter_about(&server, "1 000 бонусов ко дню рождения");
    assert!(letter.text().starts_with("Анна <b>, здравствуйте."), "{}", letter.text());
    assert!(letter.read().body_html(0).unwrap().contains("Анна &lt;b&gt;, здравствуйте."));
}

async fn a_shops_own_words_go_before_the_engines() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = told(&server, by_letter(&[("points_accrued", Class::Service)])).await;
    let (service, program) = (post.world.service.clone(), post.world.program);
    let key = |event: &str, channel, language: &str| TemplateKey {
        event: event.to_owned(),
        channel,
        language: language.to_owned(),
    };
    let own = key("points_accrued", Channel::Email, "en");
    let words = |subject: &str, text: &str, html: Option<&str>| Template {
        subject: subject.to_owned(),
        text: text.to_owned(),
        html: html.map(str::to_owned),
    };
    let good = words("Hooray: {{ points }}", "{{ name or 'You' }}: {{ balance }}", None);
    service.put_template(program, own.clone(), good.clone()).await.unwrap();
    assert_eq!(service.template(program, own.clone()).await.unwrap().template, good);
    post.member("42", None).await;
    post.deliver();
    assert_eq!(subjects(&server), ["Hooray: 500 bonuses"]);
    assert_eq!(letters(&server)[0].1.trim_end(), "You: 500\u{a0}bonuses");
    assert!(!String::from_utf8(server.taken()[0].bytes.clone()).unwrap().contains("text/html"));
    for (key, template, part, line) in [
        (own.clone(), words("s", "a\n{{ nmae }}", None), "text", 2),
        (own.clone(), words("{{ code }}", "x", None), "subject", 1),
        (own.clone(), words("s", "x", Some("<p>\n\n{{")), "html", 3),
        (own.clone(), words("s", "{{ order.shop.name }}", None), "text", 1),
        // Without an order there is nothing to measure.
        (own.clone(), words("s", "{{ order | length }}", None), "text", 1),
        (key("test", Channel::Sms, "ru"), words("s", "x", None), "subject", 0),
        (key("test", Channel::Sms, "ru"), words("", &"x".repeat(700), None), "text", 0),
    ] {
        match service.put_template(program, key, template.clone()).await {
            Err(ServiceError::TemplateInvalid(problem)) => {
                assert_eq!((problem.part, problem.line), (part, line), "{template:?}: {problem:?}");
            }
            other => panic!("{template:?}: {other:?}"),
        }
    }
    for unknown in [
        key("nothing", Channel::Email, "en"),
        key("test", Channel::Push, "en"),
        key("test", Channel::Email, "de"),
        key("test", Channel::Email, "en-US"),
    ] {
        let put = service.put_template(program, unknown, good.clone()).await;
        assert_eq!(put, Err(ServiceError::TemplateUnknown));
    }
    let member = post.member("43", None).await;
    let said = service.preview(program, own.clone(), Some(member)).await.unwrap();
    assert_eq!((said.subject.as_str(), said.text.as_str()), ("Hooray: 25 bonuses", "You: 500\u{a0}bonuses"));
    let tested = service.test_template(program, own.clone(), None, "owner@shop.example").await.unwrap();
    assert_eq!(tested.answer, Ok(None));
    assert_eq!(server.taken().pop().unwrap().text().trim_end(), "Anna: 1,250 bonuses");
    service.delete_template(program, own.clone()).await.unwrap();
    assert_eq!(service.delete_template(program, own.clone()).await, Err(ServiceError::TemplateUnknown));
    assert!(service.template(program, own).await.unwrap().builtin);
}
