-- family: indexes
-- sentence: The index of the search was left invalid, as by CREATE INDEX CONCURRENTLY that failed.
-- operation: *
-- rule: indexes/invalid
-- names: contacts_search_idx
-- outcome: fail
UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'contacts_search_idx'::regclass;
