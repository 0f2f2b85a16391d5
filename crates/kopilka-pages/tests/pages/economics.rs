//! What rules would have done: the shop's own orders replayed beside, and a history from a file.

use crate::members::{SCRIPT, anna, bought, office, pays};
use crate::support::{Browser, House, SPORTS, Seen, house};
use axum::body::Body;
use axum::http::header;
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

/// Sends a file with the token of the last page.
async fn upload(browser: &mut Browser, name: &str, file: &[u8]) -> Seen {
    let mut body = Vec::new();
    let token = browser.token.clone();
    body.extend(format!("--b\r\nContent-Disposition: form-data; name=\"token\"\r\n\r\n{token}\r\n").bytes());
    let named = format!("form-data; name=\"file\"; filename=\"{name}\"");
    body.extend(format!("--b\r\nContent-Disposition: {named}\r\n\r\n").bytes());
    body.extend(file);
    body.extend(b"\r\n--b--\r\n");
    let request = browser
        .request("POST", "/admin/economics/upload")
        .header(header::CONTENT_TYPE, "multipart/form-data; boundary=b")
        .body(Body::from(body))
        .unwrap();
    browser.send(request).await
}

const HISTORY: &str = "card;sold_at;receipt;article;pieces;price\n\
    7;2026-01-10 10:00;A-1;boots;1;1000.00\n\
    7;2026-02-10 10:00;A-2;socks;2;500.00\n\
    8;2026-02-11 10:00;A-3;boots;1;2000.00\n\
    ;2026-02-12 10:00;A-4;boots;1;9000.00\n\
    8;2026-02-13 10:00;B-3;boots;-1;2000.00\n";

/// The form as it came, with some fields of one's own.
fn form<'a>(seen: &'a Seen, own: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let mut fields: Vec<(&str, &str)> = Vec::new();
    for select in seen.text.split("<select id=\"").skip(1) {
        let (name, rest) = select.split_once('"').unwrap();
        let list = rest.split_once("</select>").unwrap().0;
        let mut options = list.split("<option value=\"").skip(1);
        let chosen = options.clone().find(|option| option.contains("\" selected")).or(options.next());
        fields.push((name, chosen.unwrap().split('"').next().unwrap()));
    }
    fields.push(("zone", "Europe/Moscow"));
    fields.retain(|(name, _)| own.iter().all(|(other, _)| other != name));
    fields.extend(own);
    fields
}

async fn replay(browser: &mut Browser, fields: &[(&str, &str)]) -> Seen {
    let goal = browser.post("/admin/economics/replay", fields).await.goal().to_owned();
    until_done(browser, &goal).await
}

#[tokio::test]
async fn a_history_from_a_file_is_mapped_replayed_and_two_versions_compared() {
    let house = house().await;
    let mut analyst = house.signed_in(Role::Analyst).await;
    analyst.get("/admin/economics").await.ok().says("Upload a history").never_says("The history</h2>");
    assert_eq!(upload(&mut analyst, "../shop.csv", HISTORY.as_bytes()).await.goal(), "/admin/economics");
    let seen = analyst.get("/admin/economics").await.ok().says("shop.csv").says("2026-02-10 10:00");
    seen.says("Guessed from the header row").says("Europe/Moscow").never_says("../shop.csv");
    let seen = analyst.get("/admin/economics").await.ok();
    let fields = form(&seen, &[]);
    for (field, column) in [
        ("column-customer", "0"),
        ("column-time", "1"),
        ("column-order", "2"),
        ("column-price", "5"),
        ("column-amount", ""),
        ("column-quantity", "4"),
        ("column-sku", "3"),
    ] {
        assert!(fields.contains(&(field, column)), "{field}: {fields:?}");
    }
    let seen = replay(&mut analyst, &fields).await.says("2 members, 3 orders").says("Month by month");
    // 5 % of 1000 and, after 50 points of the first order, of 950; the boots of card 8 came back.
    assert_eq!(row(&seen, ">Points given<"), "Points given|197");
    assert_eq!(row(&seen, ">Taken back<"), "Taken back|100");
    assert_eq!(row(&seen, "no customer named"), "no customer named|no|1|9,000");
    assert!(seen.text.contains("<svg") && seen.text.contains("2026-02"), "{}", seen.text);

    // What was chosen is still chosen; another version beside.
    house.publish(&twice_as_much()).await;
    let fields = form(&seen, &[("first", "now"), ("second", "1"), ("spend", "never")]);
    let seen = replay(&mut analyst, &fields).await.says("in force, version 2").says("version 1");
    assert_eq!(row(&seen, ">Points given<"), "Points given|400|200|−200");
    let seen = analyst.get("/admin/economics").await.ok();
    assert!(form(&seen, &[]).contains(&("second", "1")));

    // It is nobody else's, and gone when its owner says so.
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/economics").await.ok().never_says("shop.csv").never_says("Month by month");
    let goal = analyst.post("/admin/economics/forget", &[]).await.goal().to_owned();
    let seen = analyst.get(&goal).await.ok().says("are removed").never_says("shop.csv");
    seen.never_says("Month by month");
    let left = std::fs::read_dir(house.service().data_dir().join("uploads")).unwrap().count();
    assert_eq!(left, 0);
    let seen = analyst.post("/admin/economics/replay", &fields).await.is(422);
    seen.says("The history is no longer here");
}

