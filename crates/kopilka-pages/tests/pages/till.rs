//! The till: three steps by keyboard, the same sale sent twice, a return, and what a cashier may not do.

use crate::support::{Browser, House, Seen, house};
use kopilka_core::ids::MemberId;
use kopilka_service::{Change, MemberRef, Registration, Role};

/// Points may be spent by those alone who agree by a code, unless a card is shown.
const CAREFUL: &str = include_str!("../../../../examples/sports-store.yaml");

/// A member with 500 points to spend, by phone and card.
async fn anna(house: &House) -> MemberId {
    let registration = Registration {
        phones: vec!["+79123456789".to_owned()],
        cards: vec!["2000000000015".to_owned()],
        name: Some("Анна Кошкина".to_owned()),
        ..Registration::default()
    };
    house.write(Change::Register(registration)).await.member
}

async fn balance(house: &House, member: MemberId) -> (i64, i64) {
    let program = house.program();
    let row = house.service().read(move |r| r.member(program, member)).await.unwrap().unwrap();
    let balance = row.member.balance_at(house.service().now(program));
    (balance.available.0, balance.pending.0)
}

/// From a page with a sale's form to the page that is read aloud.
async fn counted(cashier: &mut Browser, seen: &Seen, fields: &[(&str, &str)]) -> Seen {
    let (order, who) = (seen.field("order"), seen.field("who"));
    let mut all = vec![("order", order.as_str()), ("who", who.as_str())];
    all.extend(fields);
    cashier.post("/till/count", &all).await
}

/// Sends the form of the page that was read aloud.
async fn done(cashier: &mut Browser, seen: &Seen) -> Seen {
    let names = ["order", "who", "amount", "spend", "points", "to_pay", "used"];
    let values: Vec<(&str, String)> = names.iter().map(|name| (*name, seen.field(name))).collect();
    let fields: Vec<(&str, &str)> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
    cashier.post(&format!("/till/sales/{}", seen.field("order")), &fields).await
}

#[tokio::test]
async fn a_sale_takes_three_steps_and_sent_twice_it_is_one_order() {
    let house = house().await;
    let member = anna(&house).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok().says("Who is buying?").says("autofocus");
    let seen = cashier.post("/till/find", &[("who", " 2000000000015 ")]).await.ok();
    let seen =
        seen.says("Анна ···89").says("500\u{a0}bonuses").never_says("Кошкина").never_says("9123456789");
    let page = counted(&mut cashier, &seen, &[("amount", "1 000,00"), ("spend", "all")]).await.ok();
    let page = page.says("800\u{a0}RUB to pay, and 200\u{a0}bonuses go off");
    assert_eq!(balance(&house, member).await, (500, 0), "a quote changes nothing");

    let sold = done(&mut cashier, &page).await.ok();
    sold.says("800\u{a0}RUB paid").says("200\u{a0}bonuses spent").says("brings 40\u{a0}bonuses");
    assert_eq!(balance(&house, member).await, (300, 40));
    done(&mut cashier, &page).await.ok().says("800\u{a0}RUB paid").says("cashback");
    assert_eq!(balance(&house, member).await, (300, 40), "the same order");

    let (program, order) = (house.program(), page.field("order"));
    let key = kopilka_core::order::OrderKey { shop: "main".into(), order: order.as_str().into() };
    let (_, state) = house.service().read(move |r| r.order(program, &key)).await.unwrap().unwrap();
    assert_eq!(state.cashier.as_deref(), Some("cashier@shop.example"));
    assert_eq!(state.channel.as_deref(), Some("till"));
}

#[tokio::test]
async fn a_sale_comes_back_from_the_cashiers_own_list() {
    let house = house().await;
    let member = anna(&house).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    let seen = cashier.post("/till/find", &[("who", "8 912 345 67 89")]).await.ok();
    let page =
        counted(&mut cashier, &seen, &[("amount", "1000"), ("spend", "some"), ("points", "100")]).await.ok();
    done(&mut cashier, &page).await.ok();
    assert_eq!(balance(&house, member).await, (400, 45));
    let order = page.field("order");
    let address = format!("/till/back?order={order}");
    cashier.get("/till").await.ok().says(&address).says("+45");
    let mut other = house.signed_in(Role::Support).await;
    other.get("/till").await.ok().never_says(&order);

    let seen = cashier.get(&address).await.ok().says("Анна");
    let once = seen.field("once");
    for _ in 0..2 {
        let seen = cashier.post(&format!("/till/sales/{order}/back"), &[("once", &once)]).await.ok();
        seen.says("Give back 900\u{a0}RUB").says("100\u{a0}bonuses came back").says("45\u{a0}bonuses");
        assert_eq!(balance(&house, member).await, (500, 0));
    }
    cashier.get("/till").await.ok().says("Taken back").never_says(&address);
    cashier.get("/till/back?order=no-such").await.is(422);
}

