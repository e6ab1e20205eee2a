-- A multi-tenant schema of several tenants of different sizes: about 45 thousand rows.
CREATE TABLE countries (code text PRIMARY KEY, name text NOT NULL);
CREATE TABLE workspaces (
    id uuid PRIMARY KEY, name text NOT NULL, country text NOT NULL REFERENCES countries, created_at timestamptz NOT NULL
);
CREATE TABLE members (
    id uuid PRIMARY KEY, workspace_id uuid NOT NULL REFERENCES workspaces, email text NOT NULL UNIQUE,
    role text NOT NULL, active boolean NOT NULL
);
CREATE TABLE preferences (
    workspace_id uuid NOT NULL REFERENCES workspaces, name text NOT NULL, value text, PRIMARY KEY (workspace_id, name)
);
CREATE TABLE counters (workspace_id uuid PRIMARY KEY REFERENCES workspaces, last_number bigint NOT NULL);
CREATE TABLE customers (
    id uuid NOT NULL, workspace_id uuid NOT NULL REFERENCES workspaces, name text NOT NULL, email text, city text,
    notes text, created_at timestamptz NOT NULL, PRIMARY KEY (workspace_id, id)
);
CREATE TABLE products (
    id uuid PRIMARY KEY, workspace_id uuid NOT NULL REFERENCES workspaces, sku varchar(24) NOT NULL,
    title text NOT NULL, cents integer NOT NULL CHECK (cents > 0), UNIQUE (workspace_id, sku)
);
CREATE TABLE orders (
    id uuid PRIMARY KEY, workspace_id uuid NOT NULL REFERENCES workspaces, customer_id uuid NOT NULL,
    number bigint NOT NULL, status text NOT NULL, placed_at timestamptz NOT NULL, due_on date NOT NULL,
    total_cents bigint NOT NULL,
    FOREIGN KEY (workspace_id, customer_id) REFERENCES customers (workspace_id, id),
    UNIQUE (workspace_id, number)
);
CREATE TABLE order_lines (
    order_id uuid NOT NULL REFERENCES orders, position smallint NOT NULL, product_id uuid NOT NULL REFERENCES products,
    quantity integer NOT NULL, PRIMARY KEY (order_id, position)
);
CREATE TABLE payments (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, order_id uuid NOT NULL REFERENCES orders,
    paid_at timestamptz NOT NULL, cents bigint NOT NULL, method text NOT NULL
);
CREATE TABLE events (
    id bigserial PRIMARY KEY, workspace_id uuid NOT NULL REFERENCES workspaces, member_id uuid REFERENCES members,
    kind text NOT NULL, at timestamptz NOT NULL, detail jsonb
);

CREATE FUNCTION pseudo(seed text) RETURNS double precision LANGUAGE sql IMMUTABLE
    RETURN ('x' || substr(md5(seed), 1, 7))::bit(28)::int / 268435456.0;
CREATE FUNCTION made_id(seed text) RETURNS uuid LANGUAGE sql IMMUTABLE RETURN md5(seed)::uuid;
CREATE FUNCTION timed_id(millisecond bigint, seed text) RETURNS uuid LANGUAGE sql IMMUTABLE
    RETURN (lpad(to_hex(1700000000000 + millisecond), 12, '0') || '7' || substr(md5(seed), 1, 3) || '8'
            || substr(md5(seed), 4, 15))::uuid;

INSERT INTO countries SELECT chr(65 + i / 26) || chr(65 + i % 26), 'Country ' || i FROM generate_series(0, 199) i;
INSERT INTO workspaces
SELECT made_id('w' || w), 'Workspace ' || w, 'A' || chr(65 + w % 5), '2026-01-01'::timestamptz + w * interval '1 hour'
FROM generate_series(1, 25) w;
INSERT INTO members
SELECT made_id('m' || w || '/' || m), made_id('w' || w), 'member' || m || '@w' || w || '.example',
       (ARRAY['owner', 'clerk', 'viewer'])[1 + m % 3], m % 7 <> 0
