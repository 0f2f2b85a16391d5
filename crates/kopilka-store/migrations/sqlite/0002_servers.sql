-- Who writes to this database and who does what for all of them. One file has one server, which needs neither
-- table; they are here because every engine has the same ones.

CREATE TABLE server (
    server_id     INTEGER PRIMARY KEY,
    token         INTEGER NOT NULL,
    beat          INTEGER NOT NULL,
    floor         INTEGER NOT NULL,
    started_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE lease (
    name          TEXT    NOT NULL PRIMARY KEY,
    server_id     INTEGER NOT NULL,
    token         INTEGER NOT NULL,
    fence         INTEGER NOT NULL
) STRICT;
