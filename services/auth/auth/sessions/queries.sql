-- Signing in and out.

-- name: register_school
-- A school, its first admin and that person's account; no row: the address is taken.
WITH account AS (
    INSERT INTO accounts (email, password_hash)
    VALUES (lower(%(email)s), %(password_hash)s)
    ON CONFLICT (lower(email)) DO NOTHING
    RETURNING *
),

school AS (
    INSERT INTO schools (name) SELECT %(school_name)s FROM account RETURNING *
),

membership AS (
    INSERT INTO memberships (school_id, account_id, name, role)
    SELECT school.id, account.id, %(name)s, 'admin' FROM school, account
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT 'auth.school-registered.v1', id, id, version, school_state(school), %(traceparent)s FROM school
    UNION ALL
    SELECT
        'auth.account-created.v1', account_id, school_id, version,
        account_state(membership, account.email), %(traceparent)s
    FROM membership, account
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, action, subject_id, ip, user_agent)
    SELECT school_id, account_id, 'school.registered', school_id, %(ip)s, %(user_agent)s FROM membership
)

SELECT school_id, account_id, role, joining_code, %(password_hash)s AS password_hash, FALSE AS has_factor
FROM membership;

-- name: find_login
-- Who signs in with this address, and into which school: where the person was last, else where first;
-- with the code of a school, or its id, into that one.
SELECT
    a.id AS account_id, a.password_hash, a.must_change_password, m.school_id, m.role, m.joining_code,
    school.name AS school_name,
    EXISTS (SELECT FROM second_factors AS f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL) AS has_factor
FROM accounts AS a
INNER JOIN memberships AS m ON m.account_id = a.id AND m.status = 'active'
INNER JOIN schools AS school ON school.id = m.school_id
LEFT JOIN LATERAL (
    SELECT s.last_used_at FROM sessions AS s
    WHERE s.school_id = m.school_id AND s.account_id = m.account_id
    ORDER BY s.last_used_at DESC
    LIMIT 1
) AS used ON TRUE
WHERE
    lower(a.email) = lower(%(email)s) AND m.joining_code IS NOT DISTINCT FROM %(joining_code)s::bytea
    AND (%(school_id)s::uuid IS NULL OR m.school_id = %(school_id)s::uuid)
ORDER BY used.last_used_at DESC NULLS LAST, m.created_at, m.school_id
LIMIT 1;

-- name: open_session
-- Only while the password and the code that were checked still hold, no second factor has come that was not asked for,
-- and the person is still a member. Both rows are locked, and the role is that of the locked row: whoever changes them
-- at the same moment sees this session, and ends it. A second factor is another row, hence the lock before.
SELECT FROM accounts WHERE id = %(account_id)s FOR SHARE;
WITH member AS MATERIALIZED (
    SELECT m.school_id, m.account_id, m.role
    FROM accounts AS a
    INNER JOIN memberships AS m ON m.account_id = a.id
    WHERE
        m.school_id = %(school_id)s AND m.account_id = %(account_id)s
        AND m.status = 'active' AND a.password_hash = %(password_hash)s
        AND m.joining_code IS NOT DISTINCT FROM %(joining_code)s::bytea
        AND (
            %(has_factor)s
            OR NOT EXISTS (SELECT FROM second_factors AS f WHERE f.account_id = a.id AND f.confirmed_at IS NOT NULL)
        )
    FOR SHARE OF a, m
),

session AS (
    INSERT INTO sessions (school_id, account_id, expires_at, user_agent, ip)
    SELECT school_id, account_id, now() + %(days)s * interval '1 day', %(user_agent)s, %(ip)s FROM member
    RETURNING *
),

joined AS (
    UPDATE memberships AS m SET joining_code = NULL
    FROM session AS s
    WHERE m.school_id = s.school_id AND m.account_id = s.account_id AND m.joining_code IS NOT NULL
    RETURNING m.school_id
),

token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT %(hash)s, id FROM session
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        school_id, account_id, id, 'session.opened', account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('joined', EXISTS (SELECT FROM joined))
    FROM session
)

SELECT s.id AS session_id, s.school_id, s.account_id, member.role FROM session AS s, member;

-- name: renew_password_hash
-- The same password under the parameters of today.
UPDATE accounts SET password_hash = %(new_hash)s
WHERE id = %(account_id)s AND password_hash = %(old_hash)s;

-- name: change_password
-- The owner's own change ends every other session; no row: the password that was checked is no longer it.
-- The lock is a statement of its own: what follows must see who signed in with the old password just before.
SELECT FROM accounts WHERE id = %(account_id)s FOR NO KEY UPDATE;
WITH changed AS (
    UPDATE accounts SET password_hash = %(new_hash)s, must_change_password = FALSE
    WHERE id = %(account_id)s AND password_hash = %(old_hash)s
    RETURNING id
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE
                s.account_id = changed.id AND s.revoked_at IS NULL
                AND s.id IS DISTINCT FROM %(session_id)s::uuid
        ), %(traceparent)s
    ) AS ids
    FROM changed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT %(school_id)s, id, %(session_id)s, 'password.changed', id, %(ip)s, %(user_agent)s FROM changed
)

SELECT ids FROM ended;

