//! Points for many members: looked at first, given once, taken back whole.

use crate::webhooks::beat;
use crate::world::*;
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::points::Points;
use kopilka_service::rows::{AccrualRow, AccrualState, PartState};
use kopilka_service::*;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

on_both_engines!(
    a_segment_is_looked_at_given_once_and_taken_back,
    what_was_stopped_goes_on_where_it_stood,
    a_part_that_was_given_before_the_place_was_kept_is_given_once,
    a_page_that_a_crash_cut_is_whole_or_not_there,
    what_a_crash_cut_is_taken_back_whole,
    many_points_need_another_person_and_another_key,
    what_cannot_be_meant_is_refused,
    a_long_list_is_written_down_by_pages_and_goes_on_after_a_kill,
    a_list_from_a_file_is_taken_whole_or_not_at_all,
);

const SHOP: &str = r#"
program: shop
currency: RUB
approval: { accruals_above: 1000 }
segments: [{ id: near, if: { region: Тверь } }]
rules: [{ id: all, when: order.paid, then: [{ credit: { percent: 1 } }] }]
"#;

/// A shop with so many members of the segment and one besides.
async fn shop(near: usize) -> (World, Vec<MemberId>, MemberId) {
    let mut world = World::new().await;
    world.program = publish(&world.service, SHOP, true).await;
    world.clock("2026-03-01T12:00:00+03:00").await;
    let mut members = Vec::new();
    for n in 0..near {
        let registration = Registration {
            ext: Some(format!("near-{n}")),
            region: Some("Тверь".into()),
            ..Registration::default()
        };
        members.push(world.register(&format!("n{n}"), registration).await.member);
    }
    members.sort();
    let far = world.member("far").await;
    (world, members, far)
}

fn by(operator: &str, key: &str) -> Acting {
    Acting { operator: operator.to_owned(), key: key.to_owned() }
}

fn asked(name: &str, recipients: Recipients) -> AccrualAsked {
    AccrualAsked {
        name: name.to_owned(),
        recipients,
        active_at: None,
        expires_at: None,
        gift: false,
        reason: "sorry for the delay".to_owned(),
        input: format!("{name}-0123456789abcdef"),
    }
}

fn of_segment(points: i64) -> Recipients {
    Recipients::Segment { segment: "near".to_owned(), points: Points(points) }
}

async fn put(world: &World, asked: AccrualAsked) -> Result<AccrualRow, AccrualProblem> {
    world.service.put_accrual(world.program, asked, by("olga", "k1")).await.unwrap()
}

async fn step(world: &World, step: AccrualStep, acting: Acting) -> Result<AccrualRow, AccrualProblem> {
    world.service.step_accrual(world.program, "gift".to_owned(), step, acting).await.unwrap()
}

/// All there is to do, and how it stands then.
async fn work(world: &World) -> AccrualRow {
    let service = world.service.clone();
    let done = tokio::task::spawn_blocking(move || Accruals::new(service).run());
    done.await.unwrap().unwrap();
    row(world).await
}

async fn row(world: &World) -> AccrualRow {
    let program = world.program;
    world.service.read(move |r| r.accrual(program, "gift")).await.unwrap().unwrap()
}

async fn available(world: &World, member: MemberId) -> i64 {
    let program = world.program;
    let row = world.service.read(move |r| r.member(program, member)).await.unwrap().unwrap();
    row.member.balance_at(world.service.now(program)).available.0
}

