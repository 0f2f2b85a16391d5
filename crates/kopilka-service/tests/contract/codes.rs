//! One-time codes: what they confirm, for whom, how long, and how often somebody may guess.

use crate::mail_server::{MailServer, Mode};
use crate::messages::{Post, gateway};
use crate::receiver::Receiver;
use crate::world::*;
use kopilka_core::ids::{CodeId, MemberId};
use kopilka_core::order::{BodyStatus, OrderBody, PointsAsk};
use kopilka_core::points::Points;
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    a_code_lets_one_order_take_its_points,
    a_code_is_of_one_member_one_order_and_half_an_hour,
    wrong_ones_are_counted_and_end_it,
    one_address_gets_few,
    an_address_is_changed_by_codes_to_the_old_and_the_new,
    a_code_is_told_by_the_key_that_asked_for_it,
    codes_are_forgotten_with_the_person_and_with_time,
    a_code_is_sent_and_stands_nowhere,
);

async fn world() -> World {
    let world = World::new().await;
    let asks = PROGRAM.replace("spending:\n", "spending:\n  confirm_with_code: without_card\n");
    assert_ne!(asks, PROGRAM);
    publish(&world.service, &asks, true).await;
    world
}

async fn member(world: &World, ext: &str, phone: &str) -> MemberId {
    let registration = Registration {
        ext: Some(ext.to_owned()),
        phones: vec![phone.to_owned()],
        emails: vec![format!("{ext}@example.com")],
        cards: if ext == "1" { vec!["4006381333931".to_owned()] } else { Vec::new() },
        ..Registration::default()
    };
    world.register(ext, registration).await.member
}

const PHONE: &str = "+79123456789";

fn spending(member: MemberId, order: &str, points: i64) -> CodeFor {
    let member = MemberRef::Id(member);
    CodeFor::Spending { member, order: key(order), points: Points(points), channel: None }
}

async fn made(world: &World, what: CodeFor) -> CodeMade {
    world.service.make_code(world.program, what, ("k".to_owned(), false)).await.unwrap().unwrap()
}

async fn told(world: &World, id: CodeId, digits: &str) -> Result<CodeConfirmed, CodeProblem> {
    world.service.verify_code(world.program, "k".to_owned(), id, digits.to_owned()).await.unwrap()
}

fn paying(id: &str, points: i64, code: Option<CodeId>) -> OrderBody {
    let points = Some(PointsAsk::Exact(Points(points)));
    OrderBody { points, code, ..order(id, BodyStatus::Placed, 200_000) }
}

/// Another code than this.
fn wrong(digits: &str) -> String {
    let last = if digits.ends_with('0') { "1" } else { "0" };
    format!("{}{last}", &digits[..5])
}

async fn a_code_lets_one_order_take_its_points() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let refused = world.put(Some(anna), paying("A", 300, None)).await;
    assert_eq!(refused, Err(Refusal::CodeRequired { points: Points(300) }.into()));
    let code = made(&world, spending(anna, "A", 300)).await;
    assert_eq!((code.channel, code.address.as_str()), (CodeChannel::Sms, PHONE));
    let early = world.put(Some(anna), paying("A", 300, Some(code.id))).await;
    assert_eq!(early, Err(Refusal::CodeRequired { points: Points(300) }.into()), "sent and not told");
    let done = told(&world, code.id, &code.digits).await.unwrap();
    assert_eq!((done.member, done.order), (Some(anna), Some((key("A"), Points(300)))));
    assert_eq!(told(&world, code.id, &code.digits).await, told(&world, code.id, &code.digits).await);
    world.put(Some(anna), paying("A", 300, Some(code.id))).await.unwrap();
    assert_eq!(world.available(anna).await, 200);
    // Who shows a card is asked for nothing.
    let body = paying("B", 100, None);
    let by_card = Change::PutOrder { member: Some(MemberRef::Card("4006381333931".to_owned())), body };
    world.service.write(world.ask(None, by_card)).await.unwrap();
    world.prove().await;
}

async fn a_code_is_of_one_member_one_order_and_half_an_hour() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let boris = member(&world, "2", "+79120000002").await;
    let code = made(&world, spending(anna, "A", 300)).await;
    told(&world, code.id, &code.digits).await.unwrap();
    let refused = |points| Err(Refusal::CodeRequired { points: Points(points) }.into());
    assert_eq!(world.put(Some(anna), paying("B", 300, Some(code.id))).await, refused(300), "another order");
    assert_eq!(world.put(Some(boris), paying("A", 300, Some(code.id))).await, refused(300), "another member");
    assert_eq!(world.put(Some(anna), paying("A", 301, Some(code.id))).await, refused(301), "more points");
    world.clock("2026-03-01T12:30:00+03:00").await;
    assert_eq!(world.put(Some(anna), paying("A", 300, Some(code.id))).await, refused(300), "too late");
    assert_eq!(told(&world, code.id, &code.digits).await, Err(CodeProblem::Expired));
    let next = made(&world, spending(anna, "A", 300)).await;
    world.clock("2026-03-01T12:35:00+03:00").await;
    assert_eq!(told(&world, next.id, &next.digits).await, Err(CodeProblem::Expired), "five minutes");
    let nobody = told(&world, CodeId(5), "000000").await;
    assert_eq!(nobody, Err(CodeProblem::Unknown));
    let silent = world.member("3").await;
    let what = spending(silent, "A", 300);
    let none = world.service.make_code(world.program, what, ("k".to_owned(), false)).await.unwrap();
    assert_eq!(none, Err(CodeProblem::NoAddress));
}

