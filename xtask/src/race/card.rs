//! One gift card, paid with by sixty-four orders at once.
//!
//! Invariant to be shown: what orders took of the card and what is left on it are its face at every moment,
//! however many take of it or give back at once.

use super::{BUYERS, ENOUGH_FOR, Race, accepted_of, hundredths, together};
use crate::api;
use serde_json::{Value, json};

/// Enough for seven whole prices and half of one more: who wants a whole one finds too little.
const FACE: i64 = 75_000;
const PRICE: i64 = 10_000;

pub fn terms() -> Value {
    json!({ "min": "1.00", "max": "10000.00" })
}

pub fn round(race: &mut Race, number: u32) -> Result<(), String> {
    let code = format!("RACE-{number}");
    let body = json!({ "code": code, "amount": "750.00" });
    api::accepted(race.operator.post("/v1/gift-cards", &format!("issue-{number}"), &body)?)?;
    // In every other round each takes what there is, so that all are accepted and the last one finds a half.
    let whole = number % 2 == 1;
    let paid = buy(race, &code, number, whole)?;
    let (took, left) = (taken(race, number, &paid)?, left_on(race, &code)?);
    let accepted = paid.iter().filter(|paid| **paid).count();
    let wanted = if whole {
        (ENOUGH_FOR, ENOUGH_FOR as i64 * PRICE, FACE - ENOUGH_FOR as i64 * PRICE)
    } else {
        (BUYERS, FACE, 0)
    };
    if (accepted, took, left) != wanted {
        return Err(format!("{accepted} were accepted and took {took}, {left} is left"));
    }
    give_back(race, number)?;
    match (taken(race, number, &paid)?, left_on(race, &code)?) {
        (0, FACE) => Ok(()),
        (took, left) => Err(format!("after all was cancelled orders keep {took}, {left} is left")),
    }
}

fn order(number: u32, at: usize) -> String {
    format!("/v1/orders/race-card-{number}-{at}")
}

/// Whether each buyer's order was accepted.
fn buy(race: &mut Race, code: &str, number: u32, whole: bool) -> Result<Vec<bool>, String> {
    let card = if whole { json!({ "code": code, "amount": "100.00" }) } else { json!({ "code": code }) };
    let body = |member: &str| {
        json!({
            "member": member,
            "status": "placed",
            "pricing": "engine",
            "lines": [{ "id": "1", "sku": "article", "quantity": "1", "price": "100.00" }],
            "gift_cards": [&card],
        })
    };
    let members = &race.members;
    let answers = together(&mut race.buyers, |at, buyer| buyer.put(&order(number, at), &body(&members[at])));
    let accepted = accepted_of(answers, "gift_card_insufficient")?;
    Ok(accepted.iter().map(Option::is_some).collect())
}

/// What the orders have of the card by now, each told anew.
fn taken(race: &mut Race, number: u32, paid: &[bool]) -> Result<i64, String> {
    let mut sum = 0;
    for at in (0..BUYERS).filter(|at| paid[*at]) {
        let answer = api::accepted(race.operator.get(&order(number, at))?)?;
        let card = answer.pointer("/order/gift_cards/0").ok_or_else(|| format!("no card in {answer}"))?;
        let amount = |word: &str| hundredths(&api::text_at(card, word)?);
        let lapsed = card["lapsed"].as_bool().ok_or_else(|| format!("{card} is no card"))?;
        if !lapsed {
            sum += amount("/amount")? - amount("/came_back")?;
        }
    }
    Ok(sum)
}

fn left_on(race: &mut Race, code: &str) -> Result<i64, String> {
    let answer = race.operator.post("/v1/gift-cards/lookup", "a look", &json!({ "code": code }))?;
    hundredths(&api::text_at(&api::accepted(answer)?, "/balance")?)
}

/// Everybody cancels at once, also who has nothing to give back.
fn give_back(race: &mut Race, number: u32) -> Result<(), String> {
    let answers = together(&mut race.buyers, |at, buyer| {
        buyer.post(&format!("{}/cancel", order(number, at)), &format!("cancel-{number}-{at}"), &json!({}))
    });
    answers.into_iter().try_for_each(|answer| api::accepted(answer?).map(drop))
}
