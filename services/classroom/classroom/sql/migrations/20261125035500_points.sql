-- migrate:up

-- Homeroom was rolled out nowhere yet: no running service waits for these locks.
-- squawk-ignore-file require-concurrent-index-creation, constraint-missing-not-valid, adding-foreign-key-constraint

ALTER TABLE classrooms ADD COLUMN leaderboard_shown boolean NOT NULL DEFAULT TRUE;

-- Points as a ledger: what was given, and as counter-entries what was taken back; never changed. A topic's entries are
-- its badge. `number` counts the entries of one reason for one subject, so that none is ever written twice.
CREATE TABLE points_entries (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    reason text NOT NULL CHECK (reason IN ('on_time', 'quiz', 'topic')),
    assignment_id uuid,
    topic_id uuid,
    number integer NOT NULL CHECK (number >= 1),
    points integer NOT NULL CHECK (points <> 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT points_entries_have_a_subject CHECK (
        num_nonnulls(assignment_id, topic_id) = 1 AND (reason = 'topic') = (topic_id IS NOT NULL)
    ),
    CONSTRAINT points_entries_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE UNIQUE INDEX points_entries_once
ON points_entries (student_id, coalesce(assignment_id, topic_id), reason, number);
CREATE INDEX points_entries_of ON points_entries (classroom_id, student_id) INCLUDE (points, reason);
CREATE INDEX points_entries_by ON points_entries (school_id, student_id, id);

CREATE FUNCTION points_entries_stay() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION 'an entry of the ledger is never changed'; END $$;
CREATE TRIGGER points_entries_stay BEFORE UPDATE ON points_entries
FOR EACH ROW EXECUTE FUNCTION points_entries_stay();

-- Whether a student has turned in, or handed in, what an assignment asks of them.
CREATE FUNCTION is_done(student uuid, assignment uuid) RETURNS boolean LANGUAGE sql STABLE
AS $$
    SELECT
        EXISTS (
            SELECT FROM submission_members AS m
            INNER JOIN submissions AS s ON m.submission_id = s.id
            WHERE m.assignment_id = assignment AND m.student_id = student AND s.status IN ('turned_in', 'returned')
        )
        OR EXISTS (
            SELECT FROM attempts AS t
            WHERE t.assignment_id = assignment AND t.student_id = student AND t.status = 'submitted'
        )
$$;

-- What a student's work is worth now: 5 points for work turned in on time; for a quiz taken here, once its result is
-- released, a point for each whole tenth of the score; 10 for a topic with nothing left to do.
CREATE FUNCTION points_due(reason text, student uuid, subject uuid) RETURNS integer LANGUAGE sql STABLE
AS $$
    SELECT coalesce(
        CASE reason
            WHEN 'on_time' THEN (
                SELECT 5
                FROM assignments AS a
                INNER JOIN submission_members AS m ON a.id = m.assignment_id AND m.student_id = student
                INNER JOIN submissions AS s ON m.submission_id = s.id
                WHERE
                    a.id = subject AND a.status = 'published' AND s.status IN ('turned_in', 'returned')
                    AND s.turned_in_at <= coalesce(a.due_at, 'infinity')
            )
            WHEN 'quiz' THEN (
                SELECT least(10, floor(10 * g.score / g.max_score))::integer
                FROM assignments AS a
                INNER JOIN grades AS g ON a.id = g.assignment_id AND g.student_id = student
                WHERE
                    a.id = subject AND a.status = 'published' AND a.kind = 'quiz' AND g.released_at IS NOT NULL
                    AND is_done(student, a.id)
            )
            WHEN 'topic' THEN (
                SELECT 10
                FROM assignments AS a
                WHERE
                    a.topic_id = subject AND a.status = 'published'
                    AND a.kind IN ('classwork', 'homework', 'group', 'quiz')
                    AND (a.assigned_to IS NULL OR student = ANY(a.assigned_to))
                HAVING bool_and(is_done(student, a.id))
            )
        END, 0
    )
$$;

-- Enter the difference between what work is worth and what was entered for it, for students who attend; also for the
-- topics of the assignments. One at a time for each student: two pieces of work may finish a topic in one moment.
CREATE FUNCTION settle_points(of_students uuid [], of_assignments uuid [], of_topics uuid [] DEFAULT '{}')
RETURNS void LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('points:' || student, 0))
    FROM (SELECT DISTINCT student FROM unnest(of_students) AS student ORDER BY student) AS who;
    WITH subject AS (
        SELECT student, a.school_id, a.classroom_id, reason, a.id AS assignment_id, NULL::uuid AS topic_id
        FROM assignments AS a
        CROSS JOIN unnest(of_students) AS student
        CROSS JOIN unnest(ARRAY['on_time', 'quiz']) AS reason
        WHERE a.id = ANY(of_assignments)
        UNION
        SELECT student, t.school_id, t.classroom_id, 'topic', NULL, t.id
        FROM topics AS t
        CROSS JOIN unnest(of_students) AS student
        WHERE
            t.id = ANY(of_topics)
            OR t.id = ANY(ARRAY(SELECT a.topic_id FROM assignments AS a WHERE a.id = ANY(of_assignments)))
    ),

    difference AS (
        SELECT
            s.*,
            points_due(s.reason, s.student, coalesce(s.assignment_id, s.topic_id)) - coalesce(known.points, 0) AS points,
            known.entries + 1 AS number
        FROM subject AS s
        INNER JOIN enrolments AS e
            ON s.classroom_id = e.classroom_id AND s.student = e.student_id AND e.status = 'active'
        CROSS JOIN LATERAL (
            SELECT sum(p.points) AS points, count(*) AS entries
            FROM points_entries AS p
            WHERE
                p.student_id = s.student AND p.reason = s.reason
                AND coalesce(p.assignment_id, p.topic_id) = coalesce(s.assignment_id, s.topic_id)
        ) AS known
    ),

    entry AS (
        INSERT INTO points_entries (
            school_id, classroom_id, student_id, reason, assignment_id, topic_id, number, points
        )
        SELECT school_id, classroom_id, student, reason, assignment_id, topic_id, number, points
        FROM difference
        WHERE points <> 0
        RETURNING points_entries.*
    )

    INSERT INTO outbox (type, subject, school_id, sequence, data, invalidates)
    SELECT
        'classroom.points-awarded.v1', id, school_id, 1,
        jsonb_build_object(
            'entry_id', id, 'classroom_id', classroom_id, 'student_id', student_id, 'assignment_id', assignment_id,
            'topic_id', topic_id, 'points', points, 'reason', reason
        ),
        own_keys(classroom_id, ARRAY[student_id])
    FROM entry;
END
$$;

-- The ledger is kept by the tables that it follows from, so that no command, import or move can forget it.

CREATE FUNCTION settle_submission() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM settle_points(
        ARRAY(SELECT student_id FROM submission_members WHERE submission_id = new.id), ARRAY[new.assignment_id]
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER submissions_settle AFTER UPDATE OF status, turned_in_at ON submissions FOR EACH ROW
WHEN (old.status <> new.status OR old.turned_in_at IS DISTINCT FROM new.turned_in_at)
EXECUTE FUNCTION settle_submission();

CREATE FUNCTION settle_member() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    member submission_members := coalesce(new, old);
BEGIN
    IF EXISTS (SELECT FROM submissions WHERE id IN (new.submission_id, old.submission_id) AND number > 0) THEN
        PERFORM settle_points(ARRAY[member.student_id], ARRAY[member.assignment_id]);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER submission_members_settle AFTER INSERT OR UPDATE OR DELETE ON submission_members
FOR EACH ROW EXECUTE FUNCTION settle_member();

CREATE FUNCTION settle_attempt() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM settle_points(ARRAY[new.student_id], ARRAY[new.assignment_id]);
    RETURN NULL;
END
$$;
CREATE TRIGGER attempts_settle AFTER UPDATE OF status ON attempts FOR EACH ROW
WHEN (old.status <> new.status AND 'submitted' IN (old.status, new.status))
EXECUTE FUNCTION settle_attempt();

-- Imported results were not earned here: they have no attempt.
CREATE FUNCTION settle_grades() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    of_students uuid [];
    of_assignments uuid [];
BEGIN
    SELECT array_agg(DISTINCT g.student_id), array_agg(DISTINCT g.assignment_id)
    INTO of_students, of_assignments
    FROM changed AS g
    INNER JOIN attempts AS t ON g.assignment_id = t.assignment_id AND g.student_id = t.student_id;
    IF of_students IS NOT NULL THEN
        PERFORM settle_points(of_students, of_assignments);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER grades_settle_new AFTER INSERT ON grades REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION settle_grades();
CREATE TRIGGER grades_settle AFTER UPDATE ON grades REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION settle_grades();

-- A due date, a topic, who it is for or whether it is there: of everybody who did something of it, or whose badge hangs
-- on it.
CREATE FUNCTION settle_assignment() RETURNS trigger LANGUAGE plpgsql
AS $$
DECLARE
    of_topics uuid [] := array_remove(ARRAY[new.topic_id, CASE WHEN tg_op = 'UPDATE' THEN old.topic_id END], NULL);
    of_students uuid [];
BEGIN
    of_students := ARRAY(
        SELECT m.student_id FROM submission_members AS m WHERE m.assignment_id = new.id
        UNION
        SELECT t.student_id FROM attempts AS t WHERE t.assignment_id = new.id
        UNION
        SELECT m.student_id
        FROM assignments AS a
        INNER JOIN submission_members AS m ON a.id = m.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT t.student_id
        FROM assignments AS a
        INNER JOIN attempts AS t ON a.id = t.assignment_id
        WHERE a.topic_id = ANY(of_topics)
        UNION
        SELECT p.student_id FROM points_entries AS p WHERE p.topic_id = ANY(of_topics)
    );
    IF cardinality(of_students) > 0 THEN
        PERFORM settle_points(of_students, ARRAY[new.id], of_topics);
    END IF;
    RETURN NULL;
END
$$;
CREATE INDEX points_entries_badges ON points_entries (topic_id) WHERE topic_id IS NOT NULL;
CREATE TRIGGER assignments_settle_new AFTER INSERT ON assignments FOR EACH ROW
WHEN (new.status = 'published' AND new.topic_id IS NOT NULL)
EXECUTE FUNCTION settle_assignment();
CREATE TRIGGER assignments_settle AFTER UPDATE OF status, topic_id, assigned_to, due_local, due_zone ON assignments
FOR EACH ROW
WHEN (
    old.status <> new.status OR old.topic_id IS DISTINCT FROM new.topic_id
    OR old.assigned_to IS DISTINCT FROM new.assigned_to OR old.due_at IS DISTINCT FROM new.due_at
)
EXECUTE FUNCTION settle_assignment();

-- Who comes back finds what changed meanwhile.
CREATE FUNCTION settle_enrolment() RETURNS trigger LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM settle_points(
        ARRAY[new.student_id],
        ARRAY(
            SELECT a.id FROM assignments AS a
            WHERE
                a.classroom_id = new.classroom_id AND (
                    EXISTS (
                        SELECT FROM submission_members AS m
                        WHERE m.assignment_id = a.id AND m.student_id = new.student_id
                    )
                    OR EXISTS (
                        SELECT FROM attempts AS t WHERE t.assignment_id = a.id AND t.student_id = new.student_id
                    )
                )
        ),
        ARRAY(SELECT t.id FROM topics AS t WHERE t.classroom_id = new.classroom_id)
    );
    RETURN NULL;
END
$$;
CREATE TRIGGER enrolments_settle AFTER UPDATE OF status ON enrolments FOR EACH ROW
WHEN (old.status = 'removed' AND new.status = 'active')
EXECUTE FUNCTION settle_enrolment();

-- migrate:down

DROP TRIGGER enrolments_settle ON enrolments;
DROP TRIGGER assignments_settle ON assignments;
DROP TRIGGER assignments_settle_new ON assignments;
DROP TRIGGER grades_settle ON grades;
DROP TRIGGER grades_settle_new ON grades;
DROP TRIGGER attempts_settle ON attempts;
DROP TRIGGER submission_members_settle ON submission_members;
DROP TRIGGER submissions_settle ON submissions;
DROP FUNCTION settle_enrolment(), settle_assignment(), settle_grades(), settle_attempt(), settle_member(),
settle_submission(), settle_points(uuid [], uuid [], uuid []), points_due(text, uuid, uuid), is_done(uuid, uuid);
DROP TABLE points_entries;
DROP FUNCTION points_entries_stay();
ALTER TABLE classrooms DROP COLUMN leaderboard_shown;
