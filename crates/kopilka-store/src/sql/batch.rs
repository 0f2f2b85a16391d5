//! A group's statements where a server holds the database: many rows in one round trip.
//!
//! Invariant: each says the same as its single form in `command` or `projection`, row by row, and names the
//! same keys; the arrays of a statement are as long as each other.

pub const NAMES: &str = "SELECT d.program_id, d.kind, d.value, d.member_id, d.entry_id \
    FROM unnest(?1::bigint[], ?2::text[], ?3::bytea[]) AS w(program_id, kind, value) \
    JOIN directory d ON d.program_id = w.program_id AND d.kind = w.kind AND d.value = w.value";
/// Locked in order of id, so that two groups never wait for each other.
pub const MEMBERS_LOCKED: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, \
    body FROM member WHERE member_id = ANY(?1::bigint[]) AND program_id = ANY(?2::bigint[]) \
    ORDER BY member_id FOR UPDATE";
pub const ORDERS: &str = "SELECT o.format, o.body, o.member_id, o.shop, o.order_id \
    FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[]) AS w(member_id, shop, order_id, program_id) \
    JOIN orders o ON o.member_id = w.member_id AND o.shop = w.shop AND o.order_id = w.order_id \
    AND o.program_id = w.program_id";
pub const PERSON_FACTS: &str = "SELECT p.birth_date, p.birth_date_known_at, p.attributes, \
    CAST(CASE WHEN p.name IS NULL THEN 0 ELSE 1 END + CASE WHEN p.phones = '[]' THEN 0 ELSE 2 END \
    + CASE WHEN p.emails = '[]' THEN 0 ELSE 4 END + CASE WHEN p.cards = '[]' THEN 0 ELSE 8 END \
    + CASE WHEN p.ext IS NULL AND p.telegram IS NULL THEN 0 ELSE 16 END AS BIGINT), \
    p.language, p.region, p.subscribed, p.member_id FROM unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    JOIN person p ON p.member_id = w.member_id AND p.program_id = w.program_id";
pub const OLD_KEYS: &str = "SELECT k.member_id, k.key_hash, k.entry_id \
    FROM unnest(?1::bigint[], ?2::bytea[], ?3::bigint[]) AS w(member_id, key_hash, program_id) \
    JOIN r_key k ON k.member_id = w.member_id AND k.key_hash = w.key_hash AND k.program_id = w.program_id";

pub const ENTRY_INSERT: &str = "INSERT INTO entry (entry_id, program_id, member_id, format, seq, prev, \
    cause, version, effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, \
    answer, events, trace) SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], \
    ?5::bigint[], ?6::bigint[], ?7::text[], ?8::bigint[], ?9::bigint[], ?10::bigint[], ?11::bytea[], \
    ?12::bytea[], ?13::text[], ?14::text[], ?15::text[], ?16::text[], ?17::text[], ?18::text[], ?19::text[])";
pub const MEMBER_INSERT: &str = "INSERT INTO member (member_id, program_id, format, status, seq, head, next_due, pending, available, \
    held, debt, issued, regranted, written_off, spent, come_back, expired, revoked, shop_loss, sent, \
    received, recent_keys, body) SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], \
    ?4::text[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[], ?9::bigint[], ?10::bigint[], \
    ?11::bigint[], ?12::bigint[], ?13::bigint[], ?14::bigint[], ?15::bigint[], ?16::bigint[], \
    ?17::bigint[], ?18::bigint[], ?19::bigint[], ?20::bigint[], ?21::bigint[], ?22::text[], ?23::text[])";
pub const MEMBER_UPDATE: &str = "UPDATE member AS m SET format = n.format, status = n.status, seq = n.seq, head = n.head, next_due = \
    n.next_due, pending = n.pending, available = n.available, held = n.held, debt = n.debt, issued = \
    n.issued, regranted = n.regranted, written_off = n.written_off, spent = n.spent, come_back = \
    n.come_back, expired = n.expired, revoked = n.revoked, shop_loss = n.shop_loss, sent = n.sent, \
    received = n.received, recent_keys = n.recent_keys, body = n.body FROM unnest(?1::bigint[], \
    ?2::bigint[], ?3::bigint[], ?4::text[], ?5::bigint[], ?6::bigint[], ?7::bigint[], ?8::bigint[], \
    ?9::bigint[], ?10::bigint[], ?11::bigint[], ?12::bigint[], ?13::bigint[], ?14::bigint[], \
    ?15::bigint[], ?16::bigint[], ?17::bigint[], ?18::bigint[], ?19::bigint[], ?20::bigint[], \
    ?21::bigint[], ?22::text[], ?23::text[], ?24::bigint[]) AS n(member_id, program_id, format, status, \
    seq, head, next_due, pending, available, held, debt, issued, regranted, written_off, spent, \
    come_back, expired, revoked, shop_loss, sent, received, recent_keys, body, seq_before) WHERE \
    m.member_id = n.member_id AND m.program_id = n.program_id AND m.seq = n.seq_before";
