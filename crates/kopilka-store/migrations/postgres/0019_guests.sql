-- Under which phone or e-mail, as a keyed hash alone, a guest's order can be claimed, and until when. A row is
-- deleted when its time is over, or when a person with this address is erased.

CREATE TABLE guest_contact (
    program_id    BIGINT  NOT NULL,
    address       BYTEA   NOT NULL,
    shop          TEXT    COLLATE "C" NOT NULL,
    order_id      TEXT    COLLATE "C" NOT NULL,
    kept_until    BIGINT  NOT NULL,
    PRIMARY KEY (program_id, address, shop, order_id)
);
CREATE INDEX guest_contact_by_end ON guest_contact (program_id, kept_until);
