-- The schools of one person.

-- name: list_own_memberships
-- The one used last first; those not joined yet come last.
SELECT m.school_id, s.name AS school_name, m.name, m.role, m.joining_code IS NULL AS joined
FROM memberships AS m
INNER JOIN schools AS s ON s.id = m.school_id
LEFT JOIN LATERAL (
    SELECT used.last_used_at FROM sessions AS used
    WHERE used.school_id = m.school_id AND used.account_id = m.account_id
    ORDER BY used.last_used_at DESC
    LIMIT 1
) AS used ON TRUE
WHERE
    m.account_id = %(account_id)s AND m.status = 'active'
    AND m.school_id = coalesce(bound_school(%(session_id)s), m.school_id)
ORDER BY m.joining_code IS NULL DESC, used.last_used_at DESC NULLS LAST, m.school_id;

-- name: read_obstacles
-- Why a switch was refused. No row: no member there.
SELECT
    m.joining_code IS DISTINCT FROM %(joining_code)s::bytea AS wrong_code,
    lacks_second_factor(m.school_id, m.account_id) AS lacks_second_factor,
    EXISTS (SELECT FROM sessions AS s WHERE s.id = %(session_id)s AND s.bound_to_school) AS is_bound
FROM memberships AS m
WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.status = 'active';

-- name: switch_session
-- The sign-in goes on in another school: a new session takes the place of the old one. No row: the old one has ended,
-- or the membership is not (or with another code) to be had. The locks are statements of their own, so that of two
-- switches at once the second sees what the first did, and whoever ends all sessions of the account ends this one.
SELECT FROM accounts WHERE id = %(account_id)s FOR SHARE;
SELECT FROM sessions WHERE id = %(session_id)s FOR UPDATE;
WITH old AS MATERIALIZED (
    SELECT id, school_id, account_id FROM sessions
    WHERE
        id = %(session_id)s AND account_id = %(account_id)s AND revoked_at IS NULL AND expires_at > now()
        AND NOT bound_to_school
),

member AS MATERIALIZED (
    SELECT m.school_id, m.account_id, m.role
    FROM memberships AS m
    INNER JOIN old ON old.account_id = m.account_id
    WHERE
        m.school_id = %(school_id)s AND m.status = 'active'
        AND m.joining_code IS NOT DISTINCT FROM %(joining_code)s::bytea
        AND NOT lacks_second_factor(m.school_id, m.account_id)
    FOR SHARE OF m
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

ended AS MATERIALIZED (
    SELECT end_sessions(ARRAY[old.id], %(traceparent)s) AS ids FROM old, session
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent, detail)
    SELECT
        s.school_id, s.account_id, s.id, 'session.opened', s.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('switched_from', old.school_id, 'joined', EXISTS (SELECT FROM joined))
    FROM session AS s, old
    UNION ALL
    SELECT
        old.school_id, old.account_id, old.id, 'session.ended', old.account_id, %(ip)s, %(user_agent)s,
        jsonb_build_object('switched_to', s.school_id)
    FROM session AS s, old
    WHERE old.school_id <> s.school_id
)

SELECT s.id AS session_id, s.school_id, s.account_id, member.role, ended.ids FROM session AS s, member, ended;
