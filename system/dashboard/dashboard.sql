-- Sums come from the index alone (invoices_status_idx carries total and date).
-- `money` says whether the caller's role may see sums: all are null where it may not.
-- name: dashboard
SELECT row_to_json(figures)
FROM (
    SELECT (SELECT count(*) FROM contacts WHERE organization_id = %(organization)s) AS contacts,
           coalesce(sum(count), 0)::bigint AS invoices,
           CASE WHEN %(money)s::bool
                THEN coalesce(sum(total) FILTER (WHERE status IN ('sent', 'overdue')), 0)::bigint END AS "outstandingPaise",
           CASE WHEN %(money)s::bool
                THEN coalesce(sum(total) FILTER (WHERE status = 'overdue'), 0)::bigint END AS "overduePaise",
           CASE WHEN %(money)s::bool
                THEN coalesce(sum(total) FILTER (WHERE status = 'paid'), 0)::bigint END AS "paidPaise",
           CASE WHEN %(money)s::bool
                THEN coalesce(sum(issued_30_days), 0)::bigint END AS "invoicedLast30DaysPaise",
           coalesce(json_object_agg(status, json_build_object(
               'invoices', count, 'totalPaise', CASE WHEN %(money)s::bool THEN total END)), '{}')
               AS "byStatus",
           to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "asOf"
    FROM (
        SELECT status, count(*) AS count, sum(total_paise)::bigint AS total,
               coalesce(sum(total_paise) FILTER (
                   WHERE status <> 'cancelled'
                     AND issued_on > (now() AT TIME ZONE 'Asia/Kolkata')::date - 30), 0)::bigint AS issued_30_days
        FROM invoices
        WHERE organization_id = %(organization)s
        GROUP BY status
    ) AS by_status
) AS figures