async fn a_segment_is_looked_at_given_once_and_taken_back() {
    let (world, near, far) = shop(7).await;
    let blocked = Change::SetStatus { member: MemberRef::Id(near[2]), status: MemberStatus::Blocked };
    world.write("b", blocked).await.unwrap();
    let first = put(&world, asked("gift", of_segment(50))).await.unwrap();
    assert_eq!(first.state, AccrualState::Preparing);
    let ready = work(&world).await;
    assert_eq!((ready.state, ready.counts.members, ready.counts.points.0), (AccrualState::Ready, 7, 350));
    assert_eq!(available(&world, near[0]).await, 0, "nobody got anything yet");
    // The same request again is the same accrual; another one is refused.
    assert_eq!(put(&world, asked("gift", of_segment(50))).await, Ok(ready));
    let other = AccrualAsked { input: "another".into(), ..asked("gift", of_segment(60)) };
    assert_eq!(put(&world, other).await, Err(AccrualProblem::Taken));

    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    let done = work(&world).await;
    assert_eq!(done.state, AccrualState::Done);
    assert_eq!(done.counts.given + done.counts.refused, 7);
    assert_eq!(done.counts.given_points.0, 50 * done.counts.given);
    for member in &near {
        let wanted = if done.counts.refused == 1 && *member == near[2] { 0 } else { 50 };
        assert_eq!(available(&world, *member).await, wanted);
    }
    assert_eq!(available(&world, far).await, 0);
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    assert_eq!(work(&world).await.counts, done.counts, "started again it gives nothing");

    let world = world.reopen();
    step(&world, AccrualStep::Undo, by("petr", "k2")).await.unwrap();
    let undone = work(&world).await;
    assert_eq!((undone.state, undone.counts.undone), (AccrualState::Undone, done.counts.given));
    for member in &near {
        assert_eq!(available(&world, *member).await, 0);
    }
    let acts: Vec<&str> = undone.body.acts.iter().map(|act| act.act.as_str()).collect();
    assert_eq!(acts, ["start", "undo"]);
    world.prove().await;
}

async fn what_was_stopped_goes_on_where_it_stood() {
    let (world, near, _) = shop(4).await;
    let list = near.iter().map(|member| (*member, Points(10))).collect();
    let ready = put(&world, asked("gift", Recipients::Listed(list))).await.unwrap();
    assert_eq!((ready.state, ready.counts.members), (AccrualState::Ready, 4));
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    let stopped = step(&world, AccrualStep::Stop, by("olga", "k1")).await.unwrap();
    assert_eq!(stopped.state, AccrualState::Stopped);
    assert_eq!(work(&world).await.counts.given, 0, "nothing runs on");
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    assert_eq!(work(&world).await.counts.given, 4);
    assert_eq!(
        step(&world, AccrualStep::Stop, by("o", "k")).await,
        Err(AccrualProblem::NotNow(AccrualState::Done))
    );
    // What an operator has taken back by hand is not taken back twice.
    let program = world.program;
    let parts = world.service.read(move |r| r.accrual_parts((program, "gift"), None, MemberId(0), 9));
    let parts = parts.await.unwrap();
    assert!(parts.iter().all(|part| part.state == PartState::Given));
    let entry = parts[1].entry.unwrap();
    let reverse = Change::Reverse { member: parts[1].member, entry };
    world.write("by-hand", reverse).await.unwrap();
    step(&world, AccrualStep::Undo, by("olga", "k1")).await.unwrap();
    let undone = work(&world).await;
    assert_eq!((undone.state, undone.counts.undone), (AccrualState::Undone, 3));
    let kept = world
        .service
        .read(move |r| r.accrual_parts((program, "gift"), Some(PartState::Kept), MemberId(0), 9));
    let kept = kept.await.unwrap();
    assert_eq!((kept.len(), kept[0].member, kept[0].why.as_deref()), (1, near[1], Some("not_reversible")));
    world.prove().await;
}

/// As if the server had died after this command and before its page was written down.
async fn given_and_not_written_down(world: &World, row: &AccrualRow, member: MemberId) {
    let adjustment = kopilka_core::decide::Adjustment {
        points: Points(10),
        active_at: None,
        expires_at: None,
        gift: false,
        allow_debt: false,
    };
    let mut input_hash = [0; 16];
    input_hash.copy_from_slice(&row.body.input.as_bytes()[..16]);
    let write = Write {
        program: world.program,
        scope: "accrual".to_owned(),
        key: Some("gift".to_owned()),
        input_hash,
        operator: Some("olga".to_owned()),
        reason: Some(row.body.reason.clone()),
        change: Change::Adjust { member: MemberRef::Id(member), adjustment },
    };
    world.service.write(write).await.unwrap();
}

