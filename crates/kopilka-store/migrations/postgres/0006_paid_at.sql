-- When an order was paid, so that a member's newest paid orders are found without reading the others.

ALTER TABLE orders ADD COLUMN paid_at BIGINT;
UPDATE orders SET paid_at = (body::jsonb ->> 'paid_at')::bigint WHERE status IN ('paid', 'returned');
