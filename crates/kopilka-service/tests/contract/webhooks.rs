//! Events reach endpoints: signed, in order of each member, at least once, under one id for ever.

use crate::receiver::*;
use crate::world::*;
use kopilka_core::ids::{EntryId, ProgramId, WebhookId};
use kopilka_service::outside::OutsideOptions;
use kopilka_service::*;
use std::collections::{BTreeMap, BTreeSet};

on_both_engines!(
    an_event_arrives_signed_and_is_the_one_of_the_stream,
    only_what_an_endpoint_asks_for_of_its_own_program_arrives,
    what_was_told_is_told_again_from_where_it_is_asked_for,
    what_was_not_told_can_be_left_out,
    two_secrets_sign_for_a_day,
    secrets_are_sealed_again_with_a_newer_key,
    the_log_forgets_after_a_month_and_an_endpoint_goes_with_its_log,
    the_stream_goes_on_from_any_cursor,
);

/// A world whose clock is turned by hand, whose server may tell receivers on this machine.
pub struct Outside {
    pub world: World,
    pub clock: Clock,
    pub deliverer: Deliverer,
}

pub fn options(clock: &Clock, options: OpenOptions) -> OpenOptions {
    let allowed = vec!["127.0.0.0/8".parse().unwrap()];
    let outside = OutsideOptions { allowed, ..OutsideOptions::default() };
    OpenOptions { clock: clock.clone(), outside, ..options }
}

impl Outside {
    pub async fn new() -> Outside {
        let clock = Clock::manual(at("2026-03-01T12:00:00+03:00"));
        let world = World::with(|given| options(&clock, given)).await;
        beat(&world.service);
        let deliverer = Deliverer::new(world.service.clone()).unwrap();
        Outside { world, clock, deliverer }
    }
    pub fn deliver(&mut self) {
        tokio::task::block_in_place(|| self.deliverer.run()).unwrap();
    }
    pub fn pass(&mut self, seconds: i64) {
        self.clock.turn_to(self.clock.now().plus_seconds(seconds));
        self.deliver();
    }
    pub async fn endpoint(&self, receiver: &Receiver, events: &[&str]) -> (WebhookId, String) {
        endpoint(&self.world.service, self.world.program, receiver, events).await
    }
    pub async fn enable(&self, id: WebhookId) {
        let change = WebhookChange { enabled: Some(true), ..WebhookChange::default() };
        self.world.service.change_webhook(self.world.program, id, change).await.unwrap();
    }
    pub async fn state(&self, id: WebhookId) -> WebhookState {
        self.world.service.webhook(self.world.program, id).await.unwrap().state
    }
    pub async fn log(&self, id: WebhookId, state: Option<DeliveryState>) -> Vec<DeliveryRow> {
        self.world.service.deliveries(self.world.program, id, state, None, PAGE_MAX).await.unwrap()
    }
    /// Ids of the program's events that an endpoint with these types hears of.
    pub async fn events(&self, types: &[&str]) -> Vec<String> {
        let mut ids = Vec::new();
        let mut after = EntryId(0);
        loop {
            let page = self.world.service.events_after(self.world.program, after, 100).await.unwrap();
            let wanted = page.events.iter().filter(|e| types.is_empty() || types.contains(&e.kind));
            ids.extend(wanted.map(|e| e.id.clone()));
            if !page.more {
                return ids;
            }
            after = page.next;
        }
    }
}

/// A server's turn to take its tasks; a file's server has them all.
pub fn beat(service: &Service) {
    tokio::task::block_in_place(|| Beat::new(service.clone()).run()).unwrap();
}

