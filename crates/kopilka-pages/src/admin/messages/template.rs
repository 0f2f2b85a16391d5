//! `/admin/messages/{event}/{channel}/{language}`: the words of one message, tried as they are written.
//!
//! Invariant: what does not render is not kept, and comes back to its field with the line.

use super::preview::{Preview, Wrong};
use super::{Known, address, channel_label, event_label, key};
use crate::answer::{Page, again, with_letter};
use crate::frame::{Frame, Tone};
use crate::posted::Posted;
use crate::sections::Section;
use crate::visit::{Office, back_to};
use crate::words::Words;
use axum::extract::Path;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Channel;
use kopilka_core::words::{LANGUAGES, Language};
use kopilka_service::messages::templates::{SHORT_MAX, Template, event_of, is_of_rule};
use kopilka_service::{ServiceError, TemplateKey};
use kopilka_web::problem::Problem;

type Named = Path<(String, String, String)>;

/// A value that the words may name, and what it is in the sample.
pub struct Value {
    /// As one writes it.
    pub name: String,
    pub sample: String,
}

#[derive(askama::Template)]
#[template(path = "admin/message.html")]
pub struct TemplatePage {
    pub frame: Frame,
    pub event: String,
    pub event_name: String,
    pub channel: String,
    pub language: String,
    /// The page's own address, and that of the other language.
    pub address: String,
    pub others: Vec<(String, String)>,
    pub is_letter: bool,
    pub is_builtin: bool,
    pub has_builtin: bool,
    pub off: Option<String>,
    pub limit: Option<String>,
    pub template: Template,
    pub values: Vec<Value>,
    pub preview: Preview,
    /// To whom a test was to go, where it came back.
    pub to: String,
}

#[derive(askama::Template)]
#[template(path = "admin/message_preview.html")]
pub struct PreviewPart {
    pub frame: Frame,
    pub preview: Preview,
}

impl TemplatePage {
    /// What is wrong with a part of what was typed.
    pub fn wrong(&self, part: &str) -> Option<&Wrong> {
        self.preview.wrong.as_ref().filter(|wrong| wrong.part == part)
    }
    pub fn html(&self) -> &str {
        self.template.html.as_deref().unwrap_or_default()
    }

    pub fn sample(language: Language) -> TemplatePage {
        let frame = Frame::sample(language);
        let words = frame.words;
        let script = "<script>alert(1)</script>";
        let problem = kopilka_service::messages::templates::TemplateProblem {
            part: "text",
            line: 2,
            why: "undefined value".to_owned(),
        };
        TemplatePage {
            event: event_label(words, "points_accrued"),
            event_name: "points_accrued".to_owned(),
            channel: channel_label(words, Channel::Email),
            language: words.say("language-ru"),
            address: address("points_accrued", Channel::Email, Language::Ru),
            others: vec![(words.say("language-en"), "/admin/messages/points_accrued/email/en".to_owned())],
            is_letter: true,
            is_builtin: false,
            has_builtin: true,
            off: Some(words.say("messages-off")),
            limit: None,
            template: Template {
                subject: format!("\">{script}"),
                text: format!("</textarea>{script}"),
                html: Some(format!("</textarea>{script}")),
            },
            values: vec![Value { name: "{{ points }}".to_owned(), sample: "25".to_owned() }],
            preview: Preview {
                subject: script.to_owned(),
                text: script.to_owned(),
                html: Some(format!("<p style=\"color:red\">\"{script}</p>")),
                length: None,
                wrong: Some(Wrong::of(words, problem)),
            },
            to: "\"><b>".to_owned(),
            frame,
        }
    }
}

