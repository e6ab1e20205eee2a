-- Tables with an index on an expression of which ANALYZE has said nothing yet.
SELECT DISTINCT n.nspname, t.relname
FROM pg_index i
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE i.indexprs IS NOT NULL AND t.reltuples > 0
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND NOT EXISTS (SELECT FROM pg_stats s
                  JOIN pg_class c ON c.oid = i.indexrelid
                  WHERE s.schemaname = n.nspname AND s.tablename = c.relname)
