-- migrate:up

-- Homeroom was rolled out nowhere yet: no rows are rewritten, and no running service waits for these locks.
-- squawk-ignore-file adding-field-with-default, ban-drop-constraint, constraint-missing-not-valid, require-concurrent-index-creation
-- A due date is wall time beside its zone; the moment is derived from both.
-- squawk-ignore-file prefer-timestamp-tz

-- Copies of what files owns: whose file it is, and whether its bytes are whole.
CREATE TABLE files (
    file_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL,
    size bigint NOT NULL,
    content_type text NOT NULL,
    sha256 text NOT NULL,
    thumbnail boolean NOT NULL,
    status text NOT NULL CHECK (status IN ('ready', 'rejected', 'deleted')),
    version bigint NOT NULL
);

-- A file on something (`target_id`: an assignment, a submission, a question), and which students may read it there.
CREATE TABLE attachments (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    target_id uuid NOT NULL,
    assignment_id uuid,
    submission_id uuid,
    file_id uuid NOT NULL,
    position integer NOT NULL DEFAULT 0,
    attached_by uuid NOT NULL,
    audience text NOT NULL CHECK (audience IN ('members', 'teachers')),
    reader_ids uuid [] NOT NULL DEFAULT '{}',
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
    version bigint NOT NULL DEFAULT 1,
    -- A file that is attached again is the same row, so its versions go on.
    CONSTRAINT attachments_once UNIQUE (target_id, file_id),
    CONSTRAINT attachments_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE INDEX attachments_of_assignment ON attachments (assignment_id) WHERE status = 'active';
CREATE INDEX attachments_of_file ON attachments (file_id) WHERE status = 'active';

-- When work is due is kept as the clock shows it where it is due: moved by a week, it stays at the same hour.
ALTER TABLE assignments ADD COLUMN due_local timestamp;
ALTER TABLE assignments ADD COLUMN due_zone text NOT NULL DEFAULT 'UTC';
UPDATE assignments SET due_local = due_at AT TIME ZONE 'UTC';
ALTER TABLE assignments DROP COLUMN due_at;
ALTER TABLE assignments ADD COLUMN due_at timestamptz GENERATED ALWAYS AS (due_local AT TIME ZONE due_zone) STORED;

ALTER TABLE assignments DROP CONSTRAINT assignments_status_check;
ALTER TABLE assignments ADD CONSTRAINT assignments_status_check
CHECK (status IN ('draft', 'scheduled', 'published', 'deleted'));
ALTER TABLE assignments ADD COLUMN publish_at timestamptz;
-- What is scheduled has its time, and nothing else has.
ALTER TABLE assignments ADD CONSTRAINT assignments_scheduled_has_its_time
CHECK ((status = 'scheduled') = (publish_at IS NOT NULL));
CREATE INDEX assignments_scheduled ON assignments (publish_at) WHERE status = 'scheduled';

-- NULL: everybody in the classroom.
ALTER TABLE assignments ADD COLUMN assigned_to uuid [] CHECK (cardinality(assigned_to) BETWEEN 1 AND 5000);
-- Pages elsewhere: [{url, title}].
ALTER TABLE assignments ADD COLUMN links jsonb NOT NULL DEFAULT '[]';
-- How often work may be turned in (NULL: as often as one likes), and whether it may be after it was due.
ALTER TABLE assignments ADD COLUMN turn_in_limit integer CHECK (turn_in_limit BETWEEN 1 AND 100);
ALTER TABLE assignments ADD COLUMN accepts_late boolean NOT NULL DEFAULT TRUE;
-- Submissions that are turned in or returned; kept in the statement that changes them.
ALTER TABLE assignments ADD COLUMN turned_in_count integer NOT NULL DEFAULT 0 CHECK (turned_in_count >= 0);

-- `number` and `late_seconds` are of the turn-in or attempt that counts; `submissions` holds what each one scored.
ALTER TABLE grades ADD COLUMN excused boolean NOT NULL DEFAULT FALSE;
ALTER TABLE grades ADD COLUMN late_seconds bigint CHECK (late_seconds >= 0);
ALTER TABLE grades ADD COLUMN number integer CHECK (number >= 1);
ALTER TABLE grades ADD COLUMN submissions jsonb NOT NULL DEFAULT '[]';
-- Who is excused has no score, and so no zero.
ALTER TABLE grades ADD CONSTRAINT grades_excused_is_unscored CHECK (NOT excused OR score IS NULL);
ALTER TABLE grade_history ADD COLUMN excused boolean NOT NULL DEFAULT FALSE;
ALTER TABLE grade_history ADD COLUMN late_seconds bigint;
ALTER TABLE grade_history ADD COLUMN number integer;

-- One student's or one group's work. `version` orders its events; `revision` is what its editors compare.
CREATE TABLE submissions (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    group_id uuid,
    status text NOT NULL DEFAULT 'created' CHECK (status IN ('created', 'turned_in', 'reclaimed', 'returned')),
    body text NOT NULL DEFAULT '',
    -- Of the newest turn-in; 0: none yet.
    number integer NOT NULL DEFAULT 0 CHECK (number >= 0),
    turned_in_at timestamptz,
    version bigint NOT NULL DEFAULT 1,
    revision bigint NOT NULL DEFAULT 1,
    CONSTRAINT submissions_of_school UNIQUE (school_id, id),
    CONSTRAINT submissions_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id),
    CONSTRAINT submissions_turned_in_sometime CHECK ((number = 0) = (turned_in_at IS NULL)),
    CONSTRAINT submissions_new_are_not_turned_in CHECK ((status = 'created') = (number = 0))
);
CREATE INDEX submissions_of ON submissions (assignment_id, id);
CREATE UNIQUE INDEX submissions_group ON submissions (group_id) WHERE group_id IS NOT NULL;

