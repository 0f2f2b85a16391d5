//! Statements about the people who work with the installation.

/// Columns in the order that `team::operator` reads them.
pub const OPERATORS: &str = "SELECT operator_id, login, name, grants, language, password, totp, totp_on, \
    totp_step, created_at, disabled_at FROM operator ORDER BY operator_id";
pub const OPERATOR: &str = "SELECT operator_id, login, name, grants, language, password, totp, totp_on, \
    totp_step, created_at, disabled_at FROM operator WHERE operator_id = ?1";
pub const OPERATOR_OF_LOGIN: &str = "SELECT operator_id, login, name, grants, language, password, totp, \
    totp_on, totp_step, created_at, disabled_at FROM operator WHERE login = ?1";
pub const OPERATORS_COUNT: &str = "SELECT count(*) FROM operator";
pub const OPERATOR_INSERT: &str = "INSERT INTO operator (operator_id, login, name, grants, language, password, \
    totp, totp_on, totp_step, created_at, disabled_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";
/// All but the password and the secret of one-time codes, which have ways of their own.
pub const OPERATOR_CHANGE: &str = "UPDATE operator SET name = ?2, grants = ?3, language = ?4, \
    disabled_at = ?5 WHERE operator_id = ?1";
/// Only over the password that was read.
pub const OPERATOR_PASSWORD: &str =
    "UPDATE operator SET password = ?2 WHERE operator_id = ?1 AND password = ?3";
pub const OPERATOR_TOTP: &str =
    "UPDATE operator SET totp = ?2, totp_on = ?3, totp_step = ?4 WHERE operator_id = ?1";
/// Forward only: of two tries with one code the first alone changes a row.
pub const OPERATOR_TOTP_STEP: &str = "UPDATE operator SET totp_on = 1, totp_step = ?2 \
    WHERE operator_id = ?1 AND totp_step < ?2 AND totp IS NOT NULL";
/// Only over the secret that was read.
pub const OPERATOR_TOTP_SEAL: &str = "UPDATE operator SET totp = ?2 WHERE operator_id = ?1 AND totp = ?3";

/// Columns in the order that `team::session` reads them.
pub const SESSION: &str = "SELECT token, session_id, operator_id, chosen_program, agent, created_at, seen_at \
    FROM operator_session WHERE token = ?1";
pub const SESSIONS: &str = "SELECT token, session_id, operator_id, chosen_program, agent, created_at, seen_at \
    FROM operator_session WHERE operator_id = ?1 ORDER BY session_id DESC";
pub const SESSION_INSERT: &str = "INSERT INTO operator_session (token, session_id, operator_id, \
    chosen_program, agent, created_at, seen_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
pub const SESSION_SEEN: &str = "UPDATE operator_session SET seen_at = ?2 WHERE token = ?1 AND seen_at < ?2";
pub const SESSION_PROGRAM: &str = "UPDATE operator_session SET chosen_program = ?2 WHERE token = ?1";
pub const SESSION_END: &str = "DELETE FROM operator_session WHERE token = ?1";
pub const SESSION_REVOKE: &str = "DELETE FROM operator_session WHERE operator_id = ?1 AND session_id = ?2";
/// But for one, which may be none.
pub const SESSIONS_END: &str = "DELETE FROM operator_session WHERE operator_id = ?1 AND token <> ?2";
pub const SESSIONS_OLD: &str = "DELETE FROM operator_session WHERE seen_at <= ?1 OR created_at <= ?2";

/// Columns in the order that `team::invitation` reads them.
pub const INVITATION: &str = "SELECT token, name, grants, operator_id, made_by, first, expires_at \
    FROM operator_invitation WHERE token = ?1";
/// Those that wait, but for the first owner's.
pub const INVITATIONS: &str = "SELECT token, name, grants, operator_id, made_by, first, expires_at \
    FROM operator_invitation WHERE first = 0 ORDER BY expires_at, token";
pub const INVITATION_INSERT: &str = "INSERT INTO operator_invitation (token, name, grants, operator_id, \
    made_by, first, expires_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
pub const INVITATION_END: &str = "DELETE FROM operator_invitation WHERE token = ?1";
pub const INVITATIONS_FIRST_END: &str = "DELETE FROM operator_invitation WHERE first = 1";
/// What was for an operator, and what the operator has made.
pub const INVITATIONS_OF: &str = "DELETE FROM operator_invitation WHERE operator_id = ?1 OR made_by = ?1";
pub const INVITATIONS_FOR: &str = "DELETE FROM operator_invitation WHERE operator_id = ?1";
pub const INVITATIONS_OLD: &str = "DELETE FROM operator_invitation WHERE expires_at <= ?1";

pub const TRY: &str = "SELECT wrong, first_at FROM operator_try WHERE name = ?1";
/// Counted before it is known whether it is right: of many at one time each counts.
pub const TRY_COUNT: &str = "INSERT INTO operator_try (name, wrong, first_at) VALUES (?1, 1, ?2) \
    ON CONFLICT (name) DO UPDATE SET wrong = operator_try.wrong + 1";
pub const TRY_RIGHT: &str = "DELETE FROM operator_try WHERE name = ?1";
pub const TRIES_OLD: &str = "DELETE FROM operator_try WHERE first_at <= ?1";

pub const AUDIT_INSERT: &str = "INSERT INTO operator_audit (audit_id, at, program_id, operator_id, login, \
    session_id, action, subject, outcome) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
pub const AUDIT_END: &str = "UPDATE operator_audit SET outcome = ?2, subject = subject || ?3 \
    WHERE audit_id = ?1 AND outcome IS NULL";
/// Columns in the order that `team::audit` reads them, the newest first; 0 stands for every operator.
pub const AUDIT: &str = "SELECT audit_id, at, program_id, operator_id, login, session_id, action, subject, \
    outcome FROM operator_audit WHERE program_id = ?1 AND audit_id < ?2 \
    AND (CAST(?3 AS bigint) = 0 OR operator_id = ?3) ORDER BY audit_id DESC LIMIT ?4";
pub const AUDIT_OF_ALL: &str = "SELECT audit_id, at, program_id, operator_id, login, session_id, action, \
    subject, outcome FROM operator_audit WHERE audit_id < ?1 \
    AND (CAST(?2 AS bigint) = 0 OR operator_id = ?2) ORDER BY audit_id DESC LIMIT ?3";
