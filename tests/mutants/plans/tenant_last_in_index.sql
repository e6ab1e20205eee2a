-- family: plans
-- sentence: The index of the invoice list by status holds the organization last.
-- operation: GET /api/v1/invoices
-- rule: plans/wrong-order-index | plans/growth | plans/rows-removed | plans/sort-under-limit
-- names: GET /api/v1/invoices
-- outcome: fail
DROP INDEX invoices_status_idx;
CREATE INDEX invoices_status_idx ON invoices (status, id, organization_id);
