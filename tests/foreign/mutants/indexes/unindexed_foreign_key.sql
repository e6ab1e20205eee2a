-- family: indexes
-- sentence: Referrals point to the practitioners they came from, and no index begins with that.
-- operation: *
-- rule: indexes/unindexed-foreign-key
-- names: referred_by
-- outcome: fail
ALTER TABLE appointments ADD COLUMN referred_by integer;
ALTER TABLE appointments ADD FOREIGN KEY (clinic_id, referred_by) REFERENCES practitioners;
