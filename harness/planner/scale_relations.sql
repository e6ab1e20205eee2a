-- Rows and pages of tables and indexes, as VACUUM would write them at the new size.
UPDATE pg_class AS c
SET reltuples = v.rows, relpages = v.pages, relallvisible = v.visible
FROM unnest(%(oids)s::bigint[], %(rows)s::real[], %(pages)s::int[], %(visible)s::int[])
     AS v (oid, rows, pages, visible)
WHERE c.oid = v.oid::oid
