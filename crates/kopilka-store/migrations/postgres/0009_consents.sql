-- Where the person lives, as the shop calls it; consents and their withdrawals as they were told, one JSON
-- list, nothing where nothing was told; and the channels of live ones, a bit each.

ALTER TABLE person ADD COLUMN region TEXT;
ALTER TABLE person ADD COLUMN consents TEXT;
ALTER TABLE person ADD COLUMN subscribed BIGINT NOT NULL DEFAULT 0;
