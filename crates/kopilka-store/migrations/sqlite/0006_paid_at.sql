-- When an order was paid, so that a member's newest paid orders are found without reading the others.

ALTER TABLE orders ADD COLUMN paid_at INTEGER;
UPDATE orders SET paid_at = json_extract(body, '$.paid_at') WHERE status IN ('paid', 'returned');
