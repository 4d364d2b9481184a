-- migrate:up

-- Homeroom was rolled out nowhere yet: no rows are rewritten, and no running service waits for these locks.
-- squawk-ignore-file adding-foreign-key-constraint, constraint-missing-not-valid, require-concurrent-index-creation

-- The teacher who may delete the classroom and take others off it; NULL: nobody teaches it.
ALTER TABLE classrooms ADD COLUMN owner_id uuid;
UPDATE classrooms AS c SET owner_id = (
    SELECT t.teacher_id FROM classroom_teachers AS t
    WHERE t.classroom_id = c.id AND t.status = 'active'
    ORDER BY t.id
    LIMIT 1
);
ALTER TABLE classrooms ADD CONSTRAINT classrooms_owner
FOREIGN KEY (id, owner_id) REFERENCES classroom_teachers (classroom_id, teacher_id);
ALTER TABLE classrooms ADD CONSTRAINT classrooms_are_owned CHECK ((owner_id IS NULL) = (teacher_count = 0));

-- Addresses invited into a classroom. An address that is invited again is the same row, so its versions go on.
CREATE TABLE invitations (
    id uuid PRIMARY KEY DEFAULT uuid7(),
    school_id uuid NOT NULL,
    classroom_id uuid NOT NULL,
    email text NOT NULL CHECK (length(email) BETWEEN 3 AND 254),
    invited_by uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'accepted', 'withdrawn')),
    -- When a letter was asked for last.
    invited_at timestamptz NOT NULL DEFAULT now(),
    version bigint NOT NULL DEFAULT 1,
    CONSTRAINT invitations_in_small_letters CHECK (email = lower(email)),
    CONSTRAINT invitations_once UNIQUE (classroom_id, email),
    CONSTRAINT invitations_classroom FOREIGN KEY (school_id, classroom_id) REFERENCES classrooms (school_id, id)
);
CREATE INDEX invitations_to ON invitations (school_id, email) WHERE status = 'pending';
CREATE INDEX accounts_email ON accounts (school_id, lower(email));

CREATE FUNCTION invitation_state(invitation invitations) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_object(
        'invitation_id', invitation.id,
        'classroom_id', invitation.classroom_id,
        'classroom_title', (SELECT title FROM classrooms WHERE id = invitation.classroom_id),
        'email', invitation.email,
        'invited_by', invitation.invited_by,
        'status', invitation.status
    )
$$;

-- migrate:down

DROP FUNCTION invitation_state(invitations);
DROP INDEX accounts_email;
DROP TABLE invitations;
ALTER TABLE classrooms DROP COLUMN owner_id;
