-- Whose turn it is to delete a dead queue (docs/durability.md, "One node at a time").
CREATE TABLE queue_turn (
    queue      text PRIMARY KEY,
    number     bigint NOT NULL,                        -- of turns that were taken for this queue
    free_at    timestamptz NOT NULL                    -- nobody takes the next one before
);
