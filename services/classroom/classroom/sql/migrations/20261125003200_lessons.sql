-- migrate:up

-- A student's or a group's own work as its members see it.
CREATE FUNCTION submission_shown(submission submissions) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'id', submission.id,
        'assignment_id', submission.assignment_id,
        'group_id', submission.group_id,
        'student_ids', ARRAY(
            SELECT m.student_id FROM submission_members AS m
            WHERE m.submission_id = submission.id
            ORDER BY m.student_id
        ),
        'status', submission.status,
        'body', submission.body,
        'files', attached_files(submission.id),
        'number', submission.number,
        'turned_in_at', moment(submission.turned_in_at),
        'late_seconds', late_by(submission.turned_in_at, a.due_at),
        'revision', submission.revision
    )
    FROM assignments AS a
    WHERE a.id = submission.assignment_id
$$;

-- On an assignment: to everybody it is for, or between one student (`student_id`) and the teachers.
CREATE TABLE comments (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    student_id uuid,
    author_id uuid NOT NULL,
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 20000),
    created_at timestamptz NOT NULL DEFAULT now(),
    edited_at timestamptz,
    CONSTRAINT comments_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id)
);
CREATE INDEX comments_of ON comments (assignment_id, student_id, id);
CREATE INDEX comments_by ON comments (school_id, author_id);

-- A student's own text on a lecture; `rev` is counted by its editor, and an older one never replaces a newer.
CREATE TABLE notes (
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    body text NOT NULL,
    rev bigint NOT NULL CHECK (rev >= 1),
    -- Where in the lecture's chat it was written; NULL: not during it.
    seq bigint CHECK (seq >= 0),
    updated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (assignment_id, student_id),
    CONSTRAINT notes_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id)
);
CREATE INDEX notes_by ON notes (school_id, student_id);

-- Copies of what lecture-chat owns.
CREATE TABLE live_lectures (
    lecture_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL,
    closed_at timestamptz,
    status text NOT NULL CHECK (status IN ('open', 'closed')),
    head_seq bigint NOT NULL,
    message_count bigint NOT NULL,
    -- [{student_id, seconds, first_joined_at, present, messages}]
    attendance jsonb NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX live_lectures_of ON live_lectures (assignment_id, opened_at);
CREATE INDEX live_lectures_open ON live_lectures (classroom_id) WHERE status = 'open';

-- A lecture that goes on now, as the bootstrap shows it.
CREATE FUNCTION lecture_shown(lecture live_lectures) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'lecture_id', lecture.lecture_id,
        'assignment_id', lecture.assignment_id,
        'opened_by', lecture.opened_by,
        'opened_at', moment(lecture.opened_at)
    )
$$;

-- migrate:down

DROP FUNCTION lecture_shown(live_lectures);
DROP TABLE live_lectures, notes, comments;
DROP FUNCTION submission_shown(submissions);