async fn a_part_that_was_given_before_the_place_was_kept_is_given_once() {
    let (world, near, _) = shop(3).await;
    let list = near.iter().map(|member| (*member, Points(10))).collect();
    let row = put(&world, asked("gift", Recipients::Listed(list))).await.unwrap();
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    given_and_not_written_down(&world, &row, near[0]).await;
    let done = work(&world).await;
    assert_eq!((done.state, done.counts.given), (AccrualState::Done, 3));
    for member in near {
        assert_eq!(available(&world, member).await, 10);
    }
    world.prove().await;
}

/// The shop again with an accrual that is let run, whose server dies at this step of its first page.
async fn dies_at_a_page(step_of_page: Step) -> (World, Vec<MemberId>) {
    let (world, near, _) = shop(4).await;
    let list = near.iter().map(|member| (*member, Points(10))).collect();
    put(&world, asked("gift", Recipients::Listed(list))).await.unwrap();
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    let World { place, service, program } = world;
    let armed = Arc::new(AtomicBool::new(false));
    let (dies, decided) = (armed.clone(), Mutex::new(None));
    // Only the page decides anything; other transactions of other writers go on.
    let faults = Faults::new(move |step| {
        let mut decided = decided.lock().unwrap();
        let here = std::thread::current().id();
        if step == Step::Decided && dies.load(Ordering::SeqCst) {
            *decided = Some(here);
        }
        step == step_of_page && *decided == Some(here)
    });
    service.stop();
    let service = reopened_with(service, || OpenOptions { faults: faults.clone(), ..place.options() });
    armed.store(true, Ordering::SeqCst);
    let running = service.clone();
    let ended = tokio::task::spawn_blocking(move || Accruals::new(running).run()).await.unwrap();
    assert!(ended.is_err());
    let service = reopened_with(service, || place.options());
    (World { place, service, program }, near)
}

