-- family: indexes
-- sentence: An appointment may follow another, and no index begins with that: striking one out reads all.
-- operation: *
-- rule: indexes/unindexed-foreign-key
-- names: follows
-- outcome: fail
ALTER TABLE appointments ADD COLUMN follows integer;
ALTER TABLE appointments ADD FOREIGN KEY (clinic_id, follows) REFERENCES appointments;
