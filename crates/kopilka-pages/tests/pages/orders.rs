//! Orders: why each gave what it gave, and what support does with one.

use crate::members::{SCRIPT, anna, bought, office, pays, write};
use kopilka_core::decide::Adjustment;
use kopilka_core::points::Points;
use kopilka_service::{Change, MemberRef, Role};

#[tokio::test]
async fn support_answers_why_an_order_gave_so_many_points() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let done = pays(&house, Some(id), bought("1042", "boots", 740)).await;
    house.service().wait_for_seq(house.service().programs()[0].id, id, done.seq).await.unwrap();
    let seen = support.get("/admin/orders").await.ok().says("1042").says("/admin/orders/main/1042");
    seen.says(&format!("/admin/members/{id}")).says("Анна Ёлкина");
    assert_eq!(support.get("/admin/orders?find=1042").await.goal(), "/admin/orders/main/1042");
    let order = support.get("/admin/orders/main/1042").await.ok().says("boots").says("Анна Ёлкина");
    order.says("How it was calculated").says("Rule “cashback” gives 37").says("5 % of 740");
    let journal = support.get(&format!("/admin/members/{id}?tab=journal")).await.ok().says("Order");
    let entry = journal.text.split("/admin/entries/").nth(1).unwrap().split('"').next().unwrap();
    support.get(&format!("/admin/entries/{entry}")).await.ok().says("Rule “cashback” gives 37").says("+37");
    support.get("/admin/entries/e_0000000000001").await.is(404);
    support.get("/admin/entries/none").await.is(404);
}

#[tokio::test]
async fn orders_of_guests_are_found_by_their_number() {
    let (house, mut support) = office().await;
    pays(&house, None, bought("G-1", "socks", 500)).await;
    support.get("/admin/orders").await.ok().never_says("G-1");
    assert_eq!(support.get("/admin/orders?find=G-1").await.goal(), "/admin/orders/main/G-1");
    support.get("/admin/orders/main/G-1").await.ok().says("an order of a guest").says("socks");
    for missing in ["G-2", "other/G-1", "%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E"] {
        let seen = support.get(&format!("/admin/orders?find={missing}")).await.ok();
        seen.says("There is no order").never_says("<script>alert");
    }
    support.get("/admin/orders/main/G-2").await.is(404);
}

#[tokio::test]
async fn whatever_a_shop_writes_into_an_order_stays_text() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    let order = format!("a/b?c#d\"{SCRIPT}");
    let done = pays(&house, Some(id), bought(&order, SCRIPT, 1000)).await;
    house.service().wait_for_seq(house.service().programs()[0].id, id, done.seq).await.unwrap();
    let list = support.get("/admin/orders").await.ok().never_says(SCRIPT);
    let address = list.text.split("<th><a href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let page = support.get(&address).await.ok().says("1,000").never_says(SCRIPT);
    assert!(page.text.contains("name=\"pieces:1\""), "{}", page.text);
    support.get(&format!("/admin/members/{id}?tab=orders")).await.ok().says(&address).never_says(SCRIPT);
    support.get(&format!("/admin/members/{id}?tab=journal")).await.ok().never_says(SCRIPT);
    let back = [("pieces:1", "1"), ("reason", SCRIPT), ("once", "r")];
    let goal = support.post(&format!("{address}/return"), &back).await.goal().to_owned();
    support.visit(&goal).await.ok().says("gone: 1").never_says(SCRIPT);
}

#[tokio::test]
async fn pieces_come_back_and_an_order_is_cancelled() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    pays(&house, Some(id), bought("7", "boots", 1000)).await;
    let page = "/admin/orders/main/7";
    support.get(page).await.ok().says("can come back: 2");
    for (pieces, status) in [("", 422), ("0", 422), ("две", 422), ("3", 409), ("-1", 422)] {
        let back = [("pieces:1", pieces), ("once", "r0")];
        let seen = support.post(&format!("{page}/return"), &back).await;
        assert!(seen.status.is_client_error() && status >= 400, "{pieces}: {}", seen.status);
    }
    let back = [("pieces:1", "1"), ("reason", "не подошли"), ("once", "r1")];
    support.post(&format!("{page}/return"), &back).await.is(303);
    support.post(&format!("{page}/return"), &back).await.is(303);
    let seen = support.get(page).await.ok().says("gone: 1").says("не подошли").says("support@shop.example");
    seen.says("can come back: 1");
    support.post(&format!("{page}/return"), &[("what", "all"), ("once", "r2")]).await.is(303);
    support.get(page).await.ok().says("returned").never_says("can come back").never_says("Cancel the order");
    pays(&house, Some(id), bought("8", "boots", 1000)).await;
    let cancel = [("reason", "передумал"), ("once", "c1")];
    support.post("/admin/orders/main/8/cancel", &cancel).await.is(303);
    support.get("/admin/orders/main/8").await.ok().says("cancelled").says("передумал");
    support.post("/admin/orders/main/9/cancel", &cancel).await.is(404);
}

#[tokio::test]
async fn an_accountant_reads_orders_and_changes_none() {
    let (house, _) = office().await;
    let id = anna(&house).await;
    pays(&house, Some(id), bought("7", "boots", 1000)).await;
    let mut reader = house.signed_in(Role::Accountant).await;
    let seen = reader.get("/admin/orders/main/7").await.ok().says("boots");
    seen.never_says("/return\"").never_says("/cancel\"");
    reader.post("/admin/orders/main/7/cancel", &[("once", "x")]).await.is(403);
    let mut analyst = house.signed_in(Role::Analyst).await;
    analyst.get("/admin/orders").await.is(403);
    analyst.get("/admin/orders/main/7").await.is(403);
}

#[tokio::test]
async fn the_journal_of_a_member_goes_on_page_by_page() {
    let (house, mut support) = office().await;
    let id = anna(&house).await;
    for n in 0..55 {
        let adjustment = Adjustment {
            points: Points(1),
            active_at: None,
            expires_at: None,
            gift: false,
            allow_debt: false,
        };
        let change = Change::Adjust { member: MemberRef::Id(id), adjustment };
        write(&house, &format!("a{n}"), change).await;
    }
    let first =
        support.get(&format!("/admin/members/{id}?tab=journal")).await.ok().never_says("Registration");
    let next = first.text.split("before=").nth(1).unwrap().split('"').next().unwrap();
    let second = support.get(&format!("/admin/members/{id}?tab=journal&before={next}")).await.ok();
    second.says("Registration").never_says("class=\"pager\"");
    support.get(&format!("/admin/members/{id}?tab=journal&before=e_x")).await.ok();
}
