-- Indexes that a failed CREATE INDEX CONCURRENTLY left behind: written to, never read.
SELECT entry.relname::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       NULL::text AS other,
       entry.relname AS object,
       NULL::text[] AS columns,
       true AS error,
       pg_relation_size(index.indexrelid)::double precision AS amount,
       format('%s on %s is not valid: no statement can use it, and every write may pay for it.', entry.relname,
              owner.relname) AS detail,
       format('REINDEX INDEX CONCURRENTLY %s.%s;', quote_ident(namespace.nspname), quote_ident(entry.relname)) AS remedy
FROM pg_index AS index
JOIN pg_class AS entry ON entry.oid = index.indexrelid
JOIN pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
-- The index of a partitioned table is invalid until each partition has its part; that is its own rule's matter.
WHERE NOT (index.indisvalid AND index.indisready)
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY subject
