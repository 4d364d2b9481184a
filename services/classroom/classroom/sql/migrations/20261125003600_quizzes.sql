-- migrate:up

-- What an assignment of kind quiz has beyond others: its rules, and the counters that order what is told of it.
CREATE TABLE quizzes (
    assignment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    opens_at timestamptz,
    closes_at timestamptz,
    time_limit_seconds integer CHECK (time_limit_seconds BETWEEN 10 AND 604800),
    -- Whether who starts late has the whole time limit, or only what is left until `closes_at`.
    late_full_time boolean NOT NULL DEFAULT FALSE,
    -- NULL: as many as one likes.
    attempts_allowed integer DEFAULT 1 CHECK (attempts_allowed BETWEEN 1 AND 1000),
    shuffle_questions boolean NOT NULL DEFAULT FALSE,
    shuffle_choices boolean NOT NULL DEFAULT FALSE,
    results_show text NOT NULL DEFAULT 'on_release' CHECK (results_show IN ('on_release', 'when_marked')),
    answers_show text NOT NULL DEFAULT 'after_close' CHECK (answers_show IN ('never', 'with_results', 'after_close')),
    anonymous_marking boolean NOT NULL DEFAULT FALSE,
    -- The edition of rules and questions that authors compare (ETag).
    revision bigint NOT NULL DEFAULT 1,
    -- The sequence of the events whose subject is the quiz.
    version bigint NOT NULL DEFAULT 0,
    -- Counts the changes of its attempts; taken under this row's lock, so that they become visible in its order.
    progress bigint NOT NULL DEFAULT 0,
    -- Bumped when a key changes, and the one whose questions were last published.
    keys_version bigint NOT NULL DEFAULT 1,
    told_keys_version bigint NOT NULL DEFAULT 0,
    -- Whether some marked attempt is not published yet.
    untold boolean NOT NULL DEFAULT FALSE,
    CONSTRAINT quizzes_assignment FOREIGN KEY (school_id, assignment_id) REFERENCES assignments (school_id, id),
    CONSTRAINT quizzes_of_school UNIQUE (school_id, assignment_id),
    CONSTRAINT quizzes_open_before_they_close CHECK (opens_at < closes_at)
);
CREATE INDEX quizzes_untold ON quizzes (assignment_id) WHERE untold;

-- Questions of one quiz. `body` is what a student is shown; `key` is what nobody but its teachers sees before answers
-- may show. They are two columns, so that a query for students cannot leak a part of a document.
CREATE TABLE questions (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    position integer NOT NULL CHECK (position BETWEEN 0 AND 499),
    -- Which of the quiz's random draws it is in; NULL: everybody gets it.
    draw integer CHECK (draw BETWEEN 0 AND 99),
    kind text NOT NULL CHECK (
        kind IN (
            'single_choice', 'multiple_choice', 'true_false', 'numeric', 'short_text', 'matching', 'ordering', 'essay'
        )
    ),
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    points numeric NOT NULL CHECK (points > 0),
    body jsonb NOT NULL,
    key jsonb NOT NULL,
    key_version bigint NOT NULL DEFAULT 1,
    CONSTRAINT questions_quiz FOREIGN KEY (school_id, assignment_id) REFERENCES quizzes (school_id, assignment_id)
);
CREATE INDEX questions_of ON questions (assignment_id, position);

-- Every key that ever stood, by whom and why it was replaced.
CREATE TABLE key_history (
    question_id uuid NOT NULL REFERENCES questions (id) ON DELETE CASCADE,
    key_version bigint NOT NULL,
    school_id uuid NOT NULL,
    key jsonb NOT NULL,
    changed_by uuid NOT NULL,
    reason text NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (question_id, key_version)
);

-- A random draw: so many of the questions that carry its number.
CREATE TABLE question_draws (
    assignment_id uuid NOT NULL,
    draw integer NOT NULL CHECK (draw BETWEEN 0 AND 99),
    school_id uuid NOT NULL,
    tags text [] NOT NULL,
    count integer NOT NULL CHECK (count BETWEEN 1 AND 500),
    points numeric NOT NULL CHECK (points > 0),
    PRIMARY KEY (assignment_id, draw),
    CONSTRAINT draws_quiz FOREIGN KEY (school_id, assignment_id) REFERENCES quizzes (school_id, assignment_id)
);