async fn wrong_ones_are_counted_and_end_it() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let code = made(&world, spending(anna, "A", 300)).await;
    for left in [4, 3, 2, 1] {
        assert_eq!(told(&world, code.id, &wrong(&code.digits)).await, Err(CodeProblem::Wrong { left }));
    }
    let world = world.reopen();
    assert_eq!(
        told(&world, code.id, &wrong(&code.digits)).await,
        Err(CodeProblem::Void),
        "also after a restart"
    );
    assert_eq!(told(&world, code.id, &code.digits).await, Err(CodeProblem::Void));
}

async fn one_address_gets_few() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let ask = |what| world.service.make_code(world.program, what, ("k".to_owned(), false));
    for minute in 0..10 {
        world.clock(&format!("2026-03-01T12:{minute:02}:30+03:00")).await;
        // As people write it: it is the same phone, whatever it is sent for.
        let what =
            if minute % 2 == 0 { spending(anna, "A", 1) } else { CodeFor::Phone("8 912 345-67-89".into()) };
        ask(what).await.unwrap().unwrap();
        let again = ask(CodeFor::Phone(PHONE.to_owned())).await.unwrap();
        assert_eq!(again, Err(CodeProblem::TooSoon { seconds: 60 }));
    }
    world.clock("2026-03-01T13:00:00+03:00").await;
    assert_eq!(ask(spending(anna, "A", 1)).await.unwrap(), Err(CodeProblem::TooManyToAddress));
    ask(CodeFor::Email("1@example.com".to_owned())).await.unwrap().unwrap();
    let refused = ask(CodeFor::Phone("no".to_owned())).await;
    assert_eq!(refused, Err(Refusal::InvalidIdentifier { kind: "phone" }.into()));
    world.clock("2026-03-02T12:10:00+03:00").await;
    ask(spending(anna, "A", 1)).await.unwrap().unwrap();
}

/// A code that was told, to change the phone or e-mail of a member.
async fn changing(world: &World, member: MemberId, channel: CodeChannel, address: &str) -> CodeId {
    let member = MemberRef::Id(member);
    let code = made(world, CodeFor::Change { member, channel, address: address.to_owned() }).await;
    told(world, code.id, &code.digits).await.unwrap().id
}

async fn change_phone(
    world: &World,
    member: MemberId,
    phone: &str,
    codes: Vec<CodeId>,
    card: Option<&str>,
) -> Result<Done, ServiceError> {
    let (channel, address) = (CodeChannel::Sms, phone.to_owned());
    let change = AddressChange { channel, address, codes, card: card.map(str::to_owned) };
    let patch = PersonPatch { address: Some(change), ..PersonPatch::default() };
    let change = Change::PatchMember { member: MemberRef::Id(member), patch };
    world.service.write(world.ask(None, change)).await
}

async fn phones(world: &World, member: MemberId) -> Vec<String> {
    let program = world.program;
    world.service.read(move |r| r.person(program, member)).await.unwrap().unwrap().phones
}

async fn an_address_is_changed_by_codes_to_the_old_and_the_new() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let boris = member(&world, "2", "+79120000002").await;
    let new = "+79999999999";
    let (sms, email) = (CodeChannel::Sms, CodeChannel::Email);
    let to_new = changing(&world, anna, sms, new).await;
    let to_mail = changing(&world, anna, email, "1@example.com").await;
    let to_other = changing(&world, anna, sms, "+79120000002").await;
    // To the same phones, but to sign in, or asked for with another member: they change nothing of Anna's.
    let signs_in = made(&world, CodeFor::Phone(PHONE.to_owned())).await;
    told(&world, signs_in.id, &signs_in.digits).await.unwrap();
    world.clock("2026-03-01T12:02:00+03:00").await;
    let of_boris = changing(&world, boris, sms, PHONE).await;
    world.clock("2026-03-01T12:04:00+03:00").await;
    let to_old = changing(&world, anna, sms, PHONE).await;
    let third = CodeFor::Change { member: MemberRef::Id(anna), channel: sms, address: "+79120000003".into() };
    let unconfirmed = made(&world, third).await.id;
    let card = Some("4006381333931");
    for (codes, card) in [
        (vec![to_new, to_mail], None),
        (vec![to_new, to_mail], Some("2000000000008")),
        (vec![to_new], card),
        (vec![to_old, to_mail], card),
        (vec![to_new, to_other], card),
        (vec![to_new, unconfirmed], card),
        (vec![to_new, signs_in.id], card),
        (vec![to_new, of_boris], card),
        (vec![], card),
    ] {
        let (named, refused) = (format!("{codes:?} {card:?}"), Err(ServiceError::AddressUnproven));
        assert_eq!(change_phone(&world, anna, new, codes, card).await, refused, "{named}");
    }
    assert_eq!(phones(&world, anna).await, [PHONE]);
    change_phone(&world, anna, "8 (999) 999-99-99", vec![to_new, to_old], None).await.unwrap();
    assert_eq!(phones(&world, anna).await, [new]);
    // What was once hers proves nothing any more: she is judged as she is when it is written.
    let back = changing(&world, anna, sms, "+79120000004").await;
    let refused = change_phone(&world, anna, "+79120000004", vec![back, to_old], None).await;
    assert_eq!(refused, Err(ServiceError::AddressUnproven));
    change_phone(&world, anna, "+79120000004", vec![back, to_mail], card).await.unwrap();
    world.prove().await;
}

