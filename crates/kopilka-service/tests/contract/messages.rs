//! Members are written to: by mail, short message and messenger, once each, while somebody wants it.

use crate::mail_server::{HOST, MailServer, Mode};
use crate::receiver::Receiver;
use crate::webhooks::beat;
use crate::world::*;
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, MessageId};
use kopilka_core::words::Language;
use kopilka_service::messages::senders::*;
use kopilka_service::messages::{NewMessage, Recipient, presets};
use kopilka_service::outside::{Failure, Names, OutsideOptions};
use kopilka_service::*;
use serde_json::json;
use std::collections::BTreeMap;

on_both_engines!(
    a_code_is_written_by_every_channel_in_the_members_language,
    what_a_message_said_stands_in_no_row_afterwards,
    a_message_is_tried_again_and_dropped_when_nobody_wants_it_any_more,
    what_is_refused_for_good_is_not_tried_again,
    a_sudden_end_sends_the_same_letter_again,
    who_leaves_is_not_written_to,
    a_closed_chat_is_forgotten,
    only_messages_that_can_be_meant_are_queued,
    senders_secrets_are_sealed_again_with_a_newer_key,
    the_log_forgets_after_a_month,
);

/// A world whose clock is turned by hand, whose server may reach servers on this machine.
pub struct Post {
    pub world: World,
    pub clock: Clock,
    pub messenger: Messenger,
}

pub fn options(clock: &Clock, server: &MailServer, options: OpenOptions) -> OpenOptions {
    let outside = OutsideOptions {
        allowed: vec!["127.0.0.0/8".parse().unwrap()],
        authorities: vec![server.certificate.clone()],
        names: Names::Fixed(vec![(HOST.to_owned(), "127.0.0.1".parse().unwrap())]),
        ..OutsideOptions::default()
    };
    OpenOptions { clock: clock.clone(), outside, ..options }
}

impl Post {
    /// With a mail server by which letters are sent.
    pub async fn new(server: &MailServer) -> Post {
        let clock = Clock::manual(at("2026-03-01T12:00:00+03:00"));
        let world = World::with(|given| options(&clock, server, given)).await;
        beat(&world.service);
        let messenger = Messenger::new(world.service.clone()).unwrap();
        let post = Post { world, clock, messenger };
        post.put(smtp(server, Encryption::None), &[]).await;
        post
    }
    pub async fn put(&self, settings: Settings, secrets: &[(&str, &str)]) {
        let secrets = secrets_of(secrets);
        self.world.service.put_sender(self.world.program, settings, secrets).await.unwrap();
    }
    pub fn deliver(&mut self) {
        tokio::task::block_in_place(|| self.messenger.run()).unwrap();
    }
    pub fn pass(&mut self, seconds: i64) {
        self.clock.turn_to(self.clock.now().plus_seconds(seconds));
        self.deliver();
    }
    pub async fn member(&self, ext: &str, language: Option<&str>) -> MemberId {
        let registration = Registration {
            ext: Some(ext.to_owned()),
            phones: vec![format!("+7912345{:04}", ext.parse::<u32>().unwrap())],
            emails: vec![format!("m{ext}@person.example")],
            language: language.map(str::to_owned),
            telegram: Some(format!("7{ext}")),
            ..Registration::default()
        };
        self.world.register(&format!("register {ext}"), registration).await.member
    }
    pub async fn queue(&self, new: NewMessage) -> Result<MessageId, ServiceError> {
        self.world.service.queue_message(self.world.program, new).await
    }
    pub async fn row(&self, id: MessageId) -> MessageRow {
        self.world.service.message(self.world.program, id).await.unwrap()
    }
    pub async fn log(&self) -> Vec<MessageRow> {
        let asked = MessagesAsked::default();
        self.world.service.messages(self.world.program, asked, PAGE_MAX).await.unwrap()
    }
    pub fn code(&self, to: Recipient, channel: Channel) -> NewMessage {
        let data = json!({ "code": "902417", "minutes": 5 });
        NewMessage {
            to,
            channel,
            event: "one_time_code".to_owned(),
            class: Class::Service,
            language: None,
            data: data.as_object().unwrap().clone(),
            expires_at: self.clock.now().plus_seconds(300),
        }
    }
}

