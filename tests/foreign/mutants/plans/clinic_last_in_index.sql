-- family: plans
-- sentence: The index by which appointments are listed begins with the time, and the clinic comes last.
-- operation: GET /appointments
-- rule: plans/growth | plans/wrong-order-index | plans/sort-under-limit | plans/rows-removed
-- names: GET /appointments
-- outcome: fail
DROP INDEX appointments_time_idx;
CREATE INDEX appointments_time_idx ON appointments (starts_at, appointment_id, clinic_id);