-- A teacher's own questions, to put into quizzes.
CREATE TABLE bank_questions (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    kind text NOT NULL,
    title text NOT NULL CHECK (length(title) BETWEEN 1 AND 200),
    points numeric NOT NULL CHECK (points > 0),
    body jsonb NOT NULL,
    key jsonb NOT NULL,
    tags text [] NOT NULL DEFAULT '{}',
    revision bigint NOT NULL DEFAULT 1,
    status text NOT NULL DEFAULT 'active' CHECK (status IN ('active', 'deleted'))
);
CREATE INDEX bank_questions_of ON bank_questions (school_id, owner_id, id) WHERE status = 'active';

-- More time for one student, in every attempt.
CREATE TABLE extra_times (
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    school_id uuid NOT NULL,
    seconds integer NOT NULL CHECK (seconds BETWEEN 1 AND 604800),
    PRIMARY KEY (assignment_id, student_id),
    CONSTRAINT extra_times_quiz FOREIGN KEY (school_id, assignment_id) REFERENCES quizzes (school_id, assignment_id)
);

CREATE TABLE attempts (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    student_id uuid NOT NULL,
    number integer NOT NULL CHECK (number >= 1),
    status text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'paused', 'submitted')),
    -- Decides the draw and both orders, for good.
    seed bigint NOT NULL,
    question_ids uuid [] NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: no end but the student's own.
    deadline_at timestamptz,
    paused_at timestamptz,
    submitted_at timestamptz,
    submitted_by text CHECK (submitted_by IN ('student', 'time', 'teacher')),
    -- Live: what the console shows. `score` counts what is marked so far.
    current_question_id uuid,
    flagged uuid [] NOT NULL DEFAULT '{}',
    answered_count integer NOT NULL DEFAULT 0,
    score numeric NOT NULL DEFAULT 0,
    max_score numeric NOT NULL,
    last_saved_at timestamptz,
    focus_losses integer NOT NULL DEFAULT 0,
    away boolean NOT NULL DEFAULT FALSE,
    -- A socket renews it; a process that dies leaves it to run out.
    connection_id uuid,
    connected_until timestamptz,
    -- The quiz's `progress` at the last change, and at the last one of status or deadline.
    changed bigint NOT NULL,
    standing bigint NOT NULL DEFAULT 0,
    unmarked_count integer NOT NULL DEFAULT 0,
    -- Of its events.
    version bigint NOT NULL DEFAULT 1,
    -- Bumped when marks change after the hand-in, and the one last published.
    marks_version bigint NOT NULL DEFAULT 0,
    told_marks_version bigint NOT NULL DEFAULT 0,
    CONSTRAINT attempts_quiz FOREIGN KEY (school_id, assignment_id) REFERENCES quizzes (school_id, assignment_id),
    CONSTRAINT attempts_number UNIQUE (assignment_id, student_id, number),
    CONSTRAINT attempts_paused_since CHECK ((status = 'paused') = (paused_at IS NOT NULL)),
    CONSTRAINT attempts_submitted_somehow CHECK (
        (status = 'submitted') = (submitted_at IS NOT NULL) AND (status = 'submitted') = (submitted_by IS NOT NULL)
    ),
    CONSTRAINT attempts_marked_within CHECK (score BETWEEN 0 AND max_score)
);
-- Nobody runs through a quiz twice at once.
CREATE UNIQUE INDEX attempts_one_unfinished ON attempts (assignment_id, student_id) WHERE status <> 'submitted';
CREATE INDEX attempts_due ON attempts (deadline_at) WHERE status = 'open' AND deadline_at IS NOT NULL;
CREATE INDEX attempts_changed ON attempts (assignment_id, changed);
CREATE INDEX attempts_of_student ON attempts (school_id, student_id);

