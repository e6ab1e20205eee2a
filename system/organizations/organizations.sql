-- name: get_organization
SELECT row_to_json(shown)
FROM (
    SELECT organization_id AS id, name, gstin, plan,
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt"
    FROM organizations
    WHERE organization_id = %(organization)s
) AS shown
