//! Achievements in numbers: progress, goals once and again, and what a return takes back.

use crate::stage::*;
use kopilka_core::decide::achievement_standings;
use kopilka_core::order::BodyStatus;
use kopilka_core::program::Program;

const SHOP: &str = "
program: shop
currency: RUB
timezone: Europe/Moscow
points: { ends: exact }
achievements:
  - { id: spent-20k, counts: money_paid, goal: 20000.00 }
  - { id: fifth, counts: orders, goal: 5, repeat: true }
  - { id: dozen, counts: pieces, goal: 12, repeat: true }
rules:
  - { id: collector, when: achievement.reached, if: { achievement: spent-20k }, then: [{ credit: { points: 500 } }] }
  - { id: dozens, when: achievement.reached, if: { achievement: dozen }, then: [{ credit: { points: 30, expires: 10 days } }] }
  - { id: known, when: order.paid, if: { achievement: [spent-20k, fifth] }, then: [{ credit: { points: 1 } }] }
";

fn shop() -> Program {
    compiled(SHOP)
}

impl Bench {
    fn buys(&mut self, id: &str, pieces: i64, roubles: i64) {
        self.run(put(order(id, BodyStatus::Paid, &[("item", pieces, roubles * 100)], None))).unwrap();
    }
    /// Progress in whole units of what is counted, and how often it was reached.
    fn achieved(&self, id: &str) -> (i64, u32) {
        let all = achievement_standings(self.versions.newest().unwrap(), &self.book.member);
        let found = all.iter().find(|a| a.achievement == id).unwrap();
        (found.progress, found.reached)
    }
}

#[test]
fn an_achievement_is_reached_once_and_taken_back_with_what_it_gave() {
    let mut b = Bench::new(shop());
    assert_eq!(b.achieved("spent-20k"), (0, 0));
    b.buys("A", 1, 15_000);
    assert_eq!((b.achieved("spent-20k"), b.net()), ((1_500_000, 0), 0));
    b.buys("B", 1, 5_000);
    assert_eq!((b.achieved("spent-20k"), b.net()), ((2_000_000, 1), 500));
    b.buys("C", 1, 40_000);
    assert_eq!((b.achieved("spent-20k"), b.net()), ((6_000_000, 1), 501), "once; and other rules know of it");
    b.run(cancel("C")).unwrap();
    assert_eq!((b.achieved("spent-20k"), b.net()), ((2_000_000, 1), 500));
    b.run(cancel("A")).unwrap();
    assert_eq!((b.achieved("spent-20k"), b.net()), ((500_000, 0), 0), "any return undoes it");
    b.buys("D", 1, 15_000);
    assert_eq!((b.achieved("spent-20k"), b.net()), ((2_000_000, 1), 500), "and it can be reached again");
}

#[test]
fn spent_points_of_a_lost_achievement_become_a_debt() {
    let mut b = Bench::new(shop());
    b.buys("A", 1, 20_000);
    let wanted = Some(kopilka_core::order::PointsAsk::Exact(kopilka_core::points::Points(500)));
    b.run(put(order("B", BodyStatus::Paid, &[("item", 1, 100_000)], wanted))).unwrap();
    let done = b.run(cancel("A")).unwrap();
    let kopilka_core::decide::Outcome::Returned(outcome) = done.outcome else { panic!() };
    assert_eq!((outcome.taken_back.0, outcome.not_recovered.0), (500, 499));
    assert_eq!(b.book.member.debt().0, 499, "the point of order B paid the first of them");
}

#[test]
fn a_repeated_achievement_gives_at_every_goal() {
    let mut b = Bench::new(shop());
    b.buys("A", 30, 1);
    assert_eq!((b.achieved("dozen"), b.net()), ((30_000, 2), 60));
    b.buys("B", 7, 1);
    assert_eq!((b.achieved("dozen"), b.net()), ((37_000, 3), 90));
    b.run(give_back("A", &[("item", 2)])).unwrap();
    assert_eq!((b.achieved("dozen"), b.net()), ((35_000, 2), 60));
    b.run(give_back("A", &[("item", 12)])).unwrap();
    assert_eq!((b.achieved("dozen"), b.net()), ((23_000, 1), 30));
    // Points that burnt unspent are not taken again.
    b.until("2026-04-01T12:00:00+03:00");
    assert_eq!(b.net(), 0);
    b.run(cancel("A")).unwrap();
    assert_eq!((b.achieved("dozen"), b.net()), ((7_000, 0), 0));
}

#[test]
fn an_achievement_of_a_later_version_begins_with_the_next_order() {
    let mut b = Bench::new(shop());
    b.buys("A", 1, 10);
    let mut later = shop();
    later.version = 2;
    let first = later.achievements.remove(0);
    later.achievements.push(kopilka_core::program::Achievement { id: "new".into(), ..first });
    b.now = at("2026-04-01T00:00:00+03:00");
    b.versions.push(b.now, later);
    b.buys("B", 1, 20_000);
    assert_eq!(b.achieved("new"), (2_000_000, 1));
    assert!(b.book.member.standing.progress("spent-20k").is_none(), "what is no more is forgotten");
    b.run(cancel("A")).unwrap();
    assert_eq!((b.achieved("new"), b.achieved("fifth")), ((2_000_000, 1), (1, 0)));
}