#[tokio::test]
async fn a_file_that_is_no_history_is_told_what_is_wrong_with_it() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/economics").await.ok();
    for (file, says) in [
        (&b""[..], "No file was chosen"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR,,,", "This is not a table"),
        (b"only one column\n1\n", "This is not a table"),
        (b"\x1f\x8b\x08broken", "This is not a table"),
    ] {
        upload(&mut owner, "x.csv", file).await.is(422).says(says);
    }
    let bad = "card,sold,price\n7,2026-01-10,100.00\n7,yesterday,5\n";
    upload(&mut owner, "x.csv", bad.as_bytes()).await.is(303);
    let seen = owner.get("/admin/economics").await.ok();
    for (field, value, says) in [
        ("column-customer", "", "which column has the customer"),
        ("column-customer", "99", "which column has the customer"),
        ("column-time", SCRIPT, "which column has the time"),
        ("column-price", "", "the price of a piece, or the sum of the row"),
        ("column-amount", "0", "Choose one of the two"),
        ("zone", "Mars/Base", "There is no such time zone"),
        ("zone", SCRIPT, "There is no such time zone"),
        ("returns", "prefix", "with what the number of a return begins"),
        ("first", "9", "version"),
        ("first", SCRIPT, "Choose which rules"),
        ("first", "", "Choose which rules"),
    ] {
        let fields = form(&seen, &[(field, value)]);
        let seen = owner.post("/admin/economics/replay", &fields).await.is(422).says(says);
        seen.never_says(SCRIPT);
    }
    let fields = form(&seen, &[]);
    replay(&mut owner, &fields).await.says("cannot be read").says("row 3").says("yesterday");
    // A history of nobody has nothing to replay.
    upload(&mut owner, "x.csv", b"card,sold,price\n,2026-01-10,100.00\n").await.is(303);
    let seen = owner.get("/admin/economics").await.ok().never_says("yesterday");
    let fields = form(&seen, &[]);
    replay(&mut owner, &fields).await.says("cannot be read");
}

#[tokio::test]
async fn what_a_file_calls_its_columns_stays_text_and_support_uploads_nothing() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/economics").await.ok();
    let evil = format!("{SCRIPT},date,\"price\"\"><b>\"\n{SCRIPT},2026-01-10,10\n<i>,2026-01-11,20\n");
    upload(&mut owner, "a<script>.csv", evil.as_bytes()).await.is(303);
    let seen = owner.get("/admin/economics").await.ok().never_says(SCRIPT).never_says("<script>.csv");
    seen.says("&#60;script&#62;alert(1)").never_says("\"><b>");
    let seen = owner.get("/admin/economics").await.ok();
    let fields = form(&seen, &[("column-customer", "0")]);
    replay(&mut owner, &fields)
        .await
        .says("2 members, 2 orders")
        .never_says(SCRIPT)
        .never_says("<script>.csv");

    let mut support = house.signed_in(Role::Support).await;
    support.get("/admin/economics").await.is(403).says("door_closed");
    upload(&mut support, "x.csv", HISTORY.as_bytes()).await.is(403).says("door_closed");
    // Without the token of the session no byte of a file is read.
    owner.token = "x".to_owned();
    upload(&mut owner, "x.csv", HISTORY.as_bytes()).await.is(403).says("form_expired");
}
