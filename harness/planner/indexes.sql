-- Indexes of those tables, with their sizes and definitions.
SELECT i.indexrelid::bigint AS oid,
       i.indrelid::bigint AS relation,
       n.nspname AS schema,
       c.relname AS name,
       t.relname AS table,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true) FROM generate_series(1, i.indnkeyatts) k) AS columns,
       array(SELECT pg_get_indexdef(i.indexrelid, k, true)
             FROM generate_series(i.indnkeyatts + 1, i.indnatts) k) AS included,
       i.indkey::int2[]::int[] AS numbers,
       m.amname AS method,
       i.indisunique AS unique,
       i.indisprimary AS primary,
       coalesce(k.conname, '') AS constraint,
       coalesce(pg_get_expr(i.indpred, i.indrelid, true), '') AS partial,
       pg_get_indexdef(i.indexrelid) AS definition,
       greatest(c.reltuples, 0)::float8 AS rows,
       c.relpages AS pages,
       coalesce(pg_relation_filepath(c.oid), '') AS path,
       CASE WHEN c.relkind = 'I' THEN 0 ELSE pg_relation_size(c.oid) END AS size_bytes,
       coalesce((SELECT sum(s.avg_width) FROM pg_stats s
                 WHERE s.schemaname = n.nspname AND s.tablename = c.relname), 0)::int AS width_bytes
FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid
JOIN pg_class t ON t.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_am m ON m.oid = c.relam
LEFT JOIN pg_constraint k ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
WHERE i.indisvalid AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY i.indexrelid
