-- migrate:up

ALTER TABLE audit_log ADD COLUMN user_agent text NOT NULL DEFAULT '';
-- What one person did, and what was done to one. Not concurrently: there is no long log before the first release.
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX audit_log_of_actor ON audit_log (school_id, actor_id, id);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX audit_log_of_subject ON audit_log (school_id, subject_id, id);

-- migrate:down

DROP INDEX audit_log_of_subject;
DROP INDEX audit_log_of_actor;
ALTER TABLE audit_log DROP COLUMN user_agent;