-- The newest revision of each answer. A hand-in adds a row of revision 0 for what was left out, so that every item
-- of a submitted attempt has a mark, or waits for one.
CREATE TABLE answers (
    attempt_id uuid NOT NULL REFERENCES attempts (id),
    question_id uuid NOT NULL REFERENCES questions (id),
    school_id uuid NOT NULL,
    rev bigint NOT NULL CHECK (rev >= 0),
    value jsonb,
    -- Whether it says anything: what `answered_count` counts.
    answered boolean NOT NULL DEFAULT FALSE,
    hash text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    saved_at timestamptz NOT NULL DEFAULT now(),
    -- NULL: not marked yet.
    mark numeric CHECK (mark >= 0),
    marked_by uuid,
    marked_at timestamptz,
    feedback text NOT NULL DEFAULT '',
    mark_version bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (attempt_id, question_id)
);
CREATE INDEX answers_to ON answers (question_id, attempt_id);

-- Marks that were given by hand or changed by a corrected key.
CREATE TABLE mark_history (
    attempt_id uuid NOT NULL,
    question_id uuid NOT NULL,
    mark_version bigint NOT NULL,
    school_id uuid NOT NULL,
    mark numeric,
    feedback text NOT NULL,
    marked_by uuid,
    reason text NOT NULL CHECK (reason IN ('by_hand', 'regraded')),
    recorded_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (attempt_id, question_id, mark_version)
);

-- What a teacher says during a quiz, to one or to all.
CREATE TABLE quiz_messages (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    assignment_id uuid NOT NULL,
    -- NULL: to all who take it.
    attempt_id uuid REFERENCES attempts (id),
    body text NOT NULL CHECK (length(body) BETWEEN 1 AND 2000),
    sent_by uuid NOT NULL,
    sent_at timestamptz NOT NULL DEFAULT now(),
    -- The quiz's `progress`.
    changed bigint NOT NULL,
    CONSTRAINT quiz_messages_quiz FOREIGN KEY (school_id, assignment_id) REFERENCES quizzes (school_id, assignment_id)
);
CREATE INDEX quiz_messages_of ON quiz_messages (assignment_id, changed);

CREATE FUNCTION attempt_state(attempt attempts) RETURNS jsonb
LANGUAGE sql STABLE
AS $$
    SELECT jsonb_build_object(
        'attempt_id', attempt.id,
        'assignment_id', attempt.assignment_id,
        'classroom_id', (SELECT classroom_id FROM assignments WHERE id = attempt.assignment_id),
        'student_id', attempt.student_id,
        'number', attempt.number,
        'status', attempt.status,
        'started_at', moment(attempt.started_at),
        'submitted_at', moment(attempt.submitted_at)
    )
$$;

-- Attempts whose marks are complete, and which of them count by the quiz's policy.
CREATE VIEW marked_attempts AS
SELECT
    t.id,
    t.school_id,
    t.assignment_id,
    t.student_id,
    t.number,
    t.submitted_at,
    t.score,
    t.max_score,
    t.marks_version,
    t.told_marks_version,
    CASE a.counts
        WHEN 'average' THEN TRUE
        WHEN 'best'
            THEN row_number() OVER (
                PARTITION BY t.assignment_id, t.student_id ORDER BY t.score / t.max_score DESC, t.number
            ) = 1
        WHEN 'latest'
            THEN row_number() OVER (PARTITION BY t.assignment_id, t.student_id ORDER BY t.number DESC) = 1
        ELSE row_number() OVER (PARTITION BY t.assignment_id, t.student_id ORDER BY t.number) = 1
    END AS counts
FROM attempts AS t
INNER JOIN assignments AS a ON t.assignment_id = a.id
WHERE t.status = 'submitted' AND t.unmarked_count = 0;

-- migrate:down

DROP VIEW marked_attempts;
DROP FUNCTION attempt_state(attempts);
DROP TABLE quiz_messages;
DROP TABLE mark_history;
DROP TABLE answers;
DROP TABLE attempts;
DROP TABLE extra_times;
DROP TABLE bank_questions;
DROP TABLE question_draws;
DROP TABLE key_history;
DROP TABLE questions;
DROP TABLE quizzes;
