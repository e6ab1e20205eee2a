-- What each agent's answer stands on: a few figures of one organization, small enough for a prompt.
-- `money` says whether the caller's role may see sums; statements of agents that ask for it need not look.

-- name: finance
SELECT row_to_json(facts)
FROM (
    SELECT coalesce(sum(total_paise) FILTER (WHERE status = 'paid'), 0)::bigint AS "paidPaise",
           coalesce(sum(total_paise) FILTER (WHERE status IN ('sent', 'overdue')), 0)::bigint AS "outstandingPaise",
           count(*) FILTER (WHERE status = 'overdue') AS "overdueInvoices"
    FROM invoices
    WHERE organization_id = %(organization)s
) AS facts

-- name: tax
SELECT row_to_json(facts)
FROM (
    SELECT coalesce(sum(tax_paise), 0)::bigint AS "gstPaise",
           coalesce(sum(taxable_paise), 0)::bigint AS "taxablePaise",
           count(*) AS invoices
    FROM (
        SELECT tax_paise, taxable_paise, status
        FROM invoices
        WHERE organization_id = %(organization)s AND status IN ('sent', 'paid', 'overdue')
        ORDER BY id DESC LIMIT 200
    ) AS latest
) AS facts

-- name: collections
SELECT row_to_json(facts)
FROM (
    SELECT count(*) AS "overdueInvoices",
           CASE WHEN %(money)s::bool THEN coalesce(sum(total_paise), 0)::bigint END AS "overduePaise",
           to_char(min(issued_on), 'YYYY-MM-DD') AS "oldestIssuedOn"
    FROM invoices
    WHERE organization_id = %(organization)s AND status = 'overdue'
) AS facts

-- name: sales
SELECT row_to_json(facts)
FROM (
    SELECT (SELECT count(*) FROM contacts WHERE organization_id = %(organization)s) AS contacts,
           count(*) FILTER (WHERE status = 'draft') AS "draftInvoices",
           count(*) FILTER (WHERE status = 'sent') AS "sentInvoices"
    FROM invoices
    WHERE organization_id = %(organization)s AND status IN ('draft', 'sent')
) AS facts

-- name: contacts
SELECT row_to_json(facts)
FROM (
    SELECT (SELECT count(*) FROM contacts WHERE organization_id = %(organization)s) AS contacts,
           (
               SELECT json_agg(name ORDER BY id DESC)
               FROM (
                   SELECT id, name FROM contacts
                   WHERE organization_id = %(organization)s
                   ORDER BY id DESC LIMIT 3
               ) AS newest
           ) AS newest
) AS facts

-- name: general
SELECT row_to_json(facts)
FROM (
    SELECT name AS organization, plan FROM organizations WHERE organization_id = %(organization)s
) AS facts
