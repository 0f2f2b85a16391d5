//! Templates: of what messages say, and of the requests of gateways.
//!
//! Invariant: a template that is stored has been rendered with the sample of its event, so it names nothing
//! that the event does not have; its work and its output are bounded; values are escaped by what they stand
//! in, never by who wrote the template.

mod builtin;
mod events;

pub use events::{EVENTS, MessageEvent, TEST, event_of, is_automatic, is_event, is_of_rule};

use super::Said;
use super::gateway::{FORM, JSON, POINTER, RECEIPT, URL, header_part};
use super::senders::{Request, SenderProblem};
use kopilka_core::consent::Channel;
use kopilka_core::words::Language;
use kopilka_store::messaging::TemplateRow;
use minijinja::{AutoEscape, Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value};
use serde::Serialize;
use std::io;

/// Steps of one rendering: a letter with a hundred rows takes some thousands.
pub const STEPS_MAX: u64 = 50_000;
/// Of what a template makes: mail programs cut letters off at about a hundred kilobytes.
pub const OUTPUT_MAX: usize = 100 << 10;
/// A template's own length: what its output may have.
pub const SOURCE_MAX: usize = OUTPUT_MAX;
/// A subject is read in a list.
pub const SUBJECT_MAX: usize = 300;
/// Ten parts of a short message in Cyrillic letters; each is paid for.
pub const SHORT_MAX: usize = 670;
/// What Telegram takes.
pub const CHAT_MAX: usize = 4_096;

/// What a message says, as its author wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Template {
    /// Of letters alone.
    pub subject: String,
    pub text: String,
    /// Of letters alone, where they have one.
    pub html: Option<String>,
}

/// Why a template does not do, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateProblem {
    /// `subject`, `text` or `html`.
    pub part: &'static str,
    /// From 1; 0 where no line is to blame.
    pub line: usize,
    pub why: String,
}

/// What a rendering failed for.
#[derive(Debug)]
pub(super) struct Rendered {
    pub line: usize,
    pub why: String,
}

impl Template {
    /// The engine's own words for an event; nothing for a message of a rule.
    pub fn builtin(event: &MessageEvent, channel: Channel, language: Language) -> Template {
        builtin::template(event.name, channel, language)
    }

    pub(crate) fn of_row(row: TemplateRow) -> Template {
        Template { subject: row.subject, text: row.body, html: row.html }
    }

    /// Says it with these values. Errors: a part that does not render, or says too much for its channel.
    pub fn render(&self, channel: Channel, values: &impl Serialize) -> Result<Said, TemplateProblem> {
        let mut environment = environment();
        let parts =
            [("subject", Some(&self.subject)), ("text", Some(&self.text)), ("html", self.html.as_ref())];
        for (part, source) in parts {
            let Some(source) = source else { continue };
            if source.len() > SOURCE_MAX {
                return Err(too_long(part, SOURCE_MAX));
            }
            environment.add_template(part, source).map_err(|error| problem(part, &error))?;
        }
        let render = |part: &'static str| {
            render_part(&environment, part, values).map_err(|Rendered { line, why }| TemplateProblem {
                part,
                line,
                why,
            })
        };
        let said = Said {
            subject: render("subject")?,
            text: render("text")?,
            html: self.html.as_ref().map(|_| render("html")).transpose()?,
        };
        let text_max = match channel {
            Channel::Sms => SHORT_MAX,
            Channel::Telegram => CHAT_MAX,
            _ => OUTPUT_MAX,
        };
        for (part, text, max) in [("subject", &said.subject, SUBJECT_MAX), ("text", &said.text, text_max)] {
            if text.chars().count() > max {
                return Err(too_long(part, max));
            }
        }
        match said.text.trim().is_empty() {
            true => Err(TemplateProblem { part: "text", line: 0, why: "it says nothing".to_owned() }),
            false => Ok(said),
        }
    }
}

fn too_long(part: &'static str, max: usize) -> TemplateProblem {
    TemplateProblem { part, line: 0, why: format!("longer than {max}") }
}

fn problem(part: &'static str, error: &Error) -> TemplateProblem {
    let Rendered { line, why } = told(error);
    TemplateProblem { part, line, why }
}

/// What the author is told: the kind of the error, what it is about, and the line.
fn told(error: &Error) -> Rendered {
    let why = match (error.kind(), error.detail()) {
        (ErrorKind::OutOfFuel, _) => format!("more than {STEPS_MAX} steps"),
        (kind, Some(detail)) => format!("{kind}: {detail}"),
        (kind, None) => kind.to_string(),
    };
    Rendered { line: error.line().unwrap_or_default(), why }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(STEPS_MAX));
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|part| match part.rsplit('.').next() {
        Some("html") => AutoEscape::Html,
        Some("json") => AutoEscape::Json,
        Some("query") => AutoEscape::Custom("query"),
        _ => AutoEscape::None,
    });
    environment.set_formatter(format);
    environment
}

/// Values in addresses and forms are percent-encoded; what is not known says nothing.
fn format(out: &mut Output<'_>, state: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    if value.is_none() && state.auto_escape() != AutoEscape::Json {
        return Ok(());
    }
    if state.auto_escape() != AutoEscape::Custom("query") {
        return minijinja::escape_formatter(out, state, value);
    }
    let encoded: String = url::form_urlencoded::byte_serialize(value.to_string().as_bytes()).collect();
    out.write_str(&encoded).map_err(Error::from)
}

