//! How a page is to look for this browser: the language and the theme, from its cookies.
//!
//! Invariant: nothing but words and colours depends on them.

use axum::http::{HeaderMap, HeaderValue, header};
use kopilka_web::language::{self, Language};

pub const LANGUAGE_COOKIE: &str = "kopilka_language";
pub const THEME_COOKIE: &str = "kopilka_theme";
/// A year.
const KEPT_SECONDS: u32 = 31_536_000;

/// Light, dark, or as the system says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Theme; 3] = [Theme::System, Theme::Light, Theme::Dark];

    pub fn name(self) -> &'static str {
        match self {
            Theme::System => "system",
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }
    pub fn parse(text: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.name() == text)
    }
}

/// What one browser asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    pub language: Language,
    pub theme: Theme,
}

impl Look {
    /// By cookie, then by what the operator chose elsewhere, then by what the browser speaks.
    pub fn of(headers: &HeaderMap, chosen: Option<Language>) -> Look {
        let by_cookie = cookie(headers, LANGUAGE_COOKIE).and_then(language_of);
        let language = by_cookie.or(chosen).unwrap_or_else(|| language::of(headers));
        let theme = cookie(headers, THEME_COOKIE).and_then(Theme::parse).unwrap_or_default();
        Look { language, theme }
    }
}

pub fn language_of(tag: &str) -> Option<Language> {
    kopilka_core::words::LANGUAGES.into_iter().find(|language| language.tag() == tag)
}

/// A cookie of a request.
pub fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let pairs = all.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value)
}

/// A cookie that is kept for a year and is no secret.
pub fn kept(name: &str, value: &str) -> Option<HeaderValue> {
    let text = format!("{name}={value}; Path=/; Max-Age={KEPT_SECONDS}; SameSite=Lax");
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_browser_keeps_wins_over_what_it_speaks() {
        let mut headers = HeaderMap::new();
        headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static("ru"));
        assert_eq!(Look::of(&headers, None).language, Language::Ru);
        assert_eq!(Look::of(&headers, Some(Language::En)).language, Language::En);
        let cookies = HeaderValue::from_static("a=b; kopilka_language=ru; kopilka_theme=dark");
        headers.insert(header::COOKIE, cookies);
        let look = Look::of(&headers, Some(Language::En));
        assert_eq!((look.language, look.theme), (Language::Ru, Theme::Dark));
        headers.insert(header::COOKIE, HeaderValue::from_static("kopilka_language=xx; kopilka_theme=pink"));
        let look = Look::of(&headers, Some(Language::En));
        assert_eq!((look.language, look.theme), (Language::En, Theme::System));
    }
}
