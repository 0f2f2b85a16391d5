//! Members of another system: whole rows, each once, with points of their own dates.

use crate::holders::set;
use crate::world::*;
use kopilka_core::holder::HolderNo;
use kopilka_core::ids::MemberId;
use kopilka_core::member::Member;
use kopilka_core::order::{BodyStatus, OrderBody, Quantity, ReturnBody, ReturnedLines};
use kopilka_core::points::Points;
use kopilka_service::import::*;
use kopilka_service::sheet::RefusedRow;
use kopilka_service::*;
use std::path::{Path, PathBuf};
use std::sync::Arc;

on_both_engines!(
    members_come_with_lots_of_their_own_dates,
    what_does_not_fit_is_told_by_its_code,
    an_import_that_was_interrupted_gives_nothing_twice,
    a_long_list_is_given_page_by_page_beside_a_till,
    a_row_of_one_person_never_reaches_another,
    what_is_known_is_kept_and_the_rest_is_added,
    a_row_of_whoever_shares_an_account_is_not_its_owners,
    what_was_bought_elsewhere_counts_once_and_gives_nothing,
    orders_of_before_count_for_levels_and_earn_nothing,
    nothing_is_made_up_for_of_before_the_move,
);

const SHOP: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
points: { precision: 2, expires: 12 months }
tags: [vip, wholesale]
attributes: [{ id: shoe-size, kind: number }, { id: club, kind: text, values: [run, ski] }]
tiers:
  by: money_paid
  over: for_ever
  levels: [{ id: base }, { id: gold, name: { en: Gold, ru: Золотой }, from: 90000.00 }]
profile: [name, phone]
rules:
  - { id: welcome, when: member.registered, then: [{ credit: { points: 500 } }] }
  - { id: profile, when: member.profile_completed, then: [{ credit: { points: 300 } }] }
  - { id: risen, when: tier.changed, then: [{ credit: { points: 200 } }] }
  - { id: silent, when: { member.inactive: { days: 60 } }, then: [{ credit: { points: 100 } }] }
  - { id: daily, when: { schedule: { every: day } }, if: { money_paid: { from: 0.01 } }, then: [{ credit: { points: 1 } }] }
  - { id: cashback, when: order.paid, then: [{ credit: { percent: 5 } }] }
"#;

