//! What a message would say with the event's sample.
//!
//! Invariant: nothing of it is kept or sent; HTML of a letter is shown in a frame in which no script runs and
//! from which nothing is loaded.

use crate::words::Words;
use kopilka_core::consent::Channel;
use kopilka_core::words::Language;
use kopilka_service::TemplateKey;
use kopilka_service::messages::templates::{MessageEvent, Template, TemplateProblem};

/// Signs of one part of a short message in the alphabet of telephones, and in any other; of several parts
/// each holds a little less.
const PART_PLAIN: (usize, usize) = (160, 153);
const PART_WIDE: (usize, usize) = (70, 67);

/// A rendering, or why there is none.
#[derive(Default)]
pub struct Preview {
    pub subject: String,
    pub text: String,
    pub html: Option<String>,
    /// How long a short message is.
    pub length: Option<String>,
    pub wrong: Option<Wrong>,
}

/// What is wrong with a part, at its field.
#[derive(Clone)]
pub struct Wrong {
    pub part: &'static str,
    /// What kind of trouble it is, with the line.
    pub what: String,
    /// As the templates' language says it.
    pub why: String,
}

impl Wrong {
    pub fn of(words: Words, problem: TemplateProblem) -> Wrong {
        let TemplateProblem { part, line, why } = problem;
        let kinds = [
            ("undefined value", "template-undefined"),
            ("syntax error", "template-syntax"),
            ("unknown", "template-unknown"),
            ("longer than", "template-long"),
            ("more than", "template-steps"),
            ("it says nothing", "template-nothing"),
            ("letters alone", "template-letters"),
        ];
        let key =
            kinds.iter().find(|(begin, _)| why.starts_with(begin)).map_or("template-bad", |kind| kind.1);
        let mut what = words.say(key);
        if line > 0 {
            what = format!("{}: {what}", words.say_with("template-line", &[("value", &line.to_string())]));
        }
        Wrong { part, what, why }
    }
}

impl Preview {
    /// `name` is that of the program.
    pub fn of(
        words: Words,
        event: &MessageEvent,
        key: &TemplateKey,
        template: &Template,
        name: &str,
    ) -> Preview {
        let language = if key.language == Language::Ru.tag() { Language::Ru } else { Language::En };
        let mut values = event.sample(language);
        values.insert("program".to_owned(), name.into());
        match template.render(key.channel, &values) {
            Ok(said) => Preview {
                length: (key.channel == Channel::Sms).then(|| length(words, &said.text)),
                subject: said.subject,
                text: said.text,
                html: said.html,
                wrong: None,
            },
            Err(problem) => Preview { wrong: Some(Wrong::of(words, problem)), ..Preview::default() },
        }
    }
}

fn length(words: Words, text: &str) -> String {
    let (one, several) = if text.is_ascii() { PART_PLAIN } else { PART_WIDE };
    // Of wide signs those beyond the basic plane count twice.
    let signs = if text.is_ascii() { text.len() } else { text.encode_utf16().count() };
    let parts = if signs <= one { 1 } else { signs.div_ceil(several) };
    let parts = words.say_n("template-parts", i64::try_from(parts).unwrap_or(i64::MAX));
    format!("{}, {parts}", words.say_n("template-signs", i64::try_from(signs).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_message_is_counted_in_the_parts_that_are_paid_for() {
        let words = Words(Language::En);
        for (text, said) in [
            ("x".repeat(160), "160 characters, 1 part"),
            ("x".repeat(161), "161 characters, 2 parts"),
            ("ж".repeat(70), "70 characters, 1 part"),
            ("ж".repeat(135), "135 characters, 3 parts"),
        ] {
            assert_eq!(length(words, &text), said);
        }
    }
}
