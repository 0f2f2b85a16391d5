-- Keyed hashes of identifiers whose persons were erased, and until when they are kept: what comes once in a life
-- does not come again. They lead to no member.

CREATE TABLE former (
    program_id    INTEGER NOT NULL,
    value         BLOB    NOT NULL,
    kept_until    INTEGER NOT NULL,
    PRIMARY KEY (program_id, value)
) STRICT, WITHOUT ROWID;

-- Numbers that lead to the member no more, and that nobody else may have.

ALTER TABLE person ADD COLUMN blocked_cards TEXT;
