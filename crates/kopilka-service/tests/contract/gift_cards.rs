//! Gift cards where they are kept: a code once for ever, money that two tills cannot spend twice, the proof.

use crate::world::*;
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::{GiftCardChange, Outcome};
use kopilka_core::gift::GiftAsk;
use kopilka_core::member::MemberStatus;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody, Pricing};
use kopilka_core::refusal::Refusal;
use kopilka_service::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Waker};

on_both_engines!(
    a_code_is_given_out_once_and_a_repeated_request_gets_the_first_card,
    two_tills_do_not_spend_the_same_money,
    what_an_operator_changes_holds_from_then_on,
    what_a_command_changes_of_a_card_holds_for_the_next_of_its_group,
    a_return_to_a_card_stands_in_the_books,
);

const CARDS: &str = "\ngift_cards: { expires: 12 months, max: 5000.00 }\n\
    coupons: { campaigns: [{ id: few, code: FEW, discount: { amount: 10.00 } }] }\n";

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}{CARDS}"), true).await;
    world
}

fn code(text: &str) -> CouponCode {
    CouponCode::read(text).unwrap()
}

impl World {
    async fn card(&self, key: Option<&str>, text: &str, amount: i64) -> WriteResult {
        let change = Change::IssueGiftCard { code: code(text), amount: Money(amount), expires_at: None };
        self.service.write(self.ask(key, change)).await
    }
    async fn left(&self, text: &str) -> i64 {
        self.service.gift_card(self.program, code(text)).await.unwrap().balance.0
    }
}

fn with(id: &str, status: BodyStatus, amount: i64, card: &str) -> OrderBody {
    let gift_cards = vec![GiftAsk { code: card.into(), amount: None }];
    OrderBody { gift_cards, pricing: Some(Pricing::Engine), ..order(id, status, amount) }
}

fn refusal(done: WriteResult) -> Refusal {
    match done.unwrap_err() {
        ServiceError::Refused(refusal) => refusal,
        other => panic!("{other}"),
    }
}

async fn a_code_is_given_out_once_and_a_repeated_request_gets_the_first_card() {
    let world = world().await;
    let first = world.card(Some("k"), "G-100", 10_000).await.unwrap();
    // The second request drew another code; its key says that it is the first.
    let issue = |text| Change::IssueGiftCard { code: code(text), amount: Money(10_000), expires_at: None };
    let input_hash = world.ask(None, issue("G-100")).input_hash;
    let again = Write { input_hash, ..world.ask(Some("k"), issue("G-200")) };
    let again = world.service.write(again).await.unwrap();
    assert_eq!((&again.outcome, again.replayed), (&first.outcome, true));
    assert!(matches!(&first.outcome, Outcome::GiftCard { code, .. } if code == "G100"));
    assert!(matches!(refusal(world.card(Some("k2"), "g100", 1).await), Refusal::GiftCardTaken { .. }));
    assert!(matches!(refusal(world.card(None, "FEW", 1).await), Refusal::GiftCardTaken { .. }));
    assert_eq!(world.left("G 100").await, 10_000);
    let unknown = world.service.gift_card(world.program, code("G200")).await;
    assert!(matches!(unknown, Err(ServiceError::Refused(Refusal::GiftCardUnknown { .. }))));
    // It is no coupon, whatever the till takes it for.
    assert_eq!(
        world.service.code(world.program, code("G100")).await.unwrap_err(),
        ServiceError::CouponUnknown
    );
    let block = world.service.block_code(world.program, code("G100"), true).await;
    assert_eq!(block.unwrap_err(), ServiceError::CouponUnknown);
    let left = world.service.gift_cards_left(world.program).await.unwrap();
    assert_eq!((left.cards, left.money), (1, Money(10_000)));
    world.prove().await;
}

