//! Rules tell members and the shop's own systems: by the journal, once, in the shop's own words, and nothing
//! takes that back.

use crate::mail_server::{MailServer, Mode};
use crate::messages::Post;
use crate::receiver::Receiver;
use crate::webhooks::endpoint;
use crate::world::*;
use kopilka_core::consent::{Channel, Purpose};
use kopilka_core::ids::MemberId;
use kopilka_core::order::BodyStatus;
use kopilka_service::messages::settings::{Messaging, Telling};
use kopilka_service::messages::templates::Template;
use kopilka_service::rows::Proof;
use kopilka_service::*;
use serde_json::json;

on_both_engines!(
    a_rule_writes_to_the_member_and_tells_the_shops_systems_once,
    a_message_of_a_rule_needs_words_and_a_channel,
    marketing_of_a_rule_needs_a_live_consent,
);

const SHOP: &str = r#"
program: sports-store
currency: RUB
timezone: Europe/Moscow
tags: [seen]
coupons: { campaigns: [{ id: sorry, codes: made, discount: { percent: 10 } }] }
rules:
  - id: big
    when: order.paid
    if: { order_total_list: { from: 1000.00 } }
    then:
      - credit: { points: 30, active_after: 0 days }
      - coupon: sorry
      - message: thanks-for-much
      - webhook: { event: big-order, data: { team: vip, level: 2, urgent: true } }
  - { id: again, when: order.paid, then: [{ message: thanks-for-much }, { message: survey }] }
"#;

async fn shop(server: &MailServer, class: Class) -> Post {
    let post = Post::new(server).await;
    publish(&post.world.service, SHOP, true).await;
    let telling = Telling { channels: vec![Channel::Sms, Channel::Email], class };
    let base_url = Some("https://loyalty.example".to_owned());
    let events = [("own.thanks-for-much".to_owned(), telling)].into();
    let settings = Messaging { base_url, events, ..Messaging::default() };
    post.world.service.put_messaging(post.world.program, settings).await.unwrap();
    post
}

fn key(event: &str, channel: Channel, language: &str) -> TemplateKey {
    TemplateKey { event: event.to_owned(), channel, language: language.to_owned() }
}

async fn words(post: &Post, language: &str, text: &str) {
    let template = Template { subject: "Much".to_owned(), text: text.to_owned(), html: None };
    let key = key("own.thanks-for-much", Channel::Email, language);
    post.world.service.put_template(post.world.program, key, template).await.unwrap();
}

async fn pay(post: &Post, member: MemberId, id: &str) {
    post.world.put(Some(member), order(id, BodyStatus::Paid, 100_000)).await.unwrap();
}

fn texts(server: &MailServer) -> Vec<String> {
    server.taken().iter().map(|letter| letter.text().replace('\u{a0}', " ").trim_end().to_owned()).collect()
}

