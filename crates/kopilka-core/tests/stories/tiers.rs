//! Levels in numbers: up at once, held, judged again, lost with a return; and what they bring.

use crate::property::{ORDERS, command, moves, programs};
use crate::stage::*;
use kopilka_core::decide::{TierStanding, tier_standing};
use kopilka_core::ledger::Event;
use kopilka_core::member::{Member, MemberStatus};
use kopilka_core::money::{Money, Rate};
use kopilka_core::order::{BodyStatus, OrderBody, Pricing};
use kopilka_core::program::*;
use kopilka_core::standing::{Counted, Standing};
use kopilka_core::time::{Instant, Period};
use proptest::prelude::*;

const SHOP: &str = "
program: shop
currency: RUB
timezone: Europe/Moscow
points: { ends: exact }
tiers:
  by: money_paid
  over: rolling 12 months
  levels:
    - { id: base }
    - { id: silver, from: 20000.00, rates: { cashback: 5 } }
    - { id: gold, from: 50000.00, rates: { cashback: 7 } }
rules:
  - id: cashback
    when: order.paid
    then: [{ credit: { percent: 3, rates: [{ match: { sku: book }, percent: 1 }] } }]
";

fn shop(changes: &[(&str, &str)]) -> Program {
    let mut text = SHOP.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    compiled(&text)
}

fn bench(changes: &[(&str, &str)]) -> Bench {
    Bench::new(shop(changes))
}

impl Bench {
    /// Pays an order of one article, in roubles; answers what it earns.
    fn buy(&mut self, id: &str, roubles: i64) -> i64 {
        self.run(put(order(id, BodyStatus::Paid, &[("item", 1, roubles * 100)], None))).unwrap();
        self.book.orders[&key(id)].points_earned_net().0
    }
    fn standing(&self) -> TierStanding {
        let program = self.versions.newest().unwrap();
        tier_standing(program, &self.book.member, self.now).unwrap()
    }
    fn tier(&self) -> String {
        self.standing().tier.to_string()
    }
}

fn local(text: &str) -> Instant {
    at(&format!("{text}:00+03:00"))
}

#[test]
fn the_level_before_the_order_says_its_percent() {
    let mut b = bench(&[]);
    assert_eq!((b.buy("A", 20_000), b.tier()), (600, "silver".into()));
    assert_eq!((b.buy("B", 30_000), b.tier()), (1_500, "gold".into()));
    assert_eq!(b.buy("C", 1_000), 70);
    // The percent of single lines is the rule's still.
    b.run(put(order("D", BodyStatus::Paid, &[("book", 1, 100_000)], None))).unwrap();
    assert_eq!(b.book.orders[&key("D")].points_earned_net().0, 10);
}

#[test]
fn the_level_with_the_order_says_its_percent_where_the_program_says_so() {
    let mut b = bench(&[("  over:", "  for_order: including\n  over:")]);
    assert_eq!((b.buy("A", 19_999), b.tier()), (599, "base".into()));
    assert_eq!((b.buy("B", 1), b.tier()), (0, "silver".into()));
    assert_eq!((b.buy("C", 30_000), b.tier()), (2_100, "gold".into()));
}

#[test]
fn what_is_missing_to_the_next_level_is_told() {
    let mut b = bench(&[]);
    let start = b.standing();
    assert_eq!((start.since, start.until, start.sum), (None, None, 0));
    assert_eq!(start.next.map(|n| (n.tier.to_string(), n.missing)), Some(("silver".into(), 2_000_000)));
    b.buy("A", 21_000);
    let silver = b.standing();
    assert_eq!((silver.since, silver.until), (Some(b.now), Some(local("2027-03-01T12:00"))));
    assert_eq!(silver.next.map(|n| (n.from, n.missing)), Some((5_000_000, 2_900_000)));
    b.buy("B", 50_000);
    assert_eq!(b.standing().next, None);
}