pub async fn endpoint(
    service: &Service,
    program: ProgramId,
    receiver: &Receiver,
    events: &[&str],
) -> (WebhookId, String) {
    let new = NewWebhook {
        url: receiver.url(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        description: String::new(),
    };
    let (row, secret) = service.create_webhook(program, new).await.unwrap();
    (row.id, secret)
}

/// Every id was acknowledged once, and nothing of a member came before what happened to it earlier.
pub fn assert_once_and_in_order(receiver: &Receiver, expected: &[String]) {
    let acknowledged = receiver.acknowledged();
    let set: BTreeSet<&String> = acknowledged.iter().collect();
    assert_eq!(set.len(), acknowledged.len(), "an event was acknowledged twice");
    assert_eq!(set, expected.iter().collect());
    let mut last: BTreeMap<String, usize> = BTreeMap::new();
    for heard in receiver.heard().iter().filter(|h| h.is_acknowledged()) {
        let place = expected.iter().position(|id| id == heard.id()).unwrap();
        let before = last.insert(heard.member(), place);
        assert!(before.is_none_or(|before| before < place), "{} came too late", heard.id());
    }
}

/// Whatever comes again comes as it was.
pub fn assert_same_bodies(receiver: &Receiver) {
    let mut bodies: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for heard in receiver.heard() {
        let known = bodies.entry(heard.id().to_owned()).or_insert_with(|| heard.body.clone());
        assert_eq!(*known, heard.body);
    }
}

async fn an_event_arrives_signed_and_is_the_one_of_the_stream() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, secret) = outside.endpoint(&receiver, &[]).await;
    let member = outside.world.member("42").await;
    outside.world.adjust("a", member, 25).await.unwrap();
    outside.deliver();
    let heard = receiver.heard();
    let kinds: Vec<String> = heard.iter().map(Heard::kind).collect();
    assert_eq!(kinds[0], "member.registered");
    assert_eq!(kinds.last().unwrap(), "points.accrued");
    for heard in &heard {
        assert!(heard.is_signed_with(&secret), "{heard:?}");
        assert!(!heard.is_signed_with(&secret.replace("whsec_", "whsec_AAAA")[..50]), "{heard:?}");
        assert_eq!(heard.headers["content-type"], "application/json");
        assert_eq!(heard.headers["webhook-timestamp"], (outside.clock.now().0 / 1_000_000).to_string());
        assert_eq!(heard.object()["id"], heard.id());
        assert_eq!(heard.member(), member.to_string());
    }
    let given = &heard.last().unwrap().object()["data"];
    assert_eq!((&given["points"], &given["source"]), (&"25".into(), &"adjustment".into()));
    let page = outside.world.service.events_after(outside.world.program, EntryId(0), 100).await.unwrap();
    let streamed: Vec<&serde_json::Value> = page.events.iter().map(|event| &event.object).collect();
    let told: Vec<serde_json::Value> = heard.iter().map(Heard::object).collect();
    assert_eq!(streamed, told.iter().collect::<Vec<_>>());
    let log = outside.log(id, None).await;
    assert_eq!(log.len(), heard.len());
    assert!(log.iter().all(|row| row.state == DeliveryState::Delivered && row.status == Some(200)));
    outside.deliver();
    assert_eq!(receiver.heard().len(), heard.len(), "nothing is told twice");
    outside.world.prove().await;
}

async fn only_what_an_endpoint_asks_for_of_its_own_program_arrives() {
    let mut outside = Outside::new().await;
    let (all, some, strange) = (Receiver::start().await, Receiver::start().await, Receiver::start().await);
    outside.world.member("before").await;
    outside.endpoint(&all, &[]).await;
    outside.endpoint(&some, &["member.registered"]).await;
    let other = PROGRAM.replacen("program: sports", "program: other", 1);
    assert_ne!(other, PROGRAM);
    let other = publish(&outside.world.service, &other, true).await;
    let (foreign, _) = endpoint(&outside.world.service, other, &strange, &[]).await;
    outside.world.member("42").await;
    outside.deliver();
    assert!(all.heard().len() > 1 && !all.heard().iter().any(|h| h.kind() == "webhook.test"));
    assert_eq!(some.heard().iter().map(Heard::kind).collect::<Vec<_>>(), ["member.registered"]);
    assert!(strange.heard().is_empty());
    let own = outside.world.program;
    let service = &outside.world.service;
    assert_eq!(service.webhook(own, foreign).await.err(), Some(ServiceError::WebhookUnknown));
    assert_eq!(service.test_webhook(own, foreign).await.err(), Some(ServiceError::WebhookUnknown));
    assert_eq!(service.rotate_webhook_secret(own, foreign).await.err(), Some(ServiceError::WebhookUnknown));
    assert_eq!(service.delete_webhook(own, foreign).await.err(), Some(ServiceError::WebhookUnknown));
    assert_eq!(service.webhooks(other).await.unwrap().len(), 1);
}

