-- An index that is not valid is one that no plan uses; its files and statistics stay as they are.
UPDATE pg_index SET indisvalid = %(valid)s WHERE indexrelid = format('%%I.%%I', %(schema)s::text, %(name)s::text)::regclass
