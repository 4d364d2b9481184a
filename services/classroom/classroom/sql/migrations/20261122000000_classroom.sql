-- migrate:up

-- Copies of what auth owns, fed by its events; a row of higher version wins, and nothing refers to them.
CREATE TABLE schools (
    school_id uuid PRIMARY KEY,
    name text NOT NULL,
    version bigint NOT NULL
);
CREATE TABLE accounts (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    email text,
    name text NOT NULL,
    role text NOT NULL CHECK (role IN ('admin', 'teacher', 'student')),
    status text NOT NULL CHECK (status IN ('active', 'deactivated')),
    source_id text,
    version bigint NOT NULL,
    PRIMARY KEY (school_id, account_id)
);
-- An import finds its people by this; not unique, for a copy must take what its owner says.
CREATE INDEX accounts_source ON accounts (school_id, source_id) WHERE source_id IS NOT NULL;

-- Packages whose accounts are all here, so that classrooms of the same package may be filled.
CREATE TABLE imported_rosters (
    school_id uuid NOT NULL,
    package_sha256 text NOT NULL,
    roster_id uuid NOT NULL,
    imported_at timestamptz NOT NULL,
    PRIMARY KEY (school_id, package_sha256)
);

-- Raised by changes that touch too many fragments to name: a cached fragment of an older epoch is refused.
CREATE TABLE cache_epochs (
    school_id uuid PRIMARY KEY,
    epoch bigint NOT NULL
);

CREATE TABLE terms (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    starts_on date NOT NULL,
    ends_on date NOT NULL,
    source_id text,
    CONSTRAINT terms_of_school UNIQUE (school_id, id),
    -- An imported session is one row, however often it is imported.
    CONSTRAINT terms_source UNIQUE (school_id, source_id)
);

CREATE TABLE classrooms (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    subject text CHECK (length(subject) BETWEEN 1 AND 500),
    colour text CHECK (colour ~ '^#[0-9a-f]{6}$'),
    term_id uuid,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'archived', 'deleted')),
    -- Null: joining by code is disabled.
    join_code text CHECK (join_code ~ '^[A-HJ-NP-Z2-9]{8}$'),
    join_code_expires_at timestamptz,
    -- Kept in the statement that changes who is in, so that no read counts.
    student_count integer NOT NULL DEFAULT 0 CHECK (student_count >= 0),
    teacher_count integer NOT NULL DEFAULT 0 CHECK (teacher_count >= 0),
    source_id text,
    version bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- Children refer to both, so that none can ever hang under a classroom of another school.
    CONSTRAINT classrooms_of_school UNIQUE (school_id, id),
    CONSTRAINT classrooms_source UNIQUE (school_id, source_id),
    CONSTRAINT classrooms_term FOREIGN KEY (school_id, term_id) REFERENCES terms (school_id, id),
    CONSTRAINT classrooms_expiry_needs_code CHECK (join_code IS NOT NULL OR join_code_expires_at IS NULL)
);
-- A code opens one classroom of a school; a deleted classroom has none.
CREATE UNIQUE INDEX classrooms_join_code ON classrooms (school_id, join_code) WHERE join_code IS NOT NULL;
CREATE INDEX classrooms_listed ON classrooms (school_id, title, id) WHERE status <> 'deleted';
CREATE INDEX classrooms_in_term ON classrooms (term_id) WHERE term_id IS NOT NULL;

CREATE TABLE classroom_teachers (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
    version bigint NOT NULL DEFAULT 1,
    -- A teacher who comes back is the same row, so its versions go on.
    CONSTRAINT classroom_teachers_once UNIQUE (classroom_id, teacher_id),
    CONSTRAINT classroom_teachers_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE INDEX classroom_teachers_of ON classroom_teachers (school_id, teacher_id) WHERE status = 'active';

CREATE TABLE enrolments (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'removed')),
    version bigint NOT NULL DEFAULT 1,
    -- A student who comes back is the same row, so their work comes back too.
    CONSTRAINT enrolments_once UNIQUE (classroom_id, student_id),
    CONSTRAINT enrolments_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE INDEX enrolments_of ON enrolments (school_id, student_id) WHERE status = 'active';

CREATE TABLE topics (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    position integer NOT NULL CHECK (position >= 0),
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'deleted')),
    -- The category it was imported from; its title is what an import knows it by.
    source_id text,
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT topics_of_classroom UNIQUE (school_id, classroom_id, id),
    CONSTRAINT topics_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
-- Two living topics of a classroom never share a title; a deleted one frees it.
CREATE UNIQUE INDEX topics_title ON topics (classroom_id, lower(title)) WHERE status = 'active';

CREATE TABLE assignments (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    topic_id uuid,
    kind text NOT NULL CHECK (kind IN ('material', 'lecture', 'classwork', 'homework', 'quiz', 'group')),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 500),
    description text NOT NULL DEFAULT '',
    due_at timestamptz,
    points_possible numeric CHECK (points_possible > 0),
    status text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'published', 'deleted')),
    was_published boolean NOT NULL DEFAULT FALSE,
    counts text CHECK (counts IN ('best', 'latest', 'first', 'average')),
    source_id text,
    -- Kept in the statement that grades.
    grade_count integer NOT NULL DEFAULT 0 CHECK (grade_count >= 0),
    released_count integer NOT NULL DEFAULT 0 CHECK (released_count BETWEEN 0 AND grade_count),
    -- `version` orders the events of the assignment and of its grades; `revision` is what editors compare.
    version bigint NOT NULL DEFAULT 1,
    revision bigint NOT NULL DEFAULT 1,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT assignments_of_school UNIQUE (school_id, id),
    CONSTRAINT assignments_source UNIQUE (school_id, source_id),
    CONSTRAINT assignments_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id),
    CONSTRAINT assignments_topic FOREIGN KEY (school_id, classroom_id, topic_id)
    REFERENCES topics (school_id, classroom_id, id),
    -- Every quiz says which attempt counts, and nothing else does.
    CONSTRAINT assignments_counts CHECK ((kind = 'quiz') = (counts IS NOT NULL)),
    CONSTRAINT assignments_material_is_ungraded CHECK (kind <> 'material' OR points_possible IS NULL),
    CONSTRAINT assignments_published_is_known CHECK (status <> 'published' OR was_published)
);
CREATE INDEX assignments_in ON assignments (classroom_id, id) WHERE status <> 'deleted';
CREATE INDEX assignments_of_topic ON assignments (topic_id) WHERE topic_id IS NOT NULL;

