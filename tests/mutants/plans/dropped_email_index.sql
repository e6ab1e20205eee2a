-- family: plans
-- sentence: The index by which sign-in finds an address is gone.
-- operation: POST /api/v1/session
-- rule: plans/seq-scan | plans/growth | plans/rows-removed
-- names: POST /api/v1/session
-- outcome: fail
DROP INDEX users_email_key;
