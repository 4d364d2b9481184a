"""The drawn tables are those of the schema."""

from dev import erd

SCHEMA = """
CREATE TABLE s.rooms (
    id uuid DEFAULT s.uuid7() NOT NULL,
    at timestamp with time zone,
    tags text[] DEFAULT '{}'::text[],
    CONSTRAINT rooms_check CHECK ((id IS NOT NULL))
);
CREATE TABLE s.outbox (
    id bigint NOT NULL
);
CREATE TABLE s.seats (
    room_id uuid NOT NULL,
    number integer NOT NULL
);
ALTER TABLE ONLY s.rooms
    ADD CONSTRAINT rooms_pkey PRIMARY KEY (id);
ALTER TABLE ONLY s.seats
    ADD CONSTRAINT seats_pkey PRIMARY KEY (room_id, number);
ALTER TABLE ONLY s.seats
    ADD CONSTRAINT seats_room_id_fkey FOREIGN KEY (room_id) REFERENCES s.rooms(id) ON DELETE CASCADE;
"""


def test_tables_columns_keys_and_references() -> None:
    found = erd.tables(SCHEMA)
    assert list(found) == ["rooms", "seats"]
    assert found["rooms"].columns == {"id": "uuid", "at": "timestamptz", "tags": "text[]"}
    assert found["seats"].key == {"room_id", "number"}
    assert erd.references(SCHEMA) == [("seats", "room_id", "rooms")]
