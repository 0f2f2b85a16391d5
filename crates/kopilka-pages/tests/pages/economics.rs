//! What rules would have done: the shop's own orders replayed beside, and a history from a file.

use crate::members::{SCRIPT, anna, bought, office, pays};
use crate::support::{Browser, House, SPORTS, Seen, house};
use kopilka_core::order::OrderBody;
use kopilka_service::Role;

/// Sends a form as a browser does, and looks until what it began is done.
async fn until_done(browser: &mut Browser, goal: &str) -> Seen {
    for _ in 0..600 {
        let seen = browser.get(goal).await.ok();
        if !seen.headers.contains_key("refresh") {
            return seen;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{goal} never comes to an end");
}

async fn replayed(browser: &mut Browser, what: &str) -> Seen {
    browser.get("/admin/program/month").await.ok();
    let seen = browser.post("/admin/program/month", &[("what", what), ("days", "30")]).await;
    let goal = seen.goal().to_owned();
    until_done(browser, &goal).await
}

/// The draft: the program with something else in it.
async fn draft(browser: &mut Browser, text: &str) {
    let revision = browser.get("/admin/program/text").await.ok().field("revision");
    let fields = [("revision", revision.as_str()), ("document", text)];
    let goal = browser.post("/admin/program/text", &fields).await.goal().to_owned();
    assert_eq!(goal, "/admin/program/text?done=draft-saved");
}

async fn buys(house: &House, orders: Vec<OrderBody>) {
    let id = anna(house).await;
    let mut seq = 0;
    for order in orders {
        seq = pays(house, Some(id), order).await.seq;
    }
    house.service().wait_for_seq(house.program(), id, seq).await.unwrap();
}

/// Another version: ten percent, and without the document's tests of five.
fn twice_as_much() -> String {
    let (rules, _) = SPORTS.split_once("\ntests:").unwrap();
    rules.replace("percent: 5,", "percent: 10,")
}

/// What stands in the row of a table that begins so, without its tags.
fn row(seen: &Seen, name: &str) -> String {
    let found = seen.text.split("<tr>").find(|row| row.contains(name));
    let row = found.unwrap_or_else(|| panic!("no row {name} in {}", seen.text));
    let row = row.split("</tr>").next().unwrap_or_default();
    let mut out = String::new();
    for part in row.split('<') {
        out.push_str(part.split_once('>').map_or(part, |(_, text)| text));
        out.push('|');
    }
    out.split('|').filter(|text| !text.trim().is_empty()).map(str::trim).collect::<Vec<_>>().join("|")
}

#[tokio::test]
async fn the_draft_is_set_beside_the_rules_in_force_over_the_shops_own_orders() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/program/month").await.ok().says("There is no draft and no other version");
    buys(&house, vec![bought("A-1", "boots", 10_000), bought("A-2", "socks", 1_000)]).await;
    draft(&mut marketer, &SPORTS.replace("percent: 5,", "percent: 7,")).await;
    let id = anna(&house).await;
    let before = house.service().book(house.program(), id).await.unwrap();

    let seen = replayed(&mut marketer, "draft").await.says("2 orders of 1 member").says("the draft");
    assert_eq!(row(&seen, "Points given"), "Points given|550|770|+220");
    assert!(row(&seen, "Points and discounts together").contains("+220"), "{}", seen.text);
    let rule = row(&seen, ">cashback<");
    assert!(rule.ends_with("|2|550|2|770|+220"), "{rule}");
    assert!(row(&seen, ">welcome<").ends_with("|0|0|0|0|0"), "{}", row(&seen, ">welcome<"));
    // The largest change first.
    let (_, changes) = seen.text.split_once("Orders that come out differently").unwrap();
    let place = |order: &str| changes.find(&format!(">{order}</a>")).unwrap();
    assert!(place("A-1") < place("A-2"), "{changes}");
    assert!(row(&seen, ">A-1</a>").contains("500 → 700"), "{}", row(&seen, ">A-1</a>"));
    // Nothing of it was kept.
    assert_eq!(house.service().book(house.program(), id).await.unwrap(), before);

    // What has been changed since is said, and a version that was published is tried the same way.
    draft(&mut marketer, &SPORTS.replace("percent: 5,", "percent: 6,")).await;
    marketer.get("/admin/program/month").await.ok().says("The rules have been changed since").says("+220");
    house.publish(&twice_as_much()).await;
    let seen = replayed(&mut marketer, "1").await.says("in force, version 2").says("version 1");
    assert_eq!(row(&seen, "Points given"), "Points given|1,100|550|−550");
}

#[tokio::test]
async fn orders_that_new_rules_price_otherwise_show_what_buyers_would_pay() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let mut priced = bought("A-1", "boots", 10_000);
    priced.pricing = Some(kopilka_core::order::Pricing::Engine);
    let mut spending = bought("A-2", "boots", 1_000);
    spending.points = Some(kopilka_core::order::PointsAsk::Max);
    buys(&house, vec![priced, spending]).await;
    let (head, tests) = SPORTS.split_once("\ntests:").unwrap();
    let sale = "\ndiscounts:\n  - { id: sale, percent: 10, of: { sku: [boots] } }\n";
    let text = format!("{}{sale}\ntests:{tests}", head.replace("max_share: 20", "max_share: 10"));
    draft(&mut owner, &text).await;
    let seen = replayed(&mut owner, "draft").await;
    // 5 % of 10,000 and of 800; then of 9,000 and of 900, where the half of the points is allowed.
    assert_eq!(row(&seen, "Points given"), "Points given|540|495|−45");
    assert_eq!(row(&seen, "Points spent"), "Points spent|200|100|−100");
    assert!(row(&seen, ">sale<").contains("|new|"), "{}", row(&seen, ">sale<"));
    assert!(row(&seen, ">A-1</a>").contains("500 → 450"), "{}", row(&seen, ">A-1</a>"));
    assert!(row(&seen, "Buyers pay").contains("−900"), "{}", row(&seen, "Buyers pay"));
}