/// Values with what they are in the sample; of lists each part of a row.
fn values(event: &str, language: &str, program: &str) -> Vec<Value> {
    let language = LANGUAGES.into_iter().find(|known| known.tag() == language).unwrap_or_default();
    let mut sample = event_of(event).map(|event| event.sample(language)).unwrap_or_default();
    sample.insert("program".to_owned(), program.into());
    let said = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Null => String::new(),
        other => other.to_string(),
    };
    let mut out = Vec::new();
    for (name, value) in &sample {
        match value.as_array().and_then(|rows| rows.first()).and_then(|row| row.as_object()) {
            Some(row) => {
                let inside: Vec<String> = row.keys().map(|part| format!("{{{{ row.{part} }}}}")).collect();
                let name = format!("{{% for row in {name} %}} {} {{% endfor %}}", inside.join(" "));
                let sample = row.values().map(&said).collect::<Vec<_>>().join(", ");
                out.push(Value { name, sample });
            }
            None => out.push(Value { name: format!("{{{{ {name} }}}}"), sample: said(value) }),
        }
    }
    out
}

/// The program's name in the language of the message, as it is sent, and not of who looks at it.
fn program_name(office: &Office, key: &TemplateKey) -> String {
    let language = LANGUAGES.into_iter().find(|known| known.tag() == key.language).unwrap_or_default();
    language.of(&office.desk.program.name).to_owned()
}

fn unknown() -> Response {
    Problem::of("template_unknown").into_response()
}

/// The page with words in it: those in force, or what was typed.
async fn drawn(
    office: &Office,
    key: &TemplateKey,
    typed: Option<Template>,
    frame: Frame,
) -> Result<TemplatePage, Response> {
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let in_force = match service.template(program, key.clone()).await {
        Ok(words) => Some(words),
        Err(ServiceError::TemplateUnknown) => None,
        Err(error) => return Err(office.desk.failed(error).into_response()),
    };
    let is_builtin = in_force.as_ref().is_none_or(|words| words.builtin);
    let blank = in_force.is_none() && typed.is_none();
    let template = typed.or(in_force.map(|words| words.template)).unwrap_or_default();
    let event = event_of(&key.event).ok_or_else(unknown)?;
    let words = frame.words;
    let name = program_name(office, key);
    let preview = match blank {
        true => Preview::default(),
        false => Preview::of(words, event, key, &template, &name),
    };
    let known = Known::of(office).await?;
    let other = |language: Language| {
        let label = words.say(&format!("language-{}", language.tag()));
        (label, address(&key.event, key.channel, language))
    };
    let others = LANGUAGES.into_iter().filter(|language| language.tag() != key.language).map(other);
    Ok(TemplatePage {
        event: event_label(words, &key.event),
        event_name: key.event.clone(),
        channel: channel_label(words, key.channel),
        language: words.say(&format!("language-{}", key.language)),
        address: format!(
            "/admin/messages/{}/{}/{}",
            crate::act::in_address(&key.event),
            key.channel.name(),
            key.language
        ),
        others: others.collect(),
        is_letter: key.channel == Channel::Email,
        is_builtin,
        has_builtin: !is_of_rule(&key.event),
        off: known.off(words, &key.event, key.channel),
        limit: limit(words, key.channel),
        values: values(&key.event, &key.language, &name),
        template,
        preview,
        to: String::new(),
        frame,
    })
}

fn limit(words: Words, channel: Channel) -> Option<String> {
    let most = i64::try_from(SHORT_MAX).unwrap_or(i64::MAX);
    (channel == Channel::Sms).then(|| words.say_n("template-short", most))
}

/// A browser sends lines with a carriage return; templates are kept as they were written.
fn typed(posted: &Posted, is_letter: bool) -> Template {
    let part = |name: &str| posted.raw(name).replace("\r\n", "\n");
    let html = part("html");
    Template {
        subject: if is_letter { posted.text("subject").to_owned() } else { String::new() },
        text: part("text"),
        html: (is_letter && !html.trim().is_empty()).then_some(html),
    }
}

pub async fn page(office: Office, Path((event, channel, language)): Named) -> Result<Response, Response> {
    let key = key(&event, &channel, &language).ok_or_else(unknown)?;
    let frame = Frame::of(&office.visit, Some(Section::Messages));
    Ok(with_letter(Page(drawn(&office, &key, None, frame).await?).into_response()))
}