async fn what_was_told_is_told_again_from_where_it_is_asked_for() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    let member = outside.world.member("42").await;
    let first = outside.world.adjust("a", member, 1).await.unwrap().entry.unwrap();
    outside.pass(3_600);
    let since = outside.clock.now();
    outside.world.adjust("b", member, 2).await.unwrap();
    outside.deliver();
    let all = receiver.acknowledged();
    let (service, program) = (outside.world.service.clone(), outside.world.program);
    for (from, left) in [
        (ReplayFrom::After(EntryId(0)), all.len()),
        (ReplayFrom::After(first), 1),
        (ReplayFrom::Since(since), 1),
        (ReplayFrom::Since(at("2026-01-01T00:00:00Z")), all.len()),
        (ReplayFrom::Now, 0),
    ] {
        receiver.forget();
        service.replay_webhook(program, id, from).await.unwrap();
        outside.deliver();
        assert_eq!(receiver.acknowledged(), all[all.len() - left..], "{from:?}");
    }
}

async fn what_was_not_told_can_be_left_out() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    receiver.answers(|_| 500);
    let member = outside.world.member("42").await;
    outside.deliver();
    let (service, program) = (outside.world.service.clone(), outside.world.program);
    let off = WebhookChange { enabled: Some(false), ..WebhookChange::default() };
    service.change_webhook(program, id, off).await.unwrap();
    outside.world.adjust("a", member, 1).await.unwrap();
    outside.pass(86_400);
    assert_eq!(receiver.heard().len(), 1, "what is switched off is not asked");
    service.replay_webhook(program, id, ReplayFrom::Now).await.unwrap();
    receiver.answers(|_| 200);
    outside.enable(id).await;
    outside.world.adjust("b", member, 2).await.unwrap();
    outside.deliver();
    let newest = outside.events(&[]).await.pop().unwrap();
    assert_eq!(receiver.acknowledged(), [newest]);
    assert!(outside.log(id, Some(DeliveryState::Waiting)).await.is_empty());
}

async fn two_secrets_sign_for_a_day() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, first) = outside.endpoint(&receiver, &["points.accrued"]).await;
    let member = outside.world.member("42").await;
    let (service, program) = (outside.world.service.clone(), outside.world.program);
    let (row, second) = service.rotate_webhook_secret(program, id).await.unwrap();
    assert_ne!(first, second);
    assert!(!row.secret.windows(8).any(|part| second.as_bytes().windows(8).any(|p| p == part)));
    outside.deliver();
    let both = receiver.heard().pop().unwrap();
    assert!(both.is_signed_with(&first) && both.is_signed_with(&second));
    outside.clock.turn_to(outside.clock.now().plus_seconds(24 * 3_600));
    outside.world.adjust("a", member, 1).await.unwrap();
    outside.deliver();
    let one = receiver.heard().pop().unwrap();
    assert!(one.is_signed_with(&second) && !one.is_signed_with(&first));
    // Rotated twice within a day, the newest two sign.
    let (_, third) = service.rotate_webhook_secret(program, id).await.unwrap();
    let sent = service.test_webhook(program, id).await.unwrap();
    assert_eq!(sent.answer, Ok(200));
    let test = receiver.heard().pop().unwrap();
    assert_eq!((test.id(), test.kind().as_str()), (sent.id.as_str(), "webhook.test"));
    assert!(test.is_signed_with(&third) && test.is_signed_with(&second) && !test.is_signed_with(&first));
}

