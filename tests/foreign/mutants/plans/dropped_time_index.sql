-- family: plans
-- sentence: The index by which appointments are listed is gone.
-- operation: GET /appointments
-- rule: plans/sort-under-limit | plans/growth | plans/seq-scan
-- names: GET /appointments
-- outcome: fail
DROP INDEX appointments_time_idx;
