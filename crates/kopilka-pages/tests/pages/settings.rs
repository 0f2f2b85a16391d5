//! Settings: what members are told and when, senders, the clock of a trial.

use crate::support::{SPORTS, house, house_with_gateways};
use kopilka_core::consent::Channel;
use kopilka_service::messages::settings::{Cap, Quiet};
use kopilka_service::{Change, Class, Publish, Registration, Role};

const MESSAGING: &str = "/admin/settings/messaging";
const SENDERS: &str = "/admin/settings/senders";
const CLOCK: &str = "/admin/settings/clock";

#[tokio::test]
async fn what_members_are_told_is_kept_as_it_was_chosen() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/settings").await.ok().says("points_accrued").says("Quiet hours");
    let fields = [
        ("channel:points_accrued", "telegram"),
        ("channel:points_accrued", ""),
        ("channel:points_accrued", "email"),
        ("class:points_accrued", "marketing"),
        ("channel:tier_changed", "sms"),
        ("channel:tier_changed", "sms"),
        ("class:tier_changed", "service"),
        ("channel:no_such_event", "sms"),
        ("base_url", "https://loyalty.shop.example"),
        ("quiet_from", "21:00"),
        ("quiet_to", "10:00"),
        ("cap_messages", "2"),
        ("cap_days", "7"),
        ("warn_days", "30, 7 1"),
    ];
    assert_eq!(marketer.post(MESSAGING, &fields).await.goal(), "/admin/settings?done=saved");
    let kept = house.service().messaging(house.program()).await.unwrap();
    assert_eq!(kept.quiet, Some(Quiet { from: 21 * 60, to: 10 * 60 }));
    assert_eq!(kept.cap, Some(Cap { messages: 2, days: 7 }));
    assert_eq!(kept.warn_days, [30, 7, 1]);
    assert_eq!(kept.events.len(), 2);
    let accrued = &kept.events["points_accrued"];
    assert_eq!(
        (accrued.channels.as_slice(), accrued.class),
        (&[Channel::Telegram, Channel::Email][..], Class::Marketing)
    );
    assert_eq!(kept.events["tier_changed"].channels, [Channel::Sms]);
    let seen = marketer.get("/admin/settings").await.ok().says("value=\"21:00\"").says("30, 7, 1");
    seen.says("Wanted, but without a sender");
}

#[tokio::test]
async fn settings_that_cannot_be_meant_come_back_with_what_was_typed() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/settings").await.ok();
    for (fields, said) in [
        (vec![("quiet_from", "21:00")], "quiet hours need a beginning"),
        (vec![("quiet_from", "21:00"), ("quiet_to", "21:00")], "quiet hours need a beginning"),
        (vec![("cap_messages", "two"), ("cap_days", "7")], "the bound needs"),
        (vec![("cap_messages", "2"), ("cap_days", "31")], "the bound needs"),
        (vec![("warn_days", "soon")], "the days are whole numbers"),
        (vec![("warn_days", "0")], "the days are whole numbers"),
        (vec![("base_url", "ftp://\"><script>")], "marketing needs the address"),
        (
            vec![("channel:order_paid", "email"), ("class:order_paid", "marketing")],
            "marketing needs the address",
        ),
        (vec![("channel:order_paid", "pigeon")], "none of ours"),
    ] {
        let seen = marketer.post(MESSAGING, &fields).await.is(422).says(said).never_says("<script>");
        let typed = fields[0].1.replace('"', "&#34;").replace('<', "&#60;").replace('>', "&#62;");
        assert!(typed == "pigeon" || seen.text.contains(&typed), "{typed}");
    }
    let kept = house.service().messaging(house.program()).await.unwrap();
    assert_eq!(kept, Default::default(), "nothing of it was kept");
}

#[tokio::test]
async fn a_senders_secrets_are_never_shown_again() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get(SENDERS).await.ok().says("not set up");
    let email = format!("{SENDERS}/email");
    let mut fields = vec![
        ("act", "put"),
        ("host", "smtp.shop.example"),
        ("port", "587"),
        ("encryption", "starttls"),
        ("login", "shop"),
        ("password", "hush-hush"),
        ("from", "Shop <shop@shop.example>"),
        ("language", "ru"),
    ];
    let mut wrong = fields.clone();
    wrong[2] = ("port", "many");
    let seen = owner.post(&email, &wrong).await.is(422).never_says("hush-hush");
    seen.says("smtp.shop.example").says("value=\"many\"");
    assert_eq!(owner.post(&email, &fields).await.goal(), format!("{SENDERS}?done=sender"));
    let seen = owner.get(SENDERS).await.ok().never_says("hush-hush").says("smtp.shop.example:587");
    seen.says("Shop &#60;shop@shop.example&#62;").says("Send a test");
    fields[6] = ("from", "\"><script>alert(1)</script>");
    owner.post(&email, &fields).await.is(422).never_says("<script>alert").never_says("hush-hush");
    owner.post(&email, &[("act", "test"), ("to", "nobody")]).await.is(422).says("no address of the channel");
    for _ in 0..2 {
        assert_eq!(
            owner.post(&email, &[("act", "delete")]).await.goal(),
            format!("{SENDERS}?done=sender-gone")
        );
    }
    assert!(house.service().senders(house.program()).await.unwrap().is_empty());
    owner.post(&format!("{SENDERS}/push"), &[("act", "put")]).await.is(404);
}

