//! Comparing figures: decimal texts by their value, spread discounts by their sum.

use super::words::{Trouble, plain};
use kopilka_core::decimal;
use serde_json::Value;

/// Finer than any money or point of a case.
const SCALE: u32 = 6;

/// A decimal text or number in millionths; `None` for anything else.
pub fn millionths(value: &Value) -> Option<i64> {
    decimal::parse_scaled(&plain(value)?, SCALE).ok()
}

pub fn text_of(millionths: i64) -> String {
    decimal::format_trimmed(millionths, SCALE)
}

/// The sum of decimal texts.
pub fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> i64 {
    values.into_iter().filter_map(millionths).sum()
}

/// Whether two values are the same figure; lists and maps item by item.
pub fn same(expected: &Value, actual: &Value) -> bool {
    match (expected, actual) {
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            a.len() == b.len() && a.iter().all(|(key, value)| b.get(key).is_some_and(|b| same(value, b)))
        }
        _ => match (millionths(expected), millionths(actual)) {
            (Some(a), Some(b)) => a == b,
            _ => expected == actual,
        },
    }
}

/// The same items in any order.
pub fn same_multiset(expected: &Value, actual: &Value) -> Option<bool> {
    let (a, b) = (expected.as_array()?, actual.as_array()?);
    let mut left: Vec<&Value> = b.iter().collect();
    for item in a {
        let Some(at) = left.iter().position(|other| same(item, other)) else { return Some(false) };
        left.swap_remove(at);
    }
    Some(left.is_empty())
}

/// Amounts spread over lines: the odd minor unit may lie on any line, the sum must hold.
pub fn same_spread(expected: &Value, actual: &Value, minor_unit: i64) -> Result<bool, Trouble> {
    let odd = || Trouble::unknown(format!("spread {expected}"));
    let (a, b) = (expected.as_object().ok_or_else(odd)?, actual.as_object().ok_or_else(odd)?);
    // A line that bears nothing may be left out.
    for (key, value) in b {
        if !a.contains_key(key) && millionths(value) != Some(0) {
            return Ok(false);
        }
    }
    let zero = Value::from("0");
    let mut sums = (0, 0);
    for (key, value) in a {
        let (x, y) =
            (millionths(value).ok_or_else(odd)?, millionths(b.get(key).unwrap_or(&zero)).unwrap_or(0));
        if (x - y).abs() > minor_unit || y < 0 {
            return Ok(false);
        }
        sums = (sums.0 + x, sums.1 + y);
    }
    Ok(sums.0 == sums.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn figures_are_compared_by_value() {
        assert!(same(&json!("500"), &json!("500.00")));
        assert!(same(&json!(8), &json!("8")));
        assert!(!same(&json!("500"), &json!("501")));
        assert!(same(&json!({"a": "1"}), &json!({"a": "1.0"})));
        assert!(!same(&json!(["1", "2"]), &json!(["2", "1"])));
        assert_eq!(same_multiset(&json!(["1", "2"]), &json!(["2", "1"])), Some(true));
    }

    #[test]
    fn the_odd_kopeck_may_lie_on_any_line() {
        let expected = json!({"a": "9.24", "b": "17.69", "c": "23.07"});
        let fits = |actual: Value| same_spread(&expected, &actual, 10_000).expect("figures");
        assert!(fits(json!({"a": "9.23", "b": "17.69", "c": "23.08"})));
        assert!(!fits(json!({"a": "9.23", "b": "17.69", "c": "23.07"})), "a kopeck is missing");
        assert!(!fits(json!({"a": "9.22", "b": "17.69", "c": "23.09"})), "two kopecks off");
        assert!(same_spread(&json!({}), &json!({"a": "0.00"}), 10_000).expect("figures"));
    }
}
