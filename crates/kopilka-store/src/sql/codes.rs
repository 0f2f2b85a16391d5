//! Statements about one-time codes.

/// Columns in the order that `codes::code` reads them.
pub const CODE: &str = "SELECT code_id, owner_id, address, caller, shop, order_id, points, digest, state, \
    tries, sent_at, confirmed_at, subject_id FROM one_time_code WHERE program_id = ?1 AND code_id = ?2";
pub const CODE_INSERT: &str = "INSERT INTO one_time_code (program_id, code_id, owner_id, address, caller, \
    shop, order_id, points, digest, state, tries, sent_at, confirmed_at, subject_id) \
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)";
/// Only over the tries that were seen: of two guesses at one time each counts.
pub const CODE_TRIED: &str = "UPDATE one_time_code SET state = ?3, tries = ?4, confirmed_at = ?5 \
    WHERE program_id = ?1 AND code_id = ?2 AND tries = ?6 AND state = 'sent'";
pub const CODES_TO: &str = "SELECT sent_at FROM one_time_code \
    WHERE program_id = ?1 AND address = ?2 AND sent_at > ?3 ORDER BY sent_at DESC LIMIT ?4";
pub const CODES_BY: &str = "SELECT count(*) FROM one_time_code \
    WHERE program_id = ?1 AND caller = ?2 AND sent_at > ?3";
pub const CODES_OLD: &str = "DELETE FROM one_time_code WHERE program_id = ?1 AND sent_at < ?2";
/// Codes of a member who leaves: whose address it was, or is to become.
pub const CODES_OF_MEMBER: &str = "DELETE FROM one_time_code \
    WHERE program_id = ?1 AND (owner_id = ?2 OR subject_id = ?2)";
/// Codes that went to an address, whoever it was then thought to be.
pub const CODES_OF_ADDRESS: &str = "DELETE FROM one_time_code WHERE program_id = ?1 AND address = ?2";