pub const MEMBER_NEXT_DUE: &str = "UPDATE member AS m SET next_due = n.next_due \
    FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) AS n(member_id, program_id, next_due) \
    WHERE m.member_id = n.member_id AND m.program_id = n.program_id";
pub const ORDER_PUT: &str = "INSERT INTO orders (member_id, shop, order_id, program_id, format, status, \
    paid_at, body) SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[], ?5::bigint[], \
    ?6::text[], ?7::bigint[], ?8::text[]) ON CONFLICT (member_id, shop, order_id) \
    DO UPDATE SET format = excluded.format, status = excluded.status, paid_at = excluded.paid_at, \
    body = excluded.body";
/// The words of a name are written anew with it.
pub const PERSON_WORDS_DELETE: &str = "DELETE FROM person_word AS p \
    USING unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    WHERE p.member_id = w.member_id AND p.program_id = w.program_id";
pub const PERSON_WORD_INSERT: &str = "INSERT INTO person_word (member_id, word, program_id) \
    SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::bigint[])";
pub const NAME_INSERT: &str = "INSERT INTO directory (program_id, kind, value, member_id, entry_id) \
    SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::bytea[], ?4::bigint[], ?5::bigint[]) \
    ON CONFLICT (program_id, kind, value) DO NOTHING";
pub const NAME_DELETE: &str = "DELETE FROM directory AS d \
    USING unnest(?1::bigint[], ?2::text[], ?3::bytea[], ?4::bigint[]) AS w(program_id, kind, value, member_id) \
    WHERE d.program_id = w.program_id AND d.kind = w.kind AND d.value = w.value \
    AND d.member_id = w.member_id";
pub const COUNTER_MAKE: &str = "INSERT INTO counter (program_id, what, used) \
    SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::bigint[]) ON CONFLICT (program_id, what) DO NOTHING";
/// Locked in order of their keys, after the members, so that two groups never wait for each other.
pub const COUNTERS_LOCKED: &str = "SELECT c.program_id, c.what, c.used \
    FROM unnest(?1::bigint[], ?2::text[]) AS w(program_id, what) \
    JOIN counter c ON c.program_id = w.program_id AND c.what = w.what \
    ORDER BY c.program_id, c.what FOR UPDATE OF c";
pub const COUNTER_ADD: &str = "INSERT INTO counter (program_id, what, used) \
    SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::bigint[]) \
    ON CONFLICT (program_id, what) DO UPDATE SET used = counter.used + excluded.used";
pub const COUPON_PUT: &str = "INSERT INTO coupon (program_id, code, campaign, owner_id, expires_at, blocked, \
    created_at) SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[], ?5::bigint[], \
    ?6::bigint[], ?7::bigint[]) ON CONFLICT (program_id, code) \
    DO UPDATE SET expires_at = excluded.expires_at, blocked = excluded.blocked";
pub const OLD_KEY_INSERT: &str = "INSERT INTO r_key (member_id, key_hash, program_id, entry_id) \
    SELECT * FROM unnest(?1::bigint[], ?2::bytea[], ?3::bigint[], ?4::bigint[]) \
    ON CONFLICT (member_id, key_hash) DO NOTHING";
pub const DUE_PUT: &str = "INSERT INTO r_due (member_id, program_id, due_at) \
    SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) \
    ON CONFLICT (member_id) DO UPDATE SET due_at = excluded.due_at WHERE r_due.due_at <> excluded.due_at";
pub const DUE_DELETE: &str = "DELETE FROM r_due AS d \
    USING unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    WHERE d.member_id = w.member_id AND d.program_id = w.program_id";
