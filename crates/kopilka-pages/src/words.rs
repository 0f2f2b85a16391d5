//! What pages say, in files of each language.
//!
//! Invariant: every key stands in both languages and takes the same variables (a test compares them); a key
//! that is asked for and missing is a bug, and tests die of it.

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use kopilka_core::words::Language;
use std::sync::LazyLock;
use unic_langid::LanguageIdentifier;

macro_rules! files {
    ($($name:literal),* $(,)?) => {
        /// The files of words by name, English and Russian.
        pub const FILES: &[(&str, &str, &str)] = &[
            $((
                $name,
                include_str!(concat!("../locales/en/", $name, ".ftl")),
                include_str!(concat!("../locales/ru/", $name, ".ftl")),
            )),*
        ];
    };
}

files![
    "frame",
    "account",
    "team",
    "home",
    "members",
    "orders",
    "market",
    "reports",
    "integrations",
    "lists",
    "accruals",
    "imports",
    "segments",
    "products",
    "design",
    "program",
    "trial",
    "till",
    "cabinet",
    "demo",
    "messages",
    "settings",
    "referral",
    "economics",
];

static ENGLISH: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::En));
static RUSSIAN: LazyLock<FluentBundle<FluentResource>> = LazyLock::new(|| bundle(Language::Ru));

fn bundle(language: Language) -> FluentBundle<FluentResource> {
    let name: Result<LanguageIdentifier, _> = language.tag().parse();
    let mut bundle = FluentBundle::new_concurrent(name.into_iter().collect());
    // The marks around variables are for mixed directions of writing, which these languages do not have.
    bundle.set_use_isolating(false);
    for (file, en, ru) in FILES {
        let text = match language {
            Language::En => en,
            Language::Ru => ru,
        };
        let resource = FluentResource::try_new((*text).to_owned()).unwrap_or_else(|(resource, errors)| {
            debug_assert!(errors.is_empty(), "{file}.ftl: {errors:?}");
            resource
        });
        let added = bundle.add_resource(resource);
        debug_assert!(added.is_ok(), "{file}.ftl: {added:?}");
    }
    bundle
}

/// Speaks one language.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Words(pub Language);

impl Words {
    pub fn say(self, key: &str) -> String {
        self.find(key, None).unwrap_or_else(|| missing(key))
    }
    /// What may or may not be there, such as the notice that an address names.
    pub fn say_if_known(self, key: &str) -> Option<String> {
        self.find(key, None)
    }
    pub fn say_with(self, key: &str, values: &[(&str, &str)]) -> String {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            args.set((*name).to_owned(), FluentValue::from((*value).to_owned()));
        }
        self.find(key, Some(&args)).unwrap_or_else(|| missing(key))
    }
    /// A sentence about so many: `$n` chooses the plural form, `$shown` is the number as it is written.
    pub fn say_n(self, key: &str, n: i64) -> String {
        let mut args = FluentArgs::new();
        args.set("n", FluentValue::from(n));
        args.set("shown", FluentValue::from(self.whole(n)));
        self.find(key, Some(&args)).unwrap_or_else(|| missing(key))
    }
    /// A whole number as the language writes it.
    pub fn whole(self, n: i64) -> String {
        self.0.number(n, 0)
    }

    fn find(self, key: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let bundle: &FluentBundle<FluentResource> = match self.0 {
            Language::En => &ENGLISH,
            Language::Ru => &RUSSIAN,
        };
        let pattern = bundle.get_message(key)?.value()?;
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, args, &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{key}: {errors:?}");
        Some(text)
    }
}

fn missing(key: &str) -> String {
    debug_assert!(false, "no words for {key}");
    tracing::error!(key, "a page has no words for this");
    key.to_owned()
}
