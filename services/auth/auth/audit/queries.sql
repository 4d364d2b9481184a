-- The audit log.

-- name: page_audit_log
-- Newest first; `before_id`: the last one shown.
SELECT
    l.id, l.at, l.action, l.actor_id, actor.name AS actor_name, l.subject_id, subject.name AS subject_name,
    l.session_id, l.ip, l.user_agent, l.detail
FROM audit_log AS l
LEFT JOIN memberships AS actor ON actor.school_id = l.school_id AND actor.account_id = l.actor_id
LEFT JOIN memberships AS subject ON subject.school_id = l.school_id AND subject.account_id = l.subject_id
WHERE
    l.school_id = %(school_id)s
    AND (%(before_id)s::bigint IS NULL OR l.id < %(before_id)s::bigint)
    AND (%(actor_id)s::uuid IS NULL OR l.actor_id = %(actor_id)s::uuid)
    AND (%(subject_id)s::uuid IS NULL OR l.subject_id = %(subject_id)s::uuid)
    AND (%(action)s::text IS NULL OR l.action = %(action)s::text)
    AND (%(since)s::timestamptz IS NULL OR l.at >= %(since)s::timestamptz)
    AND (%(until)s::timestamptz IS NULL OR l.at < %(until)s::timestamptz)
ORDER BY l.id DESC
LIMIT %(limit)s;
