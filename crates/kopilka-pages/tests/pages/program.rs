//! The program as cards: begun, changed, tried, published, told to buyers.

use crate::support::{Browser, House, Seen, empty_house, house};
use kopilka_core::ids::ProgramId;
use kopilka_service::Role;

/// What stands between two texts, the first time.
fn between<'a>(text: &'a str, from: &str, to: &str) -> &'a str {
    let rest = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}")).1;
    rest.split_once(to).unwrap().0
}

fn only(house: &House) -> ProgramId {
    house.service().programs()[0].id
}

/// The document of the draft, as its file says it.
async fn draft(browser: &mut Browser) -> String {
    browser.get("/admin/program/file").await.ok().text
}

fn version(house: &House) -> u32 {
    house.service().programs()[0].newest
}

/// A card's form as it was shown, with other values in some fields.
fn form(seen: &Seen, changes: &[(&str, &str)]) -> Vec<(String, String)> {
    let mut fields =
        vec![("at".to_owned(), seen.field("at")), ("revision".to_owned(), seen.field("revision"))];
    fields.extend(changes.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
    fields
}

async fn send(browser: &mut Browser, path: &str, fields: &[(String, String)]) -> Seen {
    let fields: Vec<(&str, &str)> = fields.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    browser.post(path, &fields).await
}

const CART: &[(&str, &str)] = &[
    ("c-price", "10 000"),
    ("c-quantity", "1"),
    ("c-who", "made-up"),
    ("c-orders", "2"),
    ("c-date", "2026-03-02"),
];

#[tokio::test]
async fn a_ready_program_is_begun_changed_tried_and_published() {
    let house = empty_house();
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/program").await.ok().says("Pick a ready-made template").says("sports-store");
    let begun = [
        ("template", "sports-store"),
        ("name", "Лыжи: бонус"),
        ("slug", "skis"),
        ("currency", "RUB"),
        ("zone", "Europe/Moscow"),
        ("kind", "trial"),
    ];
    let seen = owner.post("/admin/program/begin", &begun).await;
    assert_eq!(seen.goal(), "/admin/program?done=begun");
    owner.get("/admin/program").await.ok().says("Лыжи: бонус").says("For a paid order").says("5 %");
    assert!(!draft(&mut owner).await.contains("tests:"));

    let at = house.service().programs()[0].slug.clone();
    assert_eq!(at, "skis");
    let before = draft(&mut owner).await;
    let place =
        before.lines().filter(|l| l.starts_with("  - id:")).position(|l| l.contains("cashback")).unwrap();
    let card = format!("/admin/program/card?at=%2Frules%2F{place}");
    let seen = owner.get(&card).await.ok().says("Points of each 100.00 of the base");
    let percent = format!("v/rules/{place}/then/0/credit/percent");
    assert!(seen.text.contains(&percent), "{}", seen.text);

    // The receipt follows what is typed; nothing is kept by it.
    let mut asked = form(&seen, &[(&percent, "7")]);
    asked.extend(CART.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())));
    let part = send(&mut owner, "/admin/program/preview", &asked).await.ok();
    part.says("700").says("As written here").never_says("<html");
    assert_eq!(draft(&mut owner).await, before);

    let seen = owner.get(&card).await.ok();
    let saved = form(&seen, &[(&percent, "7"), ("act", "save")]);
    assert!(send(&mut owner, "/admin/program/card", &saved).await.goal().contains("done=draft-saved"));
    let after = draft(&mut owner).await;
    assert_ne!(after, before);
    assert_eq!(after.replace("percent: 7", "percent: 5"), before, "no other byte has changed");

    let seen = owner.get("/admin/program/publish").await.ok().says("7 %").says("5 %");
    let publish = [("revision", seen.field("revision")), ("note", "Больше <b>".to_owned())];
    let publish: Vec<(&str, &str)> = publish.iter().map(|(n, v)| (*n, v.as_str())).collect();
    assert_eq!(owner.post("/admin/program/publish", &publish).await.goal(), "/admin/program?done=published");
    assert_eq!(version(&house), 2);
    owner.get("/admin/program/versions").await.ok().says("Больше &#60;b&#62;").says("in force");
    // Sent twice it is not published twice.
    owner.get("/admin/program").await.ok();
    owner.post("/admin/program/publish", &publish).await.is(422);
    assert_eq!(version(&house), 2);

    let back = owner.post("/admin/program/back", &[("version", "1")]).await;
    assert_eq!(back.goal(), "/admin/program/versions?done=published");
    assert_eq!(version(&house), 3);
    owner.get("/admin/program").await.ok().says("5 %");
    owner.get("/admin/audit").await.ok().says("published a version");
}

