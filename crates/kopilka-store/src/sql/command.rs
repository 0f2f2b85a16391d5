//! Statements of a command.
//!
//! Invariant: each names its member, or a directory, product, coupon, counter, former or guest_contact row by
//! its full key, and its program.

pub const MEMBER: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, body \
    FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const MEMBER_INSERT: &str = "INSERT INTO member (member_id, program_id, format, status, seq, head, \
    next_due, pending, available, held, debt, issued, regranted, written_off, spent, come_back, expired, \
    revoked, shop_loss, sent, received, recent_keys, body) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, \
    ?22, ?23)";
/// The compare-and-set on `seq` guards what the member's lock promises.
pub const MEMBER_UPDATE: &str = "UPDATE member SET format = ?3, status = ?4, seq = ?5, head = ?6, \
    next_due = ?7, pending = ?8, available = ?9, held = ?10, debt = ?11, issued = ?12, regranted = ?13, \
    written_off = ?14, spent = ?15, come_back = ?16, expired = ?17, revoked = ?18, shop_loss = ?19, \
    sent = ?20, received = ?21, recent_keys = ?22, body = ?23 \
    WHERE member_id = ?1 AND program_id = ?2 AND seq = ?24";
pub const MEMBER_NEXT_DUE: &str = "UPDATE member SET next_due = ?3 WHERE member_id = ?1 AND program_id = ?2";
pub const ENTRY_INSERT: &str = "INSERT INTO entry (entry_id, program_id, member_id, format, seq, prev, \
    cause, version, effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, \
    answer, events, trace) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";
pub const ORDER: &str = "SELECT format, body FROM orders \
    WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4";
/// The member's newest paid orders of which something remains.
pub const ORDERS_PAID: &str = "SELECT format, body FROM orders \
    WHERE member_id = ?1 AND program_id = ?2 AND status IN ('paid', 'completed') \
    ORDER BY paid_at DESC, shop, order_id LIMIT ?3";
pub const ORDER_PUT: &str = "INSERT INTO orders (member_id, shop, order_id, program_id, format, status, \
    paid_at, body) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (member_id, shop, order_id) \
    DO UPDATE SET format = excluded.format, status = excluded.status, paid_at = excluded.paid_at, \
    body = excluded.body";
/// Of an account that was merged: its orders are another row's by now.
pub const ORDER_DELETE: &str =
    "DELETE FROM orders WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4";
/// Whether the member's id leads to another account. Nearly none does, and then nothing is read.
pub const MEMBER_OF_STATUS: &str =
    "SELECT format, body FROM member WHERE member_id = ?1 AND program_id = ?2 AND status = ?3";
pub const PERSON: &str = "SELECT name, birth_date, birth_date_known_at, language, ext, phones, emails, cards, \
    attributes, region, consents, blocked_cards, sites, other_exts, telegram, holders \
    FROM person WHERE member_id = ?1 AND program_id = ?2";
pub const PERSON_FACTS: &str = "SELECT birth_date, birth_date_known_at, attributes, \
    CAST(CASE WHEN name IS NULL THEN 0 ELSE 1 END + CASE WHEN phones = '[]' THEN 0 ELSE 2 END \
    + CASE WHEN emails = '[]' THEN 0 ELSE 4 END + CASE WHEN cards = '[]' THEN 0 ELSE 8 END \
    + CASE WHEN ext IS NULL AND telegram IS NULL THEN 0 ELSE 16 END AS BIGINT), \
    language, region, subscribed \
    FROM person WHERE member_id = ?1 AND program_id = ?2";
pub const PERSON_PUT: &str = "INSERT INTO person (member_id, program_id, name, birth_date, \
    birth_date_known_at, language, ext, phones, emails, cards, attributes, region, consents, subscribed, \
    blocked_cards, sites, other_exts, telegram, holders) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19) \
    ON CONFLICT (member_id) DO UPDATE SET \
    name = excluded.name, birth_date = excluded.birth_date, \
    birth_date_known_at = excluded.birth_date_known_at, language = excluded.language, ext = excluded.ext, \
    phones = excluded.phones, emails = excluded.emails, cards = excluded.cards, \
    attributes = excluded.attributes, region = excluded.region, consents = excluded.consents, \
    subscribed = excluded.subscribed, blocked_cards = excluded.blocked_cards, \
    sites = excluded.sites, other_exts = excluded.other_exts, telegram = excluded.telegram, \
    holders = excluded.holders";
