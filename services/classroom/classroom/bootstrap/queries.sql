-- Fragments of the bootstrap as JSON text, each with its key, and the epoch and position it was read at (same snapshot).

-- name: fragment_school
-- Nothing but the epoch.
SELECT
    'school:' || %(school_id)s::uuid AS key,
    coalesce((SELECT epoch FROM cache_epochs WHERE school_id = %(school_id)s), 0) AS epoch,
    snapshot_position() AS position,
    NULL AS fragment;

-- name: fragment_people
-- Who some people are, what they teach and attend, and how much there is to know for them.
SELECT
    'person:' || %(school_id)s::uuid || ':' || who.account_id AS key,
    coalesce((SELECT epoch FROM cache_epochs WHERE school_id = %(school_id)s), 0) AS epoch,
    snapshot_position() AS position,
    json_build_object(
        'account_id', who.account_id,
        'name', coalesce(a.name, ''),
        'email', a.email,
        'school', json_build_object('id', %(school_id)s::uuid, 'name', coalesce(s.name, '')),
        'taught', ARRAY(
            SELECT t.classroom_id
            FROM classroom_teachers AS t
            INNER JOIN classrooms AS c ON t.classroom_id = c.id
            WHERE
                t.school_id = %(school_id)s AND t.teacher_id = who.account_id AND t.status = 'active'
                AND c.status <> 'deleted'
            ORDER BY t.classroom_id
        ),
        'attended', ARRAY(
            SELECT e.classroom_id
            FROM enrolments AS e
            INNER JOIN classrooms AS c ON e.classroom_id = c.id
            WHERE
                e.school_id = %(school_id)s AND e.student_id = who.account_id AND e.status = 'active'
                AND c.status <> 'deleted'
            ORDER BY e.classroom_id
        ),
        'unseen', unseen_count(%(school_id)s, who.account_id, coalesce(a.role = 'student', FALSE))
    )::text AS fragment
FROM unnest(%(accounts)s::uuid []) AS who (account_id)
LEFT JOIN accounts AS a ON a.school_id = %(school_id)s AND who.account_id = a.account_id
LEFT JOIN schools AS s ON s.school_id = %(school_id)s;

-- name: fragment_views
-- What all students of a classroom see of it; for its teachers also drafts, the join code and counts.
SELECT
    %(kind)s || ':' || c.id AS key,
    coalesce((SELECT epoch FROM cache_epochs WHERE school_id = %(school_id)s), 0) AS epoch,
    snapshot_position() AS position,
    json_build_object(
        'classroom', json_build_object(
            'id', c.id,
            'title', c.title,
            'subject', c.subject,
            'colour', c.colour,
            'term', term_state(c.term_id),
            'status', c.status,
            'join_code', CASE WHEN %(teacher)s THEN c.join_code END,
            'join_code_expires_at', CASE WHEN %(teacher)s THEN moment(c.join_code_expires_at) END,
            'student_count', CASE WHEN %(teacher)s THEN c.student_count END,
            'leaderboard_shown', c.leaderboard_shown,
            'version', c.version
        ),
        'teachers', (
            SELECT coalesce(
                json_agg(
                    json_build_object(
                        'account_id', t.teacher_id,
                        'name', coalesce(a.name, ''),
                        'owner', t.teacher_id = c.owner_id
                    )
                    ORDER BY t.id
                ),
                '[]'
            )
            FROM classroom_teachers AS t
            LEFT JOIN accounts AS a ON t.school_id = a.school_id AND t.teacher_id = a.account_id
            WHERE t.classroom_id = c.id AND t.status = 'active'
        ),
        'topics', (
            SELECT coalesce(
                json_agg(
                    json_build_object('id', t.id, 'title', t.title, 'position', t.position, 'version', t.version)
                    ORDER BY t.position, t.id
                ),
                '[]'
            )
            FROM topics AS t
            WHERE t.classroom_id = c.id AND t.status = 'active'
        ),
        'assignments', (
            SELECT coalesce(
                json_agg(assignment_shown(a, %(teacher)s) ORDER BY a.id), '[]'
            )
            FROM assignments AS a
            WHERE
                a.classroom_id = c.id AND a.status <> 'deleted'
                AND (%(teacher)s OR (a.status = 'published' AND a.assigned_to IS NULL))
        ),
        'announcements', announcements_shown(c.id),
        'live', (
            SELECT coalesce(json_agg(lecture_shown(l) ORDER BY l.opened_at), '[]')
            FROM live_lectures AS l
            INNER JOIN assignments AS a ON l.assignment_id = a.id AND a.status = 'published'
            WHERE l.classroom_id = c.id AND l.status = 'open' AND (%(teacher)s OR a.assigned_to IS NULL)
        )
    )::text AS fragment
FROM classrooms AS c
WHERE c.id = ANY(%(ids)s::uuid []) AND c.school_id = %(school_id)s AND c.status <> 'deleted';