/// `POST …/preview`: asked while one writes; by itself the whole page with what was typed.
pub async fn preview(
    office: Office,
    Path((event, channel, language)): Named,
    posted: Posted,
) -> Result<Response, Response> {
    let key = key(&event, &channel, &language).ok_or_else(unknown)?;
    let frame = Frame::of(&office.visit, Some(Section::Messages));
    let template = typed(&posted, key.channel == Channel::Email);
    if !office.visit.part {
        return Ok(with_letter(Page(drawn(&office, &key, Some(template), frame).await?).into_response()));
    }
    let event = event_of(&key.event).ok_or_else(unknown)?;
    let name = program_name(&office, &key);
    let preview = Preview::of(frame.words, event, &key, &template, &name);
    Ok(Page(PreviewPart { frame, preview }).into_response())
}

/// `POST …`: words of one's own are kept, or the engine's stand again.
pub async fn change(
    office: Office,
    Path((event, channel, language)): Named,
    posted: Posted,
) -> Result<Response, Response> {
    let key = key(&event, &channel, &language).ok_or_else(unknown)?;
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let goal = format!("/admin/messages/{}/{channel}/{language}", crate::act::in_address(&event));
    match posted.text("act") {
        "builtin" => match service.delete_template(program, key).await {
            // Sent twice, the second finds nothing to take away: it is as it was wanted.
            Ok(()) | Err(ServiceError::TemplateUnknown) => Ok(back_to(&format!("{goal}?done=builtin"))),
            Err(error) => Err(office.desk.failed(error).into_response()),
        },
        "save" => {
            let template = typed(&posted, key.channel == Channel::Email);
            match service.put_template(program, key.clone(), template.clone()).await {
                Ok(()) => Ok(back_to(&format!("{goal}?done=saved"))),
                Err(ServiceError::TemplateInvalid(problem)) => {
                    let frame = Frame::of(&office.visit, Some(Section::Messages));
                    let wrong = Wrong::of(frame.words, problem);
                    let said = frame.say("template-not-kept");
                    let frame = frame.with_notice(Tone::Bad, said);
                    let mut page = drawn(&office, &key, Some(template), frame).await?;
                    page.preview.wrong = Some(wrong);
                    Ok(with_letter(again(page, "template_invalid")))
                }
                Err(error) => Err(office.desk.failed(error).into_response()),
            }
        }
        _ => Err(Problem::of("form_invalid").into_response()),
    }
}

/// `POST …/test`: the words that are kept, sent now and once to an address of one's own.
pub async fn test(
    office: Office,
    Path((event, channel, language)): Named,
    posted: Posted,
) -> Result<Response, Response> {
    let key = key(&event, &channel, &language).ok_or_else(unknown)?;
    let (service, program) = (&office.desk.app.service, office.desk.program_id());
    let to = posted.text("to").to_owned();
    let frame = Frame::of(&office.visit, Some(Section::Messages));
    let sent = service.test_template(program, key.clone(), None, &to).await;
    let (frame, code) = match sent {
        Ok(sent) => match sent.answer {
            Ok(_) => {
                let said = frame.say_of("messages-test-sent", &to);
                (frame.with_notice(Tone::Good, said), None)
            }
            Err(why) => {
                let said = frame.say_of("messages-test-refused", &why);
                (frame.with_notice(Tone::Bad, said), Some("message_refused"))
            }
        },
        Err(ServiceError::MessageInvalid("address")) => {
            let said = frame.say("messages-test-address");
            (frame.with_notice(Tone::Bad, said), Some("message_invalid"))
        }
        Err(error) => {
            let problem = office.desk.failed(error);
            if problem.status.is_server_error() {
                return Err(problem.into_response());
            }
            let said = office.desk.language.of(&problem.detail).to_owned();
            (frame.with_notice(Tone::Bad, said), Some(problem.code))
        }
    };
    let page = TemplatePage { to, ..drawn(&office, &key, None, frame).await? };
    Ok(with_letter(match code {
        Some(code) => again(page, code),
        None => Page(page).into_response(),
    }))
}
