//! Members: found, looked at, and what support does for them.

use crate::support::{Browser, House, house};
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, Quantity};
use kopilka_service::{Change, Done, MemberRef, Registration, Role, Write};

/// A name as somebody might give it.
pub const SCRIPT: &str = "<script>alert(1)</script>";
const LEVELS: &str = "
tiers:
  by: money_paid
  over: rolling 12 months
  hold: 12 months
  levels:
    - { id: base, name: { en: Base, ru: Базовый } }
    - { id: gold, name: { en: Gold, ru: Золотой }, from: 100000.00 }
tags: [vip]
offers:
  - { id: come-back, name: { en: Come back, ru: Возвращайтесь }, for: 30 days }
";

pub fn program() -> String {
    let text = crate::support::SPORTS;
    let (before, tests) = text.split_once("tests:").unwrap();
    format!("{before}{LEVELS}\ntests:{tests}")
}

/// A shop with levels, tags and an offer, and support signed in.
pub async fn office() -> (House, Browser) {
    let house = crate::support::empty_house();
    house.publish(&program()).await;
    let mut support = house.signed_in(Role::Support).await;
    support.get("/admin/members").await.ok();
    (house, support)
}

pub async fn write(house: &House, key: &str, change: Change) -> Done {
    let program: ProgramId = house.service().programs()[0].id;
    let write = Write {
        program,
        scope: " test".to_owned(),
        key: Some(key.to_owned()),
        input_hash: [0; 16],
        operator: Some("test".to_owned()),
        reason: Some("a test".to_owned()),
        change,
    };
    house.service().write(write).await.unwrap()
}

fn by_name(name: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    format!("/admin/members?{}", query.append_pair("name", name).finish())
}

pub async fn anna(house: &House) -> MemberId {
    let registration = Registration {
        ext: Some("A-42".to_owned()),
        phones: vec!["+79123456789".to_owned()],
        emails: vec!["anna@shop.example".to_owned()],
        cards: vec!["4006381333931".to_owned()],
        name: Some("Анна Ёлкина".to_owned()),
        ..Registration::default()
    };
    write(house, "anna", Change::Register(registration)).await.member
}

pub fn bought(order: &str, sku: &str, rubles: i64) -> OrderBody {
    let lines = vec![LineBody::goods("1", sku, Quantity::pieces(2), Money(rubles * 50))];
    OrderBody::plain(OrderKey { shop: "main".into(), order: order.into() }, BodyStatus::Paid, lines)
}

pub async fn pays(house: &House, member: Option<MemberId>, body: OrderBody) -> Done {
    let key = body.key.to_string();
    write(house, &key, Change::PutOrder { member: member.map(MemberRef::Id), body }).await
}

#[tokio::test]
async fn what_names_a_person_exactly_leads_straight_to_the_card() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let card = format!("/admin/members/{id}");
    for text in [
        "8 (912) 345-67-89",
        "9123456789",
        " +7 912 345 67 89 ",
        "ANNA@shop.example",
        "4006381333931",
        "A-42",
        "ext:A-42",
        &id.to_string(),
    ] {
        assert_eq!(support.post("/admin/members/find", &[("find", text)]).await.goal(), card, "{text}");
    }
    support.get(&card).await.ok().says("Анна Ёлкина").says("+79123456789").says("4006381333931");
    assert_eq!(support.post("/admin/members/find", &[("find", " ")]).await.goal(), "/admin/members");
    for text in ["+79990000000", "nobody@shop.example", "m_0000000000001", "\"><script>alert(1)</script>@"] {
        let seen = support.post("/admin/members/find", &[("find", text)]).await.ok();
        seen.says("Nobody was found").never_says("<script>alert");
    }
}

