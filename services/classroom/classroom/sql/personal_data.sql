-- What classroom keeps of a person; whoever adds a table with personal data adds it here.

-- name: export_person
-- What the person may see: of grades those that are released, of marks those of what is handed in besides.
SELECT
    'account' AS section,
    jsonb_build_object('name', name, 'email', email, 'role', role, 'status', status, 'source_id', source_id) AS record
FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT 'enrolments', jsonb_build_object('classroom_id', c.id, 'classroom', c.title, 'status', e.status)
FROM enrolments AS e
INNER JOIN classrooms AS c ON c.id = e.classroom_id
WHERE e.school_id = %(school_id)s AND e.student_id = %(account_id)s
UNION ALL
SELECT 'teaching', jsonb_build_object('classroom_id', c.id, 'classroom', c.title, 'status', t.status)
FROM classroom_teachers AS t
INNER JOIN classrooms AS c ON c.id = t.classroom_id
WHERE t.school_id = %(school_id)s AND t.teacher_id = %(account_id)s
UNION ALL
SELECT
    'grades',
    jsonb_build_object(
        'assignment_id', a.id, 'assignment', a.title, 'classroom_id', a.classroom_id, 'score', decimal_text(g.score),
        'max_score', decimal_text(g.max_score), 'late', g.late, 'excused', g.excused, 'submissions', g.submissions,
        'feedback', g.feedback, 'graded_at', g.graded_at, 'released_at', g.released_at
    )
FROM grades AS g
INNER JOIN assignments AS a ON a.id = g.assignment_id
WHERE g.school_id = %(school_id)s AND g.student_id = %(account_id)s AND g.released_at IS NOT NULL
UNION ALL
SELECT 'notifications', jsonb_build_object('seen_until', seen_until)
FROM notifications_seen
WHERE school_id = %(school_id)s AND account_id = %(account_id)s
UNION ALL
SELECT
    'points',
    jsonb_build_object(
        'classroom_id', classroom_id, 'reason', reason, 'assignment_id', assignment_id, 'topic_id', topic_id,
        'points', points, 'created_at', created_at
    )
FROM points_entries
WHERE school_id = %(school_id)s AND student_id = %(account_id)s
UNION ALL
SELECT
    'submissions',
    jsonb_build_object(
        'assignment_id', a.id, 'assignment', a.title, 'classroom_id', a.classroom_id, 'status', s.status,
        'body', s.body, 'files', attached_files(s.id),
        'turn_ins', ARRAY(
            SELECT jsonb_build_object('number', number, 'turned_in_at', turned_in_at, 'body', body, 'files', files)
            FROM turn_ins
            WHERE submission_id = s.id
            ORDER BY number
        )
    )
FROM submission_members AS m
INNER JOIN submissions AS s ON m.submission_id = s.id
INNER JOIN assignments AS a ON m.assignment_id = a.id
WHERE m.school_id = %(school_id)s AND m.student_id = %(account_id)s
UNION ALL
SELECT
    'groups',
    jsonb_build_object('assignment_id', a.id, 'assignment', a.title, 'group_id', g.id, 'group', g.name)
FROM group_members AS m
INNER JOIN groups AS g ON m.group_id = g.id
INNER JOIN assignments AS a ON m.assignment_id = a.id
WHERE m.school_id = %(school_id)s AND m.student_id = %(account_id)s
UNION ALL
SELECT
    'invitations',
    jsonb_build_object('classroom_id', i.classroom_id, 'email', i.email, 'status', i.status, 'invited_at', i.invited_at)
FROM accounts AS p
INNER JOIN invitations AS i ON p.school_id = i.school_id AND lower(p.email) = i.email
WHERE p.school_id = %(school_id)s AND p.account_id = %(account_id)s
UNION ALL
SELECT
    'attempts',
    jsonb_build_object(
        'assignment_id', a.id, 'assignment', a.title, 'classroom_id', a.classroom_id, 'number', t.number,
        'status', t.status, 'started_at', t.started_at, 'submitted_at', t.submitted_at,
        'focus_losses', t.focus_losses, 'answers', ARRAY(
            SELECT
                jsonb_build_object(
                    'question', q.title, 'value', n.value, 'rev', n.rev, 'saved_at', n.saved_at,
                    'mark', CASE WHEN shown.results THEN decimal_text(n.mark) END,
                    'feedback', CASE WHEN shown.results THEN n.feedback END
                )
            FROM answers AS n
            INNER JOIN questions AS q ON n.question_id = q.id
            WHERE n.attempt_id = t.id
            ORDER BY q.position
        )
    )