#[tokio::test]
async fn a_new_member_is_registered_in_one_step_and_only_once() {
    let house = house().await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    let seen =
        cashier.post("/till/find", &[("who", "+7 999 000-11-22")]).await.is(422).says("no such member");
    let fields = [("once", seen.field("once")), ("phone", seen.field("phone"))];
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let mut all = fields.clone();
    all.extend([("name", "Пётр"), ("agrees", "yes")]);
    let seen = cashier.post("/till/register", &all).await.ok().says("Welcome points: 500");
    counted(&mut cashier, &seen, &[("amount", "10")]).await.ok().says("10\u{a0}RUB to pay");
    let again = [("once", "another"), ("phone", "+79990001122")];
    cashier.post("/till/register", &again).await.ok().says("registered already").says("Пётр");
    let without = [("once", "third"), ("card", "2000000000022")];
    cashier.post("/till/register", &without).await.is(422).says("A phone is needed");
    let owner = house.service().find_member(house.program(), MemberRef::Phone("+79990001122".to_owned()));
    let (program, member) = (house.program(), owner.await.unwrap());
    let person = house.service().read(move |r| r.person(program, member)).await.unwrap().unwrap();
    assert_eq!(person.consents.len(), 1);
    assert_eq!(person.consents[0].proof.operator.as_deref(), Some("cashier@shop.example"));
}

#[tokio::test]
async fn a_sale_that_cannot_be_comes_back_to_its_fields() {
    let house = house().await;
    anna(&house).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    cashier.post("/till/find", &[("who", "")]).await.is(422).says("Scan a card");
    let seen = cashier.post("/till/find", &[("who", "+79123456789")]).await.ok();
    for (amount, spend, points) in [
        ("", "none", ""),
        ("abc", "none", ""),
        ("0", "none", ""),
        ("-5", "none", ""),
        ("1000", "some", "0"),
        ("1000", "some", "x"),
        ("1000", "some", "499"),
        ("1.234", "none", ""),
    ] {
        let fields = [("amount", amount), ("spend", spend), ("points", points)];
        let page = counted(&mut cashier, &seen, &fields).await.is(422);
        assert_eq!(page.field("order"), seen.field("order"), "{amount} {points}");
        page.says("notice bad").says("id=\"amount\"");
    }
    let script = "\"><script>alert(1)</script>";
    cashier.post("/till/find", &[("who", script)]).await.is(422).never_says("<script>alert");
    counted(&mut cashier, &seen, &[("amount", script)]).await.is(422).never_says("<script>alert");
}

#[tokio::test]
async fn what_was_shown_is_what_is_done() {
    let house = house().await;
    let member = anna(&house).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    let seen = cashier.post("/till/find", &[("who", "+79123456789")]).await.ok();
    let page = counted(&mut cashier, &seen, &[("amount", "1000"), ("spend", "all")]).await.ok();
    let order = page.field("order");
    let forged = |to_pay: &'static str, used: &'static str, order: &str| {
        vec![
            ("order", order.to_owned()),
            ("who", "+79123456789".to_owned()),
            ("amount", "1000".to_owned()),
            ("spend", "all".to_owned()),
            ("to_pay", to_pay.to_owned()),
            ("used", used.to_owned()),
        ]
    };
    // Another sum than the engine's is shown anew; nothing is written.
    let fields = forged("1", "99900", &order);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    cashier.post(&format!("/till/sales/{order}"), &fields).await.is(422).says("800\u{a0}RUB to pay");
    // Nothing that was not shown is done, and no order that a till has not made is touched.
    let fields = forged("", "", &order);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
    cashier.post(&format!("/till/sales/{order}"), &fields).await.is(400);
    for foreign in ["1042", "till-1042", "till-%2F..%2Fadmin", "%3Aown"] {
        let fields = forged("80000", "200", "x");
        let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let seen = cashier.post(&format!("/till/sales/{foreign}"), &fields).await;
        assert!(seen.status.is_client_error(), "{foreign}");
    }
    assert_eq!(balance(&house, member).await, (500, 0));
}

#[tokio::test]
async fn where_the_program_asks_for_a_code_a_phone_alone_spends_nothing() {
    let house = crate::support::empty_house();
    house
        .publish(&CAREFUL.replace("  max_share: 20", "  max_share: 20\n  confirm_with_code: without_card"))
        .await;
    let member = anna(&house).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    let seen = cashier.post("/till/find", &[("who", "+79123456789")]).await.ok();
    let page = counted(&mut cashier, &seen, &[("amount", "1000"), ("spend", "all")]).await.ok();
    let page = page.says("Send the code").never_says("name=\"to_pay\"");
    let (order, who) = (page.field("order"), page.field("who"));
    let fields = [("order", order.as_str()), ("who", &who), ("amount", "1000"), ("spend", "all")];
    // No sender is set up, so the code cannot go out: the page says so and nothing is done.
    cashier.post("/till/code", &fields).await.is(422).says("notice bad");
    let mut all = fields.to_vec();
    all.extend([("to_pay", "80000"), ("used", "200")]);
    cashier.post(&format!("/till/sales/{order}"), &all).await.is(422).says("Send the code");
    assert_eq!(balance(&house, member).await, (500, 0));
    // The card is shown: no code.
    let seen = cashier.post("/till/find", &[("who", "2000000000015")]).await.ok();
    let page = counted(&mut cashier, &seen, &[("amount", "1000"), ("spend", "all")]).await.ok();
    done(&mut cashier, &page).await.ok();
    assert_eq!(balance(&house, member).await, (300, 40));
}
