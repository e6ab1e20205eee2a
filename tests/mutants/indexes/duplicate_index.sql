-- family: indexes
-- sentence: Contacts have a second index with the columns of the primary key.
-- operation: *
-- rule: indexes/duplicate
-- names: contacts_again_idx
-- outcome: fail
CREATE INDEX contacts_again_idx ON contacts (organization_id, id);
