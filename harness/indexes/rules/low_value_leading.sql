-- B-tree indexes that begin with a column of hardly any values: the first step into them chooses nothing.
SELECT entry.relname::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       attribute.attname AS other,
       entry.relname AS object,
       ARRAY[attribute.attname::text] AS columns,
       false AS error,
       coalesce(statistics.n_distinct, 2)::double precision AS amount,
       format('%s on %s begins with %s, which has %s values.', entry.relname, owner.relname, attribute.attname,
              coalesce(statistics.n_distinct::text, 'two')) AS detail,
       format('Put %s behind the columns that choose more, or make it the predicate of a partial index.',
              attribute.attname) AS remedy
FROM pg_index AS index
JOIN pg_class AS entry ON entry.oid = index.indexrelid
JOIN pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
JOIN pg_am AS method ON method.oid = entry.relam AND method.amname = 'btree'
JOIN pg_attribute AS attribute ON attribute.attrelid = owner.oid AND attribute.attnum = index.indkey[0]
LEFT JOIN pg_stats AS statistics
    ON statistics.schemaname = namespace.nspname AND statistics.tablename = owner.relname
   AND statistics.attname = attribute.attname AND NOT statistics.inherited
WHERE index.indpred IS NULL
  AND NOT index.indisunique
  -- Fewer rows than this say nothing of how many values there will be.
  AND owner.reltuples >= 1000
  AND (attribute.atttypid = 'boolean'::regtype OR statistics.n_distinct BETWEEN 1 AND 3)
  -- A key to another table has as many values as that has rows, however few a fixture holds.
  AND NOT EXISTS (
      SELECT FROM pg_constraint
      WHERE contype = 'f' AND conrelid = owner.oid AND attribute.attnum = ANY (conkey)
  )
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY subject
