-- The people who work with the installation: who they are, where they are signed in, who was invited, how
-- often a login was tried in vain, and what they did. Passwords and tokens stand as hashes, the secret of
-- one-time codes is sealed.

CREATE TABLE operator (
    operator_id   BIGINT  NOT NULL,
    login         TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    grants        TEXT    NOT NULL,
    language      TEXT,
    password      TEXT    NOT NULL,
    totp          BYTEA,
    totp_on       BIGINT  NOT NULL,
    totp_step     BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    disabled_at   BIGINT,
    PRIMARY KEY (operator_id)
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX operator_by_login ON operator (login);

CREATE TABLE operator_session (
    token         BYTEA   NOT NULL,
    session_id    BIGINT  NOT NULL,
    operator_id   BIGINT  NOT NULL,
    chosen_program BIGINT,
    agent         TEXT    NOT NULL,
    created_at    BIGINT  NOT NULL,
    seen_at       BIGINT  NOT NULL,
    PRIMARY KEY (token)
) WITH (fillfactor = 50);
CREATE INDEX operator_session_by_operator ON operator_session (operator_id);

CREATE TABLE operator_invitation (
    token         BYTEA   NOT NULL,
    name          TEXT    NOT NULL,
    grants        TEXT    NOT NULL,
    operator_id   BIGINT,
    made_by       BIGINT,
    first         BIGINT  NOT NULL,
    expires_at    BIGINT  NOT NULL,
    PRIMARY KEY (token)
);

CREATE TABLE operator_try (
    name          BYTEA   NOT NULL,
    wrong         BIGINT  NOT NULL,
    first_at      BIGINT  NOT NULL,
    PRIMARY KEY (name)
) WITH (fillfactor = 50);

CREATE TABLE operator_audit (
    audit_id      BIGINT  NOT NULL,
    at            BIGINT  NOT NULL,
    program_id    BIGINT,
    operator_id   BIGINT  NOT NULL,
    login         TEXT    NOT NULL,
    session_id    TEXT    NOT NULL,
    action        TEXT    NOT NULL,
    subject       TEXT    NOT NULL,
    outcome       TEXT,
    PRIMARY KEY (audit_id)
) WITH (fillfactor = 90);
CREATE INDEX operator_audit_by_program ON operator_audit (program_id, audit_id);
CREATE INDEX operator_audit_by_operator ON operator_audit (operator_id, audit_id);
