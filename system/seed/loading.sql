-- name: is_empty
SELECT NOT EXISTS (SELECT FROM organizations)

-- name: copy_organizations
COPY organizations (organization_id, name, gstin, plan, created_at) FROM STDIN

-- name: copy_users
COPY users (organization_id, id, email, name, role, password_hash) FROM STDIN

-- name: copy_counters
COPY invoice_counters (organization_id, last_number) FROM STDIN

-- name: copy_contacts
COPY contacts (organization_id, id, name, email, phone, gstin, city, created_at, updated_at) FROM STDIN

-- name: copy_invoices
COPY invoices (organization_id, id, contact_id, number, status, issued_on, due_on,
               taxable_paise, tax_paise, total_paise, created_at) FROM STDIN

-- name: copy_lines
COPY invoice_lines (organization_id, invoice_id, position, description, hsn, quantity,
                    unit_price_paise, gst_percent, taxable_paise, tax_paise) FROM STDIN

-- The search index is built once over all rows: entry by entry it takes several times as long.
-- name: drop_search_index
DROP INDEX contacts_search_idx

-- name: search_index
SELECT pg_get_indexdef('contacts_search_idx'::regclass)

-- VACUUM too: index-only scans need the visibility map, which only it fills.
-- name: vacuum
VACUUM ANALYZE
