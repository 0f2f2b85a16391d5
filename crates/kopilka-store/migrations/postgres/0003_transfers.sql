-- Points that left for other members, less what came back, and points that arrived from them.

ALTER TABLE member ADD COLUMN sent BIGINT NOT NULL DEFAULT 0;
ALTER TABLE member ADD COLUMN received BIGINT NOT NULL DEFAULT 0;
