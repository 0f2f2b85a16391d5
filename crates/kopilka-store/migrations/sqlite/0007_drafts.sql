-- Documents that are being written: nothing decides by them. A revision guards what two people write at once.

CREATE TABLE draft (
    program_id    INTEGER NOT NULL,
    name          TEXT    NOT NULL,
    revision      INTEGER NOT NULL,
    author        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    updated_at    INTEGER NOT NULL,
    document      TEXT    NOT NULL,
    PRIMARY KEY (program_id, name)
) STRICT;
