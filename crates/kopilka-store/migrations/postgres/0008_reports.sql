-- What the owner's reports read: when each open lot ends, and the orders that were bought. All of it is filled
-- from the journal again, which the cursors then have to read from its beginning.

ALTER TABLE r_lot ADD COLUMN ends_at BIGINT;
CREATE INDEX r_lot_by_end ON r_lot (program_id, ends_at, member_id) WHERE ends_at IS NOT NULL;

-- Paid orders of members that were not cancelled: when, by whose hand, and what remains of them.
CREATE TABLE r_purchase (
    member_id     BIGINT  NOT NULL,
    shop          TEXT    COLLATE "C" NOT NULL,
    order_id      TEXT    NOT NULL,
    program_id    BIGINT  NOT NULL,
    bought_at     BIGINT  NOT NULL,
    cashier       TEXT    COLLATE "C" NOT NULL,
    money         BIGINT  NOT NULL,
    points        BIGINT  NOT NULL,
    PRIMARY KEY (member_id, shop, order_id)
);
CREATE INDEX r_purchase_in_time ON r_purchase (program_id, bought_at);

DELETE FROM r_lot;
DELETE FROM r_liability;
DELETE FROM cursor WHERE name IN ('pages', 'liability');
