-- family: plans
-- sentence: The index of statuses was built again under another collation than the column's.
-- operation: GET /api/v1/invoices
-- rule: plans/unusable-index | plans/wrong-order-index | plans/growth | plans/rows-removed | plans/sort-under-limit
-- names: GET /api/v1/invoices
-- outcome: fail
DROP INDEX invoices_status_idx;
CREATE INDEX invoices_status_idx ON invoices (organization_id, status COLLATE "POSIX", id) INCLUDE (total_paise, issued_on);
