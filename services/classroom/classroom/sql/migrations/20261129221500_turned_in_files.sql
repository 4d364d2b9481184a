-- migrate:up

-- What is turned in stays whole whatever becomes of the draft: its files hang on a target of their own. `turned_in`: they
-- are part of the work as it was turned in last, which is all that is told to be a student's work.
ALTER TABLE attachments ADD COLUMN turned_in boolean NOT NULL DEFAULT FALSE;

CREATE FUNCTION turned_in_of(submission_id uuid) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT md5('turned in:' || submission_id)::uuid $$;

CREATE OR REPLACE FUNCTION attachment_state(attachment attachments) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'attachment_id', attachment.id,
        'file_id', attachment.file_id,
        'classroom_id', attachment.classroom_id,
        'assignment_id', attachment.assignment_id,
        'submission_id', CASE WHEN attachment.turned_in THEN attachment.submission_id END,
        'attached_by', attachment.attached_by,
        'audience', attachment.audience,
        'reader_ids', attachment.reader_ids,
        'status', attachment.status
    )
$$;

-- Attach the files of all that was turned in of these submissions, and tell so; nothing happens to what is attached.
CREATE FUNCTION keep_turned_in_files(submissions_of uuid []) RETURNS void LANGUAGE sql AS $$
    WITH file AS (
        SELECT DISTINCT ON (s.id, f.file_id)
            s.school_id, a.classroom_id, s.assignment_id, s.id AS submission_id, f.file_id, given.place,
            f.owner_id, t.number = s.number AS turned_in
        FROM submissions AS s
        INNER JOIN assignments AS a ON s.assignment_id = a.id
        INNER JOIN turn_ins AS t ON s.id = t.submission_id
        CROSS JOIN LATERAL jsonb_array_elements(t.files) WITH ORDINALITY AS given (file, place)
        INNER JOIN files AS f ON f.file_id = (given.file ->> 'file_id')::uuid AND f.status = 'ready'
        WHERE s.id = ANY(submissions_of)
        ORDER BY s.id, f.file_id, t.number DESC
    ),

    kept AS (
        INSERT INTO attachments (
            school_id, classroom_id, target_id, assignment_id, submission_id, file_id, position, attached_by, audience,
            reader_ids, turned_in
        )
        SELECT
            school_id, classroom_id, turned_in_of(submission_id), assignment_id, submission_id, file_id, place, owner_id,
            'teachers', authors_of(submission_id), turned_in
        FROM file
        ON CONFLICT (target_id, file_id) DO UPDATE SET
            turned_in = excluded.turned_in,
            reader_ids = excluded.reader_ids,
            version = attachments.version + 1
        WHERE (attachments.turned_in, attachments.reader_ids) IS DISTINCT FROM (excluded.turned_in, excluded.reader_ids)
        RETURNING attachments AS state
    )

    INSERT INTO outbox (type, subject, school_id, sequence, data)
    SELECT
        'classroom.attachment-added.v1', (state).id, (state).school_id, (state).version, attachment_state(state)
    FROM kept
$$;

CREATE FUNCTION keep_turned_in() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM keep_turned_in_files(ARRAY[new.submission_id]);
    RETURN NULL;
END
$$;

CREATE TRIGGER turn_ins_keep AFTER INSERT ON turn_ins FOR EACH ROW EXECUTE FUNCTION keep_turned_in();

-- What was turned in before; and drafts are told anew, which are no work any more.
SELECT keep_turned_in_files(ARRAY(SELECT id FROM submissions WHERE number > 0));
WITH draft AS (
    UPDATE attachments SET version = version + 1
    WHERE submission_id IS NOT NULL AND target_id = submission_id AND status = 'active'
    RETURNING attachments AS state
)

INSERT INTO outbox (type, subject, school_id, sequence, data)
SELECT 'classroom.attachment-added.v1', (state).id, (state).school_id, (state).version, attachment_state(state)
FROM draft;

-- migrate:down

DROP TRIGGER turn_ins_keep ON turn_ins;
DROP FUNCTION keep_turned_in();
DROP FUNCTION keep_turned_in_files(uuid []);
CREATE OR REPLACE FUNCTION attachment_state(attachment attachments) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object(
        'attachment_id', attachment.id,
        'file_id', attachment.file_id,
        'classroom_id', attachment.classroom_id,
        'assignment_id', attachment.assignment_id,
        'submission_id', attachment.submission_id,
        'attached_by', attachment.attached_by,
        'audience', attachment.audience,
        'reader_ids', attachment.reader_ids,
        'status', attachment.status
    )
$$;
DELETE FROM attachments WHERE submission_id IS NOT NULL AND target_id = turned_in_of(submission_id);
DROP FUNCTION turned_in_of(uuid);
ALTER TABLE attachments DROP COLUMN turned_in;
