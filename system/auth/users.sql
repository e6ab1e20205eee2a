-- One user by address, whatever its organization: the only statement that runs for none.
-- name: sign_in_user
SELECT organization_id, id, role, password_hash FROM sign_in_user(%(email)s::text)
