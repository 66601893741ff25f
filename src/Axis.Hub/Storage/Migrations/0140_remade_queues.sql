-- Queues of office systems that were lost and made anew (docs/durability.md, "What a queue held is in the database").
-- What was confirmed on a queue before it was lost must not be marked as sent: the generation tells the two apart.
CREATE SEQUENCE queue_generation;

CREATE TABLE remade_queue (
    office_system_id text NOT NULL,
    use              text NOT NULL CHECK (use IN ('inbox', 'urgent_inbox', 'events')),
    generation       bigint NOT NULL,
    xid              xid8 NOT NULL DEFAULT pg_current_xact_id(), -- of the note: who saw it marks nothing any more
    remade_at        timestamptz NOT NULL,
    look_at          timestamptz,                      -- of the second look; null when it was taken
    PRIMARY KEY (office_system_id, use)
);

CREATE INDEX remade_queue_look ON remade_queue (look_at) WHERE look_at IS NOT NULL;

-- Whose connections are still to be closed, because their consumers listen to a dead queue that was deleted. Empty text:
-- everybody's, for a queue of the hub itself.
CREATE TABLE deaf_consumers (
    office_system_id text PRIMARY KEY,
    noted_at         timestamptz NOT NULL,
    close_at         timestamptz NOT NULL              -- when any node does what the one who noted it has not done
);
