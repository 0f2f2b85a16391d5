//! Statements of pages and look-ups.
//!
//! Invariant: each names its program.

pub const MEMBERS: &str = "SELECT member_id, program_id, format, seq, head, next_due, recent_keys, body \
    FROM member WHERE member_id > ?1 AND program_id = ?2 ORDER BY member_id LIMIT ?3";
/// The newest people first.
pub const PEOPLE_NEWEST: &str = "SELECT member_id FROM person \
    WHERE program_id = ?1 AND member_id < ?2 ORDER BY member_id DESC LIMIT ?3";
/// People with a word between ?5 and ?4, and words between either of the other pairs, after a word and a
/// member. Of several such words of one person the first counts.
pub const PEOPLE_NAMED: &str = "SELECT w.word, w.member_id FROM person_word w \
    WHERE w.program_id = ?1 AND (w.word, w.member_id) > (?2, ?3) AND w.word < ?4 \
    AND NOT EXISTS (SELECT 1 FROM person_word f \
        WHERE f.member_id = w.member_id AND f.word >= ?5 AND f.word < w.word) \
    AND EXISTS (SELECT 1 FROM person_word a \
        WHERE a.member_id = w.member_id AND a.word >= ?6 AND a.word < ?7) \
    AND EXISTS (SELECT 1 FROM person_word b \
        WHERE b.member_id = w.member_id AND b.word >= ?8 AND b.word < ?9) \
    ORDER BY w.word, w.member_id LIMIT ?10";
/// The newest purchases first, from before the one that the last four name.
pub const PURCHASES_NEWEST: &str = "SELECT bought_at, member_id, shop, order_id, cashier, money, points \
    FROM r_purchase WHERE program_id = ?1 AND (bought_at, member_id, shop, order_id) < (?2, ?3, ?4, ?5) \
    ORDER BY bought_at DESC, member_id DESC, shop DESC, order_id DESC LIMIT ?6";
pub const MEMBER_HEAD: &str = "SELECT seq, head FROM member WHERE member_id = ?1 AND program_id = ?2";
pub const MEMBER_EXISTS: &str = "SELECT 1 FROM member WHERE program_id = ?1 LIMIT 1";
/// Columns of an entry in the order that `codec::entry` reads them.
pub const ENTRY: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, version, \
    effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace \
    FROM entry WHERE entry_id = ?1 AND program_id = ?2";
pub const ORDERS_OF_MEMBER: &str =
    "SELECT format, body FROM orders WHERE member_id = ?1 AND program_id = ?2 ORDER BY shop, order_id";
/// What others bought, as a referrer's rows have it: by level, then by whom.
pub const HEARD_OF: &str = "SELECT format, body FROM orders WHERE member_id = ?1 AND program_id = ?2 \
    AND shop = ?3 ORDER BY order_id LIMIT ?4";
pub const PRODUCTS: &str =
    "SELECT body FROM product WHERE program_id = ?1 AND sku > ?2 ORDER BY sku LIMIT ?3";
pub const ORDER_ENTRIES: &str = "SELECT entry_id FROM r_order_entry \
    WHERE member_id = ?1 AND shop = ?2 AND order_id = ?3 AND program_id = ?4 ORDER BY entry_id";
/// Of the stripes in the mask alone: servers share this work by stripes of members.
pub const DUE: &str = "SELECT member_id, due_at FROM r_due WHERE program_id = ?1 AND due_at <= ?2 \
    AND ((CAST(?3 AS bigint) >> CAST((member_id >> 20) & 7 AS integer)) & 1) = 1 \
    ORDER BY due_at, member_id LIMIT ?4";
/// Codes that belong to a member: named by the owners' index first, since a planner without statistics walks
/// all codes of the program rather than look up those few.
pub const COUPONS_OF_MEMBER: &str = "SELECT code, campaign, owner_id, expires_at, blocked FROM coupon \
    WHERE program_id = ?2 AND code IN (SELECT code FROM coupon WHERE program_id = ?2 AND owner_id = ?1) \
    ORDER BY created_at DESC, code LIMIT ?3";
