-- family: plans
-- sentence: Sign-in compares addresses by lower(email), and the index is on email.
-- operation: POST /api/v1/session
-- rule: plans/unusable-index | plans/seq-scan | plans/growth
-- names: POST /api/v1/session
-- outcome: fail
CREATE OR REPLACE FUNCTION sign_in_user(address text)
    RETURNS TABLE (organization_id uuid, id uuid, role text, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    BEGIN ATOMIC
        SELECT users.organization_id, users.id, users.role, users.password_hash
        FROM users WHERE lower(users.email) = lower(address);
    END;
