-- Functions written in SQL that the database's owner made, with their bodies and what they run as.
-- One that Postgres writes into the calling statement needs no plan of its own: `inlined`.
SELECT p.proname AS name,
       r.rolname AS owner,
       p.prosecdef AS definer,
       coalesce(p.proconfig, '{}') AS settings,
       coalesce(p.proargnames[1:p.pronargs], '{}') AS arguments,
       p.proargtypes::oid[]::int[] AS oids,
       array(SELECT format_type(t, NULL) FROM unnest(p.proargtypes::oid[]) WITH ORDINALITY AS a (t, i) ORDER BY i)
           AS types,
       coalesce(pg_get_function_sqlbody(p.oid), p.prosrc) AS body,
       p.proretset AND p.provolatile <> 'v' AND NOT p.prosecdef AND p.proconfig IS NULL AND NOT p.proisstrict
           AS inlined
  FROM pg_proc p
  JOIN pg_namespace n ON n.oid = p.pronamespace
  JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'sql'
  JOIN pg_roles r ON r.oid = p.proowner
 WHERE p.prokind IN ('f', 'p')
   AND p.provariadic = 0
   AND n.nspname NOT IN ('pg_catalog', 'information_schema')
   AND NOT EXISTS (SELECT FROM pg_depend d
                    WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e')
