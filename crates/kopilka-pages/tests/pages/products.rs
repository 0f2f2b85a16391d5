//! The goods: found, changed, and whatever stands in them.

use crate::members::SCRIPT;
use crate::support::{Browser, House, house};
use kopilka_core::product::Product;
use kopilka_service::Role;

async fn office() -> (House, Browser) {
    let house = house().await;
    let mut marketer = house.signed_in(Role::Marketer).await;
    marketer.get("/admin/products").await.ok().says("There are no goods yet");
    let product = |sku: &str, name: &str, category: &str| Product {
        sku: sku.to_owned(),
        name: name.to_owned(),
        category: Some(category.into()),
        ..Product::default()
    };
    let goods = vec![
        product("RUN-1", "Кроссовки лёгкие", "shoes/running"),
        product("HIK/1 2", "Ботинки", "shoes/hiking"),
        product("TEE-1", SCRIPT, "clothes"),
    ];
    house.service().put_products(house.program(), goods).await.unwrap();
    (house, marketer)
}

#[tokio::test]
async fn goods_are_found_by_number_name_and_category() {
    let (_house, mut marketer) = office().await;
    let all = marketer.get("/admin/products").await.ok().says("RUN-1").says("TEE-1").never_says(SCRIPT);
    all.says("/admin/products/HIK%2F1%202").says("/admin/products?category=shoes%2Frunning");
    for (query, finds, not) in [
        ("find=run", "RUN-1", "TEE-1"),
        ("find=%D0%BB%D0%B5%D0%B3%D0%BA%D0%B8%D0%B5", "RUN-1", "TEE-1"),
        ("category=shoes", "RUN-1", "TEE-1"),
        ("category=clothes&find=run", "Nothing of this", "<th><a"),
        ("find=%3Cscript%3Ealert(1)%3C%2Fscript%3E", "TEE-1", SCRIPT),
    ] {
        marketer.get(&format!("/admin/products?{query}")).await.ok().says(finds).never_says(not);
    }
}

#[tokio::test]
async fn an_article_is_changed_whole_with_terms_of_its_own() {
    let (house, mut marketer) = office().await;
    marketer.get("/admin/products/HIK%2F1%202").await.ok().says("value=\"shoes/hiking\"");
    let form = [
        ("known", "yes"),
        ("sku", "HIK/1 2"),
        ("name", "Ботинки тёплые"),
        ("category", "shoes/hiking"),
        ("tags", "new, warm\nwinter"),
        ("price", "1 234,50"),
        ("spend_share", "30 %"),
        ("recommended_price", "1000"),
        ("points", "5"),
    ];
    let goal = marketer.post("/admin/products", &form).await.goal().to_owned();
    assert_eq!(goal, "/admin/products/HIK%2F1%202?done=saved");
    marketer.get(&goal).await.ok().says("value=\"1234.50\"").says("value=\"30\"").says("new, warm\nwinter");
    marketer.get("/admin/products?find=hik").await.ok().says("points pay up to 30 %").says("not below");
    let program = house.program();
    let stored =
        house.service().read(move |reader| reader.product(program, "HIK/1 2")).await.unwrap().unwrap();
    assert_eq!((stored.price.unwrap().0, stored.tags.len()), (123_450, 2));
    marketer.get("/admin/audit").await.is(403);
}

#[tokio::test]
async fn what_cannot_be_meant_comes_back_and_says_where() {
    let (_house, mut marketer) = office().await;
    let base = [("sku", "NEW-1"), ("name", SCRIPT)];
    for (field, says) in [
        (("price", "-1"), "price"),
        (("price", "dear"), "dear"),
        (("spend_share", "101"), "share that points may pay"),
        (("sku", "RUN-1"), "is there already"),
        (("name", ""), "name"),
    ] {
        let mut form = base.to_vec();
        form.retain(|(name, _)| *name != field.0);
        form.push(field);
        marketer.post("/admin/products", &form).await.is(422).says(says).never_says(SCRIPT);
    }
    let mut both = base.to_vec();
    both.extend([("points", "5"), ("points_percent", "5")]);
    marketer.post("/admin/products", &both).await.is(422);
    marketer.post("/admin/products", &base).await.is(303);
    marketer.get("/admin/products/NEW-1").await.ok().never_says(SCRIPT);
    marketer.get("/admin/products/NONE").await.is(404).says("product_unknown");
}

#[tokio::test]
async fn whoever_only_reads_goods_changes_none() {
    let (house, _marketer) = office().await;
    let mut analyst = house.signed_in(Role::Analyst).await;
    analyst.get("/admin/products").await.ok().says("RUN-1").never_says("?new=1");
    analyst.get("/admin/products/RUN-1").await.ok().says("readonly").never_says("class=\"main\"");
    analyst.post("/admin/products", &[("sku", "RUN-1"), ("name", "x")]).await.is(403).says("door_closed");
    house.signed_in(Role::Cashier).await.get("/admin/products").await.is(403);
}
