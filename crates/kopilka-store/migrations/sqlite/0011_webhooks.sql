-- Who is told what happens, and what each is still to be told. The journal is read behind `reached`, an
-- endpoint's own place in it; a delivery is a row from then until its log is trimmed. Secrets are sealed.

CREATE TABLE webhook_endpoint (
    program_id    INTEGER NOT NULL,
    endpoint_id   INTEGER NOT NULL,
    url           TEXT    NOT NULL,
    events        TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    secret        BLOB    NOT NULL,
    old_secret    BLOB,
    old_until     INTEGER,
    reached       INTEGER NOT NULL,
    failing_since INTEGER,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (program_id, endpoint_id)
) STRICT;

CREATE TABLE webhook_delivery (
    member_id     INTEGER NOT NULL,
    endpoint_id   INTEGER NOT NULL,
    entry_id      INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    event         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    tries         INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    status        INTEGER,
    failure       TEXT,
    PRIMARY KEY (member_id, endpoint_id, entry_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (program_id, endpoint_id, state, at);
CREATE INDEX webhook_delivery_by_member ON webhook_delivery
    (program_id, endpoint_id, state, member_id, entry_id, position);
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (program_id, endpoint_id, entry_id, position);
