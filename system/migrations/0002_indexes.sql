-- What the workload needs, each with its reader. Apart from the tables, so that a bulk load can come between.

-- Search. fastupdate off: a pending list makes single writes cheaper and now and then a read very slow.
CREATE INDEX contacts_search_idx ON contacts USING gin (search) WITH (fastupdate = off);

-- Numbers are unique within an organization; also finds an invoice by its number.
CREATE UNIQUE INDEX invoices_number_key ON invoices (organization_id, number);

-- The invoices of a contact, and the check that a contact to be deleted has none.
CREATE INDEX invoices_contact_idx ON invoices (organization_id, contact_id);

-- The list by status, newest first, and the dashboard's sums without visiting the table.
CREATE INDEX invoices_status_idx ON invoices (organization_id, status, id) INCLUDE (total_paise, issued_on);

-- What the worker marks overdue, over all organizations.
CREATE INDEX invoices_due_idx ON invoices (due_on) WHERE status = 'sent';

ALTER TABLE invoices ADD CONSTRAINT invoices_contact_fkey
    FOREIGN KEY (organization_id, contact_id) REFERENCES contacts;
ALTER TABLE invoice_lines ADD CONSTRAINT invoice_lines_invoice_fkey
    FOREIGN KEY (organization_id, invoice_id) REFERENCES invoices;
