-- How members are written to, and what is written to each. A message is a row from when it is queued until
-- the log is trimmed; what it says and an address of its own are sealed, and gone when it has ended. Member 0
-- stands for messages to an address that is nobody's yet.

CREATE TABLE sender (
    program_id    BIGINT  NOT NULL,
    channel       TEXT    NOT NULL,
    settings      TEXT    NOT NULL,
    secrets       BYTEA   NOT NULL,
    changed_at    BIGINT  NOT NULL,
    PRIMARY KEY (program_id, channel)
) WITH (fillfactor = 50);

CREATE TABLE message (
    member_id     BIGINT  NOT NULL,
    message_id    BIGINT  NOT NULL,
    program_id    BIGINT  NOT NULL,
    channel       TEXT    NOT NULL,
    event         TEXT    NOT NULL,
    class         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    tries         BIGINT  NOT NULL,
    at            BIGINT  NOT NULL,
    expires_at    BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    address       BYTEA,
    data          BYTEA,
    reason        TEXT,
    receipt       TEXT,
    PRIMARY KEY (member_id, message_id)
) WITH (fillfactor = 80);
CREATE INDEX message_by_time ON message (program_id, channel, state, at);
CREATE INDEX message_in_order ON message (program_id, message_id);

-- The chat with the program's bot.
ALTER TABLE person ADD COLUMN telegram TEXT;