async fn a_rule_writes_to_the_member_and_tells_the_shops_systems_once() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = shop(&server, Class::Service).await;
    let receiver = Receiver::start().await;
    endpoint(&post.world.service, post.world.program, &receiver, &["rule.told"]).await;
    let mut deliverer = Deliverer::new(post.world.service.clone()).unwrap();
    words(&post, "en", "{{ order }}: {{ points }}, {{ coupons | length }} coupon").await;
    words(&post, "ru", "{{ order }}: {{ points }}, купонов: {{ coupons | length }}").await;
    let member = post.member("42", Some("ru")).await;
    let quoted = order("A", BodyStatus::Placed, 100_000);
    let who = Some(MemberRef::Id(member));
    let quote = post.world.service.quote(post.world.program, who, quoted, true).await.unwrap();
    let steps = serde_json::to_string(&quote.quote.trace).unwrap();
    assert!(
        steps.contains(r#"{"step":"message_asked","rule":"big","message":"thanks-for-much"}"#),
        "{steps}"
    );
    post.deliver();
    assert!(server.taken().is_empty(), "a quote tells nobody");
    pay(&post, member, "A").await;
    post.deliver();
    post.deliver();
    tokio::task::block_in_place(|| deliverer.run()).unwrap();
    assert_eq!(texts(&server), ["A: 30 баллов, купонов: 1"], "two rules that ask at once are one message");
    let heard = receiver.heard();
    assert_eq!(heard.len(), 1);
    let object = heard[0].object();
    assert_eq!(object["type"], "rule.told");
    let data = &object["data"];
    assert_eq!(
        (&data["event"], &data["source"], &data["order_id"]),
        (&json!("big-order"), &json!("big"), &json!("A"))
    );
    assert_eq!(data["data"], json!({ "team": "vip", "level": 2, "urgent": true }));
    post.world.write("back", back("A", 2)).await.unwrap();
    post.deliver();
    tokio::task::block_in_place(|| deliverer.run()).unwrap();
    assert_eq!(
        (server.taken().len(), receiver.heard().len()),
        (1, 1),
        "a return tells nothing and takes nothing back"
    );
    assert_eq!(post.log().await.len(), 1, "a survey that no settings name costs no row");
    post.world.prove().await;
}

async fn a_message_of_a_rule_needs_words_and_a_channel() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = shop(&server, Class::Service).await;
    let (service, program) = (post.world.service.clone(), post.world.program);
    assert_eq!(service.messages_unheard(program).await.unwrap(), ["survey", "thanks-for-much"]);
    let member = post.member("42", Some("ru")).await;
    // Of a member of no phone the letter is what is left.
    pay(&post, member, "A").await;
    post.deliver();
    let row = post.log().await.pop().unwrap();
    assert_eq!(
        (row.event.as_str(), row.state, row.reason.as_deref()),
        ("own.thanks-for-much", MessageState::Dropped, Some("no_template"))
    );
    words(&post, "en", "{{ order }}, {{ points }}").await;
    assert_eq!(service.messages_unheard(program).await.unwrap(), ["survey"]);
    pay(&post, member, "B").await;
    post.deliver();
    assert_eq!(texts(&server), ["B, 30 points"], "words of another language are better than none");
    let text = |text: &str| Template { subject: "s".to_owned(), text: text.to_owned(), html: None };
    for (event, template) in [("own.", "x"), ("own.Big", "x"), ("own.a/b", "x"), ("own", "x")] {
        let put = service.put_template(program, key(event, Channel::Email, "en"), text(template)).await;
        assert!(matches!(put, Err(ServiceError::TemplateUnknown)), "{event}: {put:?}");
    }
    let wrong =
        service.put_template(program, key("own.new", Channel::Email, "en"), text("{{ refund }}")).await;
    assert!(matches!(wrong, Err(ServiceError::TemplateInvalid(_))), "{wrong:?}");
    let none = service.template(program, key("own.new", Channel::Email, "en")).await;
    assert!(matches!(none, Err(ServiceError::TemplateUnknown)), "the engine has no words for it: {none:?}");
}

async fn marketing_of_a_rule_needs_a_live_consent() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = shop(&server, Class::Marketing).await;
    words(&post, "en", "Order {{ order }} {{ unsubscribe }}").await;
    let member = post.member("42", None).await;
    pay(&post, member, "A").await;
    post.deliver();
    assert!(server.taken().is_empty());
    let (purpose, channel) = (Purpose::Marketing, Some(Channel::Email));
    let consents = vec![ConsentTold { purpose, channel, at: None, proof: Proof::default() }];
    let patch = PersonPatch { consents, ..PersonPatch::default() };
    let change = Change::PatchMember { member: MemberRef::Id(member), patch };
    post.world.service.write(post.world.ask(None, change)).await.unwrap();
    pay(&post, member, "B").await;
    post.deliver();
    let told = texts(&server);
    assert!(
        told.len() == 1 && told[0].starts_with("Order B https://loyalty.example/unsubscribe/"),
        "{told:?}"
    );
}
