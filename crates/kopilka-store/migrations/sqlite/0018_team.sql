-- The people who work with the installation: who they are, where they are signed in, who was invited, how
-- often a login was tried in vain, and what they did. Passwords and tokens stand as hashes, the secret of
-- one-time codes is sealed.

CREATE TABLE operator (
    operator_id   INTEGER NOT NULL,
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    grants        TEXT    NOT NULL,
    language      TEXT,
    password      TEXT    NOT NULL,
    totp          BLOB,
    totp_on       INTEGER NOT NULL,
    totp_step     INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    disabled_at   INTEGER,
    PRIMARY KEY (operator_id)
) STRICT;
CREATE UNIQUE INDEX operator_by_login ON operator (login);

CREATE TABLE operator_session (
    token         BLOB    NOT NULL,
    session_id    INTEGER NOT NULL,
    operator_id   INTEGER NOT NULL,
    chosen_program INTEGER,
    agent         TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL,
    PRIMARY KEY (token)
) STRICT;
CREATE INDEX operator_session_by_operator ON operator_session (operator_id);

CREATE TABLE operator_invitation (
    token         BLOB    NOT NULL,
    name          TEXT    NOT NULL,
    grants        TEXT    NOT NULL,
    operator_id   INTEGER,
    made_by       INTEGER,
    first         INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    PRIMARY KEY (token)
) STRICT;

CREATE TABLE operator_try (
    name          BLOB    NOT NULL,
    wrong         INTEGER NOT NULL,
    first_at      INTEGER NOT NULL,
    PRIMARY KEY (name)
) STRICT;

CREATE TABLE operator_audit (
    audit_id      INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    program_id    INTEGER,
    operator_id   INTEGER NOT NULL,
    login         TEXT    NOT NULL,
    session_id    TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    outcome       TEXT,
    PRIMARY KEY (audit_id)
) STRICT;
CREATE INDEX operator_audit_by_program ON operator_audit (program_id, audit_id);
CREATE INDEX operator_audit_by_operator ON operator_audit (operator_id, audit_id);
