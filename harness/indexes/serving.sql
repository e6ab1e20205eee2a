-- Indexes that begin with a foreign key's columns, in any order: the server looks there for each row that is
-- deleted from the table referred to, whatever the target's own statements do.
SELECT DISTINCT namespace.nspname AS schema, entry.relname AS index
FROM pg_index AS index
JOIN pg_class AS entry ON entry.oid = index.indexrelid
JOIN pg_class AS owner ON owner.oid = index.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
JOIN pg_constraint AS constraints ON constraints.conrelid = owner.oid AND constraints.contype = 'f'
WHERE (index.indkey::smallint[])[0:cardinality(constraints.conkey) - 1] @> constraints.conkey
