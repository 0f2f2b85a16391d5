-- Coupon codes that were made one by one; codes that everybody may know stand in the program's document.

CREATE TABLE coupon (
    program_id    INTEGER NOT NULL,
    code          TEXT    NOT NULL,
    campaign      TEXT    NOT NULL,
    owner_id      INTEGER,
    expires_at    INTEGER,
    blocked       INTEGER NOT NULL,
    created_at    INTEGER NOT NULL,
    PRIMARY KEY (program_id, code)
) STRICT, WITHOUT ROWID;

CREATE INDEX coupon_of_owner ON coupon (program_id, owner_id) WHERE owner_id IS NOT NULL;

-- Uses counted across members: of campaigns, codes, budgets.

CREATE TABLE counter (
    program_id    INTEGER NOT NULL,
    what          TEXT    NOT NULL,
    used          INTEGER NOT NULL,
    PRIMARY KEY (program_id, what)
) STRICT, WITHOUT ROWID;
