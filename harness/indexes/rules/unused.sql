-- Indexes that nothing has read since the server started, on the live server: its counters are the only ones.
-- What enforces a constraint or serves a foreign key has its worth without being read.
SELECT entry.relname::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       NULL::text AS other,
       entry.relname AS object,
       NULL::text[] AS columns,
       false AS error,
       pg_relation_size(index.indexrelid)::double precision AS amount,
       format('Nothing that was tried has read %s on %s.', entry.relname, owner.relname) AS detail,
       format('DROP INDEX CONCURRENTLY %s.%s; once production''s own counters (pg_stat_user_indexes) agree.',
              quote_ident(namespace.nspname), quote_ident(entry.relname)) AS remedy
FROM pg_stat_user_indexes AS usage
JOIN pg_index AS index ON index.indexrelid = usage.indexrelid
JOIN pg_class AS entry ON entry.oid = index.indexrelid
JOIN pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
WHERE usage.idx_scan = 0
  AND index.indisvalid
  AND NOT index.indisunique
  AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = index.indexrelid)
  AND NOT EXISTS (
      SELECT FROM pg_constraint AS constraints
      WHERE constraints.contype = 'f' AND constraints.conrelid = owner.oid
        AND (index.indkey::smallint[])[0:cardinality(constraints.conkey) - 1] @> constraints.conkey
  )
ORDER BY subject
