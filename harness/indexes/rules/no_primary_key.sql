-- Tables whose rows nothing names: no primary key, and no unique index over columns that are never NULL.
SELECT owner.relname::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       NULL::text AS other,
       owner.relname AS object,
       NULL::text[] AS columns,
       false AS error,
       owner.reltuples::double precision AS amount,
       format('%s has no primary key: one row of it cannot be named, changed alone, or replicated.', owner.relname)
           AS detail,
       format('ALTER TABLE %s.%s ADD PRIMARY KEY (…); the tenant''s column first.', quote_ident(namespace.nspname),
              quote_ident(owner.relname)) AS remedy
FROM pg_class AS owner
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
WHERE owner.relkind IN ('r', 'p')
  AND NOT owner.relispartition
  AND owner.relpersistence <> 't'
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT EXISTS (
      SELECT FROM pg_index AS index
      WHERE index.indrelid = owner.oid
        AND index.indisunique
        AND index.indpred IS NULL
        AND index.indexprs IS NULL
        AND NOT EXISTS (
            SELECT FROM unnest(index.indkey::smallint[]) AS key(number)
            JOIN pg_attribute AS attribute ON attribute.attrelid = owner.oid AND attribute.attnum = key.number
            WHERE NOT attribute.attnotnull
        )
  )
  -- A table that inherits keys from an extension or holds one row of settings is not worth a key.
  AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = owner.oid AND deptype = 'e')
ORDER BY subject
