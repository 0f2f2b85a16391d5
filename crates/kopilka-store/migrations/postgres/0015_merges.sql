-- The shop's ids of accounts that have become part of this one: they lead to it for ever.

ALTER TABLE person ADD COLUMN other_exts TEXT;
