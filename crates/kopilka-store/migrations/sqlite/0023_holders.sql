-- Who uses the member's account beside its owner, and by which phone or card each is known.

ALTER TABLE person ADD COLUMN holders TEXT;
