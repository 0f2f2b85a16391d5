-- Coupon codes that were made one by one; codes that everybody may know stand in the program's document.

CREATE TABLE coupon (
    program_id    BIGINT  NOT NULL,
    code          TEXT    COLLATE "C" NOT NULL,
    campaign      TEXT    COLLATE "C" NOT NULL,
    owner_id      BIGINT,
    expires_at    BIGINT,
    blocked       BIGINT  NOT NULL,
    created_at    BIGINT  NOT NULL,
    PRIMARY KEY (program_id, code)
);

CREATE INDEX coupon_of_owner ON coupon (program_id, owner_id) WHERE owner_id IS NOT NULL;

-- Uses counted across members: of campaigns, codes, budgets.

CREATE TABLE counter (
    program_id    BIGINT  NOT NULL,
    what          TEXT    COLLATE "C" NOT NULL,
    used          BIGINT  NOT NULL,
    PRIMARY KEY (program_id, what)
) WITH (fillfactor = 70);
