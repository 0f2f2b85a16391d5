-- What a shop tells of a member in words of its own: one JSON object, nothing where nothing was told.

ALTER TABLE person ADD COLUMN attributes TEXT;
