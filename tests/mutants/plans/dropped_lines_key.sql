-- family: plans
-- sentence: Invoice lines have lost their primary key, and with it the index by invoice.
-- operation: GET /api/v1/invoices/{invoice_id}
-- rule: plans/seq-scan | plans/growth | plans/nested-seq-scan | plans/rows-removed
-- names: GET /api/v1/invoices/{invoice_id}
-- outcome: fail
ALTER TABLE invoice_lines DROP CONSTRAINT invoice_lines_pkey;