pub fn secrets_of(secrets: &[(&str, &str)]) -> SenderSecrets {
    SenderSecrets(secrets.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect())
}

pub fn smtp(server: &MailServer, encryption: Encryption) -> Settings {
    Settings::Email(Smtp {
        host: HOST.to_owned(),
        port: server.address.port(),
        encryption,
        from: "Спортмагазин <shop@shop.example>".to_owned(),
        reply_to: None,
        language: Language::En,
    })
}

/// A gateway like SMS.ru, on this machine.
pub fn gateway(receiver: &Receiver) -> Settings {
    let mut request = presets::request_of("smsru").unwrap();
    request.url = receiver.url();
    Settings::Sms(Gateway { preset: None, request, from: None, language: Language::En })
}

pub fn bot(receiver: &Receiver) -> Settings {
    let api = format!("http://{}", receiver.address);
    Settings::Telegram(Bot { api, language: Language::En, name: None })
}

/// What a message says and a gateway's secrets are in no file in clear.
fn found_in_files(post: &Post, marks: &[&str]) -> Vec<String> {
    let files = std::fs::read_dir(post.world.place.path()).unwrap();
    let mut found = Vec::new();
    for path in files.map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let bytes = std::fs::read(&path).unwrap();
        let has = |mark: &&&str| bytes.windows(mark.len()).any(|window| window == mark.as_bytes());
        found.extend(marks.iter().filter(has).map(|mark| format!("{mark} in {}", path.display())));
    }
    found
}

