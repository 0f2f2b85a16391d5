-- Points for many members at once: what is asked, how far it has come, and who of them got what.

CREATE TABLE accrual (
    program_id    INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    cursor        INTEGER NOT NULL,
    members       INTEGER NOT NULL,
    points        INTEGER NOT NULL,
    given         INTEGER NOT NULL,
    given_points  INTEGER NOT NULL,
    refused       INTEGER NOT NULL,
    undone        INTEGER NOT NULL,
    PRIMARY KEY (program_id, name)
) STRICT;

CREATE TABLE accrual_member (
    member_id     INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    points        INTEGER NOT NULL,
    state         TEXT    NOT NULL,
    entry_id      INTEGER,
    why           TEXT,
    PRIMARY KEY (member_id, program_id, name)
) STRICT, WITHOUT ROWID;

CREATE INDEX accrual_member_by_name ON accrual_member (program_id, name, member_id);
