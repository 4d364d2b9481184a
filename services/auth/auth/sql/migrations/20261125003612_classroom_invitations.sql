-- migrate:up

-- What classroom tells of addresses that were invited into a classroom, and whether a letter is still to be written.
CREATE TABLE classroom_invitations (
    id uuid PRIMARY KEY,
    school_id uuid NOT NULL,
    email text NOT NULL,
    classroom_title text NOT NULL,
    invited_by uuid NOT NULL,
    status text NOT NULL CHECK (status IN ('pending', 'accepted', 'withdrawn')),
    version bigint NOT NULL,
    letter_due boolean NOT NULL,
    -- The account invitation that went out with it, where the address had no usable account.
    invitation_id uuid
);
CREATE INDEX classroom_invitations_due ON classroom_invitations (id) WHERE letter_due;
CREATE INDEX classroom_invitations_of_invitation ON classroom_invitations (invitation_id)
WHERE invitation_id IS NOT NULL;

-- migrate:down

DROP TABLE classroom_invitations;
