//! Program documents of a seed: the same few rules with other figures, delays, roundings and policies.

mod moments;
mod shelf;

use crate::dice::Dice;
pub use shelf::*;

/// Balances are counted in the units of the first version, so later ones keep them.
#[derive(Debug, Clone, Copy)]
pub struct Units {
    precision: u32,
}

impl Units {
    pub fn draw(dice: &mut Dice) -> Units {
        Units { precision: dice.pick(&[0, 0, 0, 1, 2]) }
    }
    /// Smallest units in a point.
    pub fn scale(self) -> i64 {
        10_i64.pow(self.precision)
    }
}

/// A document as JSON.
pub fn draw(dice: &mut Dice, units: Units) -> String {
    let zone = dice.pick(&["Europe/Moscow", "UTC", "America/New_York"]);
    let parts = [
        r#""program": "simulated", "currency": "RUB""#.to_owned(),
        format!(r#""timezone": "{zone}""#),
        points(dice, units),
        accrual(dice),
        spending(dice),
        holds(dice),
        returns(dice),
        transfers(dice),
        format!(r#""groups": {{"bonus": "{}"}}"#, dice.pick(&["best", "first", "sum", "exclusive"])),
        r#""attributes": [{"id": "group", "kind": "text", "values": ["vip", "staff"]}]"#.to_owned(),
        r#""events": [{"id": "visit"}, {"id": "review"}]"#.to_owned(),
        tiers(dice),
        ACHIEVEMENTS.to_owned(),
        moments::PROFILE.to_owned(),
        moments::OFFERS.to_owned(),
        moments::TAGS.to_owned(),
        moments::SEGMENTS.to_owned(),
        rules(dice),
        discounts(dice),
        coupons(dice),
        gift_cards(dice),
        rewards(),
    ];
    let told = parts.iter().filter(|part| !part.is_empty()).map(String::as_str);
    format!("{{{}}}", told.collect::<Vec<_>>().join(",\n "))
}

fn points(dice: &mut Dice, units: Units) -> String {
    let value = dice.pick(&["1.00", "1.00", "0.50", "0.10", "0.03", "1.50"]);
    let rounding = dice.pick(&["floor", "half_up", "half_even", "ceil"]);
    let expires = dice.pick(&["never", "10 days", "1 month", "1 year"]);
    let ends = dice.pick(&["end_of_day", "exact"]);
    format!(
        r#""points": {{"value": {value}, "precision": {}, "rounding": "{rounding}", "expires": "{expires}",
  "ends": "{ends}"}}"#,
        units.precision
    )
}

fn accrual(dice: &mut Dice) -> String {
    let after = dice.pick(&["0 days", "36 hours", "14 days", "1 month"]);
    let lines = dice.pick(&["goods", "goods", "all"]);
    let amount = dice.pick(&["paid", "paid", "before_points", "list"]);
    let tax = dice.pick(&["included", "excluded"]);
    let from = dice.pick(&["", "", r#""from": "completed", "complete_after": "10 days", "#]);
    format!(
        r#""accrual": {{{from}"active_after": "{after}", "base": {{"lines": "{lines}", "amount": "{amount}",
  "tax": "{tax}"}}}}"#
    )
}

fn spending(dice: &mut Dice) -> String {
    let share = dice.pick(&["100", "100", "50", "33.3", "20"]);
    let of = dice.pick(&["eligible", "order"]);
    let leave = dice.pick(&["0.00", "0.01"]);
    let delivery = dice.pick(&["true", "false"]);
    format!(
        r#""spending": {{"max_share": {share}, "of": "{of}", "exclude": {{"category": "gift-cards"}},
  "delivery": {delivery}, "leave_per_piece": {leave}}}"#
    )
}

