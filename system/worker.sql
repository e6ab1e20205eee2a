-- Over all organizations, as the tables' owner: the due day decides, India's day, not the tenant.
-- name: mark_overdue
WITH late AS (
    SELECT organization_id, id FROM invoices
    WHERE status = 'sent' AND due_on < (now() AT TIME ZONE 'Asia/Kolkata')::date
    ORDER BY due_on
    LIMIT %(batch)s::int
    FOR UPDATE SKIP LOCKED
), marked AS (
    UPDATE invoices SET status = 'overdue'
    FROM late
    WHERE invoices.organization_id = late.organization_id AND invoices.id = late.id
    RETURNING true
)
SELECT count(*) FROM marked
