//! Coupons, rewards, levels and achievements: what stands there is what happened; codes go to a file once.

use crate::members::{SCRIPT, anna, bought, pays, write};
use crate::support::{Browser, House, SPORTS, empty_house};
use kopilka_core::coupon::CouponCode;
use kopilka_core::decide::Adjustment;
use kopilka_core::ids::MemberId;
use kopilka_core::order::{OrderBody, Pricing};
use kopilka_core::points::Points;
use kopilka_service::{Change, MemberRef, Role};

const MARKET: &str = r#"
tiers:
  by: money_paid
  over: rolling 12 months
  hold: 12 months
  levels:
    - { id: base, name: { en: Base, ru: Базовый } }
    - { id: gold, name: { en: Gold, ru: Золотой }, from: 1000.00, rates: { cashback: 7 } }
achievements:
  - { id: two, name: { en: Two orders, ru: Два заказа }, counts: orders, goal: 2 }
rewards:
  - { id: mug, name: { en: "<script>alert(1)</script>", ru: Кружка }, cost: 100, stock: 5 }
  - { id: voucher, name: { en: A voucher, ru: Ваучер }, cost: 50, gives: { coupon: gift } }
coupons:
  campaigns:
    - id: spring
      name: { en: "Spring <script>alert(1)</script>", ru: Весна }
      code: [SPRING]
      discount: { percent: 10 }
      limits: { budget: 1000.00, total: 9 }
    - { id: gift, name: { en: A gift, ru: Подарок }, codes: made, discount: { percent: 50 }, limits: { per_code: 1 } }
    - { id: past, code: PAST, to: 2025-01-31, discount: { percent: 5 } }
"#;

fn program() -> String {
    let (before, tests) = SPORTS.split_once("tests:").unwrap();
    format!("{before}{MARKET}\ntests:{tests}")
}

async fn market(role: Role) -> (House, Browser) {
    let house = empty_house();
    house.publish(&program()).await;
    let mut browser = house.signed_in(role).await;
    browser.get("/admin/account").await.ok();
    (house, browser)
}

fn with(order: &str, rubles: i64, code: &str) -> OrderBody {
    let body = bought(order, "boots", rubles);
    OrderBody { coupons: vec![code.into()], pricing: Some(Pricing::Engine), ..body }
}

async fn claims(house: &House, member: MemberId, reward: &str, key: &str) {
    let code = CouponCode::make("", 7).unwrap();
    let change = Change::ClaimReward { member: MemberRef::Id(member), reward: reward.to_owned(), code };
    write(house, key, change).await;
}

async fn rich(house: &House) -> MemberId {
    let id = anna(house).await;
    let adjustment = Adjustment {
        points: Points(1_000),
        active_at: None,
        expires_at: None,
        gift: false,
        allow_debt: false,
    };
    write(house, "rich", Change::Adjust { member: MemberRef::Id(id), adjustment }).await;
    id
}

#[tokio::test]
async fn a_campaign_says_what_it_gives_how_far_it_is_used_and_what_it_cost() {
    let (house, mut marketer) = market(Role::Marketer).await;
    let id = anna(&house).await;
    pays(&house, Some(id), with("1", 1_000, "spring")).await;
    let seen = marketer.get("/admin/coupons").await.ok().never_says(SCRIPT);
    let seen = seen.says("10 % off").says("1 / 9").says("ended").says("running").says("one per customer");
    seen.says("100").says("/admin/coupons/spring").says("SPRING");
    let page =
        marketer.get("/admin/coupons/spring").await.ok().never_says(SCRIPT).says("Everybody may enter");
    page.says("/admin/program/card?at=%2Fcoupons%2Fcampaigns%2F0").never_says("Make and download");
    marketer.get("/admin/coupons/none").await.is(404);
    // A new campaign is a card of the program's draft.
    let revision = marketer.get("/admin/coupons").await.ok().field("revision");
    let add = [("act", "add"), ("starter", "coupon"), ("revision", revision.as_str())];
    let goal = marketer.post("/admin/program/change", &add).await.goal().to_owned();
    marketer.visit(&goal).await.ok().says("spring-2");
}

