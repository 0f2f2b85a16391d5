//! Coupons: one row per reason of refusal, and when a use counts in an order's life.

use crate::stage::*;
use kopilka_core::book::quote;
use kopilka_core::coupon::{CouponCode, CouponRefusal, MadeCode};
use kopilka_core::decide::{Context, codes_to_load, counters_to_load};
use kopilka_core::ids::MemberId;
use kopilka_core::member::MemberStatus;
use kopilka_core::money::Money;
use kopilka_core::order::{BodyStatus, OrderBody, OrderCoupon, Pricing};
use kopilka_core::program::Program;
use kopilka_core::refusal::Refusal;

const CAMPAIGNS: &str = r#"
program: shop
currency: RUB
timezone: Europe/Moscow
groups: { sale: best }
discounts:
  - { id: autumn, percent: 30, group: sale, if: { line: { sku: shoe } } }
coupons:
  together: all
  campaigns:
    - { id: ten, code: [TEN, TENTH], discount: { percent: 10 } }
    - { id: march, code: MARCH, from: 2026-03-02, to: 2026-03-08, discount: { amount: 300.00 } }
    - { id: over, code: FEB, to: 2026-02-28, discount: { amount: 300.00 } }
    - { id: once, code: ONCE, discount: { percent: 50 }, limits: { per_member: 1 }, on_return: give_back }
    - { id: few, code: FEW, discount: { amount: 5.00 }, limits: { total: 2 } }
    - { id: one-each, code: [EACH1, EACH2], discount: { amount: 5.00 }, limits: { per_code: 1 } }
    - { id: big, code: BIG, if: { order_total: { at_least: 1000.00 } }, discount: { amount: 100.00 } }
    - { id: hats, code: HATS, discount: { percent: 20, of: { sku: hat } } }
    - { id: sale, code: SALE, discount: { percent: 20, group: sale } }
    - { id: all-off, code: FREE, discount: { percent: 100 } }
    - { id: purse, code: PURSE, discount: { percent: 10 }, limits: { budget: 50.00 } }
    - { id: invite, codes: made, refers: true, discount: { percent: 50 } }
    - { id: gift, codes: made, discount: { amount: 50.00 } }
    - { id: double, code: DOUBLE }
rules:
  - { id: base, when: order.paid, then: [{ credit: { percent: 5 } }] }
  - { id: twice, when: order.paid, if: { coupon: double }, then: [{ multiply: { by: 2 } }] }
"#;

fn shop() -> Program {
    shop_where("together: all")
}

fn shop_where(together: &str) -> Program {
    compiled(&CAMPAIGNS.replace("together: all", together))
}

fn cart(id: &str, status: BodyStatus, sku: &str, price: i64, coupons: &[&str]) -> OrderBody {
    let coupons = coupons.iter().map(|c| (*c).into()).collect();
    OrderBody { pricing: Some(Pricing::Engine), coupons, ..order(id, status, &[(sku, 1, price)], None) }
}

impl Bench {
    /// As a store does: what the command asks for is in the book before it is decided.
    fn put_loaded(&mut self, body: OrderBody) -> Result<(), Refusal> {
        let ctx = Context { versions: &self.versions, now: self.now };
        let command = put(body);
        for what in counters_to_load(ctx, &self.book, Some(&command)) {
            let value = self.book.counters.value(&what);
            self.book.counters.load(what, value);
        }
        self.run(command).map(|_| ())
    }
    fn coupons(&self, id: &str) -> &[OrderCoupon] {
        &self.book.orders[&key(id)].coupons
    }
    fn refused(&self, id: &str) -> Vec<Option<CouponRefusal>> {
        self.coupons(id).iter().map(|c| c.refused).collect()
    }
    fn due(&self, id: &str) -> i64 {
        self.book.orders[&key(id)].due().0
    }
}

fn made(code: &CouponCode, owner: Option<MemberId>) -> MadeCode {
    MadeCode { code: code.clone(), campaign: "gift".into(), owner, expires_at: None, blocked: false }
}