FROM generate_series(1, 25) w, generate_series(1, 12) m;
INSERT INTO preferences
SELECT made_id('w' || w), (ARRAY['theme', 'locale', 'currency', 'timezone'])[p], 'value ' || p
FROM generate_series(1, 25) w, generate_series(1, 4) p;
INSERT INTO counters SELECT made_id('w' || w), 1000 FROM generate_series(1, 25) w;
-- The first workspaces have six times the customers of the last.
INSERT INTO customers
SELECT timed_id(c * 25 + w, 'c' || w || '/' || c), made_id('w' || w), 'Customer ' || c || ' of ' || w,
       CASE WHEN c % 4 <> 0 THEN 'customer' || c || '@w' || w || '.example' END,
       'City ' || floor(60 * pseudo('city' || w || '/' || c) ^ 2)::int, repeat('note ', 1 + c % 9),
       '2026-01-01'::timestamptz + (c * 25 + w) * interval '1 minute'
FROM generate_series(1, 25) w, generate_series(1, 300) c WHERE c <= CASE WHEN w <= 5 THEN 300 ELSE 50 END
ORDER BY c, w;
INSERT INTO products
SELECT made_id('p' || w || '/' || p), made_id('w' || w), 'SKU-' || lpad(p::text, 5, '0'), 'Product ' || p, 100 + 7 * p
FROM generate_series(1, 25) w, generate_series(1, 40) p;
INSERT INTO orders
SELECT timed_id(o * 25 + w, 'o' || w || '/' || o), made_id('w' || w),
       timed_id(c * 25 + w, 'c' || w || '/' || c), o,
       (ARRAY['open', 'paid', 'paid', 'paid', 'shipped', 'shipped', 'cancelled', 'late'])
           [1 + floor(8 * pseudo('status' || w || '/' || o))::int],
       '2026-02-01'::timestamptz + (o * 25 + w) * interval '1 minute',
       '2026-02-01'::date + (o * 25 + w) / 1440 + 14, 500 + floor(90000 * pseudo('total' || w || '/' || o))::bigint
FROM generate_series(1, 25) w, generate_series(1, 1500) o,
     LATERAL (SELECT 1 + floor((CASE WHEN w <= 5 THEN 300 ELSE 50 END)
                               * pseudo('customer' || w || '/' || o))::int AS c) pick
WHERE o <= CASE WHEN w <= 5 THEN 1500 ELSE 150 END
ORDER BY o, w;
INSERT INTO order_lines
SELECT o.id, l, made_id('p' || w.w || '/' || (1 + (o.number + l * 7) % 40)), 1 + l
FROM orders o
JOIN (SELECT w, made_id('w' || w) AS id FROM generate_series(1, 25) w) w ON w.id = o.workspace_id,
     generate_series(1, 3) l
WHERE l <= 1 + o.number % 3
ORDER BY o.placed_at, l;
INSERT INTO payments (order_id, paid_at, cents, method)
SELECT id, placed_at + interval '1 day', total_cents, (ARRAY['card', 'transfer', 'cash'])[1 + number % 3]
FROM orders WHERE status IN ('paid', 'shipped') ORDER BY placed_at;
INSERT INTO events (workspace_id, member_id, kind, at, detail)
SELECT workspace_id, NULL, 'order.' || status, placed_at, jsonb_build_object('number', number)
FROM orders ORDER BY placed_at;

CREATE INDEX orders_customer_idx ON orders (workspace_id, customer_id);
CREATE INDEX orders_recent_idx ON orders (workspace_id, placed_at DESC);
CREATE INDEX orders_open_idx ON orders (due_on) WHERE status = 'open';
CREATE INDEX order_lines_product_idx ON order_lines (product_id);
CREATE INDEX payments_order_idx ON payments (order_id);
CREATE INDEX events_recent_idx ON events (workspace_id, id DESC);
CREATE INDEX customers_email_idx ON customers (workspace_id, lower(email));
CREATE INDEX members_workspace_idx ON members (workspace_id);
CREATE INDEX customers_words_idx ON customers USING gin (to_tsvector('simple', name));
