-- Children of partitioned and inherited tables.
SELECT inhrelid::bigint AS relation, inhparent::bigint AS parent FROM pg_inherits