#[test]
fn a_level_is_held_a_year_and_judged_again() {
    let mut b = bench(&[]);
    b.buy("A", 20_000);
    b.until("2027-03-01T11:59:00+03:00");
    assert_eq!((b.tier(), b.standing().sum), ("silver".into(), 0), "held, though nothing counts any longer");
    b.until("2027-03-01T12:00:00+03:00");
    assert_eq!((b.tier(), b.standing().since), ("base".into(), None));

    let mut b = bench(&[]);
    b.buy("A", 20_000);
    b.now = local("2026-12-01T10:00");
    b.buy("B", 20_000);
    b.until("2027-06-01T00:00:00+03:00");
    let kept = b.standing();
    assert_eq!((kept.tier.as_str(), kept.since), ("silver", Some(local("2026-03-01T12:00"))));
    assert_eq!(kept.until, Some(local("2028-03-01T12:00")), "judged again on its day, and held anew");

    let mut b = bench(&[("  levels:", "  hold: 1 month\n  levels:")]);
    b.buy("A", 50_000);
    b.now = local("2026-08-01T10:00");
    b.buy("B", 25_000);
    b.until("2027-03-02T00:00:00+03:00");
    assert_eq!(b.tier(), "silver", "gold fell to what still counts");
}

#[test]
fn a_level_lost_by_a_return_is_lost_at_once_and_what_it_gave_stays() {
    let mut b = bench(&[]);
    b.buy("A", 20_000);
    b.now = local("2026-04-01T12:00");
    b.buy("B", 30_000);
    let earned = b.buy("C", 1_000);
    b.run(give_back("B", &[("item", 1)])).unwrap();
    let silver = b.standing();
    assert_eq!((silver.tier.as_str(), silver.since), ("silver", Some(local("2026-03-01T12:00"))));
    assert_eq!(silver.until, Some(local("2027-03-01T12:00")), "silver is as it was before gold");
    assert_eq!(earned, b.book.orders[&key("C")].points_earned_net().0);
    b.run(cancel("A")).unwrap();
    assert_eq!(b.tier(), "base");
}

#[test]
fn a_return_takes_no_level_that_was_reached_without_it() {
    let mut b = bench(&[]);
    b.buy("A", 20_000);
    b.now = local("2026-05-01T12:00");
    b.buy("B", 500);
    // The year of A is over; the level is still held, as it was renewed in between.
    b.now = local("2026-09-01T12:00");
    b.buy("C", 20_000);
    b.until("2027-04-01T00:00:00+03:00");
    b.run(give_back("B", &[("item", 1)])).unwrap();
    assert_eq!(b.tier(), "silver");
    b.until("2027-10-01T00:00:00+03:00");
    assert_eq!((b.tier(), b.standing().sum), ("silver".into(), 0), "held until March");
    b.run(give_back("A", &[("item", 1)])).unwrap();
    assert_eq!(b.tier(), "silver", "it was renewed without A");
    b.run(give_back("C", &[("item", 1)])).unwrap();
    assert_eq!(b.tier(), "base");
}

#[test]
fn days_leave_a_rolling_window_one_by_one() {
    let mut b = bench(&[]);
    b.buy("A", 19_000);
    b.now = local("2027-03-01T00:30");
    b.buy("B", 1_000);
    assert_eq!((b.tier(), b.standing().sum), ("base".into(), 100_000), "a year later the day has left");
    let mut b = bench(&[]);
    b.buy("A", 19_000);
    b.now = local("2027-02-28T23:30");
    b.buy("B", 1_000);
    assert_eq!(b.tier(), "silver");
}

#[test]
fn a_calendar_level_falls_at_the_end_of_its_year_and_grace() {
    let year: &[(&str, &str)] = &[("over: rolling 12 months", "over: calendar year\n  grace: 1 month")];
    let mut b = bench(year);
    b.buy("A", 20_000);
    assert_eq!(b.standing().until, Some(local("2027-02-01T00:00")));
    b.until("2027-01-31T23:59:00+03:00");
    assert_eq!((b.tier(), b.standing().sum), ("silver".into(), 0));
    b.until("2027-02-01T00:00:00+03:00");
    assert_eq!(b.tier(), "base");

    // Reached anew in the next year it is held to the end of that one; a return of it leaves the grace.
    let mut b = bench(year);
    b.buy("A", 15_000);
    b.buy("B", 30_000);
    b.now = local("2027-01-10T12:00");
    b.buy("C", 20_000);
    let renewed = b.standing();
    assert_eq!(
        (renewed.since, renewed.until),
        (Some(local("2026-03-01T12:00")), Some(local("2028-02-01T00:00")))
    );
    b.run(cancel("C")).unwrap();
    assert_eq!((b.tier(), b.standing().until), ("silver".into(), Some(local("2027-02-01T00:00"))));
    // Later orders of the year count for the level too: A alone does not take it.
    b.run(cancel("A")).unwrap();
    assert_eq!(b.tier(), "silver");
    b.run(cancel("B")).unwrap();
    assert_eq!(b.tier(), "base", "lost by a return: no grace");

    let mut b = bench(&[("over: rolling 12 months", "over: calendar month")]);
    b.buy("A", 20_000);
    b.until("2026-04-01T00:00:00+03:00");
    assert_eq!(b.tier(), "base");
    let mut b = bench(&[("over: rolling 12 months", "over: calendar quarter\n  hold: for_ever")]);
    b.buy("A", 20_000);
    b.until("2029-04-01T00:00:00+03:00");
    assert_eq!(b.tier(), "silver");
}

