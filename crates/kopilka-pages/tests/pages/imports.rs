//! Lists that bring a shop here: named, looked at, imported, and gone from the disk.

use crate::members::SCRIPT;
use crate::support::{Browser, House, Seen, house};
use kopilka_service::{MemberRef, Role};
use std::io::Write;
use std::path::{Path, PathBuf};

const MEMBERS: &str = "Код;Имя;Телефон;Баллы;Сгорают\n\
    1001;Анна;8 912 345-67-89;1 250;31.12.2031\n\
    1002;Пётр;8 912 000-00-02;300;бессрочно\n\
    1003;Иван;плохой;10;\n";

async fn owner() -> (House, Browser) {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/imports").await.ok().says("Members and balances");
    (house, owner)
}

async fn sent(browser: &mut Browser, kind: &str, name: &str, bytes: &[u8]) -> String {
    let seen = browser.post_file("/admin/imports", &[("kind", kind)], (name, bytes)).await;
    let goal = seen.goal().to_owned();
    assert!(goal.starts_with("/admin/imports/"), "{goal}");
    goal
}

/// Every file below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let Ok(list) = std::fs::read_dir(dir) else { return Vec::new() };
    let all = list.map(|entry| entry.unwrap().path());
    all.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

fn lists(house: &House) -> Vec<PathBuf> {
    let data = house.service().data_dir();
    let mut all = files(&data.join("uploads"));
    all.extend(files(&data.join("imports")).into_iter().filter(|path| path.ends_with("list")));
    all
}

#[tokio::test]
async fn members_come_with_their_balances_step_by_step_and_the_list_is_gone() {
    let (house, mut owner) = owner().await;
    let job = sent(&mut owner, "members", "клиенты.csv", MEMBERS.as_bytes()).await;
    let columns = owner.get(&job).await.ok().says("клиенты.csv").says("8 912 345-67-89");
    columns.says("<option value=\"points\" selected>").says("<option value=\"expires_at\" selected>");
    assert_eq!(lists(&house).len(), 1);
    let choice = [
        ("c0", "ext"),
        ("c1", "name"),
        ("c2", "phone"),
        ("c3", "points"),
        ("c4", "expires_at"),
        ("name", "move"),
    ];
    assert_eq!(owner.post(&format!("{job}/look"), &choice).await.goal(), job);
    let looked =
        owner.follow(&job).await.says("Some rows do not fit").says("1,560").says("invalid_identifier");
    looked.says("end in 2031-12").says("плохой");
    assert!(house.service().find_member(house.program(), MemberRef::Ext("1001".into())).await.is_err());

    assert_eq!(owner.post(&format!("{job}/run"), &[]).await.goal(), job);
    let done = owner.follow(&job).await.says("Done, but some rows are not in the books").says("1,550");
    done.says("New members").never_says("/run\"");
    let anna = house.service().find_member(house.program(), MemberRef::Ext("1001".into())).await.unwrap();
    let card = owner.get(&format!("/admin/members/{anna}")).await.ok().says("1,250");
    card.says("Анна");
    assert_eq!(lists(&house), Vec::<PathBuf>::new(), "an imported list stays nowhere");
    let errors = owner.get(&format!("{job}/errors.csv")).await.ok();
    assert!(errors.text.starts_with("line,code,error,Код,Имя"), "{}", errors.text);
    errors.says("4,invalid_identifier,").never_says("1001");
    owner.post(&format!("{job}/run"), &[]).await.is(409).says("import_not_now");
    owner.get("/admin/imports").await.ok().says("клиенты.csv").says("done");
    owner.get("/admin/audit").await.ok().says("imported a list");
}

#[tokio::test]
async fn the_same_list_again_gives_nothing_twice() {
    let (house, mut owner) = owner().await;
    let choice = [
        ("c0", "ext"),
        ("c1", ""),
        ("c2", "phone"),
        ("c3", "points"),
        ("c4", "expires_at"),
        ("name", "move"),
    ];
    for before in ["Imported before</th><td class=\"num\">0<", "Imported before</th><td class=\"num\">2<"] {
        let job = sent(&mut owner, "members", "a.csv", MEMBERS.as_bytes()).await;
        owner.post(&format!("{job}/look"), &choice).await.is(303);
        owner.follow(&job).await;
        owner.post(&format!("{job}/run"), &[]).await.is(303);
        owner.follow(&job).await.says(before);
    }
    let anna = house.service().find_member(house.program(), MemberRef::Ext("1001".into())).await.unwrap();
    let page = owner.get(&format!("/admin/members/{anna}")).await.ok();
    page.says("1,250").never_says("2,500").never_says("Анна");
}

