-- Forgotten passwords.

-- name: request_password_reset
-- The same for every address.
INSERT INTO password_reset_requests (email, ip, user_agent) VALUES (%(email)s, %(ip)s, %(user_agent)s);

-- name: take_password_reset_request
DELETE FROM password_reset_requests WHERE id = (
    SELECT id FROM password_reset_requests ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
)
RETURNING email, ip, user_agent;

-- name: create_password_reset
-- For an account with an active membership. None while a letter of the last five minutes can be used: nobody's
-- mailbox is flooded, and the owner always has a letter that works.
WITH account AS (
    SELECT a.id, a.email, m.school_id
    FROM accounts AS a
    INNER JOIN memberships AS m ON m.account_id = a.id AND m.status = 'active'
    WHERE
        lower(a.email) = lower(%(email)s)
        AND NOT EXISTS (
            SELECT FROM password_resets AS r
            WHERE r.account_id = a.id AND r.used_at IS NULL AND r.created_at > now() - interval '5 minutes'
        )
    ORDER BY m.joining_code IS NULL DESC, m.created_at
    LIMIT 1
),

reset AS (
    INSERT INTO password_resets (token_hash, account_id, school_id, email, expires_at)
    SELECT %(token_hash)s, id, school_id, email, now() + %(life)s FROM account
    RETURNING *
),

noted AS (
    INSERT INTO audit_log (school_id, action, subject_id, ip, user_agent)
    SELECT school_id, 'password-reset.requested', account_id, %(ip)s, %(user_agent)s FROM reset
)

SELECT account_id, school_id, email FROM reset;

-- name: find_password_reset
-- A token that can be used, and what its owner's new password must not be made of.
SELECT a.email, ARRAY(
    SELECT s.name FROM memberships AS m INNER JOIN schools AS s ON s.id = m.school_id WHERE m.account_id = a.id
) AS names
FROM password_resets AS r
INNER JOIN accounts AS a ON a.id = r.account_id
WHERE
    r.token_hash = %(token_hash)s AND r.used_at IS NULL AND r.expires_at > now() AND lower(a.email) = lower(r.email);

-- name: use_password_reset
-- The letter has proven the address, so whoever reads it is whom every school meant that added this address since
-- the account has it: those need no code any more. All other resets are void, all sessions end. No row: void itself.
SELECT FROM accounts
WHERE id = (SELECT account_id FROM password_resets WHERE token_hash = %(token_hash)s) FOR UPDATE;
WITH reset AS MATERIALIZED (
    SELECT r.account_id, r.school_id, a.email_changed_at
    FROM password_resets AS r
    INNER JOIN accounts AS a ON a.id = r.account_id
    WHERE
        r.token_hash = %(token_hash)s AND r.used_at IS NULL AND r.expires_at > now()
        AND lower(a.email) = lower(r.email)
),

changed AS (
    UPDATE accounts AS a SET password_hash = %(password_hash)s, must_change_password = FALSE
    FROM reset
    WHERE a.id = reset.account_id
    RETURNING a.id
),

used AS (
    UPDATE password_resets AS r SET used_at = now()
    FROM reset
    WHERE r.account_id = reset.account_id AND r.used_at IS NULL
),

joined AS (
    UPDATE memberships AS m SET joining_code = NULL
    FROM reset
    WHERE
        m.account_id = reset.account_id AND m.joining_code IS NOT NULL
        AND m.created_at > coalesce(reset.email_changed_at, '-infinity')
    RETURNING m.school_id, m.account_id
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(SELECT s.id FROM sessions AS s WHERE s.account_id = changed.id AND s.revoked_at IS NULL),
        %(traceparent)s
    ) AS ids
    FROM changed
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, action, subject_id, ip, user_agent)
    SELECT school_id, account_id, 'password-reset.used', account_id, %(ip)s, %(user_agent)s FROM reset
    UNION ALL
    SELECT school_id, account_id, 'account.joined', account_id, %(ip)s, %(user_agent)s FROM joined
)

SELECT ids FROM ended;

-- name: purge_password_resets
DELETE FROM password_resets WHERE token_hash IN (
    SELECT token_hash FROM password_resets WHERE expires_at < now() - interval '1 day' ORDER BY expires_at LIMIT 1000
);
