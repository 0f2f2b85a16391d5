-- One-time codes that were sent, as keyed hashes alone: neither the code nor the phone it went to is here.
-- Rows are deleted two days after they were sent.

CREATE TABLE one_time_code (
    code_id       INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    owner_id      INTEGER,
    address       BLOB    NOT NULL,
    caller        TEXT    NOT NULL,
    shop          TEXT,
    order_id      TEXT,
    points        INTEGER NOT NULL,
    digest        BLOB    NOT NULL,
    state         TEXT    NOT NULL,
    tries         INTEGER NOT NULL,
    sent_at       INTEGER NOT NULL,
    confirmed_at  INTEGER,
    PRIMARY KEY (program_id, code_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX one_time_code_by_address ON one_time_code (program_id, address, sent_at);
CREATE INDEX one_time_code_by_caller ON one_time_code (program_id, caller, sent_at);
CREATE INDEX one_time_code_by_time ON one_time_code (program_id, sent_at);