/// The words of a name are written anew with it.
pub const PERSON_WORDS_DELETE: &str = "DELETE FROM person_word WHERE member_id = ?1 AND program_id = ?2";
pub const PERSON_WORD_INSERT: &str =
    "INSERT INTO person_word (member_id, word, program_id) VALUES (?1, ?2, ?3)";
pub const NAME: &str =
    "SELECT member_id, entry_id FROM directory WHERE program_id = ?1 AND kind = ?2 AND value = ?3";
pub const NAME_INSERT: &str = "INSERT INTO directory (program_id, kind, value, member_id, entry_id) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (program_id, kind, value) DO NOTHING";
pub const NAME_DELETE: &str =
    "DELETE FROM directory WHERE program_id = ?1 AND kind = ?2 AND value = ?3 AND member_id = ?4";
/// Free text may name a person, so it goes with the person; what was booked stays.
pub const REASON_ERASE: &str =
    "UPDATE entry SET reason = NULL WHERE entry_id = ?1 AND program_id = ?2 AND member_id = ?3";
pub const FORMER: &str =
    "SELECT kept_until FROM former WHERE program_id = ?1 AND value = ?2 AND kept_until > ?3";
pub const FORMER_PUT: &str = "INSERT INTO former (program_id, value, kept_until) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, value) DO UPDATE SET kept_until = excluded.kept_until";
pub const GUEST_CONTACT: &str = "SELECT kept_until FROM guest_contact \
    WHERE program_id = ?1 AND address = ?2 AND shop = ?3 AND order_id = ?4";
pub const GUEST_CONTACT_PUT: &str = "INSERT INTO guest_contact (program_id, address, shop, order_id, \
    kept_until) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (program_id, address, shop, order_id) \
    DO UPDATE SET kept_until = excluded.kept_until";
pub const OLD_KEY: &str =
    "SELECT entry_id FROM r_key WHERE member_id = ?1 AND key_hash = ?2 AND program_id = ?3";
pub const OLD_KEY_INSERT: &str = "INSERT INTO r_key (member_id, key_hash, program_id, entry_id) \
    VALUES (?1, ?2, ?3, ?4) ON CONFLICT (member_id, key_hash) DO NOTHING";
pub const DUE_PUT: &str = "INSERT INTO r_due (member_id, program_id, due_at) VALUES (?1, ?2, ?3) \
    ON CONFLICT (member_id) DO UPDATE SET due_at = excluded.due_at WHERE r_due.due_at <> excluded.due_at";
pub const DUE_DELETE: &str = "DELETE FROM r_due WHERE member_id = ?1 AND program_id = ?2";
/// A code that was made, by its one spelling.
pub const COUPON: &str = "SELECT code, campaign, owner_id, expires_at, blocked FROM coupon \
    WHERE program_id = ?1 AND code = ?2";
/// A code as it stands from now on; its campaign and its beginning never change.
pub const COUPON_PUT: &str = "INSERT INTO coupon (program_id, code, campaign, owner_id, expires_at, blocked, \
    created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (program_id, code) \
    DO UPDATE SET expires_at = excluded.expires_at, blocked = excluded.blocked";
pub const COUNTER: &str = "SELECT used FROM counter WHERE program_id = ?1 AND what = ?2";
/// There must be a row before it can be locked.
pub const COUNTER_MAKE: &str = "INSERT INTO counter (program_id, what, used) VALUES (?1, ?2, 0) \
    ON CONFLICT (program_id, what) DO NOTHING";
pub const COUNTER_LOCKED: &str = "SELECT used FROM counter WHERE program_id = ?1 AND what = ?2 FOR UPDATE";
pub const COUNTER_ADD: &str = "INSERT INTO counter (program_id, what, used) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, what) DO UPDATE SET used = counter.used + excluded.used";
pub const PRODUCT: &str = "SELECT body FROM product WHERE program_id = ?1 AND sku = ?2";
/// Where rows are locked one by one: the member's row is a command's lock.
pub const MEMBER_LOCKED: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, body \
    FROM member WHERE member_id = ?1 AND program_id = ?2 FOR UPDATE";
/// The entry that answered a key, or that is to be reversed: the member is known.
pub const ENTRY_OF_MEMBER: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, version, \
    effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace \
    FROM entry WHERE entry_id = ?1 AND program_id = ?2 AND member_id = ?3";
