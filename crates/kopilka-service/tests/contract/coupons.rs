//! Coupons where they are kept: counters that writers share, codes that were made, and the proof of both.

use crate::world::*;
use kopilka_core::coupon::{CouponCode, CouponRefusal};
use kopilka_core::order::{BodyStatus, OrderBody, OrderState, Pricing};
use kopilka_core::refusal::Refusal;
use kopilka_service::*;

on_both_engines!(
    a_limit_is_not_passed_by_commands_of_one_moment,
    made_codes_are_new_belong_to_whom_they_were_made_for_and_can_be_withdrawn,
    codes_asked_for_again_under_their_key_are_the_same,
    a_quote_reads_what_others_have_used_and_changes_nothing,
    a_cancel_and_a_lapse_give_the_use_back_and_the_books_agree,
    campaigns_and_codes_that_are_not_there_are_refused,
);

const COUPONS: &str = r#"
coupons:
  campaigns:
    - { id: few, code: FEW, discount: { amount: 10.00 }, limits: { total: 3, budget: 100.00 } }
    - { id: gift, codes: made, discount: { percent: 50 } }
"#;

async fn world() -> World {
    let world = World::new().await;
    publish(&world.service, &format!("{PROGRAM}{COUPONS}"), true).await;
    world
}

fn with(id: &str, status: BodyStatus, code: &str) -> OrderBody {
    OrderBody { coupons: vec![code.into()], pricing: Some(Pricing::Engine), ..order(id, status, 10_000) }
}

fn refused(order: &OrderState) -> Option<CouponRefusal> {
    order.coupons[0].refused
}

async fn uses(world: &World, what: &'static str) -> i64 {
    let program = world.program;
    world.service.read(move |r| r.counter(program, what)).await.unwrap()
}

async fn codes(world: &World, new: NewCodes) -> Vec<CouponCode> {
    let mut codes = Vec::new();
    let made = world.service.make_codes(world.program, new, |some| {
        codes.extend_from_slice(some);
        true
    });
    assert_eq!(made.await.unwrap(), codes.len());
    codes
}

async fn a_limit_is_not_passed_by_commands_of_one_moment() {
    let world = world().await;
    let mut tasks = Vec::new();
    for n in 0..12 {
        let member = world.member(&format!("c{n}")).await;
        let body = with(&format!("A{n}"), BodyStatus::Placed, "few");
        let write = world.ask(None, Change::PutOrder { member: Some(MemberRef::Id(member)), body });
        let service = world.service.clone();
        tasks.push(tokio::spawn(async move { service.write(write).await }));
    }
    let mut taken = 0;
    for task in tasks {
        let order = task.await.unwrap().unwrap().order.unwrap();
        match refused(&order) {
            None => taken += 1,
            Some(why) => assert_eq!(why, CouponRefusal::LimitTotal),
        }
    }
    assert_eq!((taken, uses(&world, "coupon:few").await), (3, 3));
    assert_eq!(uses(&world, "coupon:few:money").await, 3_000);
    world.prove().await;
}

async fn made_codes_are_new_belong_to_whom_they_were_made_for_and_can_be_withdrawn() {
    let world = world().await;
    let (anna, boris) = (world.member("42").await, world.member("43").await);
    // More than one transaction takes, and each only once.
    let all = codes(&world, NewCodes { campaign: "gift".into(), count: 2_500, ..NewCodes::default() }).await;
    let distinct: std::collections::BTreeSet<&CouponCode> = all.iter().collect();
    assert_eq!(distinct.len(), 2_500);
    let member = Some(MemberRef::Id(anna));
    let new =
        NewCodes { campaign: "gift".into(), count: 1, prefix: "vip".into(), member, ..NewCodes::default() };
    let own = codes(&world, new).await.remove(0);
    assert!(own.as_str().starts_with("V1P"), "{own:?}");

    let ask = |member, id: &str, code: &CouponCode| {
        world.put(Some(member), with(id, BodyStatus::Paid, &code.printed().to_lowercase()))
    };
    let order = ask(boris, "B1", &own).await.unwrap().order.unwrap();
    assert_eq!(refused(&order), Some(CouponRefusal::NotYours));
    let order = ask(anna, "A1", &own).await.unwrap().order.unwrap();
    assert_eq!((refused(&order), order.due().0), (None, 10_000));
    // A made code is for one order.
    let order = ask(anna, "A2", &own).await.unwrap().order.unwrap();
    assert_eq!(refused(&order), Some(CouponRefusal::LimitPerCode));
    let state = world.service.code(world.program, own.clone()).await.unwrap();
    assert_eq!((state.campaign.as_str(), state.uses), ("gift", Some(1)));
    let program = world.program;
    let list = world.service.read(move |r| r.coupons_of(program, anna, 10)).await.unwrap();
    assert_eq!(list.iter().map(|c| &c.code).collect::<Vec<_>>(), [&own]);

    world.service.block_code(world.program, all[0].clone(), true).await.unwrap();
    let order = ask(boris, "B2", &all[0]).await.unwrap().order.unwrap();
    assert_eq!(refused(&order), Some(CouponRefusal::Blocked));
    world.service.block_code(world.program, all[0].clone(), false).await.unwrap();
    let order = ask(boris, "B3", &all[0]).await.unwrap().order.unwrap();
    assert_eq!(refused(&order), None);
    world.prove().await;
}

