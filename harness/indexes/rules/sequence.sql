-- Sequences that have used up half of what their column can hold; for reading.
SELECT format('%s.%s', owner.relname, attribute.attname) AS subject,
       namespace.nspname AS schema,
       owner.relname AS relation,
       sequences.sequencename AS other,
       sequences.sequencename AS object,
       ARRAY[attribute.attname::text] AS columns,
       false AS error,
       sequences.last_value / room.most AS amount,
       format('%s.%s has used %s %% of its numbers.', owner.relname, attribute.attname,
              round((100 * sequences.last_value / room.most)::numeric, 1)) AS detail,
       format('ALTER TABLE %s.%s ALTER COLUMN %s TYPE bigint;', quote_ident(namespace.nspname),
              quote_ident(owner.relname), quote_ident(attribute.attname)) AS remedy
FROM pg_sequences AS sequences
JOIN pg_namespace AS namespace ON namespace.nspname = sequences.schemaname
JOIN pg_class AS sequence ON sequence.relname = sequences.sequencename AND sequence.relnamespace = namespace.oid
JOIN pg_depend AS dependence
    ON dependence.objid = sequence.oid AND dependence.classid = 'pg_class'::regclass
   AND dependence.refclassid = 'pg_class'::regclass AND dependence.deptype IN ('a', 'i')
JOIN pg_class AS owner ON owner.oid = dependence.refobjid
JOIN pg_attribute AS attribute ON attribute.attrelid = owner.oid AND attribute.attnum = dependence.refobjsubid
CROSS JOIN LATERAL (
    SELECT least(sequences.max_value::double precision,
                 CASE attribute.atttypid WHEN 'smallint'::regtype THEN 32767.0
                                         WHEN 'integer'::regtype THEN 2147483647.0
                                         ELSE 9223372036854775807.0 END) AS most
) AS room
WHERE sequences.last_value > 0.5 * room.most
ORDER BY subject
