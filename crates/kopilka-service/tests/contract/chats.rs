//! Members tell the bot which chat is theirs: by a link of their own, for a short while, once.

use crate::mail_server::{MailServer, Mode};
use crate::messages::{Post, bot};
use crate::receiver::Receiver;
use crate::world::*;
use kopilka_core::consent::Channel;
use kopilka_core::ids::MemberId;
use kopilka_service::messages::settings::Messaging;
use kopilka_service::*;

on_both_engines!(
    a_bot_is_connected_once_it_has_told_its_name,
    a_link_is_good_for_its_member_once_and_for_a_while,
    a_link_ends_with_the_person,
);

const SLUG: &str = "sports-store";

async fn connected(server: &MailServer) -> (Post, Receiver, String) {
    let (post, chat) = (Post::new(server).await, Receiver::start().await);
    let (service, program) = (post.world.service.clone(), post.world.program);
    post.put(bot(&chat), &[("token", "77:AA")]).await;
    let base_url = Some("https://loyalty.example/club/".to_owned());
    service.put_messaging(program, Messaging { base_url, ..Messaging::default() }).await.unwrap();
    chat.says(r#"{"ok":true,"result":{"username":"shop_bot"}}"#);
    let connected = service.connect_telegram(program).await.unwrap();
    let url = "https://loyalty.example/club/telegram/sports-store".to_owned();
    assert_eq!(connected, ConnectedBot { name: "shop_bot".to_owned(), url });
    let told = chat.heard().last().unwrap().object();
    assert_eq!(
        (&told["url"], &told["allowed_updates"]),
        (&connected.url.into(), &["message"].as_slice().into())
    );
    let secret = told["secret_token"].as_str().unwrap().to_owned();
    (post, chat, secret)
}

async fn token_of(post: &Post, member: MemberId) -> String {
    let (link, _) = post.world.service.telegram_link(post.world.program, member).await.unwrap();
    link.strip_prefix("https://t.me/shop_bot?start=").unwrap_or_else(|| panic!("{link}")).to_owned()
}

async fn linked(post: &Post, token: &str, chat: i64) -> Linked {
    post.world.service.link_chat(post.world.program, token, chat).await.unwrap()
}

async fn chat_of(post: &Post, member: MemberId) -> Option<String> {
    let program = post.world.program;
    let person = post.world.service.read(move |reader| reader.person(program, member)).await.unwrap();
    person.and_then(|person| person.telegram)
}

async fn a_bot_is_connected_once_it_has_told_its_name() {
    let server = MailServer::start(Mode::Plain).await;
    let (post, chat, secret) = connected(&server).await;
    let (service, program) = (post.world.service.clone(), post.world.program);
    let heard = service.heard_from(SLUG, &secret).await.unwrap().unwrap();
    assert_eq!(heard.program, program);
    let half = &secret[..secret.len() / 2];
    for (slug, secret) in [(SLUG, ""), (SLUG, half), (SLUG, "77:AA"), ("other", secret.as_str())] {
        assert_eq!(service.heard_from(slug, secret).await.unwrap(), None, "{slug} {secret}");
    }
    // Another bot has another secret, and no name yet.
    post.put(bot(&chat), &[("token", "78:BB")]).await;
    assert_eq!(service.heard_from(SLUG, &secret).await.unwrap(), None);
    let member = post.world.member("42").await;
    let unnamed = service.telegram_link(program, member).await;
    assert_eq!(unnamed, Err(ServiceError::TelegramNotConnected));
    for (answer, why) in [
        (r#"{"ok":true,"result":{"username":"a/b?"}}"#, "broken_answer"),
        (r#"{"ok":true,"result":{}}"#, "broken_answer"),
        (r#"{"ok":false}"#, "status_200"),
    ] {
        chat.says(answer);
        let refused = service.connect_telegram(program).await;
        assert_eq!(refused, Err(ServiceError::TelegramRefused(why.to_owned())), "{answer}");
    }
    service.delete_sender(program, Channel::Telegram).await.unwrap();
    assert_eq!(service.heard_from(SLUG, &secret).await.unwrap(), None);
    assert_eq!(service.telegram_link(program, member).await, Err(ServiceError::SenderUnknown));
}

async fn a_link_is_good_for_its_member_once_and_for_a_while() {
    let server = MailServer::start(Mode::Plain).await;
    let (post, _, _) = connected(&server).await;
    let (anna, boris) = (post.world.member("1").await, post.world.member("2").await);
    let first = token_of(&post, anna).await;
    assert_eq!(linked(&post, &first, 55).await, Linked::Done);
    assert_eq!(chat_of(&post, anna).await.as_deref(), Some("55"));
    assert_eq!(linked(&post, &first, 55).await, Linked::Already, "told again it is the same");
    assert_eq!(linked(&post, &first, 66).await, Linked::Unknown, "a link is good once");
    let hers = token_of(&post, anna).await;
    for bad in ["", "x", "AAAA", &hers[1..], &format!("{hers}A")] {
        assert_eq!(linked(&post, bad, 66).await, Linked::Unknown, "{bad}");
    }
    let other = PROGRAM.replace("program: sports-store", "program: other");
    let other = publish(&post.world.service, &other, true).await;
    assert_eq!(post.world.service.link_chat(other, &hers, 66).await.unwrap(), Linked::Unknown);
    assert_eq!(chat_of(&post, anna).await.as_deref(), Some("55"));
    assert_eq!(chat_of(&post, boris).await, None);
    post.clock.turn_to(post.clock.now().plus_seconds(899));
    assert_eq!(linked(&post, &hers, 66).await, Linked::Done, "another chat instead");
    let late = token_of(&post, boris).await;
    post.clock.turn_to(post.clock.now().plus_seconds(900));
    assert_eq!(linked(&post, &late, 77).await, Linked::Over);
    assert_eq!(chat_of(&post, boris).await, None);
    let program = post.world.program;
    let person = post.world.service.read(move |r| r.person(program, anna)).await.unwrap().unwrap();
    assert!(person.consents.is_empty(), "a chat is an address and no consent");
    post.world.prove().await;
}

async fn a_link_ends_with_the_person() {
    let server = MailServer::start(Mode::Plain).await;
    let (post, _, _) = connected(&server).await;
    let gone = post.world.member("1").await;
    let token = token_of(&post, gone).await;
    post.world.write("e", Change::Erase { member: MemberRef::Id(gone) }).await.unwrap();
    assert_eq!(linked(&post, &token, 55).await, Linked::Unknown);
    assert_eq!(chat_of(&post, gone).await, None);
    post.world.prove().await;
}
