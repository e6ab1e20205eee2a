-- What ANALYZE knows of every column: values by how common they are, and the bounds of its histogram.
-- A table's name decides where it is used once; the greater table comes first where it is not.
SELECT c.relname AS relation,
       a.attname AS column,
       a.atttypid::int AS oid,
       s.most_common_vals::text::text[] AS common,
       s.histogram_bounds::text::text[] AS bounds
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
  JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
  JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
 WHERE c.relkind IN ('r', 'p', 'm')
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND n.nspname !~ '^pg_toast'
   AND NOT EXISTS (SELECT FROM pg_type t WHERE t.oid = a.atttypid AND (t.typelem <> 0 OR t.typtype = 'c'))
 ORDER BY c.reltuples DESC, c.oid, a.attnum
