-- Foreign keys that no index of the referencing table begins with: each change of a referenced key, and each
-- delete, reads the whole table. An index serves where its first columns are the key's, in any order.
SELECT format('%s.%s', child.relname, string_agg(attribute.attname, ',' ORDER BY place.position)) AS subject,
       namespace.nspname AS schema,
       child.relname AS relation,
       parent.relname AS other,
       constraints.conname AS object,
       array_agg(attribute.attname::text ORDER BY place.position) AS columns,
       constraints.confdeltype IN ('c', 'n', 'd') AS error,
       NULL::double precision AS amount,
       format('No index of %s begins with %s, the foreign key %s to %s.', child.relname,
              string_agg(quote_ident(attribute.attname), ', ' ORDER BY place.position),
              constraints.conname, parent.relname) AS detail,
       format('CREATE INDEX CONCURRENTLY ON %s.%s (%s);', quote_ident(namespace.nspname), quote_ident(child.relname),
              string_agg(quote_ident(attribute.attname), ', ' ORDER BY place.position)) AS remedy
FROM pg_constraint AS constraints
JOIN pg_class AS child ON child.oid = constraints.conrelid
JOIN pg_class AS parent ON parent.oid = constraints.confrelid
JOIN pg_namespace AS namespace ON namespace.oid = child.relnamespace
CROSS JOIN LATERAL unnest(constraints.conkey) WITH ORDINALITY AS place(number, position)
JOIN pg_attribute AS attribute ON attribute.attrelid = child.oid AND attribute.attnum = place.number
WHERE constraints.contype = 'f'
  AND constraints.conparentid = 0
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema')
  AND NOT EXISTS (
      SELECT FROM pg_index AS index
      JOIN pg_class AS entry ON entry.oid = index.indexrelid
      JOIN pg_am AS method ON method.oid = entry.relam
      WHERE index.indrelid = constraints.conrelid
        AND index.indisvalid
        AND method.amname IN ('btree', 'hash')
        -- A partial index serves where it leaves out only what references nothing.
        AND (index.indpred IS NULL OR pg_get_expr(index.indpred, index.indrelid) ~ '^\(\w+ IS NOT NULL\)$')
        AND (index.indkey::smallint[])[0:cardinality(constraints.conkey) - 1] @> constraints.conkey
        AND index.indnkeyatts >= cardinality(constraints.conkey)
  )
GROUP BY constraints.oid, constraints.conname, constraints.confdeltype, namespace.nspname, child.relname, parent.relname
ORDER BY subject
