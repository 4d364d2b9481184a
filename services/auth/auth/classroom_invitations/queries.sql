-- Invitations into classrooms, as classroom tells of them.

-- name: keep_classroom_invitations
-- The newest state of each; a withdrawn one takes the account invitation along, unless another classroom still waits
-- for the same person.
INSERT INTO classroom_invitations AS kept (
    id, school_id, email, classroom_title, invited_by, status, version, letter_due
)
SELECT
    r.invitation_id, r.school_id, r.email, r.classroom_title, r.invited_by, r.status, r.version, r.status = 'pending'
FROM json_to_recordset(%(rows)s) AS r (
    invitation_id uuid, school_id uuid, email text, classroom_title text, invited_by uuid, status text, version bigint
)
ON CONFLICT (id) DO UPDATE SET
    email = excluded.email, classroom_title = excluded.classroom_title, invited_by = excluded.invited_by,
    status = excluded.status, version = excluded.version, letter_due = excluded.letter_due
WHERE kept.version < excluded.version AND kept.school_id = excluded.school_id;
UPDATE invitations AS i SET revoked_at = now()
FROM classroom_invitations AS c
WHERE
    c.id IN (SELECT r.invitation_id FROM json_to_recordset(%(rows)s) AS r (invitation_id uuid))
    AND c.status = 'withdrawn' AND i.id = c.invitation_id AND i.accepted_at IS NULL AND i.revoked_at IS NULL
    AND NOT EXISTS (
        SELECT FROM classroom_invitations AS other
        WHERE other.invitation_id = i.id AND other.status = 'pending'
    );

-- name: take_classroom_invitation
-- One whose letter is due, and who is behind its address: a member who can sign in, nobody who may come (put out by an
-- admin, or erased), or somebody to be invited; and the invitation that waits for them already. Anybody may register a
-- school and invite whom they like: an address has five letters of it an hour, and what is due beyond that waits.
WITH due AS (
    UPDATE classroom_invitations SET letter_due = FALSE
    WHERE id = (
        SELECT c.id FROM classroom_invitations AS c
        WHERE
            c.letter_due
            AND (
                SELECT count(*) FROM mails AS m
                WHERE
                    m.school_id = c.school_id AND lower(m.recipient) = lower(c.email)
                    AND m.created_at > now() - interval '1 hour'
            ) < 5
        ORDER BY c.id
        LIMIT 1
        FOR UPDATE OF c SKIP LOCKED
    )
    RETURNING *
)

SELECT
    due.id, due.school_id, due.email, due.classroom_title, due.invited_by, s.name AS school_name,
    coalesce(m.status = 'active' AND m.joining_code IS NULL AND a.password_hash IS NOT NULL, FALSE) AS is_member,
    coalesce(m.status = 'deactivated', FALSE) AS is_out,
    waiting.id AS waiting_id,
    -- An admin's own invitation is not a teacher's to withdraw.
    EXISTS (SELECT FROM classroom_invitations AS c WHERE c.invitation_id = waiting.id) AS is_for_classrooms
FROM due
INNER JOIN schools AS s ON s.id = due.school_id
LEFT JOIN accounts AS a ON lower(a.email) = lower(due.email)
LEFT JOIN memberships AS m ON m.account_id = a.id AND m.school_id = due.school_id
LEFT JOIN invitations AS waiting
    ON
        waiting.school_id = due.school_id AND lower(waiting.email) = lower(due.email)
        AND waiting.accepted_at IS NULL AND waiting.revoked_at IS NULL;

-- name: link_classroom_invitation
UPDATE classroom_invitations SET invitation_id = %(invitation_id)s WHERE id = %(id)s;

-- name: purge_classroom_invitations
-- What is over; a pending one is kept as long as its account invitation, so that it is not written about twice.
DELETE FROM classroom_invitations WHERE id IN (
    SELECT c.id FROM classroom_invitations AS c
    WHERE
        NOT c.letter_due AND (c.status <> 'pending' OR c.invitation_id IS NOT NULL)
        AND NOT EXISTS (SELECT FROM invitations AS i WHERE i.id = c.invitation_id)
    LIMIT 1000
);
