-- Times are written with Z here: JSON made by Postgres has +00:00 and microseconds otherwise.

-- page: list_contacts
SELECT id, name, email, phone, gstin, city,
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
       to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
FROM contacts
WHERE organization_id = %(organization)s AND id < %(cursor)s
ORDER BY id DESC
LIMIT %(limit)s::int + 1

-- The same among the contacts that hold every word of `words` as the prefix of a word. The matches are
-- found first, whatever the planner thinks of their number: walking the key for them could read all rows.
-- page: search_contacts
WITH found AS MATERIALIZED (
    SELECT id FROM search_contacts(%(words)s::text) AS id
    WHERE id < %(cursor)s ORDER BY id DESC LIMIT %(limit)s::int + 1
)
SELECT id, name, email, phone, gstin, city,
       to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
       to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
FROM contacts
WHERE organization_id = %(organization)s AND id IN (SELECT id FROM found)
ORDER BY id DESC

-- name: get_contact
SELECT row_to_json(contact)
FROM (
    SELECT id, name, email, phone, gstin, city,
           to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
           to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
    FROM contacts
    WHERE organization_id = %(organization)s AND id = %(id)s
) AS contact

-- name: create_contact
WITH contact AS (
    INSERT INTO contacts (organization_id, id, name, email, phone, gstin, city)
    VALUES (%(organization)s, %(id)s, %(name)s, %(email)s, %(phone)s, %(gstin)s, %(city)s)
    RETURNING id, name, email, phone, gstin, city,
              to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
              to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
)
SELECT row_to_json(contact) FROM contact

-- Changes the fields that `fields` names, to what `changes` holds of them; null empties one.
-- name: change_contact
WITH changes AS (
    SELECT * FROM json_to_record(%(changes)s::json) AS c(name text, email text, phone text, gstin text, city text)
), contact AS (
    UPDATE contacts
    SET name = CASE WHEN 'name' = ANY (%(fields)s::text[]) THEN changes.name ELSE contacts.name END,
        email = CASE WHEN 'email' = ANY (%(fields)s::text[]) THEN changes.email ELSE contacts.email END,
        phone = CASE WHEN 'phone' = ANY (%(fields)s::text[]) THEN changes.phone ELSE contacts.phone END,
        gstin = CASE WHEN 'gstin' = ANY (%(fields)s::text[]) THEN changes.gstin ELSE contacts.gstin END,
        city = CASE WHEN 'city' = ANY (%(fields)s::text[]) THEN changes.city ELSE contacts.city END,
        updated_at = now()
    FROM changes
    WHERE contacts.organization_id = %(organization)s AND contacts.id = %(id)s
    RETURNING contacts.id, contacts.name, contacts.email, contacts.phone, contacts.gstin, contacts.city,
              to_char(created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "createdAt",
              to_char(updated_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "updatedAt"
)
SELECT row_to_json(contact) FROM contact

-- name: delete_contact
DELETE FROM contacts WHERE organization_id = %(organization)s AND id = %(id)s RETURNING true
