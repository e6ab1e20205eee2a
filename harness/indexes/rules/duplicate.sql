-- Indexes that are the same as another: keys, operator classes, order, collation, included columns, predicate.
-- What enforces something is kept; of two that do not, the older.
WITH described AS (
    SELECT index.indexrelid, index.indrelid, entry.relname AS name, index.indisunique AS is_unique,
           EXISTS (SELECT FROM pg_constraint WHERE conindid = index.indexrelid) AS is_constraint,
           pg_relation_size(index.indexrelid) AS size_bytes,
           concat_ws('|', entry.relam, index.indkey, index.indclass, index.indoption, index.indcollation,
                     index.indnkeyatts, pg_get_expr(index.indexprs, index.indrelid),
                     pg_get_expr(index.indpred, index.indrelid)) AS form
    FROM pg_index AS index
    JOIN pg_class AS entry ON entry.oid = index.indexrelid
    WHERE index.indisvalid
)
SELECT double.name::text AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       kept.name AS other,
       double.name AS object,
       NULL::text[] AS columns,
       true AS error,
       double.size_bytes::double precision AS amount,
       format('%s on %s is the same index as %s: every write pays for both.', double.name, owner.relname, kept.name)
           AS detail,
       format('DROP INDEX CONCURRENTLY %s.%s;', quote_ident(namespace.nspname), quote_ident(double.name)) AS remedy
FROM described AS double
JOIN LATERAL (
    SELECT other.name
    FROM described AS other
    WHERE other.indrelid = double.indrelid AND other.form = double.form AND other.indexrelid <> double.indexrelid
      AND (other.is_constraint, other.is_unique, -other.indexrelid::bigint)
          > (double.is_constraint, double.is_unique, -double.indexrelid::bigint)
    ORDER BY other.is_constraint DESC, other.is_unique DESC, other.indexrelid
    LIMIT 1
) AS kept ON true
JOIN pg_class AS owner ON owner.oid = double.indrelid
JOIN pg_namespace AS namespace ON namespace.oid = owner.relnamespace
WHERE namespace.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
  AND NOT double.is_constraint
ORDER BY subject