#[tokio::test]
async fn a_part_of_a_name_gives_a_list() {
    let (house, mut support) = office().await;
    anna(&house).await;
    let other = Registration {
        ext: Some("2".to_owned()),
        name: Some(format!("Аннета {SCRIPT}")),
        ..Registration::default()
    };
    write(&house, "other", Change::Register(other)).await;
    let seen = support.post("/admin/members/find", &[("find", "анн")]).await;
    assert!(seen.goal().starts_with("/admin/members?name="));
    let list = support.visit(seen.goal()).await.ok();
    list.says("Анна Ёлкина").says("Аннета").never_says(SCRIPT);
    support.visit(&by_name("елк")).await.ok().says("Анна Ёлкина").never_says("Аннета");
    support.visit(&by_name("никто")).await.ok().says("Nobody was found");
    support.visit("/admin/members").await.ok().says("Анна Ёлкина").says("Аннета");
}

#[tokio::test]
async fn the_newest_come_first_page_by_page() {
    let (house, mut support) = office().await;
    for n in 0..53 {
        let somebody = Registration {
            ext: Some(format!("n{n}")),
            name: Some(format!("Гость{n:02} Такой")),
            ..Registration::default()
        };
        write(&house, &format!("r{n}"), Change::Register(somebody)).await;
    }
    let first =
        support.get("/admin/members").await.ok().says("Гость52").says("Гость03").never_says("Гость02");
    let next = first.text.split("href=\"/admin/members?before=").nth(1).unwrap().split('"').next().unwrap();
    let second = support.get(&format!("/admin/members?before={next}")).await.ok();
    second.says("Гость02").says("Гость00").never_says("Гость03").never_says("class=\"pager\"");
    let named = support.get(&by_name("такой")).await.ok();
    let next = named.text.split("href=\"/admin/members?name=").nth(1).unwrap().split('"').next().unwrap();
    let next = next.replace("&amp;", "&").replace("&#38;", "&");
    support.get(&format!("/admin/members?name={next}")).await.ok().says("Гость52").never_says("Гость00");
}

#[tokio::test]
async fn a_member_is_registered_by_hand_once() {
    let (house, mut support) = office().await;
    let form = support.get("/admin/members/new").await.ok();
    let once = form.field("once");
    let nothing = [("name", "Олег"), ("welcome", "yes"), ("once", &once)];
    support.post("/admin/members/register", &nothing).await.is(422).says("Write down a phone").says("Олег");
    let wrong = [("name", "Олег"), ("phones", "12"), ("welcome", "yes"), ("once", &once)];
    support.post("/admin/members/register", &wrong).await.is(422).says("Олег");
    let right = [("name", "Олег"), ("phones", "8 913 000-00-01"), ("welcome", "yes"), ("once", &once)];
    let goal = support.post("/admin/members/register", &right).await.goal().to_owned();
    assert!(goal.ends_with("?done=member-registered"), "{goal}");
    assert_eq!(support.post("/admin/members/register", &right).await.goal(), goal, "the same form again");
    support.visit(&goal).await.ok().says("Олег").says("The member is registered").says("500");
    let known = [("phones", "+79130000001"), ("once", "another")];
    let seen = support.post("/admin/members/register", &known).await;
    assert!(seen.goal().ends_with("?done=member-known"), "{}", seen.goal());
    let day = [("phones", "8 913 000-00-02"), ("birth_date", "31.02"), ("once", "third")];
    support.post("/admin/members/register", &day).await.is(422).says("2026-03-01");
    assert_eq!(house.service().programs().len(), 1);
}