async fn shop() -> World {
    let mut world = World::new().await;
    world.program = publish(&world.service, SHOP, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    world
}

fn asked(name: &str) -> ImportAsked {
    ImportAsked { name: name.to_owned(), operator: "olga".to_owned() }
}

fn file(world: &World, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
    let path = world.place.path().join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

fn list(world: &World, path: &Path, options: MemberListOptions) -> Arc<MemberList> {
    let now = world.service.now(world.program);
    let program = world.service.versions(world.program).unwrap().at(now).unwrap().clone();
    Arc::new(MemberList::open(path, (program, now), options).unwrap())
}

/// Takes at most so many rows of a list; whether the import gives or only looks.
async fn take(
    world: &World,
    list: &Arc<MemberList>,
    rows: usize,
    gives: bool,
) -> (MemberTally, Vec<RefusedRow>) {
    let mut import = MemberImport::new(&world.service, world.program, asked("move")).unwrap();
    let mut told = Vec::new();
    let passed = import.pass(list.rows().unwrap().take(rows), gives, |_, refused| {
        told.extend_from_slice(refused);
        Ok::<(), ServiceError>(())
    });
    passed.await.unwrap();
    (import.tally, told)
}

async fn import(world: &World, text: &str) -> (MemberTally, Vec<RefusedRow>) {
    let path = file(world, "list.csv", text);
    take(world, &list(world, &path, MemberListOptions::default()), usize::MAX, true).await
}

async fn member(world: &World, name: &str) -> (MemberId, Member) {
    let name = match name.strip_prefix('+') {
        Some(_) => MemberRef::Phone(name.to_owned()),
        None => MemberRef::Ext(name.to_owned()),
    };
    let id = world.service.find_member(world.program, name).await.unwrap();
    (id, world.service.book(world.program, id).await.unwrap().member)
}

/// Points, since when, until when.
fn lots(member: &Member) -> Vec<(i64, String, Option<String>)> {
    let told = |lot: &kopilka_core::ledger::Lot| {
        assert_eq!(lot.source, "import");
        (lot.free.0, lot.active_at.to_string(), lot.expires_at.map(|at| at.to_string()))
    };
    member.lots.iter().map(told).collect()
}

async fn members_come_with_lots_of_their_own_dates() {
    let world = shop().await;
    let text = "Код;Фамилия;Имя;Телефон;Дата рождения;Метки;Уровень;Дата регистрации;Баллы;Дата начисления;Сгорают;shoe-size;Комментарий\n\
        1;Ёлкина;Анна;8 912 345-67-89;10.05.1990;vip|wholesale;золотой;01.02.2019 0:00:00;1 250,50;01.02.2026;31.12.2026;38;x\n\
        1;;;;;;;;100;;бессрочно;;\n\
        2;Петров;Пётр;;;;;;;;;;\n\
        3;;;;;;;;10,00;;;;\n\
        3;;;;;;;;10;2026-04-01;2026-06-01T00:00:00+03:00;;\n";
    let (bytes, _, _) = encoding_rs::WINDOWS_1251.encode(text);
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    std::io::Write::write_all(&mut packed, &bytes).unwrap();
    let path = file(&world, "list.csv.gz", packed.finish().unwrap());
    let list = list(&world, &path, MemberListOptions::default());
    assert_eq!(list.unread(), ["Комментарий"]);
    assert!(list.columns().contains(&("points".to_owned(), "Баллы".to_owned())));

    let (looked, refused) = take(&world, &list, usize::MAX, false).await;
    assert_eq!(refused, []);
    assert_eq!((looked.all.rows, looked.new, looked.known), (5, 3, 0));
    assert_eq!((looked.lots.rows, looked.lots.points), (4, Points(137_050)));
    let program = world.service.versions(world.program).unwrap().newest().unwrap().clone();
    assert_eq!(program.currency.format(looked.liability(&program)), "1370.50");
    let months: Vec<_> = looked.by_month.iter().map(|(month, sum)| (*month, sum.points.0)).collect();
    assert_eq!(
        months,
        [(None, 10_000), (Some(MONTH_OF_PROGRAM), 1_000), (Some(202_605), 1_000), (Some(202_612), 125_050)]
    );

    let (given, refused) = take(&world, &list, usize::MAX, true).await;
    assert_eq!(refused, []);
    assert_eq!((given.lots, given.difference()), (looked.lots, Points::ZERO));
    let (id, anna) = member(&world, "1").await;
    let day = |text: &str| Some(text.to_owned());
    assert_eq!(
        lots(&anna),
        [
            (125_050, "2026-01-31T21:00:00Z".to_owned(), day("2026-12-31T21:00:00Z")),
            (10_000, "2026-03-01T09:00:00Z".to_owned(), None)
        ],
        "no welcome, no profile, no level's gift"
    );
    assert_eq!(anna.registered_at.unwrap().to_string(), "2019-01-31T21:00:00Z");
    assert_eq!(anna.tags, ["vip", "wholesale"]);
    assert_eq!(anna.standing.levels[0].tier, "gold");
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, id)).await.unwrap().unwrap();
    assert_eq!((person.name.as_deref(), person.phones[0].as_str()), (Some("Ёлкина Анна"), "+79123456789"));
    assert_eq!(person.attributes.0.len(), 1);
    assert_eq!(lots(&member(&world, "2").await.1), []);
    let (_, third) = member(&world, "3").await;
    assert_eq!(lots(&third)[0].2, day("2027-03-01T21:00:00Z"), "as the program has it for points of today");
    assert_eq!(third.balance_at(world.service.now(program)).pending, Points(1_000));
    world.prove().await;
}

