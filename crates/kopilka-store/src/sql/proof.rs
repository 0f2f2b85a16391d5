//! Statements of the proof: what the tables say beside what they should.

pub const MEMBER_IDS: &str =
    "SELECT member_id FROM member WHERE member_id > ?1 AND program_id = ?2 ORDER BY member_id LIMIT ?3";
pub const MEMBER_COLUMNS: &str = "SELECT status, pending, available, held, debt, issued, regranted, \
    written_off, spent, come_back, expired, revoked, shop_loss, sent, received FROM member \
    WHERE member_id = ?1 AND program_id = ?2";
pub const NAME_COUNTS: &str = "SELECT kind, count(*) FROM directory WHERE program_id = ?1 GROUP BY kind";
pub const ENTRY_COUNT: &str = "SELECT count(*) FROM entry WHERE program_id = ?1";
pub const ORDER_COUNT: &str = "SELECT count(*) FROM orders WHERE program_id = ?1";
pub const PERSON_COUNT: &str = "SELECT count(*) FROM person WHERE program_id = ?1";
pub const PERSON_WORDS_KEPT: &str =
    "SELECT word FROM person_word WHERE member_id = ?1 AND program_id = ?2 ORDER BY word";
pub const STRAY_MEMBERS: &str =
    "SELECT count(*) FROM member WHERE program_id NOT IN (SELECT program_id FROM program)";