FROM attempts AS t
INNER JOIN assignments AS a ON t.assignment_id = a.id
LEFT JOIN grades AS g ON t.assignment_id = g.assignment_id AND t.student_id = g.student_id
CROSS JOIN LATERAL (SELECT t.status = 'submitted' AND g.released_at IS NOT NULL AS results) AS shown
WHERE t.school_id = %(school_id)s AND t.student_id = %(account_id)s
UNION ALL
SELECT 'bank_questions', jsonb_build_object('title', title, 'kind', kind, 'body', body, 'tags', tags)
FROM bank_questions
WHERE school_id = %(school_id)s AND owner_id = %(account_id)s
UNION ALL
SELECT 'quiz_messages', jsonb_build_object('assignment_id', assignment_id, 'body', body, 'sent_at', sent_at)
FROM quiz_messages
WHERE school_id = %(school_id)s AND sent_by = %(account_id)s
UNION ALL
SELECT
    'notes',
    jsonb_build_object(
        'assignment_id', assignment_id, 'body', body, 'rev', rev, 'seq', seq, 'updated_at', updated_at
    )
FROM notes
WHERE school_id = %(school_id)s AND student_id = %(account_id)s
UNION ALL
SELECT
    'comments',
    jsonb_build_object(
        'assignment_id', assignment_id, 'private', student_id IS NOT NULL, 'body', body, 'created_at', created_at,
        'edited_at', edited_at
    )
FROM comments
WHERE school_id = %(school_id)s AND author_id = %(account_id)s
UNION ALL
SELECT
    'announcements',
    jsonb_build_object('classroom_id', classroom_id, 'body', body, 'created_at', created_at, 'edited_at', edited_at)
FROM announcements
WHERE school_id = %(school_id)s AND author_id = %(account_id)s
UNION ALL
SELECT
    'attendance',
    jsonb_build_object('assignment_id', l.assignment_id, 'opened_at', l.opened_at, 'closed_at', l.closed_at) || t
FROM enrolments AS e
INNER JOIN live_lectures AS l ON e.classroom_id = l.classroom_id
CROSS JOIN jsonb_array_elements(l.attendance) AS t
WHERE
    e.school_id = %(school_id)s AND e.student_id = %(account_id)s
    AND t ->> 'student_id' = %(account_id)s::uuid::text
UNION ALL
SELECT 'attachments', attachment_state(t) || jsonb_build_object('name', f.name)
FROM attachments AS t
INNER JOIN files AS f ON t.file_id = f.file_id
WHERE t.school_id = %(school_id)s AND t.attached_by = %(account_id)s;

-- name: erase_person
-- The person leaves every classroom, which whoever has taught it longest owns then, and their work and grades go; what they made for others stays, without their name.
-- Rows that race are locked first, in order of their ids. The whole school's fragments are refused once: they may show
-- the name anywhere.
SELECT FROM classrooms
WHERE school_id = %(school_id)s AND id IN (
    SELECT classroom_id FROM enrolments WHERE student_id = %(account_id)s AND school_id = %(school_id)s
    UNION
    SELECT classroom_id FROM classroom_teachers WHERE teacher_id = %(account_id)s AND school_id = %(school_id)s
)
ORDER BY id FOR NO KEY UPDATE;
WITH removed AS (
    UPDATE enrolments SET status = 'removed', version = version + 1
    WHERE school_id = %(school_id)s AND student_id = %(account_id)s AND status = 'active'
    RETURNING enrolments AS state
),
counted AS (
    UPDATE classrooms SET student_count = student_count - 1
    FROM removed WHERE classrooms.id = (removed.state).classroom_id
)
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.student-removed.v1', (state).id, (state).school_id, (state).version, enrolment_state(state),
    %(traceparent)s