async fn what_does_not_fit_is_told_by_its_code() {
    let world = shop().await;
    let heading = "id,phone,email,card,birth date,tags,tier,registered at,points,active at,expires at,club\n";
    let rows = [
        ("1,,,,,,,,5", "cells_count"),
        ("1,,,,,,,,1,50,,,", "cells_count"),
        (",,,,,,,,5,,,", "identifier_missing"),
        ("1,12,,,,,,,5,,,", "invalid_identifier"),
        ("1,,nobody,,,,,,5,,,", "invalid_identifier"),
        ("1,,,123,,,,,5,,,", "invalid_identifier"),
        ("1,,,,31.02.1990,,,,5,,,", "date_invalid"),
        ("1,,,,01.01.2030,,,,5,,,", "birth_date_impossible"),
        ("1,,,,,king,,,5,,,", "tag_unknown"),
        ("1,,,,,,diamond,,5,,,", "tier_unknown"),
        ("1,,,,,,,soon,5,,,", "date_invalid"),
        ("1,,,,,,,01.01.2030,5,,,", "occurred_in_future"),
        ("1,,,,,,,,many,,,", "points_invalid"),
        ("1,,,,,,,,1.005,,,", "points_invalid"),
        ("1,,,,,,,,-5,,,", "points_out_of_range"),
        ("1,,,,,,,,5,,28.02.2026,", "points_expired"),
        ("1,,,,,,,,5,01.06.2026,01.05.2026,", "points_out_of_range"),
        ("1,,,,,,,,5,,,chess", "attribute_value_invalid"),
        ("1,,,,,,,,5,,,run", ""),
    ];
    let text: String = rows.iter().map(|(row, _)| format!("{row}\n")).collect();
    let path = file(&world, "list.csv", format!("{heading}{text}"));
    let list_of_all = list(&world, &path, MemberListOptions::default());
    for gives in [false, true] {
        let (tally, refused) = take(&world, &list_of_all, usize::MAX, gives).await;
        let codes: Vec<(u64, &str)> = refused.iter().map(|row| (row.line, row.code)).collect();
        let expected: Vec<(u64, &str)> = (2..).zip(rows.iter().map(|(_, code)| *code)).collect();
        assert_eq!(codes, expected[..rows.len() - 1], "{gives}");
        assert!(refused.iter().all(|row| !row.why.en.is_empty() && !row.why.ru.is_empty()));
        assert_eq!((tally.all.rows, tally.new, tally.lots.points), (19, 1, Points(500)));
        assert_eq!(tally.difference(), Points::ZERO);
    }
    let options = MemberListOptions { drop_expired: true, ..MemberListOptions::default() };
    let path = file(&world, "ended.csv", "id,points,expires at\n9,7,28.02.2026\n");
    let (tally, refused) = take(&world, &list(&world, &path, options), usize::MAX, true).await;
    assert_eq!((refused, tally.dropped.points, tally.new), (vec![], Points(700), 1));
    assert_eq!(tally.difference(), Points::ZERO);
    assert_eq!(lots(&member(&world, "9").await.1), []);
    world.prove().await;
}

async fn an_import_that_was_interrupted_gives_nothing_twice() {
    let world = shop().await;
    let rows: String = (0..200)
        .map(|n| format!("{},{}.5,2026-{:02}-15\n", n % 70, n + 1, 4 + n % 3))
        .chain(["7,1,2026-04-15\n".to_owned(), "7,1,2026-04-15\n".to_owned()])
        .collect();
    let path = file(&world, "list.csv", format!("id,points,expires at\n{rows}"));
    let options = || MemberListOptions::default();
    let (first, _) = take(&world, &list(&world, &path, options()), 80, true).await;
    assert_eq!((first.lots.rows, first.new), (80, 70));
    let world = world.reopen();
    let (again, refused) = take(&world, &list(&world, &path, options()), usize::MAX, true).await;
    assert_eq!(refused, []);
    assert_eq!((again.before.rows, again.lots.rows, again.all.rows), (80, 122, 202));
    assert_eq!((again.before.points, again.difference()), (first.lots.points, Points::ZERO));
    let (third, _) = take(&world, &list(&world, &path, options()), usize::MAX, true).await;
    assert_eq!((third.before, third.lots, third.new), (third.all, Sum::default(), 0));
    let (looked, _) = take(&world, &list(&world, &path, options()), usize::MAX, false).await;
    assert_eq!((looked.before, looked.lots), (third.all, Sum::default()));
    let mut sum = Points::ZERO;
    for n in 0..70 {
        sum += lots(&member(&world, &n.to_string()).await.1).iter().map(|lot| Points(lot.0)).sum();
    }
    assert_eq!(sum, third.all.points, "the books have what the file says");

    let other = file(&world, "other.csv", "id,points,expires at\n0,999,2026-04-15\n");
    let (tally, refused) = take(&world, &list(&world, &other, options()), usize::MAX, true).await;
    assert_eq!((refused[0].code, tally.lots.rows), ("idempotency_conflict", 0), "the same lot, another sum");
    let (_, looked) = take(&world, &list(&world, &other, options()), usize::MAX, false).await;
    assert_eq!(looked[0].code, "idempotency_conflict");
    world.prove().await;
}