#[test]
fn orders_and_points_are_counted_as_well_as_money() {
    let orders: &[(&str, &str)] = &[
        ("by: money_paid", "by: orders"),
        ("over: rolling 12 months", "over: for_ever"),
        ("from: 20000.00", "from: 2"),
        ("from: 50000.00", "from: 3"),
    ];
    let mut b = bench(orders);
    b.buy("A", 1);
    b.now = local("2029-03-01T12:00");
    b.buy("B", 1);
    assert_eq!((b.tier(), b.standing().sum), ("silver".into(), 2));
    b.until("2039-03-01T12:00:00+03:00");
    assert_eq!((b.tier(), b.standing().until), ("silver".into(), None));
    b.run(cancel("A")).unwrap();
    assert_eq!((b.tier(), b.standing().sum), ("base".into(), 1));

    let points: &[(&str, &str)] = &[
        ("by: money_paid", "by: points_earned"),
        ("from: 20000.00", "from: 30"),
        ("from: 50000.00", "from: 300"),
    ];
    let mut b = bench(points);
    b.run(put(order("A", BodyStatus::Paid, &[("item", 2, 50_000)], None))).unwrap();
    assert_eq!((b.tier(), b.standing().sum), ("silver".into(), 30));
    b.run(give_back("A", &[("item", 1)])).unwrap();
    assert_eq!((b.tier(), b.standing().sum), ("base".into(), 15));
}

fn engine(id: &str, status: BodyStatus, lines: &[(&str, i64, i64)]) -> OrderBody {
    OrderBody { pricing: Some(Pricing::Engine), ..order(id, status, lines, None) }
}

#[test]
fn a_level_has_its_discount() {
    let ten = ("from: 20000.00,", "from: 20000.00, discount: 10,");
    let due = |b: &Bench, id: &str| b.book.orders[&key(id)].due_remaining().0;
    let mut b = bench(&[ten]);
    b.run(put(engine("A", BodyStatus::Paid, &[("item", 1, 2_000_000)]))).unwrap();
    assert_eq!(due(&b, "A"), 2_000_000);
    b.run(put(engine("B", BodyStatus::Placed, &[("item", 1, 100_000)]))).unwrap();
    assert_eq!(due(&b, "B"), 90_000);
    let line = &b.book.orders[&key("B")].lines[0];
    assert_eq!(line.discounts[0].discount, "tier-silver");
    // What comes later to an order goes by the level it was placed at.
    b.run(cancel("A")).unwrap();
    assert_eq!(b.tier(), "base");
    b.run(put(engine("B", BodyStatus::Placed, &[("item", 1, 100_000), ("more", 1, 10_000)]))).unwrap();
    assert_eq!(due(&b, "B"), 99_000);
    b.run(put(engine("C", BodyStatus::Placed, &[("item", 1, 100_000)]))).unwrap();
    assert_eq!(due(&b, "C"), 100_000);

    let mut b = bench(&[ten, ("  over:", "  for_order: including\n  over:")]);
    b.run(put(engine("A", BodyStatus::Paid, &[("item", 1, 2_000_000)]))).unwrap();
    assert_eq!(due(&b, "A"), 1_800_000, "the order itself reaches the level that prices it");
    assert_eq!(b.tier(), "base", "but only what was paid counts");
}

const RULES_OF_LEVELS: &str = "rules:
  - { id: up, when: { tier.changed: { way: up } }, then: [{ credit: { points: 10 } }] }
  - { id: down, when: { tier.changed: { way: down } }, then: [{ credit: { points: 1 } }] }
  - { id: any, when: tier.changed, if: { tier: [silver, base] }, then: [{ credit: { points: 100 } }] }
  - { id: to-gold, when: { tier.changed: { to: gold } }, then: [{ credit: { points: 1000 } }] }
  - { id: plain, when: order.paid, if: { tier: gold }, then: [{ credit: { points: 7 } }] }
