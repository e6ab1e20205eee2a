-- Around every statement that a file names with `-- page:`, in place of ITEMS. It selects rows with an id,
-- newest first, from one organization, and one row more than asked: that tells whether there is a next page.
-- name: page
SELECT coalesce(json_agg(page.item) FILTER (WHERE page.place <= %(limit)s::int), '[]'),
       CASE WHEN count(*) > %(limit)s::int
            THEN max(page.id::text) FILTER (WHERE page.place = %(limit)s::int) END
FROM (
    SELECT row_to_json(shown) AS item, shown.id, row_number() OVER () AS place
    FROM (ITEMS) AS shown
) AS page