/// Many pages, the second rows of members far from their first; alone, and while somebody else writes.
async fn a_long_list_is_given_page_by_page_beside_a_till() {
    const ROWS: u64 = 5_000;
    const MEMBERS: u64 = 3_000;
    let world = shop().await;
    for beside in [false, true] {
        let row = |n: u64| match n % 1_000 {
            // One that cannot be read, and one that the engine would not take.
            500 => format!("{beside}-{},x,2026-04-15\n", n % MEMBERS),
            700 => format!("{beside}-{},1,2026-02-15\n", n % MEMBERS),
            _ => format!("{beside}-{},{},2026-{:02}-15\n", n % MEMBERS, n + 1, 4 + n / MEMBERS),
        };
        let rows: String = (0..ROWS).map(row).collect();
        let path = file(&world, "long.csv", format!("id,points,expires at\n{rows}"));
        let list = list(&world, &path, MemberListOptions::default());
        let till = async {
            let mut served = 0;
            while beside && world.service.find_member(world.program, ext("true-2999")).await.is_err() {
                world.member(&format!("till-{served}")).await;
                served += 1;
            }
            served
        };
        let ((tally, refused), served) = tokio::join!(take(&world, &list, usize::MAX, true), till);
        assert!(!beside || served > 0, "nobody was served meanwhile");
        let lines: Vec<(u64, &str)> = refused.iter().map(|row| (row.line, row.code)).collect();
        let expected = (0..ROWS).filter_map(|n| match n % 1_000 {
            500 => Some((n + 2, "points_invalid")),
            700 => Some((n + 2, "points_expired")),
            _ => None,
        });
        assert_eq!(lines, expected.collect::<Vec<_>>());
        let good: u64 = (0..ROWS).filter(|n| !matches!(n % 1_000, 500 | 700)).map(|n| n + 1).sum();
        assert_eq!(tally.lots.points, Points(i64::try_from(good).unwrap() * 100));
        assert_eq!((tally.all.rows, tally.difference()), (ROWS, Points::ZERO));
        for n in [0, 1_047, 1_048, 1_999] {
            let own = lots(&member(&world, &format!("{beside}-{n}")).await.1);
            assert_eq!(own.iter().map(|lot| lot.0).collect::<Vec<_>>(), [(n + 1) * 100, (n + 3_001) * 100]);
        }
        let (again, _) = take(&world, &list, usize::MAX, true).await;
        assert_eq!((again.before, again.lots), (tally.lots, Sum::default()));
    }
    world.prove().await;
}

fn ext(text: &str) -> MemberRef {
    MemberRef::Ext(text.to_owned())
}

async fn a_row_of_one_person_never_reaches_another() {
    let world = shop().await;
    let text = "id,phone,email,points\n\
        1,+79120000001,,10\n\
        2,+79120000001,,20\n\
        ,+79120000002,a@b.ru,30\n\
        3,,c@d.ru,40\n\
        ,+79120000002,c@d.ru,50\n";
    let (tally, refused) = import(&world, text).await;
    let codes: Vec<_> = refused.iter().map(|row| (row.line, row.code)).collect();
    assert_eq!(codes, [(3, "identifier_taken"), (6, "identifier_taken")]);
    assert_eq!((tally.new, tally.lots.points, tally.difference()), (3, Points(8_000), Points::ZERO));
    assert_eq!(lots(&member(&world, "1").await.1)[0].0, 1_000);
    assert_eq!(lots(&member(&world, "+79120000002").await.1)[0].0, 3_000);
    world.prove().await;
}

