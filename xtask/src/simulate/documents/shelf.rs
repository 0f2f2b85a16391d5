//! What a seed's document offers beside rules: gift cards, rewards, sets of goods and gifts.
//!
//! Invariant: stocks, costs and limits are the same in every version, so that they can be counted at the end.

use crate::dice::Dice;

/// A reward of the catalogue, as every version has it.
#[derive(Debug, Clone, Copy)]
pub struct Reward {
    pub id: &'static str,
    /// Whole points.
    pub cost: i64,
    pub stock: Option<i64>,
    pub per_member: Option<i64>,
    /// Only for members of the group `vip`.
    pub vip: bool,
    /// A code of the campaign `thanks`.
    pub coupon: bool,
}

pub const REWARDS: [Reward; 4] = [
    Reward { id: "mug", cost: 20, stock: Some(3), per_member: Some(2), vip: false, coupon: false },
    Reward { id: "thanks-code", cost: 10, stock: Some(4), per_member: None, vip: false, coupon: true },
    Reward { id: "badge", cost: 5, stock: None, per_member: None, vip: true, coupon: false },
    Reward { id: "sticker", cost: 0, stock: Some(5), per_member: Some(1), vip: false, coupon: false },
];
/// The campaign of the codes that a reward gives; each is good for one order.
pub const THANKS: &str = "thanks";

pub fn rewards() -> String {
    let one = |reward: &Reward| {
        let count = |word: &str, number: Option<i64>| {
            number.map_or_else(String::new, |number| format!(r#", "{word}": {number}"#))
        };
        let vip = if reward.vip { r#", "if": {"attribute": {"group": "vip"}}"# } else { "" };
        let gives = if reward.coupon { r#", "gives": {"coupon": "thanks"}"# } else { "" };
        let (stock, each) = (count("stock", reward.stock), count("per_member", reward.per_member));
        format!(r#"{{"id": "{}", "cost": {}{stock}{each}{vip}{gives}}}"#, reward.id, reward.cost)
    };
    format!("\"rewards\": [{}]", REWARDS.iter().map(one).collect::<Vec<_>>().join(",\n  "))
}

/// Money of one card, in kopecks.
pub const CARD_MONEY: (i64, i64) = (100, 500_000);

/// Rarely a version has no gift cards: those issued before go on paying for orders that have them.
pub fn gift_cards(dice: &mut Dice) -> String {
    if dice.one_in(8) {
        return String::new();
    }
    let expires = dice.pick(&["never", "1 year", "10 days"]);
    format!(r#""gift_cards": {{"expires": "{expires}", "min": 1.00, "max": 5000.00}}"#)
}

/// A ball for each so many boots, in so many orders of all and of each member.
pub const BALL: &str = "ball-given";
pub const BOOTS_FOR_A_BALL: i64 = 2;
pub const BALL_USES: i64 = 6;
pub const BALL_USES_EACH: i64 = 2;
/// What the campaign without a code takes off in all, in kopecks.
pub const SELF: &str = "by-itself";
pub const SELF_MONEY: i64 = 6_000;

/// Campaigns whose codes are made, or that need none.
pub fn promotions(dice: &mut Dice) -> Vec<String> {
    let off = dice.pick(&[r#""percent": 10"#, r#""amount": 12.50"#]);
    let back = dice.pick(&["keep", "give_back"]);
    let each = format!(r#""for_each": {{"of": {{"sku": "boots"}}, "pieces": {BOOTS_FOR_A_BALL}}}"#);
    let mut all = vec![format!(
        r#"{{"id": "{THANKS}", "codes": "made", "discount": {{{off}}}, "limits": {{"per_code": 1}},
    "on_return": "{back}"}}"#
    )];
    if dice.one_in(2) {
        all.push(format!(
            r#"{{"id": "{BALL}", "codes": "none", "gift": {{"sku": "ball", {each}}},
    "limits": {{"total": {BALL_USES}, "per_member": {BALL_USES_EACH}}}}}"#
        ));
    }
    if dice.one_in(2) {
        all.push(format!(
            r#"{{"id": "{SELF}", "codes": "none", "discount": {{"amount": 15.00}}, "limits": {{"budget": 60.00}},
    "if": {{"quantity": {{"from": 3}}}}}}"#
        ));
    }
    all
}

/// Pieces bought that lower other pieces.
pub const SET_BOOTS: i64 = 2;
/// Only pieces of full groups are lowered, each by so many kopecks.
pub const GROUP: i64 = 3;
pub const GROUP_OFF: i64 = 500;
/// Off a line's first piece, and off each further one.
pub const FURTHER: (i64, i64) = (900, 300);

pub fn sets() -> Vec<String> {
    let set = format!(r#"{{"bought": {{"of": {{"sku": "boots"}}, "pieces": {SET_BOOTS}}}}}"#);
    vec![
        format!(r#"{{"id": "set", "percent": 100, "of": {{"sku": "socks"}}, "on": {set}}}"#),
        format!(
            r#"{{"id": "group", "amount": 5.00, "on": "each_piece", "in_groups_of": {GROUP},
    "of": {{"sku": "rope"}}}}"#
        ),
        r#"{"id": "further", "amount": 9.00, "next": 3.00, "on": "each_line", "of": {"sku": "ball"}}"#
            .to_owned(),
        r#"{"id": "whole", "amount": 20.00, "on": "order_with_delivery"}"#.to_owned(),
    ]
}