/// Codes that were made, by campaign: all of them, those withdrawn, those of one member each.
pub const COUPONS_BY_CAMPAIGN: &str = "SELECT campaign, COUNT(*), CAST(SUM(blocked) AS bigint), COUNT(owner_id) \
    FROM coupon WHERE program_id = ?1 GROUP BY campaign ORDER BY campaign";
pub const COUPON_MADE_AT: &str = "SELECT created_at FROM coupon WHERE program_id = ?1 AND code = ?2";
/// By the address, not by how long they are kept: see [`PURCHASES_BY_MEMBER`].
pub const GUEST_ORDERS: &str = "SELECT shop, order_id FROM guest_contact \
    WHERE program_id = ?1 AND address = ?2 AND kept_until + 0 > ?3 ORDER BY shop, order_id LIMIT ?4";
pub const COUNTERS: &str = "SELECT what, used FROM counter WHERE program_id = ?1 AND what > ?2 \
    ORDER BY what LIMIT ?3";
/// Gift cards with money on them, and how much that is.
pub const GIFT_CARDS_LEFT: &str = "SELECT COUNT(*), CAST(COALESCE(SUM(used), 0) AS bigint) FROM counter \
    WHERE program_id = ?1 AND what LIKE 'gift:%' AND used > 0";
pub const LIABILITY: &str =
    "SELECT month, points FROM r_liability WHERE program_id = ?1 AND points <> 0 ORDER BY month";
/// Sums from one day to another, both included.
pub const DAYS: &str = "SELECT day, what, value FROM r_day \
    WHERE program_id = ?1 AND day >= ?2 AND day <= ?3 ORDER BY day, what";
/// Purchases in order of members, after one of them; of all programs, as they lie: the sum keeps a planner
/// without statistics from the index in time, which it would sort anew for every page.
pub const PURCHASES_BY_MEMBER: &str = "SELECT member_id, shop, order_id, bought_at, money FROM r_purchase \
    WHERE (member_id, shop, order_id) > (?1, ?2, ?3) AND program_id + 0 = ?4 \
    ORDER BY member_id, shop, order_id LIMIT ?5";
pub const REPORT: &str = "SELECT as_of, body FROM r_report WHERE program_id = ?1 AND name = ?2";
pub const REPORT_PUT: &str = "INSERT INTO r_report (program_id, name, as_of, body) VALUES (?1, ?2, ?3, ?4) \
    ON CONFLICT (program_id, name) DO UPDATE SET as_of = excluded.as_of, body = excluded.body";
/// Members with lots that end after the one instant (or then, with a greater id) and not after the other.
pub const BURNING: &str = "SELECT DISTINCT ends_at, member_id FROM r_lot WHERE program_id = ?1 \
    AND (ends_at, member_id) > (?2, ?3) AND ends_at <= ?4 ORDER BY ends_at, member_id LIMIT ?5";
/// More purchases of one member with one cashier of one shop between two instants than so many. The empty
/// shop stands for all of them; the last four but one say where the page before ended.
pub const FLAGGED: &str = "SELECT member_id, shop, cashier, count(*), CAST(sum(money) AS bigint), \
    CAST(sum(points) AS bigint), min(bought_at), max(bought_at) FROM r_purchase \
    WHERE program_id = ?1 AND bought_at >= ?2 AND bought_at < ?3 AND (CAST(?4 AS text) = '' OR shop = ?4) \
    GROUP BY member_id, shop, cashier HAVING count(*) > ?5 \
    AND (count(*) < ?6 OR (count(*) = ?6 AND (member_id, shop, cashier) > (?7, ?8, ?9))) \
    ORDER BY count(*) DESC, member_id, shop, cashier LIMIT ?10";
/// Where the journal's key begins with the member. SQLite follows the back-pointers instead.
pub const JOURNAL: &str = "SELECT entry_id, program_id, member_id, format, seq, prev, cause, version, \
    effective_at, recorded_at, key_hash, input_hash, shop, order_id, operator, reason, answer, events, trace \
    FROM entry WHERE member_id = ?1 AND program_id = ?2 AND seq <= ?3 ORDER BY seq DESC LIMIT ?4";