#[tokio::test]
async fn conditions_and_effects_are_added_nested_and_taken_away() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let seen = owner.get("/admin/program").await.ok();
    let fields = [("act", "add"), ("starter", "cashback"), ("revision", &seen.field("revision"))];
    let goal = owner.post("/admin/program/change", &fields).await.goal().to_owned();
    assert!(goal.starts_with("/admin/program/card?at="), "{goal}");
    let mut seen = owner.get(&goal).await.ok();
    let at = seen.field("at").trim_start_matches('/').to_owned();
    let add = format!("cond:{at}");
    for (word, expected) in [
        ("weekday", "if: { weekday: [sat, sun] }"),
        ("first_order", "if: { all: [{ weekday: [sat, sun] }, { first_order: true }] }"),
        ("any", "{ first_order: true }, { any: [{ weekday: [sat, sun] }] }] }"),
    ] {
        let fields = form(&seen, &[("act", &add), (&add, word)]);
        send(&mut owner, "/admin/program/card", &fields).await.is(303);
        assert!(draft(&mut owner).await.contains(expected), "{}", draft(&mut owner).await);
        seen = owner.get(&goal).await.ok();
    }
    let inside = format!("item:{at}/if/all/2/any");
    let fields = form(&seen, &[("act", &inside), (&inside, "age")]);
    send(&mut owner, "/admin/program/card", &fields).await.is(303);
    assert!(draft(&mut owner).await.contains("{ any: [{ weekday: [sat, sun] }, { age: { from: 18 } }] }"));
    for gone in ["if/all/2/any/0", "if/all/2/any/0", "if/all/1", "if/all/0"] {
        seen = owner.get(&goal).await.ok();
        let fields = form(&seen, &[("act", &format!("remove:{at}/{gone}"))]);
        send(&mut owner, "/admin/program/card", &fields).await.is(303);
    }
    let text = draft(&mut owner).await;
    let rule = text.split("  - id: cashback-2").nth(1).unwrap_or_else(|| panic!("{text}"));
    assert!(!rule.split("\n\n").next().unwrap().contains("if:"), "{text}");
    // Ticked and typed names.
    let fields = form(&owner.get(&goal).await.ok(), &[("act", &add), (&add, "shop")]);
    send(&mut owner, "/admin/program/card", &fields).await.is(303);
    let shops = format!("m/{at}/if/shop");
    let fields = form(
        &owner.get(&goal).await.ok(),
        &[(&shops, ""), (&shops, "main"), (&format!("x/{at}/if/shop"), "Юг, a: b"), ("act", "save")],
    );
    send(&mut owner, "/admin/program/card", &fields).await.is(303);
    let text = draft(&mut owner).await;
    assert!(text.contains("shop: [main, Юг, \"a: b\"]"), "{text}");
}

#[tokio::test]
async fn what_is_wrong_stands_beside_its_field_and_keeps_it_from_being_published() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let before = draft(&mut owner).await;
    let place =
        before.lines().filter(|l| l.starts_with("  - id:")).position(|l| l.contains("cashback")).unwrap();
    let card = format!("/admin/program/card?at=%2Frules%2F{place}");
    let seen = owner.get(&card).await.ok();
    let percent = format!("v/rules/{place}/then/0/credit/percent");
    let fields = form(&seen, &[(&percent, "много"), ("act", "save")]);
    send(&mut owner, "/admin/program/card", &fields).await.is(303);
    let seen = owner.get(&card).await.ok();
    let field = between(&seen.text, &format!("name=\"{percent}\""), "</div></div>");
    assert!(field.contains("aria-invalid") && field.contains("said bad"), "{field}");
    owner.get("/admin/program/publish").await.ok().says("keep it from being published");
    let revision = owner.get("/admin/program").await.ok().field("revision");
    owner.post("/admin/program/publish", &[("revision", &revision)]).await.is(422);
    assert_eq!(version(&house), 1);
    // An old page changes nothing.
    let fields = [("at", "/rules/0"), ("act", "delete"), ("revision", "0")];
    owner.post("/admin/program/change", &fields).await.is(422).says("has been changed since");

    let seen = owner.get(&card).await.ok();
    let whole = form(&seen, &[("act", "whole"), ("whole", "id: a\nthen: [")]);
    send(&mut owner, "/admin/program/card", &whole).await.is(422).says("does not fit").says("then: [");
    let seen = owner.get("/admin/program/text").await.ok();
    let text = [("document", "program: x\n\trules: ["), ("revision", &seen.field("revision"))];
    owner.post("/admin/program/text", &text).await.is(303);
    owner.get("/admin/program/text").await.ok().says("What is wrong");
    owner.get("/admin/program").await.ok().says("cannot be read as it stands");
    owner.post("/admin/program/change", &[("act", "discard")]).await.is(303);
    assert_eq!(draft(&mut owner).await, before);
}

