-- Signing keys.

-- name: list_signing_keys
-- Every key that is still published.
SELECT kid, private_key, public_jwk, activates_at, retires_at
FROM signing_keys
WHERE retires_at IS NULL OR retires_at > now()
ORDER BY activates_at, kid;

-- name: lock_signing_keys
-- One process at a time makes keys.
SELECT pg_advisory_xact_lock(hashtextextended('homeroom.auth.signing_keys', 0));

-- name: create_signing_key
INSERT INTO signing_keys (kid, private_key, public_jwk, activates_at)
VALUES (%(kid)s, %(private_key)s, %(public_jwk)s, %(activates_at)s);

-- name: waiting_signing_key
SELECT kid FROM signing_keys WHERE activates_at > now();

-- name: newest_signing_key_age
-- How long ago the key came into use that signs now or next; null: there is none.
SELECT now() - max(activates_at) AS age FROM signing_keys WHERE retires_at IS NULL;

-- name: retire_signing_keys
UPDATE signing_keys SET retires_at = least(retires_at, %(retires_at)s);

-- name: purge_signing_keys
-- Private keys that nobody needs any more are not kept.
DELETE FROM signing_keys WHERE retires_at < now() - interval '1 day';
