//! The caller's language, from `Accept-Language`.

use axum::http::{HeaderMap, header};
pub use kopilka_core::words::Language;

/// The wanted language of a request; English when neither is asked for.
pub fn of(headers: &HeaderMap) -> Language {
    let asked = headers.get(header::ACCEPT_LANGUAGE).and_then(|v| v.to_str().ok()).unwrap_or("");
    let mut best = (0_u32, Language::En);
    for range in asked.split(',') {
        let (tag, rest) = range.split_once(';').unwrap_or((range, ""));
        let primary = tag.trim().split('-').next().unwrap_or("").to_ascii_lowercase();
        let language = match primary.as_str() {
            "en" => Language::En,
            "ru" => Language::Ru,
            _ => continue,
        };
        let weight = quality(rest);
        if weight > best.0 {
            best = (weight, language);
        }
    }
    best.1
}

/// Thousandths of `q=`; 1,000 when it is not said, 0 when it cannot be read.
fn quality(text: &str) -> u32 {
    match text.trim().strip_prefix("q=") {
        None => 1_000,
        Some(q) => kopilka_core::decimal::parse_scaled(q.trim(), 3)
            .ok()
            .and_then(|q| u32::try_from(q).ok())
            .map_or(0, |q| q.min(1_000)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_with_the_greatest_weight_is_taken() {
        for (header, wanted) in [
            ("", Language::En),
            ("ru", Language::Ru),
            ("ru-RU,ru;q=0.9,en;q=0.8", Language::Ru),
            ("en-GB,en;q=0.9,ru;q=0.8", Language::En),
            ("de;q=1.0, ru;q=0.5", Language::Ru),
            ("ru;q=0", Language::En),
            ("ru;q=rubbish", Language::En),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, header.parse().unwrap());
            assert_eq!(of(&headers), wanted, "{header}");
        }
    }
}
