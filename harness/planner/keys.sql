-- What is unique by plain columns over all rows.
SELECT i.indrelid::bigint AS relation,
       (i.indkey::int2[])[0:i.indnkeyatts - 1]::int[] AS columns,
       i.indisprimary AS primary
FROM pg_index i
JOIN pg_class c ON c.oid = i.indrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE i.indisunique AND i.indpred IS NULL AND i.indexprs IS NULL
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY i.indexrelid