/// The codes, why the last of them is refused, and what happened before.
type Row<'a> = (&'a [&'a str], CouponRefusal, Box<dyn Fn(&mut Bench)>);

#[test]
fn every_reason_has_its_case_and_the_order_is_placed_all_the_same() {
    use CouponRefusal::*;
    let gift = CouponCode::make("", 7).unwrap();
    let code = gift.printed();
    let own = [code.as_str()];
    type Before = fn(&mut Bench);
    let nothing: Before = |_| {};
    let used = |id: &str, code: &str| cart(id, BodyStatus::Paid, "x", 10_000, &[code]);
    let with = |change: fn(&mut MadeCode)| move |bench: &mut Bench| change(&mut bench.book.codes[0]);
    let use_once: Before = |b| b.put_loaded(cart("B", BodyStatus::Paid, "x", 1_000, &["ONCE"])).unwrap();
    let use_each: Before = |b| b.put_loaded(cart("B", BodyStatus::Paid, "x", 1_000, &["each1"])).unwrap();
    let use_few: Before = |b| {
        b.put_loaded(cart("B", BodyStatus::Paid, "x", 1_000, &["FEW"])).unwrap();
        b.put_loaded(cart("C", BodyStatus::Paid, "x", 1_000, &["FEW"])).unwrap();
    };
    let guest: Before = |b| b.book.member.status = MemberStatus::Guest;
    let invites: Before = |b| {
        (b.book.codes[0].campaign, b.book.codes[0].owner) = ("invite".into(), Some(b.book.member.id));
    };
    let rows: Vec<Row<'_>> = vec![
        (&["%"], Mistyped, Box::new(nothing)),
        (&["NOBODY"], Unknown, Box::new(nothing)),
        (&own, GiftCard, Box::new(with(|c| c.campaign = kopilka_core::gift::GIFT_CARD.into()))),
        (&["TEN", "t-enth"], Repeated, Box::new(nothing)),
        (&own, Blocked, Box::new(with(|c| c.blocked = true))),
        (&["MARCH"], NotStarted, Box::new(nothing)),
        (&["FEB"], Expired, Box::new(nothing)),
        (&own, Expired, Box::new(with(|c| c.expires_at = Some(at("2026-03-01T12:00:00+03:00"))))),
        (&own, NotYours, Box::new(with(|c| c.owner = Some(MemberId(9))))),
        (&own, OwnInvitation, Box::new(invites)),
        (&["ONCE"], MemberNeeded, Box::new(guest)),
        (&["EACH1"], LimitPerCode, Box::new(use_each)),
        (&["ONCE"], LimitPerMember, Box::new(use_once)),
        (&["FEW"], LimitTotal, Box::new(use_few)),
        (&["BIG"], ConditionFalse, Box::new(nothing)),
        (&["HATS"], NoMatchingLines, Box::new(nothing)),
        (&["FREE", "TEN"], NothingLeft, Box::new(nothing)),
        (&["PURSE"], OverBudget, Box::new(nothing)),
    ];
    for (codes, why, before) in rows {
        let mut bench = Bench::new(shop());
        bench.book.codes = vec![made(&gift, None)];
        before(&mut bench);
        bench.put_loaded(cart("A", BodyStatus::Paid, "x", 99_000, codes)).unwrap();
        assert_eq!(bench.refused("A").last(), Some(&Some(why)), "{codes:?}");
        assert!(bench.coupons("A").last().is_some_and(|c| !c.taken && c.uses.is_empty()), "{codes:?}");

        // Where the shop says that the order stands or falls with them, it falls, and nothing is left.
        let strict = OrderBody { coupons_required: true, ..cart("Z", BodyStatus::Paid, "x", 99_000, codes) };
        let mut bench = Bench::new(shop());
        bench.book.codes = vec![made(&gift, None)];
        before(&mut bench);
        let refusal = bench.put_loaded(strict).unwrap_err();
        assert!(matches!(refusal, Refusal::CouponRefused { why: w, .. } if w == why), "{refusal:?}");
    }
    // The campaign's other code is free still, and a made code with no owner is anybody's.
    let mut bench = Bench::new(shop());
    bench.book.codes = vec![made(&gift, None)];
    bench.put_loaded(used("B", "EACH1")).unwrap();
    bench.put_loaded(used("A", "EACH2")).unwrap();
    bench.put_loaded(used("C", &code)).unwrap();
    assert_eq!([bench.due("A"), bench.due("C")], [9_500, 5_000]);
    let all = CouponRefusal::ALL.len();
    assert_eq!(all, 19, "a new reason needs its row here");
}

#[test]
fn coupons_that_exclude_each_other() {
    use CouponRefusal::*;
    // The group takes the better of the automatic 30 % and the coupon's 20 %.
    let mut bench = Bench::new(shop());
    bench.put_loaded(cart("A", BodyStatus::Paid, "shoe", 10_000, &["SALE", "TEN"])).unwrap();
    assert_eq!((bench.refused("A"), bench.due("A")), (vec![Some(Beaten), None], 6_300));

    for (together, refused, due) in [
        ("together: best", vec![Some(AnotherCoupon), None, Some(AnotherCoupon)], 50_000),
        ("together: last", vec![Some(AnotherCoupon), Some(AnotherCoupon), None], 99_500),
        ("together: all", vec![None, None, None], 44_500),
    ] {
        let mut bench = Bench::new(shop_where(together));
        bench.put_loaded(cart("A", BodyStatus::Paid, "x", 100_000, &["TEN", "ONCE", "FEW"])).unwrap();
        assert_eq!((bench.refused("A"), bench.due("A")), (refused, due), "{together}");
    }
    // Eight at most: a ninth is no order of a person.
    let many = vec!["TEN"; 9];
    let mut bench = Bench::new(shop());
    let refusal = bench.put_loaded(cart("A", BodyStatus::Paid, "x", 100, &many)).unwrap_err();
    assert_eq!(refusal, Refusal::TooManyCoupons { coupons: 9 });
}

