-- Queries every service has, besides those of messaging (messaging.sql).

-- name: ping
-- Readiness: the database answers.
SELECT 1;

-- name: revoke_session
-- Remember an ended session until no token of it can live any more.
INSERT INTO revoked_sessions (session_id, expires_at)
SELECT * FROM unnest(%(session_ids)s::uuid[], %(expires_at)s::timestamptz[])
ON CONFLICT (session_id) DO NOTHING;

-- name: list_revoked_sessions
-- What a process must know at start and after a reconnect.
SELECT session_id, expires_at FROM revoked_sessions WHERE expires_at > now();

-- name: purge_revoked_sessions
DELETE FROM revoked_sessions WHERE expires_at < now() - interval '1 hour';

-- name: claim_idempotency_key
-- True when the key is new for this account; a concurrent holder is waited for.
INSERT INTO idempotency_keys (account_id, key, request_digest)
VALUES (%(account_id)s, %(key)s, %(digest)s)
ON CONFLICT (account_id, key) DO NOTHING
RETURNING TRUE AS claimed;

-- name: read_idempotency_key
SELECT request_digest, status, response, headers
FROM idempotency_keys
WHERE account_id = %(account_id)s AND key = %(key)s;

-- name: store_idempotent_response
UPDATE idempotency_keys
SET status = %(status)s, response = %(response)s, headers = %(headers)s
WHERE account_id = %(account_id)s AND key = %(key)s;

-- name: purge_idempotency_keys
DELETE FROM idempotency_keys WHERE created_at < now() - interval '2 days';

-- name: list_outbox
-- Every event and invalidation still kept, oldest first; for tests and for looking into trouble.
SELECT id, event_id, type, subject, school_id, sequence, data, traceparent, occurred_at, invalidates, published_at
FROM outbox
ORDER BY id;
