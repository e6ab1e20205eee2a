-- Organizations, users, contacts, invoices. Every primary key begins with the organization: with a key on
-- the id alone the planner walks it and throws away other tenants' rows.
-- Ids are UUIDs of version 7: they sort by time of making, so the key itself serves "newest first".

CREATE TABLE organizations (
    organization_id uuid PRIMARY KEY,
    name            text NOT NULL,
    gstin           text,
    plan            text NOT NULL DEFAULT 'standard' CHECK (plan IN ('standard', 'enterprise')),
    created_at      timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE users (
    organization_id uuid NOT NULL REFERENCES organizations,
    id              uuid NOT NULL,
    email           text NOT NULL,
    name            text NOT NULL,
    role            text NOT NULL CHECK (role IN ('owner', 'accountant', 'sales', 'viewer')),
    password_hash   text NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);

-- Sign-in knows an address and no organization yet, so addresses are unique over all of them.
CREATE UNIQUE INDEX users_email_key ON users (email);

-- Words to search a contact by, each behind its organization's id: one GIN index then holds all tenants, and
-- a search reads one tenant's part of it. Without btree_gin this is how the tenant gets into the index.
CREATE FUNCTION contact_lexemes(organization_id uuid, name text, email text, phone text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN array_to_tsvector(array(
        SELECT DISTINCT organization_id::text || ':' || left(word, 100)
        FROM unnest(
            regexp_split_to_array(lower(name), '\s+')
            || lower(email) || split_part(lower(email), '@', 2)
            || phone || CASE WHEN phone LIKE '+91%' THEN substr(phone, 4) END
        ) AS word
        WHERE word <> ''
    ));

-- Each word of the search as a prefix within one organization; all must match. NULL where nothing is asked.
CREATE FUNCTION contact_query(organization_id uuid, words text) RETURNS tsquery
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (
        SELECT string_agg(
            '''' || organization_id::text || ':'
                 || replace(replace(left(word, 100), '\', '\\'), '''', '''''') || ''':*',
            ' & ')::tsquery
        FROM unnest(regexp_split_to_array(lower(words), '\s+')) AS word
        WHERE word <> ''
    );

CREATE TABLE contacts (
    organization_id uuid NOT NULL REFERENCES organizations,
    id              uuid NOT NULL,
    name            text NOT NULL,
    email           text,
    phone           text,
    gstin           text,
    city            text,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    search          tsvector GENERATED ALWAYS AS (contact_lexemes(organization_id, name, email, phone)) STORED,
    PRIMARY KEY (organization_id, id)
);

-- The last number given to an invoice. A row of its own: its updates stay off the organization's, which
-- foreign keys lock, and half-empty pages keep them out of the index.
CREATE TABLE invoice_counters (
    organization_id uuid PRIMARY KEY REFERENCES organizations,
    last_number     bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE invoices (
    organization_id uuid NOT NULL REFERENCES organizations,
    id              uuid NOT NULL,
    contact_id      uuid NOT NULL,
    number          bigint NOT NULL,
    status          text NOT NULL CHECK (status IN ('draft', 'sent', 'paid', 'overdue', 'cancelled')),
    issued_on       date NOT NULL,
    due_on          date NOT NULL CHECK (due_on >= issued_on),
    taxable_paise   bigint NOT NULL CHECK (taxable_paise >= 0),
    tax_paise       bigint NOT NULL CHECK (tax_paise >= 0),
    total_paise     bigint NOT NULL CHECK (total_paise = taxable_paise + tax_paise),
    created_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (organization_id, id)
);

CREATE TABLE invoice_lines (
    organization_id  uuid NOT NULL,
    invoice_id       uuid NOT NULL,
    position         smallint NOT NULL CHECK (position > 0),
    description      text NOT NULL,
    hsn              text,
    quantity         integer NOT NULL CHECK (quantity > 0),
    unit_price_paise bigint NOT NULL CHECK (unit_price_paise >= 0),
    gst_percent      smallint NOT NULL CHECK (gst_percent IN (0, 5, 12, 18, 28, 40)),
    taxable_paise    bigint NOT NULL CHECK (taxable_paise = quantity * unit_price_paise),
    tax_paise        bigint NOT NULL CHECK (tax_paise >= 0),
    PRIMARY KEY (organization_id, invoice_id, position)
);
