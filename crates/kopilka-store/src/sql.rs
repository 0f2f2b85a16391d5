//! The SQL of the store, one subset for every engine.
//!
//! Invariant: time and ids are parameters; every statement of a command names the member or a full key, and
//! filters on the program; `ON CONFLICT` names a whole primary key.

pub const MEMBER: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, body \
    FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const MEMBERS: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, body \
    FROM member WHERE member_id > ?1 AND program_id = ?2 ORDER BY member_id LIMIT ?3";
pub const MEMBER_HEAD: &str = "SELECT seq, head FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const MEMBER_EXISTS: &str = "SELECT 1 FROM member WHERE program_id = ?1 LIMIT 1";
pub const MEMBER_INSERT: &str = "INSERT INTO member (member_id, program_id, format, status, seq, head, \
    next_due, pending, available, held, debt, issued, regranted, written_off, spent, come_back, expired, \
    revoked, shop_loss, recent_keys, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)";
/// The compare-and-set on `seq` guards what the single writer promises.
pub const MEMBER_UPDATE: &str = "UPDATE member SET format = ?3, status = ?4, seq = ?5, head = ?6, \
    next_due = ?7, pending = ?8, available = ?9, held = ?10, debt = ?11, issued = ?12, regranted = ?13, \
    written_off = ?14, spent = ?15, come_back = ?16, expired = ?17, revoked = ?18, shop_loss = ?19, \
    recent_keys = ?20, body = ?21 WHERE member_id = ?1 AND program_id = ?2 AND seq = ?22";
pub const MEMBER_NEXT_DUE: &str = "UPDATE member SET next_due = ?3 WHERE member_id = ?1 AND program_id = ?2";

/// Columns of an entry in the order that `codec::entry` reads them.
pub const ENTRY: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, version, \
    effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace \
    FROM entry WHERE entry_id = ?1 AND program_id = ?2";
pub const ENTRY_INSERT: &str = "INSERT INTO entry (entry_id, program_id, member_id, format, seq, prev, \
    cause, version, effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, \
    answer, events, trace) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
pub const ENTRY_NEWEST: &str = "SELECT coalesce(max(entry_id), 0) FROM entry";
pub const MEMBER_NEWEST: &str = "SELECT coalesce(max(member_id), 0) FROM member";
/// For the projection alone: `events` stands last, so that a row without orders is read from its first page.
pub const ENTRIES_AFTER: &str = "SELECT entry_id, program_id, member_id, cause, key_hash, events \
    FROM entry WHERE entry_id > ?1 ORDER BY entry_id LIMIT ?2";
pub const ENTRY_MEMBERS_AFTER: &str =
    "SELECT entry_id, program_id, member_id FROM entry WHERE entry_id > ?1 ORDER BY entry_id LIMIT ?2";

pub const ORDER: &str = "SELECT format, body FROM orders \
    WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4";
pub const ORDERS_OF_MEMBER: &str =
    "SELECT format, body FROM orders WHERE member_id = ?1 AND program_id = ?2 ORDER BY shop, order_id";
pub const ORDER_PUT: &str = "INSERT INTO orders (member_id, shop, order_id, program_id, format, status, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (member_id, shop, order_id) \
    DO UPDATE SET format = excluded.format, status = excluded.status, body = excluded.body";

pub const PERSON: &str = "SELECT name, birth_date, birth_date_known_at, language, ext, phones, emails, cards \
    FROM person WHERE member_id = ?1 AND program_id = ?2";
pub const PERSON_FACTS: &str =
    "SELECT birth_date, birth_date_known_at FROM person WHERE member_id = ?1 AND program_id = ?2";
pub const PERSON_PUT: &str = "INSERT INTO person (member_id, program_id, name, birth_date, \
    birth_date_known_at, language, ext, phones, emails, cards) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (member_id) DO UPDATE SET \
    name = excluded.name, birth_date = excluded.birth_date, \
    birth_date_known_at = excluded.birth_date_known_at, language = excluded.language, ext = excluded.ext, \
    phones = excluded.phones, emails = excluded.emails, cards = excluded.cards";

pub const NAME: &str =
    "SELECT member_id, entry_id FROM directory WHERE program_id = ?1 AND kind = ?2 AND value = ?3";
pub const NAME_INSERT: &str = "INSERT INTO directory (program_id, kind, value, member_id, entry_id) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (program_id, kind, value) DO NOTHING";
pub const NAME_DELETE: &str =
    "DELETE FROM directory WHERE program_id = ?1 AND kind = ?2 AND value = ?3 AND member_id = ?4";

pub const PROGRAMS: &str = "SELECT p.program_id, p.slug, p.sandbox, p.created_at, c.stands_at \
    FROM program p LEFT JOIN clock c ON c.program_id = p.program_id ORDER BY p.program_id";
pub const PROGRAM_INSERT: &str =
    "INSERT INTO program (program_id, slug, sandbox, created_at) VALUES (?1, ?2, ?3, ?4)";
pub const VERSIONS: &str = "SELECT version, effective_from, published_at, author, note, armed, document \
    FROM version WHERE program_id = ?1 ORDER BY version";
pub const VERSION_INSERT: &str = "INSERT INTO version (program_id, version, effective_from, published_at, \
    author, note, armed, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub const VERSION_ARMED: &str = "UPDATE version SET armed = 1 WHERE program_id = ?1 AND version = ?2";