FROM removed;
WITH removed AS (
    UPDATE classroom_teachers SET status = 'removed', version = version + 1
    WHERE school_id = %(school_id)s AND teacher_id = %(account_id)s AND status = 'active'
    RETURNING classroom_teachers AS state
),
counted AS (
    UPDATE classrooms SET
        teacher_count = teacher_count - 1,
        owner_id = CASE
            WHEN owner_id = %(account_id)s
                THEN (
                    SELECT t.teacher_id FROM classroom_teachers AS t
                    WHERE t.classroom_id = classrooms.id AND t.status = 'active' AND t.teacher_id <> %(account_id)s
                    ORDER BY t.id
                    LIMIT 1
                )
            ELSE owner_id
        END
    FROM removed WHERE classrooms.id = (removed.state).classroom_id
)
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.teacher-removed.v1', (state).id, (state).school_id, (state).version, teacher_state(state),
    %(traceparent)s
FROM removed;
SELECT FROM assignments
WHERE school_id = %(school_id)s AND id IN (
    SELECT assignment_id FROM grades WHERE student_id = %(account_id)s AND school_id = %(school_id)s
    UNION
    SELECT assignment_id FROM group_members WHERE student_id = %(account_id)s AND school_id = %(school_id)s
    UNION
    SELECT assignment_id FROM submission_members WHERE student_id = %(account_id)s AND school_id = %(school_id)s
)
ORDER BY id FOR NO KEY UPDATE;
WITH gone AS MATERIALIZED (
    SELECT assignment_id, released_at IS NOT NULL AS was_released FROM grades
    WHERE school_id = %(school_id)s AND student_id = %(account_id)s
),
withdrawn AS (
    UPDATE grades SET score = NULL, feedback = '', released_at = NULL, version = version + 1
    WHERE school_id = %(school_id)s AND student_id = %(account_id)s
    RETURNING grades AS state
),
assignment AS (
    UPDATE assignments AS a SET
        version = a.version + gone.was_released::integer,
        grade_count = a.grade_count - 1,
        released_count = a.released_count - gone.was_released::integer
    FROM gone
    WHERE a.id = gone.assignment_id
    RETURNING a AS state, gone.was_released
)
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.grade-changed.v1', (a.state).id, (a.state).school_id, (a.state).version,
    jsonb_build_object(
        'assignment_id', (a.state).id, 'classroom_id', (a.state).classroom_id,
        'results', jsonb_build_array(grade_state(withdrawn.state))
    ),
    %(traceparent)s
FROM assignment AS a
INNER JOIN withdrawn ON (withdrawn.state).assignment_id = (a.state).id
WHERE a.was_released;
DELETE FROM grades WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM grade_history WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
WITH left_groups AS (
    DELETE FROM group_members WHERE school_id = %(school_id)s AND student_id = %(account_id)s
    RETURNING group_id
)
UPDATE groups AS g SET student_count = g.student_count - 1 FROM left_groups AS l WHERE g.id = l.group_id;
-- Work that was theirs alone, or theirs as the last who is not erased, goes; a group's stays with the others, without
-- the files that they brought.
UPDATE turn_ins AS t SET files = (
    SELECT coalesce(jsonb_agg(given.file ORDER BY given.place), '[]')
    FROM jsonb_array_elements(t.files) WITH ORDINALITY AS given (file, place)
    WHERE NOT EXISTS (
        SELECT FROM files AS f
        WHERE f.file_id = (given.file ->> 'file_id')::uuid AND f.owner_id = %(account_id)s
    )
)
WHERE t.submission_id IN (
    SELECT a.submission_id FROM attachments AS a
    WHERE a.school_id = %(school_id)s AND a.submission_id IS NOT NULL AND a.attached_by = %(account_id)s
);
WITH alone AS MATERIALIZED (
    SELECT m.submission_id, m.assignment_id, s.number
    FROM submission_members AS m
    INNER JOIN submissions AS s ON m.submission_id = s.id
    WHERE
        m.school_id = %(school_id)s AND m.student_id = %(account_id)s
        AND NOT EXISTS (
            SELECT FROM submission_members AS o
            WHERE
                o.submission_id = m.submission_id AND o.student_id <> m.student_id
                AND NOT EXISTS (
                    SELECT FROM erased_accounts AS e
                    WHERE e.school_id = o.school_id AND e.account_id = o.student_id
                )
        )
),
emptied AS (
    UPDATE submissions AS s SET body = '', version = s.version + 1, revision = s.revision + 1
    FROM alone WHERE s.id = alone.submission_id
),
turned_in AS (
    UPDATE turn_ins AS t SET body = '', files = '[]'
    FROM alone WHERE t.submission_id = alone.submission_id
),
attached AS (
    UPDATE attachments SET status = 'removed', version = version + 1
    WHERE
        school_id = %(school_id)s AND status = 'active' AND submission_id IS NOT NULL
        AND attached_by = %(account_id)s
    RETURNING attachments AS state
)
INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
SELECT
    'classroom.attachment-removed.v1', (state).id, (state).school_id, (state).version, attachment_state(state),
    %(traceparent)s
