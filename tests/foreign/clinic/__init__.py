"""Appointments of small clinics: a service that is no relative of the reference system.

Flask in threads, psycopg2, API keys, offset pages, integer ids, plain SQL. The harness knows of it what
harness.toml and openapi.json say, and nothing else.
"""