-- name: rotate_refresh_token
-- `fresh`: rotated now; `repeated`: within the grace, so the same successor stands; `reused`: stolen, by one
-- side or the other, so the family ends; `ended`: signed out, expired, no longer a member, or without the second
-- factor that the school asks for. No row: unknown.
-- The lock is a statement of its own: what follows must see what the holder before did.
SELECT FROM refresh_tokens WHERE hash = %(hash)s FOR UPDATE;
WITH presented AS MATERIALIZED (
    SELECT
        t.hash, s.id AS session_id, s.school_id, s.account_id, m.role,
        CASE
            WHEN s.revoked_at IS NOT NULL OR s.expires_at <= now() OR m.status <> 'active' THEN 'ended'
            WHEN NOT s.bound_to_school AND lacks_second_factor(s.school_id, s.account_id) THEN 'ended'
            WHEN t.used_at IS NULL THEN 'fresh'
            WHEN t.used_at > clock_timestamp() - %(grace)s * interval '1 second' THEN 'repeated'
            ELSE 'reused'
        END AS verdict
    FROM refresh_tokens AS t
    INNER JOIN sessions AS s ON s.id = t.session_id
    INNER JOIN memberships AS m ON m.school_id = s.school_id AND m.account_id = s.account_id
    WHERE t.hash = %(hash)s
),

used AS (
    UPDATE refresh_tokens AS t SET used_at = clock_timestamp()
    FROM presented AS p
    WHERE t.hash = p.hash AND p.verdict = 'fresh'
    RETURNING t.session_id
),

token AS (
    INSERT INTO refresh_tokens (hash, session_id) SELECT %(successor)s, session_id FROM used
),

touched AS (
    UPDATE sessions AS s
    SET last_used_at = now(), expires_at = now() + %(days)s * interval '1 day', ip = %(ip)s
    FROM used
    WHERE s.id = used.session_id
),

ended AS MATERIALIZED (
    SELECT end_sessions(ARRAY[session_id], %(traceparent)s) AS ids FROM presented WHERE verdict = 'reused'
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT p.school_id, NULL, p.session_id, 'refresh.reused', p.account_id, %(ip)s, %(user_agent)s
    FROM presented AS p, ended
)

SELECT p.verdict, p.session_id, p.school_id, p.account_id, p.role, ended.ids
FROM presented AS p
LEFT JOIN ended ON TRUE;

-- name: end_session_of_token
-- Sign out with a refresh token, used or not.
WITH ended AS MATERIALIZED (
    SELECT unnest(end_sessions(
        ARRAY(SELECT session_id FROM refresh_tokens WHERE hash = %(hash)s), %(traceparent)s
    )) AS session_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT s.school_id, s.account_id, s.id, 'session.ended', s.account_id, %(ip)s, %(user_agent)s
    FROM ended INNER JOIN sessions AS s ON s.id = ended.session_id
)

SELECT session_id FROM ended;

-- name: end_own_session
-- No row: no such living session of this account.
WITH ended AS MATERIALIZED (
    SELECT unnest(end_sessions(ARRAY(
        SELECT id FROM sessions
        WHERE
            id = %(ended_id)s AND account_id = %(actor_id)s AND revoked_at IS NULL AND expires_at > now()
            AND school_id = coalesce(bound_school(%(session_id)s), school_id)
    ), %(traceparent)s)) AS session_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        s.school_id, s.account_id, %(session_id)s, 'session.ended', s.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('ended', s.id)
    FROM ended INNER JOIN sessions AS s ON s.id = ended.session_id
)

SELECT session_id FROM ended;

-- name: end_own_sessions
-- Sign out everywhere, in every school; each school's log hears of it. The lock is a statement of its own: what follows
-- must see a session that went to another school just before.
SELECT FROM accounts WHERE id = %(actor_id)s FOR NO KEY UPDATE;
WITH ended AS MATERIALIZED (
    SELECT unnest(end_sessions(ARRAY(
        SELECT id FROM sessions
        WHERE
            account_id = %(actor_id)s AND revoked_at IS NULL
            AND school_id = coalesce(bound_school(%(session_id)s), school_id)
    ), %(traceparent)s)) AS session_id
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        s.school_id, s.account_id, %(session_id)s, 'sessions.ended', s.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('count', count(*))
    FROM ended INNER JOIN sessions AS s ON s.id = ended.session_id
    GROUP BY s.school_id, s.account_id
)

SELECT session_id FROM ended;

-- name: list_own_sessions
-- Newest first; a person has few.
SELECT id, created_at, last_used_at, expires_at, user_agent, ip
FROM sessions
WHERE
    account_id = %(account_id)s AND revoked_at IS NULL AND expires_at > now()
    AND school_id = coalesce(bound_school(%(session_id)s), school_id)
ORDER BY id DESC
LIMIT 200;

-- name: purge_sessions
-- Sessions that ended a month ago, with their tokens.
DELETE FROM sessions WHERE id IN (
    SELECT id FROM sessions WHERE expires_at < now() - interval '30 days' ORDER BY expires_at LIMIT 1000
);

-- name: purge_used_tokens
-- The reuse of a token is noticed for a week; later it is merely unknown.
DELETE FROM refresh_tokens WHERE hash IN (
    SELECT hash FROM refresh_tokens WHERE used_at < now() - interval '7 days' ORDER BY used_at LIMIT 5000
);

-- name: read_me
SELECT a.id, a.email, a.password_hash, m.name, m.role, m.version, m.school_id, s.name AS school_name
FROM memberships AS m
INNER JOIN accounts AS a ON a.id = m.account_id
INNER JOIN schools AS s ON s.id = m.school_id
WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.status = 'active';
