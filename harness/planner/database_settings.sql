-- What ALTER DATABASE and ALTER ROLE … IN DATABASE set for the template holds for its clone: work_mem, search_path.
INSERT INTO pg_db_role_setting
SELECT clone.oid, s.setrole, s.setconfig
  FROM pg_db_role_setting s
  JOIN pg_database template ON template.oid = s.setdatabase AND template.datname = %(template)s
  JOIN pg_database clone ON clone.datname = %(name)s