fn holds(dice: &mut Dice) -> String {
    let lapse = dice.pick(&["30 days", "2 days", "12 hours"]);
    let shortfall = dice.pick(&["debt", "shop_loss"]);
    format!(r#""holds": {{"lapse_after": "{lapse}", "late_shortfall": "{shortfall}"}}"#)
}

fn returns(dice: &mut Dice) -> String {
    let refund = dice.pick(&[r#""keep""#, r#""resume""#, r#"{"regrant": "10 days"}"#]);
    let clawback = dice.pick(&["debt", "debt", "floor_at_zero", "pending_only"]);
    let write_off = dice.pick(&["12 months", "2 months"]);
    let friends = dice.pick(&["own_lot", "debt", "off"]);
    let (broken, discount) = (dice.pick(&["reprice", "keep"]), dice.pick(&["reprice", "keep"]));
    format!(
        r#""returns": {{"on_refund": {refund}, "clawback": "{clawback}", "debt_write_off": "{write_off}",
  "referral_clawback": "{friends}",
  "on_threshold_broken": {{"earning": "{broken}", "discount": "{discount}"}}}}"#
    )
}

fn transfers(dice: &mut Dice) -> String {
    let after = dice.pick(&["0 days", "3 days"]);
    format!(r#""transfers": {{"min_points": 2, "max_points": 5000, "order_points_after": "{after}"}}"#)
}

/// Every version has the same levels and achievements, for rules name them; what they count differs.
fn tiers(dice: &mut Dice) -> String {
    let (by, silver, gold) = dice.pick(&[
        ("money_paid", "500.00", "2000.00"),
        ("orders", "2", "5"),
        ("points_earned", "20", "100"),
    ]);
    let over = dice.pick(&[
        r#""rolling 2 months", "hold": "1 month""#,
        r#""rolling 10 days", "hold": "for_ever""#,
        r#""calendar month", "grace": "3 days""#,
        r#""for_ever""#,
    ]);
    // What an order earns cannot decide its own rate.
    let order = if by == "points_earned" { "before" } else { dice.pick(&["before", "including"]) };
    let discount = dice.pick(&["", r#", "discount": 3"#]);
    format!(
        r#""tiers": {{"by": "{by}", "over": {over}, "for_order": "{order}", "levels": [{{"id": "base"}},
  {{"id": "silver", "from": {silver}, "rates": {{"percent": 9}}}}, {{"id": "gold", "from": {gold}{discount}}}]}}"#
    )
}

const ACHIEVEMENTS: &str = r#""achievements": [{"id": "third", "counts": "orders", "goal": 3, "repeat": true},
  {"id": "spender", "counts": "money_paid", "goal": 800.00},
  {"id": "critic", "counts": {"event": "review"}, "goal": 2, "repeat": true}]"#;

