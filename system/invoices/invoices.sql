-- Money is integer paise, at most 1.4e15 for one line's bounds: exact in JSON, whatever the client reads it with.

-- Of all statuses, by the key, or of one, by its index: one plan for both would miss one of them.
-- page: list_invoices
SELECT id, number, contact_id AS "contactId", status, issued_on AS "issuedOn", due_on AS "dueOn",
       taxable_paise AS "taxablePaise", tax_paise AS "taxPaise", total_paise AS "totalPaise",
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt"
FROM invoices
WHERE organization_id = %(organization)s AND id < %(cursor)s
ORDER BY id DESC
LIMIT %(limit)s::int + 1

-- page: list_invoices_of_status
SELECT id, number, contact_id AS "contactId", status, issued_on AS "issuedOn", due_on AS "dueOn",
       taxable_paise AS "taxablePaise", tax_paise AS "taxPaise", total_paise AS "totalPaise",
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt"
FROM invoices
WHERE organization_id = %(organization)s AND status = %(status)s::text AND id < %(cursor)s
ORDER BY id DESC
LIMIT %(limit)s::int + 1

-- name: get_invoice
SELECT row_to_json(shown)
FROM (
    SELECT id, number, contact_id AS "contactId", status, issued_on AS "issuedOn", due_on AS "dueOn",
           taxable_paise AS "taxablePaise", tax_paise AS "taxPaise", total_paise AS "totalPaise",
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
           (
               SELECT json_agg(row_to_json(line))
               FROM (
                   SELECT position, description, hsn, quantity, unit_price_paise AS "unitPricePaise",
                          gst_percent AS "gstPercent", invoice_lines.taxable_paise AS "taxablePaise",
                          invoice_lines.tax_paise AS "taxPaise"
                   FROM invoice_lines
                   WHERE organization_id = %(organization)s AND invoice_id = %(id)s
                   ORDER BY position
               ) AS line
           ) AS lines
    FROM invoices
    WHERE organization_id = %(organization)s AND id = %(id)s
) AS shown

-- Everything in one statement, so that a refused invoice takes no number: the counter's row lock orders the
-- invoices of one organization, and rolls back with them.
-- name: create_invoice
WITH counter AS (
    UPDATE invoice_counters SET last_number = last_number + 1
    WHERE organization_id = %(organization)s
    RETURNING last_number
), line AS (
    SELECT position, description, hsn, quantity, unit_price_paise, gst_percent,
           quantity * unit_price_paise AS taxable_paise,
           -- Half a paisa and more rounds up, line by line, as it is printed on the invoice.
           (quantity * unit_price_paise * gst_percent + 50) / 100 AS tax_paise
    FROM ROWS FROM (json_to_recordset(%(lines)s::json) AS (
        description text, hsn text, quantity bigint, "unitPricePaise" bigint, "gstPercent" bigint
    )) WITH ORDINALITY AS sent(description, hsn, quantity, unit_price_paise, gst_percent, position)
), invoice AS (
    INSERT INTO invoices (organization_id, id, contact_id, number, status, issued_on, due_on,
                          taxable_paise, tax_paise, total_paise)
    SELECT %(organization)s, %(id)s, %(contact_id)s, counter.last_number, %(status)s, %(issued_on)s, %(due_on)s,
           sums.taxable, sums.tax, sums.taxable + sums.tax
    FROM counter,
         (SELECT sum(taxable_paise)::bigint AS taxable, sum(tax_paise)::bigint AS tax FROM line) AS sums
    RETURNING *
), written AS (
    INSERT INTO invoice_lines (organization_id, invoice_id, position, description, hsn, quantity,
                               unit_price_paise, gst_percent, taxable_paise, tax_paise)
    SELECT %(organization)s, %(id)s, position, description, hsn, quantity,
           unit_price_paise, gst_percent, taxable_paise, tax_paise
    FROM line
    RETURNING position, description, hsn, quantity, unit_price_paise AS "unitPricePaise",
              gst_percent AS "gstPercent", taxable_paise AS "taxablePaise", tax_paise AS "taxPaise"
)
SELECT row_to_json(shown)
FROM (
    SELECT id, number, contact_id AS "contactId", status, issued_on AS "issuedOn", due_on AS "dueOn",
           taxable_paise AS "taxablePaise", tax_paise AS "taxPaise", total_paise AS "totalPaise",
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
           (SELECT json_agg(row_to_json(written) ORDER BY written.position) FROM written) AS lines
    FROM invoice
) AS shown