#[tokio::test]
async fn support_gives_and_takes_points_with_a_reason() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let (card, form) = (format!("/admin/members/{id}?tab=acts"), format!("/admin/members/{id}/adjust"));
    support.get(&card).await.ok().says("Give or take points").never_says("Erase the person");
    for (points, reason, code) in
        [("сто", "подарок", "сто"), ("0", "подарок", ""), ("", "подарок", ""), ("100", "", "")]
    {
        let fields = [("points", points), ("reason", reason), ("way", "give"), ("once", "k1")];
        support.post(&form, &fields).await.is(422).says(code);
    }
    let long = "я".repeat(201);
    support.post(&form, &[("points", "1"), ("reason", &long), ("once", "k2")]).await.is(422);
    support.post(&form, &[("points", "1"), ("reason", "нет ключа")]).await.is(422);
    let reason = format!("ошибка кассы {SCRIPT}");
    let give = [("points", "1 000"), ("reason", reason.as_str()), ("way", "give"), ("once", "k3")];
    let goal = support.post(&form, &give).await.goal().to_owned();
    assert_eq!(goal, format!("/admin/members/{id}?done=saved&tab=acts"));
    support.post(&form, &give).await.is(303);
    support.visit(&goal).await.ok().says("1,500");
    let taken = [("points", "1600"), ("reason", "возврат"), ("way", "take"), ("once", "k4")];
    support.post(&form, &taken).await.is(422).says("возврат").says("1,500");
    let debt =
        [("points", "1600"), ("reason", "возврат"), ("way", "take"), ("allow_debt", "yes"), ("once", "k5")];
    support.post(&form, &debt).await.is(303);
    support.get(&card).await.ok().says("Debt");
    let journal = support.get(&format!("/admin/members/{id}?tab=journal")).await.ok();
    journal.says("support@shop.example").says("ошибка кассы").never_says(SCRIPT);
    house.signed_in(Role::Owner).await.get("/admin/audit").await.ok().says("gave or took points");
}

#[tokio::test]
async fn an_account_is_blocked_and_freed_and_a_lost_card_replaced() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let at = |what: &str| format!("/admin/members/{id}/{what}");
    let block = [("status", "blocked"), ("reason", "жалоба"), ("once", "s1")];
    support.post(&at("status"), &block).await.is(303);
    support.get(&format!("/admin/members/{id}")).await.ok().says("blocked");
    support.post(&at("status"), &[("status", "gone"), ("reason", "x"), ("once", "s2")]).await.is(422);
    let free = [("status", "active"), ("reason", "разобрались"), ("once", "s3")];
    support.post(&at("status"), &free).await.is(303);
    let lost = [
        ("card", "4006381333931"),
        ("act", "block"),
        ("replacement", "2000000000008"),
        ("reason", "потеря"),
        ("once", "c1"),
    ];
    support.post(&at("cards"), &lost).await.is(303);
    let seen = support.post("/admin/members/find", &[("find", "4006381333931")]).await.ok();
    seen.says("blocked");
    let goal = support.post("/admin/members/find", &[("find", "2000000000008")]).await.goal().to_owned();
    assert_eq!(goal, format!("/admin/members/{id}"));
    let unknown = [("card", "123"), ("act", "block"), ("reason", "потеря"), ("once", "c2")];
    support.post(&at("cards"), &unknown).await.is(422);
}

#[tokio::test]
async fn what_is_known_of_a_person_is_changed() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let form = format!("/admin/members/{id}/person");
    let change = [
        ("name", SCRIPT),
        ("birth_date", "1990-05-10"),
        ("phones", "8 912 345-67-89\r\n8 912 000-00-00"),
        ("emails", ""),
        ("card", "2000000000008"),
        ("once", "p1"),
    ];
    support.post(&form, &change).await.is(303);
    let seen = support.get(&format!("/admin/members/{id}")).await.ok();
    let seen = seen.says("+79120000000").says("2000000000008").says("4006381333931").says("10\u{a0}May 1990");
    seen.never_says(SCRIPT).never_says("anna@shop.example");
    let wrong = [("name", "Анна"), ("phones", "телефон"), ("once", "p2")];
    support.post(&form, &wrong).await.is(422).says("телефон");
    support.get(&format!("/admin/members/{id}?tab=acts")).await.ok().never_says(SCRIPT);
    support.post("/admin/members/m_0000000000001/person", &wrong).await.is(404);
    support.post("/admin/members/ext:A-42/adjust", &[("points", "1"), ("once", "p3")]).await.is(404);
}