async fn secrets_are_sealed_again_with_a_newer_key() {
    let outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, secret) = outside.endpoint(&receiver, &[]).await;
    let Outside { world, clock, deliverer } = outside;
    drop(deliverer);
    let before = world.service.webhook(world.program, id).await.unwrap().secret;
    assert_eq!(world.service.rotate_secrets_key().await, Ok((2, 1)));
    let after = world.service.webhook(world.program, id).await.unwrap().secret;
    assert_eq!((before[3], after[3]), (1, 2));
    // Also after a start, from the file.
    let World { place, service, program } = world;
    service.stop();
    let service = reopened_with(service, || options(&clock, place.options()));
    assert_eq!(service.test_webhook(program, id).await.unwrap().answer, Ok(200));
    assert!(receiver.heard()[0].is_signed_with(&secret));
}

async fn the_log_forgets_after_a_month_and_an_endpoint_goes_with_its_log() {
    let mut outside = Outside::new().await;
    let receiver = Receiver::start().await;
    let (id, _) = outside.endpoint(&receiver, &[]).await;
    let member = outside.world.member("42").await;
    outside.deliver();
    outside.pass(29 * 86_400);
    let told = outside.log(id, None).await.len();
    assert!(told > 1);
    receiver.answers(|_| 500);
    outside.world.adjust("a", member, 1).await.unwrap();
    outside.deliver();
    assert_eq!(outside.log(id, None).await.len(), told + 1);
    outside.pass(2 * 86_400);
    let left = outside.log(id, None).await;
    assert_eq!(left.len(), 1, "what waits stays");
    assert_eq!(left[0].state, DeliveryState::Waiting);
    let (service, program) = (outside.world.service.clone(), outside.world.program);
    service.delete_webhook(program, id).await.unwrap();
    assert_eq!(service.webhook(program, id).await.err(), Some(ServiceError::WebhookUnknown));
    let rows = service.read(move |r| r.deliveries(program, id, None, None, 10)).await.unwrap();
    assert!(rows.is_empty());
    outside.pass(86_400);
}

async fn the_stream_goes_on_from_any_cursor() {
    let outside = Outside::new().await;
    let member = outside.world.member("42").await;
    for n in 0..30 {
        outside.world.adjust(&format!("{n}"), member, 1).await.unwrap();
    }
    let all = outside.events(&[]).await;
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
    let (service, program) = (&outside.world.service, outside.world.program);
    let mut ids = Vec::new();
    let mut after = EntryId(0);
    loop {
        let page = service.events_after(program, after, 7).await.unwrap();
        ids.extend(page.events.into_iter().map(|event| event.id));
        after = page.next;
        if !page.more {
            break;
        }
    }
    assert_eq!(ids, all);
    let end = service.events_after(program, after, 7).await.unwrap();
    assert_eq!((end.events.len(), end.next, end.more), (0, after, false));
    let beyond = service.events_after(program, EntryId(i64::MAX), 7).await.unwrap();
    assert_eq!((beyond.events.len(), beyond.next), (0, EntryId(i64::MAX)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_is_refused_when_it_is_set_up() {
    let outside = Outside::new().await;
    let (service, program) = (&outside.world.service, outside.world.program);
    let new = |url: &str, events: &[&str]| NewWebhook {
        url: url.to_owned(),
        events: events.iter().map(|event| (*event).to_owned()).collect(),
        description: String::new(),
    };
    for url in ["http://10.0.0.1/", "https://10.0.0.1/", "ftp://shop.example/", "https://a@shop.example/"] {
        let refused = service.create_webhook(program, new(url, &[])).await;
        assert!(matches!(refused, Err(ServiceError::WebhookUrl(_))), "{url}");
    }
    let refused = service.create_webhook(program, new("https://shop.example/", &["points.stolen"])).await;
    assert_eq!(refused.err(), Some(ServiceError::EventTypeUnknown("points.stolen".to_owned())));
    for n in 0..WEBHOOKS_MAX {
        service.create_webhook(program, new(&format!("https://shop.example/{n}"), &[])).await.unwrap();
    }
    let refused = service.create_webhook(program, new("https://shop.example/", &[])).await;
    assert_eq!(refused.err(), Some(ServiceError::TooManyWebhooks));
    assert_eq!(service.webhooks(program).await.unwrap().len(), WEBHOOKS_MAX);
}
