//! What members' own moments bring: silences, schedules, profiles, what was bought before, offers.
//!
//! Invariant: each rule may come and go from version to version, as in a shop that changes its mind.

use crate::dice::Dice;

pub const PROFILE: &str = r#""profile": ["email", "birthday"]"#;
/// Every version knows it, for rules and discounts may name it.
pub const OFFERS: &str = r#""offers": [{"id": "back", "for": "9 days", "times": 1}]"#;

/// What an order of a friend brings, and of a friend's friend.
const FRIEND: &str = r#"{"credit": {"to": "referrer", "points": 5, "per": 100.00}},
    {"credit": {"to": "referrer", "level": 2, "percent": 1}}"#;
/// What a rule gives beside points.
const GIVEN: &str = r#"{"coupon": {"campaign": "own", "for": "5 days"}}, {"tag": "regular"},
    {"tier": {"level": "gold", "for": "4 days"}}"#;
/// Whom a version tells apart; every one does.
pub const SEGMENTS: &str = r#""control_group": {"share": 20, "salt": "town"}, "segments": [
    {"id": "near", "if": {"any": [{"region": "north"}, {"language": "en"}]}},
    {"id": "heard", "if": {"all": [{"segment": "near"}, {"subscribed": ["email", "sms"]}]}}]"#;
const HEARD: &str = r#"{"control_group": false}"#;
pub const TAGS: &str = r#""tags": ["regular"]"#;

pub fn rules(dice: &mut Dice) -> Vec<String> {
    let days = dice.pick(&["3", "10", "30"]);
    let silence = format!(r#"{{"member.inactive": {{"days": {days}}}}}"#);
    let schedule = dice.pick(&[
        r#"{"schedule": {"every": "week", "weekday": "mon", "at": "10:00"}}"#,
        r#"{"schedule": {"every": "month", "day": 31}}"#,
        r#"{"schedule": {"every": "day", "at": "23:59"}}"#,
    ]);
    let credit = |points: u32| format!(r#"{{"credit": {{"points": {points}, "expires": "4 days"}}}}"#);
    let lately = r#"{"bought_before": {"within": "10 days", "orders": {"from": 1}}}"#;
    let again = r#"{"bought_before": {"category": "shoes", "quantity": {"from": 2}}}"#;
    let all = [
        rule("silence", &silence, "", &format!("{}, {{\"offer\": \"back\"}}", credit(31))),
        rule("schedule", schedule, lately, &credit(3)),
        rule("profile", r#""member.profile_completed""#, "", &credit(37)),
        rule("again", r#""order.paid""#, again, r#"{"credit": {"percent": 4}}"#),
        rule("completed", r#""order.completed""#, "", r#"{"credit": {"percent": 2}}"#),
        rule("placed", r#""order.placed""#, "", r#"{"credit": {"points": 43}}"#),
        rule(
            "renewed",
            r#""order.paid""#,
            "",
            r#"{"credit": {"points": 5, "expires": {"after_last_order": "9 days"}}}"#,
        ),
        rule("friend", r#""referral.ordered""#, "", FRIEND),
        rule("invited", r#""referral.registered""#, "", r#"{"credit": {"to": "referrer", "points": 9}}"#),
        rule("given", r#""order.paid""#, r#"{"quantity": {"from": 2}}"#, GIVEN),
        rule("subscribed", r#""member.subscribed""#, "", &credit(19)),
        rule("by-mail", r#"{"member.subscribed": "email"}"#, HEARD, &credit(23)),
        rule("around", r#""order.paid""#, r#"{"segment": "near"}"#, &credit(29)),
        rule("forgotten", schedule, "", r#"{"untag": "regular"}"#),
        rule("held", r#""order.paid""#, r#"{"offer": "back"}"#, &credit(41)),
    ];
    all.into_iter().filter(|_| dice.one_in(2)).collect()
}

fn rule(id: &str, when: &str, only_if: &str, then: &str) -> String {
    let only_if = if only_if.is_empty() { String::new() } else { format!(r#""if": {only_if}, "#) };
    format!(r#"  {{"id": "{id}", "when": {when}, {only_if}"then": [{then}]}}"#)
}

/// Lower prices for who keeps coming, and for who was won back.
pub fn discounts() -> [String; 4] {
    let lately = r#"{"bought_before": {"within": "10 days", "total": {"from": 300.00}}}"#;
    [
        format!(r#"{{"id": "lately", "percent": 6, "if": {lately}}}"#),
        r#"{"id": "won-back", "percent": 12, "if": {"offer": "back"}}"#.to_owned(),
        r#"{"id": "heard", "percent": 3, "if": {"segment": "heard"}}"#.to_owned(),
        r#"{"id": "regulars", "percent": 4, "if": {"tag": "regular"}}"#.to_owned(),
    ]
}