async fn a_code_is_written_by_every_channel_in_the_members_language() {
    let server = MailServer::start(Mode::Plain).await;
    let (sms, chat) = (Receiver::start().await, Receiver::start().await);
    sms.says(r#"{"sms":{"79123450042":{"status_code":100,"sms_id":"7-1"}}}"#);
    chat.says(r#"{"ok":true,"result":{"message_id":5}}"#);
    let mut post = Post::new(&server).await;
    post.put(gateway(&sms), &[("api_id", "key&1")]).await;
    post.put(bot(&chat), &[(TOKEN, "77:AAtoken")]).await;
    let member = post.member("42", Some("ru-RU")).await;
    let mut ids = Vec::new();
    for channel in [Channel::Email, Channel::Sms, Channel::Telegram] {
        ids.push(post.queue(post.code(Recipient::Member(member), channel)).await.unwrap());
    }
    post.deliver();
    let letter = &server.taken()[0];
    assert_eq!(
        (letter.from.as_str(), &letter.to[..]),
        ("shop@shop.example", &["m42@person.example".to_owned()][..])
    );
    assert_eq!(letter.message_id(), format!("{}@shop.example", ids[0]));
    assert_eq!(letter.read().subject(), Some("902417 — ваш код"));
    assert!(letter.text().starts_with("902417 — ваш код для «"), "{}", letter.text());
    assert!(letter.read().body_html(0).unwrap().contains("<b>902417</b>"));
    let form = sms.heard()[0].clone();
    let body: BTreeMap<String, String> = url::form_urlencoded::parse(&form.body).into_owned().collect();
    assert_eq!((body["api_id"].as_str(), body["to"].as_str()), ("key&1", "79123450042"));
    assert!(body["msg"].starts_with("902417 — ваш код"), "{}", body["msg"]);
    let told = chat.heard()[0].clone();
    assert_eq!(told.path, "/bot77:AAtoken/sendMessage");
    assert_eq!(told.object()["chat_id"], "742");
    assert_eq!(told.object()["text"], body["msg"].as_str());
    for (id, receipt) in [(ids[0], None), (ids[1], Some("7-1")), (ids[2], Some("5"))] {
        let row = post.row(id).await;
        assert_eq!((row.state, row.tries, row.reason.clone()), (MessageState::Sent, 1, None), "{row:?}");
        assert_eq!(row.receipt.as_deref(), receipt);
    }
    // To somebody who is no member yet, in the sender's language.
    let stranger = Recipient::Address("Someone@Else.Example".to_owned());
    post.queue(post.code(stranger, Channel::Email)).await.unwrap();
    post.deliver();
    let letter = server.taken().pop().unwrap();
    assert_eq!(letter.to, ["someone@else.example"]);
    assert!(letter.text().starts_with("902417 is your code for "), "{}", letter.text());
    post.deliver();
    assert_eq!((server.taken().len(), sms.heard().len(), chat.heard().len()), (2, 1, 1), "once each");
    post.world.prove().await;
}

async fn what_a_message_said_stands_in_no_row_afterwards() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    post.put(smtp(&server, Encryption::None), &[(LOGIN, "shop"), (PASSWORD, "Marked-Password")]).await;
    let to = Recipient::Address("marked@person.example".to_owned());
    let id = post.queue(post.code(to, Channel::Email)).await.unwrap();
    let marks = ["902417", "marked@person.example", "Marked-Password"];
    assert_eq!(found_in_files(&post, &marks), Vec::<String>::new(), "it waits sealed");
    let waiting = post.row(id).await;
    assert!(waiting.data.is_some() && waiting.address.is_some());
    post.deliver();
    assert_eq!(server.taken()[0].login.as_deref(), Some("shop Marked-Password"));
    let sent = post.row(id).await;
    assert_eq!((sent.state, sent.data, sent.address), (MessageState::Sent, None, None));
    assert_eq!(found_in_files(&post, &marks), Vec::<String>::new());
}

async fn a_message_is_tried_again_and_dropped_when_nobody_wants_it_any_more() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    let member = post.member("42", None).await;
    server.answers(|line| line.starts_with("RCPT").then(|| "451 <m42@person.example> greylisted".to_owned()));
    let id = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.deliver();
    let row = post.row(id).await;
    // What the server says beside the code repeats the address.
    assert_eq!((row.state, row.reason.as_deref()), (MessageState::Waiting, Some("smtp_451")));
    server.answers(|_| None);
    post.pass(10);
    assert_eq!(post.row(id).await.state, MessageState::Sent);
    assert_eq!((server.taken().len(), post.row(id).await.tries), (1, 2));
    // Nothing gets through for the whole of its term.
    server.answers(|line| line.starts_with("MAIL").then(|| "421 busy".to_owned()));
    let id = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.deliver();
    for _ in 0..30 {
        post.pass(20);
    }
    let row = post.row(id).await;
    assert_eq!((row.state, row.data.clone()), (MessageState::Failed, None), "{row:?}");
    assert!((4..8).contains(&row.tries), "{row:?}");
    // Nobody sent for a while: it is not sent late.
    server.answers(|_| None);
    let id = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.pass(300);
    let row = post.row(id).await;
    assert_eq!((row.state, row.reason.as_deref(), row.tries), (MessageState::Dropped, Some("too_late"), 0));
    assert_eq!(server.taken().len(), 1);
}

