-- migrate:up

-- Homeroom was rolled out nowhere yet: no rows are rewritten, and no running service waits for these locks.
-- squawk-ignore-file require-concurrent-index-creation

-- What a quiz asked; known only once its results are released and answers may show.
CREATE TABLE quiz_questions (
    assignment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    questions jsonb NOT NULL,
    version bigint NOT NULL
);

-- The marks and choices of each attempt, under the same condition.
CREATE TABLE attempts (
    attempt_id uuid PRIMARY KEY,
    assignment_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    school_id uuid NOT NULL,
    student_id uuid NOT NULL,
    number integer NOT NULL,
    counts boolean NOT NULL,
    items jsonb NOT NULL,
    version bigint NOT NULL
);
CREATE INDEX attempts_quiz ON attempts (assignment_id) WHERE counts;

-- The item analysis of a quiz: `wanted` grows whenever something it is made of changes, `computed` is what it was when
-- the statistics were made.
CREATE TABLE quiz_statistics (
    assignment_id uuid PRIMARY KEY,
    classroom_id uuid NOT NULL,
    school_id uuid NOT NULL,
    wanted bigint NOT NULL DEFAULT 1,
    computed bigint NOT NULL DEFAULT 0,
    statistics jsonb,
    computed_at timestamptz
);
CREATE INDEX quiz_statistics_stale ON quiz_statistics (assignment_id) WHERE computed < wanted;
CREATE INDEX quiz_statistics_classroom ON quiz_statistics (classroom_id);

-- One row a question, so that a classroom's hardest are found without reading every quiz.
CREATE TABLE question_statistics (
    assignment_id uuid NOT NULL,
    question_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    title text NOT NULL,
    attempts integer NOT NULL,
    facility numeric NOT NULL,
    PRIMARY KEY (assignment_id, question_id)
);
CREATE INDEX question_statistics_hardest ON question_statistics (classroom_id, facility);

-- How many quizzes a classroom has is asked for every classroom of a page of teachers.
CREATE INDEX assignments_quizzes ON assignments (classroom_id) WHERE kind = 'quiz' AND status = 'published';
-- The terms and subjects that a school's list can be filtered by.
CREATE INDEX classrooms_school ON classrooms (school_id, term_title, subject) WHERE status <> 'deleted';

-- migrate:down

DROP INDEX classrooms_school, assignments_quizzes;
DROP TABLE question_statistics, quiz_statistics, attempts, quiz_questions;
