//! `/admin/messages/log`: what was written to whom, and why something was not.
//!
//! Invariant: neither a message's words nor an address stand here: they are sealed, and only while it waits.

use super::{channel_label, event_label};
use crate::act::may;
use crate::admin::members::address;
use crate::admin::people::{Tag, names_of};
use crate::answer::Page;
use crate::frame::Frame;
use crate::sections::Section;
use crate::shown::Shown;
use crate::visit::{Office, asked};
use crate::words::Words;
use askama::Template;
use axum::response::{IntoResponse, Response};
use kopilka_core::consent::Channel;
use kopilka_core::ids::{MemberId, MessageId};
use kopilka_core::words::Language;
use kopilka_service::messages::CHANNELS;
use kopilka_service::{MessageRow, MessageState, MessagesAsked};
use kopilka_web::scopes::Scope;
use std::collections::BTreeMap;

/// Rows of a page: what is read at a glance.
const ROWS: usize = 50;

pub struct MessageLine {
    pub when: String,
    /// To whom: name and page; the number is the name for whoever may see no members.
    pub member: Option<(String, String)>,
    pub event: String,
    pub event_name: String,
    pub channel: String,
    pub class: String,
    pub state: Tag,
    /// Why it was not sent, or what it waits for; an unknown reason as it is.
    pub why: String,
    pub code: Option<String>,
    pub tries: u32,
}

/// A choice of a filter.
pub struct Choice {
    pub value: &'static str,
    pub label: String,
    pub is_here: bool,
}

#[derive(Template)]
#[template(path = "admin/message_log.html")]
pub struct LogPage {
    pub frame: Frame,
    pub lines: Vec<MessageLine>,
    pub states: Vec<Choice>,
    pub channels: Vec<Choice>,
    pub member: Option<(String, String)>,
    pub filtered: bool,
    pub next: Option<String>,
}

impl LogPage {
    pub fn sample(language: Language) -> LogPage {
        let frame = Frame::sample(language);
        let line = |state, reason: Option<&str>| {
            let (why, code) = why(frame.words, reason);
            MessageLine {
                when: "1.03.2026, 10:00".to_owned(),
                member: Some(("<script>alert(1)</script>".to_owned(), "m_1".to_owned())),
                event: event_label(frame.words, "points_accrued"),
                event_name: "points_accrued".to_owned(),
                channel: channel_label(frame.words, Channel::Sms),
                class: frame.say("class-service"),
                state: state_tag(frame.words, state),
                why,
                code,
                tries: 2,
            }
        };
        LogPage {
            lines: vec![
                line(MessageState::Sent, None),
                line(MessageState::Dropped, Some("no_consent")),
                line(MessageState::Failed, Some("<b>status_403</b>")),
            ],
            states: states(frame.words, Some(MessageState::Dropped)),
            channels: channels(frame.words, None),
            member: Some(("Анна".to_owned(), "m_1".to_owned())),
            filtered: true,
            next: Some("/admin/messages/log?before=msg_1".to_owned()),
            frame,
        }
    }
    pub fn sample_empty(language: Language) -> LogPage {
        LogPage { lines: Vec::new(), next: None, filtered: false, member: None, ..LogPage::sample(language) }
    }
}

fn state_tag(words: Words, state: MessageState) -> Tag {
    let tone = match state {
        MessageState::Waiting => "warn",
        MessageState::Sent => "good",
        MessageState::Failed => "bad",
        MessageState::Dropped => "",
    };
    Tag { label: words.say(&format!("message-{}", state.name())), tone }
}

/// Words of a reason, and its code where there are none.
fn why(words: Words, reason: Option<&str>) -> (String, Option<String>) {
    let Some(reason) = reason else { return (String::new(), None) };
    let plain = reason.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let known = words.say_if_known(&format!("message-why-{}", reason.replace('_', "-"))).filter(|_| plain);
    match known {
        Some(said) => (said, None),
        None => (String::new(), Some(reason.to_owned())),
    }
}