#[tokio::test]
async fn gateways_and_bots_are_put_by_their_forms() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get(SENDERS).await.ok();
    let sms = format!("{SENDERS}/sms");
    marketer.post(&sms, &[("act", "put"), ("preset", "smsru")]).await.is(422).says("api_id");
    marketer.post(&sms, &[("act", "put"), ("preset", ""), ("request", "{")]).await.is(422).says("request");
    let fields = [("act", "put"), ("preset", "smsru"), ("from", "Shop"), ("secret:api_id", "hush")];
    marketer.post(&sms, &fields).await.is(303);
    let request = r#"{"url": "https://gateway.example/send", "body": "{\"to\": {{ digits }}}"}"#;
    let own = [("act", "put"), ("preset", ""), ("request", request), ("secret:token", "hush")];
    marketer.post(&sms, &own).await.is(303);
    marketer.get(SENDERS).await.ok().says("https://gateway.example/send").never_says("hush");
    let bot = format!("{SENDERS}/telegram");
    marketer.post(&bot, &[("act", "put"), ("token_of_bot", "no token/")]).await.is(422);
    marketer.post(&bot, &[("act", "put"), ("token_of_bot", "77:AA")]).await.is(303);
    marketer.get(SENDERS).await.ok().never_says("77:AA").says("Let members link their chats");
    marketer.post(&bot, &[("act", "connect")]).await.is(422).says("base_url");
}

#[tokio::test]
async fn a_trial_is_moved_on_and_tells_what_came_of_it() {
    let house = house().await;
    let anna = Registration { ext: Some("A-1".to_owned()), ..Registration::default() };
    house.write(Change::Register(anna)).await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get(CLOCK).await.ok().says("+1 month");
    let step = |text: &str, label: &str| {
        let (before, _) = text.split_once(&format!(">{label}<")).unwrap();
        before.rsplit("value=\"").next().unwrap().split('"').next().unwrap().to_owned()
    };
    let year = step(&seen.text, "+1 year");
    let before = house.service().now(house.program());
    let goal = marketer.post(CLOCK, &[("step", &year)]).await.goal().to_owned();
    let moved = house.service().now(house.program());
    assert!(moved.0 - before.0 > 360 * 86_400_000_000, "{before} {moved}");
    // The same form sent again moves nothing more.
    marketer.post(CLOCK, &[("step", &year)]).await;
    assert!(house.service().now(house.program()).0 - moved.0 < 86_400_000_000);
    marketer.get(&goal).await.ok().says("What came of it").says("The clock is moved");
    marketer.post(CLOCK, &[("to", "2020-01-01T10:00")]).await.is(422).says("only forward");
    marketer.post(CLOCK, &[("to", "<script>")]).await.is(422).never_says("<script>").says("&#60;script&#62;");
    marketer.get(&format!("{CLOCK}?since=x&from=%3Cscript%3E")).await.ok().never_says("<script>");
    // Support reads the time, and moves nothing.
    let mut support = house.signed_in(Role::Support).await;
    support.get(CLOCK).await.ok();
    support.post(CLOCK, &[("step", &year)]).await.is(403);
    support.get(SENDERS).await.is(403);
}

#[tokio::test]
async fn a_live_program_says_why_its_clock_stands_with_the_world() {
    let house = house_with_gateways().await;
    let publish = Publish {
        text: SPORTS.replace("program: sports-store", "program: living"),
        author: "test".to_owned(),
        note: String::new(),
        sandbox: false,
        effective_from: None,
    };
    let living = house.service().publish(publish).await.unwrap().program;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/account").await.ok();
    owner.post("/admin/account/program", &[("program", &living.0.to_string())]).await.is(303);
    owner.get(CLOCK).await.ok().says("for real members").never_says("+1 month");
    owner.post(CLOCK, &[("to", "2030-01-01T10:00")]).await.is(422).says("sandbox");
}