-- name: fragment_own
-- The work of students in a classroom each: what is assigned to them by name, what they wrote and turned in, their
-- released grades; never a draft of a teacher's.
SELECT
    'own:' || c.id || ':' || who.student_id AS key,
    coalesce((SELECT epoch FROM cache_epochs WHERE school_id = %(school_id)s), 0) AS epoch,
    snapshot_position() AS position,
    json_build_object(
        'classroom_id', c.id,
        'assignments', (
            SELECT coalesce(json_agg(assignment_shown(a, FALSE) ORDER BY a.id), '[]')
            FROM assignments AS a
            WHERE a.classroom_id = c.id AND a.status = 'published' AND who.student_id = ANY(a.assigned_to)
        ),
        'grades', (
            SELECT coalesce(
                json_agg(
                    json_build_object(
                        'assignment_id', g.assignment_id,
                        'score', decimal_text(g.score),
                        'max_score', decimal_text(g.max_score),
                        'late', g.late,
                        'late_seconds', g.late_seconds,
                        'excused', g.excused,
                        'number', g.number,
                        'submissions', g.submissions,
                        'feedback', g.feedback,
                        'graded_at', moment(g.graded_at),
                        'version', g.version
                    )
                    ORDER BY g.assignment_id
                ),
                '[]'
            )
            FROM assignments AS a
            INNER JOIN grades AS g ON a.id = g.assignment_id
            WHERE
                a.classroom_id = c.id AND a.status = 'published' AND g.student_id = who.student_id
                AND g.released_at IS NOT NULL
        ),
        'groups', (
            SELECT coalesce(
                json_agg(
                    json_build_object(
                        'assignment_id', a.id, 'id', g.id, 'name', g.name, 'students', group_people(g.id)
                    )
                    ORDER BY a.id
                ),
                '[]'
            )
            FROM assignments AS a
            INNER JOIN group_members AS m ON a.id = m.assignment_id AND m.student_id = who.student_id
            INNER JOIN groups AS g ON m.group_id = g.id
            WHERE a.classroom_id = c.id AND a.status = 'published'
        ),
        'submissions', (
            SELECT coalesce(json_agg(submission_shown(s) ORDER BY s.id), '[]')
            FROM assignments AS a
            INNER JOIN submission_members AS m ON a.id = m.assignment_id AND m.student_id = who.student_id
            INNER JOIN submissions AS s ON m.submission_id = s.id
            WHERE a.classroom_id = c.id AND a.status = 'published'
        ),
        'notes', (
            SELECT coalesce(
                json_agg(
                    json_build_object(
                        'assignment_id', n.assignment_id,
                        'body', n.body,
                        'rev', n.rev,
                        'seq', n.seq,
                        'updated_at', moment(n.updated_at)
                    )
                    ORDER BY n.assignment_id
                ),
                '[]'
            )
            FROM assignments AS a
            INNER JOIN notes AS n ON a.id = n.assignment_id AND n.student_id = who.student_id
            WHERE a.classroom_id = c.id AND a.status = 'published'
        ),
        'live', (
            SELECT coalesce(json_agg(lecture_shown(l) ORDER BY l.opened_at), '[]')
            FROM live_lectures AS l
            INNER JOIN assignments AS a ON l.assignment_id = a.id AND a.status = 'published'
            WHERE l.classroom_id = c.id AND l.status = 'open' AND who.student_id = ANY(a.assigned_to)
        ),
        'points', (
            SELECT coalesce(sum(p.points), 0) FROM points_entries AS p
            WHERE p.classroom_id = c.id AND p.student_id = who.student_id
        ),
        'badges', (
            SELECT coalesce(
                json_agg(
                    json_build_object('topic_id', b.topic_id, 'title', t.title, 'earned_at', moment(b.earned_at))
                    ORDER BY b.topic_id
                ),
                '[]'
            )
            FROM (
                SELECT p.topic_id, max(p.created_at) AS earned_at
                FROM points_entries AS p
                WHERE p.classroom_id = c.id AND p.student_id = who.student_id AND p.reason = 'topic'
                GROUP BY p.topic_id
                HAVING sum(p.points) > 0
            ) AS b
            INNER JOIN topics AS t ON b.topic_id = t.id
        )
    )::text AS fragment
FROM unnest(%(classrooms)s::uuid [], %(students)s::uuid []) AS who (classroom_id, student_id)
INNER JOIN classrooms AS c ON who.classroom_id = c.id
WHERE c.school_id = %(school_id)s AND c.status <> 'deleted';

-- name: school_summary
-- What an admin's first page shows; lists are paged elsewhere.
SELECT
    count(*) AS classrooms,
    coalesce(sum(student_count), 0)::bigint AS enrolments,
    snapshot_position() AS position
FROM classrooms
WHERE school_id = %(school_id)s AND status <> 'deleted';
