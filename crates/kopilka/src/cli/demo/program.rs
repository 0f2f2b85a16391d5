//! The program of the demo: the sports store of the examples, with something behind every page.
//!
//! Invariant: what is added changes nothing that the example's own tests say.

/// The same document that `examples` shows. Its rules stand last before its tests.
const EXAMPLE: &str = include_str!("../../../../../examples/sports-store.yaml");
/// What every demo has beside it.
const RULES: &str = "
  - id: five-purchases
    when: achievement.reached
    if: { achievement: five-purchases }
    then: [{ credit: { points: 200, expires: 3 months, active_after: 0 days } }]

  - id: brought-a-friend
    when: referral.ordered
    if: { first_order: true }
    then: [{ credit: { to: referrer, points: 250, expires: 6 months } }]

  - id: friends-buy
    when: referral.ordered
    then: [{ credit: { to: referrer, percent: 2, expires: 3 months } }, { credit: { to: referrer, level: 2, percent: 1, expires: 3 months } }]
";
const MORE: &str = "
referral:
  within: 30 days
  touch: last

tiers:
  by: money_paid
  over: rolling 12 months
  for_order: before
  hold: 12 months
  levels:
    - { id: start, name: { en: Start, ru: Старт } }
    - { id: sprint, name: { en: Sprint, ru: Спринт }, from: 30000.00, rates: { cashback: 6 } }
    - { id: marathon, name: { en: Marathon, ru: Марафон }, from: 80000.00, rates: { cashback: 8 } }

achievements:
  - { id: five-purchases, name: { en: Five purchases, ru: Пять покупок }, counts: orders, goal: 5 }
  - { id: ten-more, name: { en: Every tenth purchase, ru: Каждая десятая покупка }, counts: orders, goal: 10, repeat: true }

rewards:
  - { id: bottle, name: { en: A water bottle, ru: Бутылка для воды }, cost: 300, stock: 60 }
  - { id: coach, name: { en: An hour with a coach, ru: Час с тренером }, cost: 900, per_member: 1 }
  - { id: voucher, name: { en: 500 off, ru: Скидка 500 }, cost: 400, gives: { coupon: thanks } }

coupons:
  campaigns:
    - id: season
      name: { en: Running season, ru: Сезон бега }
      code: [RUN10, БЕГ10]
      discount: { percent: 10, cap: 1500.00 }
      limits: { per_member: 2, budget: 250000.00 }
    - id: thanks
      name: { en: Thank you, ru: Спасибо }
      codes: made
      if: { order_total: { at_least: 2000.00 } }
      discount: { amount: 500.00 }
      limits: { per_code: 1 }
    - id: opening
      name: { en: The opening, ru: Открытие магазина }
      code: OPENING
      to: 2025-03-31
      discount: { percent: 20 }
";

/// A code that everybody may know.
pub const SHARED_CODE: &str = "RUN10";
/// The campaign whose codes are made one by one.
pub const MADE_CODES: &str = "thanks";
/// Rewards of the catalogue that the shop hands over.
pub const HANDED_OVER: [&str; 2] = ["bottle", "coach"];

pub fn text() -> String {
    match EXAMPLE.split_once("\ntests:") {
        Some((rules, tests)) => format!("{rules}{RULES}{MORE}\ntests:{tests}"),
        None => EXAMPLE.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::program::document;

    #[test]
    fn the_demos_program_is_the_example_and_its_tests_hold() {
        let compiled = document::check(&text());
        let program = compiled.program.unwrap_or_else(|| panic!("{:?}", compiled.diagnostics));
        let example = document::check(EXAMPLE).program.unwrap();
        assert!(program.rules.len() > example.rules.len());
        assert!(program.coupons.campaign(MADE_CODES).unwrap().has_made_codes());
        for reward in HANDED_OVER {
            assert!(program.rewards.iter().any(|known| known.id == reward), "{reward}");
        }
    }
}