FROM attached;
-- Quizzes they took go with every answer, quiz by quiz in the order in which others lock them.
SELECT FROM quizzes
WHERE school_id = %(school_id)s AND assignment_id IN (
    SELECT assignment_id FROM attempts WHERE student_id = %(account_id)s AND school_id = %(school_id)s
)
ORDER BY assignment_id FOR NO KEY UPDATE;
WITH theirs AS MATERIALIZED (
    SELECT id FROM attempts WHERE student_id = %(account_id)s AND school_id = %(school_id)s
),
history AS (
    DELETE FROM mark_history USING theirs WHERE attempt_id = theirs.id
)
DELETE FROM answers USING theirs WHERE attempt_id = theirs.id;
DELETE FROM quiz_messages WHERE attempt_id IN (
    SELECT id FROM attempts WHERE student_id = %(account_id)s AND school_id = %(school_id)s
);
DELETE FROM attempts WHERE student_id = %(account_id)s AND school_id = %(school_id)s;
DELETE FROM extra_times WHERE student_id = %(account_id)s AND school_id = %(school_id)s;
DELETE FROM notifications_seen WHERE account_id = %(account_id)s AND school_id = %(school_id)s;
DELETE FROM points_entries WHERE student_id = %(account_id)s AND school_id = %(school_id)s;
DELETE FROM bank_questions WHERE owner_id = %(account_id)s AND school_id = %(school_id)s;
DELETE FROM notes WHERE school_id = %(school_id)s AND student_id = %(account_id)s;
DELETE FROM comments
WHERE school_id = %(school_id)s AND (author_id = %(account_id)s OR student_id = %(account_id)s);
UPDATE live_lectures AS l SET attendance = (
    SELECT coalesce(jsonb_agg(t), '[]') FROM jsonb_array_elements(l.attendance) AS t
    WHERE t ->> 'student_id' <> %(account_id)s::uuid::text
)
FROM enrolments AS e
WHERE e.school_id = %(school_id)s AND e.student_id = %(account_id)s AND e.classroom_id = l.classroom_id;
UPDATE files SET name = 'erased', status = 'deleted' WHERE school_id = %(school_id)s AND owner_id = %(account_id)s;
DELETE FROM invitations AS i USING accounts AS p
WHERE
    p.school_id = %(school_id)s AND p.account_id = %(account_id)s AND i.school_id = p.school_id
    AND i.email = lower(p.email);
SELECT forget_in_imports(school_id, source_id, name) FROM accounts
WHERE school_id = %(school_id)s AND account_id = %(account_id)s;
UPDATE accounts SET name = 'Erased person', email = NULL, source_id = NULL, status = 'deactivated'
WHERE school_id = %(school_id)s AND account_id = %(account_id)s;
INSERT INTO cache_epochs (school_id, epoch) VALUES (%(school_id)s, 1)
ON CONFLICT (school_id) DO UPDATE SET epoch = cache_epochs.epoch + 1
RETURNING 'school:' || school_id AS key;