/// An output that ends where it becomes too long.
struct Bounded(Vec<u8>);

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len() + bytes.len() > OUTPUT_MAX {
            return Err(io::Error::other(format!("longer than {OUTPUT_MAX} bytes")));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

pub(super) fn render_part(
    environment: &Environment<'_>,
    part: &str,
    values: &impl Serialize,
) -> Result<String, Rendered> {
    let template = environment.get_template(part).map_err(|error| told(&error))?;
    let mut out = Bounded(Vec::new());
    template.render_captured_to(values, &mut out).map_err(|error| match error.kind() {
        ErrorKind::WriteFailure => Rendered { line: 0, why: format!("longer than {OUTPUT_MAX} bytes") },
        _ => told(&error),
    })?;
    String::from_utf8(out.0).map_err(|error| Rendered { line: 0, why: error.to_string() })
}

/// The templates of a gateway's request.
pub(super) fn gateway_environment(request: &Request) -> Result<Environment<'static>, SenderProblem> {
    let mut environment = environment();
    let mut add = |setting: &'static str, part: String, source: &String| {
        if source.len() > SOURCE_MAX {
            return Err(SenderProblem::Setting(setting));
        }
        environment.add_template_owned(part, source.clone()).map_err(|error| {
            let Rendered { line, why } = told(&error);
            SenderProblem::Template { setting, line, why }
        })
    };
    add("url", URL.to_owned(), &request.url)?;
    add("body", FORM.to_owned(), &request.body)?;
    add("body", JSON.to_owned(), &request.body)?;
    for (name, value) in &request.headers {
        add("headers", header_part(name), value)?;
    }
    if let Some(success) = &request.success {
        add("success", POINTER.to_owned(), &success.pointer)?;
    }
    if let Some(receipt) = &request.receipt {
        add("receipt", RECEIPT.to_owned(), receipt)?;
    }
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use super::super::CHANNELS;
    use super::*;
    use kopilka_core::words::LANGUAGES;
    use serde_json::json;

    fn letter(subject: &str, text: &str, html: Option<&str>) -> Template {
        Template { subject: subject.to_owned(), text: text.to_owned(), html: html.map(str::to_owned) }
    }

    #[test]
    fn every_event_has_words_of_its_own_in_every_language_and_channel() {
        for event in EVENTS {
            for (channel, language) in
                CHANNELS.into_iter().flat_map(|channel| LANGUAGES.map(|language| (channel, language)))
            {
                let said =
                    Template::builtin(event, channel, language).render(channel, &event.sample(language));
                let said =
                    said.unwrap_or_else(|why| panic!("{} {channel:?} {language:?}: {why:?}", event.name));
                let least = Template::builtin(event, channel, language);
                let least = least.render(channel, &event.least(language)).unwrap();
                assert!(!least.text.contains("  "), "{}: {}", event.name, least.text);
                let is_letter = channel == Channel::Email;
                assert_eq!(said.subject.is_empty(), !is_letter, "{}", event.name);
                assert_eq!(said.html.is_some(), is_letter, "{}", event.name);
                let cyrillic = said.text.chars().any(|c| ('а'..='я').contains(&c));
                assert_eq!(cyrillic, language == Language::Ru, "{} {channel:?}: {}", event.name, said.text);
            }
        }
    }

    #[test]
    fn what_does_not_render_is_told_with_its_line() {
        let values = json!({ "name": "Anna", "rows": [1, 2] });
        let told = |template: &Template| template.render(Channel::Email, &values).map(|said| said.text);
        for (text, line, why) in [
            ("a\n{{ nmae }}", 2, "undefined value"),
            ("a\n\n{% if %}", 3, "syntax error"),
            ("{{ name.first.second }}", 1, "undefined value"),
            ("{% for a in range(9999) %}{% for b in range(9999) %}{% endfor %}{% endfor %}", 1, "steps"),
            ("{{ 'x' * 200000 }}", 0, "longer than"),
            ("{% include 'other' %}", 1, "unknown statement"),
            (" \n ", 0, "it says nothing"),
        ] {
            let problem = told(&letter("s", text, None)).unwrap_err();
            assert_eq!((problem.part, problem.line), ("text", line), "{text}: {problem:?}");
            assert!(problem.why.contains(why), "{text}: {problem:?}");
        }
        assert_eq!(told(&letter("s", "{{ rows | length }} {{ name }}", None)).unwrap(), "2 Anna");
        let short = Template { text: "x".repeat(SHORT_MAX + 1), ..Template::default() };
        assert!(short.render(Channel::Sms, &values).is_err());
        assert!(short.render(Channel::Telegram, &values).is_ok());
    }

    #[test]
    fn a_value_is_text_in_a_text_and_never_a_tag_in_html() {
        let values = json!({ "name": "<b>&\"Анна\"" });
        let template = letter("{{ name }}", "{{ name }}", Some("<p>{{ name }}</p>"));
        let said = template.render(Channel::Email, &values).unwrap();
        assert_eq!((said.subject.as_str(), said.text.as_str()), ("<b>&\"Анна\"", "<b>&\"Анна\""));
        assert_eq!(said.html.unwrap(), "<p>&lt;b&gt;&amp;&quot;Анна&quot;</p>");
    }
}
