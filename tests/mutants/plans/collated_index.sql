-- family: plans
-- sentence: The index of addresses was built again under another collation than the column's.
-- operation: POST /api/v1/session
-- rule: plans/unusable-index | plans/seq-scan | plans/growth
-- names: POST /api/v1/session
-- outcome: fail
DROP INDEX users_email_key;
CREATE UNIQUE INDEX users_email_key ON users (email COLLATE "POSIX");
