//! An account that several people use, on the pages: set by support, met at the till and in the cabinet.

use crate::support::{Browser, House, house};
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::MemberId;
use kopilka_service::{Change, MemberRef, Registration, Role};

const HOME: &str = "/cabinet/sports-store";
const SON: &str = "+79120000002";

async fn family(house: &House) -> MemberId {
    let registration = Registration {
        phones: vec!["+79120000001".to_owned()],
        name: Some("Анна".to_owned()),
        ..Registration::default()
    };
    house.write(Change::Register(registration)).await.member
}

/// Sends the form of the member's page.
async fn set(support: &mut Browser, member: MemberId, more: &[(&str, &str)]) -> crate::support::Seen {
    let path = format!("/admin/members/{member}/holders");
    let mut fields = more.to_vec();
    fields.extend([("once", "1"), ("holder", "2"), ("holder_name", "<b>Сын</b>")]);
    fields.extend([("holder_phones", "8 912 000-00-02"), ("reason", "a family")]);
    support.post(&path, &fields).await
}

/// A browser in the cabinet, as the holder.
async fn inside(house: &House, member: MemberId) -> Browser {
    let token = house.member_token(member, Some(HolderNo(2))).await;
    let mut browser = house.browser();
    browser.post_raw(&format!("{HOME}/open"), &[("member_token", &token)]).await.is(303);
    browser
}

#[tokio::test]
async fn support_says_who_uses_an_account_and_takes_them_off() {
    let house = house().await;
    let member = family(&house).await;
    let mut support = house.signed_in(Role::Support).await;
    let acts = format!("/admin/members/{member}?tab=acts");
    support.get(&acts).await.ok().says("Who uses this account");
    assert!(
        set(&mut support, member, &[("right", "earn"), ("right", "see")]).await.goal().contains("done=saved")
    );
    let seen = support.get(&acts).await.ok().says("earn, see the balance").says(SON);
    seen.never_says("<b>Сын");
    support.get(&format!("/admin/members/{member}")).await.ok().says("Also used by").says("№ 2");
    // What was typed comes back with what is wrong.
    let wrong = set(&mut support, member, &[("holder_cards", "12"), ("right", "spend"), ("once", "2")]).await;
    wrong.is(422).says("value=\"spend\" checked");
    set(&mut support, member, &[("right", "fly"), ("once", "3")]).await.is(422);
    let path = format!("/admin/members/{member}/holders");
    let off = [("once", "4"), ("holder", "2"), ("act", "off")];
    assert!(support.post(&path, &off).await.goal().contains("done=saved"));
    support.get(&acts).await.ok().never_says(SON);
    // A cashier has no such form, and a form of her own is turned away.
    let mut cashier = house.signed_in(Role::Cashier).await;
    set(&mut cashier, member, &[("right", "spend")]).await.is(403);
}

#[tokio::test]
async fn a_till_knows_who_comes_and_says_no_more_than_they_may_hear() {
    let house = house().await;
    let member = family(&house).await;
    let mut support = house.signed_in(Role::Support).await;
    set(&mut support, member, &[("right", "earn")]).await;
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/till").await.ok();
    let owner = cashier.post("/till/find", &[("who", "+79120000001")]).await.ok();
    owner.says("500\u{a0}bonuses").never_says("holder no.");
    let seen = cashier.post("/till/find", &[("who", SON)]).await.ok();
    let seen = seen.says("holder no. 2").says("may not spend").never_says("500\u{a0}bonuses");
    let (order, who) = (seen.field("order"), seen.field("who"));
    let sale = [("order", &*order), ("who", &*who), ("amount", "1000"), ("spend", "all"), ("points", "")];
    let counted = cashier.post("/till/count", &sale).await.ok();
    let counted = counted.says("1,000\u{a0}RUB to pay").never_says("500\u{a0}bonuses");
    let some = [("order", &*order), ("who", &*who), ("amount", "1000"), ("spend", "some"), ("points", "10")];
    cashier.post("/till/count", &some).await.says("may not spend its points");

    let sale: Vec<(&str, String)> = ["order", "who", "amount", "spend", "points", "to_pay", "used"]
        .map(|name| (name, counted.field(name)))
        .into();
    let sale: Vec<(&str, &str)> = sale.iter().map(|(name, value)| (*name, value.as_str())).collect();
    cashier.post(&format!("/till/sales/{order}"), &sale).await.ok();
    let back = cashier.get(&format!("/till/back?order={order}")).await.ok().says("holder no. 2");
    back.never_says("500\u{a0}bonuses").never_says("may not spend");
}

#[tokio::test]
async fn a_cabinet_shows_a_holder_what_the_rights_say() {
    let house = house().await;
    let member = family(&house).await;
    let mut support = house.signed_in(Role::Support).await;
    set(&mut support, member, &[("right", "see")]).await;
    let mut son = inside(&house, member).await;
    let seen = son.get(HOME).await.ok().says("500\u{a0}bonuses").says("&#60;b&#62;Сын");
    // A card that shows the account would make of the holder its owner.
    seen.never_says(&member.to_string()).never_says("/friends").never_says("/history");
    for shut in ["/history", "/gifts", "/friends", "/me"] {
        son.get(&format!("{HOME}{shut}")).await.is(403).says("This holder of the account may not do that");
    }
    let claim = [("once", "c"), ("reward", "mug")];
    son.post(&format!("{HOME}/gifts/claim"), &claim).await.is(403);

    // Rights are those of now, not those of when the session began.
    set(&mut support, member, &[("right", "statement"), ("once", "2")]).await;
    son.get(HOME).await.is(403).never_says("500\u{a0}bonuses");
    son.get(&format!("{HOME}/history")).await.ok();
    let off = [("once", "3"), ("holder", "2"), ("act", "off")];
    support.post(&format!("/admin/members/{member}/holders"), &off).await;
    assert_eq!(son.get(&format!("{HOME}/history")).await.goal(), HOME);
    son.get(HOME).await.ok().never_says("500\u{a0}bonuses").says("name=\"address\"");
    let by_id = house.service().find_member(house.program(), MemberRef::Id(member)).await.unwrap();
    assert_eq!(by_id, member);
}
