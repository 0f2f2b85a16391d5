//! Statements of points for many members at once.

pub const ACCRUALS: &str = "SELECT name, state, body, cursor, members, points, given, given_points, refused, \
    undone FROM accrual WHERE program_id = ?1 ORDER BY name";
pub const ACCRUALS_ACTIVE: &str = "SELECT name, state, body, cursor, members, points, given, given_points, \
    refused, undone FROM accrual WHERE program_id = ?1 AND state IN ('preparing', 'running', 'undoing') \
    ORDER BY name";
pub const ACCRUAL: &str = "SELECT name, state, body, cursor, members, points, given, given_points, refused, \
    undone FROM accrual WHERE program_id = ?1 AND name = ?2";
pub const ACCRUAL_INSERT: &str = "INSERT INTO accrual (program_id, name, state, body, cursor, members, points, \
    given, given_points, refused, undone) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) \
    ON CONFLICT (program_id, name) DO NOTHING";
/// Over the state that was seen: whoever was faster has changed it. Who let it run stands as whoever acted
/// last has left it.
pub const ACCRUAL_MOVE: &str = "UPDATE accrual SET state = ?3, cursor = ?4, members = ?5, points = ?6, \
    given = ?7, given_points = ?8, refused = ?9, undone = ?10 \
    WHERE program_id = ?1 AND name = ?2 AND state = ?11 AND cursor = ?12";
/// Beside the former, by somebody who acts.
pub const ACCRUAL_BODY: &str = "UPDATE accrual SET body = ?3 WHERE program_id = ?1 AND name = ?2";
pub const PARTS: &str = "SELECT member_id, points, state, entry_id, why FROM accrual_member \
    WHERE program_id = ?1 AND name = ?2 AND member_id > ?3 ORDER BY member_id LIMIT ?4";
pub const PARTS_IN_STATE: &str = "SELECT member_id, points, state, entry_id, why FROM accrual_member \
    WHERE program_id = ?1 AND name = ?2 AND member_id > ?3 AND state = ?5 ORDER BY member_id LIMIT ?4";
pub const PART_INSERT: &str = "INSERT INTO accrual_member (member_id, program_id, name, points, state) \
    VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (member_id, program_id, name) DO NOTHING";
pub const PART_UPDATE: &str = "UPDATE accrual_member SET state = ?4, entry_id = ?5, why = ?6 \
    WHERE member_id = ?1 AND program_id = ?2 AND name = ?3";
