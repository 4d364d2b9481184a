-- API tokens.

-- name: create_api_token
-- A program's account, membership, session and token; it is told to the other services as any account is.
-- No row: the school has a hundred that live.
WITH account AS (
    INSERT INTO accounts (managed_by_school_id)
    SELECT %(school_id)s
    WHERE (
        SELECT count(*) FROM api_tokens
        WHERE school_id = %(school_id)s AND revoked_at IS NULL AND expires_at > now()
    ) < 100
    RETURNING id
),

membership AS (
    INSERT INTO memberships (school_id, account_id, name, role, is_service)
    SELECT %(school_id)s, id, %(name)s, %(role)s, TRUE FROM account
    RETURNING *
),

session AS (
    INSERT INTO sessions (school_id, account_id, expires_at, user_agent, ip, bound_to_school)
    SELECT school_id, account_id, now() + %(days)s * interval '1 day', 'API token', %(ip)s, TRUE FROM membership
    RETURNING *
),

token AS (
    INSERT INTO api_tokens (school_id, account_id, session_id, hash, hint, scope, created_by, expires_at)
    SELECT school_id, account_id, id, %(hash)s, %(hint)s, %(scope)s, %(actor_id)s, expires_at FROM session
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.account-created.v1', account_id, school_id, version, account_state(membership, NULL), %(traceparent)s
    FROM membership
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        t.school_id, %(actor_id)s, %(session_id)s, 'api-token.created', t.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('name', m.name, 'role', m.role, 'scope', t.scope, 'expires_at', t.expires_at)
    FROM token AS t, membership AS m
)

SELECT
    t.id, t.account_id, m.name, m.role, t.scope, t.hint, t.created_at, t.created_by, t.expires_at, t.last_used_at,
    t.last_used_ip, t.revoked_at
FROM token AS t, membership AS m;

-- name: list_api_tokens
SELECT
    t.id, t.account_id, m.name, m.role, t.scope, t.hint, t.created_at, t.created_by, t.expires_at, t.last_used_at,
    t.last_used_ip, t.revoked_at
FROM api_tokens AS t
INNER JOIN memberships AS m ON m.school_id = t.school_id AND m.account_id = t.account_id
WHERE t.school_id = %(school_id)s
ORDER BY t.id DESC
LIMIT 1000;

-- name: exchange_api_token
-- No row: unknown, expired or revoked, or the program was put out of the school.
UPDATE api_tokens AS t SET last_used_at = now(), last_used_ip = %(ip)s
FROM memberships AS m, sessions AS s
WHERE
    t.hash = %(hash)s AND t.revoked_at IS NULL AND t.expires_at > now()
    AND m.school_id = t.school_id AND m.account_id = t.account_id AND m.status = 'active'
    AND s.id = t.session_id AND s.revoked_at IS NULL
RETURNING t.account_id, t.school_id, t.session_id, m.role, t.scope, t.expires_at;

-- name: revoke_api_token
-- Its session ends, its membership too. No row: no such token of the school. Revoking twice is fine.
WITH token AS (
    SELECT * FROM api_tokens WHERE id = %(token_id)s AND school_id = %(school_id)s
),

revoked AS (
    UPDATE api_tokens AS t SET revoked_at = now()
    FROM token
    WHERE t.id = token.id AND t.revoked_at IS NULL
    RETURNING t.*
),

ended AS MATERIALIZED (
    SELECT end_sessions(ARRAY[revoked.session_id], %(traceparent)s) AS ids FROM revoked
),

put_out AS (
    UPDATE memberships AS m SET status = 'deactivated', version = m.version + 1
    FROM revoked AS r
    WHERE m.school_id = r.school_id AND m.account_id = r.account_id AND m.status = 'active'
    RETURNING m.*
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.account-deactivated.v1', account_id, school_id, version,
        account_state(put_out::memberships, NULL), %(traceparent)s
    FROM put_out
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT school_id, %(actor_id)s, %(session_id)s, 'api-token.revoked', account_id, %(ip)s, %(user_agent)s
    FROM revoked
)

SELECT coalesce(ended.ids, '{}') AS ids
FROM token
LEFT JOIN ended ON TRUE;
