-- migrate:up

-- squawk-ignore-file require-concurrent-index-creation

-- Who is at risk in a classroom and why, as it was judged last; nobody who is not.
CREATE TABLE students_at_risk (
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    reasons text [] NOT NULL,
    results bigint NOT NULL,
    average numeric,
    recent numeric,
    earlier numeric,
    due bigint NOT NULL,
    missing bigint NOT NULL,
    PRIMARY KEY (classroom_id, student_id),
    CONSTRAINT students_at_risk_have_reasons CHECK (reasons <> '{}')
);
-- The order of the list: most reasons first, then the lowest average.
CREATE INDEX students_at_risk_order ON students_at_risk (
    classroom_id, (-cardinality(reasons)), (coalesce(average, 0)), student_id
);

-- Which classrooms are to be judged again: `wanted` grows whenever something changes that is judged, `judged` is what it
-- was then; and at `again_at` the next work is overdue.
CREATE TABLE judgements (
    classroom_id uuid PRIMARY KEY,
    wanted bigint NOT NULL DEFAULT 1,
    judged bigint NOT NULL DEFAULT 0,
    judged_at timestamptz,
    again_at timestamptz
);
CREATE INDEX judgements_wanted ON judgements (classroom_id) WHERE judged < wanted;
CREATE INDEX judgements_again ON judgements (again_at);

INSERT INTO judgements (classroom_id) SELECT DISTINCT classroom_id FROM enrolments;

-- migrate:down

DROP TABLE judgements, students_at_risk;
