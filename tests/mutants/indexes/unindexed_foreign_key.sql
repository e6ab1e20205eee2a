-- family: indexes
-- sentence: The index behind the foreign key from invoices to contacts is gone.
-- operation: *
-- rule: indexes/unindexed-foreign-key
-- names: invoices
-- outcome: fail
DROP INDEX invoices_contact_idx;