#[tokio::test]
async fn tags_levels_and_offers_are_given_by_whoever_may() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let at = |what: &str| format!("/admin/members/{id}/{what}");
    let page = format!("/admin/members/{id}");
    let tag = [("shown", "vip"), ("tag", "vip"), ("reason", "друг"), ("once", "t1")];
    support.post(&at("tags"), &tag).await.is(303);
    support.get(&page).await.ok().says("vip");
    support.post(&at("tags"), &[("shown", "vip"), ("reason", "нет"), ("once", "t2")]).await.is(303);
    support.get(&page).await.ok().never_says("vip");
    let offer = [("offer", "come-back"), ("act", "give"), ("reason", "извинение"), ("once", "o1")];
    support.post(&at("offers"), &offer).await.is(303);
    support.get(&format!("{page}?tab=gifts")).await.ok().says("Come back").says("Withdraw");
    support.post(&at("offers"), &[("offer", "none"), ("reason", "x"), ("once", "o2")]).await.is(422);
    let withdraw = [("offer", "come-back"), ("act", "withdraw"), ("reason", "ошибка"), ("once", "o3")];
    support.post(&at("offers"), &withdraw).await.is(303);
    support.get(&format!("{page}?tab=gifts")).await.ok().never_says("Come back");
    let gold = [("tier", "gold"), ("reason", "день рождения"), ("once", "l1")];
    support.post(&at("tier"), &gold).await.is(403).says("These do: Owner");
    let mut owner = house.signed_in(Role::Owner).await;
    owner.post(&at("tier"), &gold).await.is(303);
    owner.get(&page).await.ok().says("Gold");
}

#[tokio::test]
async fn a_role_that_only_reads_sees_the_ends_of_phones_and_no_acts() {
    let (house, _) = office().await;
    let id = anna(&house).await;
    let page = format!("/admin/members/{id}");
    for role in [Role::Marketer, Role::Accountant] {
        let mut browser = house.signed_in(role).await;
        let seen = browser.get(&page).await.ok().says("Анна Ёлкина").says("···6789");
        seen.never_says("+79123456789").never_says("anna@shop.example").never_says("4006381333931");
        let list = browser.get("/admin/members").await.ok();
        list.never_says("+79123456789").never_says("/admin/members/new");
        browser.get(&format!("{page}?tab=acts")).await.ok().never_says("+79123456789");
        let found = browser.post("/admin/members/find", &[("find", "+79123456789")]).await;
        assert_eq!(found.goal(), page);
        browser.post(&format!("{page}/adjust"), &[("points", "1"), ("once", "x")]).await.is(403);
        browser.post(&format!("{page}/export"), &[]).await.is(403);
    }
    for role in [Role::Cashier, Role::Analyst] {
        let mut browser = house.signed_in(role).await;
        browser.get(&page).await.is(403).never_says("Анна");
        browser.get("/admin/members").await.is(403);
        browser.get("/admin").await.ok().never_says("/admin/members/find");
    }
}

#[tokio::test]
async fn two_accounts_become_one_after_a_look() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let twin = Registration {
        phones: vec!["+79130000001".to_owned()],
        name: Some(format!("Анна {SCRIPT}")),
        ..Registration::default()
    };
    let twin = write(&house, "twin", Change::Register(twin)).await.member;
    let page = format!("/admin/members/{twin}/merge");
    support.get(&page).await.ok().says("This account will be closed").never_says(SCRIPT);
    for into in ["+79990000000", "", &twin.to_string()] {
        support.post(&format!("{page}/preview"), &[("into", into)]).await.never_says("Afterwards");
    }
    let looked = support.post(&format!("{page}/preview"), &[("into", "8 912 345-67-89")]).await.ok();
    let looked = looked.says("Afterwards").says("Анна Ёлкина").never_says(SCRIPT);
    let once = looked.field("once");
    let id_text = id.to_string();
    support.post(&page, &[("into", &id_text), ("once", &once)]).await.is(422);
    let merge = [("into", id_text.as_str()), ("reason", "один человек"), ("once", &once)];
    assert_eq!(support.post(&page, &merge).await.goal(), format!("/admin/members/{id}?done=merged"));
    support.get(&format!("/admin/members/{twin}")).await.ok().says("Анна Ёлкина").says("+79130000001");
}

