//! Keys and webhooks.

use crate::support::house;
use kopilka_service::Role;

#[tokio::test]
async fn a_key_is_shown_once_works_and_is_taken_back() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/keys").await.ok().says("There are no keys yet");
    owner.post("/admin/keys/create", &[("name", ""), ("kind", "all")]).await.is(422).says("needs a name");
    owner.post("/admin/keys/create", &[("name", "x"), ("kind", "some")]).await.is(422).says("Choose the");
    let both = [("name", "x"), ("kind", "all"), ("scope", "quote")];
    owner.post("/admin/keys/create", &both).await.is(422).says("Choose the");
    let name = "<script>alert(1)</script>";
    let seen =
        owner.post("/admin/keys/create", &[("name", name), ("shop", "main"), ("kind", "till")]).await.ok();
    let seen = seen.never_says("<script>alert");
    let secret = seen.text.split("kop_test_").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let secret = format!("kop_test_{secret}");
    let caller = house.service().authenticate(&secret).expect("the key that was shown");
    assert_eq!((caller.shop.as_str(), caller.scopes.join(",")), ("main", "pos".to_owned()));
    owner.get("/admin/keys").await.ok().never_says(&secret);
    let id = caller.key_id.clone();
    owner.post("/admin/keys/revoke", &[("key", &id)]).await.is(303);
    assert!(house.service().authenticate(&secret).is_none());
}

#[tokio::test]
async fn a_key_of_another_program_is_not_this_pages() {
    let house = house().await;
    let other = house.publish("program: other\ncurrency: RUB\nrules: []\n").await;
    let new = kopilka_service::NewKey {
        program: other,
        shop: String::new(),
        name: "theirs".to_owned(),
        scopes: vec!["all".to_owned()],
    };
    let (key, secret) = house.service().create_key(new).await.unwrap();
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/keys").await.ok().never_says("theirs");
    owner.post("/admin/keys/revoke", &[("key", &key.id)]).await.says("key_unknown");
    assert!(house.service().authenticate(&secret).is_some());
}

#[tokio::test]
async fn a_webhook_is_added_turned_off_and_deleted_and_a_bad_address_is_refused() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/webhooks").await.ok().says("No webhooks yet");
    for url in ["", "ftp://x", "http://10.0.0.1/", "https://127.0.0.1/"] {
        owner.post("/admin/webhooks", &[("url", url)]).await.is(422);
    }
    owner.post("/admin/webhooks", &[("url", "https://shop.example/h"), ("event", "no.such")]).await.is(422);
    let fields =
        [("url", "https://shop.example/h"), ("description", "<b>1C</b>"), ("event", "points.accrued")];
    let seen = owner.post("/admin/webhooks", &fields).await.ok().says("whsec_").never_says("<b>1C");
    let id = seen.text.split("/admin/webhooks/").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    let path = format!("/admin/webhooks/{id}");
    owner.get(&path).await.ok().says("points.accrued").says("It was told nothing yet").never_says("whsec_");
    owner.post(&path, &[("act", "disable")]).await.is(303);
    owner.get(&path).await.ok().says("Turn on");
    owner.post(&path, &[("act", "replay"), ("since", "yesterday")]).await.is(422);
    owner.post(&path, &[("act", "replay"), ("since", "2026-01-01")]).await.is(303);
    owner.post(&path, &[("act", "nonsense")]).await.is(400);
    owner.post(&path, &[("act", "delete")]).await.is(303);
    owner.get(&path).await.is(404);
    owner.get("/admin/webhooks/nonsense").await.is(404);
}