pub const PART_INSERT: &str = "INSERT INTO accrual_member (member_id, program_id, name, points, state) \
    SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::bigint[], ?5::text[]) \
    ON CONFLICT (member_id, program_id, name) DO NOTHING";
pub const PART_UPDATE: &str = "UPDATE accrual_member AS a SET state = w.state, entry_id = w.entry_id, \
    why = w.why FROM unnest(?1::bigint[], ?2::bigint[], ?3::text[], ?4::text[], ?5::bigint[], ?6::text[]) \
    AS w(member_id, program_id, name, state, entry_id, why) \
    WHERE a.member_id = w.member_id AND a.program_id = w.program_id AND a.name = w.name";

pub const DUE_STATES: &str = "SELECT m.member_id, m.program_id, m.next_due, d.due_at \
    FROM unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    JOIN member m ON m.member_id = w.member_id AND m.program_id = w.program_id \
    LEFT JOIN r_due d ON d.member_id = w.member_id AND d.program_id = w.program_id";
/// What the list is to say: a member's due time may not move until it does.
pub const NEXT_DUE_LOCKED: &str = "SELECT m.member_id, m.program_id, m.next_due FROM member m \
    WHERE m.member_id = ANY(?1::bigint[]) AND m.program_id = ANY(?2::bigint[]) \
    ORDER BY m.member_id FOR SHARE";
pub const MEMBERS_NAMED: &str = "SELECT m.member_id, m.program_id, m.format, m.seq, m.head, m.next_due, \
    m.recent_keys, m.body FROM unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    JOIN member m ON m.member_id = w.member_id AND m.program_id = w.program_id";
pub const LOTS_KEPT: &str = "SELECT l.member_id, l.lot, l.month, l.points, l.ends_at \
    FROM unnest(?1::bigint[], ?2::bigint[]) AS w(member_id, program_id) \
    JOIN r_lot l ON l.member_id = w.member_id AND l.program_id = w.program_id";
pub const ORDER_ENTRY_INSERT: &str = "INSERT INTO r_order_entry (member_id, shop, order_id, entry_id, \
    program_id) SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[], ?5::bigint[]) \
    ON CONFLICT (member_id, shop, order_id, entry_id) DO NOTHING";
/// Orders, and whether their members are guests.
pub const ORDERS_BOUGHT: &str = "SELECT o.format, o.body, m.status, o.member_id, o.program_id \
    FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[]) AS w(member_id, shop, order_id, program_id) \
    JOIN orders o ON o.member_id = w.member_id AND o.shop = w.shop AND o.order_id = w.order_id \
    AND o.program_id = w.program_id \
    JOIN member m ON m.member_id = w.member_id AND m.program_id = w.program_id";
pub const PURCHASE_PUT: &str = "INSERT INTO r_purchase (member_id, shop, order_id, program_id, bought_at, \
    cashier, money, points) SELECT * FROM unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[], \
    ?5::bigint[], ?6::text[], ?7::bigint[], ?8::bigint[]) ON CONFLICT (member_id, shop, order_id) \
    DO UPDATE SET bought_at = excluded.bought_at, cashier = excluded.cashier, money = excluded.money, \
    points = excluded.points";
pub const PURCHASE_DELETE: &str = "DELETE FROM r_purchase AS p \
    USING unnest(?1::bigint[], ?2::text[], ?3::text[], ?4::bigint[]) AS w(member_id, shop, order_id, program_id) \
    WHERE p.member_id = w.member_id AND p.shop = w.shop AND p.order_id = w.order_id \
    AND p.program_id = w.program_id";
pub const LOT_PUT: &str = "INSERT INTO r_lot (member_id, lot, program_id, month, points, ends_at) \
    SELECT * FROM unnest(?1::bigint[], ?2::bigint[], ?3::bigint[], ?4::bigint[], ?5::bigint[], ?6::bigint[]) \
    ON CONFLICT (member_id, lot) DO UPDATE SET month = excluded.month, points = excluded.points, \
    ends_at = excluded.ends_at";
pub const LOT_DELETE: &str = "DELETE FROM r_lot AS l \
    USING unnest(?1::bigint[], ?2::bigint[], ?3::bigint[]) AS w(member_id, lot, program_id) \
    WHERE l.member_id = w.member_id AND l.lot = w.lot AND l.program_id = w.program_id";
