SELECT id, name FROM customers WHERE workspace_id = $1 AND id = $2
SELECT id, name, city FROM customers WHERE workspace_id = $1 ORDER BY id DESC LIMIT 50
SELECT id, name, city FROM customers WHERE workspace_id = $1 ORDER BY id LIMIT 50 OFFSET 200
SELECT id, name FROM customers WHERE workspace_id = $1 AND lower(email) = 'customer7@w1.example'
SELECT id, name FROM customers WHERE email = 'customer7@w1.example'
SELECT id, name FROM customers WHERE workspace_id = $1 AND city = 'City 3' ORDER BY name LIMIT 20
SELECT id, name FROM customers WHERE workspace_id = $1 AND name ILIKE '%mer 12%' LIMIT 20
SELECT id FROM customers WHERE to_tsvector('simple', name) @@ to_tsquery('simple', '12') AND workspace_id = $1
SELECT count(*) FROM customers WHERE workspace_id = $1
SELECT id, number, status FROM orders WHERE workspace_id = $1 AND number = 120
SELECT id, number, status FROM orders WHERE id = $3
SELECT id, number, status FROM orders WHERE workspace_id = $1 ORDER BY placed_at DESC LIMIT 25
SELECT id, number, status FROM orders WHERE workspace_id = $1 AND status = 'late' ORDER BY placed_at DESC LIMIT 25
SELECT id, number, total_cents FROM orders WHERE workspace_id = $1 ORDER BY total_cents DESC LIMIT 10
SELECT status, count(*), sum(total_cents) FROM orders WHERE workspace_id = $1 GROUP BY status
SELECT o.id, o.number, c.name FROM orders o JOIN customers c ON c.workspace_id = o.workspace_id AND c.id = o.customer_id WHERE o.workspace_id = $1 AND o.customer_id = $2 ORDER BY o.placed_at DESC LIMIT 20
SELECT l.position, l.quantity, p.title FROM order_lines l JOIN products p ON p.id = l.product_id WHERE l.order_id = $3 ORDER BY l.position
SELECT p.title, sum(l.quantity) FROM order_lines l JOIN orders o ON o.id = l.order_id JOIN products p ON p.id = l.product_id WHERE o.workspace_id = $1 GROUP BY p.title ORDER BY 2 DESC LIMIT 10
SELECT id FROM orders WHERE status = 'open' AND due_on < '2026-02-20' ORDER BY due_on LIMIT 100
SELECT id, paid_at, cents FROM payments WHERE order_id = $3
SELECT sum(cents) FROM payments WHERE paid_at > '2026-02-20'
SELECT id, kind, at FROM events WHERE workspace_id = $1 ORDER BY id DESC LIMIT 50
SELECT id, kind, at FROM events WHERE kind = 'order.late' ORDER BY at DESC LIMIT 50
SELECT id, role FROM members WHERE email = 'member3@w2.example'
SELECT m.email, w.name FROM members m JOIN workspaces w ON w.id = m.workspace_id WHERE m.workspace_id = $1 AND m.active
SELECT value FROM preferences WHERE workspace_id = $1 AND name = 'locale'
SELECT w.name, count(*) FROM workspaces w JOIN orders o ON o.workspace_id = w.id GROUP BY w.name
UPDATE counters SET last_number = last_number + 1 WHERE workspace_id = $1
DELETE FROM order_lines WHERE order_id = $3
SELECT code, name FROM countries ORDER BY name
