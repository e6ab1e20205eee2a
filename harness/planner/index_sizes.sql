-- Every index of the database with the size of its files; sparse parts count as they stand for rows.
SELECT n.nspname AS schema, c.relname AS name, pg_relation_size(c.oid) AS size_bytes
  FROM pg_class c
  JOIN pg_namespace n ON n.oid = c.relnamespace
 WHERE c.relkind = 'i'
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND n.nspname !~ '^pg_toast'
