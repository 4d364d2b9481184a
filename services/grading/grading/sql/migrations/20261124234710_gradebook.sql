-- migrate:up

-- What the gradebook needs of an assignment beyond its figures. Null `assigned_to`: everybody.
ALTER TABLE assignments ADD COLUMN counts text, ADD COLUMN assigned_to uuid [];

-- `submissions`: [{number, score, max_score, late_seconds}], every released graded one, so that a late policy is
-- applied to each before the best is chosen. An excused result has no score and is no zero.
ALTER TABLE facts
ADD COLUMN excused boolean NOT NULL DEFAULT FALSE,
ADD COLUMN late_seconds bigint,
ADD COLUMN submissions jsonb;

-- Work that came in, graded or not: `source_id` is the submission or the attempt, `version` is of that.
CREATE TABLE handed_in (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    source_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    school_id uuid NOT NULL,
    handed_in boolean NOT NULL,
    at timestamptz,
    version bigint NOT NULL,
    PRIMARY KEY (source_id, student_id)
);
CREATE INDEX handed_in_classroom ON handed_in (classroom_id, student_id) INCLUDE (assignment_id, at) WHERE handed_in;

-- How a classroom's totals are made. No row: the policy of a classroom that nobody has set one for.
CREATE TABLE policies (
    classroom_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    policy jsonb NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- What it was at each version; written in the statement that changes it.
CREATE TABLE policy_history (
    classroom_id uuid NOT NULL,
    version bigint NOT NULL,
    school_id uuid NOT NULL,
    policy jsonb NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (classroom_id, version)
);

-- A total that a teacher sets by hand; a null percent takes it back.
CREATE TABLE overrides (
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    percent numeric CHECK (percent >= 0),
    reason text NOT NULL CHECK (length(reason) BETWEEN 1 AND 1000),
    version bigint NOT NULL DEFAULT 1,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (classroom_id, student_id)
);

CREATE TABLE override_history (
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    version bigint NOT NULL,
    school_id uuid NOT NULL,
    percent numeric,
    reason text NOT NULL,
    changed_by uuid NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (classroom_id, student_id, version)
);

-- migrate:down

DROP TABLE override_history, overrides, policy_history, policies, handed_in;
ALTER TABLE facts DROP COLUMN submissions, DROP COLUMN late_seconds, DROP COLUMN excused;
ALTER TABLE assignments DROP COLUMN assigned_to, DROP COLUMN counts;