#[tokio::test]
async fn codes_go_to_a_file_and_the_same_form_gives_the_same_ones() {
    let (_house, mut marketer) = market(Role::Marketer).await;
    let once = marketer.get("/admin/coupons/gift").await.ok().field("once");
    let make = [("count", "4 500"), ("prefix", "RUN"), ("once", once.as_str())];
    let first = marketer.post("/admin/coupons/gift/codes", &make).await.ok();
    assert_eq!(first.headers["content-disposition"], "attachment; filename=\"codes-gift.txt\"");
    let codes: std::collections::BTreeSet<&str> = first.text.lines().collect();
    assert_eq!(codes.len(), 4_500);
    assert!(codes.iter().all(|code| code.starts_with("RUN") && code.len() > 12), "{codes:?}");
    let again = marketer.post("/admin/coupons/gift/codes", &make).await.ok();
    assert_eq!(again.text, first.text);
    // Another key, another number, another day: other codes.
    for other in [
        [("count", "3"), ("prefix", "RUN"), ("once", once.as_str())],
        [("count", "4500"), ("prefix", "RUN"), ("once", "another")],
    ] {
        let made = marketer.post("/admin/coupons/gift/codes", &other).await.ok();
        assert!(made.text.lines().all(|code| !codes.contains(code)));
    }
    let table = [("count", "2"), ("form", "table"), ("until", "2099-05-31"), ("once", "t")];
    let table = marketer.post("/admin/coupons/gift/codes", &table).await.ok().says("Code;Campaign;Last day");
    assert_eq!(table.text.lines().count(), 3);
    table.says(";gift;2099-05-31");
    marketer.post("/admin/standings/count", &[("page", "coupons")]).await.is(303);
    marketer.get("/admin/coupons/gift").await.ok().says("9,005");
}

#[tokio::test]
async fn what_cannot_be_made_comes_back_to_the_form_with_what_was_typed() {
    let (_house, mut marketer) = market(Role::Marketer).await;
    let script = "\"><script>alert(1)</script>";
    for (count, prefix, until) in [
        ("0", "", ""),
        ("", "", ""),
        ("-5", "", ""),
        ("1000001", "", ""),
        (script, "", ""),
        ("5", "ж", ""),
        ("5", script, ""),
        ("5", "ABCDEFGHIJKLM", ""),
        ("5", "", "31.12.2099"),
    ] {
        let form = [("count", count), ("prefix", prefix), ("until", until), ("once", "k")];
        let seen = marketer.post("/admin/coupons/gift/codes", &form).await.is(422).never_says(SCRIPT);
        assert_eq!(seen.field("once"), "k");
    }
    marketer.post("/admin/coupons/gift/codes", &[("count", "5")]).await.is(422);
    marketer.post("/admin/coupons/spring/codes", &[("count", "5"), ("once", "k")]).await.is(422);
    marketer.post("/admin/coupons/none/codes", &[("count", "5"), ("once", "k")]).await.is(404);
    let nobody = [("member", script), ("once", "k")];
    marketer.post("/admin/coupons/gift/give", &nobody).await.is(422).never_says(SCRIPT);
}

#[tokio::test]
async fn a_code_of_a_member_is_looked_up_withdrawn_and_given_back() {
    let (house, mut marketer) = market(Role::Marketer).await;
    let id = anna(&house).await;
    let give = [("member", "8 912 345-67-89"), ("once", "g")];
    let given = marketer.post("/admin/coupons/gift/give", &give).await.ok().says("The code is made");
    let code = given.text.split("<p class=\"mono\">").nth(1).unwrap().split('<').next().unwrap().to_owned();
    marketer.post("/admin/coupons/gift/give", &give).await.ok().says(&code);
    let find = format!("/admin/coupons?code={}", code.to_lowercase().replace('-', "%20"));
    let card = marketer.visit(&find).await.ok().says(&code).says(&id.to_string()).says("can be used");
    card.says("Withdraw the code");
    let block = [("code", code.as_str()), ("act", "block")];
    let goal = marketer.post("/admin/coupons/gift/block", &block).await.goal().to_owned();
    marketer.visit(&goal).await.ok().says("withdrawn").says("Give it back");
    let unblock = [("code", code.as_str()), ("act", "unblock")];
    marketer.post("/admin/coupons/gift/block", &unblock).await.is(303);
    pays(&house, Some(id), with("A-7", 1_000, &code)).await;
    marketer.visit(&find).await.ok().says("/admin/orders/main/A-7").says(">used<");
    for wrong in ["SPRING", "nothing", "", SCRIPT] {
        let block = [("code", wrong), ("act", "block")];
        marketer.post("/admin/coupons/gift/block", &block).await.is(422).never_says(SCRIPT);
    }
    for missing in ["nothing", "%3Cscript%3Ealert(1)%3C/script%3E"] {
        let seen = marketer.get(&format!("/admin/coupons?code={missing}")).await.ok();
        seen.says("There is no code").never_says(SCRIPT);
    }
    marketer.visit("/admin/coupons?code=spring").await.ok().says("known to everybody");
    marketer.get("/admin/coupons/gift?code=spring").await.ok().says("There is no code");
}

