-- Foreign keys, pairwise by position.
SELECT conrelid::bigint AS relation, conkey::int[] AS columns,
       confrelid::bigint AS parent, confkey::int[] AS parent_columns
FROM pg_constraint WHERE contype = 'f'
ORDER BY oid