#[tokio::test]
async fn a_card_is_moved_to_any_place_of_its_list_and_nowhere_else() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let order = |text: &str| -> Vec<String> {
        let rules = text.split("\nrules:").nth(1).and_then(|rest| rest.split("\ntests:").next()).unwrap();
        rules.lines().filter_map(|line| line.trim().strip_prefix("- id: ")).map(str::to_owned).collect()
    };
    let before = order(&draft(&mut owner).await);
    assert!(before.len() >= 3, "{before:?}");
    let last = before.len() - 1;
    let mut revision = owner.get("/admin/program").await.ok().field("revision");
    for (from, to) in [(0, last), (last, 0), (1, 2)] {
        let was = order(&draft(&mut owner).await);
        let (at, place) = (format!("/rules/{from}"), to.to_string());
        let fields = [("act", "move"), ("at", &at), ("to", &place), ("revision", &revision)];
        owner.post("/admin/program/change", &fields).await.is(303);
        let mut wanted = was.clone();
        let moved = wanted.remove(from);
        wanted.insert(to, moved);
        assert_eq!(order(&draft(&mut owner).await), wanted, "{from} to {to}");
        revision = owner.get("/admin/program").await.ok().field("revision");
    }
    let kept = draft(&mut owner).await;
    for (at, to) in [
        ("/rules/0", "99"),
        ("/rules/99", "0"),
        ("/rules/0", "0"),
        ("/rules/0", "-1"),
        ("/rules", "1"),
        ("", ""),
    ] {
        let fields = [("act", "move"), ("at", at), ("to", to), ("revision", &revision)];
        owner.post("/admin/program/change", &fields).await.is(422);
    }
    assert_eq!(draft(&mut owner).await, kept);
}

#[tokio::test]
async fn a_marketer_publishes_and_support_reads() {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    let seen = marketer.get("/admin/program/text").await.ok();
    // The tests of the document speak of the percent that is changed.
    let text = draft(&mut marketer).await.replace("percent: 5", "percent: 6");
    let text = text.split("\ntests:").next().unwrap().to_owned();
    let fields = [("document", text.as_str()), ("revision", &seen.field("revision"))];
    marketer.post("/admin/program/text", &fields).await.is(303);
    let mut support = house.signed_in(Role::Support).await;
    support
        .get("/admin/program")
        .await
        .ok()
        .never_says("/admin/program/card?at=")
        .never_says("value=\"discard\"");
    support.get("/admin/program/card?at=%2Frules%2F0").await.is(403);
    support.get("/admin/account").await.ok();
    support.post("/admin/program/publish", &[("revision", "1")]).await.is(403);
    assert_eq!(version(&house), 1);
    let revision = marketer.get("/admin/program/publish").await.ok().field("revision");
    marketer.post("/admin/program/publish", &[("revision", &revision), ("from", "2999-01-01")]).await.is(303);
    assert_eq!(version(&house), 2);
    marketer.get("/admin/program/versions").await.ok().says("to come").says("marketer@shop.example");
    // What is to come is nobody's affair yet.
    house.browser().get("/terms/sports-store/2").await.is(404);
    marketer.get("/admin/program/new").await.ok().says("An owner or a marketer begins one");
    marketer.post("/admin/program/begin", &[("template", "b2b"), ("slug", "x")]).await.is(403);
}

