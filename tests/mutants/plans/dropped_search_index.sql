-- family: plans
-- sentence: The index that the search of contacts reads is gone.
-- operation: GET /api/v1/contacts
-- rule: plans/growth | plans/seq-scan | plans/rows-removed
-- names: GET /api/v1/contacts
-- outcome: fail
DROP INDEX contacts_search_idx;
