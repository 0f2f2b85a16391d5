-- Who writes to this database (`floor`: no entry up to this id will come from it any more), and who does what
-- for all of them.

CREATE TABLE server (
    server_id     BIGINT  NOT NULL PRIMARY KEY,
    token         BIGINT  NOT NULL,
    beat          BIGINT  NOT NULL,
    floor         BIGINT  NOT NULL,
    started_at    BIGINT  NOT NULL
) WITH (fillfactor = 30);

CREATE TABLE lease (
    name          TEXT    NOT NULL PRIMARY KEY,
    server_id     BIGINT  NOT NULL,
    token         BIGINT  NOT NULL,
    fence         BIGINT  NOT NULL
) WITH (fillfactor = 50);
