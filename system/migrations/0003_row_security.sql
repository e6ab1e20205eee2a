-- The second wall: every statement filters by organization, and Postgres checks it again. The service works
-- as system_app, which owns nothing; the organization comes by set_config local to the statement's transaction.

DO $$
BEGIN
    CREATE ROLE system_app NOLOGIN;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    NULL;  -- roles belong to the whole cluster: another database of it made this one
END
$$;

-- nullif: once set locally, the setting reads '' afterwards, and ''::uuid is an error rather than nothing.
CREATE FUNCTION current_organization() RETURNS uuid
    LANGUAGE sql STABLE PARALLEL SAFE
    RETURN nullif(current_setting('app.organization_id', true), '')::uuid;

ALTER TABLE organizations ENABLE ROW LEVEL SECURITY;
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_counters ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoices ENABLE ROW LEVEL SECURITY;
ALTER TABLE invoice_lines ENABLE ROW LEVEL SECURITY;

CREATE POLICY own_rows ON organizations USING (organization_id = current_organization());
CREATE POLICY own_rows ON users USING (organization_id = current_organization());
CREATE POLICY own_rows ON contacts USING (organization_id = current_organization());
CREATE POLICY own_rows ON invoice_counters USING (organization_id = current_organization());
CREATE POLICY own_rows ON invoices USING (organization_id = current_organization());
CREATE POLICY own_rows ON invoice_lines USING (organization_id = current_organization());

GRANT SELECT ON organizations, users TO system_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts TO system_app;
GRANT SELECT, UPDATE ON invoice_counters TO system_app;
GRANT SELECT, INSERT, UPDATE ON invoices TO system_app;
GRANT SELECT, INSERT ON invoice_lines TO system_app;

-- Sign-in comes before the organization is known: one row by its address, past the wall, and no more.
CREATE FUNCTION sign_in_user(address text)
    RETURNS TABLE (organization_id uuid, id uuid, role text, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT users.organization_id, users.id, users.role, users.password_hash
        FROM users WHERE users.email = address;
    END;

-- Under row security an index serves leakproof operators only, and @@ is not one: the search would read all
-- contacts of the tenant. So it runs as the owner, and keeps the wall by asking for the organization itself;
-- what the caller says it is only narrows further.
CREATE FUNCTION search_contacts(words text) RETURNS SETOF uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT contacts.id FROM contacts
        WHERE contacts.organization_id = current_organization()
          AND contacts.search @@ contact_query(current_organization(), words);
    END;

REVOKE ALL ON FUNCTION sign_in_user(text), search_contacts(text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION sign_in_user(text), search_contacts(text) TO system_app;