async fn what_is_known_is_kept_and_the_rest_is_added() {
    let world = shop().await;
    let registration = Registration {
        phones: vec!["+79120000001".to_owned()],
        name: Some("Anna".to_owned()),
        ..Registration::default()
    };
    let before = world.register("r", registration).await;
    let text = "id,phone,email,name,points\n1,89120000001,a@b.ru,Hanna,10\n";
    let (tally, refused) = import(&world, text).await;
    assert_eq!((refused, tally.new, tally.known), (vec![], 0, 1));
    let (id, member) = member(&world, "1").await;
    assert_eq!(id, before.member);
    assert_eq!(member.lots.last().unwrap().free, Points(1_000));
    let program = world.program;
    let person = world.service.read(move |r| r.person(program, id)).await.unwrap().unwrap();
    assert_eq!((person.name.as_deref(), person.emails[0].as_str()), (Some("Anna"), "a@b.ru"));
    world.prove().await;
}

async fn a_row_of_whoever_shares_an_account_is_not_its_owners() {
    let world = shop().await;
    let registration = Registration { phones: vec!["+79120000001".to_owned()], ..Registration::default() };
    let owner = world.register("r", registration).await.member;
    let before = world.available(owner).await;
    let son = set(owner, HolderNo(1), &["earn", "spend"], &["+79120000002"], &[]);
    world.write("son", son).await.unwrap();
    let path = file(&world, "list.csv", "id,phone,points\n1,+79120000001,10\n2,+79120000002,99\n");
    let list = list(&world, &path, MemberListOptions::default());
    for gives in [false, true] {
        let (tally, refused) = take(&world, &list, usize::MAX, gives).await;
        let told: Vec<_> = refused.iter().map(|row| (row.line, row.code)).collect();
        assert_eq!((told, tally.known), (vec![(3, "identifier_taken")], 1));
    }
    assert_eq!(world.available(owner).await, before + 1_000);
    world.prove().await;
}

async fn nothing_is_made_up_for_of_before_the_move() {
    let world = shop().await;
    // The rules of silence have been in force for months when the shop moves.
    world.clock("2026-09-01T12:00:00+03:00").await;
    let text = "id,registered at,points\n1,2020-01-01,10\n2,2026-08-01,10\n";
    let (tally, _) = import(&world, text).await;
    assert_eq!(tally.new, 2);
    let due = |world: &World| {
        let service = world.service.clone();
        tokio::task::spawn_blocking(move || Scheduler::new(service).run())
    };
    due(&world).await.unwrap().unwrap();
    assert_eq!(world.available(member(&world, "1").await.0).await, 1_000);
    world.clock("2026-10-01T12:00:00+03:00").await;
    due(&world).await.unwrap().unwrap();
    assert_eq!(world.available(member(&world, "1").await.0).await, 1_000);
    assert_eq!(world.available(member(&world, "2").await.0).await, 11_000, "silent for sixty days by now");
    let options = MemberListOptions { welcome: true, ..MemberListOptions::default() };
    let path = file(&world, "welcome.csv", "id,name,phone\n3,Anna,+79120000003\n");
    take(&world, &list(&world, &path, options), usize::MAX, true).await;
    assert_eq!(world.available(member(&world, "3").await.0).await, 80_000, "asked for");
    world.prove().await;
}

async fn what_was_bought_elsewhere_counts_once_and_gives_nothing() {
    let world = shop().await;
    let text = "id,orders,spent,last order,points\n\
        1,12,\"95 000,50\",2026-01-15,10\n\
        1,12,\"95 000,50\",2026-01-15,20\n\
        2,1,100,,\n3,one,100,,\n4,1,-5,,\n5,1,5,2030-01-01,\n";
    let (tally, refused) = import(&world, text).await;
    let codes: Vec<_> = refused.iter().map(|row| (row.line, row.code)).collect();
    assert_eq!(codes, [(5, "number_invalid"), (6, "number_invalid"), (7, "occurred_in_future")]);
    assert_eq!(tally.new, 2);
    let (id, first) = member(&world, "1").await;
    let (orders, paid) = (first.purchases.orders, first.purchases.paid);
    assert_eq!((orders, paid.0, first.purchases.last.len()), (12, 9_500_050, 1));
    assert_eq!(first.standing.levels[0].tier, "gold", "reached by what was bought elsewhere");
    assert_eq!(first.lots.len(), 2, "and no gift for it");
    let done = world.put(Some(id), order("A", BodyStatus::Paid, 100_000)).await.unwrap();
    assert_eq!(done.balance.available, Points(3_000 + 10_000), "from now on orders earn");
    assert_eq!(member(&world, "1").await.1.purchases.orders, 13);
    world.prove().await;
}

