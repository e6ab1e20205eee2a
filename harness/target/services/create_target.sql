-- The database that the target's address names.
CREATE DATABASE target;