";

#[test]
fn rules_hear_of_levels() {
    let mut b = bench(&[("rules:\n", RULES_OF_LEVELS)]);
    b.buy("A", 20_000);
    assert_eq!(b.net(), 600 + 10 + 100);
    b.buy("B", 30_000);
    assert_eq!(b.net(), 710 + 1_500 + 10 + 1_000);
    assert_eq!(b.buy("C", 100), 14, "seven percent and the rule for gold");
    let before = b.net();
    b.run(cancel("B")).unwrap();
    assert_eq!(b.net(), before - 1_500 + 1 + 100, "what gold gave stays");
    b.until("2027-06-01T00:00:00+03:00");
    assert_eq!((b.tier(), b.net()), ("base".into(), before - 1_500 + 1 + 100 + 1 + 100));
}

#[test]
fn guests_and_the_blocked_have_no_progress() {
    let mut b = bench(&[]);
    b.book.member.status = MemberStatus::Blocked;
    b.buy("A", 20_000);
    assert_eq!(b.tier(), "base");
    b.book.member.status = MemberStatus::Guest;
    b.buy("B", 20_000);
    assert_eq!(tier_standing(b.versions.newest().unwrap(), &b.book.member, b.now), None);
    assert!(b.book.member.standing.is_none());
}

#[test]
fn a_version_that_counts_otherwise_goes_on_with_what_was_counted() {
    let mut b = bench(&[]);
    b.buy("A", 20_000);
    let orders = shop(&[
        ("by: money_paid", "by: orders"),
        ("from: 20000.00", "from: 3"),
        ("from: 50000.00", "from: 9"),
    ]);
    b.now = local("2026-04-01T00:00");
    b.versions.push(b.now, Program { version: 2, ..orders });
    assert_eq!(b.tier(), "silver", "held as it was reached");
    assert_eq!((b.standing().sum, b.standing().next.map(|n| n.missing)), (1, Some(8)));
    b.buy("B", 1);
    b.buy("C", 1);
    b.run(cancel("A")).unwrap();
    assert_eq!((b.tier(), b.standing().sum), ("base".into(), 2), "by what it was reached with");
}

#[test]
fn a_row_from_before_levels_is_read() {
    let json = serde_json::to_string(&Member::new(kopilka_core::ids::MemberId(1))).unwrap();
    assert!(!json.contains("standing"));
    let member: Member = serde_json::from_str(&json).unwrap();
    assert_eq!(member.standing, Standing::default());
}

/// What must be as before when orders have been emptied: all but the numbers that were given out.
fn comparable(bench: &Bench) -> Standing {
    let mut standing = Standing { orders: 0, kept_from: None, ..bench.book.member.standing.clone() };
    standing.achievements.iter_mut().for_each(|p| p.first = 0);
    standing.levels.iter_mut().for_each(|h| h.upto = 0);
    standing
}

