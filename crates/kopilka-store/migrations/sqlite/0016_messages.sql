-- How members are written to, and what is written to each. A message is a row from when it is queued until
-- the log is trimmed; what it says and an address of its own are sealed, and gone when it has ended. Member 0
-- stands for messages to an address that is nobody's yet.

CREATE TABLE sender (
    program_id    INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    settings      TEXT    NOT NULL,
    secrets       BLOB    NOT NULL,
    changed_at    INTEGER NOT NULL,
    PRIMARY KEY (program_id, channel)
) STRICT;

CREATE TABLE message (
    member_id     INTEGER NOT NULL,
    message_id    INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    channel       TEXT    NOT NULL,
    event         TEXT    NOT NULL,
    class         TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    tries         INTEGER NOT NULL,
    at            INTEGER NOT NULL,
    expires_at    INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    address       BLOB,
    data          BLOB,
    reason        TEXT,
    receipt       TEXT,
    PRIMARY KEY (member_id, message_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX message_by_time ON message (program_id, channel, state, at);
CREATE INDEX message_in_order ON message (program_id, message_id);

-- The chat with the program's bot.
ALTER TABLE person ADD COLUMN telegram TEXT;
