-- Tables of which VACUUM left more than a hundredth, and more than one page, not visible to all.
SELECT n.nspname, c.relname
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'm') AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
  AND c.relpages - c.relallvisible > greatest(1, c.relpages / 100)
