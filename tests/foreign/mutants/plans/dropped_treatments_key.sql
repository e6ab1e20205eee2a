-- family: plans
-- sentence: Treatments have lost their primary key, and with it the index by appointment.
-- operation: GET /appointments/{appointment_id}
-- rule: plans/seq-scan | plans/growth | plans/rows-removed
-- names: GET /appointments/{appointment_id}
-- outcome: fail
ALTER TABLE treatments DROP CONSTRAINT treatments_pkey;