prop_compose! {
    fn with_levels()(
        p in programs(),
        by in prop_oneof![Just(Counted::MoneyPaid), Just(Counted::Orders), Just(Counted::PointsEarned)],
        over in prop_oneof![
            Just(Over::Rolling(Period::Days(30))),
            Just(Over::Calendar(CalendarPeriod::Month)),
            Just(Over::ForEver)],
        including in any::<bool>(),
        first in 1..3_i64,
        step in 1..4_i64,
        goal in 1..4_i64,
        repeat in any::<bool>(),
        discount in proptest::option::of(1..200_000_i64),
        gift in 1..50_i64,
    ) -> Program {
        let mut p = p;
        let unit = match by { Counted::MoneyPaid => 20_000, Counted::PointsEarned => 100, _ => 1 };
        let level = |id: &str, from: i64| Level {
            id: id.into(), name: Text::both(id), from: from * unit, rates: vec![("percent".into(), Rate(90_000 * from))],
            discount: discount.map(Rate),
        };
        let levels = vec![level("base", 0), level("silver", first), level("gold", first + step)];
        for level in levels.iter().filter(|l| l.discount.is_some()) {
            p.discounts.push(Discount {
                id: level.discount_id(), only_if: Condition::Tiers(vec![level.id.to_string()]),
                of: Default::default(), off: Off::Percent(level.discount.unwrap()), on: On::Order,
                max_pieces: None, cap: None, group: None, priority: 0, of_list: false,
                groups_of: None,
                bought: None,
            });
        }
        let for_order = if including && by != Counted::PointsEarned { ForOrder::Including } else { ForOrder::Before };
        let down = match over {
            Over::Rolling(_) => Down::After(Period::Days(40)),
            Over::Calendar(_) => Down::AfterPeriod(Period::Days(10)),
            Over::ForEver => Down::Never,
        };
        p.tiers = Some(Tiers { by, over, for_order, down, levels });
        for (id, counts, goal) in [
            ("money", Counted::MoneyPaid, goal * 15_000), ("orders", Counted::Orders, goal),
            ("pieces", Counted::Pieces, goal * 1_000), ("points", Counted::PointsEarned, goal * 60)] {
            p.achievements.push(Achievement { id: id.into(), name: Text::both(id), counts, event: None, goal, repeat });
        }
        p.rules.push(rule("gift", Trigger::AchievementReached, CreditAmount::Fixed(kopilka_core::points::Points(gift))));
        p
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Whatever happens to some orders, when they are emptied the levels, their dates, the sums, the counters
    /// and all points together are what they were: here with a level that was there before. Two orders, so
    /// that a row remembers all gifts of payments and completions.
    #[test]
    fn property_emptied_orders_leave_levels_and_achievements_as_they_were(
        p in with_levels(),
        before in proptest::option::of(1..90_000_i64),
        steps in proptest::collection::vec(moves(2), 1..20),
    ) {
        let mut bench = Bench::new(p);
        bench.give(1_000, None);
        if let Some(price) = before {
            let _ = bench.run(put(order("before", BodyStatus::Paid, &[("w", 1, price)], None)));
        }
        // A first order starts the achievements.
        let _ = bench.run(put(order("start", BodyStatus::Paid, &[("w", 1, 1)], None)));
        let _ = bench.run(cancel("start"));
        // Which points are taken back, waiting or available ones, depends on what had been spent.
        let all = |bench: &Bench| bench.book.member.balance_at(bench.now).outstanding();
        let (known, balance) = (comparable(&bench), all(&bench));
        for step in &steps {
            let _ = bench.run(command(step));
        }
        for order in ORDERS {
            let _ = bench.run(cancel(order));
        }
        prop_assert_eq!(comparable(&bench), known);
        prop_assert_eq!(all(&bench), balance);
    }

    /// With time passing the levels held are always those that were reached and not lost, lowest first, each
    /// once for a window, and what time does ends.
    #[test]
    fn property_levels_stand_in_order_whatever_time_does(
        p in with_levels(),
        steps in proptest::collection::vec((moves(3), 0..900_i64), 1..20),
    ) {
        let tiers = p.tiers.clone().unwrap();
        let mut bench = Bench::new(p);
        bench.give(1_000, None);
        for (step, hours) in &steps {
            bench.now = bench.now.plus_seconds(hours * 3600);
            // A refusal leaves what is due undone.
            if bench.run(command(step)).is_err() {
                continue;
            }
            let levels = &bench.book.member.standing.levels;
            let ranks: Vec<_> = levels.iter().map(|h| (tiers.rank(&h.tier).unwrap(), h.start)).collect();
            prop_assert!(ranks.is_sorted(), "{:?}", ranks);
            let mut once = ranks.clone();
            once.dedup();
            prop_assert_eq!(once.len(), ranks.len());
            for held in levels {
                prop_assert!(held.until.is_none_or(|until| until > bench.now));
            }
        }
        bench.now = bench.now.plus_seconds(400 * 86_400);
        let status = bench.book.member.status;
        bench.run(kopilka_core::decide::Command::SetStatus { status }).unwrap();
        if tiers.down != Down::Never {
            prop_assert_eq!(&bench.book.member.standing.levels, &[]);
        }
    }
}

#[test]
fn the_journal_names_the_level() {
    let mut b = bench(&[]);
    b.buy("A", 20_000);
    let changed = |e: &Event| matches!(e, Event::TierChanged { tier: Some(tier), .. } if tier == "silver");
    assert_eq!(b.events.iter().filter(|e| changed(e)).count(), 1);
    assert_eq!(b.book.orders[&key("A")].progress.unwrap().figures.paid, Money(2_000_000));
}
