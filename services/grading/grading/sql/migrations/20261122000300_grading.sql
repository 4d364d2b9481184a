-- migrate:up

-- Copies of what auth and classroom own, fed by their events. A row is replaced only by a higher version and
-- never deleted, so that order can take nothing back; no foreign keys, because order among types is arbitrary.

CREATE TABLE accounts (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    email text,
    name text NOT NULL,
    role text NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    -- A person has one membership in each school.
    PRIMARY KEY (school_id, account_id)
);
-- The admin's list of teachers, by name.
CREATE INDEX accounts_teachers ON accounts (school_id, name, account_id) WHERE role = 'teacher' AND status = 'active';

CREATE TABLE classrooms (
    classroom_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    title text NOT NULL,
    subject text,
    term_title text,
    term_starts_on date,
    term_ends_on date,
    status text NOT NULL,
    version bigint NOT NULL
);

CREATE TABLE teachers (
    classroom_id uuid NOT NULL,
    teacher_id uuid NOT NULL,
    school_id uuid NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (classroom_id, teacher_id)
);
CREATE INDEX teachers_classrooms ON teachers (teacher_id) INCLUDE (classroom_id) WHERE status = 'active';

CREATE TABLE enrolments (
    classroom_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (classroom_id, student_id)
);

CREATE TABLE topics (
    topic_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    title text NOT NULL,
    position integer NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX topics_classroom ON topics (classroom_id);

CREATE TABLE assignments (
    assignment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    topic_id uuid,
    kind text NOT NULL,
    title text NOT NULL,
    points_possible numeric,
    due_at timestamptz,
    status text NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX assignments_classroom ON assignments (classroom_id);

-- One fact per student and assignment. A withdrawn result stays as a tombstone without a score.
CREATE TABLE facts (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    school_id uuid NOT NULL,
    score numeric,
    max_score numeric NOT NULL,
    -- A result out of nothing has no percent.
    percent numeric GENERATED ALWAYS AS (trim_scale(round(100 * score / nullif(max_score, 0), 12))) STORED,
    late boolean NOT NULL,
    graded_at timestamptz NOT NULL,
    -- Known of the copies: the assignment is a quiz; it is published and the student actively enrolled.
    quiz boolean NOT NULL,
    counted boolean NOT NULL,
    version bigint NOT NULL,
    PRIMARY KEY (assignment_id, student_id)
);
-- What each student of a classroom has is read from this index alone.
CREATE INDEX facts_classroom ON facts (classroom_id, student_id) INCLUDE (assignment_id, quiz, counted, percent);

-- What spans classrooms is summed from here: students enrolled, and the counted quiz results and their percents.
CREATE TABLE classroom_totals (
    classroom_id uuid PRIMARY KEY,
    students bigint NOT NULL DEFAULT 0,
    results bigint NOT NULL DEFAULT 0,
    percent_sum numeric NOT NULL DEFAULT 0
);

-- The same results by the month they were graded in (UTC), for trends.
CREATE TABLE classroom_months (
    classroom_id uuid NOT NULL,
    month date NOT NULL,
    results bigint NOT NULL,
    percent_sum numeric NOT NULL,
    PRIMARY KEY (classroom_id, month)
);

-- How many counted results of an assignment have which percent: percents repeat, so whatever a classroom's results
-- are asked for, far fewer rows than results are read. A percent that nobody has any more stays with 0 results.
CREATE TABLE percents (
    classroom_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    percent numeric NOT NULL,
    results bigint NOT NULL,
    PRIMARY KEY (classroom_id, assignment_id, percent)
);

-- Statement triggers keep the totals: no writer of facts or enrolments can forget them. Each fires once for the rows
-- a statement took away (sign -1) and once for those it put there (sign 1).
CREATE FUNCTION keep_result_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO percents AS kept
    SELECT classroom_id, assignment_id, percent, TG_ARGV[0]::bigint * count(*) FROM changed
    WHERE counted AND percent IS NOT NULL
    GROUP BY classroom_id, assignment_id, percent ORDER BY classroom_id, assignment_id, percent
    ON CONFLICT (classroom_id, assignment_id, percent) DO UPDATE SET results = kept.results + excluded.results;

    WITH delta AS (
        SELECT
            classroom_id,
            date_trunc('month', graded_at AT TIME ZONE 'UTC')::date AS month,
            TG_ARGV[0]::bigint * count(*) AS results,
            TG_ARGV[0]::bigint * sum(percent) AS percent_sum
        FROM changed
        WHERE counted AND quiz AND percent IS NOT NULL
        GROUP BY classroom_id, month
    ), months AS (
        INSERT INTO classroom_months AS kept
        SELECT classroom_id, month, results, percent_sum FROM delta ORDER BY classroom_id, month
        ON CONFLICT (classroom_id, month) DO UPDATE
        SET results = kept.results + excluded.results, percent_sum = kept.percent_sum + excluded.percent_sum
    )
    INSERT INTO classroom_totals AS kept (classroom_id, results, percent_sum)
    SELECT classroom_id, sum(results), sum(percent_sum) FROM delta GROUP BY classroom_id ORDER BY classroom_id
    ON CONFLICT (classroom_id) DO UPDATE
    SET results = kept.results + excluded.results, percent_sum = kept.percent_sum + excluded.percent_sum;
    RETURN NULL;
END
$$;

CREATE FUNCTION keep_student_totals() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO classroom_totals AS kept (classroom_id, students)
    SELECT classroom_id, TG_ARGV[0]::bigint * count(*) FROM changed WHERE status = 'active'
    GROUP BY classroom_id ORDER BY classroom_id
    ON CONFLICT (classroom_id) DO UPDATE SET students = kept.students + excluded.students;
    RETURN NULL;
END
$$;

CREATE TRIGGER facts_inserted AFTER INSERT ON facts
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_result_totals('1');
CREATE TRIGGER facts_deleted AFTER DELETE ON facts
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_result_totals('-1');
CREATE TRIGGER facts_updated_from AFTER UPDATE ON facts
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_result_totals('-1');
CREATE TRIGGER facts_updated_to AFTER UPDATE ON facts
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_result_totals('1');

CREATE TRIGGER enrolments_inserted AFTER INSERT ON enrolments
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_student_totals('1');
CREATE TRIGGER enrolments_deleted AFTER DELETE ON enrolments
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_student_totals('-1');
CREATE TRIGGER enrolments_updated_from AFTER UPDATE ON enrolments
REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_student_totals('-1');
CREATE TRIGGER enrolments_updated_to AFTER UPDATE ON enrolments
REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION keep_student_totals('1');

-- migrate:down

DROP TABLE percents, classroom_months, classroom_totals, facts, assignments, topics, enrolments, teachers, classrooms, accounts;
DROP FUNCTION keep_result_totals, keep_student_totals;
