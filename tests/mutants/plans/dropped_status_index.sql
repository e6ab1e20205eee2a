-- family: plans
-- sentence: The index that the invoice list by status reads is gone.
-- operation: GET /api/v1/invoices
-- rule: plans/wrong-order-index | plans/growth | plans/rows-removed | plans/sort-under-limit
-- names: GET /api/v1/invoices
-- outcome: fail
DROP INDEX invoices_status_idx;
