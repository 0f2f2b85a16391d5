//! Statements about messages to members: by whom they are sent, and what waits or was sent.
//!
//! Invariant: whatever ends a message takes its content and its address away in the same statement.

/// Columns in the order that `messages::sender` reads them. Of every program: one server sends for all.
pub const SENDERS_OF_ALL: &str = "SELECT program_id, channel, settings, secrets, changed_at FROM sender \
    ORDER BY program_id, channel";
pub const SENDERS: &str = "SELECT program_id, channel, settings, secrets, changed_at FROM sender \
    WHERE program_id = ?1 ORDER BY channel";
pub const SENDER_PUT: &str = "INSERT INTO sender (program_id, channel, settings, secrets, changed_at) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (program_id, channel) DO UPDATE SET \
    settings = excluded.settings, secrets = excluded.secrets, changed_at = excluded.changed_at";
/// Only over the secrets that were read.
pub const SENDER_SEALED: &str = "UPDATE sender SET secrets = ?3 \
    WHERE program_id = ?1 AND channel = ?2 AND secrets = ?4";
pub const SENDER_DELETE: &str = "DELETE FROM sender WHERE program_id = ?1 AND channel = ?2";

pub const MESSAGE_INSERT: &str = "INSERT INTO message (member_id, message_id, program_id, channel, event, \
    class, state, tries, at, expires_at, created_at, address, data) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7, ?8, ?9, ?10, ?11)";
pub const MESSAGES_DUE: &str = "SELECT member_id, message_id, program_id, channel, event, class, state, \
    tries, at, expires_at, created_at, address, data, reason, receipt FROM message \
    WHERE program_id = ?1 AND channel = ?2 AND state = 'waiting' AND at <= ?3 ORDER BY at LIMIT ?4";
pub const MESSAGE: &str = "SELECT member_id, message_id, program_id, channel, event, class, state, \
    tries, at, expires_at, created_at, address, data, reason, receipt FROM message \
    WHERE program_id = ?1 AND message_id = ?2";
/// A page of the log, the newest first; an empty text and a member below 0 stand for all of them.
pub const MESSAGES: &str = "SELECT member_id, message_id, program_id, channel, event, class, state, \
    tries, at, expires_at, created_at, address, data, reason, receipt FROM message \
    WHERE program_id = ?1 AND message_id < ?2 AND (CAST(?3 AS text) = '' OR state = ?3) \
    AND (CAST(?4 AS text) = '' OR channel = ?4) AND (CAST(?5 AS bigint) < 0 OR member_id = ?5) \
    ORDER BY message_id DESC LIMIT ?6";
/// What a try has come to, where the message still waits for it. What it says stays as it stands while it
/// waits on: it may have been sealed anew since it was read.
pub const MESSAGE_TRIED: &str = "UPDATE message SET state = ?4, tries = ?5, at = ?6, \
    address = CASE WHEN CAST(?4 AS text) = 'waiting' THEN address END, \
    data = CASE WHEN CAST(?4 AS text) = 'waiting' THEN data END, \
    reason = ?7, receipt = ?8 WHERE member_id = ?1 AND message_id = ?2 AND program_id = ?3 \
    AND state = 'waiting' AND tries = ?9";
/// Sealed anew, while it waits.
pub const MESSAGE_SEALED: &str = "UPDATE message SET address = ?4, data = ?5 \
    WHERE member_id = ?1 AND message_id = ?2 AND program_id = ?3 AND state = 'waiting'";
pub const MESSAGES_OF_MEMBER_DROP: &str = "UPDATE message SET state = 'dropped', at = ?3, address = NULL, \
    data = NULL, reason = ?4 WHERE member_id = ?1 AND program_id = ?2 AND state = 'waiting'";
pub const MESSAGES_OF_CHANNEL_DROP: &str = "UPDATE message SET state = 'dropped', at = ?3, address = NULL, \
    data = NULL, reason = ?4 WHERE program_id = ?1 AND channel = ?2 AND state = 'waiting'";
/// What the log need not keep.
pub const MESSAGES_OLD: &str = "SELECT member_id, message_id, program_id, channel, event, class, state, \
    tries, at, expires_at, created_at, address, data, reason, receipt FROM message \
    WHERE program_id = ?1 AND channel = ?2 AND state IN ('sent', 'failed', 'dropped') AND at < ?3 LIMIT ?4";
pub const MESSAGE_DELETE: &str =
    "DELETE FROM message WHERE member_id = ?1 AND message_id = ?2 AND program_id = ?3";

/// What each program tells its members by itself: of every program, one server does it for all.
pub const MESSAGING_OF_ALL: &str = "SELECT program_id, settings, reached, warned_on, changed_at \
    FROM messaging ORDER BY program_id";
pub const MESSAGING: &str = "SELECT program_id, settings, reached, warned_on, changed_at \
    FROM messaging WHERE program_id = ?1";
/// How far the journal was read and the warnings have come stays as it is.
pub const MESSAGING_PUT: &str = "INSERT INTO messaging (program_id, settings, reached, warned_on, changed_at) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (program_id) DO UPDATE SET settings = excluded.settings, \
    changed_at = excluded.changed_at";
/// Forward from where it was read.
pub const MESSAGING_REACHED: &str =
    "UPDATE messaging SET reached = ?2 WHERE program_id = ?1 AND reached = ?3";
pub const MESSAGING_WARNED: &str =
    "UPDATE messaging SET warned_on = ?2 WHERE program_id = ?1 AND warned_on = ?3";

pub const TEMPLATES: &str = "SELECT event, channel, language, subject, body, html, changed_at FROM template \
    WHERE program_id = ?1 ORDER BY event, channel, language";
pub const TEMPLATE: &str = "SELECT event, channel, language, subject, body, html, changed_at FROM template \
    WHERE program_id = ?1 AND event = ?2 AND channel = ?3 AND language = ?4";
pub const TEMPLATE_PUT: &str = "INSERT INTO template (program_id, event, channel, language, subject, body, \
    html, changed_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (program_id, event, channel, language) DO UPDATE SET subject = excluded.subject, \
    body = excluded.body, html = excluded.html, changed_at = excluded.changed_at";
pub const TEMPLATE_DELETE: &str = "DELETE FROM template WHERE program_id = ?1 AND event = ?2 \
    AND channel = ?3 AND language = ?4";

pub const MESSAGES_WAITING: &str =
    "SELECT count(*) FROM message WHERE program_id = ?1 AND channel = ?2 AND state = 'waiting'";
/// Messages of a class that reached the member since.
pub const MESSAGES_SENT_SINCE: &str = "SELECT count(*) FROM message WHERE member_id = ?1 AND program_id = ?2 \
    AND class = ?3 AND state = 'sent' AND at >= ?4";
/// Whether the member has been written to about this since.
pub const MESSAGE_QUEUED_SINCE: &str = "SELECT count(*) FROM message WHERE member_id = ?1 AND program_id = ?2 \
    AND event = ?3 AND created_at >= ?4";