pub const CLOCK_PUT: &str = "INSERT INTO clock (program_id, stands_at) VALUES (?1, ?2) \
    ON CONFLICT (program_id) DO UPDATE SET stands_at = excluded.stands_at";

pub const PRODUCT: &str = "SELECT body FROM product WHERE program_id = ?1 AND sku = ?2";
pub const PRODUCTS: &str =
    "SELECT body FROM product WHERE program_id = ?1 AND sku > ?2 ORDER BY sku LIMIT ?3";
pub const PRODUCT_PUT: &str = "INSERT INTO product (program_id, sku, body) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, sku) DO UPDATE SET body = excluded.body";

pub const API_KEYS: &str = "SELECT key_id, program_id, shop, name, scopes, secret_hash, created_at, \
    revoked_at FROM api_key ORDER BY created_at, key_id";
pub const API_KEY_INSERT: &str = "INSERT INTO api_key (key_id, program_id, shop, name, scopes, secret_hash, \
    created_at, revoked_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
pub const API_KEY_REVOKE: &str =
    "UPDATE api_key SET revoked_at = ?2 WHERE key_id = ?1 AND revoked_at IS NULL";

pub const SETTING: &str = "SELECT value FROM settings WHERE name = ?1";
pub const SETTING_PUT: &str = "INSERT INTO settings (name, value) VALUES (?1, ?2) \
    ON CONFLICT (name) DO UPDATE SET value = excluded.value";
pub const CURSOR: &str = "SELECT entry_id FROM cursor WHERE name = ?1";
pub const CURSOR_PUT: &str = "INSERT INTO cursor (name, entry_id) VALUES (?1, ?2) \
    ON CONFLICT (name) DO UPDATE SET entry_id = excluded.entry_id WHERE cursor.entry_id < excluded.entry_id";

pub const OLD_KEY: &str =
    "SELECT entry_id FROM r_key WHERE member_id = ?1 AND key_hash = ?2 AND program_id = ?3";
pub const OLD_KEY_INSERT: &str = "INSERT INTO r_key (member_id, key_hash, program_id, entry_id) \
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (member_id, key_hash) DO NOTHING";
pub const ORDER_ENTRY_INSERT: &str = "INSERT INTO r_order_entry (member_id, shop, order_id, entry_id, \
    program_id) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (member_id, shop, order_id, entry_id) DO NOTHING";
pub const ORDER_ENTRIES: &str = "SELECT entry_id FROM r_order_entry \
    WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4 ORDER BY entry_id";
pub const NEXT_DUE: &str = "SELECT next_due FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const DUE: &str = "SELECT member_id, due_at FROM r_due WHERE program_id = ?1 AND due_at <= ?2 \
    ORDER BY due_at, member_id LIMIT ?3";
pub const DUE_OF_MEMBER: &str = "SELECT due_at FROM r_due WHERE member_id = ?1 AND program_id = ?2";
pub const DUE_PUT: &str = "INSERT INTO r_due (member_id, program_id, due_at) VALUES (?1, ?2, ?3) \
    ON CONFLICT (member_id) DO UPDATE SET due_at = excluded.due_at WHERE r_due.due_at <> excluded.due_at";
pub const DUE_DELETE: &str = "DELETE FROM r_due WHERE member_id = ?1 AND program_id = ?2";
pub const LOTS_KEPT: &str =
    "SELECT lot, month, points FROM r_lot WHERE member_id = ?1 AND program_id = ?2 ORDER BY lot";
pub const LOT_PUT: &str = "INSERT INTO r_lot (member_id, lot, program_id, month, points) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (member_id, lot) \
    DO UPDATE SET month = excluded.month, points = excluded.points";
pub const LOT_DELETE: &str = "DELETE FROM r_lot WHERE member_id = ?1 AND lot = ?2 AND program_id = ?3";
pub const LIABILITY: &str =
    "SELECT month, points FROM r_liability WHERE program_id = ?1 AND points <> 0 ORDER BY month";
pub const LIABILITY_ADD: &str = "INSERT INTO r_liability (program_id, month, points) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, month) DO UPDATE SET points = r_liability.points + excluded.points";

// For `verify`: what the tables say beside what they should.
pub const MEMBER_IDS: &str =
    "SELECT member_id FROM member WHERE member_id > ?1 AND program_id = ?2 ORDER BY member_id LIMIT ?3";
pub const MEMBER_COLUMNS: &str = "SELECT status, pending, available, held, debt, issued, regranted, \
    written_off, spent, come_back, expired, revoked, shop_loss FROM member \
    WHERE member_id = ?1 AND program_id = ?2";
pub const NAME_COUNTS: &str = "SELECT kind, count(*) FROM directory WHERE program_id = ?1 GROUP BY kind";
pub const ENTRY_COUNT: &str = "SELECT count(*) FROM entry WHERE program_id = ?1";
pub const ORDER_COUNT: &str = "SELECT count(*) FROM orders WHERE program_id = ?1";
pub const PERSON_COUNT: &str = "SELECT count(*) FROM person WHERE program_id = ?1";
pub const STRAY_MEMBERS: &str =
    "SELECT count(*) FROM member WHERE program_id NOT IN (SELECT program_id FROM program)";
