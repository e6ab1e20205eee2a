-- What row security asks of the rows of a table.
SELECT polrelid::bigint AS relation,
       coalesce(pg_get_expr(polqual, polrelid), '') || ' ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
           AS condition
FROM pg_policy
