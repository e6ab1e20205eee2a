-- family: plans
-- sentence: The index by which an API key is found is gone, and tens of thousands of keys are kept.
-- operation: GET /patients
-- rule: plans/seq-scan | plans/growth | plans/rows-removed
-- names: api_keys
-- outcome: fail
ALTER TABLE api_keys DROP CONSTRAINT api_keys_pkey;
INSERT INTO api_keys (key_hash, clinic_id, label, may_write)
SELECT sha256(convert_to('old-' || clinic_id || '-' || number, 'UTF8')), clinic_id, 'old', false
FROM clinics, generate_series(1, 2000) AS number;
ANALYZE api_keys;
