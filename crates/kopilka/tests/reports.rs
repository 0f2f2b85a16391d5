//! `kopilka report …` as an owner's spreadsheet reads it.

use kopilka_core::decide::Adjustment;
use kopilka_core::ids::{MemberId, ProgramId};
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, LineBody, OrderBody, OrderKey, Quantity};
use kopilka_core::points::Points;
use kopilka_core::time::{Day, Instant};
use kopilka_service::{Change, FraudAsked, MemberRef, OpenOptions, Publish, Registration, Service, Write};
use std::path::Path;
use std::process::{Command, Output};
use std::time::Duration;

const PROGRAM: &str = "program: shop\ncurrency: RUB\ntimezone: Europe/Moscow\npoints: { ends: exact }\n\
    fraud: { max_purchases_per_day: 1 }\nrules: []\n";

fn kopilka(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_kopilka")).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn at(text: &str) -> Instant {
    Instant::parse(text).unwrap()
}

fn ask(program: ProgramId, key: &str, change: Change) -> Write {
    let operator = Some("anna".to_owned());
    let (scope, reason) = ("test".to_owned(), Some("a test".to_owned()));
    Write { program, scope, key: Some(key.to_owned()), input_hash: [0; 16], operator, reason, change }
}

fn bought(id: &str) -> OrderBody {
    let key = OrderKey { shop: "North, 2".into(), order: id.into() };
    let lines = vec![LineBody::goods("1", "ball", Quantity::ONE, Money(100_050))];
    OrderBody { cashier: Some("\"k1\"".into()), ..OrderBody::plain(key, BodyStatus::Paid, lines) }
}

/// A member with points that burn, and two purchases; the lists are up to date when it ends.
async fn prepared(dir: &Path) -> MemberId {
    let service = Service::open(OpenOptions::in_dir(dir)).unwrap();
    let (text, author) = (PROGRAM.to_owned(), "test".to_owned());
    let publish = Publish { text, author, note: String::new(), sandbox: true, effective_from: None };
    let program = service.publish(publish).await.unwrap().program;
    service.set_clock(program, at("2026-03-01T12:00:00+03:00")).await.unwrap();
    let registration = Registration { ext: Some("1".to_owned()), ..Registration::default() };
    let member = service.write(ask(program, "r", Change::Register(registration))).await.unwrap().member;
    let adjustment = Adjustment {
        points: Points(500),
        active_at: None,
        expires_at: Some(at("2026-03-05T12:00:00+03:00")),
        gift: false,
        allow_debt: false,
    };
    let credit = Change::Adjust { member: MemberRef::Id(member), adjustment };
    service.write(ask(program, "c", credit)).await.unwrap();
    for id in ["a", "b"] {
        let member = Some(MemberRef::Id(member));
        let put = Write { key: None, ..ask(program, "", Change::PutOrder { member, body: bought(id) }) };
        service.write(put).await.unwrap();
    }
    let background = service.start_background();
    let day = Day::parse("2026-03-01").unwrap();
    for _ in 0..400 {
        let asked = FraudAsked { day, shop: None, after: None, limit: 1 };
        let purchases = service.fraud_report(program, asked).await.unwrap();
        let lots = service.expiring_report(program, 7, None, 1).await.unwrap();
        if !purchases.as_of.behind && !lots.as_of.behind {
            break;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    background.stop();
    service.stop();
    member
}

#[test]
fn reports_are_csv_with_the_moment_they_are_of_beside_it() {
    let place = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let member = runtime.block_on(prepared(place.path()));
    let data = place.path().display().to_string();
    let expiring = kopilka(&["report", "expiring", "--within-days", "7", "--data", &data]);
    assert_eq!(
        text(&expiring.stdout),
        format!(
            "member,points,expires_at,last_day,balance,pending,held\n\
             {member},500,2026-03-05T12:00:00+03:00,2026-03-05,500,0,0\n"
        ),
        "{expiring:?}"
    );
    assert!(text(&expiring.stderr).starts_with("as of 2026-03-01T12:00:00+03:00, up to entry e_"));
    assert!(!text(&expiring.stderr).contains("later entries"), "{expiring:?}");
    let sooner = kopilka(&["report", "expiring", "--within-days", "3", "--data", &data]);
    assert_eq!(text(&sooner.stdout).lines().count(), 1, "the heading alone");
    let fraud = kopilka(&["report", "fraud", "--day", "2026-03-01", "--data", &data]);
    let time = "2026-03-01T12:00:00+03:00";
    assert_eq!(
        text(&fraud.stdout),
        format!(
            "member,purchases,shop,cashier,money,points,first_at,last_at\n\
             {member},2,\"North, 2\",\"\"\"k1\"\"\",2001.00,0,{time},{time}\n"
        ),
        "{fraud:?}"
    );
}

#[test]
fn a_report_refuses_what_it_cannot_mean() {
    for (arguments, why) in [
        (["report", "expiring", "--within-days", "0"], "0 is not in 1..=366"),
        (["report", "expiring", "--within-days", "367"], "367 is not in 1..=366"),
        (["report", "fraud", "--day", "2026-02-30"], "a day such as 2026-03-01 is needed"),
        (["report", "fraud", "--data", "nowhere"], "--day"),
    ] {
        let refused = kopilka(&arguments);
        assert!(!refused.status.success());
        assert!(text(&refused.stderr).contains(why), "{refused:?}");
    }
}