#[tokio::test]
async fn rules_that_cannot_be_tried_say_why() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    for (what, says) in [
        ("draft", "there is no draft to try"),
        ("", "Choose what to try"),
        (SCRIPT, "Choose what to try"),
        ("7", "version"),
    ] {
        owner.get("/admin/program/month").await.ok();
        let seen = owner.post("/admin/program/month", &[("what", what), ("days", SCRIPT)]).await.is(422);
        seen.says(says).never_says(SCRIPT);
    }
    draft(&mut owner, &SPORTS.replace("percent: 5,", "percent: many,")).await;
    let asked = [("what", "draft"), ("days", "30")];
    let seen = owner.post("/admin/program/month", &asked).await.is(422).says("These rules have errors");
    seen.says("is not a number");
    draft(&mut owner, &SPORTS.replace("currency: RUB", "currency: EUR")).await;
    owner.post("/admin/program/month", &asked).await.is(422).says("another currency");
    draft(&mut owner, SPORTS).await;
    let seen = replayed(&mut owner, "draft").await.says("0 orders of 0 members");
    seen.says("No order comes out differently");
}

#[tokio::test]
async fn whoever_sees_no_figures_tries_no_rules_and_an_analyst_sees_no_order() {
    let (house, mut support) = office().await;
    support.get("/admin/program").await.ok().never_says("/admin/program/month");
    support.get("/admin/program/month").await.is(403).says("door_closed");
    support.post("/admin/program/month", &[("what", "draft")]).await.is(403).says("door_closed");
    buys(&house, vec![bought(&format!("1/{SCRIPT}"), SCRIPT, 10_000)]).await;
    let mut owner = house.signed_in(Role::Owner).await;
    draft(&mut owner, &crate::members::program().replace("percent: 5,", "percent: 6,")).await;
    let seen = replayed(&mut owner, "draft").await.never_says(SCRIPT).says("&#60;script&#62;alert(1)");
    let address = seen.text.split("href=\"/admin/orders/main/").nth(1).unwrap().split('"').next().unwrap();
    owner.get(&format!("/admin/orders/main/{address}")).await.ok();
    let mut analyst = house.signed_in(Role::Analyst).await;
    let seen = analyst.get("/admin/program/month").await.ok().says("1 order comes out differently");
    seen.never_says("/admin/orders/main/").says("+100");
}