CREATE TABLE submission_members (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    -- Nobody has two submissions of one assignment.
    PRIMARY KEY (assignment_id, student_id),
    CONSTRAINT submission_members_submission FOREIGN KEY (school_id, submission_id) REFERENCES submissions (school_id, id)
);
CREATE INDEX submission_members_of ON submission_members (submission_id);

-- What was turned in, when the server received it, and whose work it was then. Never changed.
CREATE TABLE turn_ins (
    submission_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    school_id uuid NOT NULL,
    body text NOT NULL,
    files jsonb NOT NULL,
    student_ids uuid [] NOT NULL,
    turned_in_by uuid NOT NULL,
    turned_in_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (submission_id, number),
    CONSTRAINT turn_ins_submission FOREIGN KEY (school_id, submission_id) REFERENCES submissions (school_id, id)
);

-- By how many seconds something came after it was due; NULL: it was not due at all.
CREATE FUNCTION late_by(at timestamptz, due_at timestamptz) RETURNS bigint
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT greatest(0, ceil(extract(EPOCH FROM at - due_at)))::bigint
    WHERE at IS NOT NULL AND due_at IS NOT NULL
$$;

-- The fragments that hold the work of some students in a classroom.
CREATE FUNCTION own_keys(classroom_id uuid, students uuid []) RETURNS text []
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg('own:' || classroom_id || ':' || student), '{}') FROM unnest(students) AS student
$$;

-- The fragments that show an assignment.
CREATE FUNCTION assignment_keys(assignment assignments) RETURNS text []
LANGUAGE sql IMMUTABLE AS $$
    SELECT ARRAY['student-view:' || assignment.classroom_id, 'teacher-view:' || assignment.classroom_id]
    || own_keys(assignment.classroom_id, assignment.assigned_to)
$$;

-- What each turn-in scored, one of them given or taken back (no score).
CREATE FUNCTION with_submission(
    known jsonb, number integer, score numeric, max_score numeric, late_seconds bigint
) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(jsonb_agg(entry ORDER BY (entry ->> 'number')::integer), '[]')
    FROM (
        SELECT entry FROM jsonb_array_elements(known) AS entry
        WHERE (entry ->> 'number')::integer IS DISTINCT FROM number
        UNION ALL
        SELECT jsonb_build_object(
            'number', number,
            'score', decimal_text(score),
            'max_score', decimal_text(max_score),
            'late_seconds', late_seconds
        )
        WHERE number IS NOT NULL AND score IS NOT NULL
    ) AS entries
$$;

CREATE FUNCTION attachment_state(attachment attachments) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'attachment_id', attachment.id,
        'file_id', attachment.file_id,
        'classroom_id', attachment.classroom_id,
        'assignment_id', attachment.assignment_id,
        'submission_id', attachment.submission_id,
        'attached_by', attachment.attached_by,
        'audience', attachment.audience,
        'reader_ids', attachment.reader_ids,
        'status', attachment.status
    )
$$;

