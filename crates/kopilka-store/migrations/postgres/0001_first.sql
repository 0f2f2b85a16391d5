-- The first shape. Instants are microseconds since 1970 (UTC), points are smallest units, ids are made by the
-- program. Every table names the program; a member's tables begin their key with the member. Flags are 0 or 1,
-- so that both engines read them alike. Column by column the same as for SQLite; keys and storage may differ.

CREATE TABLE member (
    member_id     BIGINT  NOT NULL PRIMARY KEY,
    program_id    BIGINT  NOT NULL,
    format        BIGINT  NOT NULL,
    status        TEXT    NOT NULL,
    seq           BIGINT  NOT NULL CHECK (seq >= 0),
    head          BIGINT  NOT NULL,
    next_due      BIGINT,
    pending       BIGINT  NOT NULL CHECK (pending >= 0),
    available     BIGINT  NOT NULL CHECK (available >= 0),
    held          BIGINT  NOT NULL CHECK (held >= 0),
    debt          BIGINT  NOT NULL CHECK (debt >= 0),
    issued        BIGINT  NOT NULL,
    regranted     BIGINT  NOT NULL,
    written_off   BIGINT  NOT NULL,
    spent         BIGINT  NOT NULL,
    come_back     BIGINT  NOT NULL,
    expired       BIGINT  NOT NULL,
    revoked       BIGINT  NOT NULL,
    shop_loss     BIGINT  NOT NULL,
    recent_keys   TEXT    NOT NULL,
    body          TEXT    NOT NULL
) WITH (fillfactor = 70);

-- The journal: a member's entries lie together under the member; the id, in time order, is for its consumers.
CREATE TABLE entry (
    entry_id      BIGINT  NOT NULL,
    program_id    BIGINT  NOT NULL,
    member_id     BIGINT  NOT NULL,
    format        BIGINT  NOT NULL,
    seq           BIGINT  NOT NULL CHECK (seq >= 1),
    prev          BIGINT  NOT NULL,
    cause         TEXT    NOT NULL,
    version       BIGINT  NOT NULL,
    effective_at  BIGINT  NOT NULL,
    recorded_at   BIGINT  NOT NULL,
    key_hash      BYTEA,
    input_hash    BYTEA,
    shop          TEXT,
    order_id      TEXT,
    operator      TEXT,
    reason        TEXT,
    answer        TEXT,
    events        TEXT    NOT NULL,
    trace         TEXT    NOT NULL,
    PRIMARY KEY (member_id, seq)
);
CREATE INDEX entry_in_time ON entry (entry_id);

CREATE TABLE orders (
    member_id     BIGINT  NOT NULL,
    shop          TEXT    NOT NULL,
    order_id      TEXT    NOT NULL,
    program_id    BIGINT  NOT NULL,
    format        BIGINT  NOT NULL,
    status        TEXT    NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (member_id, shop, order_id)
) WITH (fillfactor = 85);

-- Personal data stands here and nowhere else.
CREATE TABLE person (
    member_id     BIGINT  NOT NULL PRIMARY KEY,
    program_id    BIGINT  NOT NULL,
    name          TEXT,
    birth_date    TEXT,
    birth_date_known_at BIGINT,
    language      TEXT,
    ext           TEXT,
    phones        TEXT    NOT NULL,
    emails        TEXT    NOT NULL,
    cards         TEXT    NOT NULL
);

-- A value that is unique in its program, and whose it is.
CREATE TABLE directory (
    program_id    BIGINT  NOT NULL,
    kind          TEXT    NOT NULL,
    value         BYTEA   NOT NULL,
    member_id     BIGINT  NOT NULL,
    entry_id      BIGINT,
    PRIMARY KEY (program_id, kind, value)
);

CREATE TABLE program (
    program_id    BIGINT  NOT NULL PRIMARY KEY,
    slug          TEXT    NOT NULL,
    sandbox       BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL
);

CREATE TABLE version (
    program_id    BIGINT  NOT NULL,
    version       BIGINT  NOT NULL,
    effective_from BIGINT NOT NULL,
    published_at  BIGINT  NOT NULL,
    author        TEXT    NOT NULL,
    note          TEXT    NOT NULL,
    armed         BIGINT  NOT NULL,
    document      TEXT    NOT NULL,
    PRIMARY KEY (program_id, version)
);

CREATE TABLE clock (
    program_id    BIGINT  NOT NULL PRIMARY KEY,
    stands_at     BIGINT  NOT NULL
);

CREATE TABLE product (
    program_id    BIGINT  NOT NULL,
    sku           TEXT    COLLATE "C" NOT NULL,
    body          TEXT    NOT NULL,
    PRIMARY KEY (program_id, sku)
);

CREATE TABLE api_key (
    key_id        TEXT    NOT NULL PRIMARY KEY,
    program_id    BIGINT  NOT NULL,
    shop          TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    scopes        TEXT    NOT NULL,
    secret_hash   BYTEA   NOT NULL,
    created_at    BIGINT  NOT NULL,
    revoked_at    BIGINT
);

CREATE TABLE settings (
    name          TEXT    NOT NULL PRIMARY KEY,
    value         TEXT    NOT NULL
);

-- How far each consumer of the journal has come.
CREATE TABLE cursor (
    name          TEXT    NOT NULL PRIMARY KEY,
    entry_id      BIGINT  NOT NULL
) WITH (fillfactor = 50);

-- What follows is filled from the journal in the background; it can be dropped and filled again.

-- Idempotency keys that the member's row no longer remembers.
CREATE TABLE r_key (
    member_id     BIGINT  NOT NULL,
    key_hash      BYTEA   NOT NULL,
    program_id    BIGINT  NOT NULL,
    entry_id      BIGINT  NOT NULL,
    PRIMARY KEY (member_id, key_hash)
);

-- When a member's next command is due.
CREATE TABLE r_due (
    member_id     BIGINT  NOT NULL PRIMARY KEY,
    program_id    BIGINT  NOT NULL,
    due_at        BIGINT  NOT NULL
);
CREATE INDEX r_due_in_time ON r_due (program_id, due_at);

-- The entries that touched an order.
CREATE TABLE r_order_entry (
    member_id     BIGINT  NOT NULL,
    shop          TEXT    NOT NULL,
    order_id      TEXT    NOT NULL,
    entry_id      BIGINT  NOT NULL,
    program_id    BIGINT  NOT NULL,
    PRIMARY KEY (member_id, shop, order_id, entry_id)
);

-- Open lots and what is left of them, and their sum by the month in which they end.
CREATE TABLE r_lot (
    member_id     BIGINT  NOT NULL,
    lot           BIGINT  NOT NULL,
    program_id    BIGINT  NOT NULL,
    month         BIGINT  NOT NULL,
    points        BIGINT  NOT NULL,
    PRIMARY KEY (member_id, lot)
);
CREATE TABLE r_liability (
    program_id    BIGINT  NOT NULL,
    month         BIGINT  NOT NULL,
    points        BIGINT  NOT NULL,
    PRIMARY KEY (program_id, month)
);
