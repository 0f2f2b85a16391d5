//! Reasons of refusals, judged by their meaning: the case's words beside our codes.

/// A word of the cases and the codes that say the same. A word that is not here is unknown, not wrong.
const MEANINGS: [(&str, &[&str]); 46] = [
    ("insufficient_balance", &["insufficient_points", "gift_card_insufficient"]),
    ("gift_card_expired", &["gift_card_expired"]),
    ("no_codes_left", &["reward_gone"]),
    ("limit_reached", &["reward_gone", "reward_limit"]),
    ("customer_limit_reached", &["reward_limit"]),
    ("reward_limit_reached", &["reward_gone"]),
    ("insufficient_points", &["insufficient_points"]),
    ("not_enough_points", &["insufficient_points"]),
    ("not_active_yet", &["insufficient_points"]),
    ("points_expired", &["insufficient_points"]),
    ("above_limit", &["spending_limit"]),
    ("over_limit", &["spending_limit"]),
    ("limit_exceeded", &["spending_limit"]),
    ("above_max_percent", &["spending_limit"]),
    ("max_percent_exceeded", &["spending_limit"]),
    ("below_minimum", &["below_minimum_points", "below_minimum_order"]),
    ("min_points", &["below_minimum_points"]),
    ("below_min_points", &["below_minimum_points"]),
    ("spending_not_allowed", &["spending_not_allowed", "spending_limit"]),
    ("account_blocked", &["member_blocked", "member_frozen"]),
    ("blocked", &["member_blocked", "member_frozen"]),
    ("customer_blocked", &["member_blocked", "member_frozen"]),
    ("account_disabled", &["member_blocked", "member_frozen"]),
    ("already_cancelled", &["order_cancelled"]),
    ("order_cancelled", &["order_cancelled"]),
    ("more_than_bought", &["return_exceeds", "nothing_to_return"]),
    ("more_than_taken", &["return_exceeds", "nothing_to_return"]),
    ("already_returned", &["return_exceeds", "nothing_to_return"]),
    ("not_paid", &["order_not_paid"]),
    ("unknown_order", &["order_unknown"]),
    ("unknown_customer", &["member_unknown"]),
    ("not_found", &["member_unknown", "order_unknown", "entry_unknown"]),
    ("phone_taken", &["identifier_taken"]),
    ("card_taken", &["identifier_taken"]),
    ("limit_per_customer", &["limit_per_member"]),
    ("limit_total", &["limit_total", "limit_per_code"]),
    ("code_expired", &["expired"]),
    ("not_started", &["not_started"]),
    ("unknown_code", &["unknown"]),
    ("own_code", &["own_invitation"]),
    ("own_coupon", &["own_invitation"]),
    ("self_referral", &["own_invitation"]),
    ("not_owner", &["not_yours"]),
    ("wrong_customer", &["not_yours"]),
    ("already_used_key", &["idempotency_conflict"]),
    ("key_conflict", &["idempotency_conflict"]),
];

/// Whether a refusal means what the case says; `None` when the case's word is not known here.
pub fn agree(word: &str, code: &str) -> Option<bool> {
    if word == code {
        return Some(true);
    }
    let (_, codes) = MEANINGS.iter().find(|(w, _)| *w == word)?;
    Some(codes.contains(&code))
}

#[cfg(test)]
mod tests {
    use super::*;
    use kopilka_core::refusal;

    #[test]
    fn every_code_meant_exists() {
        for (word, codes) in MEANINGS {
            for code in codes {
                let of_coupon =
                    kopilka_core::coupon::CouponRefusal::ALL.iter().any(|why| why.code() == *code);
                let known = refusal::CODES.contains(code) || of_coupon || *code == "idempotency_conflict";
                assert!(known, "{word} means {code}, which is no code");
            }
        }
    }

    #[test]
    fn unknown_words_are_not_judged() {
        assert_eq!(agree("insufficient_balance", "insufficient_points"), Some(true));
        assert_eq!(agree("insufficient_balance", "spending_limit"), Some(false));
        assert_eq!(agree("weather", "spending_limit"), None);
    }
}
