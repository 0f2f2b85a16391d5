//! Statements about webhooks: endpoints, and what each is still to be told.
//!
//! Invariant: of the deliveries that wait for one member and endpoint the first alone has a time; the others
//! stand behind it, at `webhooks::BEHIND`, until it is done with.

/// Columns in the order that `webhooks::endpoint` reads them. Of every program: one server sends for all.
pub const WEBHOOKS_OF_ALL: &str = "SELECT program_id, endpoint_id, url, events, description, state, secret, \
    old_secret, old_until, reached, failing_since, created_at FROM webhook_endpoint \
    ORDER BY program_id, endpoint_id";
pub const WEBHOOKS: &str = "SELECT program_id, endpoint_id, url, events, description, state, secret, \
    old_secret, old_until, reached, failing_since, created_at FROM webhook_endpoint \
    WHERE program_id = ?1 ORDER BY endpoint_id";
pub const WEBHOOK_INSERT: &str = "INSERT INTO webhook_endpoint (program_id, endpoint_id, url, events, \
    description, state, secret, old_secret, old_until, reached, failing_since, created_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)";
pub const WEBHOOK_CHANGE: &str = "UPDATE webhook_endpoint SET url = ?3, events = ?4, description = ?5, \
    state = ?6, failing_since = ?7 WHERE program_id = ?1 AND endpoint_id = ?2";
/// Only over the secret that was read.
pub const WEBHOOK_SECRETS: &str = "UPDATE webhook_endpoint SET secret = ?3, old_secret = ?4, old_until = ?5 \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND secret = ?6";
/// Forward from where it was read; an operator may have moved it meanwhile.
pub const WEBHOOK_REACHED: &str = "UPDATE webhook_endpoint SET reached = ?3 \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND reached = ?4";
pub const WEBHOOK_REPLAY: &str = "UPDATE webhook_endpoint SET reached = ?3 \
    WHERE program_id = ?1 AND endpoint_id = ?2";
/// What sending has shown; an endpoint that an operator has switched off stays off.
pub const WEBHOOK_HEALTH: &str = "UPDATE webhook_endpoint SET state = ?3, failing_since = ?4 \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'enabled'";
pub const WEBHOOK_DELETE: &str = "DELETE FROM webhook_endpoint WHERE program_id = ?1 AND endpoint_id = ?2";

/// One that is there already is to be told again, unless it still waits.
pub const DELIVERY_INSERT: &str = "INSERT INTO webhook_delivery (member_id, endpoint_id, entry_id, position, \
    program_id, event, state, tries, at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', 0, ?7) \
    ON CONFLICT (member_id, endpoint_id, entry_id, position) DO UPDATE SET state = 'waiting', tries = 0, \
    at = excluded.at WHERE webhook_delivery.state <> 'waiting'";
/// The first that waits of a member.
pub const DELIVERY_FIRST: &str = "SELECT entry_id, position, at FROM webhook_delivery \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'waiting' AND member_id = ?3 \
    ORDER BY entry_id, position LIMIT 1";
pub const DELIVERY_DUE_AT: &str = "UPDATE webhook_delivery SET at = ?6 WHERE member_id = ?1 \
    AND endpoint_id = ?2 AND entry_id = ?3 AND position = ?4 AND program_id = ?5 AND state = 'waiting'";
/// What is told again goes before what had a time already.
pub const DELIVERIES_BEHIND: &str = "UPDATE webhook_delivery SET at = ?6 WHERE program_id = ?1 \
    AND endpoint_id = ?2 AND state = 'waiting' AND member_id = ?3 AND at < ?6 \
    AND (entry_id, position) > (?4, ?5)";
pub const DELIVERIES_WAITING: &str = "SELECT count(*) FROM webhook_delivery \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'waiting'";
pub const DELIVERIES_DUE: &str = "SELECT member_id, endpoint_id, entry_id, position, program_id, event, \
    state, tries, at, status, failure FROM webhook_delivery \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'waiting' AND at <= ?3 ORDER BY at LIMIT ?4";
/// A page of the log, the newest first; an empty state stands for all of them.
pub const DELIVERIES: &str = "SELECT member_id, endpoint_id, entry_id, position, program_id, event, state, \
    tries, at, status, failure FROM webhook_delivery WHERE program_id = ?1 AND endpoint_id = ?2 \
    AND (entry_id, position) < (?3, ?4) AND (CAST(?5 AS text) = '' OR state = ?5) \
    ORDER BY entry_id DESC, position DESC LIMIT ?6";
pub const DELIVERY: &str = "SELECT member_id, endpoint_id, entry_id, position, program_id, event, state, \
    tries, at, status, failure FROM webhook_delivery \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND entry_id = ?3 AND position = ?4";
/// What a try has come to, where nobody has asked for another one meanwhile.
pub const DELIVERY_TRIED: &str = "UPDATE webhook_delivery SET state = ?6, tries = ?7, at = ?8, status = ?9, \
    failure = ?10 WHERE member_id = ?1 AND endpoint_id = ?2 AND entry_id = ?3 AND position = ?4 \
    AND program_id = ?5 AND state = 'waiting' AND tries = ?11";
pub const DELIVERY_AGAIN: &str = "UPDATE webhook_delivery SET state = 'waiting', tries = 0, at = ?6 \
    WHERE member_id = ?1 AND endpoint_id = ?2 AND entry_id = ?3 AND position = ?4 AND program_id = ?5";
/// Those that have a time.
pub const DELIVERIES_AT_ONCE: &str = "UPDATE webhook_delivery SET tries = 0, at = ?3 \
    WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'waiting' AND at < ?4";
/// An operator goes on without them.
pub const DELIVERIES_SKIPPED: &str = "UPDATE webhook_delivery SET state = 'given_up', failure = 'skipped', \
    at = ?3 WHERE program_id = ?1 AND endpoint_id = ?2 AND state = 'waiting'";
/// What the log need not keep.
pub const DELIVERIES_OLD: &str = "SELECT member_id, endpoint_id, entry_id, position, program_id, event, \
    state, tries, at, status, failure FROM webhook_delivery WHERE program_id = ?1 AND endpoint_id = ?2 \
    AND state IN ('delivered', 'given_up') AND at < ?3 LIMIT ?4";
/// All of an endpoint that goes.
pub const DELIVERIES_ANY: &str = "SELECT member_id, endpoint_id, entry_id, position, program_id, event, \
    state, tries, at, status, failure FROM webhook_delivery WHERE program_id = ?1 AND endpoint_id = ?2 LIMIT ?3";
pub const DELIVERY_DELETE: &str = "DELETE FROM webhook_delivery WHERE member_id = ?1 AND endpoint_id = ?2 \
    AND entry_id = ?3 AND position = ?4 AND program_id = ?5";

/// Where a stretch of so many entries of the whole journal ends: so much is read at once, whoever wrote it.
pub const STRETCH_END: &str = "SELECT entry_id FROM entry WHERE entry_id > ?1 AND entry_id <= ?2 \
    ORDER BY entry_id LIMIT 1 OFFSET ?3";
/// Columns of an entry in the order that `codec::entry` reads them.
pub const ENTRIES_OF_PROGRAM: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, \
    version, effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, \
    events, trace FROM entry WHERE program_id = ?1 AND entry_id > ?2 AND entry_id <= ?3 \
    ORDER BY entry_id LIMIT ?4";
