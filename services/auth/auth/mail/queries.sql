-- Outgoing mail.

-- name: write_mail
INSERT INTO mails (school_id, recipient, kind, subject_id, sealed, expires_at)
VALUES (%(school_id)s, %(recipient)s, %(kind)s, %(subject_id)s, %(sealed)s, now() + %(life)s);

-- name: take_mail
-- One letter that is due, leased to this worker for the time until its next try.
UPDATE mails SET
    attempts = attempts + 1,
    next_try_at = clock_timestamp() + least(power(2, attempts) * interval '1 minute', interval '1 hour')
WHERE id = (
    SELECT id FROM mails
    WHERE sent_at IS NULL AND given_up_at IS NULL AND next_try_at <= clock_timestamp()
    ORDER BY next_try_at
    LIMIT 1
    FOR UPDATE SKIP LOCKED
)
RETURNING id, recipient, sealed, attempts, created_at, expires_at <= clock_timestamp() AS is_expired;

-- name: mark_mail_sent
UPDATE mails SET sent_at = now(), sealed = NULL, last_error = NULL WHERE id = %(id)s;

-- name: mark_mail_failed
-- It is tried again later.
UPDATE mails SET last_error = %(error)s WHERE id = %(id)s AND sent_at IS NULL;

-- name: give_mail_up
WITH given_up AS (
    UPDATE mails SET given_up_at = now(), sealed = NULL, last_error = %(error)s
    WHERE id = %(id)s AND sent_at IS NULL AND given_up_at IS NULL
    RETURNING *
)

INSERT INTO audit_log (school_id, action, subject_id, detail)
SELECT
    school_id, 'mail.given-up', subject_id,
    jsonb_build_object('kind', kind, 'recipient', recipient, 'attempts', attempts, 'error', last_error)
FROM given_up;

-- name: purge_mails
DELETE FROM mails WHERE id IN (
    SELECT id FROM mails
    WHERE (sent_at IS NOT NULL OR given_up_at IS NOT NULL) AND created_at < now() - interval '30 days'
    ORDER BY created_at
    LIMIT 1000
);
