//! Statements of the journal's consumers: they read it for all programs at once and write `r_*` rows.

pub const ENTRY_NEWEST: &str = "SELECT coalesce(max(entry_id), 0) FROM entry";
pub const MEMBER_NEWEST: &str = "SELECT coalesce(max(member_id), 0) FROM member";
/// For the projection alone: `events` stands last, so that a row without orders is read from its first page.
pub const ENTRIES_AFTER: &str = "SELECT entry_id, program_id, member_id, cause, key_hash, events \
    FROM entry WHERE entry_id > ?1 AND entry_id <= ?2 ORDER BY entry_id LIMIT ?3";
pub const ENTRY_MEMBERS_AFTER: &str = "SELECT entry_id, program_id, member_id FROM entry \
    WHERE entry_id > ?1 AND entry_id <= ?2 ORDER BY entry_id LIMIT ?3";
/// For the relay: entries of the causes that may concern another member, of the stripes in the mask.
pub const RELAYED_AFTER: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, version, \
    effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace \
    FROM entry WHERE entry_id > ?1 AND entry_id <= ?2 AND cause IN ('transfer', 'transfer_declined', \
    'referral', 'referral_heard', 'account_left', 'account_joined', 'erased', 'forgotten', \
    'guest_order_left') \
    AND ((CAST(?3 AS bigint) >> CAST((member_id >> 20) & 7 AS integer)) & 1) = 1 \
    ORDER BY entry_id LIMIT ?4";
pub const CURSOR: &str = "SELECT entry_id FROM cursor WHERE name = ?1";
pub const CURSOR_PUT: &str = "INSERT INTO cursor (name, entry_id) VALUES (?1, ?2) \
    ON CONFLICT (name) DO UPDATE SET entry_id = excluded.entry_id WHERE cursor.entry_id < excluded.entry_id";
pub const ORDER_ENTRY_INSERT: &str = "INSERT INTO r_order_entry (member_id, shop, order_id, entry_id, \
    program_id) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (member_id, shop, order_id, entry_id) DO NOTHING";
/// An order, and whether its member is a guest.
pub const ORDER_BOUGHT: &str = "SELECT o.format, o.body, m.status FROM orders o \
    JOIN member m ON m.member_id = o.member_id AND m.program_id = o.program_id \
    WHERE o.member_id = ?1 AND o.shop = ?2 AND o.order_id = ?3 AND o.program_id = ?4";
pub const PURCHASE_PUT: &str = "INSERT INTO r_purchase (member_id, shop, order_id, program_id, bought_at, \
    cashier, money, points) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
    ON CONFLICT (member_id, shop, order_id) DO UPDATE SET bought_at = excluded.bought_at, \
    cashier = excluded.cashier, money = excluded.money, points = excluded.points";
pub const PURCHASE_DELETE: &str = "DELETE FROM r_purchase \
    WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4";
/// Of one member, for the proof.
pub const PURCHASES_KEPT: &str = "SELECT shop, order_id, bought_at, cashier, money, points FROM r_purchase \
    WHERE member_id = ?1 AND program_id = ?2 ORDER BY shop, order_id";
/// For the migration that fills the words of names: of every program.
pub const NAMES_AFTER: &str = "SELECT member_id, program_id, name FROM person \
    WHERE member_id > ?1 AND name IS NOT NULL ORDER BY member_id LIMIT ?2";
pub const NEXT_DUE: &str = "SELECT next_due FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const DUE_OF_MEMBER: &str = "SELECT due_at FROM r_due WHERE member_id = ?1 AND program_id = ?2";
pub const LOTS_KEPT: &str = "SELECT lot, month, points, ends_at FROM r_lot \
    WHERE member_id = ?1 AND program_id = ?2 ORDER BY lot";
pub const LOT_PUT: &str = "INSERT INTO r_lot (member_id, lot, program_id, month, points, ends_at) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (member_id, lot) \
    DO UPDATE SET month = excluded.month, points = excluded.points, ends_at = excluded.ends_at";
pub const LOT_DELETE: &str = "DELETE FROM r_lot WHERE member_id = ?1 AND lot = ?2 AND program_id = ?3";
pub const LIABILITY_ADD: &str = "INSERT INTO r_liability (program_id, month, points) VALUES (?1, ?2, ?3) \
    ON CONFLICT (program_id, month) DO UPDATE SET points = r_liability.points + excluded.points";
/// What the sums by day read of an entry.
pub const ENTRY_DAYS_AFTER: &str = "SELECT entry_id, program_id, effective_at, events FROM entry \
    WHERE entry_id > ?1 AND entry_id <= ?2 ORDER BY entry_id LIMIT ?3";
pub const DAY_ADD: &str = "INSERT INTO r_day (program_id, day, what, value) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (program_id, day, what) DO UPDATE SET value = r_day.value + excluded.value";
/// Everything that can be filled again, and where its consumers stood.
pub const DROPS: [&str; 7] = [
    "DELETE FROM r_due",
    "DELETE FROM r_order_entry",
    "DELETE FROM r_purchase",
    "DELETE FROM r_lot",
    "DELETE FROM r_liability",
    "DELETE FROM r_day",
    "DELETE FROM cursor WHERE name IN ('pages', 'liability', 'days')",
];
