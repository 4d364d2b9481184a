-- migrate:up

-- A saved answer changes the row of its attempt, which was in five indexes: without this one, and with free space in its
-- page, the new row needs no entry in any. The attempts of one quiz are few enough to look through all that changed.
-- squawk-ignore require-concurrent-index-deletion
DROP INDEX attempts_changed;
ALTER TABLE attempts SET (fillfactor = 60);
ALTER TABLE answers SET (fillfactor = 80);

-- migrate:down

ALTER TABLE answers RESET (fillfactor);
ALTER TABLE attempts RESET (fillfactor);
-- squawk-ignore require-concurrent-index-creation
CREATE INDEX attempts_changed ON attempts (assignment_id, changed);
