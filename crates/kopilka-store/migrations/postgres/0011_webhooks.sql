-- Who is told what happens, and what each is still to be told. The journal is read behind `reached`, an
-- endpoint's own place in it; a delivery is a row from then until its log is trimmed. Secrets are sealed.

CREATE TABLE webhook_endpoint (
    program_id    BIGINT  NOT NULL,
    endpoint_id   BIGINT  NOT NULL,
    url           TEXT    NOT NULL,
    events        TEXT    NOT NULL,
    description   TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    secret        BYTEA   NOT NULL,
    old_secret    BYTEA,
    old_until     BIGINT,
    reached       BIGINT  NOT NULL,
    failing_since BIGINT,
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (program_id, endpoint_id)
) WITH (fillfactor = 50);

CREATE TABLE webhook_delivery (
    member_id     BIGINT  NOT NULL,
    endpoint_id   BIGINT  NOT NULL,
    entry_id      BIGINT  NOT NULL,
    position      BIGINT  NOT NULL,
    program_id    BIGINT  NOT NULL,
    event         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    tries         BIGINT  NOT NULL,
    at            BIGINT  NOT NULL,
    status        BIGINT,
    failure       TEXT,
    PRIMARY KEY (member_id, endpoint_id, entry_id, position)
) WITH (fillfactor = 80);
CREATE INDEX webhook_delivery_by_time ON webhook_delivery (program_id, endpoint_id, state, at);
CREATE INDEX webhook_delivery_by_member ON webhook_delivery
    (program_id, endpoint_id, state, member_id, entry_id, position);
CREATE INDEX webhook_delivery_in_order ON webhook_delivery (program_id, endpoint_id, entry_id, position);