fn told(who: &str, id: &str, at_: &str, step: OrderStep) -> OrderRow {
    let (who, when) = (MemberRef::Ext(who.to_owned()), Some(at(at_)));
    let step = match step {
        OrderStep::Order(body) => {
            let (key, occurred_at) = (key(id), when);
            OrderStep::Order(Box::new(OrderBody { key, occurred_at, earns_nothing: true, ..*body }))
        }
        OrderStep::Return(body) => OrderStep::Return(ReturnBody { key: key(id), occurred_at: when, ..body }),
    };
    OrderRow { who, rows: vec![2], step }
}

async fn orders_of_before_count_for_levels_and_earn_nothing() {
    let world = shop().await;
    import(&world, "id,registered at\n1,2020-01-01\n2,2020-01-01\n").await;
    let bought = || OrderStep::Order(Box::new(order("", BodyStatus::Completed, 2_500_000)));
    let lines = ReturnedLines::Lines(vec![("1".into(), Quantity::ONE)]);
    let back = || OrderStep::Return(ReturnBody { lines: lines.clone(), ..whole_return() });
    let rows = || {
        let mut rows = vec![
            told("1", "A", "2024-05-01T12:00:00Z", bought()),
            told("1", "B", "2025-05-01T12:00:00Z", bought()),
            told("1", "B", "2025-05-02T12:00:00Z", back()),
            told("9", "C", "2025-05-03T12:00:00Z", bought()),
        ];
        rows.extend((0..40).map(|n| told("2", &format!("D{n}"), "2025-06-01T12:00:00Z", bought())));
        rows
    };
    let mut looking = OrderImport::new(&world.service, world.program, asked("move")).unwrap();
    let refused = looking.look(rows()).await.unwrap();
    assert_eq!((refused.len(), refused[0].code), (1, "member_unknown"));
    for run in 0..3 {
        let mut import = OrderImport::new(&world.service, world.program, asked("move")).unwrap();
        let mut rows = rows();
        // The first run is interrupted.
        rows.truncate(if run == 0 { 2 } else { rows.len() });
        let refused = import.give(rows).await.unwrap();
        let sum = import.tally.sum();
        assert!(import.tally.months.values().all(OrderMonth::adds_up), "{sum:?}");
        let (given, before) = [(2, 0), (40, 2), (0, 42)][run];
        assert_eq!(
            (sum.given.orders, sum.before.orders, refused.len()),
            (given, before, usize::from(run > 0))
        );
        assert_eq!((sum.given.returns, sum.before.returns), [(0, 0), (1, 0), (0, 1)][run]);
        assert_eq!(import.tally.refunded.0, [0, 2_500_000, 0][run]);
        match run {
            0 => assert_eq!(import.tally.months[&202_405].given.money.0, 5_000_000),
            _ => assert_eq!(looking.tally.sum().all, sum.all),
        }
    }
    let (_, first) = member(&world, "1").await;
    assert_eq!((first.lots.len(), first.purchases.orders, first.purchases.paid.0), (0, 2, 7_500_000));
    assert_eq!(first.standing.levels, [], "75,000 is not 90,000");
    let (_, second) = member(&world, "2").await;
    assert_eq!((second.lots.len(), second.standing.levels[0].tier.as_str()), (0, "gold"));
    assert_eq!(second.purchases.last.last().unwrap().to_string(), "2025-06-01T12:00:00Z");
    world.prove().await;
}

fn whole_return() -> ReturnBody {
    ReturnBody { key: key(""), lines: ReturnedLines::All, delivery: false, occurred_at: None }
}
