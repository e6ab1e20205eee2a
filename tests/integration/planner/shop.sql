CREATE TABLE tenants (id bigint PRIMARY KEY, name text NOT NULL);
CREATE TABLE orders (
    tenant_id bigint NOT NULL REFERENCES tenants,
    id        bigint NOT NULL,
    state     text   NOT NULL,
    email     text   NOT NULL,
    total     int    NOT NULL,
    PRIMARY KEY (tenant_id, id)
);
INSERT INTO tenants SELECT n, 'tenant ' || n FROM generate_series(1, 3) n;
INSERT INTO orders
SELECT 1 + n % 3, n, CASE WHEN n % 100 = 0 THEN 'open' ELSE 'closed' END, 'user' || n || '@example.com', n % 1000
FROM generate_series(1, 30000) n;
CREATE INDEX orders_email_idx ON orders (email);

DO $$ BEGIN
    CREATE ROLE shop_app NOLOGIN;
    CREATE ROLE shop_login LOGIN IN ROLE shop_app;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
GRANT SELECT, UPDATE ON orders, tenants TO shop_app;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON orders USING (tenant_id = current_setting('app.tenant', true)::bigint);
CREATE FUNCTION open_orders(state text) RETURNS SETOF bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public
    BEGIN ATOMIC
        SELECT orders.id FROM orders WHERE orders.state = open_orders.state;
    END;
GRANT EXECUTE ON FUNCTION open_orders(text) TO shop_app;