async fn a_code_is_told_by_the_key_that_asked_for_it() {
    let world = world().await;
    let anna = member(&world, "1", PHONE).await;
    let code = made(&world, spending(anna, "A", 300)).await;
    let by = async |caller: &str| {
        let asked = (world.program, caller.to_owned(), code.id, code.digits.clone());
        world.service.verify_code(asked.0, asked.1, asked.2, asked.3).await.unwrap()
    };
    assert_eq!(by("another").await, Err(CodeProblem::Unknown));
    assert!(by("k").await.is_ok());
    assert_eq!(by("another").await, Err(CodeProblem::Unknown), "also of one that was told");
}

async fn codes_are_forgotten_with_the_person_and_with_time() {
    let world = world().await;
    let (anna, boris) = (member(&world, "1", PHONE).await, member(&world, "2", "+79120000002").await);
    let of_order = made(&world, spending(anna, "A", 300)).await.id;
    let of_new = changing(&world, anna, CodeChannel::Sms, "+79999999999").await;
    let early = made(&world, CodeFor::Email("early@example.com".to_owned())).await.id;
    let patch = PersonPatch { emails: Some(vec!["early@example.com".to_owned()]), ..PersonPatch::default() };
    world.write("p", Change::PatchMember { member: MemberRef::Id(anna), patch }).await.unwrap();
    let others = made(&world, spending(boris, "B", 300)).await.id;
    let program = world.program;
    let there = async |id| world.service.read(move |r| r.code(program, id)).await.unwrap().is_some();
    world.write("e", Change::Erase { member: MemberRef::Id(anna) }).await.unwrap();
    for id in [of_order, of_new, early] {
        assert!(!there(id).await);
    }
    assert!(there(others).await);
    // Nobody makes codes any more, and they go all the same.
    world.clock("2026-03-03T11:59:00+03:00").await;
    Scheduler::new(world.service.clone()).run().unwrap();
    assert!(there(others).await);
    world.clock("2026-03-04T00:00:00+03:00").await;
    Scheduler::new(world.service.clone()).run().unwrap();
    assert!(!there(others).await);
    world.prove().await;
}

async fn a_code_is_sent_and_stands_nowhere() {
    let (server, sms) = (MailServer::start(Mode::Plain).await, Receiver::start().await);
    sms.says(r#"{"sms":{"79123450042":{"status_code":100,"sms_id":"7-1"}}}"#);
    let mut post = Post::new(&server).await;
    let anna = post.member("42", Some("ru")).await;
    let ask = async |post: &Post, what| {
        post.world.service.make_code(post.world.program, what, ("k".to_owned(), true)).await.unwrap()
    };
    assert_eq!(ask(&post, spending(anna, "A", 300)).await, Err(CodeProblem::NoSender));
    post.put(gateway(&sms), &[("api_id", "key")]).await;
    let code = ask(&post, spending(anna, "A", 300)).await.unwrap();
    assert_eq!(ask(&post, spending(anna, "A", 300)).await, Err(CodeProblem::TooSoon { seconds: 60 }));
    post.deliver();
    let form = sms.heard()[0].clone();
    let body: std::collections::BTreeMap<String, String> =
        url::form_urlencoded::parse(&form.body).into_owned().collect();
    assert_eq!(body["to"], "79123450042");
    let said = body["msg"].replace('\u{a0}', " ");
    assert!(said.starts_with(&format!("{} — ваш код", code.digits)), "{said}");
    assert!(said.contains("списать 300 бонусов"), "{said}");
    told(&post.world, code.id, &code.digits).await.unwrap();
    // A stranger's address, in the sender's language.
    let letter = ask(&post, CodeFor::Email("Someone@Else.Example".to_owned())).await.unwrap();
    post.deliver();
    let written = server.taken().pop().unwrap();
    assert!(written.text().starts_with(&format!("{} is your code", letter.digits)), "{}", written.text());
    assert!(!written.text().contains("to pay with"), "{}", written.text());
    assert_eq!(sms.heard().len(), 1);
    post.world.prove().await;
}