async fn codes_asked_for_again_under_their_key_are_the_same() {
    let world = world().await;
    let anna = world.member("42").await;
    let under = |key: &str, count| NewCodes {
        campaign: "gift".into(),
        count,
        key: Some(key.to_owned()),
        ..NewCodes::default()
    };
    // A request that broke off in its second thousand goes on where it stopped.
    let mut seen = Vec::new();
    let broken = world.service.make_codes(world.program, under("k", 4_500), |some| {
        seen.extend_from_slice(some);
        false
    });
    broken.await.unwrap();
    let all = codes(&world, under("k", 4_500)).await;
    assert_eq!(all[..seen.len()], seen[..]);
    assert_eq!(codes(&world, under("k", 4_500)).await, all);
    let distinct: std::collections::BTreeSet<&CouponCode> = all.iter().collect();
    assert_eq!(distinct.len(), 4_500);
    // Later too, and whatever was made or withdrawn in between.
    world.service.block_code(world.program, all[0].clone(), true).await.unwrap();
    codes(&world, NewCodes { key: None, ..under("", 10) }).await;
    world.clock("2026-03-02T12:00:00+03:00").await;
    assert_eq!(codes(&world, under("k", 4_500)).await, all);
    // Whatever else is asked for differs, is other codes.
    let prefix = NewCodes { prefix: "RUN".into(), ..under("k", 4_500) };
    let owner = NewCodes { member: Some(MemberRef::Id(anna)), ..under("k", 4_500) };
    let end = NewCodes { expires_at: Some(at("2027-01-01T00:00:00+03:00")), ..under("k", 4_500) };
    for other in [under("l", 4_500), under("k", 4_499), prefix, owner, end] {
        let made = codes(&world, other.clone()).await;
        assert!(made.iter().all(|code| !distinct.contains(code)), "{other:?}");
    }
    let report = world.service.count_standings(world.program).await.unwrap().standings;
    let of = report.codes["gift"];
    assert_eq!((of.made, of.blocked, of.personal), (6 * 4_500 - 1 + 10, 1, 4_500));
    world.prove().await;
}

async fn a_quote_reads_what_others_have_used_and_changes_nothing() {
    let world = world().await;
    let member = world.member("42").await;
    for n in 0..3 {
        world.put(Some(member), with(&format!("A{n}"), BodyStatus::Paid, "few")).await.unwrap();
    }
    let quoted = |id: &str| {
        let member = Some(MemberRef::Id(member));
        world.service.quote(world.program, member, with(id, BodyStatus::Placed, "few"), true)
    };
    let new = quoted("NEW").await.unwrap().quote.order;
    assert_eq!(refused(&new), Some(CouponRefusal::LimitTotal));
    assert_eq!(uses(&world, "coupon:few").await, 3);
}

async fn a_cancel_and_a_lapse_give_the_use_back_and_the_books_agree() {
    let mut world = world().await;
    let member = world.member("42").await;
    let strict = |id: &str| OrderBody { coupons_required: true, ..with(id, BodyStatus::Placed, "few") };
    for id in ["A", "B", "C"] {
        world.put(Some(member), strict(id)).await.unwrap();
    }
    let refusal = world.put(Some(member), strict("D")).await.unwrap_err();
    let why = CouponRefusal::LimitTotal;
    assert_eq!(refusal, Refusal::CouponRefused { code: "FEW".into(), why }.into());
    world.write("k", Change::Cancel { key: key("A"), occurred_at: None }).await.unwrap();
    assert_eq!(uses(&world, "coupon:few").await, 2);
    world.put(Some(member), strict("D")).await.unwrap();
    // A reservation that nobody paid for.
    world = world.reopen();
    world.clock("2026-05-01T00:00:00+03:00").await;
    assert_eq!((uses(&world, "coupon:few").await, uses(&world, "coupon:few:money").await), (0, 0));
    world.prove().await;
}

async fn campaigns_and_codes_that_are_not_there_are_refused() {
    let world = world().await;
    let make = |campaign: &str, prefix: &str| {
        let (campaign, prefix) = (campaign.to_owned(), prefix.to_owned());
        let new = NewCodes { campaign, prefix, count: 1, ..NewCodes::default() };
        world.service.make_codes(world.program, new, |_| true)
    };
    assert_eq!(make("nothing", "").await, Err(ServiceError::CampaignUnknown));
    assert_eq!(make("few", "").await, Err(ServiceError::CampaignHasCodes));
    assert_eq!(make("gift", "два").await, Err(ServiceError::CodePrefix));
    let code = CouponCode::read("NOBODY").unwrap();
    let unknown = Err(ServiceError::CouponUnknown);
    assert_eq!(world.service.block_code(world.program, code.clone(), true).await, unknown);
    assert!(world.service.code(world.program, code).await.is_err());
}
