-- Under which phone or e-mail, as a keyed hash alone, a guest's order can be claimed, and until when. A row is
-- deleted when its time is over, or when a person with this address is erased.

CREATE TABLE guest_contact (
    program_id    INTEGER NOT NULL,
    address       BLOB    NOT NULL,
    shop          TEXT    NOT NULL,
    order_id      TEXT    NOT NULL,
    kept_until    INTEGER NOT NULL,
    PRIMARY KEY (program_id, address, shop, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX guest_contact_by_end ON guest_contact (program_id, kept_until);
