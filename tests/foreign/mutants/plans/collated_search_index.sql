-- family: plans
-- sentence: The index of the search was built again under another collation than the column's.
-- operation: GET /patients
-- rule: plans/unusable-index | plans/growth | plans/seq-scan | plans/sort-under-limit | plans/rows-removed
-- names: GET /patients
-- outcome: fail
DROP INDEX patients_search_idx;
CREATE INDEX patients_search_idx ON patients (clinic_id, search_name COLLATE "POSIX", patient_id);