async fn what_is_refused_for_good_is_not_tried_again() {
    let server = MailServer::start(Mode::Plain).await;
    let sms = Receiver::start().await;
    let mut post = Post::new(&server).await;
    post.put(gateway(&sms), &[("api_id", "k")]).await;
    let member = post.member("42", None).await;
    server.answers(|line| line.starts_with("RCPT").then(|| "550 no such user".to_owned()));
    sms.says(r#"{"status":"OK","sms":{"79123450042":{"status_code":202}}}"#);
    let mail = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    let short = post.queue(post.code(Recipient::Member(member), Channel::Sms)).await.unwrap();
    post.deliver();
    for (id, reason) in [(mail, "smtp_550"), (short, "gateway_refused")] {
        let row = post.row(id).await;
        assert_eq!((row.state, row.reason.as_deref(), row.tries), (MessageState::Failed, Some(reason), 1));
    }
    // Where no address is known there is nothing to try.
    let bare = post.world.member("bare").await;
    let id = post.queue(post.code(Recipient::Member(bare), Channel::Email)).await.unwrap();
    post.deliver();
    let row = post.row(id).await;
    assert_eq!((row.state, row.reason.as_deref()), (MessageState::Dropped, Some("no_address")));
    // A sender that goes takes along what waits for it.
    let id = post.queue(post.code(Recipient::Member(member), Channel::Sms)).await.unwrap();
    post.world.service.delete_sender(post.world.program, Channel::Sms).await.unwrap();
    let row = post.row(id).await;
    assert_eq!(
        (row.state, row.reason.as_deref(), row.data),
        (MessageState::Dropped, Some("no_sender"), None)
    );
    let gone = post.world.service.delete_sender(post.world.program, Channel::Sms).await;
    assert_eq!(gone, Err(ServiceError::SenderUnknown));
}

async fn a_sudden_end_sends_the_same_letter_again() {
    let server = MailServer::start(Mode::Plain).await;
    let clock = Clock::manual(at("2026-03-01T12:00:00+03:00"));
    let dies = Faults::new(|step| step == Step::Messaged);
    let given = |given| OpenOptions { faults: dies, ..options(&clock, &server, given) };
    let world = World::with(given).await;
    beat(&world.service);
    let messenger = Messenger::new(world.service.clone()).unwrap();
    let mut post = Post { world, clock: clock.clone(), messenger };
    post.put(smtp(&server, Encryption::None), &[]).await;
    let to = Recipient::Address("anna@person.example".to_owned());
    let id = post.queue(post.code(to, Channel::Email)).await.unwrap();
    let ended = tokio::task::block_in_place(|| post.messenger.run());
    assert_eq!(ended, Err(ServiceError::Stopping));
    assert_eq!(server.taken().len(), 1);
    let Post { world: World { place, service, program }, messenger, .. } = post;
    drop(messenger);
    let service = reopened_with(service, || options(&clock, &server, place.options()));
    let messenger = Messenger::new(service.clone()).unwrap();
    let mut post = Post { world: World { place, service, program }, clock, messenger };
    // The dead one's tasks are free when its silence has been noticed.
    for _ in 0..100 {
        beat(&post.world.service);
        post.deliver();
        if server.taken().len() > 1 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    let ids: Vec<String> = server.taken().iter().map(|letter| letter.message_id()).collect();
    assert_eq!(ids, vec![format!("{id}@shop.example"); 2], "the same letter twice, nothing lost");
    assert_eq!(server.taken()[0].bytes.len(), server.taken()[1].bytes.len());
    assert_eq!(post.row(id).await.state, MessageState::Sent);
}

async fn who_leaves_is_not_written_to() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    let member = post.member("42", None).await;
    let id = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.world.write("erase", Change::Erase { member: MemberRef::Id(member) }).await.unwrap();
    let row = post.row(id).await;
    assert_eq!((row.state, row.reason.as_deref()), (MessageState::Dropped, Some("erased")));
    assert_eq!((row.data, row.address), (None, None));
    let after = post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.deliver();
    assert_eq!(post.row(after).await.reason.as_deref(), Some("no_address"));
    assert!(server.taken().is_empty());
    post.world.prove().await;
}

async fn a_closed_chat_is_forgotten() {
    let server = MailServer::start(Mode::Plain).await;
    let chat = Receiver::start().await;
    let mut post = Post::new(&server).await;
    post.put(bot(&chat), &[(TOKEN, "77:AA")]).await;
    let member = post.member("42", None).await;
    chat.answers(|_| 429);
    chat.says(r#"{"ok":false,"parameters":{"retry_after":100}}"#);
    let id = post.queue(post.code(Recipient::Member(member), Channel::Telegram)).await.unwrap();
    post.deliver();
    post.pass(90);
    assert_eq!(post.row(id).await.tries, 1, "it waits as long as it was asked to");
    chat.answers(|_| 403);
    post.pass(30);
    let row = post.row(id).await;
    assert_eq!((row.state, row.reason.as_deref()), (MessageState::Failed, Some("status_403")));
    let program = post.world.program;
    // Nobody waits for the write that forgets it, and a server's database has several writers.
    for _ in 0..200 {
        let person = post.world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap();
        if person.telegram.is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    let id = post.queue(post.code(Recipient::Member(member), Channel::Telegram)).await.unwrap();
    post.deliver();
    assert_eq!(post.row(id).await.reason.as_deref(), Some("no_address"));
    post.world.prove().await;
}

async fn only_messages_that_can_be_meant_are_queued() {
    let server = MailServer::start(Mode::Plain).await;
    let post = Post::new(&server).await;
    let member = post.member("42", None).await;
    let good = post.code(Recipient::Member(member), Channel::Email);
    let long = "x".repeat(20_000);
    let now = post.clock.now();
    let stranger = |text: &str| Recipient::Address(text.to_owned());
    for (new, what) in [
        (NewMessage { event: "nothing".to_owned(), ..good.clone() }, "event"),
        (NewMessage { expires_at: now, ..good.clone() }, "expires_at"),
        (NewMessage { expires_at: now.plus_seconds(8 * 86_400), ..good.clone() }, "expires_at"),
        (
            NewMessage { to: stranger("a@b.example"), expires_at: now.plus_seconds(3_601), ..good.clone() },
            "expires_at",
        ),
        (NewMessage { to: stranger("nowhere"), ..good.clone() }, "address"),
        (NewMessage { data: json!({ "code": long }).as_object().unwrap().clone(), ..good.clone() }, "data"),
    ] {
        assert_eq!(post.queue(new).await, Err(ServiceError::MessageInvalid(what)));
    }
    let nobody = NewMessage { to: Recipient::Member(MemberId(7)), ..good.clone() };
    assert!(matches!(post.queue(nobody).await, Err(ServiceError::Refused(_))));
    let unsent = NewMessage { channel: Channel::Sms, ..good };
    assert_eq!(post.queue(unsent).await, Err(ServiceError::SenderUnknown));
    assert!(post.log().await.is_empty());
}

async fn senders_secrets_are_sealed_again_with_a_newer_key() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    post.put(smtp(&server, Encryption::None), &[(LOGIN, "shop"), (PASSWORD, "secret")]).await;
    let to = Recipient::Address("anna@person.example".to_owned());
    let waits = post.queue(post.code(to, Channel::Email)).await.unwrap();
    let before = post.row(waits).await;
    assert_eq!(post.world.service.rotate_secrets_key().await, Ok((2, 2)), "the sender and what waits");
    let after = post.row(waits).await;
    for (old, new) in [(before.data, after.data), (before.address, after.address)] {
        assert_eq!((old.unwrap()[3], new.unwrap()[3]), (1, 2));
    }
    let program = post.world.program;
    let rows = post.world.service.read(move |r| r.senders(program)).await.unwrap();
    assert_eq!(rows[0].secrets[3], 2);
    post.deliver();
    assert_eq!(server.taken()[0].login.as_deref(), Some("shop secret"));
}

async fn the_log_forgets_after_a_month() {
    let server = MailServer::start(Mode::Plain).await;
    let mut post = Post::new(&server).await;
    let member = post.member("42", None).await;
    post.queue(post.code(Recipient::Member(member), Channel::Email)).await.unwrap();
    post.deliver();
    post.pass(29 * 86_400);
    assert_eq!(post.log().await.len(), 1);
    post.pass(2 * 86_400);
    assert!(post.log().await.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_letter_goes_encrypted_or_not_at_all() {
    for (mode, encryption, answer, encrypted) in [
        (Mode::Starttls, Encryption::Starttls, Ok(None), true),
        (Mode::Tls, Encryption::Tls, Ok(None), true),
        (Mode::Plain, Encryption::None, Ok(None), false),
        (Mode::Stripped, Encryption::Starttls, Err("tls_failed"), false),
        (Mode::Injecting, Encryption::Starttls, Err("broken_answer"), false),
        (Mode::Plain, Encryption::Tls, Err("tls_failed"), false),
    ] {
        let server = MailServer::start(mode).await;
        let post = Post::new(&server).await;
        post.put(smtp(&server, encryption), &[(LOGIN, "shop"), (PASSWORD, "secret")]).await;
        let service = &post.world.service;
        let tested = service.test_sender(post.world.program, Channel::Email, "anna@person.example").await;
        let told = tested.unwrap().answer;
        assert_eq!(told.as_ref().map(|r| r.as_deref()).map_err(String::as_str), answer, "{mode:?}");
        let taken = server.taken();
        assert_eq!(taken.len(), usize::from(answer.is_ok()), "{mode:?}");
        assert!(taken.iter().all(|letter| letter.encrypted == encrypted), "{mode:?}");
        let said_in_clear =
            server.lines().iter().any(|line| line.starts_with("AUTH") || line.starts_with("MAIL"));
        assert_eq!(said_in_clear, answer.is_ok(), "{mode:?}: {:?}", server.lines());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sender_that_could_not_send_is_refused() {
    let server = MailServer::start(Mode::Plain).await;
    let world = World::new().await;
    let post = Post::new(&server).await;
    let refused = async |world: &World, settings: Settings, secrets: &[(&str, &str)]| match world
        .service
        .put_sender(world.program, settings, secrets_of(secrets))
        .await
    {
        Err(ServiceError::SenderInvalid(problem)) => problem,
        other => panic!("{other:?}"),
    };
    let Settings::Email(plain) = smtp(&server, Encryption::None) else { panic!() };
    let mail = |change: fn(&mut Smtp)| {
        let mut smtp = plain.clone();
        change(&mut smtp);
        Settings::Email(smtp)
    };
    use SenderProblem::*;
    for (settings, problem) in [
        (mail(|s| s.from = "nobody".to_owned()), Setting("from")),
        (mail(|s| s.reply_to = Some("a b".to_owned())), Setting("reply_to")),
        (mail(|s| s.port = 0), Setting("host")),
        (mail(|s| s.host = "mail example".to_owned()), Setting("host")),
        (mail(|s| s.host = "10.0.0.1".to_owned()), Url(Failure::Address)),
    ] {
        assert_eq!(refused(&post.world, settings, &[]).await, problem);
    }
    let half = refused(&post.world, mail(|_| ()), &[(LOGIN, "x")]).await;
    assert_eq!(half, SecretMissing(PASSWORD.to_owned()));
    // Without what an operator allows nothing inner is reached, and nothing goes in clear.
    assert_eq!(refused(&world, mail(|_| ()), &[]).await, Setting("host"));
    let inner = mail(|s| (s.host, s.encryption) = ("127.0.0.1".to_owned(), Encryption::Tls));
    assert_eq!(refused(&world, inner, &[]).await, Url(Failure::Address));
    let sms = Receiver::start().await;
    assert_eq!(refused(&world, gateway(&sms), &[("api_id", "k")]).await, Url(Failure::Url));
    let of = |change: fn(&mut Request)| {
        let Settings::Sms(mut gateway) = gateway(&sms) else { panic!() };
        change(&mut gateway.request);
        Settings::Sms(gateway)
    };
    let template = |setting, line| move |problem: &SenderProblem| matches!(problem, Template { setting: s, line: l, .. } if (*s, *l) == (setting, line));
    let told = refused(&post.world, of(|r| r.body = "a\n{{ nobody }}".to_owned()), &[("api_id", "k")]).await;
    assert!(template("body", 2)(&told), "{told:?}");
    let told = refused(&post.world, of(|r| r.url = "{{".to_owned()), &[("api_id", "k")]).await;
    assert!(template("url", 1)(&told), "{told:?}");
    let told = refused(&post.world, of(|r| r.receipt = Some("id".to_owned())), &[("api_id", "k")]).await;
    assert!(template("receipt", 1)(&told), "{told:?}");
    let told = refused(&post.world, gateway(&sms), &[]).await;
    assert!(template("body", 1)(&told), "a secret that is missing: {told:?}");
    let told = refused(&post.world, of(|r| r.method = "DELETE".to_owned()), &[("api_id", "k")]).await;
    assert_eq!(told, Setting("method"));
    assert_eq!(refused(&post.world, bot(&sms), &[]).await, SecretMissing(TOKEN.to_owned()));
    assert_eq!(refused(&post.world, bot(&sms), &[(TOKEN, "a/../b")]).await, Setting(TOKEN));
}
