-- The first shape. Instants are microseconds since 1970 (UTC), points are smallest units, ids are made by the
-- program. Every table names the program; a member's tables begin their key with the member.

CREATE TABLE member (
    member_id     INTEGER PRIMARY KEY,
    program_id    INTEGER NOT NULL,
    format        INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq >= 0),
    head          INTEGER NOT NULL,
    next_due      INTEGER,
    pending       INTEGER NOT NULL CHECK (pending >= 0),
    available     INTEGER NOT NULL CHECK (available >= 0),
    held          INTEGER NOT NULL CHECK (held >= 0),
    debt          INTEGER NOT NULL CHECK (debt >= 0),
    issued        INTEGER NOT NULL,
    regranted     INTEGER NOT NULL,
    written_off   INTEGER NOT NULL,
    spent         INTEGER NOT NULL,
    come_back     INTEGER NOT NULL,
    expired       INTEGER NOT NULL,
    revoked       INTEGER NOT NULL,
    shop_loss     INTEGER NOT NULL,
    recent_keys   TEXT    NOT NULL,
    body          TEXT    NOT NULL
) STRICT;

-- The journal. In SQLite its key is the id, which is in time order; `prev` leads to the member's entry before.
CREATE TABLE entry (
    entry_id      INTEGER PRIMARY KEY,
    program_id    INTEGER NOT NULL,
    member_id     INTEGER NOT NULL,
    format        INTEGER NOT NULL,
    seq           INTEGER NOT NULL CHECK (seq >= 1),
    prev          INTEGER NOT NULL,
    cause         TEXT    NOT NULL,
    version       INTEGER NOT NULL,
    effective_at  INTEGER NOT NULL,
    recorded_at   INTEGER NOT NULL,
    key_hash      BLOB,
    input_hash    BLOB,
    shop          TEXT,
    order_id      TEXT,
    operator      TEXT,
    reason        TEXT,
    answer        TEXT,
    events        TEXT    NOT NULL,
    trace         TEXT    NOT NULL
) STRICT;

CREATE TABLE orders (
    member_id     INTEGER NOT NULL,
    shop          TEXT    NOT NULL,
    order_id      TEXT    NOT NULL,
    program_id    INTEGER NOT NULL,
    format        INTEGER NOT NULL,
    status        TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (member_id, shop, order_id)
) STRICT;

-- Personal data stands here and nowhere else.
CREATE TABLE person (
    member_id     INTEGER PRIMARY KEY,
    program_id    INTEGER NOT NULL,
    name          TEXT,
    birth_date    TEXT,
    birth_date_known_at INTEGER,
    language      TEXT,
    ext           TEXT,
    phones        TEXT    NOT NULL,
    emails        TEXT    NOT NULL,
    cards         TEXT    NOT NULL
) STRICT;

-- A value that is unique in its program, and whose it is.
CREATE TABLE directory (
    program_id    INTEGER NOT NULL,
    kind          TEXT    NOT NULL,
    value         BLOB    NOT NULL,
    member_id     INTEGER NOT NULL,
    entry_id      INTEGER,
    PRIMARY KEY (program_id, kind, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE program (
    program_id    INTEGER PRIMARY KEY,
    slug          TEXT    NOT NULL,
    sandbox       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL
) STRICT;

CREATE TABLE version (
    program_id    INTEGER NOT NULL,
    version       INTEGER NOT NULL,
    effective_from INTEGER NOT NULL,
    published_at  INTEGER NOT NULL,
    author        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    armed         INTEGER NOT NULL,
    document      TEXT    NOT NULL,
    PRIMARY KEY (program_id, version)
) STRICT;

CREATE TABLE clock (
    program_id    INTEGER PRIMARY KEY,
    stands_at     INTEGER NOT NULL
) STRICT;

CREATE TABLE product (
    program_id    INTEGER NOT NULL,
    sku           TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (program_id, sku)
) STRICT, WITHOUT ROWID;

CREATE TABLE api_key (
    key_id        TEXT    NOT NULL PRIMARY KEY,
    program_id    INTEGER NOT NULL,
    shop          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    scopes        TEXT    NOT NULL,
    secret_hash   BLOB    NOT NULL,
    created_at    INTEGER NOT NULL,
    revoked_at    INTEGER
) STRICT;

CREATE TABLE settings (
    name          TEXT    NOT NULL PRIMARY KEY,
    value         TEXT    NOT NULL
) STRICT;

-- How far each consumer of the journal has come.
CREATE TABLE cursor (
    name          TEXT    NOT NULL PRIMARY KEY,
    entry_id      INTEGER NOT NULL
) STRICT;

-- What follows is filled from the journal in the background; it can be dropped and filled again.

-- Idempotency keys that the member's row no longer remembers.
CREATE TABLE r_key (
    member_id     INTEGER NOT NULL,
    key_hash      BLOB    NOT NULL,
    program_id    INTEGER NOT NULL,
    entry_id      INTEGER NOT NULL,
    PRIMARY KEY (member_id, key_hash)
) STRICT, WITHOUT ROWID;

-- When a member's next command is due.
CREATE TABLE r_due (
    member_id     INTEGER PRIMARY KEY,
    program_id    INTEGER NOT NULL,
    due_at        INTEGER NOT NULL
) STRICT;
CREATE INDEX r_due_in_time ON r_due (program_id, due_at);

-- The entries that touched an order.
CREATE TABLE r_order_entry (
    member_id     INTEGER NOT NULL,
    shop          TEXT    NOT NULL,
    order_id      TEXT    NOT NULL,
    entry_id      INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    PRIMARY KEY (member_id, shop, order_id, entry_id)
) STRICT, WITHOUT ROWID;

-- Open lots and what is left of them, and their sum by the month in which they end.
CREATE TABLE r_lot (
    member_id     INTEGER NOT NULL,
    lot           INTEGER NOT NULL,
    program_id    INTEGER NOT NULL,
    month         INTEGER NOT NULL,
    points        INTEGER NOT NULL,
    PRIMARY KEY (member_id, lot)
) STRICT, WITHOUT ROWID;
CREATE TABLE r_liability (
    program_id    INTEGER NOT NULL,
    month         INTEGER NOT NULL,
    points        INTEGER NOT NULL,
    PRIMARY KEY (program_id, month)
) STRICT, WITHOUT ROWID;
