-- Their columns, with what ANALYZE said of each; partitioned tables by what it said of the whole tree.
SELECT a.attrelid::bigint AS relation,
       a.attnum::int AS number,
       a.attname AS name,
       format_type(t.oid, NULL) AS type,
       CASE WHEN t.typtype = 'e' THEN 'E' ELSE t.typcategory::text END AS category,
       a.atttypmod AS modifier,
       a.attidentity <> '' OR coalesce(pg_get_expr(d.adbin, d.adrelid), '') LIKE 'nextval(%' AS counted,
       a.attgenerated <> '' AS generated,
       CASE WHEN a.attgenerated <> '' THEN array(
           SELECT p.refobjsubid::int FROM pg_depend p
           WHERE p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid
             AND p.refclassid = 'pg_class'::regclass AND p.refobjid = a.attrelid
             AND p.refobjsubid NOT IN (0, a.attnum)
           UNION
           SELECT p.refobjsubid::int FROM pg_depend p
           WHERE p.classid = 'pg_class'::regclass AND p.objid = a.attrelid AND p.objsubid = a.attnum
             AND p.refclassid = 'pg_class'::regclass AND p.refobjid = a.attrelid
             AND p.refobjsubid NOT IN (0, a.attnum)
       ) ELSE '{}' END AS made_of,
       coalesce(s.null_frac, 0)::float8 AS nulls,
       coalesce(s.avg_width, 8) AS width_bytes,
       coalesce(s.n_distinct, 0)::float8 AS distinct
FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid
JOIN pg_namespace n ON n.oid = c.relnamespace
JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname AND s.attname = a.attname
                    AND s.inherited = (c.relkind = 'p')
WHERE c.relkind IN ('r', 'm', 'p') AND a.attnum > 0 AND NOT a.attisdropped
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
ORDER BY a.attrelid, a.attnum
