-- The present state as events, a page at a time (chassis/republish.py).

-- name: republish_classrooms
WITH page AS (
    SELECT t AS state, t.id
    FROM classrooms AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status WHEN 'deleted' THEN 'classroom.classroom-deleted.v1' ELSE 'classroom.classroom-updated.v1' END,
        id, (state).school_id, (state).version, classroom_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_teachers
WITH page AS (
    SELECT t AS state, t.id
    FROM classroom_teachers AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status WHEN 'removed' THEN 'classroom.teacher-removed.v1' ELSE 'classroom.teacher-added.v1' END,
        id, (state).school_id, (state).version, teacher_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_enrolments
WITH page AS (
    SELECT t AS state, t.id
    FROM enrolments AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status WHEN 'removed' THEN 'classroom.student-removed.v1' ELSE 'classroom.student-enrolled.v1' END,
        id, (state).school_id, (state).version, enrolment_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_invitations
WITH page AS (
    SELECT t AS state, t.id
    FROM invitations AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.student-invited.v1', id, (state).school_id, (state).version, invitation_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_topics
WITH page AS (
    SELECT t AS state, t.id
    FROM topics AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status WHEN 'deleted' THEN 'classroom.topic-deleted.v1' ELSE 'classroom.topic-updated.v1' END,
        id, (state).school_id, (state).version, topic_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_assignments
WITH page AS (
    SELECT t AS state, t.id
    FROM assignments AS t
    -- Of a draft nobody knows.
    WHERE t.id > %(after_id)s::uuid AND t.was_published
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status WHEN 'deleted' THEN 'classroom.assignment-deleted.v1' ELSE 'classroom.assignment-updated.v1' END,
        id, (state).school_id, (state).version, assignment_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_grades
-- One event an assignment and page. What was released once is told, without its score if it was withdrawn; of a grade
-- that never was, nobody knows.
WITH page AS (
    SELECT g AS state, g.assignment_id AS parent, g.student_id AS id
    FROM grades AS g
    WHERE
        (g.assignment_id, g.student_id) > (%(after_parent)s::uuid, %(after_id)s::uuid)
        AND (
            g.released_at IS NOT NULL
            OR EXISTS (
                SELECT FROM grade_history AS h
                WHERE h.assignment_id = g.assignment_id AND h.student_id = g.student_id AND h.released_at IS NOT NULL
            )
        )
    ORDER BY g.assignment_id, g.student_id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.grade-changed.v1', a.id, a.school_id, a.version,
        jsonb_build_object(
            'assignment_id', a.id, 'classroom_id', a.classroom_id,
            'results', jsonb_agg(grade_state(page.state) ORDER BY page.id)
        ),
        %(traceparent)s
    FROM page
    INNER JOIN assignments AS a ON a.id = page.parent
    GROUP BY a.id
)
SELECT parent, id FROM page ORDER BY parent, id;

-- name: republish_attempts
WITH page AS (
    SELECT t AS state, t.id
    FROM attempts AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status
            WHEN 'submitted' THEN 'classroom.attempt-submitted.v1' ELSE 'classroom.attempt-started.v1'
        END,
        id, (state).school_id, (state).version, attempt_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_quizzes
-- The job that tells quizzes tells all of these anew, as far as they may be known.
WITH page AS (
    SELECT assignment_id FROM quizzes
    WHERE assignment_id > %(after_id)s::uuid
    ORDER BY assignment_id
    LIMIT %(limit)s
), renewed AS (
    UPDATE quizzes AS q SET untold = TRUE, told_keys_version = 0
    FROM page
    WHERE q.assignment_id = page.assignment_id
), attempt AS (
    UPDATE attempts AS t SET told_marks_version = 0
    FROM page
    WHERE t.assignment_id = page.assignment_id AND t.told_marks_version > 0
)
SELECT assignment_id AS parent, assignment_id AS id FROM page ORDER BY assignment_id;

-- name: republish_submissions
WITH page AS (
    SELECT t AS state, t.id
    FROM submissions AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.submission-' || replace((state).status, '_', '-') || '.v1',
        id, (state).school_id, (state).version, submission_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_attachments
WITH page AS (
    SELECT t AS state, t.id
    FROM attachments AS t
    WHERE t.id > %(after_id)s::uuid
    ORDER BY t.id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        CASE (state).status
            WHEN 'removed' THEN 'classroom.attachment-removed.v1' ELSE 'classroom.attachment-added.v1'
        END,
        id, (state).school_id, (state).version, attachment_state(state), %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;

-- name: republish_points
-- Entries of the ledger, which never change.
WITH page AS (
    SELECT *
    FROM points_entries
    WHERE id > %(after_id)s::uuid
    ORDER BY id
    LIMIT %(limit)s
), told AS (
    INSERT INTO outbox (type, subject, school_id, sequence, data, traceparent)
    SELECT
        'classroom.points-awarded.v1', id, school_id, 1,
        jsonb_build_object(
            'entry_id', id, 'classroom_id', classroom_id, 'student_id', student_id, 'assignment_id', assignment_id,
            'topic_id', topic_id, 'points', points, 'reason', reason
        ),
        %(traceparent)s
    FROM page
)
SELECT id AS parent, id FROM page ORDER BY id;