async fn two_tills_do_not_spend_the_same_money() {
    let world = world().await;
    world.card(None, "G", 100_000).await.unwrap();
    let mut tasks = Vec::new();
    for n in 0..12 {
        let member = if n % 3 == 0 { None } else { Some(world.member(&format!("g{n}")).await) };
        let body = with(&format!("A{n}"), BodyStatus::Placed, 30_000, "G");
        let member = member.map(MemberRef::Id);
        let write = world.ask(None, Change::PutOrder { member, body });
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut paid = 0;
    for task in tasks {
        paid += task.await.unwrap().unwrap().order.unwrap().paid_by_gift_cards().0;
    }
    assert_eq!((paid, world.left("G").await), (100_000, 0));
    world.prove().await;
}

async fn what_an_operator_changes_holds_from_then_on() {
    let world = world().await;
    world.card(None, "G", 1_000).await.unwrap();
    let change = |key, change| Write {
        reason: Some("why".into()),
        operator: Some("anna".into()),
        ..world.ask(key, Change::ChangeGiftCard { code: code("G"), change })
    };
    let by = GiftCardChange { by: Money(500), ..GiftCardChange::default() };
    let first = world.service.write(change(Some("c"), by)).await.unwrap();
    let again = world.service.write(change(Some("c"), by)).await.unwrap();
    assert_eq!((first.outcome, world.left("G").await, again.replayed), (again.outcome, 1_500, true));
    let silent = Write { reason: None, ..change(None, by) };
    assert_eq!(refusal(world.service.write(silent).await), Refusal::ReasonMissing);
    let block = GiftCardChange { blocked: Some(true), ..GiftCardChange::default() };
    world.service.write(change(None, block)).await.unwrap();
    let refused = refusal(world.put(None, with("A", BodyStatus::Placed, 1_000, "G")).await);
    assert!(matches!(refused, Refusal::GiftCardBlocked { .. }));
    world.prove().await;
}

/// The world again, with one writer that begins nothing while `gate` is held and tells that it waits there.
fn gated(world: World, gate: &Arc<Mutex<()>>, waits: &Arc<AtomicBool>) -> World {
    let World { place, service, program } = world;
    let options = || {
        let (gate, waits) = (gate.clone(), waits.clone());
        let faults = Faults::new(move |step| {
            if step == Step::Begun {
                waits.store(true, Ordering::SeqCst);
                drop(gate.lock());
            }
            false
        });
        OpenOptions { writers: 1, faults, ..place.options() }
    };
    let service = reopened_with(service, options);
    World { place, service, program }
}

async fn what_a_command_changes_of_a_card_holds_for_the_next_of_its_group() {
    let world = world().await;
    let member = world.member("42").await;
    world.card(None, "G", 1_000).await.unwrap();
    let (gate, waits) = (Arc::new(Mutex::new(())), Arc::new(AtomicBool::new(false)));
    let world = gated(world, &gate, &waits);
    let change = |change| Write {
        reason: Some("why".into()),
        operator: Some("anna".into()),
        ..world.ask(None, Change::ChangeGiftCard { code: code("G"), change })
    };
    let put = |id, card| {
        let (member, body) = (Some(MemberRef::Id(member)), with(id, BodyStatus::Placed, 1_000, card));
        world.ask(None, Change::PutOrder { member, body })
    };
    let block = GiftCardChange { blocked: Some(true), ..GiftCardChange::default() };
    let later = GiftCardChange { expires_at: Some(at("2199-01-01T00:00:00Z")), ..GiftCardChange::default() };
    let issue = Change::IssueGiftCard { code: code("NEW"), amount: Money(1_000), expires_at: None };
    let first = Change::SetStatus { member: MemberRef::Id(member), status: MemberStatus::Active };
    let first = world.ask(None, first);
    let writes =
        [first, change(block), change(later), put("A", "G"), world.ask(None, issue), put("B", "NEW")];
    let mut answers = Vec::new();
    let closed = gate.lock().unwrap();
    for write in writes {
        let mut answer = Box::pin(world.service.write(write));
        assert!(answer.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_pending());
        answers.push(answer);
        // The first is taken alone, the others wait for each other.
        while !waits.load(Ordering::SeqCst) {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
    }
    drop(closed);
    let mut done = Vec::new();
    for answer in answers {
        done.push(answer.await);
    }
    let Ok(Done { outcome: Outcome::GiftCard { blocked, .. }, .. }) = &done[2] else { panic!("{done:?}") };
    assert!(*blocked, "moving the date of a card that was just blocked unblocks it");
    assert!(matches!(refusal(done[3].clone()), Refusal::GiftCardBlocked { .. }));
    assert_eq!(done[5].as_ref().unwrap().order.as_ref().unwrap().paid_by_gift_cards(), Money(1_000));
    let card = world.service.gift_card(world.program, code("G")).await.unwrap();
    assert!(card.blocked && card.balance == Money(1_000));
    world.prove().await;
}

async fn a_return_to_a_card_stands_in_the_books() {
    let world = world().await;
    let member = world.member("42").await;
    world.card(None, "G", 4_000).await.unwrap();
    world.put(Some(member), with("A", BodyStatus::Paid, 10_000, "G")).await.unwrap();
    let back = kopilka_core::order::ReturnBody {
        key: key("A"),
        lines: kopilka_core::order::ReturnedLines::All,
        delivery: false,
        occurred_at: None,
    };
    let done = world.service.write(world.ask(None, Change::Return(back))).await.unwrap();
    let Outcome::Returned(outcome) = &done.outcome else { panic!("{:?}", done.outcome) };
    assert_eq!((outcome.refund.0, outcome.to_gift_cards.0, world.left("G").await), (16_000, 4_000, 4_000));
    world.prove().await;
}
