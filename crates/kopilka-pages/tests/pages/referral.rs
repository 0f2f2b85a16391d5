//! Friends: what is given for them, one member's network, the sites they come from.

use crate::support::{House, empty_house, house};
use kopilka_core::ids::MemberId;
use kopilka_service::{Change, Registration, Role, VisitBy};

const FRIENDS: &str = include_str!("../../../../examples/friends.yaml");
const SITES: &str = "/admin/referral/sites";

async fn anna(house: &House) -> MemberId {
    let registration = Registration {
        ext: Some("A-1".to_owned()),
        phones: vec!["+79123456789".to_owned()],
        name: Some("<script>Анна</script>".to_owned()),
        ..Registration::default()
    };
    house.write(Change::Register(registration)).await.member
}

#[tokio::test]
async fn a_program_without_friends_says_how_to_begin() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get("/admin/referral").await.ok();
    seen.says("gives nothing for friends yet").says("To the rules").never_says("A visit by a link counts");
}

#[tokio::test]
async fn what_is_given_stands_in_words_and_a_member_is_found_by_phone() {
    let house = empty_house();
    house.publish(FRIENDS).await;
    let anna = anna(&house).await;
    let visitor = "cookie".to_owned();
    house.write(Change::Visit { by: VisitBy::Link(anna), visitor }).await;
    let mut support = house.signed_in(Role::Support).await;
    let seen = support.get("/admin/referral").await.ok();
    let seen = seen.says("friend-first").says("welcome-friend").says("Tea from a friend").says("30 days");
    seen.says("the last one counts").never_says("host-rate");
    support.post("/admin/referral/find", &[("find", "nobody")]).await.is(422).says("Nobody is found");
    let goal = support.post("/admin/referral/find", &[("find", "8 912 345 67 89")]).await.goal().to_owned();
    assert_eq!(goal, format!("/admin/referral?member={anna}"));
    let seen = support.get(&goal).await.ok().never_says("<script>Анна").says("Visits by the link");
    seen.says("<dd>1</dd>").says(&format!("/admin/members/{anna}?tab=network"));
    support.get("/admin/referral?member=%3Cscript%3E").await.ok().never_says("<script>");
}

#[tokio::test]
async fn a_site_is_claimed_says_what_to_show_and_is_let_go() {
    let house = empty_house();
    house.publish(FRIENDS).await;
    let anna = anna(&house).await.to_string();
    let path = format!("/admin/referral?member={anna}");
    let mut support = house.signed_in(Role::Support).await;
    let once = support.get(&path).await.ok().says("No site yet").field("once");
    let of =
        |act: &'static str, site: &'static str| vec![("member", anna.as_str()), ("act", act), ("site", site)];
    let mut fields = of("claim", "\"><script>");
    fields.push(("once", &once));
    support.post(SITES, &fields).await.is(422).never_says("<script>").says("&#62;&#60;script&#62;");
    let once = support.get(&path).await.field("once");
    let mut fields = of("claim", "https://Blog.example/review");
    fields.push(("once", &once));
    for _ in 0..2 {
        assert!(support.post(SITES, &fields).await.goal().ends_with("done=site-claimed"));
    }
    let seen = support.get(&path).await.ok().says("/.well-known/kopilka-site.txt").says("not confirmed yet");
    let once = seen.says("&#60;meta name=&#34;kopilka-site&#34;").field("once");
    // Nobody answers there, so nothing is confirmed.
    let mut fields = of("confirm", "blog.example");
    fields.extend([("once", once.as_str()), ("by", "file")]);
    support.post(SITES, &fields).await.is(422).says("does not show whose it is").says("not confirmed yet");
    let mut fields = of("confirm", "blog.example");
    fields.extend([("once", once.as_str()), ("by", "magic")]);
    support.post(SITES, &fields).await.is(422);
    let mut fields = of("remove", "blog.example");
    fields.push(("once", &once));
    assert!(support.post(SITES, &fields).await.goal().ends_with("done=site-removed"));
    support.get(&path).await.ok().says("No site yet");
    let mut fields = of("remove", "blog.example");
    fields.push(("once", ""));
    support.post(SITES, &fields).await.is(422);
}

#[tokio::test]
async fn an_analyst_sees_the_rules_and_nobodys_friends() {
    let house = empty_house();
    house.publish(FRIENDS).await;
    let anna = anna(&house).await.to_string();
    let mut analyst = house.signed_in(Role::Analyst).await;
    let path = format!("/admin/referral?member={anna}");
    analyst.get(&path).await.ok().says("friend-first").never_says("Анна").never_says("Visits by the link");
    analyst.post("/admin/referral/find", &[("find", "A-1")]).await.is(403);
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get(&path).await.ok().says("Visits by the link").never_says("value=\"claim\"");
    let fields = [("member", anna.as_str()), ("act", "claim"), ("site", "blog.example"), ("once", "1")];
    marketer.post(SITES, &fields).await.is(403);
}
