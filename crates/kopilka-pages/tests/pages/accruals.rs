//! Points for many at once, and whom the program tells apart.

use crate::members::SCRIPT;
use crate::support::{Browser, House, SPORTS, empty_house};
use kopilka_core::ids::MemberId;
use kopilka_service::{Change, Grant, Registration, Role};

const MORE: &str = "
segments:
  - { id: near, name: { en: Near, ru: Рядом }, if: { region: Тверь } }
approval: { accruals_above: 1000 }
";

async fn office() -> (House, Browser) {
    let house = empty_house();
    let (before, tests) = SPORTS.split_once("tests:").unwrap();
    house.publish(&format!("{before}{MORE}\ntests:{tests}")).await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/accruals").await.ok().says("Nothing was given to many");
    (house, marketer)
}

async fn member(house: &House, ext: &str, region: &str) -> MemberId {
    let registration = Registration {
        ext: Some(ext.to_owned()),
        name: Some(format!("Имя {ext}")),
        region: Some(region.to_owned()),
        ..Registration::default()
    };
    house.write(Change::Register(registration)).await.member
}

async fn new(
    browser: &mut Browser,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> crate::support::Seen {
    let form = browser.get("/admin/accruals?new=1").await.ok();
    let (once, token) = (form.field("once"), browser.token.clone());
    let mut all = vec![("token", token.as_str()), ("once", once.as_str())];
    all.extend_from_slice(fields);
    browser.post_parts("/admin/accruals", &all, file).await
}

const SEGMENT: [(&str, &str); 5] = [
    ("whom", "segment"),
    ("segment", "near"),
    ("points", "100"),
    ("reason", "late parcels"),
    ("name", "sorry"),
];

#[tokio::test]
async fn a_segment_is_counted_first_given_then_and_taken_back() {
    let (house, mut marketer) = office().await;
    let (near, far) = (member(&house, "1", "Тверь").await, member(&house, "2", "Омск").await);
    member(&house, "3", "Тверь").await;
    marketer.get("/admin/accruals?new=1&segment=near").await.ok().says("Near — ");
    // A file that was chosen is not left lying while a segment gets the points.
    new(&mut marketer, &SEGMENT, Some(("list.csv", b"id,points\n1,5\n"))).await.is(422);
    assert_eq!(new(&mut marketer, &SEGMENT, None).await.goal(), "/admin/accruals/sorry");
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/audit").await.ok().says("segment=near points=100").never_says("late parcels");
    let page = marketer.follow("/admin/accruals/sorry").await.says("to be started").says("late parcels");
    page.says(&near.to_string()).never_says(&far.to_string()).says("200").says("Имя 1");
    let before = house.available(near).await;
    assert_eq!(
        marketer.post("/admin/accruals/sorry", &[("act", "start")]).await.goal(),
        "/admin/accruals/sorry"
    );
    marketer.follow("/admin/accruals/sorry").await.says("done").says("marketer@shop.example");
    assert_eq!(house.available(near).await - before, 100);
    marketer.get("/admin/accruals").await.ok().says("sorry").says("Near").says("late parcels");
    marketer.post("/admin/accruals/sorry", &[("act", "stop")]).await.is(422);
    marketer.post("/admin/accruals/sorry", &[("act", "undo")]).await.is(303);
    marketer.follow("/admin/accruals/sorry").await.says("taken back");
    assert_eq!(house.available(near).await, before);
    marketer.get("/admin/accruals/sorry?state=undone").await.ok().says(&near.to_string());
    marketer.get("/admin/accruals/sorry?state=given").await.ok().says("Nobody here");
}

#[tokio::test]
async fn above_the_limit_whoever_asked_for_it_cannot_start_it() {
    let (house, mut marketer) = office().await;
    let near = member(&house, "1", "Тверь").await;
    let mut fields = SEGMENT;
    fields[2] = ("points", "1 001");
    new(&mut marketer, &fields, None).await.is(303);
    let page = marketer.follow("/admin/accruals/sorry").await.says("somebody else of the team must start it");
    page.never_says("value=\"start\"");
    let refused = marketer.post("/admin/accruals/sorry", &[("act", "start")]).await.is(422);
    refused.says("somebody else of the team must start it");
    let before = house.available(near).await;
    let grants = vec![Grant { program: None, role: Role::Marketer }];
    let mut other = house.signed_in_with("other@shop.example", grants).await;
    other.get("/admin/accruals/sorry").await.ok().says("value=\"start\"");
    other.post("/admin/accruals/sorry", &[("act", "start")]).await.is(303);
    other.follow("/admin/accruals/sorry").await.says("done").says("other@shop.example");
    assert_eq!(house.available(near).await - before, 1_001);
}

#[tokio::test]
async fn a_list_of_a_file_is_taken_whole_or_not_at_all_and_is_not_kept() {
    let (house, mut marketer) = office().await;
    let first = member(&house, "1", "Омск").await;
    member(&house, "2", "Омск").await;
    let fields = [("whom", "file"), ("points", "50"), ("reason", "a prize"), ("name", "prize")];
    let bad = format!("id;points\n1;70\n2;\n404;5\n1;5\n\"{SCRIPT}\";5\n");
    let seen = new(&mut marketer, &fields, Some(("a.csv", bad.as_bytes()))).await.is(422);
    seen.says("whole or not at all")
        .says("2 rows fit")
        .says("3 rows do not fit")
        .says("404 · 5")
        .never_says(SCRIPT);
    marketer.get("/admin/accruals/prize").await.is(404).says("accrual_unknown");
    for (file, says) in [
        (&b"name\nAnna\n"[..], "No column tells one member from another"),
        (b"id\n", "or the file is empty"),
        (b"", "No file was chosen"),
    ] {
        new(&mut marketer, &fields, Some(("a.csv", file))).await.is(422).says(says).says("value=\"a prize\"");
    }
    new(&mut marketer, &fields, Some(("a.csv", b"id;points\n1;70\n2;\n"))).await.is(303);
    let uploads = house.service().data_dir().join("uploads");
    assert_eq!(std::fs::read_dir(uploads).unwrap().count(), 0);
    marketer.follow("/admin/accruals/prize").await.says("120").says("a list");
    let before = house.available(first).await;
    marketer.post("/admin/accruals/prize", &[("act", "start")]).await.is(303);
    marketer.follow("/admin/accruals/prize").await.says("done");
    assert_eq!(house.available(first).await - before, 70);
}

#[tokio::test]
async fn what_cannot_be_meant_comes_back_to_the_form() {
    let (_house, mut marketer) = office().await;
    for (at, value, says) in [
        (1, ("segment", "far"), "segment"),
        (2, ("points", "0"), "points"),
        (2, ("points", "many"), "many"),
        (2, ("points", ""), "points"),
        (3, ("reason", ""), "200"),
        (4, ("name", "../x"), "64"),
    ] {
        let mut fields = SEGMENT;
        fields[at] = value;
        new(&mut marketer, &fields, None).await.is(422).says(says);
    }
    let mut fields = SEGMENT.to_vec();
    fields.push(("expires_on", "2001-01-01"));
    new(&mut marketer, &fields, None).await.is(422);
    new(&mut marketer, &SEGMENT, None).await.is(303);
    let mut other = SEGMENT;
    other[2] = ("points", "200");
    new(&mut marketer, &other, None).await.is(422).says("name");
    marketer.post("/admin/accruals/none", &[("act", "start")]).await.is(404);
    marketer.post("/admin/accruals/sorry", &[("act", "give")]).await.is(400);
}

#[tokio::test]
async fn whoever_may_not_give_points_finds_no_door() {
    let (house, _marketer) = office().await;
    for role in [Role::Support, Role::Cashier, Role::Accountant, Role::Analyst] {
        let mut browser = house.signed_in(role).await;
        browser.get("/admin").await.never_says("/admin/accruals");
        browser.get("/admin/accruals").await.is(403).says("door_closed");
        browser.post("/admin/accruals/sorry", &[("act", "start")]).await.is(403);
    }
}

#[tokio::test]
async fn a_segment_says_whom_it_means_who_is_in_it_and_how_many() {
    let (house, mut marketer) = office().await;
    let near = member(&house, "1", "Тверь").await;
    let far = member(&house, "2", "Омск").await;
    marketer
        .get("/admin/segments")
        .await
        .ok()
        .says("Near")
        .says("Тверь")
        .says("/admin/accruals?new=1&amp;segment=near");
    let page = marketer.get("/admin/segments/near").await.ok().says(&near.to_string());
    page.never_says(&far.to_string()).says("2 members were looked at");
    marketer.post("/admin/segments/near/count", &[]).await.ok().says("1 member of all 2");
    marketer.get("/admin/segments/none").await.is(404).says("segment_unknown");
    marketer.post("/admin/segments/none/count", &[("after", SCRIPT)]).await.is(404);
    let mut analyst = house.signed_in(Role::Analyst).await;
    analyst.get("/admin/segments").await.ok().says("Near").never_says("/admin/segments/near");
    analyst.get("/admin/segments/near").await.is(403);
}