-- One grade per student and assignment; without `released_at` a draft, which no student ever sees.
CREATE TABLE grades (
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    score numeric CHECK (score >= 0),
    max_score numeric NOT NULL CHECK (max_score > 0),
    late boolean NOT NULL DEFAULT FALSE,
    feedback text NOT NULL DEFAULT '',
    released_at timestamptz,
    graded_at timestamptz NOT NULL DEFAULT now(),
    -- Null: an import.
    graded_by uuid,
    version bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (assignment_id, student_id),
    CONSTRAINT grades_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id)
);

-- What a grade was at each version and who made it so; written in the statement that changes the grade.
CREATE TABLE grade_history (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    version bigint NOT NULL,
    school_id uuid NOT NULL,
    score numeric,
    max_score numeric NOT NULL,
    late boolean NOT NULL,
    feedback text NOT NULL,
    released_at timestamptz,
    graded_by uuid,
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (assignment_id, student_id, version)
);

-- Imports of OneRoster packages; a worker holds a job by its lease.
CREATE TABLE rosters (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    status text NOT NULL DEFAULT 'uploading'
    CHECK (status IN ('uploading', 'validating', 'waiting', 'applying', 'done', 'failed')),
    dry_run boolean NOT NULL,
    options jsonb NOT NULL DEFAULT '{}',
    size bigint NOT NULL DEFAULT 0,
    package_sha256 text CHECK (package_sha256 ~ '^[0-9a-f]{64}$'),
    progress jsonb NOT NULL DEFAULT '{}',
    report jsonb,
    changes jsonb NOT NULL DEFAULT '{}',
    attempts smallint NOT NULL DEFAULT 0,
    worker uuid,
    leased_until timestamptz,
    traceparent text,
    created_at timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    -- Only an upload that goes on has no hash yet.
    CONSTRAINT rosters_package_is_whole CHECK (status = 'uploading' OR package_sha256 IS NOT NULL)
);
CREATE INDEX rosters_of_school ON rosters (school_id, id);
CREATE INDEX rosters_unfinished ON rosters (id) WHERE status NOT IN ('done', 'failed');

-- The bytes of a package until its import ends.
CREATE TABLE roster_chunks (
    roster_id uuid NOT NULL REFERENCES rosters ON DELETE CASCADE,
    number integer NOT NULL CHECK (number >= 0),
    data bytea NOT NULL,
    PRIMARY KEY (roster_id, number)
);
-- A zip does not get smaller.
ALTER TABLE roster_chunks ALTER COLUMN data SET STORAGE EXTERNAL;

-- The public state of each aggregate: what its events carry.

-- RFC 3339 in UTC.
CREATE FUNCTION moment(moment timestamptz) RETURNS text
LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT to_char(moment AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
$$;

-- A decimal as text without the zeros at its end.
CREATE FUNCTION decimal_text(value numeric) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT trim_scale(value)::text $$;

CREATE FUNCTION term_state(term_id uuid) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object('title', title, 'starts_on', starts_on, 'ends_on', ends_on)
    FROM terms WHERE id = term_id
$$;

CREATE FUNCTION classroom_state(classroom classrooms) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'classroom_id', classroom.id,
        'title', classroom.title,
        'subject', classroom.subject,
        'term', term_state(classroom.term_id),
        'status', classroom.status,
        'source_id', classroom.source_id
    )
$$;

CREATE FUNCTION teacher_state(teacher classroom_teachers) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'classroom_id', teacher.classroom_id, 'teacher_id', teacher.teacher_id, 'status', teacher.status
    )
$$;

CREATE FUNCTION enrolment_state(enrolment enrolments) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'classroom_id', enrolment.classroom_id, 'student_id', enrolment.student_id, 'status', enrolment.status
    )
$$;

CREATE FUNCTION topic_state(topic topics) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'topic_id', topic.id,
        'classroom_id', topic.classroom_id,
        'title', topic.title,
        'position', topic.position,
        'status', topic.status
    )
$$;

CREATE FUNCTION assignment_state(assignment assignments) RETURNS jsonb
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
        'status', assignment.status
    )
$$;

-- One result of a grade event; a grade that is not released shows no score.
CREATE FUNCTION grade_state(grade grades) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'student_id', grade.student_id,
        'score', CASE WHEN grade.released_at IS NOT NULL THEN decimal_text(grade.score) END,
        'max_score', decimal_text(grade.max_score),
        'late', grade.late,
        'version', grade.version,
        'graded_at', moment(grade.graded_at)
    )
$$;

-- migrate:down

DROP FUNCTION grade_state(grades), assignment_state(assignments), topic_state(topics), enrolment_state(enrolments),
teacher_state(classroom_teachers), classroom_state(classrooms), term_state(uuid), decimal_text(numeric),
moment(timestamptz);
DROP TABLE roster_chunks, rosters, grade_history, grades, assignments, topics, enrolments, classroom_teachers,
classrooms, terms, cache_epochs, imported_rosters, accounts, schools;