-- The files of something, in their order, as the API shows them.
CREATE FUNCTION attached_files(target uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT coalesce(
        jsonb_agg(
            jsonb_build_object(
                'file_id', f.file_id,
                'name', f.name,
                'size', f.size,
                'content_type', f.content_type,
                'sha256', f.sha256,
                'thumbnail', f.thumbnail
            )
            ORDER BY a.position, a.id
        ),
        '[]'
    )
    FROM attachments AS a
    INNER JOIN files AS f ON a.file_id = f.file_id
    WHERE a.target_id = target AND a.status = 'active' AND f.status = 'ready'
$$;

CREATE FUNCTION submission_state(submission submissions) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'submission_id', submission.id,
        'assignment_id', submission.assignment_id,
        'classroom_id', a.classroom_id,
        'student_ids', ARRAY(
            SELECT m.student_id FROM submission_members AS m
            WHERE m.submission_id = submission.id
            ORDER BY m.student_id
        ),
        'status', submission.status,
        'number', submission.number,
        'turned_in_at', moment(submission.turned_in_at),
        'late_seconds', late_by(submission.turned_in_at, a.due_at)
    )
    FROM assignments AS a
    WHERE a.id = submission.assignment_id
$$;

CREATE OR REPLACE FUNCTION assignment_state(assignment assignments) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'assignment_id', assignment.id,
        'classroom_id', assignment.classroom_id,
        'topic_id', assignment.topic_id,
        'kind', assignment.kind,
        'title', assignment.title,
        'points_possible', decimal_text(assignment.points_possible),
        'due_at', moment(assignment.due_at),
        'counts', assignment.counts,
        'assigned_to', assignment.assigned_to,
        'status', assignment.status
    )
$$;

-- An assignment as the bootstrap shows it; counts and plans to its teachers alone.
CREATE FUNCTION assignment_shown(assignment assignments, teacher boolean) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', assignment.id,
        'topic_id', assignment.topic_id,
        'kind', assignment.kind,
        'title', assignment.title,
        'description', assignment.description,
        'due_at', moment(assignment.due_at),
        'due_local', to_char(assignment.due_local, 'YYYY-MM-DD"T"HH24:MI:SS'),
        'due_zone', assignment.due_zone,
        'points_possible', decimal_text(assignment.points_possible),
        'status', assignment.status,
        'publish_at', CASE WHEN teacher THEN moment(assignment.publish_at) END,
        'assigned_to', CASE WHEN teacher THEN assignment.assigned_to END,
        'files', attached_files(assignment.id),
        'links', assignment.links,
        'turn_in_limit', assignment.turn_in_limit,
        'accepts_late', assignment.accepts_late,
        'counts', assignment.counts,
        'grade_count', CASE WHEN teacher THEN assignment.grade_count END,
        'released_count', CASE WHEN teacher THEN assignment.released_count END,
        'turned_in_count', CASE WHEN teacher THEN assignment.turned_in_count END,
        'revision', assignment.revision
    )
$$;

-- One result of a grade event; a grade that is not released shows nothing but that it is there.
CREATE OR REPLACE FUNCTION grade_state(grade grades) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'student_id', grade.student_id,
        'score', CASE WHEN grade.released_at IS NOT NULL THEN decimal_text(grade.score) END,
        'max_score', decimal_text(grade.max_score),
        'late', grade.late,
        'excused', grade.excused AND grade.released_at IS NOT NULL,
        'late_seconds', grade.late_seconds,
        'submissions', CASE WHEN grade.released_at IS NOT NULL THEN grade.submissions ELSE '[]' END,
        'version', grade.version,
        'graded_at', moment(grade.graded_at)
    )
$$;

-- migrate:down

DROP FUNCTION assignment_shown(assignments, boolean), assignment_keys(assignments), own_keys(uuid, uuid []),
with_submission(jsonb, integer, numeric, numeric, bigint), submission_state(submissions), attached_files(uuid), attachment_state(attachments),
late_by(timestamptz, timestamptz);
DROP TABLE turn_ins, submission_members, submissions, attachments, files;
ALTER TABLE grade_history DROP COLUMN excused, DROP COLUMN late_seconds, DROP COLUMN number;
ALTER TABLE grades DROP COLUMN excused, DROP COLUMN late_seconds, DROP COLUMN number, DROP COLUMN submissions;
DELETE FROM assignments WHERE status = 'scheduled';
ALTER TABLE assignments DROP COLUMN due_at, DROP COLUMN publish_at, DROP COLUMN assigned_to, DROP COLUMN links, DROP COLUMN turn_in_limit,
DROP COLUMN accepts_late, DROP COLUMN turned_in_count;
ALTER TABLE assignments ADD COLUMN due_at timestamptz;
UPDATE assignments SET due_at = due_local AT TIME ZONE due_zone;
ALTER TABLE assignments DROP COLUMN due_local, DROP COLUMN due_zone;
