-- Points for many members at once: what is asked, how far it has come, and who of them got what.

CREATE TABLE accrual (
    program_id    BIGINT NOT NULL,
    name          TEXT    NOT NULL,
    state         TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    cursor        BIGINT NOT NULL,
    members       BIGINT NOT NULL,
    points        BIGINT NOT NULL,
    given         BIGINT NOT NULL,
    given_points  BIGINT NOT NULL,
    refused       BIGINT NOT NULL,
    undone        BIGINT NOT NULL,
    PRIMARY KEY (program_id, name)
);

CREATE TABLE accrual_member (
    member_id     BIGINT NOT NULL,
    program_id    BIGINT NOT NULL,
    name          TEXT    NOT NULL,
    points        BIGINT NOT NULL,
    state         TEXT    NOT NULL,
    entry_id      BIGINT,
    why           TEXT,
    PRIMARY KEY (member_id, program_id, name)
);

CREATE INDEX accrual_member_by_name ON accrual_member (program_id, name, member_id);
