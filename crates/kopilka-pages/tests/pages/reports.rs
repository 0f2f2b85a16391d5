//! Reports and the home page: figures of what was bought, as a page and as files.

use crate::support::house;
use axum::http::header;
use kopilka_service::Role;

#[tokio::test]
async fn an_empty_program_says_that_there_is_nothing_to_count_yet() {
    let house = house().await;
    let mut owner = house.signed_in(Role::Owner).await;
    owner.get("/admin").await.ok().says("Nothing was bought yet").says("Points outstanding");
    for name in ["activity", "points", "liability", "cohorts", "customers"] {
        owner.get(&format!("/admin/reports/{name}")).await.ok().says("There is nothing to count yet");
    }
    let seen = owner.post("/admin/reports/count", &[("report", "cohorts")]).await;
    assert_eq!(seen.goal(), "/admin/reports/cohorts?done=counted");
    owner.visit("/admin/reports").await.ok();
}

#[tokio::test]
async fn a_report_comes_as_files_too_and_an_unknown_one_does_not() {
    let house = house().await;
    let mut analyst = house.signed_in(Role::Analyst).await;
    let csv = analyst.get("/admin/reports/activity.csv").await.ok();
    assert!(csv.text.starts_with("Month,Customers,For the first time"), "{}", csv.text);
    let disposition = csv.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"activity.csv\"");
    let request =
        analyst.request("GET", "/admin/reports/points.xlsx").body(axum::body::Body::empty()).unwrap();
    let bytes = analyst.bytes(request).await;
    assert!(bytes.starts_with(b"PK"));
    for name in ["no-such", "activity.pdf", "..", "activity.csv.csv"] {
        analyst.get(&format!("/admin/reports/{name}")).await.is(404);
    }
}

#[tokio::test]
async fn support_finds_its_ways_at_home_and_no_figures() {
    let house = house().await;
    let mut support = house.signed_in(Role::Support).await;
    support.get("/admin").await.ok().never_says("Points outstanding");
    support.get("/admin/reports/points").await.is(403).says("Accountant");
}
