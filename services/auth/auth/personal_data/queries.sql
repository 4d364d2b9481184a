-- Export and erasure: what is asked, what the services answer, and what auth itself keeps of a person.

-- name: ask_export
-- Whoever asks while an answer is on its way gets that one; a finished one makes room. No row: no member.
DELETE FROM personal_data_requests
WHERE
    school_id = %(school_id)s AND account_id = %(account_id)s AND kind = 'export'
    AND (finished_at IS NOT NULL OR expires_at < now());
WITH request AS (
    INSERT INTO personal_data_requests (school_id, account_id, kind, services, requested_by, expires_at)
    SELECT school_id, account_id, 'export', %(services)s, %(actor_id)s, now() + interval '7 days'
    FROM memberships
    WHERE school_id = %(school_id)s AND account_id = %(account_id)s AND erased_at IS NULL AND NOT is_service
    ON CONFLICT (school_id, account_id, kind) WHERE finished_at IS NULL DO NOTHING
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.export-requested.v1', id, school_id, 1,
        jsonb_build_object('request_id', id, 'account_id', account_id), %(traceparent)s
    FROM request
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT school_id, %(actor_id)s, %(session_id)s, 'export.requested', account_id, %(ip)s, %(user_agent)s FROM request
)

SELECT id FROM request;

-- name: erase_account
-- verdict: erased, last_admin, service (an API token's), other (the confirmation names somebody else). No row: nobody.
-- What the school sees goes at once (its sourcedId too, so imports forget that here), the rest with the event. The
-- school's row is locked first, as for every change that could take its last admin; then the member's, for a sign-in at
-- the same moment.
SELECT FROM schools WHERE id = %(school_id)s FOR NO KEY UPDATE;
SELECT FROM memberships WHERE school_id = %(school_id)s AND account_id = %(account_id)s FOR NO KEY UPDATE;
WITH target AS MATERIALIZED (
    SELECT m.*,
        CASE
            WHEN m.is_service THEN 'service'
            WHEN lower(coalesce(a.email, m.name)) <> lower(%(confirm)s) THEN 'other'
            WHEN
                m.role = 'admin' AND m.status = 'active'
                AND NOT EXISTS (
                    SELECT FROM memberships AS other
                    WHERE
                        other.school_id = m.school_id AND other.role = 'admin' AND other.status = 'active'
                        AND other.account_id <> m.account_id AND NOT other.is_service
                ) THEN 'last_admin'
            ELSE 'erased'
        END AS verdict
    FROM memberships AS m
    INNER JOIN accounts AS a ON a.id = m.account_id
    WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s AND m.erased_at IS NULL
),

changed AS (
    UPDATE memberships AS m SET
        name = 'Erased person', status = 'deactivated', source_id = NULL, source_enabled = NULL, joining_code = NULL,
        erased_at = now(), version = m.version + 1
    FROM target AS t
    WHERE m.school_id = t.school_id AND m.account_id = t.account_id AND t.verdict = 'erased'
    RETURNING m.*
),

request AS (
    INSERT INTO personal_data_requests (school_id, account_id, kind, services, requested_by)
    SELECT school_id, account_id, 'erasure', %(services)s, %(actor_id)s FROM changed
    RETURNING *
),

told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'auth.account-deactivated.v1', c.account_id, c.school_id, c.version, account_state(c::memberships, NULL),
        %(traceparent)s
    FROM changed AS c
    UNION ALL
    SELECT
        'auth.account-erased.v1', c.account_id, c.school_id, c.version,
        jsonb_build_object('account_id', c.account_id, 'request_id', r.id, 'erased_at', c.erased_at), %(traceparent)s
    FROM changed AS c, request AS r
),

ended AS MATERIALIZED (
    SELECT end_sessions(
        ARRAY(
            SELECT s.id FROM sessions AS s
            WHERE s.account_id = c.account_id AND s.school_id = c.school_id AND s.revoked_at IS NULL
        ), %(traceparent)s
    ) AS ids
    FROM changed AS c
),

forgotten AS MATERIALIZED (
    SELECT forget_in_imports(school_id, source_id) FROM target WHERE verdict = 'erased'
),

noted AS (
    INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
    SELECT school_id, %(actor_id)s, %(session_id)s, 'account.erased', account_id, %(ip)s, %(user_agent)s FROM changed
)

SELECT t.verdict, ended.ids
FROM target AS t
LEFT JOIN ended ON TRUE
LEFT JOIN forgotten ON TRUE;

-- name: read_personal_data_request
-- The newest of a kind, and who has not answered it yet. No row: none, or no longer kept.
SELECT
    q.id, q.kind, q.requested_at, q.finished_at, q.expires_at,
    ARRAY(
        SELECT s.name FROM unnest(q.services) AS s (name)
        WHERE q.finished_at IS NULL AND (
            SELECT count(*) FILTER (WHERE a.part IS NOT NULL) < coalesce(max(a.parts), 1)
            FROM personal_data_answers AS a
            WHERE a.request_id = q.id AND a.service = s.name
        )
        ORDER BY s.name
    ) AS waiting_for
FROM personal_data_requests AS q
WHERE
    q.school_id = %(school_id)s AND q.account_id = %(account_id)s AND q.kind = %(kind)s
    AND (q.expires_at IS NULL OR q.expires_at > now())
ORDER BY q.id DESC
LIMIT 1;

