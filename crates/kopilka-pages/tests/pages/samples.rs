//! Every page with made-up content, in both languages.

use kopilka_core::words::{LANGUAGES, Language};
use kopilka_pages::{WORD_FILES, samples};
use std::collections::{BTreeMap, BTreeSet};

/// Latin words that a Russian page may have: names, and what people type or read as it is.
const SAME_IN_BOTH: &[&str] = &[
    "Kopilka", "kopilka", "UTC", "English", "In", "CSV", "XLSX", "API", "SMS", "QR", "JSON", "YAML", "HTML",
    "Telegram", "SKU", "URL", "SMTP", "ISO", "ID", "RUB", "DNS", "RFM", "LTV", "Shift", "Enter", "Ctrl",
    "STARTTLS", "TLS",
];

/// What a reader sees of a page: the text between tags, without what is code.
fn seen(html: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut inside: Vec<String> = Vec::new();
    let mut rest = html;
    while let Some(open) = rest.find('<') {
        let is_code = inside.iter().any(|tag| tag == "code");
        let text = rest[..open].trim();
        if !text.is_empty() && !is_code {
            out.push(text.to_owned());
        }
        let end = rest[open..].find('>').map_or(rest.len(), |end| open + end + 1);
        let tag = &rest[open..end];
        let name: String = tag[1..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '/').collect();
        let marked = tag.contains("mono") || tag.contains("data-said") || name == "pre" || name == "style";
        if name.starts_with('/') {
            inside.pop();
        } else if !VOID.contains(&name.as_str()) && !tag.ends_with("/>") && !name.is_empty() {
            inside.push(if marked || is_code { "code".to_owned() } else { name });
        }
        rest = &rest[end..];
    }
    out
}

const VOID: &[&str] = &["meta", "link", "input", "img", "br", "hr", "col", "wbr", "source", "area"];

#[test]
fn every_page_renders_in_both_languages() {
    for language in LANGUAGES {
        for sample in samples(language) {
            let lang = format!("lang=\"{}\"", language.tag());
            assert!(sample.text.contains(&lang), "{}: {}", sample.name, sample.text);
            assert!(!sample.text.contains("does not render"), "{}: {}", sample.name, sample.text);
        }
    }
}

#[test]
fn a_russian_page_has_no_word_of_english_left() {
    let mut left = BTreeSet::new();
    for sample in samples(Language::Ru) {
        for text in seen(&sample.text) {
            for word in text.split(|c: char| !c.is_alphanumeric() && !"@.-_/:&;<>#".contains(c)) {
                let word = word.trim_matches(|c: char| !c.is_alphanumeric());
                let is_latin = word.len() > 1 && word.chars().all(|c| c.is_ascii_alphabetic());
                if is_latin && !SAME_IN_BOTH.contains(&word) && !is_sample(word) {
                    left.insert(format!("{}: «{word}» in «{text}»", sample.name));
                }
            }
        }
    }
    assert!(left.is_empty(), "{left:#?}");
}

/// What samples make up as if a shop had written it, inside what escaped tags look like.
fn is_sample(word: &str) -> bool {
    ["Sports", "bonus", "lt", "gt", "quot", "amp", "Firefox", "on", "Debian", "script", "alert", "lost"]
        .contains(&word)
}

#[test]
fn what_a_shop_writes_stays_text() {
    for language in LANGUAGES {
        for sample in samples(language) {
            assert!(!sample.text.contains("<script>"), "{}", sample.name);
            assert!(!sample.text.contains(" onerror="), "{}", sample.name);
            assert!(!sample.text.contains("style=\""), "{}: the policy refuses it", sample.name);
            for tag in sample.text.split('<').filter(|tag| tag.starts_with("script")) {
                let is_ours = tag.contains("src=\"/assets/") || tag.contains("src=\"/widget.js\"");
                assert!(is_ours, "{}: {tag}", sample.name);
            }
        }
    }
}

#[test]
fn every_field_has_a_name_that_is_read_aloud() {
    for sample in samples(Language::En) {
        for tag in sample.text.split('<').skip(1) {
            let tag = tag.split('>').next().unwrap_or_default();
            let is_field = ["input ", "select ", "textarea "].iter().any(|name| tag.starts_with(name));
            if !is_field || tag.contains("type=\"hidden\"") || tag.contains("name=\"username\"") {
                continue;
            }
            let id = tag.split("id=\"").nth(1).and_then(|rest| rest.split('"').next());
            let labelled = id.is_some_and(|id| sample.text.contains(&format!("for=\"{id}\"")));
            let in_label = tag.contains("type=\"radio\"") || tag.contains("type=\"checkbox\"");
            assert!(labelled || in_label || tag.contains("aria-label"), "{}: <{tag}>", sample.name);
        }
    }
}

/// Key → variables of its text.
fn keys(file: &str) -> BTreeMap<String, BTreeSet<String>> {
    let mut out: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut key = String::new();
    for line in file.lines().filter(|line| !line.starts_with('#')) {
        if let Some((name, _)) = line.split_once(" =").filter(|_| !line.starts_with([' ', '*', '}'])) {
            key = name.to_owned();
            assert!(!out.contains_key(&key), "{key} is said twice");
        }
        let variables = line.split('$').skip(1).map(|rest| {
            rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect::<String>()
        });
        out.entry(key.clone()).or_default().extend(variables);
    }
    out.remove("");
    out
}

#[test]
fn both_languages_say_the_same_keys_with_the_same_variables() {
    let mut all = BTreeSet::new();
    for (name, en, ru) in WORD_FILES {
        let (en, ru) = (keys(en), keys(ru));
        let missing: Vec<_> = en.keys().filter(|key| !ru.contains_key(*key)).collect();
        let more: Vec<_> = ru.keys().filter(|key| !en.contains_key(*key)).collect();
        assert!(missing.is_empty() && more.is_empty(), "{name}.ftl: {missing:?} {more:?}");
        for (key, variables) in &en {
            assert_eq!(variables, &ru[key], "{name}.ftl: {key}");
            assert!(all.insert(key.clone()), "{key} stands in two files");
        }
    }
}
