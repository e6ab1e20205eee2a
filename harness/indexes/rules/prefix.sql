-- B-tree indexes whose columns are the first ones of another of the same table and predicate.
SELECT entry.relname::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       longer.name AS other,
       entry.relname AS object,
       NULL::text[] AS columns,
       false AS error,
       pg_relation_size(short.indexrelid)::double precision AS amount,
       format('%s on %s holds the first columns of %s, which can serve in its place.', entry.relname, owner.relname,
              longer.name) AS detail,
       format('DROP INDEX CONCURRENTLY %s.%s;', quote_ident(namespace.nspname), quote_ident(entry.relname)) AS remedy
FROM pg_index AS short
JOIN pg_class AS entry ON entry.oid = short.indexrelid
JOIN pg_class AS owner ON owner.oid = short.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
JOIN pg_am AS method ON method.oid = entry.relam AND method.amname = 'btree'
JOIN LATERAL (
    SELECT other_entry.relname AS name
    FROM pg_index AS other
    JOIN pg_class AS other_entry ON other_entry.oid = other.indexrelid AND other_entry.relam = entry.relam
    WHERE other.indrelid = short.indrelid
      AND other.indexrelid <> short.indexrelid
      AND other.indisvalid
      AND other.indnkeyatts > short.indnkeyatts
      AND other.indexprs IS NULL
      AND pg_get_expr(other.indpred, other.indrelid) IS NOT DISTINCT FROM pg_get_expr(short.indpred, short.indrelid)
      AND (other.indkey::smallint[])[0:short.indnkeyatts - 1] = (short.indkey::smallint[])[0:short.indnkeyatts - 1]
      AND (other.indclass::oid[])[0:short.indnkeyatts - 1] = (short.indclass::oid[])[0:short.indnkeyatts - 1]
      AND (other.indoption::smallint[])[0:short.indnkeyatts - 1] = (short.indoption::smallint[])[0:short.indnkeyatts - 1]
    ORDER BY other.indnkeyatts
    LIMIT 1
) AS longer ON true
WHERE short.indisvalid
  AND NOT short.indisunique
  AND short.indexprs IS NULL
  -- What it includes beside its key, the longer one may not have.
  AND short.indnatts = short.indnkeyatts
  AND namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
ORDER BY subject