fn rules(dice: &mut Dice) -> String {
    let credit = |id: &str, when: &str, group: bool, credit: &str| {
        let group = if group { r#""group": "bonus", "# } else { "" };
        format!(r#"  {{"id": "{id}", {group}"when": {when}, "then": [{{"credit": {{{credit}}}}}]}}"#)
    };
    let paid = r#""order.paid""#;
    let welcome = dice.between(50, 900);
    let gift = dice.pick(&["", r#", "gift": true"#]);
    let percent = dice.pick(&["1", "5", "7.5", "30"]);
    let life = dice.pick(&["", r#", "expires": "1 month""#, r#", "expires": "3 days""#]);
    let days = dice.pick(&["", r#"{"member.birthday": {"days": -3}}"#]);
    let birthday = if days.is_empty() { r#""member.birthday""# } else { days };
    let span = dice.pick(&["day", "week", "month", "ever"]);
    let mut all = vec![
        format!(
            r#"  {{"id": "often", "when": {paid}, "then": [{{"credit": {{"points": 11}}}}],
    "limits": {{"per_member": {{"points": 25, "per": "{span}"}}}}}}"#
        ),
        credit(
            "welcome",
            r#""member.registered""#,
            false,
            &format!(r#""points": {welcome}, "active_after": "0 days"{gift}"#),
        ),
        credit(
            "birthday",
            birthday,
            false,
            r#""points": 100, "expires": "6 days", "active_after": "0 days""#,
        ),
        credit("percent", paid, true, &format!(r#""percent": {percent}{life}"#)),
    ];
    all.extend(rules_of_members(dice));
    all.extend(moments::rules(dice));
    if dice.one_in(2) {
        let per = dice.between(1, 500);
        all.push(credit("amount", paid, true, &format!(r#""points": 3, "per": {per}.00"#)));
    }
    if dice.one_in(2) {
        all.push(credit(
            "piece",
            paid,
            false,
            r#""points": 7, "each": "piece", "of": {"category": "shoes"}"#,
        ));
    }
    if dice.one_in(2) {
        let of = format!(r#""when": {paid}, "limits": {{"total": {{"times": {FIXED_TIMES}}}}}"#);
        all.push(format!(r#"  {{"id": "fixed", {of}, "then": [{{"credit": {{"points": 29}}}}]}}"#));
    }
    if dice.one_in(2) {
        let table = r#""by_table": [{"from": 100.00, "percent": 2}, {"from": 500.00, "percent": 4}]"#;
        all.push(credit("table", paid, true, &format!(r#"{table}, "marginal": {}"#, dice.one_in(2))));
    }
    if dice.one_in(3) {
        let multiply = r#"{"multiply": {"by": 2, "of": {"category": "shoes"}}}"#;
        let only_if = r#"{"order_total": {"from": 200.00}}"#;
        all.push(format!(r#"  {{"id": "double", "when": {paid}, "if": {only_if}, "then": [{multiply}]}}"#));
    }
    format!("\"rules\": [\n{}\n ]", all.join(",\n"))
}

/// What levels, achievements and what is known of a person bring.
fn rules_of_members(dice: &mut Dice) -> Vec<String> {
    let paid = r#""order.paid""#;
    let at_will = [
        ("risen", r#"{"tier.changed": {"way": "up"}}"#, "", r#""points": 13"#),
        ("review", r#"{"event": "review"}"#, "", r#""points": 23"#),
        ("reached", r#""achievement.reached""#, "", r#""points": 17"#),
        ("vip", paid, r#""if": {"attribute": {"group": "vip"}}, "#, r#""points": 19"#),
        ("near", paid, r#""if": {"birthday": {"days_before": 9, "days_after": 9}}, "#, r#""percent": 3"#),
    ];
    let drawn = at_will.into_iter().filter(|_| dice.one_in(2));
    let told = |(id, when, only_if, points)| {
        format!(r#"  {{"id": "{id}", "when": {when}, {only_if}"then": [{{"credit": {{{points}}}}}]}}"#)
    };
    drawn.map(told).collect()
}

/// How often the rule `fixed` gives anything, whatever else a version says.
pub const FIXED_TIMES: i64 = 5;
/// Orders that may have a coupon of `few`, and of one member of `once`.
pub const FEW_USES: i64 = 3;
pub const ONCE_USES: i64 = 1;
/// Whose codes a rule gives.
pub const OWN: &str = "own";
/// What `purse` takes off in all, in kopecks.
pub const PURSE_MONEY: i64 = 10_000;
/// Codes as buyers type them; one is nobody's.
pub const CODES: [&str; 5] = ["few", "ONCE", "pur-se", "Purse", "nobody"];

/// Other discounts from version to version; the limits stay, so that they can be counted at the end.
fn coupons(dice: &mut Dice) -> String {
    let together = dice.pick(&["all", "best", "last"]);
    let back = dice.pick(&["keep", "give_back"]);
    let few = dice.pick(&[r#""percent": 20"#, r#""amount": 70.00"#, r#""percent": 100, "on": "cheapest""#]);
    let purse = dice.pick(&["10.00", "35.50"]);
    format!(
        r#""coupons": {{"together": "{together}", "campaigns": [
  {{"id": "few", "code": "FEW", "discount": {{{few}}}, "limits": {{"total": {FEW_USES}}}, "on_return": "{back}"}},
  {{"id": "once", "code": "ONCE", "if": {{"quantity": {{"from": 2}}}}, "discount": {{"percent": 5}},
    "limits": {{"per_member": {ONCE_USES}}}}},
  {{"id": "{OWN}", "codes": "made", "discount": {{"percent": 8}}}},
  {{"id": "purse", "code": "PURSE", "discount": {{"amount": {purse}}}, "limits": {{"budget": 100.00}}}},
  {}]}}"#,
        promotions(dice).join(",\n  ")
    )
}

fn discounts(dice: &mut Dice) -> String {
    let of_order = dice.pick(&[r#""percent": 10"#, r#""amount": 50.00"#]);
    let mut all = vec![
        format!(r#"{{"id": "order", {of_order}, "if": {{"order_total_list": {{"from": 300.00}}}}}}"#),
        r#"{"id": "boots", "percent": 15, "on": "each_piece", "of": {"sku": "boots"}}"#.to_owned(),
        r#"{"id": "third", "percent": 100, "on": {"nth": 3}, "of": {"category": "food"}}"#.to_owned(),
        r#"{"id": "delivery", "percent": 100, "on": "delivery"}"#.to_owned(),
    ];
    all.extend(sets());
    all.extend(moments::discounts());
    let drawn: Vec<String> = all.into_iter().filter(|_| dice.one_in(3)).collect();
    format!("\"discounts\": [{}]", drawn.join(",\n  "))
}