/// A member by the name, as far as names were read.
fn named(names: &BTreeMap<MemberId, String>, id: MemberId) -> (String, String) {
    (names.get(&id).cloned().unwrap_or_else(|| id.to_string()), id.to_string())
}

fn line(words: Words, shown: &Shown, names: &BTreeMap<MemberId, String>, row: MessageRow) -> MessageLine {
    let waits = row.state == MessageState::Waiting;
    let (mut why, code) = why(words, row.reason.as_deref());
    if waits && row.at > row.created_at {
        let at = shown.moment(row.at);
        // What was never tried and may go only later waits for the end of quiet hours.
        let key = if row.tries == 0 { "message-quiet" } else { "message-again" };
        let next = words.say_with(key, &[("value", &at)]);
        why = if why.is_empty() { next } else { format!("{why} {next}") };
    }
    MessageLine {
        when: shown.moment(if waits { row.created_at } else { row.at }),
        member: row.member.map(|member| named(names, member)),
        event: event_label(words, &row.event),
        event_name: row.event,
        channel: channel_label(words, row.channel),
        class: words.say(&format!("class-{}", row.class.name())),
        state: state_tag(words, row.state),
        why,
        code,
        tries: row.tries,
    }
}

fn states(words: Words, here: Option<MessageState>) -> Vec<Choice> {
    let choice = |state: MessageState| Choice {
        value: state.name(),
        label: state_tag(words, state).label,
        is_here: Some(state) == here,
    };
    MessageState::ALL.into_iter().map(choice).collect()
}

fn channels(words: Words, here: Option<Channel>) -> Vec<Choice> {
    let choice = |channel: Channel| Choice {
        value: channel.name(),
        label: channel_label(words, channel),
        is_here: Some(channel) == here,
    };
    CHANNELS.into_iter().map(choice).collect()
}

pub async fn page(office: Office) -> Result<Response, Response> {
    let path = &office.visit.path;
    // An address that was written by hand and names nothing of ours shows everything.
    let wanted = MessagesAsked {
        state: asked(path, "state").and_then(|text| MessageState::by_name(&text)),
        channel: asked(path, "channel")
            .and_then(|text| Channel::by_name(&text))
            .filter(|channel| CHANNELS.contains(channel)),
        member: asked(path, "member").and_then(|text| MemberId::parse(&text)),
        before: asked(path, "before").and_then(|text| MessageId::parse(&text)),
    };
    // One more than the page tells whether there is a next one.
    let rows = office.desk.app.service.messages(office.desk.program_id(), wanted, ROWS + 1).await;
    let mut rows = rows.map_err(|error| office.desk.failed(error).into_response())?;
    let more = rows.len() > ROWS;
    rows.truncate(ROWS);
    let member = wanted.member.map(|member| member.to_string());
    let next = rows.last().filter(|_| more).map(|row| {
        let before = row.id.to_string();
        let mut values = vec![("before", before.as_str())];
        values.extend(wanted.state.map(|state| ("state", state.name())));
        values.extend(wanted.channel.map(|channel| ("channel", channel.name())));
        values.extend(member.as_deref().map(|member| ("member", member)));
        address("/admin/messages/log", &values)
    });
    let (program, words) = (office.desk.program_id(), Words(office.desk.language));
    let members: Vec<MemberId> = match may(&office.desk, Scope::MembersRead) {
        true => rows.iter().filter_map(|row| row.member).chain(wanted.member).collect(),
        false => Vec::new(),
    };
    let names = office.desk.read(move |r| names_of(r, program, words, members)).await;
    let names = names.map_err(IntoResponse::into_response)?;
    let frame = Frame::of(&office.visit, Some(Section::Messages));
    let shown = Shown::of(&office.desk);
    Ok(Page(LogPage {
        lines: rows.into_iter().map(|row| line(frame.words, &shown, &names, row)).collect(),
        states: states(frame.words, wanted.state),
        channels: channels(frame.words, wanted.channel),
        filtered: wanted.state.is_some() || wanted.channel.is_some() || member.is_some(),
        member: wanted.member.map(|member| named(&names, member)),
        next,
        frame,
    })
    .into_response())
}
