-- Signing in by providers.

-- name: list_providers
SELECT id, name, issuer, client_id, domains FROM providers WHERE school_id = %(school_id)s ORDER BY id;

-- name: list_sign_in_options
-- What a stranger may know; no row: no such school. A row without an id: no provider.
SELECT p.id, p.name
FROM schools AS s
LEFT JOIN providers AS p ON p.school_id = s.id
WHERE s.id = %(school_id)s
ORDER BY p.id;

-- name: find_provider
SELECT id, school_id, name, issuer, client_id, client_secret, domains FROM providers WHERE id = %(provider_id)s;

-- name: create_provider
-- No row: the school has twenty.
WITH created AS (
    INSERT INTO providers (school_id, name, issuer, client_id, client_secret, domains)
    SELECT %(school_id)s, %(name)s, %(issuer)s, %(client_id)s, %(client_secret)s, %(domains)s::text []
    WHERE (SELECT count(*) FROM providers WHERE school_id = %(school_id)s) < 20
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'provider.created', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('name', name, 'issuer', issuer, 'client_id', client_id, 'domains', domains)
    FROM created
)

SELECT id, name, issuer, client_id, domains FROM created;

-- name: change_provider
-- No row: no such provider of the school.
WITH changed AS (
    UPDATE providers
    SET
        name = coalesce(%(name)s, name), client_secret = coalesce(%(client_secret)s::bytea, client_secret),
        domains = coalesce(%(domains)s::text [], domains)
    WHERE id = %(provider_id)s AND school_id = %(school_id)s
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'provider.changed', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('name', name, 'domains', domains, 'secret', %(client_secret)s::bytea IS NOT NULL)
    FROM changed
)

SELECT id, name, issuer, client_id, domains FROM changed;

-- name: delete_provider
-- Its identities go with it, and the sessions it opened end. No row: no such provider of the school.
-- The lock is a statement of its own: what follows must see who signed in just before.
SELECT FROM providers WHERE id = %(provider_id)s AND school_id = %(school_id)s FOR UPDATE;
WITH deleted AS (
    DELETE FROM providers WHERE id = %(provider_id)s AND school_id = %(school_id)s RETURNING *
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE s.school_id = deleted.school_id AND s.provider_id = deleted.id AND s.revoked_at IS NULL
        ), %(traceparent)s
    ) AS ids
    FROM deleted
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, %(actor_id)s, %(session_id)s, 'provider.deleted', id, %(ip)s, %(user_agent)s,
        jsonb_build_object('name', name, 'issuer', issuer)
    FROM deleted
)

SELECT ids FROM ended;

-- name: unlink_identities
-- Whoever signs in next with the person's address is that person; the sessions opened by providers end.
-- The lock is a statement of its own: what follows must see who signed in just before.
SELECT FROM memberships WHERE school_id = %(school_id)s AND account_id = %(account_id)s FOR NO KEY UPDATE;
WITH unlinked AS (
    DELETE FROM provider_identities
    WHERE school_id = %(school_id)s AND account_id = %(account_id)s
    RETURNING school_id, account_id
),

person AS (
    SELECT DISTINCT school_id, account_id FROM unlinked
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE
                s.school_id = person.school_id AND s.account_id = person.account_id
                AND s.provider_id IS NOT NULL AND s.revoked_at IS NULL
        ), %(traceparent)s
    ) AS ids
    FROM person
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT school_id, %(actor_id)s, %(session_id)s, 'identities.unlinked', account_id, %(ip)s, %(user_agent)s
    FROM person
)

SELECT ids FROM ended;

-- name: sign_in_by_provider
-- A session in the provider's school, and there alone, for the account that the subject is linked to, or, the first
-- time, for the active member with this address. No row: nobody. It makes no account, no role, and proves nothing
-- to other schools, so a joining code stays. All that it goes by is locked: whoever deletes the provider or the link, or
-- puts the person out, at the same moment sees this session, and ends it, or is seen.
WITH provider AS MATERIALIZED (
    SELECT p.id, p.school_id FROM providers AS p WHERE p.id = %(provider_id)s FOR SHARE
),

known AS MATERIALIZED (
    SELECT i.account_id
    FROM provider_identities AS i
    INNER JOIN provider AS p ON p.id = i.provider_id
    WHERE i.subject = %(subject)s
    FOR SHARE OF i
),

linked AS (
    INSERT INTO provider_identities (provider_id, subject, school_id, account_id)
    SELECT p.id, %(subject)s, m.school_id, m.account_id
    FROM provider AS p
    INNER JOIN accounts AS a ON lower(a.email) = lower(%(email)s)
    INNER JOIN memberships AS m ON m.school_id = p.school_id AND m.account_id = a.id AND m.status = 'active'
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT DO NOTHING
    RETURNING account_id
),

person AS (
    SELECT account_id FROM known
    UNION ALL
    SELECT account_id FROM linked
),

member AS MATERIALIZED (
    SELECT m.school_id, m.account_id, m.role, provider.id AS provider_id
    FROM provider
    INNER JOIN memberships AS m ON m.school_id = provider.school_id AND m.status = 'active'
    INNER JOIN person ON person.account_id = m.account_id
    FOR SHARE OF m
),

session AS (
    INSERT INTO sessions (school_id, account_id, expires_at, user_agent, ip, bound_to_school, provider_id)
    SELECT
        school_id, account_id, now() + %(days)s * interval '1 day', %(user_agent)s, %(ip)s, TRUE, provider_id
    FROM member
    RETURNING *
),

token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT %(hash)s, id FROM session
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, account_id, id, 'session.opened', account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('provider', provider_id, 'linked', EXISTS (SELECT FROM linked))
    FROM session
)

SELECT s.id AS session_id, s.school_id, s.account_id, member.role FROM session AS s, member;