#[tokio::test]
async fn a_cart_is_tried_for_guests_made_up_and_real_members() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/try").await.ok().says("By version 1");
    let mut cart = CART.to_vec();
    cart.extend([("c-has", "5000"), ("c-max", "yes")]);
    // A fifth is paid with points, and 5 % of the rest comes back.
    owner.post("/admin/try", &cart).await.ok().says("8,000").says("400").says("Why");
    let guest: Vec<_> =
        CART.iter().copied().filter(|(n, _)| *n != "c-who").chain([("c-who", "nobody")]).collect();
    owner.post("/admin/try", &guest).await.ok().says("10,000");
    for (name, value, says) in [
        ("c-price", "дорого", "A price is a number"),
        ("c-price", "", "at least one item"),
        ("c-quantity", "x", "Pieces are a number"),
        ("c-date", "вчера", "A date is a day"),
        ("c-orders", "-1", "whole number"),
        ("c-has", "x", "Points are a number"),
    ] {
        let mut cart: Vec<_> = CART.iter().copied().filter(|(known, _)| *known != name).collect();
        cart.push((name, value));
        owner.post("/admin/try", &cart).await.ok().says(says);
    }
    let mut named: Vec<_> = CART.iter().copied().filter(|(n, _)| *n != "c-who").collect();
    named.extend([("c-who", "member"), ("c-member", "+79990000000")]);
    owner.post("/admin/try", &named).await.ok().says("notice warn");
    let members = house.service().read({
        let program = only(&house);
        move |r| r.has_members(program)
    });
    assert!(!members.await.unwrap(), "trying keeps nothing");
    let mut analyst = house.signed_in(Role::Analyst).await;
    analyst.get("/admin/try").await.ok();
    analyst.post("/admin/try", &named).await.ok().says("Your role sees no members");
    let mut accountant = house.signed_in(Role::Accountant).await;
    accountant.get("/admin/try").await.is(403);
}

#[tokio::test]
async fn everybody_reads_the_terms_and_their_earlier_versions() {
    let house = house().await;
    let mut buyer = house.browser();
    buyer
        .get("/terms/sports-store")
        .await
        .ok()
        .says("Sports bonus")
        .says("A purchase of")
        .never_says("cashback");
    buyer.get("/terms/no-such").await.is(404);
    buyer.get("/terms/sports-store/7").await.is(404);
    buyer.get("/terms/sports-store/x").await.is(404);
    let text = crate::support::SPORTS.split("\ntests:").next().unwrap().replace("percent: 5", "percent: 9");
    house.publish(&text).await;
    let mut other = house.browser();
    other.get("/terms/sports-store").await.ok().says("9 %").says("/terms/sports-store/1");
    other.get("/terms/sports-store/1").await.ok().says("no longer in force").says("5 %");
    let mut cashier = house.signed_in(Role::Cashier).await;
    cashier.get("/admin/program/answers").await.ok().says("How much does a purchase bring?").says("9 %");
}

#[tokio::test]
async fn names_and_ids_with_scripts_in_them_stay_text() {
    let house = empty_house();
    let evil = "<script>alert(1)</script>";
    let text = format!(
        "program: evil\nname: \"{evil}\"\ncurrency: RUB\npoints: {{ name: \"{evil}\" }}\nrules:\n  - id: a\n    note: \"{evil}\"\n    when: order.paid\n    if: {{ shop: [\"{evil}\"] }}\n    then: [{{ credit: {{ percent: 5 }} }}]\nrewards:\n  - {{ id: r, name: \"{evil}\", cost: 5 }}\n"
    );
    house.publish(&text).await;
    let mut owner = house.signed_in(Role::Owner).await;
    for path in [
        "/admin/program",
        "/admin/program/card?at=%2Frules%2F0",
        "/admin/program/card?at=",
        "/admin/program/text",
        "/admin/program/answers",
        "/admin/try",
        "/terms/evil",
    ] {
        owner.get(path).await.ok().never_says(evil).says("&#60;script&#62;");
    }
    for at in ["%2Frules%2F9", "%2F%3Cscript%3E", "x", "%2Frules%2F0%2Fid%2Fz"] {
        owner.get(&format!("/admin/program/card?at={at}")).await.is(400);
    }
    let cart = [("c-price", evil), ("c-sku", evil), ("c-who", evil), ("c-category", "\"><img src=x>")];
    owner.post("/admin/try", &cart).await.ok().never_says(evil).never_says("<img src=x>");
}

#[tokio::test]
async fn a_program_that_is_there_is_not_begun_again() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/program/new").await.ok();
    let begun = [
        ("template", "grocery"),
        ("name", "Ещё"),
        ("slug", "sports-store"),
        ("currency", "RUB"),
        ("zone", "Europe/Moscow"),
    ];
    owner.post("/admin/program/begin", &begun).await.is(422).says("such a program already").says("Ещё");
    for (field, value) in
        [("slug", "Плохое имя"), ("currency", "РУБ"), ("zone", "Луна"), ("template", "../x")]
    {
        let mut fields: Vec<_> = begun.iter().copied().filter(|(name, _)| *name != field).collect();
        if field != "slug" {
            fields.retain(|(name, _)| *name != "slug");
            fields.push(("slug", "new-one"));
        }
        fields.push((field, value));
        owner.post("/admin/program/begin", &fields).await.is(422);
    }
    assert_eq!(house.service().programs().len(), 1);
}
