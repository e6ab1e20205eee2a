-- What ANALYZE stored of every column of the tables and of expressions in their indexes.
SELECT s.starelid::bigint AS relation, s.staattnum::int AS number, s.stainherit AS inherited,
       s.stadistinct::float8 AS distinct, s.stanullfrac::float8 AS nulls
FROM pg_statistic s
JOIN pg_class c ON c.oid = s.starelid
JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