#[tokio::test]
async fn claims_are_handed_over_or_taken_back_once() {
    let (house, mut support) = market(Role::Support).await;
    let id = rich(&house).await;
    claims(&house, id, "mug", "c1").await;
    claims(&house, id, "mug", "c2").await;
    claims(&house, id, "voucher", "c3").await;
    // A member who stands there is found at once; all claims stand there once they were counted.
    let goal = support.post("/admin/rewards/find", &[("find", "+7 912 345-67-89")]).await.goal().to_owned();
    assert_eq!(goal, format!("/admin/rewards?member={id}"));
    support.get(&goal).await.ok().says("Анна Ёлкина").says("Handed over").never_says(SCRIPT);
    support.post("/admin/standings/count", &[("page", "rewards")]).await.is(303);
    support.get("/admin/rewards").await.ok().says("Анна Ёлкина").says("3 / 5").says("a code from “A gift”");
    let member = id.to_string();
    let hand = [("member", member.as_str()), ("claim", "1"), ("act", "hand"), ("once", "h")];
    support.post("/admin/rewards/settle", &hand).await.is(303);
    support.post("/admin/rewards/settle", &hand).await.is(303);
    let back = [("member", member.as_str()), ("claim", "2"), ("act", "back"), ("once", "b")];
    support.post("/admin/rewards/settle", &back).await.is(303);
    support.get("/admin/rewards").await.ok().says("4 / 5").says("Nothing waits");
    for (claim, act) in [("2", "hand"), ("9", "back"), ("x", "hand"), ("1", "eat")] {
        let form = [("member", member.as_str()), ("claim", claim), ("act", act), ("once", "w")];
        let seen = support.post("/admin/rewards/settle", &form).await;
        assert!(seen.status.is_client_error(), "{claim} {act}: {}", seen.status);
    }
    support.get(&goal).await.ok().says("No reward waits for this member");
    for nobody in ["+79990000000", SCRIPT] {
        let seen = support.post("/admin/rewards/find", &[("find", nobody)]).await.is(422);
        seen.never_says(SCRIPT);
    }
    support.get(&format!("/admin/members/{id}?tab=journal")).await.ok().says("support@shop.example");
}

#[tokio::test]
async fn levels_and_achievements_say_how_many_have_them_and_when_that_was_counted() {
    let (house, mut marketer) = market(Role::Marketer).await;
    let id = anna(&house).await;
    pays(&house, Some(id), bought("1", "boots", 900)).await;
    pays(&house, Some(id), bought("2", "boots", 900)).await;
    marketer.get("/admin/tiers").await.ok().says("Gold");
    assert_eq!(
        marketer.post("/admin/standings/count", &[("page", "tiers")]).await.goal(),
        "/admin/tiers?done=counted"
    );
    let seen = marketer.get("/admin/tiers").await.ok().says("Counted:").says("Gold").says("7 %");
    seen.says("<td class=\"num\">1</td><td class=\"num\">100\u{a0}%</td>").says("%2Ftiers");
    let seen = marketer.get("/admin/achievements").await.ok().says("Two orders");
    seen.says("<td class=\"num\">1</td><td class=\"num\">100\u{a0}%</td>").says("No rule gives anything");
    let strange = marketer.post("/admin/standings/count", &[("page", "https://evil.example")]).await;
    assert_eq!(strange.goal(), "/admin/coupons?done=counted");
}

#[tokio::test]
async fn who_only_reads_sees_no_forms_and_an_analyst_no_people() {
    let (house, mut analyst) = market(Role::Analyst).await;
    let id = rich(&house).await;
    claims(&house, id, "mug", "c1").await;
    house.service().count_standings(house.program()).await.unwrap();
    let seen = analyst.get("/admin/rewards").await.ok().says("4 / 5").never_says("Анна");
    seen.never_says("Waiting to be handed over").never_says("/admin/program/change");
    analyst.get("/admin/coupons/gift").await.ok().never_says("Make and download");
    analyst.post("/admin/coupons/gift/codes", &[("count", "1"), ("once", "k")]).await.is(403);
    analyst.post("/admin/rewards/settle", &[("once", "k")]).await.is(403);
    let mut cashier = house.signed_in(Role::Cashier).await;
    for page in ["/admin/coupons", "/admin/rewards", "/admin/tiers", "/admin/achievements"] {
        cashier.get(page).await.is(403);
    }
    let mut accountant = house.signed_in(Role::Accountant).await;
    accountant.get("/admin/rewards").await.ok().says("Анна").never_says("/admin/rewards/settle");
}

#[tokio::test]
async fn a_program_without_any_of_it_says_how_to_begin() {
    let house = crate::support::house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/coupons").await.ok().says("no coupons yet").says("New campaign");
    marketer.get("/admin/rewards").await.ok().says("no rewards yet").says("New reward");
    marketer.get("/admin/tiers").await.ok().says("no levels").says("/admin/program/text");
    marketer.get("/admin/achievements").await.ok().says("no achievements yet");
}