#[tokio::test]
async fn goods_and_a_history_come_the_same_way() {
    let (house, mut owner) = owner().await;
    let goods = "Артикул;Наименование;Категория;Цена\nX-1;Ботинки;обувь/зима;1 234,50\n;Без артикула;;\n";
    let job = sent(&mut owner, "products", "goods.csv", goods.as_bytes()).await;
    owner
        .post(&format!("{job}/look"), &[("c0", "sku"), ("c1", "name"), ("c2", "category"), ("c3", "price")])
        .await
        .is(303);
    owner.follow(&job).await.says("the sku is missing");
    owner.post(&format!("{job}/run"), &[]).await.is(303);
    owner.follow(&job).await.says("<th>Products</th>");
    owner
        .get("/admin/products?find=%D0%B1%D0%BE%D1%82%D0%B8%D0%BD%D0%BA%D0%B8")
        .await
        .ok()
        .says("X-1")
        .says("1,234.50");

    let people = sent(&mut owner, "members", "a.csv", "id;points\n7;0\n".as_bytes()).await;
    owner.post(&format!("{people}/look"), &[("c0", "ext"), ("c1", "points")]).await.is(303);
    owner.follow(&people).await;
    owner.post(&format!("{people}/run"), &[]).await.is(303);
    owner.follow(&people).await;
    let history = "order,customer,date,sku,quantity,price\nO-1,7,2026-01-10T12:00:00,X-1,2,500.00\nO-2,8,2026-01-11T12:00:00,X-1,1,500.00\n";
    let job = sent(&mut owner, "orders", "history.csv", history.as_bytes()).await;
    let page = owner.get(&job).await.ok().says("<option value=\"customer\" selected>");
    let zone = page.field_by_id("zone");
    let choice = [
        ("c0", "order"),
        ("c1", "customer"),
        ("c2", "time"),
        ("c3", "sku"),
        ("c4", "quantity"),
        ("c5", "price"),
        ("by", "ext"),
        ("shop", "main"),
        ("zone", zone.as_str()),
    ];
    owner.post(&format!("{job}/look"), &choice).await.is(303);
    owner.follow(&job).await.says("member_unknown").says("O-2");
    owner.post(&format!("{job}/run"), &[]).await.is(303);
    owner.follow(&job).await.says("Orders taken</th><td class=\"num\">1<");
    owner.get("/admin/orders/main/O-1").await.ok().says("X-1");
    assert_eq!(lists(&house), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_choice_that_cannot_be_meant_comes_back_with_what_was_chosen() {
    let (_house, mut owner) = owner().await;
    let job = sent(&mut owner, "members", "a.csv", MEMBERS.as_bytes()).await;
    for (choice, says) in [
        (&[("c0", ""), ("c3", "points")][..], "No column tells one member from another"),
        (&[("c0", "ext"), ("c1", "ext")], "Two columns are chosen to hold this: own id"),
        (&[("c0", "ext"), ("name", &"x".repeat(300))], "needs a name"),
        (&[("c0", SCRIPT)], "is nothing a column can hold"),
    ] {
        let seen = owner.post(&format!("{job}/look"), choice).await.is(422).says(says);
        seen.says("<option value=\"\">not read").never_says(SCRIPT);
    }
    owner.post(&format!("{job}/run"), &[]).await.is(409).says("import_not_now");
    assert_eq!(owner.post(&format!("{job}/drop"), &[]).await.goal(), "/admin/imports?done=removed");
    owner.get(&job).await.is(404).says("import_unknown");
    owner.post(&format!("{job}/look"), &[]).await.is(404);
}

#[tokio::test]
async fn what_is_no_list_is_told_and_leaves_nothing_behind() {
    let (house, mut owner) = owner().await;
    let seen = owner.post_file("/admin/imports", &[("kind", "members")], ("", b"")).await.is(422);
    seen.says("No file was chosen");
    owner.post_file("/admin/imports", &[("kind", "secrets")], ("a.csv", b"id\n")).await.is(422);
    owner.post("/admin/imports", &[("kind", "members")]).await.is(422).says("No file was chosen");
    assert_eq!(lists(&house), Vec::<PathBuf>::new());
    for (name, bytes, says) in [
        ("a.csv", &b"\n"[..], "no header row"),
        ("a.csv", b"\xff\xfei\0d\0\n\0", "UTF-16"),
        ("a.csv.gz", b"\x1f\x8b\x08\0\0\0\0\0", "cannot be read"),
    ] {
        let job = sent(&mut owner, "members", name, bytes).await;
        owner.get(&job).await.ok().says(says);
        owner.post(&format!("{job}/look"), &[("c0", "ext")]).await.is(422);
    }
}

#[tokio::test]
async fn a_packed_file_that_unpacks_to_more_than_a_server_has_is_not_taken() {
    let (house, mut owner) = owner().await;
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![b'0'; 1 << 20];
    for _ in 0..257 {
        packed.write_all(&zeros).unwrap();
    }
    let bomb = packed.finish().unwrap();
    let seen = owner.post_file("/admin/imports", &[("kind", "members")], ("bomb.gz", &bomb)).await;
    seen.is(413).says("file_too_large");
    assert_eq!(lists(&house), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_file_is_not_read_before_the_token_of_its_session() {
    let (house, mut owner) = owner().await;
    let own = owner.token.clone();
    let file = Some(("a.csv", MEMBERS.as_bytes()));
    let other = house.signed_in(Role::Marketer).await.token;
    for fields in [
        &[("kind", "members")][..],
        &[("kind", "members"), ("token", own.as_str())],
        &[("token", ""), ("kind", "members")],
        &[("token", other.as_str()), ("kind", "members")],
        &[],
    ] {
        owner.post_parts("/admin/imports", fields, file).await.is(403).says("form_expired");
    }
    owner.post_parts("/admin/imports", &[("token", own.as_str()), ("kind", "members")], file).await.is(303);
    assert_eq!(files(&house.service().data_dir().join("uploads")), Vec::<PathBuf>::new());
    assert_eq!(lists(&house).len(), 1);
}

#[tokio::test]
async fn a_role_imports_what_it_could_write_one_by_one_and_nothing_else() {
    let (house, mut owner) = owner().await;
    let job = sent(&mut owner, "members", "a.csv", MEMBERS.as_bytes()).await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let page = marketer.get("/admin/imports").await.ok().says("Goods");
    page.never_says("Members and balances").never_says("a.csv");
    for address in [job.clone(), format!("{job}/errors.csv")] {
        marketer.get(&address).await.is(403);
    }
    for step in ["look", "run", "drop"] {
        marketer.post(&format!("{job}/{step}"), &[("c0", "ext")]).await.is(403);
    }
    let file = ("a.csv", MEMBERS.as_bytes());
    marketer.post_file("/admin/imports", &[("kind", "members")], file).await.is(403);
    sent(&mut marketer, "products", "b.csv", b"sku;name\n1;One\n").await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/admin/imports").await.is(403).says("door_closed");
    assert_eq!(lists(&house).len(), 2);
}

#[tokio::test]
async fn whatever_stands_in_a_list_stays_text() {
    let (_house, mut owner) = owner().await;
    let list = format!("id;{SCRIPT};phone\n\"{SCRIPT}\";x;{SCRIPT}\n");
    let job = sent(&mut owner, "members", &format!("{SCRIPT}.csv"), list.as_bytes()).await;
    let seen: Seen = owner.get(&job).await.ok().never_says(SCRIPT);
    seen.says("&#60;script&#62;alert(1)");
    owner.post(&format!("{job}/look"), &[("c0", "ext"), ("c2", "phone")]).await.is(303);
    owner.follow(&job).await.never_says(SCRIPT).says("invalid_identifier");
    owner.get("/admin/imports").await.ok().never_says(SCRIPT);
}