#[tokio::test]
async fn a_person_is_handed_what_is_known_and_leaves_only_when_the_number_is_typed() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let at = |what: &str| format!("/admin/members/{id}/{what}");
    let file = support.post(&at("export"), &[]).await.ok().says("+79123456789");
    assert_eq!(file.headers["content-disposition"], format!("attachment; filename=\"{id}.json\"").as_str());
    let erase = [("typed", id.to_string()), ("reason", "письмо".to_owned()), ("once", "e".to_owned())];
    let erase: Vec<(&str, &str)> = erase.iter().map(|(name, value)| (*name, value.as_str())).collect();
    support.post(&at("erase"), &erase).await.is(403);
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/members").await.ok();
    for typed in ["", "m_0000000000001", "Анна Ёлкина"] {
        let slip = [("typed", typed), ("reason", "письмо"), ("once", "e0")];
        owner.post(&at("erase"), &slip).await.is(422).says("nobody was erased");
    }
    owner.post(&at("erase"), &erase).await.is(303);
    let gone = owner.get(&format!("/admin/members/{id}")).await.ok().says("Erased");
    gone.never_says("Анна").never_says("+79123456789");
    owner.get(&by_name("анна")).await.ok().says("Nobody was found");
    owner.get("/admin/audit").await.ok().says("erased a person").says("saved all that is known of a member");
}

#[tokio::test]
async fn every_tab_of_a_member_opens_and_a_consent_is_taken_back() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let consent = kopilka_service::ConsentTold {
        purpose: kopilka_core::consent::Purpose::Marketing,
        channel: Some(kopilka_core::consent::Channel::Email),
        at: None,
        proof: kopilka_service::rows::Proof { source: Some(SCRIPT.to_owned()), ..Default::default() },
    };
    let patch = kopilka_service::PersonPatch { consents: vec![consent], ..Default::default() };
    write(&house, "consent", Change::PatchMember { member: MemberRef::Id(id), patch }).await;
    let page = format!("/admin/members/{id}");
    for tab in ["points", "orders", "journal", "network", "gifts", "consents", "acts", "none", SCRIPT] {
        support.get(&format!("{page}?tab={}", tab.replace(['<', '>'], ""))).await.ok().says("Анна Ёлкина");
    }
    let seen = support.get(&format!("{page}?tab=consents")).await.ok().says("Offers and news: e-mail");
    seen.says("Holds now").never_says(SCRIPT);
    let back = [("consent", "marketing:email"), ("source", "звонок"), ("once", "w1")];
    let goal = support.post(&format!("{page}/consents"), &back).await.goal().to_owned();
    support.visit(&goal).await.ok().says("Nothing holds now").says("звонок").says("support@shop.example");
    support.post(&format!("{page}/consents"), &[("consent", "x"), ("once", "w2")]).await.is(422);
    support.get("/admin/members/m_0000000000001").await.is(404);
    support.get("/admin/members/42").await.is(404);
}

#[tokio::test]
async fn another_programs_member_is_nobody_here() {
    let house = house().await;
    let other = house.publish(&program().replace("program: sports-store", "program: other")).await;
    let registration = Registration { ext: Some("7".to_owned()), ..Registration::default() };
    let write = Write {
        program: other,
        scope: " test".to_owned(),
        key: Some("k".to_owned()),
        input_hash: [0; 16],
        operator: None,
        reason: None,
        change: Change::Register(registration),
    };
    let id = house.service().write(write).await.unwrap().member;
    let mut support = house.signed_in(Role::Support).await;
    support.get(&format!("/admin/members/{id}")).await.is(404);
    support.post("/admin/members/find", &[("find", &id.to_string())]).await.ok().says("Nobody was found");
    support
        .post(&format!("/admin/members/{id}/adjust"), &[("points", "5"), ("reason", "x"), ("once", "k")])
        .await
        .is(404);
}
