//! Who works here.

use crate::support::house;
use kopilka_service::{Grant, Role};

#[tokio::test]
async fn an_owner_invites_changes_a_role_and_takes_somebody_out() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin/team").await.ok();
    let seen = owner.post("/admin/team/invite", &[("name", "Олег"), ("role", "marketer")]).await.ok();
    let link = seen.text.split("/admin/start/").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    // A second one was a mistake: it is taken back from the list of those that wait.
    let wrong = owner.post("/admin/team/invite", &[("name", "Ошибка"), ("role", "owner")]).await.ok();
    let wrong = wrong.text.split("/admin/start/").nth(1).and_then(|rest| rest.split('<').next()).unwrap();
    let open = house.service().open_invitations().await.unwrap();
    let id = &open.iter().find(|one| one.name == "Ошибка").unwrap().id;
    owner.get("/admin/team").await.ok().says("Ошибка").says(id);
    owner.post("/admin/team/change", &[("act", "withdraw"), ("invitation", id)]).await.is(303);
    owner.get("/admin/team").await.ok().says("Олег").never_says("Ошибка");
    house.browser().get(&format!("/admin/start/{wrong}")).await.never_says("Owner");
    owner.post("/admin/team/change", &[("act", "withdraw"), ("invitation", id)]).await.is(422);
    let mut oleg = house.browser();
    let start = format!("/admin/start/{link}");
    oleg.get(&start).await.ok().says("Marketer");
    let password = crate::support::PASSWORD;
    let account =
        [("name", "Олег"), ("login", "oleg@shop.example"), ("password", password), ("again", password)];
    assert_eq!(oleg.post(&start, &account).await.goal(), "/admin");
    oleg.get("/admin/team").await.is(403).says("These do: Owner");

    let all = house.service().operators().await.unwrap();
    let id = all.iter().find(|operator| operator.login == "oleg@shop.example").unwrap().id.to_string();
    owner.get("/admin/team").await.ok();
    let seen =
        owner.post("/admin/team/change", &[("operator", &id), ("act", "role"), ("role", "analyst")]).await;
    assert_eq!(seen.goal(), "/admin/team?done=saved");
    oleg.get("/admin/account").await.ok().says("Analyst");
    owner.post("/admin/team/change", &[("operator", &id), ("act", "disable")]).await.is(303);
    oleg.get("/admin/account").await.is(303);
    owner.get("/admin/audit").await.ok().says("changed somebody in the team").says("invited somebody");
}

#[tokio::test]
async fn an_owner_of_one_program_sees_its_people_and_its_audit_and_begins_no_other() {
    let house = house().await;
    let other = house.publish("program: other\ncurrency: RUB\nrules: []\n").await;
    let mut everywhere = house.signed_in(Role::Owner).await;
    let own = |role| vec![Grant { program: Some(other), role }];
    let first = house.service().programs()[0].id;
    house.signed_in_with("cashier@other.example", own(Role::Cashier)).await;
    let mut local = house.signed_in_with("local@other.example", own(Role::Owner)).await;
    local.get("/admin/team").await.ok().says("cashier@other.example").says("local@other.example");
    let marketer = vec![Grant { program: Some(first), role: Role::Marketer }];
    house.signed_in_with("marketer@shop.example", marketer).await;
    local.get("/admin/team").await.ok().never_says("marketer@shop.example");
    everywhere.get("/admin/team").await.ok().says("marketer@shop.example").says("cashier@other.example");
    everywhere.post("/admin/team/invite", &[("name", "x"), ("role", "analyst")]).await.ok();
    local.get("/admin/audit").await.ok().never_says("owner@shop.example");
    everywhere.get("/admin/audit").await.ok().says("owner@shop.example");
    local.get("/admin/program/new").await.ok();
    let begun = [("template", "b2b"), ("slug", "mine"), ("name", "x"), ("currency", "RUB"), ("zone", "UTC")];
    local.post("/admin/program/begin", &begun).await.is(403);
}

#[tokio::test]
async fn the_last_owner_stays() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    let id = house.service().operators().await.unwrap()[0].id.to_string();
    for act in [&[("act", "disable")][..], &[("act", "role"), ("role", "cashier")]] {
        let mut fields = act.to_vec();
        fields.push(("operator", &id));
        owner.post("/admin/team/change", &fields).await.is(422).says("last owner");
    }
}
