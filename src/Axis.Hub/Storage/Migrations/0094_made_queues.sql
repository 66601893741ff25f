-- For which office systems queues were made once: those that were never made cannot have been lost (docs/durability.md).
CREATE TABLE made_queues (
    office_system_id text PRIMARY KEY REFERENCES office_system (id) ON DELETE CASCADE,
    made_at          timestamptz NOT NULL
);

-- Of those that are here already it is not known, so they count as made.
INSERT INTO made_queues (office_system_id, made_at) SELECT id, now() FROM office_system;