/// The same beside a server that died: its tasks are free when its silence has been noticed.
async fn work_after_a_death(world: &World) -> AccrualRow {
    for _ in 0..100 {
        beat(&world.service);
        let row = work(world).await;
        if !row.state.is_active() {
            return row;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("nobody goes on");
}

async fn a_page_that_a_crash_cut_is_whole_or_not_there() {
    for (step_of_page, there) in [(Step::Decided, 0), (Step::Written, 0), (Step::Committed, 4)] {
        let (world, near) = dies_at_a_page(step_of_page).await;
        assert_eq!(row(&world).await.counts.given, there, "{step_of_page:?}");
        for member in &near {
            assert_eq!(available(&world, *member).await, if there == 0 { 0 } else { 10 });
        }
        assert_eq!(work_after_a_death(&world).await.counts.given, 4);
        for member in &near {
            assert_eq!(available(&world, *member).await, 10, "given once");
        }
        world.prove().await;
    }
}

async fn what_a_crash_cut_is_taken_back_whole() {
    let (world, near) = dies_at_a_page(Step::Committed).await;
    step(&world, AccrualStep::Stop, by("olga", "k1")).await.unwrap();
    step(&world, AccrualStep::Undo, by("petr", "k2")).await.unwrap();
    let undone = work_after_a_death(&world).await;
    assert_eq!((undone.state, undone.counts.given, undone.counts.undone), (AccrualState::Undone, 4, 4));
    for member in near {
        assert_eq!(available(&world, member).await, 0);
    }
    world.prove().await;
}

/// A file has one writer; this takes two.
mod beside_another_server {
    use super::*;

    on_postgres!(what_an_operator_changed_meanwhile_wins_over_a_page);

    async fn what_an_operator_changed_meanwhile_wins_over_a_page() {
        let (world, near, _) = shop(3).await;
        let list = near.iter().map(|member| (*member, Points(10))).collect();
        put(&world, asked("gift", Recipients::Listed(list))).await.unwrap();
        step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
        let World { place, service, program } = world;
        // Another process stops the accrual after the page was read and before it is written.
        let store = place.store();
        let stops = Arc::new(AtomicBool::new(false));
        let once = stops.clone();
        let faults = Faults::new(move |step| {
            if step == Step::Begun && once.swap(false, Ordering::SeqCst) {
                let seen = store.reader().unwrap().accrual(program, "gift").unwrap().unwrap();
                let stopped = AccrualRow { state: AccrualState::Stopped, ..seen.clone() };
                let writer = store.writer().unwrap();
                writer.begin().unwrap();
                assert!(writer.update_accrual(program, &stopped, (seen.state, seen.cursor)).unwrap());
                writer.commit().unwrap();
            }
            false
        });
        service.stop();
        let service = reopened_with(service, || OpenOptions { faults: faults.clone(), ..place.options() });
        let world = World { place, service, program };
        stops.store(true, Ordering::SeqCst);
        let stopped = work(&world).await;
        assert_eq!((stopped.state, stopped.counts.given), (AccrualState::Stopped, 0));
        for member in &near {
            assert_eq!(available(&world, *member).await, 0);
        }
        step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
        assert_eq!(work(&world).await.counts.given, 3);
        world.prove().await;
    }
}

async fn many_points_need_another_person_and_another_key() {
    let (world, near, _) = shop(3).await;
    let list = near.iter().map(|member| (*member, Points(400))).collect();
    put(&world, asked("gift", Recipients::Listed(list))).await.unwrap();
    for acting in [by("olga", "k1"), by("olga", "k2"), by("petr", "k1")] {
        assert_eq!(step(&world, AccrualStep::Start, acting).await, Err(AccrualProblem::SecondPerson));
    }
    step(&world, AccrualStep::Start, by("petr", "k2")).await.unwrap();
    assert_eq!(work(&world).await.counts.given_points.0, 1200);
    world.prove().await;
}

async fn what_cannot_be_meant_is_refused() {
    let (world, near, _) = shop(1).await;
    let twice = Recipients::Listed(vec![(near[0], Points(1)), (near[0], Points(2))]);
    let none = Recipients::Listed(vec![(near[0], Points(0))]);
    let past = Some(world.service.now(world.program));
    let nowhere = Recipients::Segment { segment: "far".to_owned(), points: Points(1) };
    for (asked, problem) in [
        (asked("gift", twice), AccrualProblem::ListedTwice),
        (asked("gift", none), AccrualProblem::PointsOutOfRange),
        (AccrualAsked { expires_at: past, ..asked("gift", of_segment(1)) }, AccrualProblem::PointsOutOfRange),
        (asked("gift", nowhere), AccrualProblem::SegmentUnknown),
    ] {
        assert_eq!(put(&world, asked).await, Err(problem));
    }
    assert_eq!(step(&world, AccrualStep::Start, by("o", "k")).await, Err(AccrualProblem::Unknown));
    put(&world, asked("gift", of_segment(1))).await.unwrap();
    let early = step(&world, AccrualStep::Start, by("o", "k")).await;
    assert_eq!(early, Err(AccrualProblem::NotNow(AccrualState::Preparing)));
    // The next version no longer has the segment.
    publish(&world.service, &SHOP.replace("segments: [{ id: near, if: { region: Тверь } }]\n", ""), true)
        .await;
    assert_eq!(work(&world).await.state, AccrualState::Failed);
    world.prove().await;
}

async fn a_long_list_is_written_down_by_pages_and_goes_on_after_a_kill() {
    let (world, near, _) = shop(3).await;
    let mut list: Vec<(MemberId, Points)> = near.iter().map(|member| (*member, Points(5))).collect();
    // Whoever is not there at all is refused when its turn comes.
    list.extend((0..LISTED_MAX as i64).map(|n| (MemberId(n + 1), Points(1))));
    let recipients = || Recipients::Listed(list.clone());
    let ready = put(&world, asked("gift", recipients())).await.unwrap();
    let sum = Points(15 + LISTED_MAX as i64);
    assert_eq!((ready.state, ready.counts.members, ready.counts.points), (AccrualState::Ready, 10_003, sum));
    let program = world.program;
    assert_eq!(written_down(&world).await, 10_003);

    // As a process leaves it that dies before the last page.
    let (store, unfinished) =
        (world.place.store(), AccrualRow { state: AccrualState::Listing, ..ready.clone() });
    let seen = (ready.state, ready.cursor);
    let cut = tokio::task::spawn_blocking(move || {
        let writer = store.writer().unwrap();
        writer.begin().unwrap();
        assert!(writer.update_accrual(program, &unfinished, seen).unwrap());
        writer.commit().unwrap();
    });
    cut.await.unwrap();
    let early = step(&world, AccrualStep::Start, by("olga", "k1")).await;
    assert_eq!(early, Err(AccrualProblem::NotNow(AccrualState::Listing)));
    let again = put(&world, asked("gift", recipients())).await.unwrap();
    assert_eq!((again.state, again.counts), (AccrualState::Ready, ready.counts));
    assert_eq!(written_down(&world).await, 10_003);
}

/// Members of the accrual, page by page.
async fn written_down(world: &World) -> usize {
    let (program, mut count, mut after) = (world.program, 0, MemberId(0));
    loop {
        let page = move |r: &Reader| r.accrual_parts((program, "gift"), None, after, PAGE_MAX);
        let page = world.service.read(page).await.unwrap();
        count += page.len().min(PAGE_MAX);
        match page.get(PAGE_MAX - 1) {
            Some(last) => after = last.member,
            None => return count,
        }
    }
}

async fn a_list_from_a_file_is_taken_whole_or_not_at_all() {
    let (world, near, far) = shop(2).await;
    let read = async |text: &str, each: Option<Points>| {
        let path = world.place.path().join("list.csv");
        std::fs::write(&path, encoding_rs::WINDOWS_1251.encode(text).0).unwrap();
        world.service.read_recipients(world.program, &path, (&[], each)).await.unwrap().unwrap()
    };
    let list = read(
        &format!("Участник;Код;Баллы\n;near-0;7\n;near-0;7\n{far};;\n;nobody;7\n;;7\nx;;7\n;near-1;-7\n;near-1;1,5\n;near-1;7;\n"),
        Some(Points(3)),
    )
    .await;
    let codes: Vec<(u64, &str)> = list.refused.iter().map(|row| (row.line, row.code)).collect();
    assert_eq!(
        codes,
        [
            (3, "listed_twice"),
            (5, "member_unknown"),
            (6, "identifier_missing"),
            (7, "identifier_missing"),
            (8, "points_invalid"),
            (9, "points_invalid"),
            (10, "cells_count"),
        ]
    );
    let first = world.service.find_member(world.program, MemberRef::Ext("near-0".into())).await.unwrap();
    assert_eq!(list.recipients, [(first, Points(7)), (far, Points(3))]);
    assert_eq!(read("код\nnear-0\n", None).await.refused[0].code, "points_invalid");

    let list = read("код;баллы\nnear-0;7,00\nnear-1;9\n", None).await;
    assert_eq!(list.refused, []);
    put(&world, asked("gift", Recipients::Listed(list.recipients))).await.unwrap();
    step(&world, AccrualStep::Start, by("olga", "k1")).await.unwrap();
    let done = work(&world).await;
    assert_eq!((done.state, done.counts.given_points), (AccrualState::Done, Points(16)));
    let sum = available(&world, near[0]).await + available(&world, near[1]).await;
    assert_eq!(sum, 16);
    world.prove().await;
}
