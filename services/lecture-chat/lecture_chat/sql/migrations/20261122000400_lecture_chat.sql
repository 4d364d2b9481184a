-- migrate:up

-- Copies of what auth and classroom own, fed by their events. A row is replaced only by a higher version and
-- never deleted, so that order can take nothing back; no foreign keys, because order among types is arbitrary.

CREATE TABLE accounts (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (school_id, account_id)
);

CREATE TABLE classrooms (
    classroom_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE members (
    classroom_id uuid NOT NULL,
    account_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('teacher', 'student')),
    school_id uuid NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    -- Teaching and attending are told by different events, each with versions of its own.
    PRIMARY KEY (classroom_id, account_id, role)
);

CREATE TABLE assignments (
    assignment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL
);

-- One open session of a lecture.
CREATE TABLE live_lectures (
    lecture_id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    opened_by uuid NOT NULL,
    opened_at timestamptz NOT NULL DEFAULT now(),
    closed_at timestamptz CHECK (closed_at >= opened_at)
);
-- A lecture is given once at a time, however many teachers open it in the same second.
CREATE UNIQUE INDEX live_lectures_open ON live_lectures (assignment_id) WHERE closed_at IS NULL;
-- A classroom's lectures, newest first: ids sort by time.
CREATE INDEX live_lectures_classroom ON live_lectures (classroom_id, lecture_id);

-- migrate:down

DROP TABLE live_lectures, assignments, members, classrooms, accounts;
