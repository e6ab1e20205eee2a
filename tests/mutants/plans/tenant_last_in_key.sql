-- family: plans
-- sentence: The primary key of contacts begins with the id, and the organization comes last.
-- operation: GET /api/v1/contacts
-- rule: plans/growth | plans/wrong-order-index | plans/seq-scan | plans/rows-removed
-- names: GET /api/v1/contacts
-- outcome: fail
ALTER TABLE invoices DROP CONSTRAINT invoices_contact_fkey;
ALTER TABLE contacts DROP CONSTRAINT contacts_pkey;
ALTER TABLE contacts ADD PRIMARY KEY (id, organization_id);
ALTER TABLE invoices ADD CONSTRAINT invoices_contact_fkey
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts (organization_id, id);
ANALYZE contacts;
