-- migrate:up

-- A school shows the names of who handed work in.
ALTER TABLE accounts ADD COLUMN name text NOT NULL DEFAULT '';

-- Copies of what classroom owns, fed by its events. A row is replaced only by a higher version and never deleted; no
-- foreign keys, because order among types is arbitrary.

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

CREATE TABLE attachments (
    attachment_id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    file_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    assignment_id uuid,
    submission_id uuid,
    attached_by uuid NOT NULL,
    audience text NOT NULL,
    reader_ids uuid [] NOT NULL,
    status text NOT NULL,
    version bigint NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);
-- Who may read a file, and whether anything still needs it.
CREATE INDEX attachments_file ON attachments (file_id);
-- All work handed in for an assignment.
CREATE INDEX attachments_work ON attachments (assignment_id) WHERE submission_id IS NOT NULL AND status = 'active';

-- One uploaded file, from the permission to send its bytes until these are removed. The bytes of a row are in the bucket
-- as <school_id>/<file_id>, and never change after it is ready.
CREATE TABLE files (
    file_id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    owner_id uuid NOT NULL,
    name text NOT NULL CHECK (name ~ '^[^[:cntrl:]/\\]{1,255}$'),
    content_type text NOT NULL,
    size bigint NOT NULL CHECK (size > 0),
    sha256 text NOT NULL CHECK (sha256 ~ '^[0-9a-f]{64}$'),
    status text NOT NULL DEFAULT 'uploading'
    CHECK (status IN ('uploading', 'checking', 'ready', 'rejected', 'deleted')),
    reason text,
    thumbnail boolean NOT NULL DEFAULT FALSE,
    -- How often other services were told of it: 0, never.
    version bigint NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    -- An upload that is not complete by then is given up.
    upload_ends_at timestamptz NOT NULL,
    -- The store's own id of an upload in parts.
    multipart_id text,
    -- Until when an inspector has taken it; whoever stops renewing this has died.
    claimed_until timestamptz NOT NULL DEFAULT '-infinity',
    -- From when on its bytes may be given up; when they were, which nothing undoes; when they were gone from the bucket.
    remove_after timestamptz,
    doomed_at timestamptz,
    removed_at timestamptz,
    CONSTRAINT files_reason_iff_rejected CHECK ((reason IS NOT NULL) = (status = 'rejected') OR status = 'deleted'),
    -- No row that can be read points at bytes that may be removed.
    CONSTRAINT files_kept_while_needed CHECK (status IN ('rejected', 'deleted') OR remove_after IS NULL),
    CONSTRAINT files_removal_in_order CHECK (
        (doomed_at IS NULL OR remove_after IS NOT NULL) AND (removed_at IS NULL OR doomed_at IS NOT NULL)
    )
);
-- A person's own files, newest first: ids sort by time.
CREATE INDEX files_owner ON files (school_id, owner_id, file_id DESC);
CREATE INDEX files_checking ON files (claimed_until) WHERE status = 'checking';
CREATE INDEX files_uploading ON files (upload_ends_at) WHERE status = 'uploading';
CREATE INDEX files_removable ON files (remove_after) WHERE remove_after IS NOT NULL AND removed_at IS NULL;
-- Looked through in order, for those that nothing needs.
CREATE INDEX files_ready ON files (file_id) WHERE status = 'ready';

-- What is stored, by account and by school; `account_id` of all zeros is the school.
CREATE TABLE usage (
    school_id uuid NOT NULL,
    account_id uuid NOT NULL,
    bytes bigint NOT NULL DEFAULT 0 CHECK (bytes >= 0),
    files bigint NOT NULL DEFAULT 0 CHECK (files >= 0),
    PRIMARY KEY (school_id, account_id)
);

-- What a school decided differently from the installation; null: as the installation.
CREATE TABLE school_limits (
    school_id uuid PRIMARY KEY,
    types text [],
    max_bytes bigint CHECK (max_bytes > 0),
    account_quota_bytes bigint CHECK (account_quota_bytes >= 0),
    version bigint NOT NULL DEFAULT 1
);

-- What a file counts for: nothing once it is refused or deleted.
CREATE FUNCTION counted(status text) RETURNS boolean
LANGUAGE sql IMMUTABLE PARALLEL SAFE
AS $$ SELECT status IN ('uploading', 'checking', 'ready') $$;

-- Usage is kept by the table itself, so that no command can forget it.
CREATE FUNCTION count_usage() RETURNS trigger
LANGUAGE plpgsql
AS $$
DECLARE
    sign integer := counted(new.status)::integer - CASE WHEN tg_op = 'INSERT' THEN 0 ELSE counted(old.status)::integer END;
BEGIN
    IF sign = 1 THEN
        INSERT INTO usage AS kept (school_id, account_id, bytes, files)
        SELECT new.school_id, account_id, new.size, 1
        FROM unnest(ARRAY['00000000-0000-0000-0000-000000000000', new.owner_id]) AS account_id
        ON CONFLICT (school_id, account_id) DO UPDATE
        SET bytes = kept.bytes + excluded.bytes, files = kept.files + 1;
    ELSIF sign = -1 THEN
        -- The school's row first, as above, so that no two commands wait for each other.
        UPDATE usage SET bytes = bytes - new.size, files = files - 1
        WHERE school_id = new.school_id AND account_id = '00000000-0000-0000-0000-000000000000';
        UPDATE usage SET bytes = bytes - new.size, files = files - 1
        WHERE school_id = new.school_id AND account_id = new.owner_id;
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER count_usage AFTER INSERT OR UPDATE OF status ON files
FOR EACH ROW EXECUTE FUNCTION count_usage();

-- What other services are told of a file.
CREATE FUNCTION file_state(file files) RETURNS jsonb
LANGUAGE sql STABLE PARALLEL SAFE
AS $$
    SELECT jsonb_build_object(
        'file_id', file.file_id, 'owner_id', file.owner_id, 'name', file.name, 'size', file.size,
        'content_type', file.content_type, 'sha256', file.sha256, 'thumbnail', file.thumbnail,
        'status', file.status, 'reason', file.reason
    )
$$;

-- migrate:down

DROP FUNCTION file_state;
DROP TABLE school_limits, usage, files, attachments, members, classrooms;
DROP FUNCTION count_usage, counted;
ALTER TABLE accounts DROP COLUMN name;
