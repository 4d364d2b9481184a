-- Building the schema again beside the one that serves (rebuild.py). Run as a superuser, so names are whole.

-- name: rebuild_prepare
-- An empty schema for the next figures; one that an earlier attempt left is dropped.
DROP SCHEMA IF EXISTS grading_next CASCADE;
CREATE SCHEMA grading_next AUTHORIZATION grading;

-- name: rebuild_is_prepared
SELECT to_regnamespace('grading_next') IS NOT NULL;

-- name: rebuild_shortfalls
-- Tables that hold less than what serves: their owners have not published all they have.
SELECT name, serving, next
FROM (
    SELECT
        'accounts' AS name,
        (SELECT count(*) FROM grading.accounts) AS serving, (SELECT count(*) FROM grading_next.accounts) AS next
    UNION ALL
    SELECT 'classrooms', (SELECT count(*) FROM grading.classrooms), (SELECT count(*) FROM grading_next.classrooms)
    UNION ALL
    SELECT 'teachers', (SELECT count(*) FROM grading.teachers), (SELECT count(*) FROM grading_next.teachers)
    UNION ALL
    SELECT 'enrolments', (SELECT count(*) FROM grading.enrolments), (SELECT count(*) FROM grading_next.enrolments)
    UNION ALL
    SELECT 'topics', (SELECT count(*) FROM grading.topics), (SELECT count(*) FROM grading_next.topics)
    UNION ALL
    SELECT 'assignments', (SELECT count(*) FROM grading.assignments), (SELECT count(*) FROM grading_next.assignments)
    UNION ALL
    SELECT 'facts', (SELECT count(*) FROM grading.facts), (SELECT count(*) FROM grading_next.facts)
    UNION ALL
    SELECT 'handed_in', (SELECT count(*) FROM grading.handed_in), (SELECT count(*) FROM grading_next.handed_in)
    UNION ALL
    SELECT
        'quiz_questions',
        (SELECT count(*) FROM grading.quiz_questions), (SELECT count(*) FROM grading_next.quiz_questions)
    UNION ALL
    SELECT 'attempts', (SELECT count(*) FROM grading.attempts), (SELECT count(*) FROM grading_next.attempts)
) AS counts
WHERE next < serving;

-- name: rebuild_switch
-- In one transaction: take over what no event tells of, and change names. Whoever waits for a table meanwhile finds
-- the new one by its name.
LOCK TABLE
    grading.policies, grading.policy_history, grading.overrides, grading.override_history, grading.outbox,
    grading.idempotency_keys, grading.revoked_sessions, grading.erased_accounts, grading.quiz_statistics
IN SHARE ROW EXCLUSIVE MODE;
INSERT INTO grading_next.policies SELECT * FROM grading.policies;
INSERT INTO grading_next.policy_history SELECT * FROM grading.policy_history;
INSERT INTO grading_next.overrides SELECT * FROM grading.overrides;
INSERT INTO grading_next.override_history SELECT * FROM grading.override_history;
INSERT INTO grading_next.idempotency_keys SELECT * FROM grading.idempotency_keys;
INSERT INTO grading_next.revoked_sessions SELECT * FROM grading.revoked_sessions ON CONFLICT DO NOTHING;
INSERT INTO grading_next.erased_accounts SELECT * FROM grading.erased_accounts ON CONFLICT DO NOTHING;
-- Answers that the rebuild wrote were given by the consumer that serves.
DELETE FROM grading_next.outbox;
INSERT INTO grading_next.outbox OVERRIDING SYSTEM VALUE SELECT * FROM grading.outbox;
SELECT setval('grading_next.outbox_id_seq', nextval('grading.outbox_id_seq'));
-- The analyses that are shown stay until the new ones are made; the sequence of their reports goes on.
UPDATE grading_next.quiz_statistics AS n
SET (statistics, computed, computed_at, wanted) = (s.statistics, s.computed, s.computed_at, s.wanted + n.wanted)
FROM grading.quiz_statistics AS s
WHERE n.assignment_id = s.assignment_id;
ALTER SCHEMA grading RENAME TO grading_old;
ALTER SCHEMA grading_next RENAME TO grading;

-- name: rebuild_forget
DROP SCHEMA IF EXISTS grading_old CASCADE;
