-- family: indexes
-- sentence: The index of the search is there twice.
-- operation: *
-- rule: indexes/duplicate
-- names: patients_search_again_idx
-- outcome: fail
CREATE INDEX patients_search_again_idx ON patients (clinic_id, search_name, patient_id);