#[test]
fn a_use_is_reserved_used_and_given_back() {
    let uses = |b: &Bench| (b.book.member.used("coupon:once", None), b.book.counters.value("coupon:once"));
    let placed = |id: &str| cart(id, BodyStatus::Placed, "x", 1_000, &["ONCE"]);

    // A cancel frees, before and after payment.
    for status in [BodyStatus::Placed, BodyStatus::Paid] {
        let mut bench = Bench::new(shop());
        bench.put_loaded(cart("A", status, "x", 1_000, &["ONCE"])).unwrap();
        assert_eq!((uses(&bench), bench.due("A")), ((1, 1), 500));
        bench.run(cancel("A")).unwrap();
        assert_eq!((uses(&bench), bench.book.member.reserved.len()), ((0, 0), 0));
        bench.put_loaded(placed("B")).unwrap();
        assert_eq!(bench.due("B"), 500);
    }

    // A return of all gives it back only where the campaign says so.
    let mut bench = Bench::new(shop());
    bench.put_loaded(cart("A", BodyStatus::Paid, "x", 1_000, &["ONCE", "FEW"])).unwrap();
    bench.run(give_back("A", &[("x", 1)])).unwrap();
    assert_eq!((uses(&bench), bench.book.counters.value("coupon:few")), ((0, 0), 1));

    // A quote of the placed order does not count its own use; another order's does.
    let mut bench = Bench::new(shop());
    bench.put_loaded(placed("A")).unwrap();
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let due = |id: &str| quote(ctx, &bench.book, &placed(id)).unwrap().order.due().0;
    assert_eq!([due("A"), due("B")], [500, 1_000]);
}

#[test]
fn a_reservation_lapses_and_a_late_payment_takes_what_is_left() {
    let pay = |id: &str| cart(id, BodyStatus::Paid, "x", 1_000, &["ONCE"]);
    for another_used_it in [false, true] {
        let mut bench = Bench::new(shop());
        bench.put_loaded(cart("A", BodyStatus::Placed, "x", 1_000, &["ONCE"])).unwrap();
        assert_eq!(bench.book.member.reserved.len(), 1);
        bench.until("2026-04-02T00:00:00+03:00");
        assert_eq!(bench.book.member.reserved.len(), 0);
        assert_eq!(bench.book.counters.value("coupon:once"), 0);
        if another_used_it {
            bench.put_loaded(pay("B")).unwrap();
        }
        bench.put_loaded(pay("A")).unwrap();
        // The order's price was promised; the limit is not passed for it.
        assert_eq!(bench.due("A"), 500);
        assert_eq!(bench.book.counters.value("coupon:once"), 1);
        assert_eq!(bench.coupons("A")[0].taken, !another_used_it);
    }
}

#[test]
fn orders_of_one_checkout_count_one_use() {
    let part = |id: &str| OrderBody {
        checkout: Some("7".into()),
        ..cart(id, BodyStatus::Placed, "x", 1_000, &["ONCE"])
    };
    let mut bench = Bench::new(shop());
    bench.put_loaded(part("A")).unwrap();
    bench.put_loaded(part("B")).unwrap();
    assert_eq!([bench.due("A"), bench.due("B")], [500, 500]);
    assert_eq!(bench.book.counters.value("coupon:once"), 1);
    // Whichever part is cancelled first, the use counts as long as one stands.
    bench.run(cancel("A")).unwrap();
    assert_eq!(bench.book.counters.value("coupon:once"), 1);
    bench.run(cancel("B")).unwrap();
    assert_eq!(bench.book.counters.value("coupon:once"), 0);
    assert!(bench.book.member.checkouts.is_empty() && bench.book.member.uses.is_empty());
}

#[test]
fn a_coupon_can_speak_to_rules_alone() {
    let mut bench = Bench::new(shop());
    bench.put_loaded(cart("A", BodyStatus::Paid, "x", 100_000, &["DOUBLE"])).unwrap();
    bench.put_loaded(cart("B", BodyStatus::Paid, "x", 100_000, &[])).unwrap();
    let earned = |id: &str| bench.book.orders[&key(id)].points_earned_net().0;
    assert_eq!([earned("A"), earned("B")], [100, 50]);
    assert_eq!(bench.coupons("A")[0].money, Money::ZERO);
}

#[test]
fn the_shop_may_have_priced_the_order_itself() {
    let mut bench = Bench::new(shop());
    let body = cart("A", BodyStatus::Paid, "x", 1_000, &["ONCE", "BIG"]);
    bench.put_loaded(OrderBody { pricing: Some(Pricing::Shop), ..body }).unwrap();
    // Its amounts are facts; the use counts, and a condition that fails is told.
    assert_eq!((bench.due("A"), bench.book.counters.value("coupon:once")), (1_000, 1));
    assert_eq!(bench.refused("A"), [None, Some(CouponRefusal::ConditionFalse)]);
}

#[test]
fn the_store_is_asked_for_made_codes_alone() {
    let bench = Bench::new(shop());
    let ctx = Context { versions: &bench.versions, now: bench.now };
    let made = CouponCode::make("", 99).unwrap();
    let body = cart("A", BodyStatus::Paid, "x", 1, &["TEN", "WRONG", &made.printed().to_lowercase()]);
    assert_eq!(codes_to_load(ctx, &body), [made]);
}