-- name: keep_personal_data_answers
-- Parts of answers to requests that are there; whatever is complete then is finished, and the audit log says so.
SELECT FROM personal_data_requests
WHERE id IN (SELECT r.request_id FROM json_to_recordset(%(rows)s) AS r (request_id uuid))
ORDER BY id FOR UPDATE;
INSERT INTO personal_data_answers (request_id, service, part, parts, content)
SELECT r.request_id, r.service, r.part, r.parts, r.content
FROM json_to_recordset(%(rows)s) AS r (
    request_id uuid, school_id uuid, account_id uuid, service text, part integer, parts integer, content jsonb
)
INNER JOIN personal_data_requests AS q
    ON r.request_id = q.id AND r.school_id = q.school_id AND r.account_id = q.account_id
ON CONFLICT (request_id, service, part) DO NOTHING;
WITH finished AS (
    UPDATE personal_data_requests AS q SET finished_at = now()
    WHERE
        q.id IN (SELECT r.request_id FROM json_to_recordset(%(rows)s) AS r (request_id uuid))
        AND q.finished_at IS NULL
        AND NOT EXISTS (
            SELECT FROM unnest(q.services) AS s (name)
            WHERE (
                SELECT count(*) < coalesce(max(a.parts), 1) FROM personal_data_answers AS a
                WHERE a.request_id = q.id AND a.service = s.name
            )
        )
    RETURNING q.*
)
INSERT INTO audit_log (school_id, action, subject_id)
SELECT school_id, CASE kind WHEN 'export' THEN 'export.ready' ELSE 'account.erasure-finished' END, account_id
FROM finished;

-- name: read_export_contents
-- What was answered, a service's parts in order; content as JSON text, so that no number is rounded.
SELECT a.service, a.content::text AS content
FROM personal_data_answers AS a
INNER JOIN personal_data_requests AS q ON q.id = a.request_id
WHERE q.id = %(id)s AND q.school_id = %(school_id)s AND q.finished_at IS NOT NULL
ORDER BY a.service, a.part;

-- name: note_export_download
INSERT INTO audit_log (school_id, actor_id, session_id, action, subject_id, ip, user_agent)
VALUES (
    %(school_id)s, %(actor_id)s, %(session_id)s, 'export.downloaded', %(account_id)s, %(ip)s, %(user_agent)s
);

-- name: purge_exports
DELETE FROM personal_data_requests WHERE expires_at < now();

-- name: is_erased_here
SELECT EXISTS (
    SELECT FROM memberships AS m
    INNER JOIN accounts AS a ON a.id = m.account_id
    WHERE m.school_id = %(school_id)s AND lower(a.email) = lower(%(email)s) AND m.erased_at IS NOT NULL
);

-- name: export_person
-- What auth keeps of a person in a school; secrets and hashes are nobody's to read.
SELECT
    'account' AS section,
    jsonb_build_object(
        'account_id', m.account_id, 'email', a.email, 'name', m.name, 'role', m.role, 'status', m.status,
        'source_id', m.source_id, 'school', s.name, 'member_since', m.created_at, 'account_since', a.created_at,
        'second_factor_since', f.confirmed_at
    ) AS record
FROM memberships AS m
INNER JOIN accounts AS a ON a.id = m.account_id
INNER JOIN schools AS s ON s.id = m.school_id
LEFT JOIN second_factors AS f ON f.account_id = a.id
WHERE m.school_id = %(school_id)s AND m.account_id = %(account_id)s
UNION ALL
SELECT
    'sessions',
    jsonb_build_object(
        'id', id, 'from', created_at, 'last_used_at', last_used_at, 'until', coalesce(revoked_at, expires_at), 'ip', ip,
        'user_agent', user_agent
    )
FROM sessions
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT 'sign_in_providers', jsonb_build_object('provider', p.name, 'subject', i.subject, 'linked_at', i.linked_at)
FROM provider_identities AS i
INNER JOIN providers AS p ON p.id = i.provider_id
WHERE i.school_id = %(school_id)s AND i.account_id = %(account_id)s
UNION ALL
SELECT
    'invitations',
    jsonb_build_object(
        'email', i.email, 'name', i.name, 'role', i.role, 'sent_at', i.created_at, 'accepted_at', i.accepted_at
    )
FROM invitations AS i
WHERE i.school_id = %(school_id)s AND lower(i.email) = ANY((SELECT addresses_of(%(account_id)s))::text [])
UNION ALL
SELECT 'classroom_invitations', jsonb_build_object('email', c.email, 'classroom', c.classroom_title, 'status', c.status)
FROM classroom_invitations AS c
WHERE c.school_id = %(school_id)s AND lower(c.email) = ANY((SELECT addresses_of(%(account_id)s))::text [])
UNION ALL
SELECT
    'letters',
    jsonb_build_object('recipient', e.recipient, 'kind', e.kind, 'written_at', e.created_at, 'sent_at', e.sent_at)
FROM mails AS e
WHERE e.school_id = %(school_id)s AND lower(e.recipient) = ANY((SELECT addresses_of(%(account_id)s))::text [])
UNION ALL
SELECT
    'audit_log',
    jsonb_build_object(
        'at', at, 'action', action, 'by_me', actor_id IS NOT DISTINCT FROM %(account_id)s, 'subject_id', subject_id
    ) || CASE
        WHEN actor_id = %(account_id)s THEN jsonb_build_object('ip', ip, 'user_agent', user_agent) ELSE '{}'
    END
FROM audit_log
WHERE school_id = %(school_id)s AND (actor_id = %(account_id)s OR subject_id = %(account_id)s);

-- name: erase_person
-- Everything of a person in a school. What stays are ids, and what was done when.
SELECT FROM memberships WHERE school_id = %(school_id)s AND account_id = %(account_id)s FOR UPDATE;
SELECT erase_mentions(%(school_id)s, %(account_id)s);
SELECT erase_membership(%(school_id)s, %(account_id)s, %(traceparent)s);
SELECT NULL::text AS key FROM erase_account(%(account_id)s);
