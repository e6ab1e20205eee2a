-- Constraints that hold for new rows only: NOT VALID, never validated.
SELECT format('%s.%s', owner.relname, constraints.conname) AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       NULL::text AS other,
       constraints.conname AS object,
       NULL::text[] AS columns,
       false AS error,
       NULL::double precision AS amount,
       format('%s of %s was never validated: rows from before it may break it.', constraints.conname, owner.relname)
           AS detail,
       format('ALTER TABLE %s.%s VALIDATE CONSTRAINT %s;', quote_ident(namespace.nspname), quote_ident(owner.relname),
              quote_ident(constraints.conname)) AS remedy
FROM pg_constraint AS constraints
JOIN pg_class AS owner ON owner.oid = constraints.conrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
WHERE NOT constraints.convalidated
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema')
ORDER BY subject
